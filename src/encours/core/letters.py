"""What a letter to a customer says, before it has a shape: facts, sums, sections. One value for e-mail and PDF."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from encours.core.interest import (
    INDEMNITY_CENTS,
    Debtor,
    Interest,
    UnableToComputeInterest,
    late_interest,
)

Section = Literal["formal", "overdue", "upcoming"]
SECTIONS: tuple[Section, ...] = ("formal", "overdue", "upcoming")

# Days a formal notice leaves to pay: eight is what the practice holds for short, fifteen for generous.
DAYS_TO_PAY = 8


@dataclass(frozen=True)
class Party:
    """Creditor or debtor as printed."""

    name: str
    legal_form: str = ""
    siren: str = ""
    vat_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    email: str = ""
    phone: str = ""
    kind: Debtor = "company"
    code: str = ""


@dataclass(frozen=True)
class LetterLine:
    """A receivable. `balance_cents` is its open amount, `asked_cents` what is left once credits are deducted."""

    number: str
    type: str
    issue_date: date
    due_date: date
    amount_cents: int
    balance_cents: int
    asked_cents: int
    section: Section
    position: int = 0
    interest: Interest | None = None  # None: no rate is known, or none is owed
    indemnity_cents: int = 0


@dataclass(frozen=True)
class StatementLine:
    """An open document of the statement of account, credit notes and receipts as negative balances."""

    label: str
    kind: str  # invoice, deposit, credit_note, receipt
    issue_date: date
    due_date: date | None
    amount_cents: int
    balance_cents: int


@dataclass(frozen=True)
class Letter:
    """Everything a reminder and its statement of account say."""

    reference: str
    template: str
    language: str
    on: date
    currency: str
    creditor: Party
    debtor: Party
    contact_name: str
    iban: str
    account_holder: str
    lines: tuple[LetterLine, ...]
    statement: tuple[StatementLine, ...] = field(default=())

    @property
    def leading(self) -> Section:
        """What the letter is about: a notice if anything is under it, else what is late, else what comes."""
        sections = {line.section for line in self.lines}
        return next(name for name in SECTIONS if name in sections)

    def of_section(self, section: Section) -> tuple[LetterLine, ...]:
        return tuple(line for line in self.lines if line.section == section)

    @property
    def asked_cents(self) -> int:
        """What the letter asks to pay: credits deducted, interest and indemnity apart. Documents that it mentions
        beside its subject (what is not yet due, in a reminder) are not in it."""
        return sum(line.asked_cents for line in self.of_section(self.leading))

    @property
    def statement_cents(self) -> int:
        """The customer's whole balance in this currency."""
        return sum(line.balance_cents for line in self.statement)

    @property
    def pay_before(self) -> date:
        return self.on + timedelta(days=DAYS_TO_PAY)

    @property
    def interest_cents(self) -> int | None:
        """None when a rate is missing for a line that owes interest: a sum that is not whole is not told."""
        owed = [line.interest for line in self.of_section("formal")]
        if any(interest is None for interest in owed):
            return None
        return sum(interest.cents for interest in owed if interest is not None)

    @property
    def indemnity_cents(self) -> int:
        return sum(line.indemnity_cents for line in self.lines)


def section_of(*, template: str, due_date: date, on: date) -> Section:
    """Where a line stands: under the formal notice itself, late, or not yet due."""
    if due_date >= on:
        return "upcoming"
    return "formal" if template == "formal_notice" else "overdue"


def interest_or_nothing(*, amount_cents: int, due_date: date, on: date, debtor: Debtor) -> Interest | None:
    """Interest so far; None when the rate of a half-year is not known, so that the law is cited without an amount."""
    try:
        return late_interest(amount_cents=amount_cents, due_date=due_date, on=on, debtor=debtor)
    except UnableToComputeInterest:
        return None


def indemnity_cents(*, currency: str, debtor: Debtor, seen: Collection[str], number: str) -> int:
    """40 EUR once per invoice, whatever its instalments; none from a consumer, none in another currency."""
    once = number not in seen
    return INDEMNITY_CENTS if debtor != "person" and currency == "EUR" and once else 0


def grouped_iban(iban: str) -> str:
    """
    >>> grouped_iban("FR7630004000031234567890143")
    'FR76 3000 4000 0312 3456 7890 143'
    """
    bare = "".join(iban.split())
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))
