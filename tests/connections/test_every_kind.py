"""Connections of every kind are sealed, switched, asked, shown and told to the journal alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from encours.actions.change_connection import (
    pause_connection,
    replace_secrets,
    resume_connection,
    revoke_connection,
)
from encours.actions.change_credential_key import change_credential_key
from encours.actions.new_connection import UnableToConnect, new_connection
from encours.actions.note_asking import note, note_failure
from encours.actions.open_connection import NO_CREDENTIALS, asking_alone, open_connection
from encours.backoffice.journal.wording import ACTION_NAMES, SUBJECT_NAMES
from encours.ports.connections import ConnectionKind, UnableToAsk, settings_of
from encours.ports.registry import connectors
from encours.queries.connections import (
    ConnectionRow,
    available_connectors,
    due_connections,
    facts_of,
    kept_connections,
)
from encours.store.models import Company, JournalEntry
from encours.store.models.connections import Connection, connection_model, connection_models
from encours.store.secrets import seal, unseal

NOW = datetime(2026, 4, 7, 10, tzinfo=UTC)
NOT_HERE = UnableToAsk(NO_CREDENTIALS())
# one provider of each kind that takes text for everything it must be told, and a secret of it
PROVIDERS = {
    ConnectionKind.BANK: ("sftp", "password"),
    ConnectionKind.MAILBOX: ("imap", "password"),
    ConnectionKind.CHANNEL: ("twilio", "auth_token"),
    ConnectionKind.GATEWAY: ("stripe", "secret_key"),
}
every_kind = pytest.mark.parametrize("kind", ConnectionKind)


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, settings) -> None:
    settings.CREDENTIAL_KEYS_FILE = tmp_path / "credential_keys"


def connected(company: Company, kind: ConnectionKind, name: str = "Compte courant") -> Connection:
    provider, _ = PROVIDERS[kind]
    asked = settings_of(connectors(kind)[provider].Config)
    given = {
        each.name: next(iter(each.choices), "sk_test_cle")  # what every provider takes for a secret
        for each in asked
        if each.default is None or each.secret
    }
    connection = new_connection(kind=kind, company=company, provider=provider, name=name, given=given)
    connection.save()
    return connection


def secrets_in(connection: Connection) -> dict[str, str]:
    connection.refresh_from_db()
    return unseal(connection.sealed, owner=connection.seal_owner)


@every_kind
def test_what_was_sealed_once_opens_for_ever(company: Company, kind: ConnectionKind):
    """These names stand inside what installations have stored: whoever changes one locks their credentials away."""
    names = {
        ConnectionKind.BANK: "bank_connection:7:cle",
        ConnectionKind.MAILBOX: "mailbox:7:cle",
        ConnectionKind.CHANNEL: "channel_connection:7:cle",
        ConnectionKind.GATEWAY: "gateway_connection:7:cle",
    }
    connection = connection_model(kind)(company_id=7, hook_key="cle", provider=PROVIDERS[kind][0])
    assert connection.seal_owner == names[kind]
    made = connected(company, kind)
    _, secret = PROVIDERS[kind]
    made.sealed = seal({secret: "ancien"}, owner=f"{kind.value}:{company.pk}:{made.hook_key}")
    made.save()
    assert secrets_in(made) == {secret: "ancien"}


@every_kind
def test_it_is_paused_resumed_and_revoked_and_the_journal_knows_words_for_it(
    company: Company, kind: ConnectionKind
):
    connection = connected(company, kind)
    which = {"kind": kind, "company": company, "connection_id": connection.pk, "actor": "test"}
    assert due_connections(kind=kind, company=company, now=NOW) == [connection.pk]
    assert (pause_connection(**which), pause_connection(**which)) == (True, False)
    assert due_connections(kind=kind, company=company, now=NOW) == []
    assert (resume_connection(**which), resume_connection(**which)) == (True, False)
    assert (revoke_connection(**which), revoke_connection(**which)) == (True, False)
    connection.refresh_from_db()
    assert (connection.state, connection.sealed) == ("revoked", "")
    assert not kept_connections(kind=kind, company=company).exists()
    told = JournalEntry.objects.filter(subject_id=connection.pk).order_by("pk")
    assert {entry.subject_type for entry in told} == {kind.value} <= SUBJECT_NAMES.keys()
    assert [entry.action.rpartition(".")[2] for entry in told] == ["paused", "resumed", "revoked"]
    assert all(entry.data["name"] == "Compte courant" for entry in told)


def test_the_journal_has_words_for_what_is_done_with_each_kind():
    done = {
        ConnectionKind.CHANNEL: ("connected", "used", "rested"),
    }
    for model in connection_models():
        verbs = done.get(model.kind, ("added", "paused", "resumed"))
        for verb in (*verbs, "revoked", "secrets_replaced"):
            assert f"{model.journal_prefix or model.kind}.{verb}" in ACTION_NAMES


@every_kind
def test_new_credentials_are_taken_even_when_the_old_ones_are_lost(company: Company, kind: ConnectionKind):
    connection, (_, secret) = connected(company, kind), PROVIDERS[kind]
    which = {"kind": kind, "company": company, "connection_id": connection.pk, "actor": "test"}
    before = secrets_in(connection)
    replace_secrets(**which, given={secret: "  ", "name": "autre"})
    assert secrets_in(connection) == before
    replace_secrets(**which, given={secret: " nouveau "})
    assert secrets_in(connection) == {**before, secret: "nouveau"}
    connection.sealed = seal({secret: "x"}, owner="celle d'une autre")
    connection.save()
    with pytest.raises(UnableToAsk) as refused:
        open_connection(connection)
    assert refused.value.needs_person
    replace_secrets(**which, given={secret: "retrouvé"})
    assert secrets_in(connection) == {secret: "retrouvé"}


@every_kind
def test_a_new_key_seals_it_again(company: Company, kind: ConnectionKind):
    connection = connected(company, kind)
    first, known = connection.sealed, secrets_in(connection)
    assert change_credential_key(companies=[company], actor="test") == 1
    assert secrets_in(connection) == known
    assert connection.sealed != first


@every_kind
def test_one_whose_provider_left_or_asks_for_more_now_waits_for_a_person(
    company: Company, kind: ConnectionKind
):
    connection = connected(company, kind)
    connection.provider = "parti"
    with pytest.raises(UnableToAsk) as refused:
        open_connection(connection)
    assert (refused.value.sentence.code, refused.value.needs_person) == ("bank_connection.no_provider", True)
    assert "parti" in ConnectionRow(**facts_of(connection)).title.say("fr")
    connection.provider, _ = PROVIDERS[kind]
    connection.settings, connection.sealed = {}, ""
    with pytest.raises(UnableToAsk) as refused:
        open_connection(connection)
    assert refused.value.needs_person


@every_kind
def test_after_failures_it_is_left_alone_longer_each_time(company: Company, kind: ConnectionKind):
    connection = connected(company, kind)
    for minutes in (5, 10, 20):
        note_failure(connection, NOT_HERE, now=NOW)
        connection.refresh_from_db()
        assert connection.next_check_at == NOW + timedelta(minutes=minutes)
    assert due_connections(kind=kind, company=company, now=NOW) == []
    note_failure(connection, UnableToAsk(NO_CREDENTIALS(), retry_after_seconds=90), now=NOW)
    connection.refresh_from_db()
    assert connection.next_check_at == NOW + timedelta(seconds=90)
    assert ConnectionRow(**facts_of(connection)).as_json("fr")["problem"]["code"] == NO_CREDENTIALS().code
    # somebody revoked it while it was asked: what was found out about its state comes too late
    connection_model(kind)._default_manager.filter(pk=connection.pk).update(state="revoked")
    note(connection, state="pending", failure_count=0)
    connection.refresh_from_db()
    assert (connection.state, connection.failure_count) == ("revoked", 4)


@every_kind
def test_nothing_is_made_of_what_does_not_do(company: Company, kind: ConnectionKind):
    provider, _ = PROVIDERS[kind]
    for wrong in ({"provider": "aucun"}, {"name": "  "}, {}):
        asked = {"provider": provider, "name": "Compte", "given": {}, **wrong}
        with pytest.raises(UnableToConnect):
            new_connection(kind=kind, company=company, **asked)
    assert provider in dict(available_connectors(kind=kind))


def test_two_kinds_with_the_same_number_are_asked_at_the_same_time(company: Company):
    bank, mailbox = connected(company, ConnectionKind.BANK), connected(company, ConnectionKind.MAILBOX)
    mailbox.pk = bank.pk
    with asking_alone(bank) as bank_is_ours, asking_alone(mailbox) as mailbox_is_ours:
        assert (bank_is_ours, mailbox_is_ours) == (True, True)
