"""What a customer owes, asked over columns and over a list: the same answers, whatever was settled meanwhile."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from encours.core.matching.frames import DOCUMENTS
from encours.core.matching.items import EPOCH, Item
from encours.core.matching.open_items import OpenItems
from encours.core.matching.owed import Owed
from encours.core.references import normalised_number

JANUARY_1 = date(2025, 1, 1)
CENTS = st.sampled_from([-500, -100, 100, 200, 300, 500, 12_000, 12_100, 9_000_000])
NUMBERS = [
    "FA-2025-0012",
    "FA-2025-0013",
    "AV 7",
    "2025/0012",
    "F" + "1234567890" * 3,
    "SANS CHIFFRE",
    "0012-B",
]


@st.composite
def accounts(draw: st.DrawFn) -> tuple[pl.DataFrame, dict[int, int], int]:
    """Documents of two customers, what is taken of some, and a day."""
    rows = []
    for key in range(draw(st.integers(1, 12))):
        number = draw(st.sampled_from(NUMBERS))
        issued = JANUARY_1 + timedelta(draw(st.integers(0, 70)))
        cents = draw(CENTS)
        rows.append({
            "document_id": 100 + key, "customer_id": draw(st.integers(1, 2)), "customer": "Dubois", "number": number,
            "search_number": normalised_number(number), "type": "invoice", "payment_reference": "",
            "currency": draw(st.sampled_from(["EUR", "EUR", "USD"])), "issue_date": issued,
            "due_date": issued + timedelta(draw(st.sampled_from([0, 30, 45]))), "payable_cents": cents,
            "open_cents": cents, "instalments": draw(st.sampled_from(["", "", "100 200"])),
        })  # fmt: skip
    taken = draw(
        st.dictionaries(
            st.sampled_from([row["document_id"] for row in rows]), st.sampled_from([100, 200, 500])
        )
    )
    return pl.DataFrame(rows, schema=DOCUMENTS), taken, draw(st.integers(0, 80))


@given(accounts(), CENTS, st.sampled_from(["FA20250012", "FA20250031", "AV7", "FA2025", "X"]))
def test_columns_answer_as_a_list_does(
    drawn: tuple[pl.DataFrame, dict[int, int], int], cents: int, word: str
):
    documents, taken, days = drawn
    items = OpenItems(documents)
    items.owed(1, "EUR", until_day=0)  # what was asked before what is taken
    for document_id, some in taken.items():
        items.take(document_id, some)
    day = (JANUARY_1 + timedelta(days)).toordinal() - EPOCH
    for customer in (1, 2):
        listed = [items.item(key) for key in documents["document_id"]]
        kept = [
            item
            for item in listed
            if item and item.customer_id == customer and item.currency == "EUR" and item.issue_day <= day
        ]
        order = {key: rank for rank, key in enumerate(documents["document_id"])}
        number = {key: (row_due, row_issue, row_number) for key, row_due, row_issue, row_number in documents.select(
            "document_id", "due_date", "issue_date", "number").iter_rows()}  # fmt: skip
        kept.sort(key=lambda item: (*number[item.document_id], order[item.document_id]))
        assert_same(items.owed(customer, "EUR", until_day=day), Owed(kept), cents, word)


def assert_same(owed: Owed, expected: Owed, cents: int, word: str) -> None:
    for name in ("items", "invoices", "notes", "with_instalments"):
        assert [*getattr(owed, name)] == [*getattr(expected, name)], name
    assert (owed.total_cents, owed.invoiced_cents) == (expected.total_cents, expected.invoiced_cents)
    assert owed.with_amount(cents) == expected.with_amount(cents)
    assert owed.between(cents - 150, cents, besides={500}) == expected.between(
        cents - 150, cents, besides={500}
    )
    for count in range(len(expected.invoices) + 1):
        run = expected.run_cents(count)
        assert owed.run_cents(count) == run
        assert (owed.run_of(run), owed.whole_count(run + 1)) == (
            expected.run_of(run),
            expected.whole_count(run + 1),
        )
    for item in expected.items:
        assert owed.due_count(item.due_day) == expected.due_count(item.due_day)
    for wanted in (cents, expected.total_cents, sum(item.open_cents for item in expected.items[:2])):
        assert months(owed, wanted) == months(expected, wanted)
    digits = {"12", "20250012", "7", ("1234567890" * 3), "99"}
    assert owed.by_digits(digits) == expected.by_digits(digits)
    assert owed.by_digits(()) == {}
    assert owed.near(word) == expected.near(word)
    assert owed.starting_with(word) == expected.starting_with(word)


def months(owed: Owed, cents: int) -> set[tuple[tuple[Item, ...], int]]:
    return {(tuple(group), count) for group, count in owed.months_of(cents)}
