"""The worker asks what is due, company by company, and nobody sees another's connections."""

import os
import time
from pathlib import Path

import pytest

from encours.actions.connect_bank import connect_bank
from encours.actions.create_company import create_company
from encours.actions.defer_job import defer
from encours.actions.open_connection import asking_alone
from encours.actions.sync_bank import sync_bank
from encours.jobs.sync_bank import forget_notices, sync_banks
from encours.ports.connections import ConnectionKind
from encours.queries.bank_connections import connection_detail, connections
from encours.queries.connections import due_connections
from encours.store.models import (
    BankConnection,
    BankNotice,
    Company,
    DropFile,
    FeedAccount,
    FeedLine,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests.feeds.conftest import NOW, ask, lines_table
from tests.feeds.fake_bridge import FakeBridge
from tests.jobs.test_worker import jobs, work_until_idle


@pytest.fixture
def two_companies(committed_db: None, tmp_path: Path) -> list[Company]:
    """Each with a folder of its own and a statement in it."""
    made = []
    for slug, siren in (("lumen", "732829320"), ("scierie", "552100554")):
        company = create_company(name=slug.title(), siren=siren, slug=slug, actor="test")
        folder = tmp_path / slug
        folder.mkdir()
        with company_scope(company.pk):
            connect_bank(
                company=company, provider="folder", name=slug, given={"folder": str(folder)}, is_operator=True, actor="test"
            )  # fmt: skip
        path = folder / "releve.csv"
        path.write_text(lines_table(("02/03/2026", f"VIR POUR {slug}", "1200,00")))
        os.utime(path, (time.time() - 60,) * 2)
        made.append(company)
    return made


def test_each_company_s_drops_are_asked_and_what_comes_is_reconciled(two_companies: list[Company]):
    for _ in range(2):  # a round that is waiting is not asked for twice
        sync_banks(timestamp=int(time.time()))
    work_until_idle()
    assert set(jobs("sync_bank")) == {("succeeded", 1)}
    assert jobs("reconcile") == [("succeeded", 1)] * 2
    for company in two_companies:
        with company_scope(company.pk):
            assert [row.remittance for row in Transaction.objects.all()] == [f"VIR POUR {company.slug}"]
            assert DropFile.objects.get().state == "done"
    forget_notices(timestamp=int(time.time()))


def test_a_paused_one_and_one_that_is_left_alone_are_not_due(
    company: Company, bridge_connection: BankConnection
):
    assert due_connections(kind=ConnectionKind.BANK, company=company, now=NOW) == [bridge_connection.pk]
    ask(company, bridge_connection)
    assert due_connections(kind=ConnectionKind.BANK, company=company, now=NOW) == []
    BankConnection.objects.update(next_check_at=None, state="paused")
    assert due_connections(kind=ConnectionKind.BANK, company=company, now=NOW) == []


def test_two_readers_do_not_read_the_same_connection(
    committed_db: None, two_companies: list[Company], django_db_blocker
):
    """The second one goes away; it does not wait."""
    import threading

    from django.db import connections as databases

    company = two_companies[0]
    with company_scope(company.pk):
        connection = BankConnection.objects.get()
    found = []

    def read() -> None:
        with company_scope(company.pk):
            found.append(
                sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test").is_busy
            )
        databases.close_all()

    with company_scope(company.pk), asking_alone(connection) as is_ours:
        assert is_ours
        thread = threading.Thread(target=read)
        thread.start()
        thread.join(30)
    assert found == [True]
    with company_scope(company.pk):
        assert not sync_bank(company=company, connection_id=connection.pk, now=NOW, actor="test").is_busy


def test_nothing_of_a_connection_is_seen_from_another_company(
    company: Company,
    other_company: Company,
    bridge: FakeBridge,
    bridge_connection: BankConnection,
    tmp_path: Path,
):
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    BankNotice.objects.create(
        company=company, connection=bridge_connection, digest="0" * 64, body="{}", received_at=NOW
    )  # fmt: skip
    DropFile.objects.create(
        company=company, connection=bridge_connection, name="x", size=1, modified_at=NOW, seen_at=NOW
    )  # fmt: skip
    tables = (BankConnection, BankNotice, DropFile, FeedAccount, FeedLine)
    assert all(table.objects.exists() for table in tables)
    with company_scope(other_company.pk):
        assert not any(table.objects.exists() for table in tables)
        for asked in (company, other_company):
            assert connections(company=asked) == []
            assert connection_detail(company=asked, connection_id=bridge_connection.pk) is None
            assert due_connections(kind=ConnectionKind.BANK, company=asked, now=NOW) == []
        with pytest.raises(BankConnection.DoesNotExist):
            sync_bank(company=other_company, connection_id=bridge_connection.pk, now=NOW, actor="test")
        assert not BankConnection.objects.filter(pk=bridge_connection.pk).update(name="theirs")


def test_a_job_of_a_connection_that_is_revoked_meanwhile_does_nothing(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    defer("sync_bank", company_id=company.pk, connection_id=bridge_connection.pk)
    BankConnection.objects.update(state="revoked", sealed="")
    synced = sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert (synced.feed, synced.problem) == (None, None)
