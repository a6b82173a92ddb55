"""Any way of delivering the same account gives the same lines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encours.core.deliveries import AccountBook, relation
from encours.core.statements import Frame, Statement, Transaction, balance_gaps, content_key, identities

START = date(2026, 3, 1)
# few days, amounts and texts, so that equal lines are common
life = st.lists(
    st.lists(
        st.tuples(st.sampled_from([-500, 0, 700, 10000]), st.sampled_from(["", "DUPONT", "MARTIN"])),
        max_size=5,
    ),
    min_size=1,
    max_size=5,
)


def days_of(life_lines: list[list[tuple[int, str]]]) -> list[Statement]:
    """One final statement a day, each going on from the last."""
    balance, days = 100000, []
    for offset, lines in enumerate(life_lines):
        on = START + timedelta(days=offset)
        moved = sum(cents for cents, _ in lines)
        days.append(
            Statement(
                account="A", currency="EUR", opening_cents=balance, closing_cents=balance + moved,
                opening_date=on - timedelta(days=1), closing_date=on,
                transactions=tuple(Transaction(on, cents, "EUR", remittance=text) for cents, text in lines),
            )
        )  # fmt: skip
        balance += moved
    return days


def joined(days: list[Statement]) -> Statement:
    """The days in one statement."""
    return replace(
        days[0], transactions=tuple(t for day in days for t in day.transactions),
        closing_cents=days[-1].closing_cents, closing_date=days[-1].closing_date,
    )  # fmt: skip


def ledger(deliveries: list[tuple[Statement, str]]) -> list[tuple[date, int]]:
    book = AccountBook("A")
    taken = [
        (t.booked_date, t.amount_cents)
        for told, kind in deliveries
        for t, _ in book.take(told, kind=kind).new
    ]
    return sorted(taken)


def truth(days: list[Statement]) -> list[tuple[date, int]]:
    return sorted((t.booked_date, t.amount_cents) for day in days for t in day.transactions)


@st.composite
def overlapping(draw) -> tuple[list[Statement], list[tuple[Statement, str]]]:
    """An account's days, and files that together hold them all: spans of days, in any order, some more than once."""
    days = days_of(draw(life))
    places = st.integers(0, len(days) - 1)
    spans = draw(st.lists(st.tuples(places, places).map(sorted), max_size=5)) + [
        [n, n] for n in range(len(days))
    ]
    kinds = st.sampled_from(["camt053", "cfonb120"])
    files = [(joined(days[first : last + 1]), draw(kinds)) for first, last in draw(st.permutations(spans))]
    return days, files


@settings(max_examples=100, deadline=None)
@given(overlapping())
def test_overlapping_files_in_any_order_give_the_same_lines(story):
    days, files = story
    assert ledger(files) == truth(days)


@settings(max_examples=60, deadline=None)
@given(overlapping())
def test_the_words_of_a_format_make_no_difference(story):
    days, files = story
    reworded = [
        (
            replace(
                s, transactions=tuple(replace(t, remittance=f"{kind} {t.remittance}") for t in s.transactions)
            ),
            kind,
        )
        for s, kind in files
    ]
    assert ledger(reworded) == truth(days)


@settings(max_examples=60, deadline=None)
@given(life, st.lists(st.integers(0, 4), max_size=4), st.booleans())
def test_reports_of_the_day_never_count_twice(life_lines, cuts, before):
    days = days_of(life_lines)
    reports = [
        (
            replace(
                day,
                transactions=day.transactions[:cut],
                opening_cents=None,
                closing_cents=None,
                provisional=True,
            ),
            "camt052",
        )
        for day in days
        for cut in cuts
    ]
    final = [(day, "camt053") for day in days]
    assert ledger(reports + final if before else final + reports) == truth(days)


def test_a_detail_of_a_sum_is_not_another_payment_of_its_amount():
    """camt.053 gives a transfer of 49.00 and a collection of 149.00; camt.054 its details, one of them 49.00."""
    on = START + timedelta(days=1)
    transfer = Transaction(on, 4_900, "EUR", remittance="REGLEMENT", bank_reference="B1")
    collection = Transaction(on, 14_900, "EUR", remittance="PRLV", bank_reference="COL")
    batch = {"batch": "1", "batch_cents": "14900", "batch_reference": "COL"}
    details = [
        Transaction(on, cents, "EUR", remittance=f"PRLV {cents}", bank_reference=f"D{cents}", extra=batch)
        for cents in (4_900, 10_000)
    ]
    day = Statement(
        account="A", currency="EUR", opening_cents=0, closing_cents=19_800, opening_date=START, closing_date=on,
        transactions=(transfer, collection),
    )  # fmt: skip
    notice = Statement(account="A", currency="EUR", transactions=tuple(details))
    for deliveries in ([(day, "camt053"), (notice, "camt054")], [(notice, "camt054"), (day, "camt053")]):
        book = AccountBook("A")
        left: dict[int, Transaction] = {}
        for row, (told, kind) in enumerate(deliveries):
            taken = book.take(told, kind=kind)
            for gone in taken.replaced_rows:
                del left[gone]
            for place, (transaction, _) in enumerate(taken.new):
                left[row * 10 + place] = transaction
            for line in (line for lines in book.by_amount.values() for line in lines if line.row is None):
                line.row = next(key for key, t in left.items() if content_key("A", t) == line.content)
        assert sorted(t.bank_reference for t in left.values()) == ["B1", "D10000", "D4900"]


@given(life)
def test_the_identity_of_a_line_is_its_own(life_lines):
    days = days_of(life_lines)
    lines = [t for day in days for t in day.transactions]
    found = identities("A", lines)
    assert len(set(found)) == len(lines)
    assert all(len(identity) <= 40 for identity in found)
    assert found == identities("A", [replace(t, line=7, value_date=START) for t in lines])


def frame(first: int, last: int, opening: int, closing: int) -> Frame:
    return Frame(START + timedelta(days=first), START + timedelta(days=last), opening, closing)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (frame(0, 1, 0, 5), frame(0, 1, 0, 5), "same"),
        (frame(0, 1, 0, 5), frame(1, 2, 5, 9), "apart"),
        (frame(1, 1, 0, 5), frame(2, 2, 5, 9), "apart"),
        (frame(1, 1, 0, 5), frame(1, 1, 5, 9), "apart"),
        (frame(0, 7, 0, 9), frame(2, 3, 4, 6), "same"),
        (frame(0, 7, 0, 9), frame(6, 7, 4, 9), "same"),
        (frame(0, 3, 0, 9), frame(3, 5, 4, 12), "unclear"),
        (frame(1, 1, 0, 5), frame(1, 1, 7, 9), "unclear"),
    ],
)
def test_how_two_statements_stand_to_each_other(one, other, expected):
    assert relation(one, other) == relation(other, one) == expected


@settings(deadline=None)
@given(life.filter(lambda days: len(days) > 2), st.data())
def test_a_gap_is_seen_where_a_statement_with_movements_is_missing(life_lines, data):
    frames = [frame(n, n + 1, s.opening_cents, s.closing_cents) for n, s in enumerate(days_of(life_lines))]
    assert balance_gaps(data.draw(st.permutations(frames))) == []
    missing = data.draw(st.integers(1, len(frames) - 2))
    found = balance_gaps(data.draw(st.permutations(frames[:missing] + frames[missing + 1 :])))
    moved = frames[missing].opening_cents != frames[missing].closing_cents
    assert found == ([(frames[missing - 1], frames[missing + 1])] if moved else [])
