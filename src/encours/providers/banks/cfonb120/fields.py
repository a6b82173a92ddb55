"""The fields of a record: dates, signed amounts, currencies, the account they belong to."""

from dataclasses import dataclass
from datetime import date

from encours.core.bank_accounts import french_iban
from encours.core.fields import field_name
from encours.core.money import MAX_CENTS, decimals_of
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.providers.banks.cfonb120.problems import INVALID_AMOUNT, INVALID_CURRENCY, INVALID_DATE
from encours.providers.banks.cfonb120.records import Record

# Two-digit years from here on are of the twentieth century.
_PIVOT = 60
_CREDIT = {"{": 0} | {letter: digit for digit, letter in enumerate("ABCDEFGHI", start=1)}
_DEBIT = {"}": 0} | {letter: digit for digit, letter in enumerate("JKLMNOPQR", start=1)}
# In the French national alphabet (ISO 646-FR) { and } are printed é and è. A 2004 sheet has them the other way
# round; only the balances of a statement can tell which of the two a bank follows.
_ACCENTED = {"é": "{", "è": "}"}
_SWAPPED = {"é": "}", "è": "{"}


class UnableToReadRecord(Exception):
    """Carries the problem of the refused record."""

    def __init__(self, sentence: Sentence, record: Record, field: str) -> None:
        super().__init__(sentence.code)
        self.problem = Problem(sentence, line=record.line, field=field, raw=record.text.rstrip())


@dataclass(frozen=True)
class Account:
    """Bank, branch and account number of a record, with its currency and the decimals of its amounts."""

    bank: str
    branch: str
    number: str
    currency: str
    decimals: int

    @property
    def identifier(self) -> str:
        """The IBAN, which every format calls the account by; the bare numbers when they make none."""
        plain = self.bank + self.branch + self.number
        return french_iban(self.bank, self.branch, self.number) or plain.strip()

    def is_same(self, other: "Account") -> bool:
        """Branch and number: some banks write another bank code on a part of a statement's records."""
        return (self.branch, self.number) == (other.branch, other.number)


def account_of(record: Record) -> Account:
    """Blank currency and decimals are euros and cents. Raises `UnableToReadRecord`."""
    currency = record.part(17, 19).strip() or "EUR"
    decimals = record.part(20, 20)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise UnableToReadRecord(INVALID_CURRENCY(value=currency, code=record.code), record, "currency")
    return Account(
        bank=record.part(3, 7),
        branch=record.part(12, 16),
        number=record.part(22, 32),
        currency=currency,
        decimals=int(decimals) if decimals in "0123456789" else decimals_of(currency),
    )


def day_of(record: Record, first: int, field: str) -> date:
    """The DDMMYY date that starts at a position. Raises `UnableToReadRecord`."""
    text = record.part(first, first + 5)
    found = as_day(text)
    if found is None:
        raise UnableToReadRecord(
            INVALID_DATE(field=field_name(field), value=text, code=record.code), record, field
        )
    return found


def as_day(text: str) -> date | None:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        return None
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:])
    try:
        return date(year + (1900 if year >= _PIVOT else 2000), month, day)
    except ValueError:
        return None


@dataclass(frozen=True)
class SignedAmount:
    """Signed minor units; `swapped_cents` is what they are when é and è mean the opposite."""

    cents: int
    swapped_cents: int


def amount_of(record: Record, account: Account, field: str) -> SignedAmount:
    """Positions 91-104: thirteen digits and one that carries the sign. Raises `UnableToReadRecord`."""
    text = record.part(91, 104)
    last = text[-1]
    units = _signed(text[:-1], _ACCENTED.get(last, last))
    swapped = _signed(text[:-1], _SWAPPED.get(last, last))
    scale = decimals_of(account.currency) - account.decimals
    if units is None or swapped is None or (scale < 0 and units % 10**-scale):
        raise UnableToReadRecord(
            INVALID_AMOUNT(field=field_name(field), value=text, code=record.code), record, field
        )
    cents, swapped_cents = (n * 10**scale if scale >= 0 else n // 10**-scale for n in (units, swapped))
    if abs(cents) > MAX_CENTS:
        raise UnableToReadRecord(
            INVALID_AMOUNT(field=field_name(field), value=text, code=record.code), record, field
        )
    return SignedAmount(cents, swapped_cents)


def _signed(leading: str, last: str) -> int | None:
    digits = leading.replace(" ", "0") if leading.strip() else leading
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        return None
    if last in _CREDIT:
        return int(digits) * 10 + _CREDIT[last]
    if last in _DEBIT:
        return -(int(digits) * 10 + _DEBIT[last])
    return None
