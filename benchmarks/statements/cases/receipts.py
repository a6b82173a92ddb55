"""What every receipt is made of: how a customer writes numbers, who may have paid, what the money settles."""

from collections.abc import Sequence
from datetime import date

from benchmarks.statements.numbering import STYLES
from benchmarks.statements.story import BankLine, Story, Told, Truth
from benchmarks.statements.world import Customer, Document

Portions = Sequence[tuple[Document, int]]

_INTRODUCTIONS = ("FACTURE ", "FACT ", "FACTURE N. ", "Fact. ", "REGLEMENT ", "Paiement facture ", "VOTRE FACTURE ",
                  "RGLT FACT ", "N/REGLT V/FACT ", "", "", "FA ")  # fmt: skip
EMPTY_TEXTS = (
    "",
    "VIREMENT",
    "REGLEMENT FOURNISSEUR",
    "PAIEMENT",
    "SOLDE",
    "VIR ORVANE DISTRIBUTION",
    "REGLT FACTURES",
)
_JOINTS = (", ", " ", " + ", " / ", ";", " et ")


def written_by(story: Story, customer: Customer, documents: Sequence[Document]) -> tuple[str, list[str]]:
    """The case and the references as this customer writes them. One in ten times in another way than usual."""
    style = customer.style
    if style not in STYLES or story.random.random() < 0.1:
        style = story.random.choice(list(STYLES))
    written = [STYLES[style](story.random, document.number) for document in documents]
    if written == [document.number for document in documents]:
        style = "exact_reference"
    return style, written


def text_with(story: Story, written: Sequence[str]) -> str:
    """A remittance text, now and then with numbers that are nothing of ours."""
    random = story.random
    text = random.choice(_INTRODUCTIONS) + random.choice(_JOINTS).join(written)
    besides = random.random()
    if besides < 0.07:
        text = f"{text} DU {random.randint(1, 28):02d}/{random.randint(1, 12):02d}/2025"
    elif besides < 0.12:
        text = f"NOTRE REF {random.randint(100, 99_999)} {text}"
    elif besides < 0.15:
        text = f"{text} CDE 45{random.randint(10**6, 10**7)}"
    elif besides < 0.17:
        text = f"{text} TEL 0{random.randint(1, 5)}{random.randint(10**7, 10**8 - 1)}"
    return text


def receipt(
    story: Story,
    case: str,
    line: BankLine,
    portions: Portions,
    *,
    decidable: bool,
    adjustments: Sequence[tuple[Document, str, int]] = (),
    customers: Sequence[Customer] = (),
    group: str = "",
) -> Told:
    """`portions` are what the money settles; adjustments (positive cents) settle the rest of their documents."""
    story.settle([*portions, *((document, cents) for document, _, cents in adjustments)], decidable=decidable)
    payers = customers or [document.customer for document, _ in portions]
    kinds: dict[str, int] = {}
    for _, kind, cents in adjustments:
        kinds[kind] = kinds.get(kind, 0) + cents
    truth = Truth(
        case,
        "receipt",
        decidable,
        tuple((document.number, cents) for document, cents in portions),
        tuple(kinds.items()),
        tuple(dict.fromkeys(customer.code for customer in payers)),
        group,
    )
    told = Told(line, truth)
    if story.random.random() < 0.2 and decidable and len(payers) == 1:
        story.received.append(told)
    return told


def possible_payers(story: Story, line: BankLine) -> set[Customer]:
    name, iban = line.shown_payer
    return story.judge.customers(name=name, iban=iban)


def whole(documents: Sequence[Document]) -> list[tuple[Document, int]]:
    return [(document, document.open_cents) for document in documents]


def total(documents: Sequence[Document]) -> int:
    return sum(document.open_cents for document in documents)


def invoices_of(story: Story, customer: Customer, day: date) -> list[Document]:
    """Oldest due first: what people pay."""
    found = [d for d in story.open_documents(customer, day) if d.open_cents > 0]
    return sorted(found, key=lambda d: (d.due_date, d.number))


def untouched_of(story: Story, customer: Customer, day: date) -> list[Document]:
    """Those of which nothing was paid yet, and that are no instalments."""
    return [d for d in invoices_of(story, customer, day) if is_untouched(d)]


def chosen_of(story: Story, invoices: Sequence[Document]) -> Document:
    """Most often the oldest."""
    return invoices[min(int(story.random.expovariate(1.2)), len(invoices) - 1)]


def is_untouched(document: Document) -> bool:
    return document.open_cents == document.payable_cents and not document.instalments
