"""Fixtures every test may use: the database, two companies, the folder of real files."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from encours.actions.create_company import create_company
from encours.actions.migrate_store import migrate_store
from encours.store.models import Company
from encours.store.tenancy import as_owner, company_scope
from tests.wiping import number_apart, wipe

# A busy machine is no failure. Where a change is judged (CI=true) the same examples are tried each time, so that
# it is judged for what it changed; elsewhere each run tries new ones.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis_settings.load_profile("suite")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """One embedded server in the run's own data folder; migrated once, gone at the end."""
    with django_db_blocker.unblock():
        migrate_store()
        with as_owner():
            number_apart()
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
            with as_owner():
                wipe()


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
