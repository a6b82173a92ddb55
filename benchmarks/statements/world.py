"""A company's customers and documents, before anything is paid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

from benchmarks.statements.names import FACTORS, FORMS, as_printed, company_names, person
from benchmarks.statements.numbering import MASKS, Mask, Numbering
from encours.demo.identifiers import creditor_reference, french_iban, iban, siren
from encours.demo.remittance import upper_ascii

BOOKS_BEGIN, HISTORY_BEGINS = date(2024, 10, 1), date(2025, 1, 2)
HISTORY_ENDS, MONTH_ENDS = date(2025, 9, 30), date(2025, 10, 31)


@dataclass(frozen=True)
class Size:
    """`lines` of the month to reconcile, `history_lines` of the months before; documents of both."""

    customers: int = 180
    documents: int = 2_400
    history_lines: int = 650
    lines: int = 600


@dataclass(frozen=True)
class Payer:
    """Who sends the money: the customer, its parent, a factor. `printed` is the name its bank gives."""

    printed: str
    iban: str


@dataclass(eq=False)
class Customer:
    code: str
    name: str  # with its legal form, as in the books
    siren: str
    payer: Payer
    account: str  # of ours, to which it pays: a key of `ACCOUNTS`
    style: str  # how it writes references: a key of numbering.STYLES, or "none", "rf", "end_to_end"
    habits: frozenset[str]  # statement, oldest, month, discount, fees, euros, debit
    activity: float
    terms_days: int
    whole_euros: bool
    subscription_cents: int  # 0, or the amount of each of its invoices; of customers who buy little else
    group: str = ""
    is_new: bool = False  # without history
    discount_points: int = 0  # hundredths of a percent
    fee_cents: int = 0
    adjusted: int = 0  # how often its habit of keeping something back was seen in the history


@dataclass(eq=False, slots=True)
class Document:
    customer: Customer
    type: str
    issue_date: date
    due_date: date
    payable_cents: int  # positive
    open_cents: int  # negative for a credit note
    number: str = ""
    payment_reference: str = ""
    instalments: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True)
class Account:
    """A bank account of the company. `dialect`: rich or poor CFONB 120, camt."""

    key: str
    dialect: str
    bank_code: str
    branch: str
    number: str
    opening_cents: int

    @property
    def iban(self) -> str:
        return french_iban(self.bank_code, self.branch, self.number)


ACCOUNTS = {
    "A": Account("A", "rich", "39991", "00420", "00021456789", 4_210_355),
    "P": Account("P", "poor", "39992", "00131", "00074100258", 1_830_022),
    "B": Account("B", "camt", "39993", "00777", "00099102030", 9_644_871),
}


@dataclass
class World:
    """All there is: who owes what, under which numbers; those of last year may follow another mask."""

    seed: int
    size: Size
    mask: Mask
    former_mask: Mask
    customers: list[Customer]
    documents: list[Document] = field(default_factory=list)

    @cached_property
    def by_number(self) -> dict[str, Document]:
        return {document.number: document for document in self.documents}

    @property
    def name(self) -> str:
        return "Orvane Distribution SAS"


def make_world(*, seed: int, size: Size) -> World:
    random = Random(f"world {seed}")
    customers = list(_customers(random, size.customers))
    mask = MASKS[seed % len(MASKS)]
    # one company in three has changed its software
    former = MASKS[(seed // 3) % len(MASKS)] if seed % 3 == 0 else mask
    world = World(seed, size, mask, former, customers)
    world.documents = _documents(random, world)
    return world


_STYLE_WEIGHTS = {
    "exact_reference": 33, "mangled_separators": 14, "mangled_zeros": 8, "mangled_prefix": 6, "mangled_digits": 7,
    "mangled_counter": 5, "rf": 4, "end_to_end": 5, "none": 18,
}  # fmt: skip


def _customers(random: Random, count: int) -> Iterator[Customer]:
    names = company_names(random, count)
    factor = Payer(random.choice(FACTORS), iban(random))
    parent: Payer | None = None
    group = ""
    for rank, name in enumerate(names):
        form = random.choice(FORMS)
        payer = Payer(as_printed(random, name, form), iban(random, random.choice(["FR"] * 9 + ["BE"])))
        if random.random() < 0.06:  # trades under one name, pays under another
            other = f"SCI {upper_ascii(random.choice(names)).split()[-1]} {random.choice('ABCDEFGH')}{rank}"
            payer = Payer(random.choice((other, person(random))), payer.iban)
        account = random.choices(("A", "P", "B"), (40, 18, 42))[0]
        # one in sixteen begins a group of three, whose parent pays; a few are paid through a factor
        if rank % 16 == 0:
            parent, group = Payer(f"GROUPE {upper_ascii(name).split()[-1]} {rank}", iban(random)), f"G{rank}"
            group_account = account
        if rank % 16 < 3 and parent is not None:
            payer, account = parent, group_account
        elif rank % 16 == 9:
            payer, account = factor, "B"
        style = random.choices(list(_STYLE_WEIGHTS), list(_STYLE_WEIGHTS.values()))[0]
        yield Customer(
            code=f"C{rank + 1:04d}",
            name=f"{name} {form}",
            siren=siren(random, prefix=random.choice("3458")),
            payer=payer,
            account=account,
            style=style,
            habits=_habits(random),
            activity=1 / (rank + 2) ** 0.55,
            terms_days=random.choice((0, 30, 30, 45, 60)),
            whole_euros=random.random() < 0.25,
            subscription_cents=random.choice((4_900, 12_000, 36_000, 99_000))
            if random.random() < 0.08
            else 0,
            group=group if rank % 16 < 3 else "factor" if rank % 16 == 9 else "",
            is_new=random.random() < 0.08,
            discount_points=random.choice((50, 100, 150, 200, 300)),
            fee_cents=random.choice((350, 500, 1_000, 1_250, 1_800, 2_500)),
        )


def _habits(random: Random) -> frozenset[str]:
    one = random.choices(
        ("", "statement", "oldest", "month", "discount", "fees", "euros", "debit"), (50, 11, 9, 8, 7, 6, 4, 7)
    )[0]
    return frozenset({one} - {""})


def _documents(random: Random, world: World) -> list[Document]:
    """Three quarters invoiced before the month, oldest least; among them credit notes, deposits, instalments."""
    days = (MONTH_ENDS - BOOKS_BEGIN).days
    weights = list(accumulate(customer.activity for customer in world.customers))
    issued = sorted(
        BOOKS_BEGIN + timedelta(days=int(days * random.random() ** 0.55)) for _ in range(world.size.documents)
    )
    numbering, former = Numbering(world.mask), Numbering(world.former_mask)
    documents = []
    for day in issued:
        customer = random.choices(world.customers, cum_weights=weights)[0]
        document = _document(random, customer, day)
        is_former = day.year < MONTH_ENDS.year and world.former_mask is not world.mask
        document.number = (former if is_former else numbering).number(document.type, day)
        if customer.style == "end_to_end" or "debit" in customer.habits:
            document.payment_reference = f"ORV{day:%y%m}{len(documents):06d}"
        elif customer.style == "rf" and random.random() < 0.5:
            # half of the companies store the reference they print, half print what can be computed
            document.payment_reference = creditor_reference(document.number)
        documents.append(document)
    return documents


def _document(random: Random, customer: Customer, day: date) -> Document:
    due = day + timedelta(days=customer.terms_days)
    kind = random.random()
    if kind < 0.06:
        cents = _amount(random, customer) // 4 or 100
        return Document(customer, "credit_note", day, day, cents, -cents)
    cents = customer.subscription_cents or _amount(random, customer)
    if kind < 0.09:
        return Document(customer, "deposit", day, due, cents * 3 // 10, cents * 3 // 10)
    if kind < 0.12 and cents > 30_000:
        third = cents // 3
        parts = tuple((due + timedelta(days=30 * i), third) for i in range(2))
        return Document(
            customer, "invoice", day, due, cents, cents,
            instalments=(*parts, (due + timedelta(days=60), cents - 2 * third)),
        )  # fmt: skip
    return Document(customer, "invoice", day, due, cents, cents)


def _amount(random: Random, customer: Customer) -> int:
    cents = max(1_500, int(random.lognormvariate(11.2, 1.1)))
    if customer.whole_euros:
        step = random.choice((1_000, 5_000, 10_000))
        return max(step, round(cents / step) * step)
    return cents
