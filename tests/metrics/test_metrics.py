"""The figures of a small book, worked out by hand.

| who | document | cents | issued | due | paid |
| --- | --- | --- | --- | --- | --- |
| Dubois | FA-1 | 100,000 | 5 Jan | 4 Feb | 40,000 on 2 Mar |
| Dubois | FA-2 | 60,000 in 20,000 + 40,000 | 10 Jan | 9 Feb, 11 Mar | |
| Lefèvre | FA-3 | 30,000 | 1 Mar | 31 Mar | |
| Lefèvre | AV-1 | -5,000 | 2 Mar | 2 Mar | |
| Lefèvre | receipt | 7,000 | 3 Mar | | not allocated |
| Lefèvre | FA-4 | USD 9,900 | 1 Feb | 3 Mar | |
"""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encours.actions.allocate import allocate
from encours.core.ledger import Portion
from encours.core.metrics import Metrics, countback, days_sales_outstanding
from encours.queries.cash import cash_by_week
from encours.queries.ledger import ageing_of_customer, open_receipts, settlements_of, statement_of_account
from encours.queries.metrics import metrics_on
from tests import cast

MARCH_10 = date(2026, 3, 10)


@pytest.fixture
def book(company):
    dubois, lefevre = cast.good_payer(company), cast.late_payer(company)
    first = cast.invoice(company, dubois, "FA-1", payable_cents=100_000, issue_date=date(2026, 1, 5))
    cast.invoice(
        company, dubois, "FA-2", payable_cents=60_000, issue_date=date(2026, 1, 10),
        instalments=[(date(2026, 2, 9), 20_000), (date(2026, 3, 11), 40_000)],
    )  # fmt: skip
    cast.invoice(company, lefevre, "FA-3", payable_cents=30_000, issue_date=date(2026, 3, 1))
    cast.credit_note(company, lefevre, "AV-1", payable_cents=5_000, issue_date=date(2026, 3, 2))
    cast.receipt(company, lefevre, amount_cents=7_000, received_date=date(2026, 3, 3))
    cast.invoice(company, lefevre, "FA-4", payable_cents=9_900, issue_date=date(2026, 2, 1), currency="USD")
    paid = cast.receipt(company, dubois, amount_cents=40_000, received_date=date(2026, 3, 2))
    allocate(
        company=company,
        payment_id=paid.pk,
        portions=[Portion(first.pk, 40_000)],
        on=date(2026, 3, 2),
        actor="test",
    )
    return company


def amounts(found: Metrics) -> dict[str, int]:
    return {bucket.code: bucket.amount_cents for bucket in found.ageing}


def test_the_position_today(book):
    found = metrics_on(company=book, on=MARCH_10)
    # 60,000 of FA-1 is 34 days late, 20,000 of FA-2 29 days, the credit note 8 days
    assert amounts(found) == {"not_due": 70_000, "1_30": 15_000, "31_60": 60_000, "61_90": 0, "91_plus": 0}
    assert [bucket.document_count for bucket in found.ageing] == [2, 1, 1, 0, 0]
    assert (found.outstanding_cents, found.overdue_cents, found.unallocated_cents) == (138_000, 75_000, 7_000)
    # 185,000 invoiced less credit notes over the 65 days since the first invoice
    assert found.dso_days == round(138_000 / 185_000 * 65, 1)
    assert found.best_possible_dso_days == round(70_000 / 185_000 * 65, 1)
    (dollars,) = found.other_currencies
    assert (dollars.currency, dollars.outstanding_cents, dollars.overdue_cents) == ("USD", 9_900, 9_900)


def test_the_position_on_a_past_day_is_what_was_booked_by_then(book):
    found = metrics_on(company=book, on=date(2026, 2, 10))
    assert amounts(found) == {"not_due": 40_000, "1_30": 120_000, "31_60": 0, "61_90": 0, "91_plus": 0}
    assert (found.outstanding_cents, found.unallocated_cents) == (160_000, 0)
    before_all = metrics_on(company=book, on=date(2025, 12, 31))
    assert (before_all.outstanding_cents, before_all.dso_days) == (0, None)


def test_due_today_is_not_overdue(book):
    assert metrics_on(company=book, on=date(2026, 2, 4)).overdue_cents == 0
    assert metrics_on(company=book, on=date(2026, 2, 5)).overdue_cents == 100_000


def test_the_number_of_queries_does_not_follow_the_data(book):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        metrics_on(company=book, on=MARCH_10)
    assert len(asked) == 3


def test_json_has_the_names_scripts_rely_on(book):
    body = metrics_on(company=book, on=MARCH_10).as_json()
    assert json.loads(json.dumps(body)) == body | {
        "ageing": list(body["ageing"]),
        "other_currencies": json.loads(json.dumps(body["other_currencies"])),
    }
    assert body["on"] == "2026-03-10"
    assert {
        "outstanding_cents",
        "overdue_cents",
        "unallocated_cents",
        "ageing",
        "dso_days",
        "dso_method",
    } <= body.keys()
    assert body["ageing"][1] == {
        "code": "1_30", "from_days": 1, "to_days": 30, "amount_cents": 15_000, "document_count": 1,
    }  # fmt: skip


def test_countback_uses_up_the_latest_sales_first():
    day = date(2026, 3, 31)
    sales = [(day - timedelta(days=60), 1000), (day - timedelta(days=30), 500), (day, 200)]
    # 200 of today (1 day), 500 within the 30 days before, then half of the 1000 in the 30 days before that
    assert countback(1200, on=day, invoiced_by_day=sales) == 1 + 30 + 29 + 0.5
    assert countback(0, on=day, invoiced_by_day=sales) == 0
    assert countback(5000, on=day, invoiced_by_day=sales) is None
    assert days_sales_outstanding(850, on=day, invoiced_by_day=sales) == round(850 / 1700 * 61, 1)


def test_sales_of_more_than_a_year_ago_do_not_count():
    day = date(2026, 3, 31)
    sales = [(day - timedelta(days=800), 10**9), (day - timedelta(days=10), 1000)]
    assert days_sales_outstanding(100, on=day, invoiced_by_day=sales) == 36.5


def test_cash_received_by_week(book):
    weeks = cash_by_week(company=book, on=MARCH_10, weeks=3)
    assert [(week.monday, week.amount_cents) for week in weeks] == [
        (date(2026, 2, 23), 0),
        (date(2026, 3, 2), 47_000),
        (date(2026, 3, 9), 0),
    ]


def test_a_statement_of_account_opens_runs_and_closes(book):
    lefevre = cast.Customer.objects.get(code="C0002")
    page = statement_of_account(
        company=book, customer_id=lefevre.pk, from_date=date(2026, 3, 2), until_date=MARCH_10
    )
    euros, dollars = (part.account for part in page.rows)
    assert (euros.opening_cents, euros.closing_cents) == (30_000, 18_000)
    assert [(line.kind, line.reference, line.amount_cents, line.balance_cents) for line in euros.lines] == [
        ("credited", "AV-1", -5_000, 25_000),
        ("paid", "", -7_000, 18_000),
    ]
    assert (dollars.opening_cents, dollars.lines, dollars.closing_cents) == (9_900, (), 9_900)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_statement_of_account_in_pages_is_the_whole_one(book, size):
    """Each page begins with the balance that the one before ended with, and all lines are there, once."""
    lefevre = cast.Customer.objects.get(code="C0002")

    def asked(**part):
        return statement_of_account(
            company=book, customer_id=lefevre.pk, from_date=date(2026, 1, 1), until_date=MARCH_10, **part
        )

    whole, pages = asked(), []
    while not pages or pages[-1].has_next:
        pages.append(asked(number=len(pages) + 1, size=size))
    assert {page.count for page in pages} == {whole.count}
    assert len(pages) == -(-whole.count // size)
    for account in (part.account for part in whole.rows):
        parts = [part for page in pages for part in page.rows if part.account.currency == account.currency]
        assert [line for part in parts for line in part.account.lines] == list(account.lines)
        balances = [(part.account.opening_cents, part.account.closing_cents) for part in parts]
        assert [opening for opening, _ in balances[1:]] == [closing for _, closing in balances[:-1]]
        assert (balances[0][0], balances[-1][1]) == (account.opening_cents, account.closing_cents)
        assert [part.is_end for part in parts] == [*[False] * (len(parts) - 1), True]
        assert (parts[0].from_date, parts[-1].until_date) == (date(2026, 1, 1), MARCH_10)


def test_what_a_customer_owes_by_age_and_what_they_are_owed(book):
    dubois, lefevre = cast.Customer.objects.get(code="C0001"), cast.Customer.objects.get(code="C0002")
    (buckets,) = ageing_of_customer(company=book, customer_id=dubois.pk, on=MARCH_10).values()
    assert [bucket.amount_cents for bucket in buckets] == [40_000, 20_000, 60_000, 0, 0]
    assert [receipt.unallocated_cents for receipt in open_receipts(company=book, customer_id=lefevre.pk)] == [
        7_000
    ]
    (settled,) = settlements_of(company=book, document_id=cast.Document.objects.get(number="FA-1").pk)
    assert (settled.amount_cents, settled.allocated_date) == (40_000, date(2026, 3, 2))


def test_each_customers_ageing_adds_up_to_the_companys(book):
    total = metrics_on(company=book, on=MARCH_10)
    parts = [
        ageing_of_customer(company=book, customer_id=customer.pk, on=MARCH_10).get("EUR", ())
        for customer in cast.Customer.objects.all()
    ]
    assert [
        replace(
            bucket,
            amount_cents=sum(p[i].amount_cents for p in parts),
            document_count=sum(p[i].document_count for p in parts),
        )
        for i, bucket in enumerate(total.ageing)
    ] == list(total.ageing)
