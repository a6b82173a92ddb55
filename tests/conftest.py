"""Fixtures every test may use: the database, two companies, the folder of real files."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from encours.actions.create_company import create_company
from encours.actions.migrate_store import migrate_store
from encours.store.models import Company
from encours.store.tenancy import as_owner, company_scope

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """One embedded server in the run's own data folder; migrated once, gone at the end."""
    with django_db_blocker.unblock():
        migrate_store()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        from encours.store.postgres import embedded

        if embedded._server is not None:
            embedded._server.stop()
    shutil.rmtree(settings.DATA_FOLDER, ignore_errors=True)


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """For tests that need real commits (other processes, locks): everything is wiped afterwards."""
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")
                cursor.execute("ALTER TABLE store_journalentry DISABLE TRIGGER no_truncate")
                cursor.execute("ALTER TABLE store_movement DISABLE TRIGGER no_truncate")
                cursor.execute(
                    "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public' "
                    "AND (tablename LIKE 'store_%' OR tablename IN ('procrastinate_jobs', 'procrastinate_events', "
                    "'procrastinate_periodic_defers', 'procrastinate_workers', 'django_session'))"
                )
                cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
                cursor.execute("ALTER TABLE store_journalentry ENABLE TRIGGER no_truncate")
                cursor.execute("ALTER TABLE store_movement ENABLE TRIGGER no_truncate")


@pytest.fixture
def company(db) -> Iterator[Company]:
    """Atelier Lumen, the company most stories are about, in scope."""
    created = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(created.pk):
        yield created


@pytest.fixture
def other_company(db) -> Company:
    """Another company in the same database, which must see nothing of Atelier Lumen and give nothing away."""
    return create_company(name="Scierie du Val", siren="552100554", slug="scierie", actor="test")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files nobody here wrote; they lie beside the checkout and are not part of it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real files (../shared/data) is not here")
    return SHARED_DATA
