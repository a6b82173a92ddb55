"""Writes the demo company's files, month by month, and beside them what is true."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from encours.demo.bank import DayStatement
from encours.demo.calendar import months
from encours.demo.company import DemoCompany
from encours.demo.files.camt import write_camt053
from encours.demo.files.cfonb import write_cfonb
from encours.demo.files.facturx import FacturxWriter
from encours.demo.files.tables import NEW, OLD, write_customers, write_invoices
from encours.demo.files.ubl import ubl
from encours.demo.invoices import Invoice
from encours.demo.life import Life, Month
from encours.demo.orders import OrderBook

SETTLEMENTS = (
    "account", "booked_date", "bank_reference", "amount_cents", "customer", "number", "settled_cents",
)  # fmt: skip
Progress = Callable[[int, int], None]
# E-invoices came late: before, everything was exported as CSV.
UBL_MONTHS, FACTURX_MONTHS = 2, 2
# The last weeks come as one file per day, as they do while one works with them; older ones by month.
DAILY_DAYS = 28


@dataclass(frozen=True)
class DatedFile:
    """A file and the last day it tells of: it can be brought in on the next one."""

    path: Path
    day: date


@dataclass(frozen=True)
class Generated:
    """What was written, in the order in which it should be brought in, and what it sums up to.

    `settlements` and `still_open` are CSV files of the truth: which document each bank line settles, and what
    is really open at the end. They are for measuring, not for importing.
    """

    company: DemoCompany
    files: tuple[DatedFile, ...]
    settlements: Path
    still_open: Path
    disputed: tuple[str, ...]
    customer_count: int
    document_counts: dict[str, int]  # by type
    payable_cents: dict[str, int]
    transaction_counts: dict[str, int]  # by IBAN
    closing_cents: dict[str, int]
    last_bank_day: date


def generate(
    folder: Path, *, seed: int, on: date, scale: float = 1.0, progress: Progress | None = None
) -> Generated:
    """The files of two years that end the day before `on`. Deterministic in `seed`, `on` and `scale`.

    `scale` multiplies the customers (400) and with them everything else. `progress` counts months.
    """
    folder.mkdir(parents=True, exist_ok=True)
    life = Life(seed=seed, on=on, scale=scale)
    writer = _Writer(folder, life)
    customers = folder / "clients.csv"
    write_customers(customers, life.customers)
    first_days = list(months(until=on))
    files = [DatedFile(customers, first_days[0])]
    total = len(first_days)
    orders = OrderBook(seed=seed, on=on)
    with (folder / "verite-lettrage.csv").open("w", encoding="utf-8", newline="") as truth:
        settlements = csv.writer(truth, lineterminator="\n")
        settlements.writerow(SETTLEMENTS)
        for done, month in enumerate(life.months(), start=1):
            files += writer.write(month, months_left=total - done)
            for invoice in month.invoices:
                orders.see(invoice)
            settlements.writerows(_settled(month))
            if progress:
                progress(done, total)
    # as they are on the last day, when everything they are about is in
    files += (DatedFile(path, on - timedelta(days=1)) for path in orders.write(folder, life.customers))
    still_open = folder / "verite-ouvert.csv"
    with still_open.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [("number", "open_cents"), *sorted(life.open_documents().items())]
        )
    return Generated(
        company=life.company,
        files=tuple(files),
        settlements=folder / "verite-lettrage.csv",
        still_open=still_open,
        disputed=tuple(life.disputed()),
        customer_count=len(life.customers),
        document_counts=writer.document_counts,
        payable_cents=writer.payable_cents,
        transaction_counts=writer.transaction_counts,
        closing_cents=writer.closing_cents,
        last_bank_day=life.last_bank_day,
    )


class _Writer:
    """Writes one month at a time and keeps the sums."""

    def __init__(self, folder: Path, life: Life) -> None:
        self._invoices, self._bank = folder / "factures", folder / "banque"
        for path in (self._invoices, self._bank):
            path.mkdir(exist_ok=True)
        self._company = life.company
        self._daily_from = life.on - timedelta(days=DAILY_DAYS)
        self._facturx = FacturxWriter(life.company)
        self.document_counts: dict[str, int] = {}
        self.payable_cents: dict[str, int] = {}
        self.transaction_counts = {account.iban: 0 for account in life.company.accounts}
        self.closing_cents = {account.iban: account.opening_cents for account in life.company.accounts}

    def write(self, month: Month, *, months_left: int) -> Iterator[DatedFile]:
        """The month's files. `months_left`: how many months come after it."""
        for invoice in month.invoices:
            self.document_counts[invoice.type] = self.document_counts.get(invoice.type, 0) + 1
            self.payable_cents[invoice.type] = self.payable_cents.get(invoice.type, 0) + invoice.payable_cents
        tables: dict[str, list[Invoice]] = {}
        for invoice in month.invoices:
            written_as = _format(invoice, months_left)
            if written_as == "csv":
                tables.setdefault(self._period(invoice.issue_date), []).append(invoice)
                continue
            path = self._invoices / f"{invoice.number}.{'xml' if written_as == 'ubl' else 'pdf'}"
            if written_as == "ubl":
                path.write_bytes(ubl(invoice, self._company))
            else:
                self._facturx.write(path, invoice)
            yield DatedFile(path, invoice.issue_date)
        for period, invoices in tables.items():
            path = self._invoices / f"factures-{period}.csv"
            write_invoices(path, invoices, encoding=OLD if months_left >= 12 else NEW)
            yield DatedFile(path, invoices[-1].issue_date)
        yield from self._statements(month)

    def _statements(self, month: Month) -> Iterator[DatedFile]:
        for key, statements in month.statements.items():
            if not statements:
                continue
            account = self._company.account(key)
            self.transaction_counts[account.iban] += sum(len(day.lines) for day in statements)
            self.closing_cents[account.iban] = statements[-1].closing_cents
            for period, days in groupby(statements, key=lambda statement: self._period(statement.day)):
                chunk = tuple(days)
                yield DatedFile(self._statement(key, period, chunk), chunk[-1].day)

    def _statement(self, key: str, period: str, days: Sequence[DayStatement]) -> Path:
        """Account A's bank speaks CFONB 120, account B's camt.053."""
        if key == "A":
            path = self._bank / f"releve-A-{period}.cfonb"
            write_cfonb(path, days)
        else:
            path = self._bank / f"releve-B-{period}.xml"
            write_camt053(path, days, owner=self._company.name, message_id=f"CONFLUENT-{period}")
        return path

    def _period(self, day: date) -> str:
        """What the file of a day is named after: the month, lately the day itself."""
        return day.isoformat() if day >= self._daily_from else f"{day:%Y-%m}"


def _format(invoice: Invoice, months_left: int) -> str:
    wanted = invoice.customer.invoice_format
    recent = {"ubl": UBL_MONTHS, "facturx": FACTURX_MONTHS}.get(wanted, 0)
    return wanted if months_left < recent else "csv"


def _settled(month: Month) -> Iterator[tuple[str, str, str, int, str, str, int]]:
    """A row per document a line settles; one without a document when the money is only the customer's."""
    for statements in month.statements.values():
        for day in statements:
            for line in day.lines:
                for number, cents in line.settles or (("", 0),) * bool(line.customer):
                    yield (
                        day.account.iban, day.day.isoformat(), line.bank_reference, line.amount_cents,
                        line.customer, number, cents,
                    )  # fmt: skip
