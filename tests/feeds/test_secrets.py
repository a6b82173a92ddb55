"""Credentials: sealed, bound to their row, never in the database, the journal, the log or an answer."""

import base64
import json
import logging
import os
from pathlib import Path

import pytest
from django.db import connection as database

from encours.actions.change_connection import replace_secrets
from encours.actions.change_credential_key import change_credential_key
from encours.actions.open_connection import open_connection
from encours.actions.revoke_bank import revoke_bank
from encours.actions.sync_bank import sync_bank
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.queries.bank_connections import connection_detail, connections
from encours.store import secrets
from encours.store.models import BankConnection, Company, JournalEntry
from encours.store.secrets import UnableToUnseal, key_id, seal, unseal
from tests.feeds.conftest import NOW, Connect

PASSWORD = "un-mot-de-passe-que-personne-ne-doit-lire"


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, settings) -> Path:
    settings.CREDENTIAL_KEYS_FILE = tmp_path / "credential_keys"
    return settings.CREDENTIAL_KEYS_FILE


def test_what_is_sealed_opens_again_under_its_own_name_only(own_keys: Path):
    sealed = seal({"password": PASSWORD}, owner="bank_connection:1")
    assert PASSWORD not in sealed
    assert unseal(sealed, owner="bank_connection:1") == {"password": PASSWORD}
    with pytest.raises(UnableToUnseal):
        unseal(sealed, owner="bank_connection:2")
    assert oct(own_keys.stat().st_mode & 0o777) == "0o600"
    assert sealed != seal({"password": PASSWORD}, owner="bank_connection:1")


def test_a_changed_text_does_not_open():
    sealed = seal({"password": PASSWORD}, owner="x")
    scheme, name, body = sealed.split(".")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[20] ^= 1
    with pytest.raises(UnableToUnseal):
        unseal(".".join([scheme, name, base64.urlsafe_b64encode(raw).decode()]), owner="x")
    with pytest.raises(UnableToUnseal):
        unseal(f"{scheme}.{name}", owner="x")
    with pytest.raises(UnableToUnseal):
        unseal(f"fernet.{name}.{body}", owner="x")


def test_keys_may_come_from_the_environment(settings, own_keys: Path):
    old, new = (base64.urlsafe_b64encode(os.urandom(32)).decode() for _ in range(2))
    settings.CREDENTIAL_KEYS = old
    sealed = seal({"password": PASSWORD}, owner="x")
    settings.CREDENTIAL_KEYS = f"{new},{old}"
    assert unseal(sealed, owner="x") == {"password": PASSWORD}
    assert key_id(base64.urlsafe_b64decode(new)) in seal({}, owner="x")
    settings.CREDENTIAL_KEYS = new
    with pytest.raises(UnableToUnseal):
        unseal(sealed, owner="x")
    assert not own_keys.exists()


def test_a_new_key_seals_everything_again_and_the_oldest_is_forgotten(
    company: Company, connect: Connect, own_keys: Path
):
    connection = connect("sftp", host="banque.example", username="lumen", password=PASSWORD)
    first = connection.sealed
    assert change_credential_key(companies=[company], actor="test") == 1
    assert change_credential_key(companies=[company], actor="test") == 1
    assert len(own_keys.read_text().split()) == 2
    connection.refresh_from_db()
    assert connection.sealed.split(".")[1] != first.split(".")[1]
    assert unseal(connection.sealed, owner=connection.seal_owner) == {"password": PASSWORD}
    with pytest.raises(UnableToUnseal):
        unseal(first, owner=connection.seal_owner)
    assert JournalEntry.objects.filter(action="credentials.sealed_again").count() == 2


def test_a_row_with_the_credentials_of_another_does_not_open(company: Company, connect: Connect):
    mine = connect("sftp", host="banque.example", username="lumen", password=PASSWORD)
    other = connect("sftp", host="pirate.example", username="lumen", password="x")
    other.sealed = mine.sealed
    with pytest.raises(UnableToAsk) as refused:
        open_connection(other)
    assert refused.value.sentence.code == "bank_connection.no_credentials"


def test_secrets_stand_nowhere_else(company: Company, connect: Connect, caplog):
    """Not in any table, not in the journal, not in the log at its most talkative, not in what people are shown."""
    caplog.set_level(logging.DEBUG)
    connections_made = [
        connect("sftp", host="127.0.0.1", port=1, username="lumen", password=PASSWORD),
        connect("bridge", client_id="id", client_secret=PASSWORD, hook_secret=PASSWORD, base_url="http://127.0.0.1:1/v3"),
        connect("qonto", login="lumen-1234", secret_key=PASSWORD, base_url="http://127.0.0.1:1/v2"),
    ]  # fmt: skip
    BankConnection.objects.update(state="active")
    for each in connections_made:
        replace_secrets(
            kind=ConnectionKind.BANK,
            company=company,
            connection_id=each.pk,
            given={"secret_key": PASSWORD},
            actor="test",
        )
        provider = open_connection(BankConnection.objects.get(pk=each.pk))
        assert PASSWORD in str(vars(provider._config))
        assert PASSWORD not in repr(provider._config)
        sync_bank(company=company, connection_id=each.pk, now=NOW, actor="test")
        detail = connection_detail(company=company, connection_id=each.pk)
        assert PASSWORD not in repr(detail)
    shown = json.dumps([row.as_json("fr") for row in connections(company=company)])
    assert PASSWORD not in shown
    assert len(JournalEntry.objects.filter(subject_type="bank_connection")) >= 3
    assert PASSWORD not in caplog.text
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{PASSWORD}%"])
            assert cursor.fetchall() == [(0,)], table


def test_a_revoked_connection_has_no_credentials(company: Company, connect: Connect):
    connection = connect("sftp", host="banque.example", username="lumen", password=PASSWORD)
    assert revoke_bank(company=company, connection_id=connection.pk, actor="test")
    connection.refresh_from_db()
    assert (connection.sealed, connection.state) == ("", "revoked")
    assert connections(company=company) == []


def test_a_lost_key_is_said_in_words(company: Company, connect: Connect, own_keys: Path):
    connection = connect("sftp", host="banque.example", username="lumen", password=PASSWORD)
    secrets._write([os.urandom(32)])
    synced = sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
    assert synced.problem.code == "bank_connection.no_credentials"
