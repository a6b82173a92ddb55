"""What follows from a debit the payer's bank refused or gave back, by its reason; and which line of a statement a file's credit is.

Reasons are those of the SEPA direct-debit rulebooks (EPC016-06 and EPC222-07, annexes on R-transactions), in the external code
set of ISO 20022.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.core.wording import Wording

_GROUPS = {
    # may pass by itself: presented once more
    LATER: frozenset({"AM04", "MS03", "ED05", "TM01", "NOAS"}),
    # no debit by this mandate will ever go through
    NEVER: frozenset(
        {"AC01", "AC04", "AC06", "AC13", "AG01", "MD01", "MD07", "SL01", "DNOR", "RC01", "BE01", "FRAD"}
    ),
    # the customer refused it, or asked for its money: somebody talks to the customer before anything is debited again
    CUSTOMER: frozenset({"MD06", "MS02", "SL11", "SL12", "SL13", "SL14", "CUST", "FOCR"}),
}
# how early and late a bank credits a collection, in days
_EARLY_DAYS, _LATE_DAYS = 2, 10
# credits of direct debits: families of ISO 20022 bank transaction codes, CFONB operation codes
_CODES = ("-IDDT-", "-RDDT-")
_CFONB_CODES = frozenset({"A1", "A2"})
_WORDS = (("REMISE", "PRELEV"), ("REMISE", "PRLV"), ("REM", "SDD"), ("REMISE", "SEPA"))

REFUSED = Wording(
    "direct_debit.refused",
    fr="La banque du client a refusé le prélèvement : {why}.",
    en="The customer's bank refused the debit: {why}.",
)
CAME_BACK = Wording(
    "direct_debit.came_back",
    fr="Le prélèvement est revenu de la banque du client : {why}.",
    en="The debit came back from the customer's bank: {why}.",
)


def failure_group(reason: str) -> str:
    """One of `core.payments.failures.GROUPS`. What nobody knows is ours to look at: nothing is tried again blindly.

    >>> failure_group("AM04"), failure_group("MD01"), failure_group("MD06"), failure_group("BE05")
    ('later', 'never', 'customer', 'ours')
    """
    code = reason.strip().upper()
    return next((group for group, codes in _GROUPS.items() if code in codes), OURS)


@dataclass(frozen=True)
class AwaitedCredit:
    """What a bank may credit in one sum: a batch, or all of a file (`payout_ids`). Its whole, or less what was refused."""

    payout_ids: tuple[int, ...]
    names: tuple[str, ...]  # ids that stand in the file
    amounts: tuple[int, ...]  # cents it may be
    collection_date: date


@dataclass(frozen=True)
class CreditLine:
    """A line that waits; `text` is all it says, in capitals."""

    line_id: int
    amount_cents: int
    booked_date: date
    operation_code: str
    text: str

    @property
    def is_of_debits(self) -> bool:
        """Whether the bank says that it credits direct debits, though not which."""
        return (
            any(code in f"-{self.operation_code}-" for code in _CODES)
            or self.operation_code in _CFONB_CODES
            or any(all(word in self.text for word in words) for words in _WORDS)
        )


def credited(
    awaited: Sequence[AwaitedCredit], lines: Sequence[CreditLine]
) -> list[tuple[AwaitedCredit, CreditLine]]:
    """Which line credits what. A line that names a batch or file first, then one that is of debits and of the right sum
    and day; each line and each payout once."""
    found: list[tuple[AwaitedCredit, CreditLine]] = []
    taken: set[int] = set()
    used: set[int] = set()
    ordered = sorted(awaited, key=lambda each: (each.collection_date, each.payout_ids))
    for by_name in (True, False):
        for each in ordered:
            if not taken.isdisjoint(each.payout_ids):
                continue
            line = _line_of(each, [line for line in lines if line.line_id not in used], by_name=by_name)
            if line is not None:
                found.append((each, line))
                taken |= set(each.payout_ids)
                used.add(line.line_id)
    return found


def _line_of(each: AwaitedCredit, lines: Sequence[CreditLine], *, by_name: bool) -> CreditLine | None:
    for cents in each.amounts:
        for line in sorted(lines, key=lambda line: (line.booked_date, line.line_id)):
            late = (line.booked_date - each.collection_date).days
            if line.amount_cents != cents or not -_EARLY_DAYS <= late <= _LATE_DAYS:
                continue
            if any(name in line.text for name in each.names) if by_name else line.is_of_debits:
                return line
    return None
