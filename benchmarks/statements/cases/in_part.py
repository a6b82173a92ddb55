"""Receipts that are not what is open: deposits, instalments, parts, differences, too much."""

from collections.abc import Sequence
from datetime import date

from benchmarks.statements.cases.receipts import (
    EMPTY_TEXTS,
    chosen_of,
    invoices_of,
    possible_payers,
    receipt,
    text_with,
    total,
    untouched_of,
    whole,
)
from benchmarks.statements.story import Story, Told
from benchmarks.statements.world import Document

# From how often on anybody would call it a habit.
HABIT = 3
# what is kept back: the case, and the kind of adjustment
_KEPT_BACK = {
    "discount": ("discount", "discount"),
    "fees": ("bank_fee", "fee"),
    "euros": ("round_euros", "difference"),
    "difference": ("small_difference", "difference"),
}


def deposit(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day, 200):
        deposits = [d for d in invoices_of(story, customer, day) if d.type == "deposit"]
        if deposits:
            document = deposits[0]
            with_number = story.random.random() < 0.6
            text = f"ACOMPTE {document.number}" if with_number else "ACOMPTE"
            line = story.transfer(customer, day, document.open_cents, text)
            payers = possible_payers(story, line)
            decidable = (
                story.judge.by_references([document.number], payers, day, line.amount_cents, {document})
                if with_number
                else story.judge.by_amount(payers, day, line.amount_cents, {document})
            )
            case = "deposit" if with_number else "deposit_bare"
            return [receipt(story, case, line, whole([document]), decidable=decidable)]
    return None


def instalment(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day, 200):
        split = [d for d in invoices_of(story, customer, day) if d.instalments]
        if split:
            document = split[0]
            paid = document.payable_cents - document.open_cents
            due = 0
            for _, cents in document.instalments:  # the next one that is open
                due += cents
                if due > paid:
                    break
            amount = due - paid
            with_number = story.random.random() < 0.6
            text = f"ECHEANCE {document.number}" if with_number else "ECHEANCE"
            line = story.transfer(customer, day, amount, text)
            payers = possible_payers(story, line)
            # without the number: nothing else of the customer has this amount, whole or as an instalment
            decidable = with_number or (
                payers == {customer}
                and not story.judge.has_amount(payers, day, amount)
                and all(
                    amount != d.open_cents for d in story.open_documents(customer, day) if d is not document
                )
                and sum(amount in [c for _, c in d.instalments] for d in split) == 1
            )
            case = "instalment" if with_number else "instalment_bare"
            return [receipt(story, case, line, [(document, amount)], decidable=decidable)]
    return None


def part_payment(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = [d for d in untouched_of(story, customer, day) if d.open_cents > 20_000]
        if not invoices:
            continue
        document = chosen_of(story, invoices)
        amount = int(
            document.open_cents
            * story.random.choice((0.3, 0.5, 0.5, 0.4, 0.75, story.random.uniform(0.2, 0.8)))
        )
        if story.random.random() < 0.65:
            line = story.transfer(customer, day, amount, f"ACPTE S/FACT {document.number}")
            payers = possible_payers(story, line)
            decidable = story.judge.by_references(
                [document.number], payers, day, document.open_cents, {document}
            )
            return [receipt(story, "part_payment", line, [(document, amount)], decidable=decidable)]
        line = story.transfer(customer, day, amount, "ACOMPTE SUR COMPTE")
        return [receipt(story, "part_payment_bare", line, [(document, amount)], decidable=False)]
    return None


def two_transfers(story: Story, day: date) -> list[Told] | None:
    """One invoice in two transfers of the same day."""
    for customer in story.customers(day):
        invoices = [d for d in untouched_of(story, customer, day) if d.open_cents > 20_000]
        if not invoices or customer.group:
            continue
        document = chosen_of(story, invoices)
        first = int(document.open_cents * story.random.choice((0.5, 0.6, 0.4)))
        parts = (first, document.open_cents - first)
        with_number = story.random.random() < 0.7
        lines = [
            story.transfer(
                customer, day, cents, f"{document.number} {rank}/2" if with_number else "REGLEMENT"
            )
            for rank, cents in enumerate(parts, start=1)
        ]
        payers = possible_payers(story, lines[0])
        whole_cents = document.open_cents
        decidable = (
            story.judge.by_references([document.number], payers, day, whole_cents, {document})
            if with_number
            else story.judge.is_only(payers, day, [whole_cents], document)
            and not any(story.judge.has_amount(payers, day, cents) for cents in parts)
        )
        case = "two_transfers" if with_number else "two_transfers_bare"
        return [
            receipt(story, case, line, [(document, cents)], decidable=decidable)
            for line, cents in zip(lines, parts, strict=True)
        ]
    return None


def adjusted(story: Story, day: date) -> list[Told] | None:
    """Less than the invoices: a discount for paying early, the bank's fees, cents lost, whole euros."""
    for customer in story.customers(day, 120):
        invoices = [d for d in untouched_of(story, customer, day) if d.open_cents > 10_000]
        kind = next((one for one in ("discount", "fees", "euros") if one in customer.habits), "")
        if not kind and story.random.random() < 0.05:
            kind = "difference"
        if kind == "discount":
            invoices = [d for d in invoices if d.issue_date < day <= d.due_date]
        elif kind == "euros":
            invoices = [d for d in invoices if d.open_cents % 100]
        if not kind or not invoices:
            continue
        count = 1 if kind == "euros" else story.random.choice((1, 1, 1, 2, 3))
        return [_less(story, day, invoices[:count], kind)]
    return None


def _less(story: Story, day: date, documents: Sequence[Document], kind: str) -> Told:
    """What is kept back, of each document its share to the cent."""
    customer = documents[0].customer
    with_number = len(documents) > 1 or (customer.style != "none" and story.random.random() < 0.85)
    kept = _kept_back(story, documents, kind)
    amount = total(documents) - sum(kept)
    written = [document.number for document in documents]
    text = text_with(story, written) if with_number else story.random.choice(EMPTY_TEXTS)
    line = story.transfer(customer, day, amount, text)
    payers = possible_payers(story, line)
    # a few cents are closed by rule when the number is given; what is kept back otherwise, by habit
    known = customer.adjusted >= HABIT or (with_number and kind in ("euros", "difference"))
    customer.adjusted += story.is_history and kind != "difference"
    if with_number:
        proved = story.judge.by_references(written, payers, day, total(documents), set(documents))
    else:
        nearby = range(amount, amount + max(100, sum(kept)) + 1)
        proved = payers == {customer} and story.judge.is_only(payers, day, nearby, documents[0])
    case, adjustment = _KEPT_BACK[kind]
    return receipt(
        story,
        f"{case}_of_several" if len(documents) > 1 else case if with_number else f"{case}_bare",
        line,
        [(document, document.open_cents - cents) for document, cents in zip(documents, kept, strict=True)],
        decidable=known and proved,
        adjustments=[
            (document, adjustment, cents) for document, cents in zip(documents, kept, strict=True) if cents
        ],
    )


def _kept_back(story: Story, documents: Sequence[Document], kind: str) -> list[int]:
    customer = documents[0].customer
    if kind == "discount":
        return [round(document.open_cents * customer.discount_points / 10_000) for document in documents]
    less = {"fees": customer.fee_cents, "euros": documents[0].open_cents % 100}.get(
        kind
    ) or story.random.randint(1, 40)
    largest = max(documents, key=lambda document: document.open_cents)
    return [less if document is largest else 0 for document in documents]


def overpayment(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if not invoices or customer.style == "none":
            continue
        document = chosen_of(story, invoices)
        excess = story.random.choice((1_000, 10_000, document.open_cents // 10, 9))
        if excess < 1:
            continue
        line = story.transfer(customer, day, document.open_cents + excess, f"FACTURE {document.number}")
        payers = possible_payers(story, line)
        decidable = story.judge.by_references([document.number], payers, day, document.open_cents, {document})
        return [receipt(story, "overpayment", line, whole([document]), decidable=decidable)]
    return None
