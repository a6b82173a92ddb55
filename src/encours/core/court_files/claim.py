"""What is claimed, to the cent: the principal as the ledger has it, interest line by line, the indemnities.

The books settle the principal with every part payment, so interest is computed that way too: what is asked for is the ledger's
balance plus interest, and the debtor is never asked for more than with interest settled first. Credit notes, discounts and
write-offs reduce a debt from the start; money from the day after it came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from encours.core.interest import (
    INDEMNITY_CENTS,
    InterestPiece,
    InterestTerms,
    PartPayment,
    RateSpan,
    UnableToComputeInterest,
    interest_cents,
    late_interest,
)
from encours.core.reference_rates import Half, first_day_of

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """What a document asks for by one day: all of it, or an instalment (`position` from 1)."""

    position: int
    due_date: date
    amount_cents: int


@dataclass(frozen=True)
class Debt:
    """A document with what settled it so far. `reduced_cents` was never to be paid in money: credit notes, discounts,
    write-offs. What is left of `payable_cents` is `open_cents`, the ledger's."""

    document_id: int
    number: str
    type: str
    issue_date: date
    payable_cents: int
    open_cents: int
    parts: tuple[Part, ...]
    payments: tuple[PartPayment, ...] = ()
    reduced_cents: int = 0

    def __post_init__(self) -> None:
        settled = self.reduced_cents + sum(payment.cents for payment in self.payments)
        assert self.payable_cents - settled == self.open_cents, f"{self.number}: movements do not add up"
        assert sum(part.amount_cents for part in self.parts) == self.payable_cents, self.number


@dataclass(frozen=True)
class Credit:
    """Money or a credit note of the customer that no document has taken yet. `day` is None for a credit note."""

    label: str
    cents: int
    day: date | None = None


@dataclass(frozen=True)
class Waiver:
    """Interest of a part of a document that a person gave up, both days included, and its indemnity perhaps."""

    document_id: int
    position: int
    from_date: date
    to_date: date
    with_indemnity: bool = False


@dataclass(frozen=True)
class ClaimedPart:
    """An overdue part with its interest. `interest_until` is the last day counted, None when none could be;
    `unknown_half` is the half-year whose rate is missing, when one is."""

    debt: Debt
    part: Part
    ledger_cents: int  # open, as the ledger has it
    credit_cents: int  # of the customer's credit, taken off here
    payments: tuple[PartPayment, ...]
    pieces: tuple[InterestPiece, ...]
    interest_until: date | None
    unknown_half: Half | None

    @property
    def principal_cents(self) -> int:
        return self.ledger_cents - self.credit_cents

    @property
    def interest_cents(self) -> int:
        return sum(piece.interest_cents for piece in self.pieces)


@dataclass(frozen=True)
class CourtClaim:
    """The sums of a file. The indemnity is one per document, whatever its instalments."""

    parts: tuple[ClaimedPart, ...]
    indemnity_ids: tuple[int, ...]  # documents
    covered: tuple[
        ClaimedPart, ...
    ] = ()  # overdue, and settled by the customer's credit: nothing of them is claimed

    @property
    def principal_cents(self) -> int:
        return sum(part.principal_cents for part in self.parts)

    @property
    def credit_cents(self) -> int:
        return sum(part.credit_cents for part in self.parts)

    @property
    def interest_cents(self) -> int:
        return sum(part.interest_cents for part in self.parts)

    @property
    def indemnity_cents(self) -> int:
        return INDEMNITY_CENTS * len(self.indemnity_ids)

    @property
    def total_cents(self) -> int:
        return self.principal_cents + self.interest_cents + self.indemnity_cents

    @property
    def document_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(part.debt.document_id for part in self.parts))

    @property
    def interest_until(self) -> date | None:
        """The day up to which all interest that could be computed is."""
        return min((part.interest_until for part in self.parts if part.interest_until), default=None)

    @property
    def unknown_halves(self) -> tuple[Half, ...]:
        return tuple(sorted({part.unknown_half for part in self.parts if part.unknown_half}))


def claim_of(
    *,
    debts: Sequence[Debt],
    credits: Sequence[Credit],
    on: date,
    terms: InterestTerms,
    waivers: Sequence[Waiver] = (),
) -> CourtClaim:
    """What is overdue of debts in euros on a day, oldest due date first, less the customer's credit in that order
    (Code civil, art. 1342-10). Interest is never guessed: where a rate is missing it ends the day before, and says so."""
    overdue = sorted(
        (found for debt in debts for found in _overdue(debt, on)),
        key=lambda found: (found.part.due_date, found.debt.number, found.part.position),
    )
    netted = _less_credit(overdue, credits, on)
    claimed = [_with_interest(found, on, terms, waivers) for found in netted if found.principal_cents]
    covered = tuple(found for found in netted if not found.principal_cents)
    waived = {waiver.document_id for waiver in waivers if waiver.with_indemnity}
    owing = terms.debtor != "person"
    ids = dict.fromkeys(part.debt.document_id for part in claimed)
    return CourtClaim(tuple(claimed), tuple(each for each in ids if owing and each not in waived), covered)


def _overdue(debt: Debt, on: date) -> Iterator[ClaimedPart]:
    """The parts a debt still owes, each with its own payments: money settles the earliest first, as the ledger has it."""
    reduction = debt.reduced_cents
    payments = [
        (payment.date, payment.cents) for payment in sorted(debt.payments, key=lambda each: each.date)
    ]
    for part in sorted(debt.parts, key=lambda each: (each.due_date, each.position)):
        taken = min(reduction, part.amount_cents)
        reduction -= taken
        left, own = part.amount_cents - taken, []
        while left and payments:
            day, cents = payments.pop(0)
            used = min(left, cents)
            own.append(PartPayment(day, used))
            left -= used
            if cents > used:
                payments.insert(0, (day, cents - used))
        if left and part.due_date < on:
            yield ClaimedPart(debt, part, left, 0, tuple(own), (), None, None)


def _less_credit(parts: Sequence[ClaimedPart], credits: Iterable[Credit], on: date) -> list[ClaimedPart]:
    """The customer's credit settles the oldest parts: a credit note from the start, money from the day it came."""
    result = list(parts)
    for credit in credits:
        left = credit.cents
        for place, part in enumerate(result):
            taken = min(left, part.principal_cents)
            if taken:
                left -= taken
                paid = (
                    (*part.payments, PartPayment(min(credit.day, on), taken)) if credit.day else part.payments
                )
                result[place] = replace(part, credit_cents=part.credit_cents + taken, payments=paid)
    return result


def _with_interest(
    claimed: ClaimedPart, on: date, terms: InterestTerms, waivers: Sequence[Waiver]
) -> ClaimedPart:
    until, unknown = on, None
    owed_cents = claimed.principal_cents + sum(payment.cents for payment in claimed.payments)
    while True:
        try:
            found = late_interest(
                principal_cents=owed_cents, due_date=claimed.part.due_date, on=until, terms=terms,
                payments=[payment for payment in claimed.payments if payment.date <= until], imputation="principal",
            )  # fmt: skip
        except UnableToComputeInterest as error:
            until, unknown = first_day_of(error.half) - _ONE_DAY, error.half
            if until <= claimed.part.due_date:
                return replace(claimed, unknown_half=unknown)
        else:
            own = [each for each in waivers if (each.document_id, each.position) == (claimed.debt.document_id, claimed.part.position)]  # fmt: skip
            pieces = tuple(kept for piece in found.pieces for kept in _not_waived(piece, own))
            counted = until if terms.debtor != "person" else None
            return replace(claimed, pieces=pieces, interest_until=counted, unknown_half=unknown)


def _not_waived(piece: InterestPiece, waivers: Sequence[Waiver]) -> Iterator[InterestPiece]:
    """The piece, or what days given up leave of it."""
    span = piece.span
    days = [span.from_date + timedelta(days=each) for each in range(span.days)] if waivers else []
    kept = [day for day in days if not any(each.from_date <= day <= each.to_date for each in waivers)]
    if len(kept) == len(days):
        yield piece
        return
    for _, run in groupby(enumerate(kept), key=lambda ranked: ranked[1] - timedelta(days=ranked[0])):
        held = [day for _, day in run]
        shorter = RateSpan(held[0], held[-1], span.rate_basis_points, span.year_days)
        yield InterestPiece(
            shorter,
            piece.principal_cents,
            interest_cents(amount_cents=piece.principal_cents, spans=[shorter]),
        )
