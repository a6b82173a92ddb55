"""Late interest as an accrual: what a receivable has borne by a day, less what was claimed or waived already.

Paying the principal ends the days that bear interest, not the interest: what has accrued stays owed until somebody claims
or waives it. The days of a claim or a waiver are decided once; the next one begins the day after.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from encours.core.interest import (
    INDEMNITY_CENTS,
    Imputation,
    InterestPiece,
    InterestTerms,
    PartPayment,
    interest_cents,
    late_interest,
)

State = Literal["accrued", "claimed", "waived"]


@dataclass(frozen=True)
class LateReceivable:
    """A receivable in euros whose due date has passed, with what settled it and when. `open_cents` is what the ledger has
    left; `amount_cents` what fell due."""

    document_id: int
    position: int
    number: str
    due_date: date
    amount_cents: int
    open_cents: int
    payments: tuple[PartPayment, ...] = ()


@dataclass(frozen=True)
class DecidedInterest:
    """What was claimed or waived of a receivable."""

    document_id: int
    position: int
    to_date: date
    interest_cents: int
    indemnity_cents: int
    state: State


@dataclass(frozen=True)
class Accrual:
    """What has accrued on a receivable since it was last decided on, line by line; `claimed_cents` is what was claimed
    before and not waived, interest and indemnity apart. The indemnity is due once per document."""

    receivable: LateReceivable
    from_date: date
    to_date: date
    pieces: tuple[InterestPiece, ...]
    indemnity_cents: int
    claimed_interest_cents: int = 0
    claimed_indemnity_cents: int = 0

    @property
    def interest_cents(self) -> int:
        return sum(piece.interest_cents for piece in self.pieces)

    @property
    def is_new(self) -> bool:
        return bool(self.interest_cents or self.indemnity_cents)


def accruals(
    *,
    receivables: Iterable[LateReceivable],
    decided: Iterable[DecidedInterest],
    on: date,
    terms: InterestTerms,
    imputation: Imputation,
) -> list[Accrual]:
    """What each receivable bore until `on`, included; those that bore nothing, and owe nothing claimed, are left out.

    Raises `UnableToComputeInterest` when the rate of a half-year that counts is not known.
    """
    if terms.debtor == "person":
        return []
    known: dict[tuple[int, int], list[DecidedInterest]] = {}
    indemnified: set[int] = set()
    for each in decided:
        known.setdefault((each.document_id, each.position), []).append(each)
        if each.indemnity_cents:
            indemnified.add(each.document_id)
    found = []
    for receivable in receivables:
        before = known.get((receivable.document_id, receivable.position), [])
        accrual = _accrual(receivable, before, on, terms, imputation)
        if receivable.document_id in indemnified or not _was_late(receivable, on):
            accrual = replace(accrual, indemnity_cents=0)
        indemnified |= {receivable.document_id} if accrual.indemnity_cents else set()
        if accrual.is_new or accrual.claimed_interest_cents or accrual.claimed_indemnity_cents:
            found.append(accrual)
    return found


def indemnities(
    *, receivables: Iterable[LateReceivable], decided: Iterable[DecidedInterest], on: date
) -> list[Accrual]:
    """The indemnities alone, where the rate of a half-year is not known and no interest can be told."""
    known = list(decided)
    indemnified = {each.document_id for each in known if each.indemnity_cents}
    claimed = {each.document_id for each in known if each.indemnity_cents and each.state == "claimed"}
    found = []
    for receivable in receivables:
        if not _was_late(receivable, on):
            continue
        due_date, document_id = receivable.due_date, receivable.document_id
        is_new, was_claimed = document_id not in indemnified, document_id in claimed
        if is_new or was_claimed:
            cents = INDEMNITY_CENTS
            found.append(
                Accrual(
                    receivable, due_date, due_date, (), cents if is_new else 0,
                    claimed_indemnity_cents=cents if was_claimed else 0,
                )
            )  # fmt: skip
        indemnified.add(document_id)
        claimed.discard(document_id)
    return found


def settled_in_order(
    *, instalments: Sequence[LateReceivable], payments: Iterable[PartPayment]
) -> list[LateReceivable]:
    """Instalments of one document, each with what settled it: money settles the earliest first, as the ledger has it."""
    left = [(payment.date, payment.cents) for payment in sorted(payments, key=lambda each: each.date)]
    found = []
    for part in sorted(instalments, key=lambda each: (each.due_date, each.position)):
        missing, taken = part.amount_cents, []
        while missing and left:
            day, cents = left[0]
            used = min(missing, cents)
            taken.append(PartPayment(day, used))
            missing -= used
            left = [(day, cents - used), *left[1:]] if cents > used else left[1:]
        found.append(replace(part, payments=tuple(taken)))
    return found


def _accrual(
    receivable: LateReceivable,
    decided: Sequence[DecidedInterest],
    on: date,
    terms: InterestTerms,
    imputation: Imputation,
) -> Accrual:
    since = max((each.to_date for each in decided), default=receivable.due_date)
    claimed = [each for each in decided if each.state == "claimed"]
    payments = [each for each in receivable.payments if each.date <= on]
    # what interest took of the last payment bears none itself: an invoice that is paid is paid
    if sum(each.cents for each in payments) == receivable.amount_cents:
        on = min(on, max(each.date for each in payments))
    pieces: tuple[InterestPiece, ...] = ()
    if on > since:
        computed = late_interest(
            principal_cents=receivable.amount_cents,
            due_date=receivable.due_date,
            on=on,
            terms=terms,
            payments=payments,
            imputation=imputation,
        )
        pieces = tuple(_after(since, computed.pieces))
    return Accrual(
        receivable,
        from_date=pieces[0].span.from_date if pieces else receivable.due_date,
        to_date=pieces[-1].span.until_date if pieces else receivable.due_date,
        pieces=pieces,
        indemnity_cents=INDEMNITY_CENTS,
        claimed_interest_cents=sum(each.interest_cents for each in claimed),
        claimed_indemnity_cents=sum(each.indemnity_cents for each in claimed),
    )


def _after(since: date, pieces: Iterable[InterestPiece]) -> Iterable[InterestPiece]:
    """The pieces of the days after one day, the first of them cut where it begins."""
    for piece in pieces:
        if piece.span.until_date <= since or not piece.principal_cents:
            continue
        span = replace(piece.span, from_date=max(piece.span.from_date, since + timedelta(days=1)))
        cents = (
            piece.interest_cents
            if span == piece.span
            else interest_cents(amount_cents=piece.principal_cents, spans=[span])
        )
        yield InterestPiece(span, piece.principal_cents, cents)


def _was_late(receivable: LateReceivable, on: date) -> bool:
    """Whether anything was unpaid on the first day late (D441-5)."""
    in_time = sum(each.cents for each in receivable.payments if each.date <= receivable.due_date)
    return receivable.due_date < on and in_time < receivable.amount_cents
