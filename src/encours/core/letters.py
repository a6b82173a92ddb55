"""What a letter to a customer says, before it has a shape: facts, sums, sections. One value for e-mail and PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

import polars as pl

from encours.core.dunning.policy import FORMAL_NOTICE, Signer, Tone
from encours.core.interest import INDEMNITY_CENTS, DayCount, Debtor, InterestTerms
from encours.core.interest_claims import Accrual
from encours.core.wording import Sentence

Section = Literal["formal", "overdue", "upcoming"]
SECTIONS: tuple[Section, ...] = ("formal", "overdue", "upcoming")

# Days a formal notice leaves to pay, unless the company says otherwise: eight is what the practice holds for short,
# fifteen for generous.
DAYS_TO_PAY = 8
# More lines than this make a mail nobody scrolls through: the rest is on the statement attached.
LINES_SHOWN = 60


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


# The receivables of a letter, in the order of their due dates.
LETTER_LINES = pl.Schema(
    {
        "document_id": pl.Int64,
        "number": pl.String,
        "position": pl.Int64,  # instalment, 0 for the whole document
        "issue_date": pl.Date,
        "due_date": pl.Date,
        "amount_cents": pl.Int64,
        "balance_cents": pl.Int64,  # open
        "asked_cents": pl.Int64,  # what is left once credits are deducted
        "is_noticed": pl.Boolean,  # its step is the formal notice
    }
)


@dataclass(frozen=True)
class LetterLine:
    """A receivable as a letter shows it."""

    number: str
    position: int
    issue_date: date
    due_date: date
    amount_cents: int
    balance_cents: int


@dataclass(frozen=True)
class LetterSection:
    """Receivables that stand together. The sums are of all of them, `lines` are the first, as many as are shown."""

    name: Section
    lines: tuple[LetterLine, ...]
    line_count: int
    document_count: int
    balance_cents: int
    asked_cents: int
    first_due_date: date
    last_due_date: date


@dataclass(frozen=True)
class Claim:
    """What the law adds to sums under formal notice, claimed before and still owed included. `interest_cents` is None when
    the rate of a half-year is not known: a sum that is not whole is not told. `late_paid_cents` is the interest of
    documents that were under notice and paid since. `rates` are yearly, in basis points, each once; `is_agreed` when they
    are the contract's. `accruals` are what this letter claims for the first time."""

    interest_cents: int | None
    rates: tuple[int, ...]
    indemnity_count: int
    late_paid_cents: int = 0
    is_agreed: bool = False
    day_count: DayCount = "actual/365"
    accruals: tuple[Accrual, ...] = ()

    @property
    def indemnity_cents(self) -> int:
        return self.indemnity_count * INDEMNITY_CENTS

    @property
    def added_cents(self) -> int:
        return (self.interest_cents or 0) + self.late_paid_cents + self.indemnity_cents


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
class EarlierLetter:
    """A letter that a later one recalls."""

    reference: str
    date: date


@dataclass(frozen=True)
class Mandate:
    """A third party that collects for the creditor (CPCE, art. R124-1 to R124-7). Its first letter tells the debtor who it
    is and reproduces the law on costs; later contacts recall the reference and date of that `first_letter` (R124-4)."""

    third_party: Party
    date: date | None
    first_letter: EarlierLetter | None = None


@dataclass(frozen=True)
class PlanInstalment:
    due_date: date
    amount_cents: int


@dataclass(frozen=True)
class AnnouncedCharge:
    """The day its documents are charged, by which means, under which mandate."""

    charge_date: date
    means: Sentence
    mandate_reference: str


@dataclass(frozen=True)
class Receipt:
    """A payment that came: what it settled of which documents, what is left to pay of them, and what it left as credit."""

    received_date: date
    means: Sentence
    reference: str
    amount_cents: int
    settled: tuple[tuple[str, int], ...]  # number, cents
    left_cents: int
    credit_cents: int


@dataclass(frozen=True)
class Letter:
    """Everything a message says; beside its lines, what its statement of account says as well."""

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
    sections: tuple[LetterSection, ...]  # in the order of SECTIONS, none empty
    claim: Claim | None = None  # with a formal notice to a debtor who owes it
    tone: Tone = "neutral"
    text: str = ""  # the company's own; empty for the standard one
    text_id: int | None = None  # the version that is
    salesperson: str = ""
    signed_by: Signer = "company"
    mandate: Mandate | None = None
    formal_notice: EarlierLetter | None = None  # that came before this letter
    days_to_pay: int = DAYS_TO_PAY
    plan: tuple[PlanInstalment, ...] = ()  # of a payment plan
    plan_interest_cents: int = 0  # in the instalments, beside the documents
    plan_falls: bool = True  # when an instalment is missed: all is due again
    paid_cents: int = 0  # what thanks are said for
    receipt: Receipt | None = None  # what a receipt tells
    charge: AnnouncedCharge | None = None  # what a notice of charges announces
    payment_reference: str = (
        ""  # what a transfer for its only document quotes; empty when it is about several
    )
    portal_url: str = ""  # where the customer sees and pays what it owes; a key: never stored

    @property
    def leading(self) -> LetterSection | None:
        """What the letter is about: a notice if anything is under it, else what is late, else what comes. None for
        thanks: nothing is asked for."""
        return self.sections[0] if self.sections else None

    @property
    def asked_cents(self) -> int:
        """What the letter asks to pay: credits deducted, interest and indemnity apart. Documents that it mentions
        beside its subject (what is not yet due, in a reminder) are not in it."""
        return self.leading.asked_cents if self.leading else 0

    @property
    def claimed_cents(self) -> int:
        """The same with what the law adds to it, as far as it is known."""
        added = self.claim.added_cents if self.claim else 0
        return self.asked_cents + added + self.plan_interest_cents

    @property
    def pay_before(self) -> date:
        return self.on + timedelta(days=self.days_to_pay)

    @property
    def tells_mandate(self) -> bool:
        """Whether it carries what a third party must tell first."""
        return self.mandate is not None and (
            self.mandate.first_letter is None or self.template == FORMAL_NOTICE
        )

    @property
    def sender(self) -> Party:
        """Who writes: the creditor, or the third party in its stead."""
        return self.mandate.third_party if self.mandate else self.creditor


def sections_of(*, lines: pl.DataFrame, on: date) -> tuple[LetterSection, ...]:
    """LETTER_LINES by where they stand: under the formal notice itself, late, or not yet due."""
    parts = lines.with_columns(
        section=pl.when(pl.col("due_date") >= on)
        .then(pl.lit("upcoming"))
        .when("is_noticed")
        .then(pl.lit("formal"))
        .otherwise(pl.lit("overdue"))
    ).partition_by("section", as_dict=True, include_key=False)
    return tuple(_section(name, parts[(name,)]) for name in SECTIONS if (name,) in parts)


def _section(name: Section, lines: pl.DataFrame) -> LetterSection:
    shown = lines.head(LINES_SHOWN).select(list(LetterLine.__dataclass_fields__))
    return LetterSection(
        name=name,
        lines=tuple(LetterLine(**row) for row in shown.iter_rows(named=True)),
        line_count=len(lines),
        document_count=lines["number"].n_unique(),
        balance_cents=int(lines["balance_cents"].sum()),
        asked_cents=int(lines["asked_cents"].sum()),
        first_due_date=cast(date, lines["due_date"].min()),
        last_due_date=cast(date, lines["due_date"].max()),
    )


def claim_of(*, accruals: Sequence[Accrual], terms: InterestTerms) -> Claim | None:
    """What a formal notice claims of what accrued on its receivables, and on those that an earlier one claimed and that
    were paid since; 40 EUR once per invoice. None when nothing is owed, as of a consumer."""
    if not accruals:
        return None

    def owed(each: Accrual) -> int:
        return each.interest_cents + each.claimed_interest_cents

    spans = [piece.span for each in accruals for piece in each.pieces]
    return Claim(
        interest_cents=sum(owed(each) for each in accruals if each.receivable.open_cents),
        rates=tuple(sorted({span.rate_basis_points for span in spans})),
        indemnity_count=sum(1 for each in accruals if each.indemnity_cents or each.claimed_indemnity_cents),
        late_paid_cents=sum(owed(each) for each in accruals if not each.receivable.open_cents),
        is_agreed=terms.agreed_basis_points is not None,
        day_count=terms.day_count,
        accruals=tuple(each for each in accruals if each.is_new),
    )


def grouped_iban(iban: str) -> str:
    """
    >>> grouped_iban("FR7630004000031234567890143")
    'FR76 3000 4000 0312 3456 7890 143'
    """
    bare = "".join(iban.split())
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))
