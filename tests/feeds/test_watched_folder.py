"""A folder others write into while we look: what is complete is taken once, and put away."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from encours.actions import take_drop as take_drop_module
from encours.actions.change_connection import pause_connection, resume_connection
from encours.actions.connect_bank import connect_bank
from encours.actions.import_file import receive_file, run_import
from encours.actions.new_connection import UnableToConnect
from encours.actions.sync_bank import BankSynced, sync_bank
from encours.ports.connections import ConnectionKind
from encours.store.models import BankConnection, Company, DropFile, ImportBatch, Transaction
from tests.feeds.conftest import NOW, Connect, lines_table

TABLE = lines_table(("02/03/2026", "VIR DUBOIS FA-2026-0001", "1200,00"), ("02/03/2026", "FRAIS", "-4,50"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    watched = tmp_path / "banque"
    watched.mkdir()
    return watched


def leave(folder: Path, name: str, text: str, *, written_at: datetime = NOW - timedelta(minutes=5)) -> Path:
    path = folder / name
    path.write_text(text)
    os.utime(path, (written_at.timestamp(), written_at.timestamp()))
    return path


def look(company: Company, connection: BankConnection, *, now: datetime = NOW) -> BankSynced:
    return sync_bank(company=company, connection_id=connection.pk, now=now, actor="test")


def test_a_finished_file_is_imported_and_put_away(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE)
    synced = look(company, connection)
    assert synced.brought_something
    assert [(o.file, o.kind, o.created) for o in synced.drop.outcomes] == [("releve.csv", "bank_csv", 2)]
    assert sorted(path.name for path in folder.iterdir()) == ["done"]
    assert [path.name for path in (folder / "done").iterdir()] == ["releve.csv"]
    assert Transaction.objects.count() == 2
    assert ImportBatch.objects.get().imported_by == "test"


def test_a_file_that_still_grows_is_left_alone(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE[:40], written_at=NOW)
    assert look(company, connection).drop.waiting == ("releve.csv",)
    leave(folder, "releve.csv", TABLE, written_at=NOW + timedelta(seconds=8))
    assert look(company, connection, now=NOW + timedelta(seconds=12)).drop.waiting == ("releve.csv",)
    taken = look(company, connection, now=NOW + timedelta(seconds=23)).drop
    assert [outcome.created for outcome in taken.outcomes] == [2]


def test_a_file_whose_time_lies_ahead_is_taken_once_it_stays_as_it_is(
    company: Company, folder: Path, connect: Connect
):
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE, written_at=NOW + timedelta(hours=2))
    assert look(company, connection).drop.waiting == ("releve.csv",)
    assert look(company, connection, now=NOW + timedelta(seconds=9)).drop.waiting == ("releve.csv",)
    assert len(look(company, connection, now=NOW + timedelta(seconds=10)).drop.outcomes) == 1


@pytest.mark.parametrize(
    "name",
    [".releve.csv", "releve.csv.part", "releve.csv.FILEPART", "releve.tmp", "~releve.csv", "releve.csv~"],
)
def test_names_of_unfinished_files_are_not_looked_at(
    company: Company, folder: Path, connect: Connect, name: str
):
    connection = connect("folder", folder=str(folder))
    leave(folder, name, TABLE)
    synced = look(company, connection)
    assert (synced.drop.outcomes, synced.drop.waiting) == ((), ())
    assert (folder / name).exists()


def test_a_file_renamed_when_complete_is_taken_at_once(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    path = leave(folder, "releve.csv.part", TABLE)
    look(company, connection)
    path.rename(folder / "releve.csv")
    assert len(look(company, connection).drop.outcomes) == 1


def test_a_refused_file_is_put_aside_with_the_reason(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    leave(folder, "photo.bin", "\x00\x01\x02 nothing we know")
    leave(folder, "vide.csv", "")
    synced = look(company, connection)
    assert [name for name, _ in synced.drop.refused] == ["vide.csv"]
    refused = folder / "refused"
    assert sorted(path.name for path in refused.iterdir()) == [
        "photo.bin", "photo.bin.note.txt", "vide.csv", "vide.csv.note.txt",
    ]  # fmt: skip
    assert "vide" in (refused / "vide.csv.note.txt").read_text()
    assert "ni du texte" in (refused / "photo.bin.note.txt").read_text()
    assert Transaction.objects.count() == 0


def test_a_file_too_large_is_never_copied(company: Company, folder: Path, connect: Connect, settings):
    settings.IMPORT_MAX_BYTES = 20
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE)
    synced = look(company, connection)
    assert [sentence.code for _, sentence in synced.drop.refused] == ["file_too_large"]
    assert (folder / "refused" / "releve.csv").exists()


def test_files_may_be_left_in_place(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder), after="leave")
    leave(folder, "releve.csv", TABLE)
    leave(folder, "vide.csv", "")
    assert len(look(company, connection).drop.outcomes) == 1
    again = look(company, connection, now=NOW + timedelta(minutes=5))
    assert not again.brought_something
    assert again.drop.refused == ()
    assert sorted(path.name for path in folder.iterdir()) == ["releve.csv", "vide.csv"]
    assert ImportBatch.objects.count() == 1


def test_the_same_file_twice_changes_nothing(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    for _ in range(2):
        leave(folder, "releve.csv", TABLE)
        look(company, connection)
    leave(folder, "copie.csv", TABLE)
    look(company, connection)
    assert sorted(path.name for path in (folder / "done").iterdir()) == [
        "copie.csv", "releve (2).csv", "releve.csv",
    ]  # fmt: skip
    assert Transaction.objects.count() == 2
    assert ImportBatch.objects.count() == 1


def test_another_file_under_the_same_name_is_taken(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder), after="leave")
    leave(folder, "releve.csv", TABLE)
    look(company, connection)
    later = lines_table(("03/03/2026", "VIR MARTIN", "80,00"))
    leave(folder, "releve.csv", later, written_at=NOW - timedelta(minutes=1))
    look(company, connection)
    assert Transaction.objects.count() == 3


def test_a_file_somebody_imported_by_hand_is_only_put_away(company: Company, folder: Path, connect: Connect):
    path = leave(folder, "releve.csv", TABLE)
    run_import(company=company, batch_id=receive_file(company=company, source=path, actor="test").pk)
    look(company, connect("folder", folder=str(folder)))
    assert ImportBatch.objects.count() == 1
    assert (folder / "done" / "releve.csv").exists()


@pytest.mark.parametrize("step", ["receive_file", "run_import", "put_away"])
def test_whatever_dies_half_way_the_next_look_goes_on(
    company: Company, folder: Path, connect: Connect, monkeypatch, step: str
):
    """Killed before a step ends: nothing is lost, nothing is counted twice."""
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE)

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "put_away":
            patch.setattr("encours.providers.drops.folder.Folder.put_away", die)
        else:
            patch.setattr(take_drop_module, step, die)
        with pytest.raises(KeyboardInterrupt):
            look(company, connection)
    assert (folder / "releve.csv").exists()
    look(company, connection)
    assert Transaction.objects.count() == 2
    assert ImportBatch.objects.count() == 1
    assert DropFile.objects.get().is_put_away
    assert (folder / "done" / "releve.csv").exists()


def test_one_file_that_fails_does_not_stop_the_others(
    company: Company, folder: Path, connect: Connect, monkeypatch
):
    connection = connect("folder", folder=str(folder))
    leave(folder, "a.csv", TABLE)
    leave(folder, "b.csv", lines_table(("03/03/2026", "VIR MARTIN", "80,00")))
    original = take_drop_module.receive_file

    def fail_first(*, name: str, **kwargs: object) -> object:
        if name == "a.csv":
            raise RuntimeError("ours")
        return original(name=name, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(take_drop_module, "receive_file", fail_first)
        with pytest.raises(RuntimeError, match="ours"):
            look(company, connection)
    assert (folder / "done" / "b.csv").exists()
    look(company, connection)
    assert Transaction.objects.count() == 3


def test_links_out_of_the_folder_are_not_followed(
    company: Company, folder: Path, tmp_path: Path, connect: Connect
):
    connection = connect("folder", folder=str(folder))
    secret = leave(tmp_path, "ailleurs.csv", TABLE)
    (folder / "releve.csv").symlink_to(secret)
    (folder / "sous-dossier").mkdir()
    leave(folder / "sous-dossier", "dedans.csv", TABLE)
    assert look(company, connection).drop.outcomes == ()
    assert Transaction.objects.count() == 0


def test_a_folder_that_is_missing_is_said_and_tried_again(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder / "monté"))
    synced = look(company, connection)
    assert synced.problem.code == "bank_connection.no_folder"
    connection.refresh_from_db()
    assert connection.problem["params"] == {"folder": str(folder / "monté")}
    assert connection.next_check_at > NOW
    (folder / "monté").mkdir()
    assert look(company, connection).problem is None
    connection.refresh_from_db()
    assert (connection.problem, connection.failure_count) == (None, 0)


def test_names_that_are_no_utf8_are_taken_too(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    name = os.fsdecode("relevé.csv".encode("latin-1"))
    leave(folder, name, TABLE)
    assert [o.file for o in look(company, connection).drop.outcomes] == ["relev\ufffd.csv"]
    assert (folder / "done" / name).exists()


def test_from_the_pages_only_folders_set_apart_can_be_watched(company: Company, tmp_path: Path, settings):
    settings.DROP_FOLDERS = [str(tmp_path / "drop")]
    (tmp_path / "drop" / "lumen").mkdir(parents=True)
    (tmp_path / "drop" / "out").symlink_to("/etc")

    def add(folder: str) -> BankConnection:
        return connect_bank(
            company=company, provider="folder", name="Dossier", given={"folder": folder}, is_operator=False, actor="test"
        )  # fmt: skip

    assert add(str(tmp_path / "drop" / "lumen")).state == "active"
    for elsewhere in (
        "/etc",
        str(tmp_path),
        str(tmp_path / "drop" / ".." / "x"),
        str(tmp_path / "drop" / "out"),
    ):
        with pytest.raises(UnableToConnect) as refused:
            add(elsewhere)
        assert refused.value.sentence.code == "connect_bank.outside"


def test_a_paused_connection_is_not_asked(company: Company, folder: Path, connect: Connect):
    connection = connect("folder", folder=str(folder))
    leave(folder, "releve.csv", TABLE)
    assert pause_connection(
        kind=ConnectionKind.BANK, company=company, connection_id=connection.pk, actor="test"
    )
    assert not pause_connection(
        kind=ConnectionKind.BANK, company=company, connection_id=connection.pk, actor="test"
    )
    assert look(company, connection).drop is None
    assert resume_connection(
        kind=ConnectionKind.BANK, company=company, connection_id=connection.pk, actor="test"
    )
    assert look(company, connection).brought_something
