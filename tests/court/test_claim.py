"""What is claimed is what the ledger has, plus interest that adds up line by line, plus 40 EUR per invoice: to the cent."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from encours.core.court_files.claim import Credit, Waiver, claim_of
from encours.core.interest import INDEMNITY_CENTS, InterestTerms
from tests.court.cases import ON, debt

COMPANY = InterestTerms("company")
JAN_31 = date(2026, 1, 31)


def test_a_part_payment_bears_interest_until_it_came():
    claim = claim_of(debts=[debt(paid=((date(2026, 3, 2), 40_000),))], credits=[], on=ON, terms=COMPANY)
    [part] = claim.parts
    assert [
        (piece.span.from_date, piece.span.until_date, piece.principal_cents) for piece in part.pieces
    ] == [
        (date(2026, 2, 1), date(2026, 3, 2), 100_000),
        (date(2026, 3, 3), ON, 60_000),
    ]
    # 100,000 x 12.15 % x 30 / 365, and 60,000 x 12.15 % x 74 / 365
    assert [piece.interest_cents for piece in part.pieces] == [999, 1_478]
    assert (claim.principal_cents, claim.indemnity_cents, claim.total_cents) == (60_000, 4_000, 66_477)


def test_a_credit_note_was_never_owed():
    whole = claim_of(debts=[debt(cents=60_000)], credits=[], on=ON, terms=COMPANY)
    credited = claim_of(debts=[debt(reduced=40_000)], credits=[], on=ON, terms=COMPANY)
    assert credited.total_cents == whole.total_cents


def test_instalments_not_due_are_not_claimed_and_the_indemnity_is_one_per_invoice():
    split = debt(
        cents=90_000, parts=((JAN_31, 30_000), (date(2026, 2, 28), 30_000), (date(2026, 9, 30), 30_000)),
        paid=((date(2026, 2, 10), 30_000),),
    )  # fmt: skip
    claim = claim_of(debts=[split], credits=[], on=ON, terms=COMPANY)
    assert [(part.part.position, part.principal_cents) for part in claim.parts] == [(2, 30_000)]
    assert claim.indemnity_cents == INDEMNITY_CENTS


def test_credit_of_the_customer_settles_the_oldest_first():
    older, newer = debt(1, "FA-1", cents=10_000), debt(2, "FA-2", cents=10_000, due=date(2026, 3, 31))
    credits = [Credit("Avoir AV-1", 4_000), Credit("Règlement", 9_000, date(2026, 4, 1))]
    claim = claim_of(debts=[newer, older], credits=credits, on=ON, terms=COMPANY)
    assert [part.debt.number for part in claim.covered] == ["FA-1"]
    assert [(part.debt.number, part.principal_cents) for part in claim.parts] == [("FA-2", 7_000)]


def test_interest_ends_where_rates_end_and_nothing_is_made_up():
    later = debt(2, "FA-2", due=date(2026, 7, 15))
    claim = claim_of(debts=[debt(), later], credits=[], on=date(2026, 11, 20), terms=COMPANY)
    first, second = claim.parts
    assert first.interest_until == date(2026, 6, 30)
    assert max(piece.span.until_date for piece in first.pieces) == date(2026, 6, 30)
    assert (second.pieces, second.interest_until, second.unknown_half) == ((), None, (2026, 2))
    assert claim.unknown_halves == ((2026, 2),)
    assert claim.principal_cents == 200_000


def test_a_consumer_owes_neither_penalties_nor_indemnity():
    claim = claim_of(debts=[debt()], credits=[], on=ON, terms=InterestTerms("person"))
    assert (claim.total_cents, claim.interest_until) == (100_000, None)


def test_days_given_up_are_not_claimed_again():
    waiver = Waiver(1, 0, date(2026, 2, 1), date(2026, 3, 2), with_indemnity=True)
    claim = claim_of(debts=[debt()], credits=[], on=ON, terms=COMPANY, waivers=[waiver])
    [piece] = claim.parts[0].pieces
    assert (piece.span.from_date, piece.span.until_date) == (date(2026, 3, 3), ON)
    assert claim.indemnity_cents == 0


@st.composite
def debts(draw: st.DrawFn):
    count = draw(st.integers(1, 5))
    found = []
    for id_ in range(1, count + 1):
        cents = draw(st.integers(1, 500_000))
        due = draw(st.dates(date(2024, 1, 1), date(2026, 6, 30)))
        reduced = draw(st.integers(0, cents - 1))
        left = cents - reduced
        paid = []
        for _ in range(draw(st.integers(0, 3))):
            share = draw(st.integers(0, left - 1))
            if share:
                paid.append((due + timedelta(days=draw(st.integers(-40, 200))), share))
                left -= share
        cut = draw(st.integers(1, cents - 1)) if cents > 1 and draw(st.booleans()) else 0
        parts = ((due, cut), (due + timedelta(days=45), cents - cut)) if cut else ()
        found.append(
            debt(id_, f"FA-{id_}", cents=cents, due=due, paid=tuple(paid), reduced=reduced, parts=parts)
        )
    return found


@given(
    debts(),
    st.lists(st.tuples(st.integers(1, 300_000), st.none() | st.dates(date(2024, 1, 1), ON)), max_size=3),
)
def test_the_sums_are_the_ledger_less_credit_plus_interest_to_the_cent(owed, given_credits):
    credits = [Credit("avoir", cents, day) for cents, day in given_credits]
    claim = claim_of(debts=owed, credits=credits, on=ON, terms=COMPANY)
    due_cents = sum(
        max(0, min(debt.open_cents, sum(part.amount_cents for part in debt.parts if part.due_date < ON) - (debt.payable_cents - debt.open_cents)))
        for debt in owed
    )  # fmt: skip
    taken = min(due_cents, sum(credit.cents for credit in credits))
    assert claim.principal_cents == due_cents - taken
    assert claim.interest_cents == sum(piece.interest_cents for part in claim.parts for piece in part.pieces)
    assert claim.total_cents == claim.principal_cents + claim.interest_cents + 4_000 * len(claim.document_ids)
    for part in claim.parts:
        # what bore interest last is what is claimed, unless the money came after the day of the computation
        if part.pieces and all(payment.date < ON for payment in part.payments):
            assert part.pieces[-1].principal_cents == part.principal_cents
