"""Mail comes in from an IMAP server, each once, whatever breaks in between.

The server is a real one on 127.0.0.1, over TLS (`tests.replies.imap_server`).
"""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections

from encours.actions import read_mailbox as reading
from encours.actions.change_connection import (
    pause_connection,
    replace_secrets,
    resume_connection,
    revoke_connection,
)
from encours.actions.change_credential_key import change_credential_key
from encours.actions.connect_mailbox import check_mailbox, connect_mailbox
from encours.actions.new_connection import UnableToConnect
from encours.actions.read_mailbox import MailboxRead, read_mailbox
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.queries.connections import due_connections
from encours.queries.mailboxes import mailbox_row, mailbox_rows
from encours.store.models import Company, JournalEntry, Mailbox, Reply
from encours.store.tenancy import company_scope
from tests.replies.imap_server import ImapServer, imap_server
from tests.replies.mails import NOON, mail

MAILBOX = ConnectionKind.MAILBOX


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as running:
        yield running


def connected(company: Company, server: ImapServer, **more: object) -> Mailbox:
    return connect_mailbox(
        company=company, provider="imap", name="Relances", given=server.settings(**more), actor="test"
    )


def asked(company: Company, mailbox: Mailbox, *, minutes: int = 0) -> MailboxRead:
    return read_mailbox(
        company=company, mailbox_id=mailbox.pk, now=NOON + timedelta(minutes=minutes), actor="worker"
    )


def texts(company: Company) -> list[str]:
    return list(Reply.objects.filter(company=company).order_by("pk").values_list("text", flat=True))


def test_what_came_in_is_taken_once_and_left_as_it_was(company: Company, server: ImapServer) -> None:
    server.put(mail("Je paie vendredi."), received_at=NOON)
    server.put(mail("Bien reçu."), received_at=NOON)
    mailbox = connected(company, server)

    assert len(asked(company, mailbox).reply_ids) == 2
    assert asked(company, mailbox).reply_ids == ()
    server.put(mail("Payé hier."), received_at=NOON)
    assert len(asked(company, mailbox).reply_ids) == 1

    assert texts(company) == ["Je paie vendredi.", "Bien reçu.", "Payé hier."]
    assert not any(stored.flags for stored in server.folders["INBOX"])
    assert any(line.startswith("EXAMINE") for line in server.log)
    assert not any(line.startswith(("SELECT", "UID STORE")) for line in server.log)


def test_what_is_taken_is_marked_as_read_when_asked_for(company: Company, server: ImapServer) -> None:
    server.put(mail("Je paie vendredi."), received_at=NOON)
    asked(company, connected(company, server, after="read"))
    assert server.folders["INBOX"][0].flags == {r"\Seen"}


def test_only_the_last_days_are_taken_the_first_time(company: Company, server: ImapServer) -> None:
    server.put(mail("Vieux."), received_at=NOON - timedelta(days=30))
    server.put(mail("Récent."), received_at=NOON - timedelta(days=3))
    asked(company, connected(company, server, days_back=7))
    assert texts(company) == ["Récent."]


def test_a_wrong_password_is_told_and_not_tried_again_soon(company: Company, server: ImapServer) -> None:
    mailbox = connected(company, server, password="faux")
    read = asked(company, mailbox)
    assert read.problem is not None
    assert read.problem.code == "bank_connection.not_let_in"
    assert due_connections(kind=MAILBOX, company=company, now=NOON + timedelta(hours=5)) == []
    row = mailbox_row(company=company, mailbox_id=mailbox.pk)
    assert row is not None
    assert row.problem is not None
    assert row.answered_at is None
    replace_secrets(
        kind=MAILBOX,
        company=company,
        connection_id=mailbox.pk,
        given={"password": server.password},
        actor="test",
    )
    assert due_connections(kind=MAILBOX, company=company, now=NOON) == [mailbox.pk]
    assert asked(company, mailbox).problem is None


def test_the_password_is_given_over_login_where_plain_is_not_offered(
    company: Company, server: ImapServer
) -> None:
    server.offers_plain, server.password = False, 'avec "guillemets" \\'
    server.put(mail("Bonjour."), received_at=NOON)
    assert len(asked(company, connected(company, server)).reply_ids) == 1


def test_a_connection_that_breaks_in_the_middle_of_a_mail_loses_nothing(
    company: Company, server: ImapServer
) -> None:
    for text in ("Un.", "Deux.", "Trois."):
        server.put(mail(text), received_at=NOON)
    server.hang_up_in_body_of = server.folders["INBOX"][1].uid
    mailbox = connected(company, server)

    read = asked(company, mailbox)
    assert len(read.reply_ids) == 1
    assert read.problem is not None
    assert read.problem.code == "bank_connection.not_reached"
    server.hang_up_in_body_of = None
    assert len(asked(company, mailbox, minutes=6).reply_ids) == 2
    assert texts(company) == ["Un.", "Deux.", "Trois."]


def test_when_uidvalidity_changes_the_last_days_are_read_again_and_nothing_is_taken_twice(
    company: Company, server: ImapServer
) -> None:
    server.put(mail("Un."), received_at=NOON)
    mailbox = connected(company, server)
    asked(company, mailbox)
    server.uid_validity += 1
    server.folders["INBOX"][0].uid = 7
    server.put(mail("Deux."), received_at=NOON)

    read = asked(company, mailbox)
    assert (len(read.reply_ids), read.known_count) == (1, 1)
    mailbox.refresh_from_db()
    assert mailbox.cursor == {"validity": server.uid_validity, "uid": 8}


def test_a_crash_between_fetch_and_commit_takes_the_mail_the_next_time(
    company: Company, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(mail("Un."), received_at=NOON)
    mailbox = connected(company, server)
    real = reading.take_reply

    def crash(**given: object) -> None:
        real(**given)  # type: ignore[arg-type]
        raise ConnectionAbortedError("the process died before the commit")

    monkeypatch.setattr(reading, "take_reply", crash)
    with pytest.raises(ConnectionAbortedError):
        asked(company, mailbox)
    assert texts(company) == []
    monkeypatch.setattr(reading, "take_reply", real)
    assert len(asked(company, mailbox).reply_ids) == 1
    assert texts(company) == ["Un."]


def test_a_crash_after_the_commit_takes_nothing_twice(company: Company, server: ImapServer) -> None:
    server.put(mail("Un."), received_at=NOON)
    mailbox = connected(company, server)
    asked(company, mailbox)
    Mailbox.objects.filter(pk=mailbox.pk).update(cursor={})  # as if the place had not been kept
    read = asked(company, mailbox)
    assert (read.reply_ids, read.known_count) == ((), 1)


def test_a_mail_too_large_is_kept_by_its_headers_and_told(
    company: Company, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 2_000)
    server.put(mail("Voir la pièce. " * 400, subject="Preuve de virement"), received_at=NOON)
    asked(company, connected(company, server))
    (reply,) = Reply.objects.filter(company=company)
    assert (reply.subject, reply.text, reply.state) == ("Preuve de virement", "", "waiting")
    assert (reply.problem or {})["code"] == "reply.only_headers"


def test_a_mail_deleted_meanwhile_and_a_talkative_server_disturb_nothing(
    company: Company, server: ImapServer
) -> None:
    server.put(mail("Un."), received_at=NOON)
    server.lies_about, server.chatter = 999, True
    read = asked(company, connected(company, server))
    assert (len(read.reply_ids), read.problem) == (1, None)


def test_a_full_mailbox_is_read_in_rounds(
    company: Company, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ROUND", 2)
    for number in range(5):
        server.put(mail(f"Réponse {number}."), received_at=NOON)
    mailbox = connected(company, server)
    rounds = [asked(company, mailbox) for _ in range(3)]
    assert [(len(each.reply_ids), each.has_more) for each in rounds] == [(2, True), (2, True), (1, False)]


def test_a_folder_is_named_as_people_write_it(company: Company, server: ImapServer) -> None:
    server.folders["R&AOk-ponses &- co"] = []
    server.put(mail("Ailleurs."), received_at=NOON, folder="R&AOk-ponses &- co")
    asked(company, connected(company, server, folder="Réponses & co"))
    assert texts(company) == ["Ailleurs."]
    elsewhere = connected(company, server, folder="Nulle part")
    read = asked(company, elsewhere)
    assert read.problem is not None
    assert read.problem.code == "imap.no_folder"


def test_a_server_nobody_vouches_for_is_not_talked_to(company: Company, server: ImapServer) -> None:
    read = asked(company, connected(company, server, certificate=""))
    assert read.problem is not None
    assert read.problem.code == "bank_connection.not_reached"
    assert server.log == []


def test_a_check_looks_and_takes_nothing(company: Company, server: ImapServer) -> None:
    server.put(mail("Un."), received_at=NOON)
    mailbox = connected(company, server)
    assert check_mailbox(company=company, mailbox_id=mailbox.pk, now=NOON) == 1
    assert texts(company) == []
    server.password = "changé depuis"
    with pytest.raises(UnableToAsk):
        check_mailbox(company=company, mailbox_id=mailbox.pk, now=NOON)


def test_credentials_are_sealed_and_gone_after_revoking(company: Company, server: ImapServer) -> None:
    mailbox = connected(company, server)
    stored = Mailbox.objects.values().get(pk=mailbox.pk)
    assert server.password not in str(stored)
    assert server.password not in str(list(JournalEntry.objects.values_list("data", flat=True)))
    before = mailbox.sealed
    change_credential_key(companies=[company], actor="test")
    mailbox.refresh_from_db()
    assert mailbox.sealed != before
    assert asked(company, mailbox).problem is None
    assert revoke_connection(kind=MAILBOX, company=company, connection_id=mailbox.pk, actor="test")
    mailbox.refresh_from_db()
    assert mailbox.sealed == ""
    assert mailbox_rows(company=company) == []
    assert asked(company, mailbox) == MailboxRead()


def test_a_paused_mailbox_is_left_alone(company: Company, server: ImapServer) -> None:
    mailbox = connected(company, server)
    pause_connection(kind=MAILBOX, company=company, connection_id=mailbox.pk, actor="test")
    assert (
        asked(company, mailbox),
        due_connections(kind=MAILBOX, company=company, now=NOON),
        server.log,
    ) == (
        MailboxRead(),
        [],
        [],
    )
    resume_connection(kind=MAILBOX, company=company, connection_id=mailbox.pk, actor="test")
    assert due_connections(kind=MAILBOX, company=company, now=NOON) == [mailbox.pk]


def test_another_company_sees_no_mailbox(
    company: Company, other_company: Company, server: ImapServer
) -> None:
    mailbox = connected(company, server)
    with company_scope(other_company.pk):
        assert mailbox_rows(company=other_company) == []
        with pytest.raises(Mailbox.DoesNotExist):
            asked(other_company, mailbox)


@pytest.mark.parametrize("missing", ["host", "username", "password"])
def test_what_a_mailbox_needs_is_asked_for(company: Company, server: ImapServer, missing: str) -> None:
    with pytest.raises(UnableToConnect) as error:
        connected(company, server, **{missing: ""})
    assert error.value.sentence.code == "bank_connection.missing_setting"


@pytest.mark.usefixtures("committed_db")
def test_two_readers_at_once_take_each_mail_once(server: ImapServer) -> None:
    from encours.actions.create_company import create_company

    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    for number in range(6):
        server.put(mail(f"Réponse {number}."), received_at=NOON)
    with company_scope(company.pk):
        mailbox = connected(company, server)
    results: list[MailboxRead] = []

    def read() -> None:
        try:
            with company_scope(company.pk):
                results.append(asked(company, mailbox))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with company_scope(company.pk):
        assert len(texts(company)) == 6
        assert sum(len(each.reply_ids) for each in results) == 6
