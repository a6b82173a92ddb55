"""Receipts that name nothing: who pays and how much is all there is."""

from collections.abc import Sequence
from datetime import date

from benchmarks.statements.cases.receipts import (
    EMPTY_TEXTS,
    chosen_of,
    invoices_of,
    is_untouched,
    possible_payers,
    receipt,
    total,
    untouched_of,
    whole,
)
from benchmarks.statements.story import Story, Told
from benchmarks.statements.world import Customer, Document


def _bare(
    story: Story, case: str, customer: Customer, day: date, chosen: Sequence[Document], text: str = ""
) -> list[Told]:
    """A transfer that names no document; a few give the customer's code, which tells who it is."""
    text = text or story.random.choice(EMPTY_TEXTS)
    gives_code = story.random.random() < 0.05
    line = story.transfer(customer, day, total(chosen), f"CLIENT {customer.code}" if gives_code else text)
    payers = {customer} if gives_code else possible_payers(story, line)
    decidable = story.judge.by_amount(payers, day, line.amount_cents, set(chosen))
    return [receipt(story, case, line, whole(chosen), decidable=decidable)]


def exact_amount(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if invoices and not customer.group and customer.style in ("none", "rf", "mangled_counter"):
            known = bool(customer.payer.iban in story.judge.payers)
            case = "iban_exact_amount" if known and customer.account == "B" else "name_exact_amount"
            return _bare(story, case, customer, day, [chosen_of(story, invoices)])
    return None


def whole_balance(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        books = story.open_documents(customer, day)
        if "statement" in customer.habits and len(books) > 1 and total(books) > 0:
            return _bare(story, "whole_balance", customer, day, books)
    return None


def oldest_first(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = invoices_of(story, customer, day)
        if "oldest" in customer.habits and len(invoices) > 2:
            count = story.random.randint(2, min(6, len(invoices) - 1))
            return _bare(story, "oldest_first_run", customer, day, invoices[:count])
    return None


def month_total(story: Story, day: date) -> list[Told] | None:
    """The invoices of one month at once, usually in the middle of the next."""
    for customer in story.customers(day):
        if "month" not in customer.habits:
            continue
        months: dict[tuple[int, int], list[Document]] = {}
        for document in invoices_of(story, customer, day):
            issued = document.issue_date
            if (issued.year, issued.month) < (day.year, day.month) and is_untouched(document):
                months.setdefault((issued.year, issued.month), []).append(document)
        chosen = next((each for each in months.values() if len(each) > 1), None)
        if chosen:
            issued = chosen[0].issue_date
            text = story.random.choice((f"RELEVE {issued:%m/%Y}", f"FACTURES {issued:%m %Y}", ""))
            return _bare(story, "month_total", customer, day, chosen, text)
    return None


def exact_set(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        books = story.open_documents(customer, day)
        if not 4 <= len(books) <= 24 or customer.style not in ("none", "mangled_counter"):
            continue
        # a few of them, or all but one or two that are in dispute
        all_but = story.random.random() < 0.3
        count = len(books) - story.random.randint(1, 2) if all_but else story.random.randint(2, 7)
        chosen = _oldest_of_equals(story.random.sample(books, min(count, len(books) - 1)), books)
        if total(chosen) > 0:
            with_note = any(d.open_cents < 0 for d in chosen)
            case = "exact_set_with_credit_note" if with_note else "exact_set"
            return _bare(story, case, customer, day, chosen)
    return None


def _oldest_of_equals(chosen: Sequence[Document], books: Sequence[Document]) -> list[Document]:
    """The same amounts; of equal ones nobody pays the newest first."""
    amounts = [document.open_cents for document in chosen]
    in_time = sorted(books, key=lambda d: (d.due_date, d.number))
    return [
        document
        for cents in dict.fromkeys(amounts)
        for document in [d for d in in_time if d.open_cents == cents][: amounts.count(cents)]
    ]
