"""Receipts that name what they pay: own keys, references exact and mangled, several at once."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import islice

from benchmarks.statements.cases.receipts import (
    EMPTY_TEXTS,
    chosen_of,
    invoices_of,
    is_untouched,
    possible_payers,
    receipt,
    text_with,
    total,
    untouched_of,
    whole,
    written_by,
)
from benchmarks.statements.numbering import transposed, typo
from benchmarks.statements.story import LINE_WIDTH, REMITTANCE_WIDTH, TERSE_WIDTH, BankLine, Story, Told
from benchmarks.statements.world import ACCOUNTS, Customer, Document
from encours.core.references import creditor_reference
from encours.demo.remittance import upper_ascii

_WORDY = "REGLEMENT FACTURE ORVANE DISTRIBUTION FOURNITURES ET PRESTATIONS CONFORMES A NOTRE COMMANDE "


def one_reference(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if not invoices or customer.style == "none" or "debit" in customer.habits:
            continue
        document = chosen_of(story, invoices)
        if customer.style == "rf":
            reference = document.payment_reference or creditor_reference(document.number)
            line = story.transfer(customer, day, document.open_cents, "", structured=reference)
            return [receipt(story, "own_rf_reference", line, whole([document]), decidable=True)]
        if customer.style == "end_to_end" and document.payment_reference:
            line = story.transfer(
                customer, day, document.open_cents, "REGLEMENT", end_to_end_id=document.payment_reference
            )
            return [receipt(story, "own_end_to_end_id", line, whole([document]), decidable=True)]
        case, written = written_by(story, customer, [document])
        line = story.transfer(customer, day, document.open_cents, text_with(story, written))
        if case == "exact_reference":
            case = _elsewhere(story, line, document)
        decidable = story.judge.by_references(
            written, possible_payers(story, line), day, line.amount_cents, {document}
        )
        return [receipt(story, case, line, whole([document]), decidable=decidable)]
    return None


def _elsewhere(story: Story, line: BankLine, document: Document) -> str:
    """Now and then the number stands in another field than the text; the case."""
    dialect, place = ACCOUNTS[line.account].dialect, story.random.random()
    if dialect != "poor" and place < 0.06:
        line.text, line.end_to_end_id = "", document.number
        return "reference_as_end_to_end_id"
    if dialect == "camt" and place < 0.14:
        line.text, line.referred = "", (document.number,)
        return "reference_in_its_own_field"
    return "exact_reference"


def direct_debit(story: Story, day: date) -> list[Told] | None:
    """A collection of ours: the bank gives back the end-to-end id we chose and the mandate of each."""
    collected: dict[Customer, Document] = {}
    account = story.random.choice(list(ACCOUNTS))
    for customer in story.customers(day, 200):
        due = [d for d in invoices_of(story, customer, day) if d.payment_reference and is_untouched(d)]
        if "debit" in customer.habits and customer.account == account and due:
            collected.setdefault(customer, due[0])
        if len(collected) == 3:
            break
    return [_debited(story, day, document) for document in collected.values()]


def _debited(story: Story, day: date, document: Document) -> Told:
    customer = document.customer
    line = story.transfer(customer, day, document.open_cents, f"PRLV {document.number}")
    line.code, line.mandate_id = "A1", f"MDT{customer.code}"
    line.label = f"PRLV SEPA EMIS {customer.payer.printed}"[:TERSE_WIDTH]
    if ACCOUNTS[customer.account].dialect == "poor":
        line.text = f"{line.text} {document.payment_reference}"
    else:
        line.end_to_end_id = document.payment_reference
    told = receipt(story, "own_direct_debit", line, whole([document]), decidable=True)
    if told not in story.received and story.random.random() < 0.3:
        story.received.append(told)
    return told


def mistyped(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if not invoices or customer.style in ("none", "rf", "end_to_end"):
            continue
        document = chosen_of(story, invoices)
        case, change = story.random.choice((("typing_error", typo), ("transposed_digits", transposed)))
        try:
            written = change(story.random, document.number)
        except IndexError:  # all digits alike
            continue
        line = story.transfer(customer, day, document.open_cents, text_with(story, [written]))
        decidable = story.judge.by_near_reference(
            written, possible_payers(story, line), day, line.amount_cents, document
        )
        return [receipt(story, case, line, whole([document]), decidable=decidable)]
    return None


def truncated(story: Story, day: date) -> list[Told] | None:
    """The field ends in the middle of the number."""
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if not invoices or customer.style in ("none", "rf", "end_to_end"):
            continue
        document = chosen_of(story, invoices)
        is_poor = ACCOUNTS[customer.account].dialect == "poor"
        width = TERSE_WIDTH if is_poor else story.random.choice((TERSE_WIDTH, LINE_WIDTH, REMITTANCE_WIDTH))
        kept = document.number[: -story.random.randint(1, 3)]
        before = (_WORDY * 2)[: width - len(kept) - 1].rstrip()
        line = story.transfer(customer, day, document.open_cents, f"{before} {kept}")
        line.text = line.text[:width]
        decidable = story.judge.by_beginning(
            kept, possible_payers(story, line), day, line.amount_cents, document
        )
        return [receipt(story, f"truncated_at_{width}", line, whole([document]), decidable=decidable)]
    return None


def several_references(story: Story, day: date) -> list[Told] | None:
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        chosen = invoices[: story.random.choice((2, 2, 2, 3, 3, 4, 5, 7))]
        notes = [d for d in story.open_documents(customer, day) if d.open_cents < 0]
        with_note = bool(notes) and story.random.random() < 0.35
        if with_note:
            chosen = [*chosen, notes[0]]
        if len(chosen) > 1 and total(chosen) > 0 and customer.style not in ("none", "rf", "end_to_end"):
            return [_several(story, customer, day, chosen, with_note=with_note)]
    return None


def _several(
    story: Story, customer: Customer, day: date, chosen: Sequence[Document], *, with_note: bool
) -> Told:
    style, written = written_by(story, customer, chosen)
    case = "several_references" if style == "exact_reference" else "several_mangled"
    if style == "exact_reference" and story.random.random() < 0.15:
        # the first in full, of the others what differs
        written = [written[0], *(re.findall(r"\d+", number)[-1] for number in written[1:])]
        case = "several_abbreviated"
    text = text_with(story, written)
    line = story.transfer(customer, day, total(chosen), text)
    payers = possible_payers(story, line)
    carried = upper_ascii(line.text)
    if len(upper_ascii(text)) <= len(carried):
        decidable = story.judge.by_references(written, payers, day, line.amount_cents, set(chosen))
        case = "several_with_credit_note" if with_note else case
    else:  # the bank lost the end of the list
        seen = [d for d, w in zip(chosen, written, strict=True) if upper_ascii(w) in carried]
        rest = {d for d in chosen if d not in seen}
        decidable = bool(rest) and story.judge.by_amount(payers, day, total(list(rest)), rest, named=seen)
        case = "several_truncated"
    return receipt(story, case, line, whole(chosen), decidable=decidable)


def reference_range(story: Story, day: date) -> list[Told] | None:
    """`FACT FA-2025-00101 A 00105`: the customer's own documents between the two."""
    for customer in story.customers(day):
        invoices = untouched_of(story, customer, day)
        if len(invoices) < 3 or customer.style == "none":
            continue
        chosen = sorted(invoices, key=lambda d: d.number)[: story.random.randint(3, 5)]
        first, last = chosen[0].number, chosen[-1].number
        text = f"FACTURES {first} {story.random.choice(('A', 'AU', '-', 'à'))} {last}"
        line = story.transfer(customer, day, total(chosen), text)
        between = [d for d in story.open_documents(customer, day) if first <= d.number <= last]
        decidable = set(between) == set(chosen) and bool(possible_payers(story, line) & {customer})
        return [receipt(story, "reference_range", line, whole(chosen), decidable=decidable)]
    return None


def several_customers(story: Story, day: date) -> list[Told] | None:
    """The parent of a group pays invoices of its subsidiaries at once and names them."""
    groups: dict[str, list[Customer]] = {}
    for customer in story.world.customers:
        if customer.group:
            groups.setdefault(customer.group, []).append(customer)
    for members in story.random.sample(list(groups.values()), len(groups)):
        owing = [(c, i) for c in members if (i := untouched_of(story, c, day))]
        if len(owing) < 2:
            continue
        chosen = [d for _, invoices in owing[:3] for d in islice(invoices, story.random.choice((1, 1, 2)))]
        written = [d.number for d in chosen]
        line = story.transfer(owing[0][0], day, total(chosen), ", ".join(written))
        decidable = len(", ".join(written)) <= len(line.text) and story.judge.by_references(
            written, possible_payers(story, line), day, line.amount_cents, set(chosen)
        )
        return [receipt(story, "several_customers", line, whole(chosen), decidable=decidable)]
    return None


def payer_of_others(story: Story, day: date) -> list[Told] | None:
    """A parent or a factor pays one customer's invoice, with its number or without."""
    for customer in story.customers(day, 200):
        invoices = untouched_of(story, customer, day)
        if not customer.group or not invoices:
            continue
        document = chosen_of(story, invoices)
        case = "factor" if customer.group == "factor" else "group_payer"
        if story.random.random() < 0.5:
            text = f"{upper_ascii(customer.name)} {document.number}" if case == "factor" else document.number
            line = story.transfer(customer, day, document.open_cents, text)
            decidable = story.judge.by_references(
                [document.number], possible_payers(story, line), day, line.amount_cents, {document}
            )
            return [receipt(story, case, line, whole([document]), decidable=decidable)]
        line = story.transfer(customer, day, document.open_cents, story.random.choice(EMPTY_TEXTS))
        decidable = story.judge.by_amount(possible_payers(story, line), day, line.amount_cents, {document})
        return [receipt(story, f"{case}_bare", line, whole([document]), decidable=decidable)]
    return None
