"""CFONB 120 statements: records of 120 characters, 01 (old balance), 04 and 05 (movement), 07 (new balance)."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from encours.demo.bank import BankLine, DayStatement
from encours.demo.company import Account

_CREDIT, _DEBIT = "{ABCDEFGHI", "}JKLMNOPQR"  # the last digit carries the sign


def write_cfonb(path: Path, statements: Iterable[DayStatement]) -> None:
    with path.open("w", encoding="latin-1", newline="") as file:
        for statement in statements:
            for record in _records(statement):
                assert len(record) == 120, record
                file.write(record + "\r\n")


def _records(statement: DayStatement) -> Iterator[str]:
    account = statement.account
    yield _balance("01", account, statement.opening_date, statement.opening_cents)
    for line in statement.lines:
        yield (
            f"04{_place(account, line.code)}{line.booked_date:%d%m%y}  {line.booked_date:%d%m%y}"
            f"{line.label[:31]:<31}  {0:07d}  {signed_amount(line.amount_cents)}{line.bank_reference[:16]:<16}"
        )
        for qualifier, text in _complements(line):
            yield f"05{_place(account, line.code)}{line.booked_date:%d%m%y}     {qualifier}{text[:70]:<70}  "
    yield _balance("07", account, statement.day, statement.closing_cents)


def _place(account: Account, code: str) -> str:
    """Positions 3 to 34: bank, internal code, branch, currency, account, operation."""
    return f"{account.bank_code}{'16' + code:<4}{account.branch}EUR2 {account.number}{code}"


def _balance(record: str, account: Account, day: date, cents: int) -> str:
    return (
        f"{record}{account.bank_code}    {account.branch}EUR2 {account.number}  {day:%d%m%y}{'':50}"
        f"{signed_amount(cents)}{'':16}"
    )


def signed_amount(cents: int) -> str:
    """Fourteen characters; the last one is digit and sign."""
    digits = f"{abs(cents):014d}"
    return digits[:-1] + (_CREDIT if cents >= 0 else _DEBIT)[int(digits[-1])]


def _complements(line: BankLine) -> Iterator[tuple[str, str]]:
    party = "NPY" if line.amount_cents > 0 or line.return_reason else "NBE"
    if line.name:
        yield party, line.name
    if line.text:
        yield "LCC", line.text[:70]
        if line.text[70:]:
            yield "LC2", line.text[70:140]
    if line.reference:
        yield "LCS", line.reference
    if line.end_to_end_id:
        yield "RCN", line.end_to_end_id
    if line.mandate_id:
        yield "RUM", line.mandate_id
    if line.return_reason:
        yield "LIB", f"MOTIF {line.return_reason}"
