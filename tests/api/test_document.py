"""The OpenAPI document holds: whatever it allows is answered as it says, whatever it forbids is refused as it says."""

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from encours.actions.reconcile import reconcile
from encours.core.scopes import SCOPES
from encours.store.models import KeptAnswer, ReconciliationRun
from tests import cast
from tests.api.conftest import MARCH

EXAMPLES = 25


schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json", app=get_wsgi_application(), base_url="http://127.0.0.1/"
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A served request ends by closing a connection inside a transaction: here that is the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def books(company, invoice, paid_line) -> None:
    """A line that is settled, one proposed, and a run to ask after."""
    cast.bank_line(company, 50_000, "FA-2026-0001")
    reconcile(company=company, on=MARCH, actor="test")
    ReconciliationRun.objects.create(
        company=company, is_dry=False, on_date=MARCH, asked_by="test", asked_at="2026-03-02T12:00:00Z"
    )


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
def test_every_operation_answers_as_the_document_says(case, books, program, one_connection):
    KeptAnswer.objects.all().delete()  # each example is the first with its key
    case.call_and_validate(headers={"Authorization": f"Bearer {program.token}", "Accept-Language": "en"})


def test_the_document_is_open_and_complete(db):
    response = Client().get("/api/v1/openapi.json")
    told = response.json()
    assert told["openapi"].startswith("3.1")
    for path, methods in told["paths"].items():
        assert path.startswith("/api/v1/"), path
        for operation in methods.values():
            ((scheme, scopes),) = operation["security"][0].items()
            assert scheme == "Token"
            assert set(scopes) <= set(SCOPES)
            assert operation["description"], operation["operationId"]
            assert {"401", "403", "422", "429"} <= operation["responses"].keys()
