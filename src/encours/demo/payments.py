"""Who pays what, when, and with which words: receipts as the customers' accounts deserve them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from encours.core.business_days import business_day_from, business_day_until
from encours.demo import remittance
from encours.demo.calendar import month_end, next_month
from encours.demo.characters import Customer
from encours.demo.invoices import Invoice


@dataclass(slots=True)
class OpenItem:
    """What is left of a document, and the day on which its customer means to pay it (None: never)."""

    invoice: Invoice
    open_cents: int
    pay_date: date | None
    parts: int = 1
    disputed: bool = False
    settles: list["OpenItem"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money of a customer on an account of the company. `settles` is the truth: (number, cents)."""

    payer: Customer
    account: str
    booked_date: date
    amount_cents: int
    text: str
    settles: tuple[tuple[str, int], ...]
    reference: str = ""  # ISO 11649
    end_to_end_id: str = ""
    method: str = "transfer"  # transfer, direct_debit, cheque, instant


def planned_date(invoice: Invoice, rng: Random) -> date | None:
    """The day on which the customer means to pay; None when it will be forgotten."""
    character = invoice.customer.character
    if rng.random() < character.forgets:
        return None
    if character.batches == "month_end":
        # one run per month; what falls due in the last days waits for the next one
        due = invoice.due_date
        run = due if due.day < 27 or due == month_end(due) else next_month(due)
        return business_day_until(month_end(run))
    if character.batches == "statement":
        return business_day_from(next_month(invoice.due_date).replace(day=10))
    least, usual, most = character.delay_days
    day = invoice.due_date + timedelta(days=round(rng.triangular(least, most, usual)))
    return business_day_from(max(day, invoice.issue_date + timedelta(days=2)))


def receipts_of(
    payer: Customer, items: list[OpenItem], *, first: date, last: date, rng: Random
) -> Iterator[Receipt]:
    """What the payer pays from `first` to `last`. Takes it off the items (of the payer and its group)."""
    runs: dict[date, list[OpenItem]] = {}
    for item in items:
        if item.pay_date is not None and first <= item.pay_date <= last and item.open_cents > 0:
            runs.setdefault(item.pay_date, []).append(item)
    for day in sorted(runs):
        due = runs[day]
        if payer.character.batches:
            yield from _batch(payer, due, items, day, rng)
        else:
            for item in due:
                yield from _single(payer, item, day, rng)


def _batch(
    payer: Customer, due: list[OpenItem], items: list[OpenItem], day: date, rng: Random
) -> Iterator[Receipt]:
    """One transfer for many invoices, credit notes taken off."""
    if payer.character.batches == "statement":  # everything issued before this month, due or not
        start = day.replace(day=1)
        due = [i for i in items if i.open_cents > 0 and not i.disputed and i.invoice.issue_date < start]
    credit_notes = [i for i in items if i.open_cents < 0 and i.invoice.issue_date < day]
    taken = due + credit_notes
    total = sum(item.open_cents for item in taken)
    if total <= 0:  # more credit than debt: it waits for the next run
        return
    settles = tuple((item.invoice.number, item.open_cents) for item in taken)
    numbers = [item.invoice.number for item in taken]
    for item in taken:
        item.open_cents = 0
    if payer.character.batches == "statement":
        text = rng.choice(
            (f"SOLDE COMPTE {payer.code}", f"SOLDE RELEVE {day:%m/%Y}", f"RELEVE AU {day:%d%m%y}")
        )
    else:
        text = remittance.text_of(numbers, habit=payer.habit, order="", code=payer.code, rng=rng)
    yield _receipt(payer, day, total, text, settles, rng=rng)


def _single(payer: Customer, item: OpenItem, day: date, rng: Random) -> Iterator[Receipt]:
    invoice = item.invoice
    if item.parts > 1:
        # a part now, the rest about a month later
        share = item.open_cents // item.parts // 100 * 100
        item.parts -= 1
        item.pay_date = business_day_from(day + timedelta(days=rng.randint(18, 40)))
    else:
        share = item.open_cents
    paid = share
    if invoice.customer.country != "FR" and rng.random() < 0.12:
        paid = share - rng.choice((800, 1200, 1500, 2500))  # the bank on the way took its fee
    elif rng.random() < 0.008:
        paid = share + rng.choice((1, 100, 500, 10_000))  # a slip of the finger, in the company's favour
    if paid <= 0:
        paid = share
    settled = min(share, paid)
    item.open_cents -= settled
    if item.open_cents and item.parts == 1 and paid < share:
        item.pay_date = None  # nobody pays the bank's fee later
    number = invoice.number if rng.random() > 0.006 else remittance.swapped(invoice.number, rng)
    if payer.kind == "public_buyer":
        text = remittance.public_text([number], rng)
    else:
        text = remittance.text_of([number], habit=payer.habit, order=invoice.order, code=payer.code, rng=rng)
    receipt = _receipt(
        payer, day, paid, text, ((invoice.number, settled),), reference=invoice.reference, rng=rng
    )
    yield receipt
    if rng.random() < 0.004:  # paid a second time: the customer's credit
        again = business_day_from(day + timedelta(days=rng.randint(1, 9)))
        yield replace(receipt, booked_date=again, settles=(), end_to_end_id=_end_to_end(rng))


def _receipt(
    payer: Customer,
    day: date,
    cents: int,
    text: str,
    settles: tuple[tuple[str, int], ...],
    *,
    rng: Random,
    reference: str = "",
) -> Receipt:
    method = "transfer"
    if payer.by_direct_debit:
        method = "direct_debit"
        text = " ".join(number for number, _ in settles)
    elif payer.by_cheque:
        method, text = "cheque", f"REMISE CHEQUE {rng.randint(1_000_000, 9_999_999)}"
    elif rng.random() < 0.03:
        method = "instant"
    elif rng.random() < 0.05:
        text = remittance.cut(text, rng.randint(12, 30))  # an old banking program on the way
    structured = method in ("transfer", "instant") and reference and rng.random() < 0.85
    return Receipt(
        payer=payer,
        account=payer.account,
        booked_date=day,
        amount_cents=cents,
        text="" if structured else text,
        settles=settles,
        reference=reference if structured else "",
        end_to_end_id=_end_to_end(rng) if rng.random() < 0.6 else "NOTPROVIDED",
        method=method,
    )


def _end_to_end(rng: Random) -> str:
    return f"{rng.choice(('SCT', 'PAY', 'VIR', 'F'))}{rng.randint(0, 10**10 - 1):010d}"
