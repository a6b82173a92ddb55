"""The same through a real SFTP server: it is confirmed by a person first, and a letter has its name last."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from encours.actions.ask_channels import ask_channels
from encours.actions.confirm_channel_host import confirm_channel_host
from encours.actions.connect_channel import connect_channel, try_connection
from encours.actions.new_connection import UnableToConnect
from encours.queries.channels import channel_connection
from encours.store.models import ChannelConnection, DeliveryReport, JournalEntry
from tests.channels.conftest import DAY
from tests.dunning.conftest import at, send
from tests.feeds.sftp_server import SftpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "plis" / "retours").mkdir(parents=True)
    with SftpServer(tmp_path) as running:
        yield running


def connected(company, server: SftpServer, **more) -> ChannelConnection:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": "banque",
        "password": server.password,
        "folder": "/plis",
    }
    return connect_channel(
        company=company,
        provider="mailing_sftp",
        name="Éditique",
        given=given | more,
        notices_base="",
        actor="test",
    )


def confirmed(company, server: SftpServer, **more) -> ChannelConnection:
    connection = connected(company, server, **more)
    try_connection(company=company, connection_id=connection.pk, now=at(DAY))
    confirm_channel_host(
        company=company, connection_id=connection.pk, fingerprint=server.fingerprint, actor="test"
    )
    return connection


def test_nothing_is_said_to_a_server_nobody_has_confirmed(company, planned, server):
    message = planned("letter")
    connection = connected(company, server)
    assert [each.code for each in send(company, DAY).problems] == ["bank_connection.unknown_host_key"]
    problem = try_connection(company=company, connection_id=connection.pk, now=at(DAY))
    assert problem.params["fingerprint"] == server.fingerprint
    assert server.names_given == []
    row = channel_connection(company=company, connection_id=connection.pk)
    assert (row.host_fingerprint, row.takes_notices) == (server.fingerprint, False)
    with pytest.raises(UnableToConnect):
        confirm_channel_host(
            company=company, connection_id=connection.pk, fingerprint="SHA256:other", actor="t"
        )
    confirm_channel_host(
        company=company, connection_id=connection.pk, fingerprint=server.fingerprint, actor="test"
    )
    assert JournalEntry.objects.filter(action="channel.host_confirmed").count() == 1
    assert try_connection(company=company, connection_id=connection.pk, now=at(DAY)) is None
    assert channel_connection(company=company, connection_id=connection.pk).host_fingerprint == ""
    message.refresh_from_db()
    assert message.state == "approved"


def test_a_server_with_another_key_gets_no_letter(company, planned, server, tmp_path):
    planned("letter")
    connection = confirmed(company, server)
    with SftpServer(tmp_path) as other:
        kept = ChannelConnection.objects.get(pk=connection.pk)
        kept.settings |= {"port": other.port}
        kept.save()
        assert [each.code for each in send(company, DAY).problems] == ["bank_connection.changed_host_key"]
        assert other.names_given == []


def test_a_letter_is_dropped_and_its_tracking_read(company, planned, server):
    message = planned("letter")
    confirmed(company, server)
    assert send(company, DAY).sent == 1
    folder = server.folder / "plis"
    key = message.attempts.get().idempotency_key
    assert sorted(each.name for each in folder.iterdir() if each.is_file()) == [f"{key}.csv", f"{key}.pdf"]
    assert (folder / f"{key}.pdf").read_bytes().startswith(b"%PDF")
    told = folder / "retours" / "suivi.csv"
    told.write_text(f"Référence;Statut\n{key};Posté\n{key};?\n", "utf-8")
    os.utime(told, (at(DAY, 11).timestamp(),) * 2)
    assert ask_channels(company=company, now=at(DAY, 12), actor="test") == 1
    assert [each.kind for each in DeliveryReport.objects.all()] == ["deposited"]
    done = folder / "retours" / "done"
    assert sorted(each.name for each in done.iterdir()) == ["suivi.csv", "suivi.csv.note.txt"]
    assert ask_channels(company=company, now=at(DAY, 13), actor="test") == 0


@pytest.mark.parametrize("more", [{"tracking": "ailleurs"}, {"folder": "/autre"}, {"password": "un autre"}])
def test_what_is_wrong_with_the_server_is_said_before_any_letter(company, planned, server, more):
    message = planned("letter")
    connection = confirmed(company, server, **more)
    assert try_connection(company=company, connection_id=connection.pk, now=at(DAY)) is not None
    assert send(company, DAY).sent == 0
    message.refresh_from_db()
    assert message.state == "approved"
