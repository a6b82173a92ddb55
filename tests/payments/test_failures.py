"""Why money did not come: attempts and failures by each measure, and what was received since, once for each invoice."""

from datetime import date, timedelta

import pytest

from encours.actions.allocate import allocate
from encours.core.ledger import Portion
from encours.core.wording import Wording
from encours.queries.charge_failures import BANDS, charge_failures
from encours.store.models import Charge, ChargeDocument, PaymentMandate
from tests import cast
from tests.payments.conftest import NOW, TODAY, invoices
from tests.payments.test_charge_command import encours

pytestmark = pytest.mark.django_db
__all__ = ["encours"]
FUNDS = Wording("test.no_funds", fr="Provision insuffisante.", en="Insufficient funds.")
PERIOD = {"since": TODAY - timedelta(days=30), "until": TODAY}


def attempt(
    company, connection, document, state="failed", *, group="later", code="insufficient_funds", **given
):
    failed = state in ("failed", "returned")
    said = {"failure_group": group, "failure_code": code, "failure": FUNDS().as_json()} if failed else {}
    number = Charge.objects.count()
    values = {
        "method": "card",
        "amount_cents": document.payable_cents,
        "requested_date": TODAY,
        "ended_at": NOW,
    } | given
    charge = Charge.objects.create(
        company=company, customer=document.customer, connection=connection, origin="customer", state=state,
        reference=f"T{number}", idempotency_key=f"t{number}", currency="EUR", asked_by="test", **said, **values,
    )  # fmt: skip
    ChargeDocument.objects.create(
        company=company, charge=charge, document=document, amount_cents=charge.amount_cents, is_open=False
    )
    return charge


def pay(company, document, cents, on=TODAY):
    money = cast.receipt(company, document.customer, amount_cents=cents, received_date=on)
    portions = [Portion(document_id=document.pk, amount_cents=cents)]
    allocate(company=company, payment_id=money.pk, on=on, actor="t", portions=portions)


def test_a_failure_is_a_share_of_the_attempts_that_reached_a_bank(company, dubois, connection):
    first, second, third = invoices(company, dubois, 5_000, 60_000, 2_000_000)
    attempt(company, connection, first)
    attempt(company, connection, first, "succeeded")
    attempt(company, connection, second, group="never", code="expired_card", method="sepa_debit")
    attempt(company, connection, third, "returned", code="")
    for state in ("open", "canceled", "expired"):  # no bank was asked
        attempt(company, connection, third, state)
    found = charge_failures(company=company, **PERIOD)
    assert (found.total.failures, found.total.of_attempts, found.total.failed_cents) == (3, 4, 2_065_000)
    causes = {each.failure_code: (each.failures, each.of_attempts) for each in found.causes}
    assert causes == {"insufficient_funds": (1, 4), "expired_card": (1, 4), "": (1, 4)}
    assert {each.method: (each.failures, each.of_attempts) for each in found.methods} == {
        "card": (2, 3), "sepa_debit": (1, 1)
    }  # fmt: skip
    assert [each.band for each in found.bands] == [0, 2, len(BANDS)]
    assert {code: count for code, count, _cents in found.groups} == {
        "never": 1,
        "customer": 0,
        "later": 2,
        "ours": 0,
    }
    assert found.causes[0].failed_cents == 2_000_000  # the costliest first
    assert found.causes[-1].said == FUNDS()


def test_what_came_since_counts_once_for_the_latest_failure_of_an_invoice(company, dubois, connection):
    [document] = invoices(company, dubois, 50_000)
    pay(company, document, 4_000, TODAY - timedelta(days=9))  # before it failed
    for group in ("later", "never"):
        attempt(company, connection, document, group=group, code=group, amount_cents=46_000)
    assert charge_failures(company=company, **PERIOD).total.recovered_cents == 0
    pay(company, document, 30_000)
    found = charge_failures(company=company, **PERIOD)
    assert {each.failure_code: each.recovered_cents for each in found.causes} == {"later": 0, "never": 30_000}
    assert (found.total.recovered_cents, found.total.failed_cents) == (30_000, 92_000)


def test_by_the_bank_of_the_method_where_it_is_known(company, dubois, connection):
    mandates = [
        PaymentMandate.objects.create(
            company=company,
            customer=dubois,
            connection=connection,
            kind="card",
            reference=f"M{rank}",
            **known,
        )
        for rank, known in enumerate(({"brand": "visa"}, {"bank_country": "BE"}, {"bic": "BNPAFRPP"}, {}))
    ]
    for document, mandate in zip(invoices(company, dubois, 1, 2, 3, 4), mandates, strict=True):
        attempt(company, connection, document, mandate=mandate)
    banks = {each.bank for each in charge_failures(company=company, **PERIOD).banks}
    assert banks == {"visa", "BE", "BNPAFRPP", ""}


def test_outside_the_period_and_in_other_companies_nothing(company, other_company, dubois, connection):
    [document] = invoices(company, dubois, 50_000)
    attempt(company, connection, document, requested_date=TODAY - timedelta(days=31))
    assert charge_failures(company=company, **PERIOD).total.of_attempts == 0
    attempt(company, connection, document)
    assert charge_failures(company=other_company, **PERIOD).rows == ()


def test_on_the_command_line(company, dubois, connection, encours):
    attempt(company, connection, invoices(company, dubois, 50_000)[0], requested_date=date(2026, 2, 1))
    code, told = encours("failures", "--from", "2026-01-01", "--to", "2026-02-28")
    assert code == 0
    assert [row["failures"] for row in told["failures"] if row["by"] == "cause"] == [1]
    assert told["failures"][0]["failed_cents"] == 50_000
    assert encours("failures", "--from", "hier")[0] != 0
