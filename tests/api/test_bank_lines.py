"""Bank lines and receipts as other programs read them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from encours.actions.reconcile import reconcile
from encours.queries.bank_lines import lines_of_reference
from tests import cast
from tests.api.conftest import JAN, MARCH


def test_a_line_tells_why_it_is_settled(company, program, invoice, paid_line):
    reconcile(company=company, on=MARCH, actor="test")
    told = program.get(f"bank-lines/{paid_line.pk}").json()
    assert (told["state"], told["amount_cents"], told["booked_date"]) == ("matched", 120_000, "2026-03-02")
    (explanation,) = told["explanations"]
    assert explanation["documents"] == [
        {"document_id": invoice.pk, "number": "FA-2026-0001", "allocated_cents": 120_000}
    ]
    assert explanation["state"] == "applied"
    assert "FA-2026-0001" in explanation["reason"]


def test_explanations_are_what_the_command_line_says(company, program, invoice, paid_line):
    reconcile(company=company, on=MARCH, actor="test")
    (detail,) = lines_of_reference(company=company, bank_reference="REF/1")
    response = program.get("explanations", bank_reference="REF/1")
    assert response.json() == {"lines": [detail.as_json("en")]}


def test_an_unknown_reference_is_not_found(program, paid_line):
    for reference in ("REF/2", ""):
        response = program.get("explanations", bank_reference=reference)
        assert (response.status_code, response.json()["field"]) == (404, "bank_reference")


def test_a_list_goes_on_where_it_stopped_whatever_comes_meanwhile(company, program):
    days = [MARCH + timedelta(days=number // 2) for number in range(7)]
    lines = [cast.bank_line(company, 1000 + n, f"VIR {n}", booked_date=day) for n, day in enumerate(days)]
    seen, cursor = [], ""
    while cursor is not None:
        page = program.get("bank-lines", limit=2, cursor=cursor).json()
        assert len(page["lines"]) <= 2
        seen += [line["id"] for line in page["lines"]]
        cursor = page["next_cursor"]
        cast.bank_line(company, 1, "new", booked_date=MARCH + timedelta(days=30))
    assert seen == [line.pk for line in reversed(lines)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"state": "new"}, {0, 1, 2}),
        ({"state": "matched"}, set()),
        ({"direction": "debit"}, {1}),
        ({"from_date": "2026-03-03"}, {2}),
        ({"until_date": "2026-03-02"}, {0, 1}),
        ({"min_cents": 200, "max_cents": 250}, {1}),
        ({"text": "dubois"}, {0}),
    ],
)
def test_a_list_holds_what_was_asked_for(company, program, wanted, expected):
    lines = [
        cast.bank_line(company, 100, "VIR DUBOIS"),
        cast.bank_line(company, -200, "FRAIS"),
        cast.bank_line(company, 300, "VIR", booked_date=date(2026, 3, 4)),
    ]
    told = program.get("bank-lines", **wanted).json()["lines"]
    assert {line["id"] for line in told} == {lines[index].pk for index in expected}


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 501}, {"limit": "many"}, {"state": "lost"},
     {"text": "a\0b"}, {"from_date": "yesterday"}, {"min_cents": 10**30}, {"account_id": 0}],
)  # fmt: skip
def test_a_value_that_breaks_its_rule_is_named(program, query):
    response = program.get("bank-lines", **query)
    assert (response.status_code, response.json()["field"]) == (422, next(iter(query)))


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "WyIyMDI2LTAzLTAyIiwgImEiXQ", "é"])
def test_a_cursor_of_elsewhere_is_refused(program, cursor):
    response = program.get("bank-lines", cursor=cursor)
    assert (response.status_code, response.json()["field"]) in [(404, "cursor"), (422, "cursor")]


def test_a_mistyped_filter_does_not_mean_all(program, paid_line):
    response = program.get("bank-lines", stat="matched")
    assert (response.status_code, response.json()["code"]) == (422, "parameter_unknown")


def test_a_receipt_tells_what_it_settles(company, program, invoice, paid_line):
    reconcile(company=company, on=MARCH, actor="test")
    (told,) = program.get("receipts", bank_line_id=paid_line.pk).json()["receipts"]
    assert (told["amount_cents"], told["unallocated_cents"], told["bank_reference"]) == (120_000, 0, "REF/1")
    (allocation,) = told["allocations"]
    assert (allocation["number"], allocation["allocated_cents"]) == ("FA-2026-0001", 120_000)
    assert not allocation["is_undone"]
    assert program.get(f"receipts/{told['id']}").json() == told


def test_receipts_go_on_where_they_stopped(company, program, invoice):
    made = [
        cast.receipt(company, invoice.customer, amount_cents=cents, received_date=JAN) for cents in (1, 2, 3)
    ]
    first = program.get("receipts", limit=2, customer_id=invoice.customer_id).json()
    then = program.get("receipts", limit=2, cursor=first["next_cursor"]).json()
    assert [each["id"] for each in first["receipts"] + then["receipts"]] == [p.pk for p in reversed(made)]
    assert then["next_cursor"] is None


def test_another_company_sees_nothing(company, stranger, invoice, paid_line):
    reconcile(company=company, on=MARCH, actor="test")
    assert stranger.get("bank-lines").json() == {"lines": [], "next_cursor": None}
    assert stranger.get("receipts").json() == {"receipts": [], "next_cursor": None}
    assert stranger.get(f"bank-lines/{paid_line.pk}").status_code == 404
    assert stranger.get("explanations", bank_reference="REF/1").status_code == 404
    receipt = paid_line.payments.get()
    assert stranger.get(f"receipts/{receipt.pk}").status_code == 404


def test_a_page_of_lines_costs_the_same_for_two_and_for_forty(company, program, invoice):
    def queries(limit):
        with CaptureQueriesContext(connection) as seen:
            assert len(program.get("bank-lines", limit=limit).json()["lines"]) == limit
        return len(seen)

    for number in range(40):
        cast.bank_line(company, 1000 + number, f"FA-2026-0001 {number}")
    reconcile(company=company, on=MARCH, actor="test")
    assert queries(2) == queries(40)
