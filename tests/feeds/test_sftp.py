"""A drop on a real SFTP server: nothing is said to a server nobody has confirmed."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from encours.actions.connect_bank import confirm_host
from encours.actions.new_connection import UnableToConnect
from encours.actions.sync_bank import BankSynced, sync_bank
from encours.store.models import BankConnection, Company, DropFile, ImportBatch, Transaction
from tests.feeds.conftest import NOW, Connect, lines_table
from tests.feeds.sftp_server import SftpServer

TABLE = lines_table(("02/03/2026", "VIR DUBOIS FA-2026-0001", "1200,00"), ("02/03/2026", "FRAIS", "-4,50"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "sortant").mkdir()
    with SftpServer(tmp_path) as running:
        yield running


def look(company: Company, connection: BankConnection, *, after_seconds: int = 0) -> BankSynced:
    now = NOW + timedelta(seconds=after_seconds)
    return sync_bank(company=company, connection_id=connection.pk, now=now, actor="test")


def with_password(connect: Connect, server: SftpServer, **more: object) -> BankConnection:
    given = {"host": "127.0.0.1", "port": server.port, "username": "banque", "folder": "/sortant"}
    return connect("sftp", **(given | {"password": server.password} | more))


def confirmed(company: Company, connection: BankConnection, server: SftpServer) -> BankConnection:
    look(company, connection)
    confirm_host(company=company, connection_id=connection.pk, fingerprint=server.fingerprint, actor="test")
    connection.refresh_from_db()
    return connection


def test_the_first_time_a_person_confirms_the_server(company: Company, server: SftpServer, connect: Connect):
    connection = with_password(connect, server)
    synced = look(company, connection)
    assert synced.problem.code == "bank_connection.unknown_host_key"
    assert synced.problem.params["fingerprint"] == server.fingerprint
    assert server.names_given == []
    connection.refresh_from_db()
    assert connection.state == "pending"
    with pytest.raises(UnableToConnect):
        confirm_host(company=company, connection_id=connection.pk, fingerprint="SHA256:other", actor="test")
    confirm_host(company=company, connection_id=connection.pk, fingerprint=server.fingerprint, actor="test")
    assert look(company, connection).problem is None
    assert server.names_given == ["banque"]


def test_a_file_is_taken_when_it_has_not_changed_between_two_looks(
    company: Company, server: SftpServer, connect: Connect
):
    connection = confirmed(company, with_password(connect, server), server)
    path = server.folder / "sortant" / "releve.csv"
    path.write_text(TABLE)
    os.utime(path, (NOW.timestamp() - 3600,) * 2)  # the server's clock proves nothing
    assert look(company, connection).drop.waiting == ("releve.csv",)
    assert look(company, connection, after_seconds=29).drop.waiting == ("releve.csv",)
    taken = look(company, connection, after_seconds=30).drop
    assert [(outcome.file, outcome.created) for outcome in taken.outcomes] == [("releve.csv", 2)]
    assert [each.name for each in (server.folder / "sortant" / "done").iterdir()] == ["releve.csv"]
    assert DropFile.objects.get().is_put_away


def test_a_refused_file_and_one_of_the_same_name(company: Company, server: SftpServer, connect: Connect):
    connection = confirmed(company, with_password(connect, server), server)
    refused = server.folder / "sortant" / "refused"
    for round_ in range(2):
        (server.folder / "sortant" / "été.bin").write_bytes(b"\x00\x01nothing we know")
        look(company, connection, after_seconds=round_ * 100)
        look(company, connection, after_seconds=round_ * 100 + 60)
    assert sorted(each.name for each in refused.iterdir()) == [
        "été (2).bin", "été (2).bin.note.txt", "été.bin", "été.bin.note.txt",
    ]  # fmt: skip
    assert ImportBatch.objects.count() == 1


def test_links_and_folders_on_the_server_are_left_alone(
    company: Company, server: SftpServer, connect: Connect
):
    connection = confirmed(company, with_password(connect, server), server)
    (server.folder / "secret.csv").write_text(TABLE)
    (server.folder / "sortant" / "releve.csv").symlink_to("../secret.csv")
    for seconds in (0, 60):
        assert look(company, connection, after_seconds=seconds).drop.outcomes == ()
    assert Transaction.objects.count() == 0


def test_a_server_with_another_key_learns_nothing(company: Company, tmp_path: Path, connect: Connect):
    (tmp_path / "sortant").mkdir()
    with SftpServer(tmp_path) as real:
        connection = confirmed(company, with_password(connect, real), real)
        port = real.port
    impostor = SftpServer(tmp_path)
    impostor.port = port
    with impostor:
        synced = look(company, connection)
    assert synced.problem.code == "bank_connection.changed_host_key"
    assert synced.problem.params["fingerprint"] == impostor.fingerprint
    assert impostor.names_given == []
    connection.refresh_from_db()
    assert connection.state == "active"
    assert connection.settings["host_key"].split()[1] == real.key.export_public_key().decode().split()[1]


def test_a_key_opens_as_well(company: Company, server: SftpServer, connect: Connect):
    mine = asyncssh.generate_private_key("ssh-ed25519")
    server.authorized.append(mine.convert_to_public())
    text = mine.export_private_key(passphrase="sésame", cipher_name="aes256-ctr", rounds=50).decode()
    connection = with_password(connect, server, password="", private_key=text, passphrase="sésame")
    confirmed(company, connection, server)
    assert look(company, connection).problem is None


@pytest.mark.parametrize(
    "secret", [{"password": "wrong"}, {"password": "", "private_key": "no key at all"}, {"password": ""}]
)
def test_wrong_credentials_wait_for_a_person(
    company: Company, server: SftpServer, connect: Connect, secret: dict[str, str]
):
    connection = confirmed(company, with_password(connect, server, **secret), server)
    synced = look(company, connection)
    assert synced.problem.code == "bank_connection.not_let_in"
    connection.refresh_from_db()
    assert connection.next_check_at == NOW + timedelta(hours=6)


def test_a_folder_that_is_not_there(company: Company, server: SftpServer, connect: Connect):
    connection = confirmed(company, with_password(connect, server, folder="/ailleurs"), server)
    assert look(company, connection).problem.code == "bank_connection.no_folder"


def test_a_server_that_is_away_is_asked_less_and_less(company: Company, tmp_path: Path, connect: Connect):
    with SftpServer(tmp_path) as gone:
        connection = with_password(connect, gone)
    pauses = []
    for _ in range(3):
        assert look(company, connection).problem.code == "bank_connection.not_reached"
        connection.refresh_from_db()
        pauses.append(connection.next_check_at - NOW)
    assert pauses == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
