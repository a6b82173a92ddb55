"""Money that nobody can tell apart, or that is nobody's: equal amounts, cheques, paid twice, strangers."""

from datetime import date

from benchmarks.statements.cases.receipts import (
    invoices_of,
    receipt,
    total,
    untouched_of,
    whole,
)
from benchmarks.statements.names import STRANGERS
from benchmarks.statements.numbering import STYLES
from benchmarks.statements.story import BankLine, Story, Told, Truth
from benchmarks.statements.world import Document


def equal_amounts(story: Story, day: date) -> list[Told] | None:
    """One of two invoices of the same amount, and nothing says which; or both on one day, and it is no matter."""
    for customer in story.customers(day, 200):
        invoices = untouched_of(story, customer, day)
        amounts = [d.open_cents for d in invoices]
        alike = [d for d in invoices if amounts.count(d.open_cents) > 1]
        if not alike or customer.group:
            continue
        pair = [d for d in alike if d.open_cents == alike[0].open_cents][:2]
        both = story.random.random() < 0.4
        group = f"{pair[0].number}={pair[1].number}" if both else ""
        lines = [
            story.transfer(customer, day, d.open_cents, "REGLEMENT") for d in (pair if both else pair[:1])
        ]
        case = "equal_amounts_all_paid" if both else "equal_amounts"
        return [
            receipt(story, case, line, whole([d]), decidable=False, group=group)
            for line, d in zip(lines, pair, strict=False)
        ]
    return None


def unknown_document(story: Story, day: date) -> list[Told] | None:
    """A known customer pays an invoice that the books do not have yet."""
    for customer in story.customers(day):
        open_documents = invoices_of(story, customer, day)
        if not open_documents or customer.style not in STYLES:
            continue
        highest = max(story.world.by_number)
        digits = highest[-3:] if highest[-3:].isdigit() else "000"
        number = highest[:-3] + f"{(int(digits) + story.random.randint(40, 400)) % 1000:03d}"
        cents = story.random.randint(5_000, 500_000)
        if number in story.world.by_number or story.judge.has_amount({customer}, day, cents):
            continue
        line = story.transfer(customer, day, cents, f"FACTURE {number}")
        return [receipt(story, "unknown_document", line, [], decidable=False, customers=[customer])]
    return None


def paid_twice(story: Story, day: date) -> list[Told] | None:
    """A receipt of the last weeks once more: the customer's money, but no document's."""
    recent = [
        told
        for told in story.received
        if 2 <= (day - told.line.booked_date).days <= 40
        and len(told.truth.customers) == 1
        and told.line.code == "05"
    ]
    if not recent:
        return None
    told = story.random.choice(recent)
    story.received.remove(told)
    customer = next(c for c in story.world.customers if c.code == told.truth.customers[0])
    line = BankLine(**(vars(told.line) | {"booked_date": day, "bank_reference": ""}))
    if story.judge.has_amount({customer}, day, line.amount_cents):
        return None
    return [receipt(story, "paid_twice", line, [], decidable=False, customers=[customer])]


def cheque(story: Story, day: date) -> list[Told] | None:
    """The bank tells a number of its own and the sum; several cheques of several customers make one line."""
    several = story.random.random() < 0.5
    chosen: list[Document] = []
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if invoices and all(d.customer is not customer for d in chosen):
            chosen.append(invoices[0])
        if len(chosen) == (story.random.randint(2, 4) if several else 1):
            break
    if not chosen:
        return None
    count = f" NBRE {len(chosen):02d}" if len(chosen) > 1 else ""
    label = f"REMISE CHEQUE {story.random.randint(1_000_000, 9_999_999)}{count}"
    line = BankLine(day, story.random.choice("AP"), total(chosen), "02", label=label)
    case = "cheques_deposit" if len(chosen) > 1 else "cheque"
    return [receipt(story, case, line, whole(chosen), decidable=False)]


def stranger(story: Story, day: date) -> list[Told] | None:
    """Somebody else's money of exactly the amount of an open invoice."""
    for customer in story.customers(day):
        invoices = invoices_of(story, customer, day)
        if invoices:
            document = story.random.choice(invoices)
            account = story.random.choice("AB")
            name = story.random.choice(STRANGERS)
            text = story.random.choice(("REMBOURSEMENT", "REGUL", "TROP VERSE", "INDEMNITE SINISTRE", ""))
            line = BankLine(
                day,
                account,
                document.open_cents,
                "05",
                label=f"VIR SEPA RECU {name}"[:31],
                text=text,
                name=name,
            )
            return [Told(line, Truth("stranger_same_amount", "noise", False))]
    return None
