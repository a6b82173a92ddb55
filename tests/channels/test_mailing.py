"""Letters that leave through a mailing house: dropped once as PDF and manifest, and what became of them read back."""

import csv
import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from encours.actions.ask_channels import ask_channels
from encours.actions.connect_channel import connect_channel, rest_connection, try_connection
from encours.actions.new_connection import UnableToConnect
from encours.actions.print_letters import print_letters
from encours.actions.resolve_unknown import resolve_unknown
from encours.actions.run_dunning import plan_dunning
from encours.actions.update_channel_settings import update_channel_settings
from encours.actions.update_customer import FIELDS, update_customer
from encours.core.mailing import envelope, meaning
from encours.ports.local_folders import not_reached
from encours.providers.channels.mailing.places import FolderPlace
from encours.queries.letter_batches import letters_to_print
from encours.store.models import Attempt, ChannelConnection, Customer, DeliveryReport, Message, Reminder
from tests.channels.conftest import DAY
from tests.dunning.conftest import at, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path, settings) -> Path:
    """The folder the house takes letters from, with that of its tracking below."""
    folder = tmp_path / "prestataire"
    (folder / "retours").mkdir(parents=True)
    settings.DROP_FOLDERS = [str(tmp_path)]
    return folder


def connected(company, house: Path, **more) -> ChannelConnection:
    return connect_channel(
        company=company, provider="mailing_folder", name="Éditique de l'Ouest", given={"folder": str(house), **more},
        notices_base="", actor="test",
    )  # fmt: skip


def dropped(house: Path) -> list[str]:
    return sorted(each.name for each in house.iterdir() if each.is_file())


def tells(house: Path, name: str, content: str, *, age_seconds: int = 120, on=DAY) -> None:
    """A tracking file, written long enough ago."""
    path = house / "retours" / name
    path.write_text(content, "utf-8")
    os.utime(path, (at(on, 12).timestamp() - age_seconds,) * 2)


def asked(company, on=DAY) -> int:
    return ask_channels(company=company, now=at(on, 12), actor="test")


def reports() -> list[str]:
    return list(DeliveryReport.objects.order_by("pk").values_list("kind", flat=True))


def test_a_letter_leaves_as_a_pdf_with_its_manifest(company, planned, house):
    update_channel_settings(
        company=company, costs={"letter": 138}, account_manager_copy="never", tracks_opens=False, actor="t"
    )
    message = planned("letter")
    connected(company, house)
    assert send(company, DAY).sent == 1
    message.refresh_from_db()
    attempt = message.attempts.get()
    key = attempt.idempotency_key
    assert (message.state, message.sent_date) == ("sent", DAY)
    assert (attempt.outcome, attempt.provider, attempt.provider_id, attempt.cost_cents) == (
        "accepted", "mailing_folder", key, 138,
    )  # fmt: skip
    assert dropped(house) == [f"{key}.csv", f"{key}.pdf"]
    row = next(csv.DictReader(io.StringIO((house / f"{key}.csv").read_text("utf-8")), delimiter=";"))
    assert (row["reference"], row["address_1"], row["postcode"], row["town"], row["country"]) == (
        key, "Menuiserie Lefèvre SAS", "35000", "RENNES", "FR",
    )  # fmt: skip
    with pikepdf.open(house / f"{key}.pdf") as letter:
        assert len(letter.pages) == int(row["pages"]) == 2  # the letter and its statement
    assert Reminder.objects.get(message=message).counts


def test_a_manifest_may_be_json(company, planned, house):
    planned("letter")
    connected(company, house, manifest="json", postage="tracked", printing="colour_simplex")
    send(company, DAY)
    (name,) = [each for each in dropped(house) if each.endswith(".json")]
    (row,) = json.loads((house / name).read_text("utf-8"))["letters"]
    assert (row["postage"], row["colour"], row["sides"]) == ("tracked", "colour", "simplex")


def test_nobody_prints_what_a_service_carries(company, planned, house):
    message = planned("letter")
    connection = connected(company, house)
    printed = print_letters(company=company, now=at(DAY), on=DAY, actor="user:1")
    assert letters_to_print(company=company, on=DAY) == 0
    assert (printed.batch, [each.code for each in printed.sending.problems]) == (
        None,
        ["message.letters_by_service"],
    )
    rest_connection(company=company, connection_id=connection.pk, actor="test")
    assert letters_to_print(company=company, on=DAY) == 1
    assert print_letters(company=company, now=at(DAY), on=DAY, actor="user:1").batch is not None
    message.refresh_from_db()
    assert (message.state, dropped(house)) == ("entrusted", [])


def test_what_became_of_a_letter_is_read_from_its_files(company, planned, house):
    update_channel_settings(
        company=company, costs={"letter": 138}, account_manager_copy="never", tracks_opens=False, actor="t"
    )
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    attempt = message.attempts.get()
    key = attempt.idempotency_key
    tells(
        house,
        "suivi-1.csv",
        f"Référence;Statut;Date\n{key};Pris en charge;03/03/2026\n{key};Imprimé;03/03/2026\n",
    )
    tells(
        house,
        "suivi-2.json",
        json.dumps([{"référence": key, "état": "Remis à La Poste", "date": "2026-03-04", "prix": "1,52"}]),
    )
    assert asked(company) == 3
    assert reports() == ["taken", "printed", "deposited"]
    attempt.refresh_from_db()
    assert (attempt.cost_cents, attempt.closed_at) == (152, None)
    assert sorted(each.name for each in (house / "retours" / "done").iterdir()) == [
        "suivi-1.csv",
        "suivi-2.json",
    ]
    # told again, in another file: nothing new
    tells(house, "suivi-3.csv", f"Référence;Statut;Date\n{key};Imprimé;03/03/2026\n")
    assert asked(company) == 0
    assert ChannelConnection.objects.get().problem is None


def test_a_letter_that_comes_back_frees_its_step_and_no_other_goes_there(company, lefevre, planned, house):
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    key, later = message.attempts.get().idempotency_key, DAY + timedelta(9)
    tells(house, "npai.csv", f"reference;status;reason\n{key};NPAI;Destinataire inconnu\n", on=later)
    assert asked(company, later) == 1
    message.refresh_from_db()
    lefevre.refresh_from_db()
    assert (message.state, message.sent_date) == ("failed", None)
    assert not Reminder.objects.get(message=message).counts
    assert lefevre.address_returned_at == at(later, 12)
    plan = plan_dunning(company=company, on=later)
    assert plan.actions.height == 0
    assert "dunning.letters_return" in str(plan.held.to_dicts())
    # another address is another chance
    seen = {name: getattr(lefevre, name) for name in FIELDS}
    update_customer(
        company=company,
        customer_id=lefevre.pk,
        seen=seen,
        details=seen | {"street": "2 rue du Bois"},
        actor="test",
    )
    assert Customer.objects.get(pk=lefevre.pk).address_returned_at is None
    assert plan_dunning(company=company, on=later).actions.height == 1


def test_a_letter_that_comes_back_goes_by_the_next_channel_of_its_step(company, planned, house):
    message = planned("letter", "email")
    connected(company, house)
    send(company, DAY)
    tells(house, "npai.csv", f"reference;status\n{message.attempts.get().idempotency_key};PND\n")
    asked(company)
    message.refresh_from_db()
    assert (message.channel, message.state) == ("email", "approved")


def test_what_the_house_rejects_never_left_and_the_address_is_not_to_blame(company, lefevre, planned, house):
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    key = message.attempts.get().idempotency_key
    tells(house, "rejets.csv", f"reference;status;detail\n{key};REJETÉ;PDF non conforme\n")
    asked(company)
    message.refresh_from_db()
    lefevre.refresh_from_db()
    assert (message.state, lefevre.address_returned_at, reports()) == ("failed", None, ["rejected"])


@pytest.mark.parametrize("cut", ["pdf", "manifest"])
def test_a_drop_that_breaks_before_the_manifest_has_its_name_handed_nothing_over(
    company, planned, house, monkeypatch, cut
):
    message = planned("letter")
    connected(company, house)
    stage = FolderPlace.stage

    def broken(place, name, content):
        if name.endswith(".pdf" if cut == "pdf" else ".csv"):
            (house / (name + ".part")).write_bytes(content[: len(content) // 2])
            raise not_reached(house, OSError(28, "No space left on device"))
        stage(place, name, content)

    monkeypatch.setattr(FolderPlace, "stage", broken)
    assert send(company, DAY).failed == 1
    message.refresh_from_db()
    assert message.state == "approved"
    assert [each for each in dropped(house) if each.endswith(".csv")] == []
    monkeypatch.undo()
    send(company, DAY, now=at(DAY, 16))
    message.refresh_from_db()
    assert message.state == "sent"
    assert len([each for each in dropped(house) if each.endswith(".csv")]) == 1


@pytest.mark.parametrize("is_fetched", [False, True])
def test_a_sender_that_dies_after_the_drop_never_drops_a_second_letter(
    company, planned, house, monkeypatch, is_fetched
):
    """The manifest has its name, the answer is lost: unknown, until the house's folder or its files tell."""
    message = planned("letter")
    connected(company, house)
    release = FolderPlace.release

    def dies(place, name):
        release(place, name)
        if name.endswith(".csv"):
            raise KeyboardInterrupt

    monkeypatch.setattr(FolderPlace, "release", dies)
    with pytest.raises(KeyboardInterrupt):
        send(company, DAY)
    monkeypatch.undo()
    key = message.attempts.get().idempotency_key
    if is_fetched:
        for name in dropped(house):
            (house / name).unlink()
    assert send(company, DAY, now=at(DAY, 16)).unknown == 1
    message.refresh_from_db()
    assert message.state == "unknown"
    asked(company)
    message.refresh_from_db()
    if not is_fetched:
        assert (message.state, reports()) == ("sent", ["taken"])
        return
    assert message.state == "unknown"  # a folder that is empty proves nothing
    tells(house, "suivi.csv", f"reference;status\n{key};Imprimé\n")
    asked(company)
    message.refresh_from_db()
    assert (message.state, reports(), dropped(house)) == ("sent", ["printed"], [])


def test_a_person_who_says_it_was_not_sent_drops_the_same_letter_again(company, planned, house, monkeypatch):
    message = planned("letter")
    connected(company, house)
    release = FolderPlace.release
    monkeypatch.setattr(
        FolderPlace, "release", lambda place, name: release(place, name) if name.endswith(".pdf") else 1 / 0
    )
    assert send(company, DAY).unknown == 1
    monkeypatch.undo()
    resolve_unknown(company=company, message_id=message.pk, was_sent=False, now=at(DAY, 11), actor="user:1")
    assert send(company, DAY, now=at(DAY, 16)).sent == 1
    assert len({each.idempotency_key for each in message.attempts.all()}) == 1
    assert len([each for each in dropped(house) if each.endswith(".csv")]) == 1


def test_a_crash_between_reading_and_putting_away_counts_nothing_twice(company, planned, house, monkeypatch):
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    tells(house, "suivi.csv", f"reference;status\n{message.attempts.get().idempotency_key};Imprimé\n")

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(FolderPlace, "put_away", dies)
    with pytest.raises(KeyboardInterrupt):
        asked(company)
    monkeypatch.undo()
    assert asked(company) == 0
    assert reports() == ["printed"]


def test_lines_nobody_understands_are_told_and_the_others_count(company, planned, house):
    message = planned("letter")
    connection = connected(company, house)
    send(company, DAY)
    key = message.attempts.get().idempotency_key
    tells(house, "suivi.csv", f"reference;status\n{key};Imprimé\n{key};Zone 51\nautre-client;Imprimé\n")
    tells(house, "bruit.csv", "rien;que\nnous;connaissions\n")
    assert asked(company) == 1
    connection.refresh_from_db()
    assert connection.problem["code"] == "channel.tracking_lines_unread"
    assert (house / "retours" / "done" / "suivi.csv.note.txt").read_text() == f"{key};Zone 51"
    assert (house / "retours" / "refused" / "bruit.csv").exists()
    # it stays said until a person has seen it
    asked(company, DAY + timedelta(1))
    connection.refresh_from_db()
    assert connection.problem is not None
    assert try_connection(company=company, connection_id=connection.pk, now=at(DAY)) is None
    connection.refresh_from_db()
    assert connection.problem is None


def test_a_file_that_is_still_written_is_left_alone(company, planned, house):
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    row = f"reference;status\n{message.attempts.get().idempotency_key};Imprimé\n"
    tells(house, "suivi.csv.part", row)
    tells(house, "neuf.csv", row, age_seconds=5)
    assert asked(company) == 0
    assert (house / "retours" / "neuf.csv").exists()


def test_an_address_no_postman_finds_is_refused_before_any_drop(company, lefevre, planned, house):
    planned("letter")
    connected(company, house)
    Customer.objects.filter(pk=lefevre.pk).update(postcode="?", city="?")
    assert send(company, DAY).failed == 1
    assert (dropped(house), Message.objects.get().state) == ([], "failed")
    assert Customer.objects.get(pk=lefevre.pk).address_returned_at is not None


def test_a_folder_that_is_gone_keeps_letters_waiting(company, planned, house):
    message = planned("letter")
    connection = connected(company, house)
    (house / "retours").rmdir()
    problem = try_connection(company=company, connection_id=connection.pk, now=at(DAY))
    assert problem.code == "bank_connection.no_folder"
    assert [each.code for each in send(company, DAY).problems] == ["bank_connection.no_folder"]
    message.refresh_from_db()
    assert (message.state, Attempt.objects.count()) == ("approved", 0)


@pytest.mark.parametrize(
    "given", [{"tracking": "../.."}, {"tracking": "/etc"}, {"folder": "prestataire"}, {"folder": "/var"}]
)
def test_only_folders_that_are_allowed_take_letters(company, house, given):
    with pytest.raises(UnableToConnect) as refused:
        connected(company, house, **given)
    assert refused.value.sentence.code == "connect_channel.outside"
    assert not ChannelConnection.objects.exists()


def test_another_company_hears_nothing_of_it(company, other_company, planned, house):
    message = planned("letter")
    connected(company, house)
    send(company, DAY)
    tells(house, "suivi.csv", f"reference;status\n{message.attempts.get().idempotency_key};Imprimé\n")
    assert ask_channels(company=other_company, now=at(DAY, 12), actor="test") == 0
    assert (house / "retours" / "suivi.csv").exists()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Accepté", "taken"), ("EN PRODUCTION", "taken"), ("Mis sous pli", "printed"), ("Remis en poste", "deposited"),
        ("dispatched", "deposited"), ("Distribué", "delivered"), ("Non distribué", "bounced"), ("PND", "bounced"),
        ("N’habite pas à l’adresse indiquée", "bounced"), ("Retour NPAI", "bounced"), ("Rejeté", "rejected"),
        ("KO", "rejected"), ("non imprimé", None), ("pas encore expédié", None), ("Imprimé puis rejeté", None), ("", None),
    ],
)  # fmt: skip
def test_a_house_s_words_are_understood_or_left_to_a_person(words, kind):
    assert meaning(words) == kind


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("Société A\n1 rue B\n35000 RENNES", "RENNES"),
        ("Société A\n1 rue B\nL-1234 LUXEMBOURG\nLUXEMBOURG", "LUXEMBOURG"),
        ("Société A\n35000 RENNES", None),
        ("Société A\n1 rue B\nRENNES", None),
        ("\n".join(["A", "B", "C", "D", "E", "F", "35000 RENNES"]), None),
    ],
)
def test_an_envelope_needs_a_name_a_street_and_a_town_with_its_postcode(address, town):
    found = envelope(address)
    assert (found.town if found else None) == town
