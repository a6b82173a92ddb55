"""The OpenAPI document holds: whatever it allows is answered as it says, whatever it forbids is refused as it says."""

import json
import re
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client

from encours.actions.confirm_match import confirm_match
from encours.actions.create_token import company_id_of
from encours.actions.reconcile import reconcile
from encours.core.scopes import SCOPES
from encours.store.models import KeptAnswer, Match, Order, Payment, ReconciliationRun
from encours.store.tenancy import company_scope
from tests import cast
from tests.api.conftest import MARCH, Program, token_of
from tests.fuzzing import configuration, fuzzed, one_connection  # noqa: F401 (a fixture)


def _loaded(*, covers: bool) -> Any:
    """Without what it says of tokens: every case bears one, which a case that is to lack one would have too."""
    told = json.loads(Client().get("/api/v1/openapi.json", headers={"host": "127.0.0.1"}).content)
    for methods in told["paths"].values():
        for operation in methods.values():
            del operation["security"]
    made = schemathesis.openapi.from_dict(told, config=configuration(covers=covers))
    made.app = get_wsgi_application()
    return made


schema = _loaded(covers=True)
sketch = _loaded(covers=False)
ORDER = "CO-2026-0001"
There = dict[str, list[int]]


@pytest.fixture
def there(company, invoice, paid_line, program) -> There:
    """Numbers of what Atelier Lumen has, by the name they bear in an address: a line that is settled, two that are not,
    an order and its delivery, a run."""
    cast.bank_line(company, 50_000, "FA-2026-0001")
    cast.bank_line(company, 7_777, "VIR INCONNU")
    reconcile(company=company, on=MARCH, actor="test")
    for match in Match.objects.filter(state="proposed")[:1]:
        confirm_match(company=company, match_id=match.pk, actor="test")
    run = ReconciliationRun.objects.create(
        company=company, is_dry=False, on_date=MARCH, asked_by="test", asked_at="2026-03-02T12:00:00Z"
    )
    order = {
        "number": ORDER,
        "customer_id": invoice.customer_id,
        "ordered_date": "2026-01-05",
        "payable_cents": 9_900,
    }
    assert program.post("orders", order).status_code == 201
    KeptAnswer.objects.all().delete()
    return {
        "customer_id": [invoice.customer_id],
        "line_id": [match.transaction_id for match in Match.objects.all()] + [paid_line.pk],
        "match_id": [match.pk for match in Match.objects.all()],
        "order_id": [each.pk for each in Order.objects.all()],
        "receipt_id": [each.pk for each in Payment.objects.all()],
        "run_id": [run.pk],
    }


def aimed(case: Any, there: There) -> bool:
    """Numbers that are made up are of nothing: every other valid one is exchanged for one of something that is there."""
    is_aimed = False
    is_allowed = case.meta is not None and case.meta.generation.mode.is_positive
    for name, known in (("customer_id", there["customer_id"][0]), ("order", ORDER)):
        if is_allowed and isinstance(case.body, dict) and case.body.get(name) is not None:
            case.body[name] = known
    for name, told in (case.path_parameters or {}).items():
        number = int(told) if str(told).isascii() and str(told).isdigit() else 0
        if name in there and number % 2:
            case.path_parameters[name] = there[name][number // 2 % len(there[name])]
            is_aimed = True
    return is_aimed


def ask(case: Any, program: Program) -> Any:
    """What is answered, which is as the document says."""
    company_id = company_id_of(program.token)
    assert company_id is not None
    with company_scope(company_id):
        KeptAnswer.objects.all().delete()  # each example is the first with its key
    headers = {"Authorization": f"Bearer {program.token}", "Accept-Language": "en"}
    return case.call_and_validate(headers=headers)


@schema.parametrize()
@fuzzed(12)
def test_every_operation_answers_as_the_document_says(case, there, program, one_connection):  # noqa: F811
    aimed(case, there)
    ask(case, program)


@sketch.parametrize()
@fuzzed(12)
def test_a_token_that_may_read_receipts_may_nothing_else(case, company, there, one_connection):  # noqa: F811
    aimed(case, there)
    response = ask(case, Program(token_of(company, "receipts:read")))
    if (
        case.method != "GET"
        or "orders" in case.path
        or "unbilled" in case.path
        or "reconciliations" in case.path
    ):
        assert response.status_code not in (200, 201, 202)


@sketch.parametrize()
@fuzzed(12)
def test_another_companys_token_finds_nothing(case, there, stranger, one_connection):  # noqa: F811
    is_aimed = aimed(case, there)
    response = ask(case, stranger)
    if is_aimed:
        assert response.status_code not in (200, 201, 202)
    for ours in ("Boulangerie Dubois", "FA-2026-0001"):
        assert ours not in response.text


def test_without_a_token_nothing_is_answered(db):
    client = Client()
    for path, methods in schema.raw_schema["paths"].items():
        for method in methods:
            address = re.sub(r"\{\w+\}", "1", path)
            refused = client.generic(method, address, headers={"Authorization": "Bearer encours_1_x"})
            assert (refused.status_code, client.generic(method, address).status_code) == (401, 401), path


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
