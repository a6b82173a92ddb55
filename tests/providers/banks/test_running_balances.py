"""The column of running balances of a bank's table, whichever way the file runs."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from encours.providers.banks.bank_csv.balances import follow

CENTS = st.integers(-(10**9), 10**9)
LINES = st.lists(CENTS.filter(bool), min_size=2, max_size=30)
# balances that only rise cannot be read the other way round
RECEIPTS = st.lists(st.integers(1, 10**9), min_size=3, max_size=30)


def balances_after(opening: int, amounts: list[int]) -> list[int]:
    return list(accumulate(amounts, initial=opening))[1:]


@given(opening=CENTS, amounts=LINES, newest_first=st.booleans())
def test_opening_and_closing_are_found_in_either_direction(opening, amounts, newest_first):
    balances = balances_after(opening, amounts)
    closing = balances[-1]
    if newest_first:
        amounts, balances = amounts[::-1], balances[::-1]
    running = follow(amounts, balances, oldest_first=not newest_first)
    if len(set(balances)) == 1:
        assert running is None
        return
    assert running is not None
    assert (running.opening_cents, running.closing_cents, running.breaks) == (opening, closing, ())


@given(opening=CENTS, amounts=RECEIPTS, data=st.data())
def test_balances_on_some_lines_are_enough(opening, amounts, data):
    balances = balances_after(opening, amounts)
    kept = data.draw(st.sets(st.integers(0, len(amounts) - 1), min_size=1))
    shown = [balance if i in kept else None for i, balance in enumerate(balances)]
    running = follow(amounts, shown, oldest_first=True)
    assert running is not None
    assert (running.opening_cents, running.closing_cents, running.breaks) == (opening, balances[-1], ())


@given(opening=CENTS, amounts=RECEIPTS, data=st.data())
def test_a_line_taken_out_is_noticed(opening, amounts, data):
    balances = balances_after(opening, amounts)
    taken = data.draw(st.integers(1, len(amounts) - 2))
    running = follow(
        amounts[:taken] + amounts[taken + 1 :], balances[:taken] + balances[taken + 1 :], oldest_first=True
    )
    assert running is not None
    assert running.breaks


def test_a_balance_repeated_on_every_line_is_todays_and_no_running_one():
    assert follow([100, -50], [5000, 5000], oldest_first=True) is None


def test_a_table_without_balances_has_none():
    assert follow([100, -50], [None, None], oldest_first=True) is None
