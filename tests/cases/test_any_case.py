"""Whatever was said and whatever came, in whatever order: sums to the cent, verdicts that follow from the money alone."""

from datetime import date, timedelta

import hypothesis.strategies as st
import polars as pl
from hypothesis import given

from encours.core.cases.disputes import Contested
from encours.core.cases.holding import CASES, held_by_cases
from encours.core.cases.plans import (
    Part,
    PlanFacts,
    PlannedDocument,
    asked_by_day,
    even_instalments,
    instalments_left,
    judge_plan,
    settled_cents,
)
from encours.core.cases.promises import (
    Account,
    Covered,
    PromiseFacts,
    Settlement,
    Unallocated,
    judge_promises,
    spread,
)
from encours.core.dunning.situation import RECEIVABLES

START = date(2026, 3, 1)
cents = st.integers(1, 50_000)
days = st.integers(0, 40).map(lambda number: START + timedelta(days=number))


@given(st.integers(1, 10**9), st.integers(1, 60), days, st.sampled_from(["week", "month"]))
def test_even_instalments_sum_to_the_cent_and_go_forward(total, count, first, every):
    count = min(count, total)
    parts = even_instalments(total_cents=total, count=count, first_date=first, every=every)
    assert sum(part.amount_cents for part in parts) == total
    assert len(parts) == count
    assert (
        max(part.amount_cents for part in parts) - min(part.amount_cents for part in parts[1:] or parts)
        < count
    )
    dates = [part.due_date for part in parts]
    assert dates == sorted(set(dates))


@given(cents, st.booleans(), st.integers(-1000, 60_000))
def test_what_a_dispute_blocks_is_never_more_than_is_open(disputed, is_whole, open_cents):
    blocked = Contested(disputed, is_whole).blocked_cents(open_cents=open_cents)
    assert 0 <= blocked <= max(open_cents, 0)
    if is_whole:
        assert blocked == max(open_cents, 0)


@given(st.lists(cents, min_size=1, max_size=6), cents, st.booleans())
def test_an_amount_is_spread_whole_or_as_far_as_there_is_something(free, amount, is_named):
    given_free = dict(enumerate(free))
    parts = spread(amount_cents=amount, free_cents=given_free, is_named=is_named)
    assert sum(parts.values()) == min(amount, sum(free))
    assert all(parts[key] <= given_free[key] for key in parts)
    assert parts.keys() == given_free.keys() if is_named else all(parts.values())


@st.composite
def lives(draw):
    """Promises about one or two documents, and what came: on them, late or early, or left unallocated."""
    owed = {1: draw(cents), 2: draw(cents)}
    promises = []
    left = dict(owed)
    for number in range(draw(st.integers(1, 3))):
        document_id = draw(st.sampled_from([1, 2]))
        if left[document_id] == 0:
            continue
        part = draw(st.integers(1, left[document_id]))
        left[document_id] -= part
        promises.append((number, draw(days), document_id, part))
    promises.sort(key=lambda each: each[1])
    before = {1: 0, 2: 0}
    facts = []
    for number, day, document_id, part in promises:
        before[document_id] += part
        rest = owed[document_id] - before[document_id]
        facts.append(PromiseFacts(number, START, day, 2, (Covered(document_id, part, rest),)))
    open_ = dict(owed)
    settlements = []
    for _ in range(draw(st.integers(0, 4))):
        document_id = draw(st.sampled_from([1, 2]))
        if open_[document_id]:
            paid = draw(st.integers(1, open_[document_id]))
            open_[document_id] -= paid
            settlements.append(Settlement(document_id, draw(days), paid))
    spare = [Unallocated(draw(days), draw(cents)) for _ in range(draw(st.integers(0, 2)))]
    return facts, Account(open_, {}, tuple(settlements), tuple(spare)), draw(days)


def verdicts(facts, account, on, bank=None):
    found = judge_promises(promises=facts, account=account, on=on, bank_known_until=bank)
    return {each.promise_id: (each.verdict, each.settled_cents) for each in found}


@given(lives(), st.randoms())
def test_a_verdict_does_not_depend_on_any_order(life, random):
    facts, account, on = life
    shuffled = [list(account.settlements), list(account.unallocated), list(facts)]
    for rows in shuffled:
        random.shuffle(rows)
    again = Account(account.open_cents, {}, tuple(shuffled[0]), tuple(shuffled[1]))
    assert verdicts(facts, account, on) == verdicts(shuffled[2], again, on)


@given(lives())
def test_no_cent_counts_twice(life):
    facts, account, on = life
    found = verdicts(facts, account, on)
    came = sum(each.amount_cents for each in (*account.settlements, *account.unallocated))
    assert sum(settled for _, settled in found.values()) <= came
    for fact in facts:
        verdict, settled = found[fact.promise_id]
        assert 0 <= settled <= fact.amount_cents
        assert (verdict == "kept") == (settled == fact.amount_cents)
        if on <= fact.last_day and verdict != "kept":
            assert verdict == "open"


@given(lives(), days)
def test_nobody_is_accused_before_the_bank_is_known(life, bank):
    facts, account, on = life
    for fact in facts:
        verdict, _ = verdicts(facts, account, on, bank)[fact.promise_id]
        if verdict in ("broken", "partly"):
            assert on > fact.last_day
            assert bank >= fact.last_day


@given(lives())
def test_taking_a_receipt_back_never_mends_a_promise(life):
    facts, account, on = life
    if not account.settlements:
        return
    gone = account.settlements[0]
    without = Account(
        account.open_cents | {gone.document_id: account.open_cents[gone.document_id] + gone.amount_cents},
        {},
        account.settlements[1:],
        account.unallocated,
    )
    before, after = verdicts(facts, account, on), verdicts(facts, without, on)
    assert sum(settled for _, settled in after.values()) <= sum(settled for _, settled in before.values())


@given(
    st.lists(st.tuples(st.integers(1, 9), cents), min_size=1, max_size=5),
    st.lists(st.tuples(days, cents), max_size=5), st.sampled_from(["all_due", "missed_due"]), days, st.integers(0, 500),
)  # fmt: skip
def test_a_plan_is_broken_only_by_an_instalment_that_is_missing(parts, money, when_broken, on, interest):
    day, instalments = START, []
    for gap, amount in parts:
        day += timedelta(days=gap)
        instalments.append(Part(day, amount))
    planned = max(sum(part.amount_cents for part in instalments) - interest, 1)
    paid, settlements = 0, []
    for when, amount in money:
        amount = min(amount, planned - paid)
        paid += amount
        if amount:
            settlements.append(Settlement(1, when, amount))
    plan = PlanFacts(7, START, 3, when_broken, tuple(instalments), (PlannedDocument(1, planned, 0),))
    account = Account({1: planned - paid}, {}, tuple(settlements))
    judged = judge_plan(plan=plan, account=account, on=on, bank_known_until=None)
    assert 0 <= judged.settled_cents <= planned
    asked = dict(asked_by_day(plan))
    assert max(asked.values()) <= planned
    if judged.verdict == "broken":
        assert judged.missed_date is not None
        assert on > judged.missed_date + timedelta(days=3)
        in_time = settled_cents(plan=plan, account=account, until=judged.missed_date + timedelta(days=3))
        assert in_time < asked[judged.missed_date]
    if judged.verdict == "kept":
        assert judged.settled_cents == planned
    left = instalments_left(instalments=instalments, settled=judged.settled_cents)
    assert sum(cents for _, cents in left) == sum(p.amount_cents for p in instalments) - judged.settled_cents


@given(
    st.lists(cents, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.none() | st.integers(0, 80_000), st.none() | days, st.sampled_from(["dispute", "plan"])),
        max_size=3,
    ),
    days,
    st.none() | days,
)
def test_what_is_held_of_a_document_is_exactly_what_its_cases_concern(opens, cases, on, bank):
    rows = pl.DataFrame(
        [
            {"document_id": 1, "position": rank, "customer_id": 1, "currency": "EUR",
             "due_date": START + timedelta(days=rank), "open_cents": each}
            for rank, each in enumerate(opens)
        ],
        schema=RECEIVABLES,
    )  # fmt: skip
    frame = pl.DataFrame(
        [(1, kind, held, until, '{"code": "dunning.disputed", "params": {}}') for held, until, kind in cases],
        schema=CASES,
        orient="row",
    )
    found = held_by_cases(rows=rows, cases=frame, on=on, bank_known_until=bank)
    active = [
        held for held, until, _ in cases
        if until is None or until >= on or (bank is not None and bank < until)
    ]  # fmt: skip
    wanted = sum(opens) if None in active else min(sum(active), sum(opens))
    assert found["case_cents"].sum() == wanted
    assert (found["case_cents"] <= found["open_cents"]).all()
    # the earliest first: those are the ones that would be reminded
    left = [row["open_cents"] - row["case_cents"] for row in found.sort("due_date").iter_rows(named=True)]
    first_left = next((rank for rank, each in enumerate(left) if each), len(left))
    assert all(each == opens[rank] for rank, each in enumerate(left) if rank > first_left)
