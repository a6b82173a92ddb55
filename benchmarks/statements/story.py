"""The months as they go by: which lines reach the bank, and what each of them is."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from benchmarks.statements.judge import Judge
from benchmarks.statements.world import (
    ACCOUNTS,
    HISTORY_BEGINS,
    HISTORY_ENDS,
    MONTH_ENDS,
    Customer,
    Document,
    Size,
    World,
    make_world,
)
from encours.demo.remittance import upper_ascii

TERSE_WIDTH, LINE_WIDTH, REMITTANCE_WIDTH = 31, 70, 140


@dataclass
class BankLine:
    """A booked line as its bank knows it; the file of its account carries what its format can."""

    booked_date: date
    account: str
    amount_cents: int
    code: str  # interbank operation code
    label: str = ""
    text: str = ""  # remittance, cut to what is carried
    name: str = ""
    iban: str = ""
    structured: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    referred: tuple[str, ...] = ()  # numbers of documents given apart from the text; camt only
    return_reason: str = ""
    original_cents: int = 0  # of a return: what came in; the bank may keep more than that
    bank_reference: str = ""

    @property
    def shown_payer(self) -> tuple[str, str]:
        """Name and account of the payer as far as the line shows them."""
        if self.iban or self.name:
            return self.name, self.iban
        return self.label.removeprefix("VIR INST").removeprefix("VIR SEPA RECU").strip(), ""


@dataclass(frozen=True)
class Truth:
    """What a line is. Cents of documents are what the money (and credit notes, negative) settles of them.

    Lines of one `group` may exchange their documents: nobody can tell them apart and nothing depends on it.
    """

    case: str
    kind: str  # receipt, noise, return
    decidable: bool
    documents: tuple[tuple[str, int], ...] = ()
    adjustments: tuple[tuple[str, int], ...] = ()
    customers: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Told:
    line: BankLine
    truth: Truth


@dataclass
class Story:
    """The state between two lines."""

    world: World
    random: Random
    judge: Judge
    is_history: bool = True
    open_of: dict[Customer, list[Document]] = field(default_factory=lambda: defaultdict(list))
    receipts: list[Told] = field(default_factory=list)
    sent: list[BankLine] = field(default_factory=list)  # our transfers to suppliers
    received: list[Told] = field(default_factory=list)  # those that may come back or be paid twice
    _count: int = 0

    def open_documents(self, customer: Customer, day: date) -> list[Document]:
        return [d for d in self.open_of[customer] if d.issue_date <= day and d.open_cents]

    def customers(self, day: date, tries: int = 80) -> Iterator[Customer]:
        """Customers again and again, each as often as it has something open."""
        documents = self.world.documents  # in the order of their days
        issued = bisect_right(documents, day, key=lambda d: d.issue_date)
        for _ in range(4 * tries if issued else 0):
            document = documents[int(issued * self.random.random())]
            if document.open_cents > 0 and not (self.is_history and document.customer.is_new):
                yield document.customer
                tries -= 1
                if not tries:
                    return

    def settle(self, portions: Iterable[tuple[Document, int]], *, decidable: bool) -> None:
        """`portions` are signed cents taken off what is open, adjustments included."""
        for document, cents in portions:
            before_cents = document.open_cents
            document.open_cents -= cents
            self.judge.settled(document, before_cents, decidable=decidable)
            assert document.open_cents * (-1 if document.type == "credit_note" else 1) >= 0, document
            if document.open_cents == 0:
                self.open_of[document.customer].remove(document)

    def transfer(
        self,
        customer: Customer,
        day: date,
        cents: int,
        text: str,
        *,
        structured: str = "",
        end_to_end_id: str = "",
        is_named: bool = True,
    ) -> BankLine:
        """A transfer from the customer's payer as the bank of our account prints it."""
        payer, dialect = customer.payer, ACCOUNTS[customer.account].dialect
        remitted = upper_ascii(text) if self.random.random() < 0.7 or dialect == "poor" else text
        code = "C2" if self.random.random() < 0.12 else "05"
        word = "VIR INST" if code == "C2" else "VIR SEPA RECU"
        line = BankLine(day, customer.account, cents, code, end_to_end_id=end_to_end_id[:35])
        line.label = f"{word} {payer.printed}"[:TERSE_WIDTH] if is_named else word
        if dialect == "poor":
            # one line of text; the payer stands in the label alone
            line.text = " ".join(filter(None, (remitted, structured, end_to_end_id)))[:LINE_WIDTH]
            line.end_to_end_id = ""
            return line
        line.text = remitted[:REMITTANCE_WIDTH].rstrip()
        line.name = payer.printed[:LINE_WIDTH] if is_named else ""
        line.iban = payer.iban if dialect == "camt" and is_named else ""
        line.structured = structured
        return line

    def number_line(self, line: BankLine) -> None:
        self._count += 1
        line.bank_reference = f"{line.account}{line.booked_date:%y%m%d}{self._count:08d}"


def open_story(*, seed: int, size: Size) -> Story:
    world = make_world(seed=seed, size=size)
    story = Story(world, Random(f"story {seed}"), Judge(world))
    for document in world.documents:
        story.open_of[document.customer].append(document)
    return story


def working_days(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


HISTORY_DAYS: Sequence[date] = working_days(HISTORY_BEGINS, HISTORY_ENDS)
MONTH_DAYS: Sequence[date] = working_days(HISTORY_ENDS + timedelta(days=1), MONTH_ENDS)
