"""The company's bank accounts: customers' receipts among everything else that moves there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from encours.core.business_days import business_day_from, business_day_until
from encours.demo import remittance
from encours.demo.calendar import business_days, month_end
from encours.demo.company import Account, DemoCompany
from encours.demo.payments import Receipt


@dataclass(frozen=True, slots=True)
class BankLine:
    """A booked line as the bank knows it. `code` is the interbank operation code (CFONB)."""

    booked_date: date
    amount_cents: int
    code: str
    label: str
    text: str = ""
    name: str = ""
    iban: str = ""
    reference: str = ""  # ISO 11649
    end_to_end_id: str = ""
    mandate_id: str = ""
    return_reason: str = ""  # ISO 20022 external code
    bank_reference: str = ""
    customer: str = ""  # what the bank does not know: whose money it is, and what it settles
    settles: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DayStatement:
    """One account's booked day: opening + lines = closing, opening = the closing before."""

    account: Account
    number: int  # of the account, without gaps
    day: date
    opening_date: date
    opening_cents: int
    lines: tuple[BankLine, ...]

    @property
    def closing_cents(self) -> int:
        return self.opening_cents + sum(line.amount_cents for line in self.lines)


class AccountBook:
    """Cuts an account's lines into days that chain."""

    def __init__(self, account: Account, *, opened: date) -> None:
        self.account = account
        self.balance_cents = account.opening_cents
        self._last_day = opened
        self._days = self._lines = 0

    def book(self, lines: Iterable[BankLine]) -> Iterator[DayStatement]:
        """Statements of the days on which something moved. `lines` are of one month, in any order."""
        days: dict[date, list[BankLine]] = {}
        for line in lines:
            days.setdefault(line.booked_date, []).append(line)
        for day in sorted(days):
            self._days += 1
            statement = DayStatement(
                account=self.account,
                number=self._days,
                day=day,
                opening_date=self._last_day,
                opening_cents=self.balance_cents,
                lines=tuple(self._with_reference(line) for line in days[day]),
            )
            self.balance_cents, self._last_day = statement.closing_cents, day
            yield statement

    def _with_reference(self, line: BankLine) -> BankLine:
        self._lines += 1
        return replace(line, bank_reference=f"{self.account.key}{line.booked_date:%y%m%d}{self._lines:08d}")


def receipt_line(receipt: Receipt) -> BankLine:
    """How the bank prints a customer's money."""
    name = remittance.upper_ascii(receipt.payer.name)
    common = BankLine(
        booked_date=receipt.booked_date,
        amount_cents=receipt.amount_cents,
        code="05",
        label=f"VIR RECU {name}",
        text=remittance.upper_ascii(receipt.text),
        name=name,
        iban=receipt.payer.iban,
        reference=receipt.reference,
        end_to_end_id=receipt.end_to_end_id,
        customer=receipt.payer.code,
        settles=receipt.settles,
    )
    if receipt.method == "instant":
        return replace(common, code="C2", label=f"VIR INST {name}")
    if receipt.method == "direct_debit":
        return replace(
            common, code="A1", label=f"PRLV SEPA EMIS {name}", mandate_id=f"MDT-{receipt.payer.code}"
        )
    if receipt.method == "cheque":  # the bank tells nothing of who wrote it
        return replace(
            common, code="02", label=receipt.text, text="", name="", iban="", reference="", end_to_end_id=""
        )
    return common


def return_line(receipt: Receipt, day: date) -> BankLine:
    """A direct debit the customer's bank gives back for want of money."""
    line = receipt_line(receipt)
    return replace(
        line,
        booked_date=day,
        amount_cents=-receipt.amount_cents,
        code="B3",
        label=f"PRLV IMPAYE {line.name}",
        return_reason="AM04",
        settles=tuple((number, -cents) for number, cents in receipt.settles),
    )


def other_lines(
    company: DemoCompany,
    month: date,
    *,
    until: date,
    received_cents: int,
    balances: dict[str, int],
    rng: Random,
) -> Iterator[tuple[str, BankLine]]:
    """Salaries, taxes, suppliers, fees and own transfers of a month, as (account, line).

    What is spent follows what was received in the month before, so that the accounts live.
    """
    days = business_days(month, until=until)
    end = month_end(month)
    budget = max(2_000_000, received_cents)

    def on_day(number: int) -> date:
        return business_day_from(month.replace(day=min(number, end.day)))

    planned: list[tuple[str, BankLine]] = [
        ("A", _debit(on_day(1), 486_000, "08", "PRLV SEPA SCI DU QUAI", "LOYER ET CHARGES")),
        ("A", _debit(on_day(5), budget * 15 // 100, "08", "PRLV SEPA URSSAF", "COTISATIONS SOCIALES")),
        ("A", _debit(on_day(19), budget * 13 // 100, "08", "PRLV SEPA DGFIP", "TVA DU MOIS")),
        (
            "A",
            _debit(business_day_until(end), budget * 45 // 100, "06", "VIR SALAIRES", f"PAIE {month:%m/%Y}"),
        ),
        (
            "A",
            _debit(
                business_day_until(end), rng.randint(1_800, 6_200), "62", "COMMISSION DE TENUE DE COMPTE", ""
            ),
        ),
        ("B", _debit(business_day_until(end), rng.randint(900, 3_100), "62", "FRAIS DE MOUVEMENT", "")),
        ("B", _debit(on_day(12), rng.randint(8_000, 60_000), "30", "CARTES SOCIETE", "FACTURETTES DU MOIS")),
    ]
    for _ in range(rng.randint(9, 16)):
        supplier, about = rng.choice(_SUPPLIERS)
        cents = int(budget * rng.uniform(0.003, 0.030))
        planned.append(
            (
                rng.choice("AAB"),
                _debit(on_day(rng.randint(2, 28)), cents, "06", f"VIR SEPA {supplier}", about),
            )
        )
    if rng.random() < 0.4:  # a credit that is no customer's
        planned.append(("A", BankLine(on_day(rng.randint(3, 25)), rng.randint(4_000, 90_000), "05", "VIR RECU TROP VERSE", text="REMBOURSEMENT TROP VERSE", name="MUTUELLE D'AINAY")))  # fmt: skip
    surplus = balances["B"] - 8_000_000
    if surplus > 1_000_000:
        day, cents = on_day(20), surplus // 100_000 * 100_000
        text = "VIREMENT INTERNE VENTALUNE"
        planned.append(("B", BankLine(day, -cents, "13", text, name="VENTALUNE INGENIERIE")))
        planned.append(("A", BankLine(day, cents, "18", text, name="VENTALUNE INGENIERIE", iban=company.account("B").iban)))  # fmt: skip
    for account, line in planned:
        if days and line.booked_date <= days[-1]:
            yield account, line


_SUPPLIERS = (
    ("LORVANCE TELECOM", "FACTURE LIGNES"),
    ("NORTIS INFORMATIQUE", "SERVEURS"),
    ("BELRIX VOYAGES", "DEPLACEMENTS"),
    ("CORTANE ASSURANCES", "ECHEANCE"),
    ("GALPHIS SOUS TRAITANCE", "PRESTATIONS"),
    ("SOLVANCE FREELANCE", "MISSION"),
    ("VERDIS NETTOYAGE", "LOCAUX"),
)


def _debit(day: date, cents: int, code: str, label: str, text: str) -> BankLine:
    name = label.removeprefix("PRLV SEPA ").removeprefix("VIR SEPA ") if "SEPA" in label else ""
    return BankLine(day, -cents, code, label, text=text, name=name)


def return_day(receipt: Receipt) -> date:
    """An unpaid debit comes back after a few business days."""
    day = receipt.booked_date
    for _ in range(4):
        day = business_day_from(day + timedelta(days=1))
    return day
