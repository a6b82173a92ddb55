"""Réglages → Banques: what a person sees of the connections, adds, confirms, pauses and revokes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection as database
from django.test import Client

from encours.actions.connect_bank import connect_bank
from encours.actions.sync_bank import sync_bank
from encours.store.models import BankConnection, Company, JournalEntry, Transaction
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.backoffice.page import assert_sound
from tests.feeds.conftest import NOW
from tests.feeds.fake_bridge import CLIENT_ID, CLIENT_SECRET, FakeBridge
from tests.feeds.sftp_server import SftpServer
from tests.feeds.test_bridge import match

SECRET = "un-secret-que-personne-ne-relit"


@pytest.fixture
def client(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


@pytest.fixture
def bridge() -> Iterator[FakeBridge]:
    with FakeBridge() as fake:
        fake.add_account()
        yield fake


def added(company: Company, provider: str, **given: object) -> BankConnection:
    return connect_bank(
        company=company, provider=provider, name="Ma banque", given=given, is_operator=True, actor="test"
    )  # fmt: skip


def waiting_rounds() -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_bank'")
        return cursor.fetchall()[0][0]


def test_a_folder_is_added_from_the_page(client: Client, company: Company, tmp_path: Path, settings):
    settings.DROP_FOLDERS = [str(tmp_path)]
    page = client.get("/reglages/banques/ajouter/?kind=folder").content.decode()
    assert "Dossier surveillé" in page
    refused = client.post(
        "/reglages/banques/ajouter/?kind=folder", {"name": "R", "folder": "/etc", "after": "move"}
    )
    assert "ENCOURS_DROP_FOLDERS" in refused.content.decode()
    response = client.post(
        "/reglages/banques/ajouter/?kind=folder", {"name": "Relevés", "folder": str(tmp_path), "after": "leave"}
    )  # fmt: skip
    connection = BankConnection.objects.get()
    assert response["Location"] == f"/reglages/banques/{connection.pk}/"
    assert connection.settings == {"folder": str(tmp_path), "after": "leave"}
    assert waiting_rounds() == 1
    page = client.get("/reglages/banques/").content.decode()
    assert "Relevés" in page
    assert str(tmp_path) in page


def test_a_secret_that_was_typed_never_comes_back(client: Client, company: Company):
    """Neither when the form is refused nor afterwards, nor is a setting that is not for people taken."""
    given = {"name": "", "host": "banque.example", "port": "22", "username": "lumen", "folder": ".", "password": SECRET,
             "after": "move", "host_key": "ssh-ed25519 AAAA", "settle_seconds": "0"}  # fmt: skip
    refused = client.post("/reglages/banques/ajouter/?kind=sftp", given)
    assert refused.status_code == 200
    assert SECRET not in refused.content.decode()
    client.post("/reglages/banques/ajouter/?kind=sftp", given | {"name": "Banque"})
    connection = BankConnection.objects.get()
    assert connection.settings == {
        "host": "banque.example", "port": 22, "username": "lumen", "folder": ".", "after": "move",
    }  # fmt: skip
    page = client.get(f"/reglages/banques/{connection.pk}/").content.decode()
    assert SECRET not in page
    assert "lumen@banque.example" in page
    before = connection.sealed
    client.post(
        f"/reglages/banques/{connection.pk}/identifiants/",
        {"password": "", "private_key": "", "passphrase": ""},
    )
    connection.refresh_from_db()
    assert connection.sealed == before
    client.post(f"/reglages/banques/{connection.pk}/identifiants/", {"password": "autre"})
    connection.refresh_from_db()
    assert connection.sealed != before


def test_unknown_kinds_are_not_found(client: Client):
    assert client.get("/reglages/banques/ajouter/?kind=ebics").status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_person_compares_the_fingerprint(company: Company, sign_in: SignIn, tmp_path: Path, language: str):
    client = sign_in(company, "admin", language)
    with SftpServer(tmp_path) as server:
        connection = added(
            company, "sftp", host="127.0.0.1", port=server.port, username="banque", folder="/", password=server.password
        )  # fmt: skip
        sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
        page = client.get(f"/reglages/banques/{connection.pk}/").content.decode()
        assert_sound(page, language=language)
        assert server.fingerprint in page
        address = f"/reglages/banques/{connection.pk}/serveur/"
        client.post(address, {"fingerprint": "SHA256:x"})
        connection.refresh_from_db()
        assert connection.state == "pending"
        client.post(address, {"fingerprint": server.fingerprint})
        connection.refresh_from_db()
        assert connection.state == "active"
        assert sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test").problem is None


def test_access_is_given_at_the_bank(client: Client, company: Company, bridge: FakeBridge):
    connection = added(
        company, "bridge", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=bridge.base_url
    )  # fmt: skip
    page = client.get(f"/reglages/banques/{connection.pk}/").content.decode()
    assert f"http://testserver/notifications/banques/{company.pk}/{connection.hook_key}/" in page
    page = client.post(f"/reglages/banques/{connection.pk}/autoriser/").content.decode()
    assert_sound(page, language="fr")
    back = f"http://testserver/reglages/banques/{connection.pk}/"
    assert f'href="https://connect.bridgeapi.io/session/s?back={back}"' in page


def test_what_waits_for_a_person_is_shown_with_both_amounts(
    client: Client, company: Company, bridge: FakeBridge
):
    connection = added(
        company, "bridge", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=bridge.base_url
    )  # fmt: skip
    client.post(f"/reglages/banques/{connection.pk}/autoriser/")
    told = bridge.tell(100, "VIR DUBOIS")
    sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
    match(company, Transaction.objects.get())
    bridge.change(told, amount=90)
    sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
    page = client.get(f"/reglages/banques/{connection.pk}/").content.decode()
    assert_sound(page, language="fr")
    assert "La banque dit autre chose maintenant" in page
    assert "100,00" in page
    assert "90,00" in page
    assert "À examiner" in client.get("/reglages/banques/").content.decode()
    line = Transaction.objects.get()
    for _ in range(2):
        client.post(f"/reglages/banques/{connection.pk}/garder/", {"line": line.pk})
    assert JournalEntry.objects.filter(action="bank_feed.line_kept").count() == 1
    sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
    assert (
        "La banque dit autre chose" not in client.get(f"/reglages/banques/{connection.pk}/").content.decode()
    )
    bridge.change(told, amount=80)
    sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test")
    page = client.get(f"/reglages/banques/{connection.pk}/").content.decode()
    assert "80,00" in page
    assert "La banque dit autre chose" in page


def test_asked_paused_resumed_and_revoked(client: Client, company: Company):
    connection = added(company, "folder", folder="/srv/banque")
    address = f"/reglages/banques/{connection.pk}/demander/"
    client.post(address, {"do": "sync"})
    client.post(address, {"do": "sync"})
    assert waiting_rounds() == 1
    for wanted, state in (("pause", "paused"), ("resume", "active"), ("nonsense", "active")):
        client.post(address, {"do": wanted})
        connection.refresh_from_db()
        assert connection.state == state
    assert "Révoquer" in client.get(f"/reglages/banques/{connection.pk}/revoquer/").content.decode()
    client.post(f"/reglages/banques/{connection.pk}/revoquer/")
    assert client.get(f"/reglages/banques/{connection.pk}/").status_code == 404
    assert "Ma banque" not in client.get("/reglages/banques/").content.decode()


def test_the_age_of_each_account_is_shown(client: Client, company: Company):
    from datetime import date, timedelta

    on = date.today()  # noqa: DTZ011 (the pages show today)
    cast.statement(company, cast.bank_account(company), known_until_date=on - timedelta(days=40))
    cast.bank_account(company, identifier="FR7615589000009876543210088")
    page = client.get("/reglages/banques/").content.decode()
    assert "40 jours" in page
    assert "aucun relevé" in page
