"""What banks write above and below the table: the account, its currency, its balances."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from stdnum import iban

from encours.core.bank_accounts import account_identifier
from encours.core.money import UnableToReadAmount, parse_amount
from encours.ports.tables import folded

Record = tuple[tuple[str, ...], int]

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_ACCOUNT = re.compile(
    r"(?:num[ée]ro\s+(?:de\s+|du\s+)?compte|n[°o]\s*(?:de\s+|du\s+)?compte|account\s*(?:number|no\.?|n°)"
    r"|compte\b[^;:=\d]{0,60}?n[°o]\.?)\s*[;:=]*\s*[;:=]?\s*\"?(?P<account>[0-9A-Z][0-9A-Z .-]{3,33})",
    re.IGNORECASE,
)
# a cell that Excel is to take for text: ="00012345678"
_TEXT_NUMBER = re.compile(r'^="?(\d{8,})"?$|^(\d{10,})$')
# all that BNP Paribas shows of the number
_MASKED = re.compile(r"\*{2,} ?\d{3,6}")
_CURRENCY = re.compile(r"\b(EUR|USD|GBP|CHF|CAD|AUD)\b|\b(euros?)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b")
_MONEY = re.compile(r"[+-]?\s?\d[\d\s\u00a0\u202f.,']*[.,]\d{2}(?!\d)")
_OPENING = ("debut", "initial", "ouverture", "precedent", "ancien", "start", "opening", "beginning")
_CLOSING = ("fin", "final", "cloture", "nouveau", "end", "closing")


@dataclass
class Notes:
    """`dated_balance` is a balance of a day that need not be the last one of the table."""

    account: str = ""
    currency: str = ""
    opening_cents: int | None = None
    closing_cents: int | None = None
    dated_balance: tuple[date, int] | None = None


def speaks_of_balance(cells: Iterable[str]) -> bool:
    """Whether a line without a date is about a balance or a total, and no transaction."""
    words = set(folded(" ".join(cells)).split())
    return bool(words & {"solde", "soldes", "balance", "total", "totaux", "totals"})


def read_notes(records: Iterable[Record], currency: str) -> Notes:
    """`currency` is used for the digits of amounts when the lines name none."""
    notes = Notes()
    for cells, _ in records:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if filled:
            _read(filled, notes, currency)
    return notes


def _read(cells: list[str], notes: Notes, currency: str) -> None:
    text = ";".join(cells)
    notes.account = notes.account or _account(cells, text)
    if not notes.currency and (found := _CURRENCY.search(text)):
        notes.currency = found[1].upper() if found[1] else "EUR"
    words = set(folded(text).split())
    if not words & {"solde", "balance"} or words & {"francs", "frf"}:
        return
    cents = _cents(cells, notes.currency or currency)
    if cents is None:
        return
    if words & set(_OPENING):
        notes.opening_cents = cents
    elif words & set(_CLOSING):
        notes.closing_cents = cents
    elif day := _day(text):
        notes.dated_balance = (day, cents)


def _account(cells: list[str], text: str) -> str:
    for found in _IBAN.finditer(text):
        compact = found[0].replace(" ", "")
        if iban.is_valid(compact):
            return compact
    if found := _ACCOUNT.search(text):
        account = found["account"].strip(" .-")
        if any(char.isdigit() for char in account):
            return account_identifier(account)
    if found := _TEXT_NUMBER.match(cells[0]):
        return found[1] or found[2]
    masked = _MASKED.search(text)
    return masked[0] if masked else ""


def _cents(cells: list[str], currency: str) -> int | None:
    """The last amount of the line: in a cell of its own, or at the end of a sentence."""
    for cell in reversed(cells):
        candidates = [cell] if cell[0] in "+-0123456789" and not _DATE.fullmatch(cell) else []
        candidates += reversed(_MONEY.findall(_DATE.sub(" ", cell)))
        for candidate in candidates:
            try:
                return parse_amount(candidate, currency)
            except UnableToReadAmount:
                continue
    return None


def _day(text: str) -> date | None:
    found = _DATE.search(text)
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
