"""Until a company goes live everything is prepared and nothing leaves, whoever asks.

Menuiserie Lefèvre owes FA-1, 1 200,00 €, due Monday 2 March 2026; a reminder is planned and approved on 3 March.
"""

import json
from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.send_messages import prepare_letters
from encours.actions.send_test_copy import UnableToSendCopy, send_test_copy, with_banner
from encours.actions.switch_test_mode import enter_test_mode, go_live
from encours.cli.main import app
from encours.queries.test_mode import in_test_mode, would_leave
from encours.store.models import Attempt, Company, JournalEntry, Membership, Message, Reminder, User
from encours.store.tenancy import company_scope
from tests import cast
from tests.dunning.conftest import approve_all, at, bank_known, send

DUE = date(2026, 3, 2)
R1 = DUE + timedelta(1)


@pytest.fixture
def company(committed_db):
    created = create_company(
        name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test", is_test_mode=True,
        email="compta@lumen.example",
    )  # fmt: skip
    with company_scope(created.pk):
        yield created


@pytest.fixture
def approved(company) -> Message:
    customer = cast.late_payer(company)
    cast.invoice(company, customer, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=DUE)
    bank_known(company, R1)
    run_dunning(company=company, on=R1, actor="test")
    approve_all(company)
    return Message.objects.get()


@pytest.fixture
def claire(company, settings, post_office) -> User:
    user = User.objects.create_user("claire@lumen.example", "secret", name="Claire")
    Membership.objects.create(company=company, user=user, role="collector")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(post_office.url.rpartition(":")[2])
    return user


def test_test_mode_until_go_live(company, approved, post_office):
    """OCA overdue reminder, Chaser: people want to see it work before it works on their customers."""
    sending = send(company, R1)
    assert (sending.sent, post_office.connections, post_office.taken) == (0, 0, [])
    assert [problem.code for problem in sending.problems] == ["message.would_have_left"]
    assert "1 message" in sending.problems[0].sentence.say("fr")
    approved.refresh_from_db()
    assert approved.state == Message.State.APPROVED
    assert not Attempt.objects.exists()

    go_live(company=company, on=R1, actor="user:1")
    assert post_office.taken == []  # going live sends nothing by itself
    assert send(company, R1).sent == 1
    assert [str(mail["To"]) for mail in post_office.taken] == ["Comptabilité <fournisseurs@lefevre.example>"]


def test_letters_are_not_even_printed_in_test_mode(company, approved):
    Message.objects.update(channel="letter")
    prepared = prepare_letters(company=company, now=at(R1), on=R1, actor="test")
    assert prepared.sent == 0
    assert [problem.code for problem in prepared.problems] == ["message.would_have_left"]


def test_a_sender_that_knows_an_older_company_is_stopped_too(company, approved, post_office):
    """What counts is the database, not what a long-running worker read before."""
    go_live(company=company, on=R1, actor="user:1")
    known_before = Company.objects.get(pk=company.pk)
    enter_test_mode(company=Company.objects.get(pk=company.pk), actor="user:1")
    assert not known_before.is_test_mode
    assert send(known_before, R1).sent == 0
    assert post_office.taken == []


def test_switched_on_between_claim_and_hand_over_nothing_leaves(company, approved, post_office, monkeypatch):
    from encours.actions import send_messages as sending

    go_live(company=company, on=R1, actor="user:1")
    prepare = sending.prepare_message

    def switched_meanwhile(**arguments):
        def switch() -> None:
            with company_scope(company.pk):
                enter_test_mode(company=Company.objects.get(pk=company.pk), actor="user:1")
            connection.close()

        other = Thread(target=switch)
        other.start()
        other.join()
        return prepare(**arguments)

    monkeypatch.setattr(sending, "prepare_message", switched_meanwhile)
    result = send(company, R1)
    approved.refresh_from_db()
    assert (result.sent, post_office.taken, approved.state) == (0, [], Message.State.APPROVED)
    assert Attempt.objects.get().outcome == Attempt.Outcome.NOT_SENT
    assert "message.test_mode" in [problem.code for problem in result.problems]


def test_who_goes_live_sees_what_leaves_first_and_the_journal_keeps_it(company, approved):
    leaving = go_live(company=company, on=R1, actor="user:1").leaving
    (total,) = leaving.totals
    assert (total.count, total.amount_cents, total.currency, total.first_planned_date) == (
        1,
        120_000,
        "EUR",
        R1,
    )
    assert total.oldest_due_date == DUE
    assert [(each.recipient, each.channel) for each in leaving.first] == [
        ("fournisseurs@lefevre.example", "email")
    ]
    entry = JournalEntry.objects.get(action="company.live")
    assert entry.data["leaving"] == [{"currency": "EUR", "messages": 1, "amount_cents": 120_000}]
    assert not in_test_mode(company=company)
    enter_test_mode(company=company, actor="user:1")
    assert in_test_mode(company=company)
    assert JournalEntry.objects.filter(action="company.test_mode").count() == 1


def test_starting_afresh_cancels_the_trial_and_frees_its_steps(company, approved):
    switched = go_live(company=company, on=R1, actor="user:1", starts_afresh=True)
    assert (switched.set_aside, switched.leaving.count) == (1, 0)
    approved.refresh_from_db()
    assert approved.state == Message.State.CANCELLED
    assert not Reminder.objects.filter(counts=True).exists()
    assert plan_dunning(company=company, on=R1).actions["step_code"].to_list() == ["R+1"]


def test_a_copy_to_oneself_is_marked_and_counts_as_nothing(company, approved, claire, post_office):
    address = send_test_copy(
        company=company, message_id=approved.pk, user_id=claire.pk, on=R1, actor="user:1"
    )
    (mail,) = post_office.taken
    assert (address, str(mail["To"])) == ("claire@lumen.example", "claire@lumen.example")
    assert str(mail["Subject"]).strip().startswith("[TEST] ")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (text, html):
        assert "Copie d’essai pour claire@lumen.example" in body
        assert "FA-1" in body
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["application/pdf"]
    approved.refresh_from_db()
    assert (approved.state, approved.sent_date, Attempt.objects.count()) == (Message.State.APPROVED, None, 0)
    assert would_leave(company=company, on=R1).count == 1


def test_a_copy_goes_to_nobody_outside_the_company(company, approved, claire, post_office):
    stranger = User.objects.create_user("someone@elsewhere.example", "secret")
    with pytest.raises(UnableToSendCopy):
        send_test_copy(company=company, message_id=approved.pk, user_id=stranger.pk, on=R1, actor="user:1")
    assert post_office.taken == []


def test_the_banner_comes_first_and_is_text():
    marked = with_banner(html='<html><body class="x"><p>Bonjour</p></body></html>', note="<b>essai</b>")
    assert marked.index("&lt;b&gt;essai") < marked.index("Bonjour")


def test_the_command_line_goes_live_only_when_told(company, approved, monkeypatch):
    monkeypatch.setenv("ENCOURS_LANGUAGE", "fr")

    def encours(*arguments: str):
        return CliRunner().invoke(app, [*arguments, "--company", "lumen", "--on", R1.isoformat(), "--json"])

    sent = json.loads(encours("send").stdout)
    assert (sent["ok"], sent["test_mode"], sent["sent"]) == (True, True, 0)
    assert sent["would_leave"]["first"][0]["recipient"] == "fournisseurs@lefevre.example"
    shown = json.loads(encours("company", "live").stdout)
    assert (shown["company"]["test_mode"], shown["would_leave"]["messages"]) == (True, 1)
    assert in_test_mode(company=company)
    done = json.loads(encours("company", "live", "--yes").stdout)
    assert done["company"]["test_mode"] is False
    assert not in_test_mode(company=company)
