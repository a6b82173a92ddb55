"""Two years of the company, month by month: what it invoices, what is paid, what stays open.

Memory holds the customers and the documents that are still open, never the history.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from encours.core.business_days import business_day_from, business_day_until
from encours.demo import bank, calendar
from encours.demo.characters import Customer, customer
from encours.demo.company import DemoCompany, demo_company
from encours.demo.identifiers import creditor_reference
from encours.demo.invoices import Invoice, credit_of, final_of, issued_in
from encours.demo.payments import OpenItem, Receipt, planned_date, receipts_of

CUSTOMERS = 400  # at scale 1


@dataclass(frozen=True)
class Month:
    """What the company hands over for a month. Invoices in the order of their numbers."""

    first: date
    invoices: tuple[Invoice, ...]
    statements: dict[str, tuple[bank.DayStatement, ...]]  # by account key


@dataclass
class Life:
    """A run of the simulation; iterate over `months()` once, then read what is left."""

    seed: int
    on: date
    scale: float = 1.0
    company: DemoCompany = field(default_factory=demo_company)

    def __post_init__(self) -> None:
        self.customers = [customer(self.seed, i) for i in range(max(10, round(CUSTOMERS * self.scale)))]
        self.open_items: dict[int, list[OpenItem]] = {}  # by index of the customer that pays
        self.last_bank_day = business_day_until(self.on - timedelta(days=1))
        self._failing_from = self.on - timedelta(days=150)
        self._series: dict[tuple[str, int], int] = {}
        self._finals: dict[date, list[Invoice]] = {}  # deposits whose final invoice is due in this month
        self._carried: list[tuple[str, bank.BankLine]] = []
        self._received_cents = 0

    def months(self) -> Iterator[Month]:
        books: dict[str, bank.AccountBook] = {}
        for first in calendar.months(until=self.on):
            if not books:
                books = {
                    account.key: bank.AccountBook(account, opened=first - timedelta(days=1))
                    for account in self.company.accounts
                }
            invoices = self._invoice(first)
            last = min(calendar.month_end(first), self.last_bank_day)
            lines = self._collect(first, last, {key: book.balance_cents for key, book in books.items()})
            yield Month(
                first=first,
                invoices=invoices,
                statements={
                    key: tuple(book.book(line for account, line in lines if account == key))
                    for key, book in books.items()
                },
            )

    def disputed(self) -> list[str]:
        """Numbers of the open invoices their customers contest."""
        return sorted(i.invoice.number for i in self._items() if i.disputed and i.open_cents > 0)

    def open_documents(self) -> dict[str, int]:
        """What is really open, signed, by number. Overpayments are no document's."""
        return {i.invoice.number: i.open_cents for i in self._items() if i.open_cents}

    def _items(self) -> Iterator[OpenItem]:
        for items in self.open_items.values():
            yield from items

    # invoicing

    def _invoice(self, first: date) -> tuple[Invoice, ...]:
        days = calendar.business_days(first, until=self.on - timedelta(days=1))
        if not days:
            return ()
        drafts: list[tuple[Invoice, OpenItem | None]] = []
        for known in self.customers:
            rng = self._random(known, first, "invoices")
            failing = self._is_failing(known, first)
            drafts += ((invoice, None) for invoice in issued_in(known, days, rng, is_failing=failing))
        for deposit in self._finals.pop(first, ()):
            rng = self._random(deposit.customer, first, f"final {deposit.number}")
            drafts.append((final_of(deposit, issued=rng.choice(days)), None))
        drafts += self._credit_notes(first, days)
        # the order of a day is that of the customers; Python's sort keeps the order of equals
        drafts.sort(key=lambda draft: (draft[0].issue_date, draft[0].customer.index))
        return tuple(self._issue(invoice, corrected, first) for invoice, corrected in drafts)

    def _issue(self, draft: Invoice, corrected: OpenItem | None, first: date) -> Invoice:
        invoice = self._numbered(draft)
        known = invoice.customer
        rng = self._random(known, first, invoice.number)
        if invoice.type == "credit_note":
            assert corrected is not None
            self._credit(invoice, corrected, rng)
            return invoice
        item = OpenItem(invoice, invoice.payable_cents, planned_date(invoice, rng))
        if item.pay_date and self._is_failing(known, item.pay_date):
            item.pay_date = None
        if invoice.type == "invoice" and rng.random() < known.character.disputes:
            item.disputed, item.pay_date = True, None
        if rng.random() < known.character.parts:
            item.parts = rng.choice((2, 2, 3))
        if invoice.type == "deposit":
            # what is paid in advance is paid when asked, else the work does not begin
            item.pay_date = business_day_from(invoice.issue_date + timedelta(days=rng.randint(4, 18)))
            month = calendar.next_month(calendar.next_month(first))
            self._finals.setdefault(month, []).append(invoice)
        self.open_items.setdefault(known.payer, []).append(item)
        return invoice

    def _numbered(self, draft: Invoice) -> Invoice:
        series = "AV" if draft.type == "credit_note" else "FA"
        rank = self._series.get((series, draft.issue_date.year), 0) + 1
        self._series[series, draft.issue_date.year] = rank
        number = f"{series}{draft.issue_date.year}-{rank:05d}"
        wants_reference = draft.customer.asks_reference and draft.type != "credit_note"
        return replace(draft, number=number, reference=creditor_reference(number) if wants_reference else "")

    def _credit_notes(self, first: date, days: list[date]) -> Iterator[tuple[Invoice, OpenItem]]:
        """Disputes that end in the customer's favour, and invoices that were wrong."""
        for items in self.open_items.values():
            for item in items:
                if item.open_cents <= 0 or item.invoice.type != "invoice":
                    continue
                rng = self._random(item.invoice.customer, first, f"credit {item.invoice.number}")
                age = (first - item.invoice.issue_date).days
                if item.disputed and age > 50 and rng.random() < 0.3:
                    share = rng.choice((10, 20, 30, 50, 100))
                    yield credit_of(item.invoice, issued=rng.choice(days), share_percent=share), item
                elif not item.disputed and age < 35 and rng.random() < 0.012:
                    share = rng.choice((5, 10, 25, 100))
                    yield credit_of(item.invoice, issued=rng.choice(days), share_percent=share), item

    def _credit(self, note: Invoice, corrected: OpenItem, rng: Random) -> None:
        if note.customer.character.batches and not corrected.disputed:
            # the customer takes it off a later transfer: until then it stands open on its own
            item = OpenItem(note, -note.payable_cents, None)
            self.open_items.setdefault(note.customer.payer, []).append(item)
            return
        corrected.open_cents -= min(corrected.open_cents, note.payable_cents)
        if corrected.disputed:
            corrected.disputed = False
            corrected.pay_date = business_day_from(note.issue_date + timedelta(days=rng.randint(8, 30)))

    # money

    def _collect(self, first: date, last: date, balances: dict[str, int]) -> list[tuple[str, bank.BankLine]]:
        """Bank lines of the month, (account key, line); what is booked later is carried over."""
        lines = self._carried
        received = 0
        for payer_index in sorted(self.open_items):
            payer, items = self.customers[payer_index], self.open_items[payer_index]
            rng = self._random(payer, first, "payments")
            for receipt in receipts_of(payer, items, first=first, last=last, rng=rng):
                lines.append((receipt.account, bank.receipt_line(receipt)))
                received += receipt.amount_cents
                returned = receipt.method == "direct_debit" and rng.random() < 0.07
                if returned and bank.return_day(receipt) <= self.last_bank_day:
                    lines.append((receipt.account, self._returned(receipt, items)))
        lines += bank.other_lines(
            self.company,
            first,
            until=last,
            received_cents=self._received_cents,
            balances=balances,
            rng=Random(f"bank/{self.seed}/{first}"),
        )
        self._received_cents = received
        self._carried = [(account, line) for account, line in lines if line.booked_date > last]
        self._forget_settled()
        return [(account, line) for account, line in lines if line.booked_date <= last]

    def _returned(self, receipt: Receipt, items: list[OpenItem]) -> bank.BankLine:
        """The money goes back, the invoices are open again and are paid by transfer later, or never."""
        day = bank.return_day(receipt)
        cents = dict(receipt.settles)
        for item in items:
            item.open_cents += cents.get(item.invoice.number, 0)
        return bank.return_line(receipt, day)

    def _forget_settled(self) -> None:
        for index in list(self.open_items):
            left = [item for item in self.open_items[index] if item.open_cents]
            if left:
                self.open_items[index] = left
            else:
                del self.open_items[index]

    def _is_failing(self, known: Customer, day: date) -> bool:
        return known.character.name == "failing" and day >= self._failing_from

    def _random(self, known: Customer, first: date, purpose: str) -> Random:
        """One source per customer, month and purpose: a change in one place does not move the others."""
        return Random(f"{purpose}/{self.seed}/{known.index}/{first}")
