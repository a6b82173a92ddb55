"""One :61: field, the statement line, with the grammar of the `mt-940` library.

The library's three grammars of :61: are tried in an order that loses nothing: with a `//` the customer
reference may have any length (German cooperative banks), then SWIFT's own, then the one of the Dutch ASN
bank, whose customer reference is an IBAN.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from mt940.tags import BalanceBase, FloorLimitIndicator, Statement, StatementASNB, StatementGLS, SumEntries

from encours.core.money import UnableToReadAmount, to_cents
from encours.core.wording import Sentence
from encours.providers.banks.mt940 import problems
from encours.providers.banks.mt940.details import given

_LONG_REFERENCE, _SWIFT, _ASN = StatementGLS().re, Statement().re, StatementASNB().re
_BALANCE, _FLOOR, _TOTAL = BalanceBase().re, FloorLimitIndicator().re, SumEntries().re
# two-digit years: SWIFT's rule, 80 to 99 belong to the last century
_PIVOT = 80


class UnableToReadField(ValueError):
    """The field is not of its form; carries why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Line:
    """A :61: field. `amount_cents` is signed: a reversal of a credit (RC) is a debit."""

    booked_date: date
    value_date: date
    amount_cents: int
    operation_code: str
    customer_reference: str
    bank_reference: str
    supplement: str
    is_reversal: bool = False  # RC, RD: an earlier line is taken back


@dataclass(frozen=True)
class Balance:
    on: date
    currency: str
    cents: int


def read_line(value: str, currency: str) -> Line:
    """Raises `UnableToReadField`."""
    text = value.strip()
    found = _match_line(text)
    if found is None:
        raise UnableToReadField(problems.BAD_LINE(text=_short(text)))
    value_date = _date(found["year"], found["month"], found["day"], text)
    mark = found["status"].upper()
    sign = 1 if mark in ("C", "RD") else -1
    supplement = " ".join((found["extra_details"] or "").split())
    return Line(
        booked_date=_entry_date(found["entry_month"], found["entry_day"], value_date, text),
        value_date=value_date,
        amount_cents=sign * _amount(found["amount"], currency),
        operation_code=(found["id"] or "").strip(),
        customer_reference=given(found["customer_reference"] or ""),
        bank_reference=given(found["bank_reference"] or ""),
        supplement=supplement,
        is_reversal=mark in ("RC", "RD"),
    )


def read_balance(tag: str, value: str) -> Balance:
    """A :60:, :62: … field: mark, date, currency, amount. Raises `UnableToReadField`."""
    text = value.strip()
    found = _BALANCE.match(text)
    if found is None or not found["currency"].isalpha() or not found["amount"]:
        raise UnableToReadField(problems.BAD_BALANCE(tag=tag, text=_short(text)))
    currency = found["currency"].upper()
    sign = -1 if found["status"].upper() == "D" else 1
    day = _date(found["year"], found["month"], found["day"], text)
    return Balance(day, currency, sign * _amount(found["amount"], currency))


def read_floor(value: str) -> tuple[str, int] | None:
    """Currency and floor limit of :34F:; None when it has another form."""
    found = _FLOOR.match(value.strip())
    if found is None:
        return None
    currency = found["currency"].upper()
    return currency, _amount(found["amount"] or "0", currency)


def read_total(value: str) -> tuple[int, str, int] | None:
    """Count, currency and sum of :90D: or :90C:; None when it has another form."""
    found = _TOTAL.match(value.strip())
    if found is None or not found["number"]:
        return None
    currency = found["currency"].upper()
    return int(found["number"]), currency, _amount(found["amount"], currency)


def _match_line(text: str) -> re.Match[str] | None:
    order = (_SWIFT, _LONG_REFERENCE, _ASN)
    if "//" in text.split("\n")[0]:
        order = (_LONG_REFERENCE, _SWIFT, _ASN)
    return next((found for pattern in order if (found := pattern.match(text))), None)


def _amount(text: str, currency: str) -> int:
    try:
        return to_cents(Decimal(text.replace(",", ".")), currency)
    except (InvalidOperation, UnableToReadAmount) as error:
        raise UnableToReadField(problems.BAD_AMOUNT(text=_short(text), currency=currency)) from error


def _date(year: str, month: str, day: str, text: str) -> date:
    century = 1900 if int(year) >= _PIVOT else 2000
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError as error:
        raise UnableToReadField(problems.BAD_DATE(text=_short(text))) from error


def _entry_date(month: str | None, day: str | None, value_date: date, text: str) -> date:
    """The booking day has no year: the one nearest to the value date."""
    if not (month or "").strip() or not (day or "").strip():
        return value_date
    near: list[date] = []
    for year in (value_date.year - 1, value_date.year, value_date.year + 1):
        try:
            near.append(date(year, int(month or 0), int(day or 0)))
        except ValueError:  # 29 February of another year
            continue
    if not near:
        raise UnableToReadField(problems.BAD_DATE(text=_short(text)))
    return min(near, key=lambda candidate: abs((candidate - value_date).days))


def _short(text: str) -> str:
    return " ".join(text.split())[:80]
