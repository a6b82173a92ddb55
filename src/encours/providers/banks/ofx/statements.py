"""Statements of an OFX tree."""

import re
from collections.abc import Iterator
from datetime import date

from encours.core.bank_accounts import french_iban, iban_of
from encours.core.money import UnableToReadAmount, parse_amount
from encours.core.problems import Problem
from encours.core.statements import Statement, Transaction
from encours.core.wording import Sentence
from encours.ports.files import UnableToReadFile
from encours.providers.banks.ofx import problems
from encours.providers.banks.ofx.markup import Aggregate

# The day as the bank wrote it. Its time and zone ([-5:EST]) are left alone: turned into another zone, a
# line booked at midnight would move to the day before.
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_AMOUNT = re.compile(r"[+-]?[\d.,\s']*\d[\d.,\s']*")
_CURRENCY = re.compile(r"[A-Z]{3}")
# places of a RIB
_BANK, _BRANCH, _NUMBER, _KEY = 5, 5, 11, 2


class _Unreadable(Exception):
    """One value of a line; carries the reason and where it stands."""

    def __init__(self, sentence: Sentence, field: str, line: int) -> None:
        super().__init__(sentence.code)
        self.sentence, self.field, self.line = sentence, field, line


def read_statements(root: Aggregate, *, currency: str, found: list[Problem]) -> Iterator[Statement]:
    """Refused lines go to `found`. Raises `UnableToReadFile`.

    `currency` is used when neither the statement nor any of its lines names one.
    """
    results = root.every("STMTRS", "CCSTMTRS")
    if not results:
        raise _no_statement(root)
    institution = next((item.text("ORG") for item in root.every("FI")), "")
    for result in results:
        yield _statement(result, institution, currency, found)


def _no_statement(root: Aggregate) -> UnableToReadFile:
    for status in root.every("STATUS"):
        if status.text("SEVERITY").upper() == "ERROR":
            detail = " ".join(filter(None, (status.text("CODE"), status.text("MESSAGE"))))
            return UnableToReadFile(problems.BANK_ERROR(detail=detail), line=status.line)
    return UnableToReadFile(problems.NO_STATEMENT(), line=root.line)


def _statement(result: Aggregate, institution: str, currency: str, found: list[Problem]) -> Statement:
    holder = result.child("BANKACCTFROM") or result.child("CCACCTFROM")
    account = holder.text("ACCTID") if holder else ""
    if not holder or not account:
        raise UnableToReadFile(problems.NO_ACCOUNT(), line=result.line, field="ACCTID")
    lines = result.every("STMTTRN")
    currency = _currency(result, lines) or currency
    transactions = []
    for line in lines:
        try:
            transactions.append(_transaction(line, currency))
        except _Unreadable as error:
            found.append(Problem(error.sentence, line=error.line, field=error.field, raw=_raw(line)))
    closing_cents, closing_date = _balance(result.child("LEDGERBAL"), account, currency, found)
    period = result.child("BANKTRANLIST")
    iban = _iban(holder, currency)
    return Statement(
        account=iban or account,
        written_account=account if iban else "",
        currency=currency,
        transactions=tuple(transactions),
        closing_cents=closing_cents,
        closing_date=closing_date,
        opening_date=_day_or_none(period.text("DTSTART")) if period else None,
        bank=institution or holder.text("BANKID"),
        line=result.line,
    )


def _iban(holder: Aggregate, currency: str) -> str:
    """The IBAN of a French account, whose bank, branch, number and key stand apart; empty when it is not surely one.

    Some banks put the whole RIB or the IBAN into ACCTID, or the key behind the number.
    """
    bank, branch, number, key = (
        holder.text(name).strip() for name in ("BANKID", "BRANCHID", "ACCTID", "ACCTKEY")
    )
    found = iban_of(number)
    if found or not (bank.isdigit() and branch.isdigit() and len(bank) == _BANK and len(branch) <= _BRANCH):
        return found
    branch = branch.zfill(_BRANCH)
    if len(number) == _NUMBER + _KEY and not key:
        number, key = number[:_NUMBER], number[_NUMBER:]
    if key:
        return iban_of(f"{bank}{branch}{number.zfill(_NUMBER)}{key.zfill(_KEY)}")
    # a key proves a RIB; without one it may be an account of another country whose numbers are as long
    return french_iban(bank, branch, number) if currency == "EUR" else ""


def _currency(result: Aggregate, lines: list[Aggregate]) -> str:
    """CURDEF, or where the bank left it empty the one currency its lines are in."""
    if _CURRENCY.fullmatch(result.text("CURDEF").upper()):
        return result.text("CURDEF").upper()
    named = {_line_currency(line) for line in lines}
    return named.pop() if len(named) == 1 else ""


def _line_currency(line: Aggregate) -> str:
    holder = line.child("CURRENCY")
    name = holder.text("CURSYM").upper() if holder else ""
    return name if _CURRENCY.fullmatch(name) else ""


def _transaction(line: Aggregate, currency: str) -> Transaction:
    """Raises `_Unreadable` with the first of what is wrong: the amount, the currency, the date."""
    cents = _amount(line, currency)
    other = _line_currency(line)
    if other and other != currency:
        sentence = problems.OTHER_CURRENCY(fitid=_name(line), other=other, currency=currency)
        raise _Unreadable(sentence, "CURSYM", line.line)
    booked = _booked_date(line)
    name, memo = _payee(line), line.text("MEMO")
    counter_account = line.child("BANKACCTTO") or line.child("CCACCTTO")
    extra = {
        key.lower(): line.text(key) for key in ("CHECKNUM", "REFNUM", "SRVRTID") if line.text(key).strip("0")
    }
    if counter_account and counter_account.text("ACCTID"):
        extra["counterparty_account"] = counter_account.text("ACCTID")
    if original := line.child("ORIGCURRENCY"):
        extra["original_currency"] = original.text("CURSYM")
        extra["currency_rate"] = original.text("CURRATE")
    return Transaction(
        booked_date=booked,
        value_date=_day_or_none(line.text("DTAVAIL") or line.text("VALUEDATE")),
        amount_cents=cents,
        currency=currency,
        bank_reference=line.text("FITID"),
        remittance=memo if name in memo else f"{name} {memo}".strip(),
        counterparty_name=name,
        operation_code=line.text("TRNTYPE").upper(),
        line=line.line,
        extra=extra,
    )


def _booked_date(line: Aggregate) -> date:
    text = line.text("DTPOSTED")
    if not text:
        raise _Unreadable(problems.NO_DATE(fitid=_name(line)), "DTPOSTED", line.line)
    day = _day_or_none(text)
    if day is None:
        sentence = problems.BAD_DATE(fitid=_name(line), text=text[:40])
        raise _Unreadable(sentence, "DTPOSTED", line.line_of("DTPOSTED"))
    return day


def _amount(line: Aggregate, currency: str) -> int:
    text = line.text("TRNAMT")
    if not text:
        raise _Unreadable(problems.NO_AMOUNT(fitid=_name(line)), "TRNAMT", line.line)
    cents = _cents_or_none(text, currency)
    if cents is None:
        sentence = problems.BAD_AMOUNT(fitid=_name(line), text=text[:40], currency=currency)
        raise _Unreadable(sentence, "TRNAMT", line.line_of("TRNAMT"))
    return cents


def _balance(
    holder: Aggregate | None, account: str, currency: str, found: list[Problem]
) -> tuple[int | None, date | None]:
    text = holder.text("BALAMT") if holder else ""
    if not holder or not text:
        return None, None
    cents = _cents_or_none(text, currency)
    if cents is None:
        sentence = problems.BAD_BALANCE(account=account, text=text[:40])
        found.append(Problem(sentence, line=holder.line_of("BALAMT"), field="BALAMT", severity="warning"))
    return cents, _day_or_none(holder.text("DTASOF"))


def _cents_or_none(text: str, currency: str) -> int | None:
    """Signed cents. OFX allows a comma or a dot before the decimals, and no currency sign."""
    if not _AMOUNT.fullmatch(text):
        return None
    try:
        return parse_amount(text, currency)
    except UnableToReadAmount:
        return None


def _day_or_none(text: str) -> date | None:
    found = _DATE.match(text)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _payee(line: Aggregate) -> str:
    payee = line.child("PAYEE") or line.child("EXTDPAYEE")
    return line.text("NAME") or (payee.text("NAME") if payee else "")


def _name(line: Aggregate) -> str:
    return line.text("FITID") or _payee(line) or "?"


def _raw(line: Aggregate) -> str:
    return "<STMTTRN>" + "".join(f"<{name}>{value}" for name, (value, _) in line.elements.items())
