"""Whatever happens, entries balance, VAT loses no cent, letterings sum to zero."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from encours.core.accounting.accounts import Accounts
from encours.core.accounting.booking import TO_BOOK, VAT_LINES, booked
from encours.core.accounting.lettering import (
    LINES,
    LINKS,
    code_of,
    code_rank,
    complete,
    grouped,
    partial,
    to_reopen,
    with_codes,
)
from encours.core.accounting.transfers import POSITIONS, allowance_cents, transfers
from encours.core.accounting.vat import Step, VatShare, shares, vat_on_receipts

CENTS = st.integers(1, 10**9)
RATES = st.lists(
    st.builds(VatShare, st.sampled_from([2000, 1000, 550, 210]), st.integers(1, 10**7), st.integers(0, 2 * 10**6)),
    min_size=1, max_size=4, unique_by=lambda share: share.rate_basis_points,
)  # fmt: skip
KINDS = (
    "invoiced",
    "credited",
    "paid",
    "refunded",
    "written_off",
    "discount",
    "bank_fee",
    "rounding_difference",
)


@st.composite
def movements(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame, Accounts]:
    rows, vat = [], []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        kind = draw(st.sampled_from(KINDS))
        of = draw(RATES | st.just([]))
        vat += [(number, share.rate_basis_points, share.base_cents, share.tax_cents) for share in of]
        known = draw(st.booleans())
        rows.append(
            {
                "movement_id": number,
                "kind": kind,
                "is_reversal": draw(st.booleans()),
                "amount_cents": draw(CENTS) * draw(st.sampled_from([1, -1])),
                "booked_date": date(2026, 1, draw(st.integers(1, 28))),
                "entry_date": date(2026, 2, 1),
                "customer_id": 1,
                "auxiliary": "C1",
                "auxiliary_name": "Dubois",
                "document_id": None if kind in ("paid", "refunded") else number,
                "payment_id": number if kind in ("paid", "refunded") else None,
                "document_type": draw(st.sampled_from(["invoice", "credit_note", "deposit"])),
                "reference": f"F-{number}",
                "bank": draw(st.sampled_from(["", "FR76"])),
                "net_cents": draw(CENTS) if known else None,
                "tax_cents": draw(CENTS) if known else None,
                "before_cents": draw(st.integers(0, 10**6)),
            }
        )
    accounts = Accounts(
        recover_vat_on_write_off=draw(st.booleans()),
        discount_lowers_vat=draw(st.booleans()),
        vat_by_rate={"550": "445712"},
    )
    return pl.DataFrame(rows, schema=TO_BOOK), pl.DataFrame(vat, schema=VAT_LINES, orient="row"), accounts


@given(movements())
def test_every_entry_balances_and_says_on_the_account_what_the_ledger_says(given_rows):
    rows, vat, accounts = given_rows
    lines = booked(movements=rows, vat=vat, accounts=accounts)
    assert lines.group_by("entry").agg(pl.col("cents").sum())["cents"].eq(0).all()
    assert lines["cents"].ne(0).all()
    on_account = lines.filter(pl.col("role") == "receivable")
    assert dict(on_account.select("movement_id", "cents").iter_rows()) == dict(
        rows.select("movement_id", "amount_cents").iter_rows()
    )
    assert on_account["auxiliary"].eq("C1").all()
    assert lines.filter(pl.col("role") != "receivable")["auxiliary"].eq("").all()


@given(RATES, st.integers(0, 10**9))
def test_shares_of_an_amount_sum_to_it(of, amount):
    found = shares(amount, of)
    assert sum(share.base_cents + share.tax_cents for share in found) == amount
    assert [share.rate_basis_points for share in found] == [share.rate_basis_points for share in of]


@given(RATES, st.data())
def test_vat_on_receipts_loses_no_cent_in_any_order_of_parts_taken_and_given(of, data):
    """Parts of an invoice are settled and taken back at will; in the end all of it is settled."""
    total = sum(share.base_cents + share.tax_cents for share in of)
    left, in_force, steps = total, {}, []
    for number in range(data.draw(st.integers(0, 8))):
        if in_force and data.draw(st.booleans()):
            undone = data.draw(st.sampled_from(sorted(in_force)))
            steps.append(Step(undone, in_force[undone], is_undone=True))
            left += in_force.pop(undone)
        elif left:
            in_force[number] = data.draw(st.integers(1, left))
            left -= in_force[number]
            steps.append(Step(number, in_force[number]))
    if left:
        steps.append(Step(99, left))
    told = vat_on_receipts(of=of, steps=steps)
    given_shares = {}
    for step, found in zip(steps, told, strict=True):
        sign = -1 if step.is_undone else 1
        assert sum(share.base_cents + share.tax_cents for share in found) == sign * step.amount_cents
        if step.is_undone:
            assert found == tuple(-share for share in given_shares[step.allocation_id])
        given_shares[step.allocation_id] = found
    for place, share in enumerate(of):
        assert sum(found[place].base_cents for found in told) == share.base_cents
        assert sum(found[place].tax_cents for found in told) == share.tax_cents


def test_a_document_without_vat_has_no_shares():
    assert vat_on_receipts(of=[], steps=[Step(1, 100)]) == [()]


NODES = st.sampled_from(["d1", "d2", "d3", "d4", "p1", "p2", "p3"])


@given(
    st.lists(st.tuples(NODES, st.integers(-5, 5).filter(bool), st.booleans()), min_size=1, max_size=20),
    st.lists(st.tuples(NODES, NODES), max_size=8),
)
def test_lettering_is_of_whole_groups_and_sums_to_zero(lines, pairs):
    frame = pl.DataFrame(
        [(rank, node, "C1", cents, date(2026, 1, 1), lettered, False) for rank, (node, cents, lettered) in enumerate(lines)],
        schema=LINES, orient="row",
    )  # fmt: skip
    found = grouped(frame, pl.DataFrame(pairs, schema=LINKS, orient="row"))
    assert dict(found.select("node", "group").iter_rows()).keys() == {node for node, _, _ in lines}
    assert _partition(found) == _components([node for node, _, _ in lines], pairs)
    whole = with_codes(complete(found), pl.DataFrame(schema={"auxiliary": pl.String, "last_rank": pl.Int64}))
    sums = whole.join(frame, on="line").group_by("code").agg(pl.col("cents").sum(), pl.len())
    assert sums["cents"].eq(0).all()
    assert sums["len"].ge(2).all()
    assert not whole.join(frame.filter("is_lettered"), on="line").height
    assert not whole.join(partial(found), on="line").height


def _partition(found: pl.DataFrame) -> set[frozenset[str]]:
    return {frozenset(nodes) for nodes in found.group_by("group").agg("node")["node"].to_list()}


def _components(nodes: list[str], pairs: list[tuple[str, str]]) -> set[frozenset[str]]:
    """The plain way: join until nothing joins any more, then keep the nodes that have lines."""
    groups = [{node} for node in {*nodes, *(end for pair in pairs for end in pair)}]
    for one, two in pairs:
        joined = [group for group in groups if one in group or two in group]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return {frozenset(group & set(nodes)) for group in groups if group & set(nodes)}


def test_a_long_chain_is_one_group():
    chain = [f"d{rank:05}" for rank in range(3_000)]
    links = pl.DataFrame(list(zip(chain, chain[1:], strict=False)), schema=LINKS, orient="row")
    lines = pl.DataFrame(
        [(rank, node, "C1", 1, date(2026, 1, 1), False, False) for rank, node in enumerate(chain)],
        schema=LINES, orient="row",
    )  # fmt: skip
    assert grouped(lines, links)["group"].n_unique() == 1


def test_what_is_opened_again_lies_where_the_money_is():
    """One receipt of 3 for two invoices of 1 and 2; the second is taken back."""
    lines = pl.DataFrame(
        [(1, "d1", "C1", 1, None, True, False), (2, "d2", "C1", 2, None, True, False), (3, "p1", "C1", -3, None, True, False)],
        schema=LINES, orient="row",
    )  # fmt: skip
    links = pl.DataFrame([("d1", "p1")], schema=LINKS, orient="row")
    assert to_reopen(grouped(lines, links)).rows() == [("d2", "C1", 2), ("p1", "C1", -2)]
    both = pl.DataFrame([("d1", "p1"), ("d2", "p1")], schema=LINKS, orient="row")
    assert to_reopen(grouped(lines, both)).is_empty()


@given(st.integers(1, 10**6))
def test_codes_count_on(rank):
    assert code_rank(code_of(rank)) == rank


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["doubtful", "allowance", "advance"]), st.integers(-9, 9), st.integers(-9, 9)
        )
    )
)
def test_transfers_balance_and_bring_each_account_to_what_is_wanted(wanted):
    positions = pl.DataFrame(
        [(purpose, 1, "C1", "Dubois", rank, None, f"F-{rank}", goal, present) for rank, (purpose, goal, present) in enumerate(wanted)],
        schema=POSITIONS, orient="row",
    )  # fmt: skip
    lines = transfers(positions=positions, on=date(2026, 1, 31), accounts=Accounts())
    assert lines.group_by("entry").agg(pl.col("cents").sum())["cents"].eq(0).all()
    moved = {
        (role, key): cents for role, key, cents in lines.select("role", "document_id", "cents").iter_rows()
    }
    for rank, (purpose, goal, present) in enumerate(wanted):
        assert moved.get((purpose, rank), 0) == goal - present


def test_an_allowance_is_of_what_is_open_without_vat():
    assert (
        allowance_cents(open_cents=6_000, payable_cents=12_000, tax_cents=2_000, basis_points=10_000)
        == -5_000
    )
    assert (
        allowance_cents(open_cents=6_000, payable_cents=12_000, tax_cents=None, basis_points=2_500) == -1_500
    )
