"""What a customer owes, as it is shown to the customer: line by line, what can be paid of it, and since when it is late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from encours.core.metrics import bucket_of, bucket_ranges
from encours.core.money import Money
from encours.core.wording import Sentence, Wording

State = Literal["pending", "disputed", "planned", "promised", "overdue", "upcoming"]

TOO_LITTLE = Wording(
    "part_payment.too_little",
    fr="Un paiement partiel est d’au moins {least}.",
    en="A part payment is of {least} at least.",
)
TOO_MUCH = Wording(
    "part_payment.too_much",
    fr="C’est plus que ce qui reste à payer : {most}.",
    en="This is more than what is left to pay: {most}.",
)


class UnableToPayPart(Exception):
    """`sentence` says which limit the amount is beyond."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class OwedLine:
    """A document, or an instalment of it, that is not settled. `pending_cents` is on its way through a payment service."""

    document_id: int
    position: int  # instalment, 0 for the whole document
    number: str
    type: str  # invoice or deposit
    issue_date: date
    due_date: date
    currency: str
    amount_cents: int
    open_cents: int
    pending_cents: int = 0
    disputed_cents: int = 0
    promised_date: date | None = None
    is_planned: bool = False  # in a payment plan that runs
    has_original: bool = False  # the invoice itself can be downloaded
    payment_reference: str = ""  # what its payer was asked to quote

    @property
    def key(self) -> str:
        """How forms name it: amounts are never in them."""
        return f"{self.document_id}:{self.position}"

    @property
    def payable_cents(self) -> int:
        """What can be paid now: a customer may pay what it contests, and earlier than it promised."""
        return max(0, self.open_cents - self.pending_cents)

    def days_late(self, on: date) -> int:
        return max(0, (on - self.due_date).days)

    def state(self, on: date) -> State:
        """The one thing to say of it first."""
        if not self.payable_cents:
            return "pending"
        if self.disputed_cents:
            return "disputed"
        if self.is_planned:
            return "planned"
        if self.promised_date is not None and self.promised_date >= on:
            return "promised"
        return "overdue" if self.due_date < on else "upcoming"


@dataclass(frozen=True)
class Portion:
    """What is paid of a line; `amount_cents` None for all that is open when it is paid."""

    document_id: int
    position: int
    amount_cents: int | None


@dataclass(frozen=True)
class Ageing:
    """A part of the debt by how late it is: `code` not_due, 1_30, 31_60, 61_90 or 91_plus."""

    code: str
    amount_cents: int


@dataclass(frozen=True)
class OwedInCurrency:
    """All a customer owes in one currency. `credit_cents` is in the customer's favour: receipts and credit notes that no
    document took."""

    currency: str
    lines: tuple[OwedLine, ...]  # by due date
    credit_cents: int

    @property
    def open_cents(self) -> int:
        return sum(line.open_cents for line in self.lines)

    @property
    def balance_cents(self) -> int:
        return self.open_cents - self.credit_cents

    @property
    def pending_cents(self) -> int:
        return sum(min(line.pending_cents, line.open_cents) for line in self.lines)

    @property
    def disputed_cents(self) -> int:
        return sum(line.disputed_cents for line in self.lines)

    @property
    def payable_cents(self) -> int:
        return sum(line.payable_cents for line in self.lines)

    def overdue_cents(self, on: date) -> int:
        return sum(line.open_cents for line in self.lines if line.due_date < on)

    def upcoming_cents(self, on: date) -> int:
        return sum(line.open_cents for line in self.lines if line.due_date >= on)

    def ageing(self, on: date) -> tuple[Ageing, ...]:
        """In the order of `core.metrics.bucket_ranges`, none left out."""
        sums = dict.fromkeys((code for code, _, _ in bucket_ranges()), 0)
        for line in self.lines:
            sums[bucket_of((on - line.due_date).days)] += line.open_cents
        return tuple(Ageing(code, cents) for code, cents in sums.items())

    @property
    def payable_lines(self) -> tuple[OwedLine, ...]:
        return tuple(line for line in self.lines if line.payable_cents)

    def chosen(self, keys: Iterable[str]) -> tuple[OwedLine, ...]:
        """The lines that forms name and that can be paid; what is not the customer's, or settled meanwhile, is not there."""
        wanted = set(keys)
        return tuple(line for line in self.lines if line.key in wanted and line.payable_cents)


def portions_of(
    *, lines: Sequence[OwedLine], part_cents: int | None, min_part_cents: int, currency: str
) -> tuple[Portion, ...]:
    """What a payment of these lines pays: all of each, or a part of their sum laid on the earliest due first, as the law
    does for a debtor who says nothing (Code civil, art. 1342-10). Raises `UnableToPayPart`."""
    whole_cents = sum(line.payable_cents for line in lines)
    if part_cents is None or part_cents == whole_cents:
        return tuple(Portion(line.document_id, line.position, None) for line in lines)
    if part_cents > whole_cents:
        raise UnableToPayPart(TOO_MUCH(most=Money(whole_cents, currency)))
    if part_cents < min(min_part_cents, whole_cents) or part_cents <= 0:
        raise UnableToPayPart(TOO_LITTLE(least=Money(max(1, min_part_cents), currency)))
    left, found = part_cents, []
    for line in sorted(lines, key=lambda each: (each.due_date, each.document_id, each.position)):
        share = min(left, line.payable_cents)
        if share:
            whole = share == line.payable_cents
            found.append(Portion(line.document_id, line.position, None if whole else share))
            left -= share
    return tuple(found)
