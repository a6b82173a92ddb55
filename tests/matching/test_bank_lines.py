"""What the Encaissements page reads: few queries however many lines, and the reason in the reader's words."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encours.actions.reconcile import reconcile
from encours.queries.bank_lines import (
    LineFilter,
    candidate_documents,
    line_detail,
    lines_page,
)
from encours.queries.receipts import waiting_counts
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


@pytest.fixture
def bank(company):
    dubois = cast.good_payer(company)
    for number in range(1, 6):
        cast.invoice(company, dubois, f"FACT-2025-{number:04d}", payable_cents=number * 1_000, issue_date=JAN)
    lines = [
        cast.bank_line(company, 1_000, "FACT-2025-0001", booked_date=MARCH),
        cast.bank_line(company, 500, "FACT-2025-0002", booked_date=date(2026, 3, 3)),
        cast.bank_line(company, 4_200, "VIREMENT SANS REFERENCE", counterparty_name="DUVAL"),
        cast.bank_line(company, -80, "FRAIS"),
    ]
    reconcile(company=company, on=MARCH, actor="test")
    return lines


def test_each_line_says_in_words_why_it_stands_where_it_stands(company, bank):
    rows = {row.id: row for row in lines_page(company=company, wanted=LineFilter(), number=1, size=10).rows}
    matched, proposed, unknown, fee = (rows[line.pk] for line in bank)
    assert matched.explanation
    assert matched.explanation.state == "applied"
    assert [(d.number, d.allocated_cents) for d in matched.explanation.documents] == [
        ("FACT-2025-0001", 1_000)
    ]
    assert proposed.explanation
    assert "paiement partiel" in proposed.explanation.reason.say("fr")
    assert unknown.reason
    assert "No document, payer or amount" in unknown.reason.say("en")
    assert fee.reason
    assert fee.state == "set_aside"
    counts = waiting_counts(company=company)
    assert [counts[state].count for state in ("new", "proposed", "matched", "set_aside")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (LineFilter(state="proposed"), [1]),
        (LineFilter(text="sans ref"), [2]),
        (LineFilter(text="duval"), [2]),
        (LineFilter(direction="debit"), [3]),
        (LineFilter(from_date=date(2026, 3, 3)), [1]),
        (LineFilter(until_date=date(2026, 3, 1)), []),
        (LineFilter(account_id=0), []),
    ],
)
def test_filters(company, bank, wanted, places):
    found = lines_page(company=company, wanted=wanted, number=1, size=10).rows
    assert [row.id for row in found] == [bank[place].pk for place in places]


def test_a_page_costs_what_it_shows(company, bank):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            lines_page(company=company, wanted=LineFilter(), number=1, size=3)
            line_detail(company=company, line_id=bank[1].pk)
            candidate_documents(company=company, line_id=bank[2].pk, text="dubois")
        return len(asked)

    before = queries()
    for number in range(40):
        cast.bank_line(company, 300 + number, f"ACOMPTE FACT-2025-000{number % 4 + 2}")
    reconcile(company=company, on=MARCH, actor="test")
    assert queries() == before <= 9


def test_a_line_could_pay_its_very_amount_first(company, bank):
    line = cast.bank_line(company, 4_000, "VIREMENT")
    found = candidate_documents(company=company, line_id=line.pk)
    assert [document.number for document in found] == [
        "FACT-2025-0004", "FACT-2025-0002", "FACT-2025-0003", "FACT-2025-0005",
    ]  # fmt: skip
    (one,) = candidate_documents(company=company, line_id=line.pk, text="fact 2025-5")
    assert one.number == "FACT-2025-0005"


def test_a_line_keeps_its_history(company, bank):
    detail = line_detail(company=company, line_id=bank[0].pk)
    assert detail is not None
    assert [each.state for each in detail.history] == ["applied"]
    assert detail.unallocated_cents == 0
    assert line_detail(company=company, line_id=0) is None


def test_the_likeliest_proposal_comes_first_and_the_others_after_it(company, bank):
    dubois = bank[0].payments.get().customer
    cast.credit_note(company, dubois, "AV-9", payable_cents=700, issue_date=JAN)
    line = cast.bank_line(company, 2_300, "FACT-2025-0003")
    reconcile(company=company, on=MARCH, actor="test")
    detail = line_detail(company=company, line_id=line.pk)
    assert detail is not None
    assert detail.row.explanation
    assert detail.alternatives
    chances = [each.confidence for each in (detail.row.explanation, *detail.alternatives)]
    assert chances == sorted(chances, reverse=True)
    rows = lines_page(company=company, wanted=LineFilter(state="proposed"), number=1, size=10).rows
    (listed,) = [row for row in rows if row.id == line.pk]
    assert listed.explanation == detail.row.explanation


def test_what_another_source_said_otherwise_is_shown_and_what_the_line_says_is_not_repeated(company):
    words = {"booked_date": "2026-03-02", "amount_cents": 4_900, "currency": "EUR"}
    line = cast.bank_line(
        company, 4_900, "FACT-12 | VIR SEPA", counterparty_name="Boulangerie Dubois", end_to_end_id="E12",
        extra={"tellings": [
            words | {"remittance": "VIR SEPA", "counterparty_name": "BOULANGERIE DUBOIS", "is_final": True},
            words | {"remittance": "FACT-12", "end_to_end_id": "E12"},
            words | {"remittance": "FACT-77", "end_to_end_id": "E77"},
        ]},
    )  # fmt: skip
    detail = line_detail(company=company, line_id=line.pk)
    assert detail
    assert [(each.remittance, each.end_to_end_id) for each in detail.told_otherwise] == [("FACT-77", "E77")]
