"""Makes statements of a message's fields, and one statement of the pages a bank cut it into."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from encours.core.bank_accounts import account_identifier, iban_of
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.statements import RETURNED, Statement, Transaction
from encours.ports.files import UnableToReadFile
from encours.providers.banks.mt940 import problems
from encours.providers.banks.mt940.details import IBAN, given, read_details
from encours.providers.banks.mt940.fields import Field
from encours.providers.banks.mt940.lines import (
    Balance,
    Line,
    UnableToReadField,
    read_balance,
    read_floor,
    read_line,
    read_total,
)

_ISO_CURRENCY_LENGTH = 3


@dataclass
class _Entry:
    """A :61: with what follows it."""

    line: Field
    details: list[str] = field(default_factory=list)
    non_swift: list[str] = field(default_factory=list)

    @property
    def raw(self) -> str:
        parts = [self.line.raw, *(f":86:{text}" for text in self.details)]
        return "\n".join(parts + [f":NS:{text}" for text in self.non_swift])


@dataclass
class _Message:
    at: int
    reference: str = ""
    account: str = ""
    bank: str = ""
    number: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    opening_tag: str = ""
    closing_tag: str = ""
    currency: str = ""
    floor_cents: int = 0
    during_the_day: bool = False
    entries: list[_Entry] = field(default_factory=list)
    totals: list[tuple[Field, tuple[int, str, int]]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """A statement with what joining it to the next page needs."""

    statement: Statement
    number: str
    starts_amid: bool
    ends_amid: bool


def read_page(fields: list[Field], *, currency: str, is_last: bool, found: list[Problem]) -> Page:
    """One message as a page. Refused lines go to `found`. Raises `UnableToReadFile`.

    `currency` is used when no field of the message names one; `is_last` says that the file ends with it.
    """
    message = _gather(fields)
    message.currency = message.currency or _account_currency(fields) or currency
    transactions = []
    for entry in message.entries:
        try:
            cut = is_last and message.closing is None and entry is message.entries[-1]
            transactions.append(_transaction(entry, message, may_be_cut=cut))
        except UnableToReadField as error:
            found.append(Problem(error.sentence, line=entry.line.line, field="61", raw=entry.raw))
    statement = Statement(
        account=message.account,
        currency=message.currency,
        transactions=tuple(transactions),
        opening_cents=message.opening.cents if message.opening else None,
        closing_cents=message.closing.cents if message.closing else None,
        opening_date=message.opening.on if message.opening else None,
        closing_date=message.closing.on if message.closing else None,
        reference=message.number or message.reference,
        bank=message.bank,
        line=message.at,
        # MT942 has a floor limit and a time, and no balances
        provisional=message.during_the_day and message.opening is None and message.closing is None,
    )
    found.extend(_doubts(message, statement))
    return Page(
        statement,
        message.number.split("/")[0],
        starts_amid=message.opening_tag == "60M",
        ends_amid=message.closing_tag == "62M",
    )


def join_pages(pages: list[Page]) -> Iterator[Statement]:
    """Statements cut into several messages (:62M: … :60M:) are one again when their balances meet."""
    current: Page | None = None
    for page in pages:
        if current is not None and _continues(current, page):
            first, second = current.statement, page.statement
            statement = replace(
                first,
                transactions=first.transactions + second.transactions,
                closing_cents=second.closing_cents,
                closing_date=second.closing_date,
            )
            current = replace(current, statement=statement, ends_amid=page.ends_amid)
            continue
        if current is not None:
            yield current.statement
        current = page
    if current is not None:
        yield current.statement


def _continues(first: Page, second: Page) -> bool:
    one, two = first.statement, second.statement
    return (
        first.ends_amid
        and second.starts_amid
        and (one.account, one.currency, first.number) == (two.account, two.currency, second.number)
        and one.closing_cents == two.opening_cents
    )


def _gather(fields: list[Field]) -> _Message:
    message = _Message(at=fields[0].line)
    for item in fields:
        match item.tag:
            case "20":
                message.reference = item.value.split("\n")[0].strip()
            case "25" | "25P":
                if message.account:
                    sentence = problems.ACCOUNT_TWICE(first=message.account, second=item.value[:40].strip())
                    raise UnableToReadFile(sentence, line=item.line, field="25")
                message.account, message.bank = _account(item.value)
            case "28" | "28C":
                message.number = item.value.split("\n")[0].strip()
            case "60" | "60F" | "60M" | "62" | "62F" | "62M":
                _keep_balance(message, item)
            case "34F":
                message.during_the_day = True
                _keep_floor(message, item)
            case "13" | "13D":
                message.during_the_day = True
            case "61":
                message.entries.append(_Entry(item))
            case "86" if message.entries and message.closing is None:
                message.entries[-1].details.append(item.value)
            case "NS" if message.entries and message.closing is None:
                message.entries[-1].non_swift.append(item.value)
            case "90D" | "90C":
                _keep_total(message, item)
            case _:  # available balances, the bank's notices: nothing that is booked
                pass
    _require(message)
    return message


def _require(message: _Message) -> None:
    if not message.account:
        raise UnableToReadFile(problems.NO_ACCOUNT(), line=message.at, field="25")
    known = message.opening or message.closing or message.entries or message.currency
    if not known:
        sentence = problems.NOTHING_INSIDE(account=message.account)
        raise UnableToReadFile(sentence, line=message.at)


def _keep_balance(message: _Message, item: Field) -> None:
    try:
        balance = read_balance(item.tag, item.value)
    except UnableToReadField as error:
        raise UnableToReadFile(error.sentence, line=item.line, field=item.tag) from error
    _keep_currency(message, balance.currency, item)
    if item.tag.startswith("62"):
        message.closing, message.closing_tag = balance, item.tag
    elif message.opening is None:
        message.opening, message.opening_tag = balance, item.tag


def _keep_floor(message: _Message, item: Field) -> None:
    try:
        floor = read_floor(item.value)
    except UnableToReadField:  # a limit decides nothing that is booked
        floor = None
    if floor is not None:
        _keep_currency(message, floor[0], item)
        message.floor_cents = max(message.floor_cents, floor[1])


def _keep_total(message: _Message, item: Field) -> None:
    try:
        total = read_total(item.value)
    except UnableToReadField:
        total = None
    if total is not None:
        message.totals.append((item, total))


def _keep_currency(message: _Message, currency: str, item: Field) -> None:
    if message.currency and message.currency != currency:
        sentence = problems.TWO_CURRENCIES(account=message.account, first=message.currency, second=currency)
        raise UnableToReadFile(sentence, line=item.line, field=item.tag)
    message.currency = currency


def _account(value: str) -> tuple[str, str]:
    """Account and bank of :25:. An IBAN stands alone, so that every format of the bank names it alike."""
    text = value.split("\n")[0].strip()
    bank, _, account = text.rpartition("/")
    found = iban_of(account)
    return (found, bank) if found else (account_identifier(text), "")


def _account_currency(fields: list[Field]) -> str:
    """The currency some banks put behind the account (`70011110/4005287001EUR`)."""
    for item in fields:
        tail = item.value.strip()[-_ISO_CURRENCY_LENGTH:]
        if item.tag in ("25", "25P") and tail in ("EUR", "USD", "GBP", "CHF"):
            return tail
    return ""


def _transaction(entry: _Entry, message: _Message, *, may_be_cut: bool) -> Transaction:
    line: Line = read_line(entry.line.value, message.currency)
    if may_be_cut and not line.operation_code:
        raise UnableToReadField(problems.CUT_LINE(text=" ".join(entry.line.value.split())[:80]))
    details = read_details(
        "\n".join(entry.details), supplement=line.supplement, non_swift="\n".join(entry.non_swift)
    )
    other_iban = details.counterparty_iban
    if line.customer_reference and IBAN.fullmatch(line.customer_reference):
        other_iban = other_iban or line.customer_reference
    elif line.customer_reference:
        details.extra.setdefault("customer_reference", given(line.customer_reference))
    if line.is_reversal:
        details.extra[RETURNED] = "true"
    return Transaction(
        booked_date=line.booked_date,
        value_date=line.value_date,
        amount_cents=line.amount_cents,
        currency=message.currency,
        bank_reference=line.bank_reference,
        end_to_end_id=details.end_to_end_id,
        mandate_id=details.mandate_id,
        structured_reference=details.structured_reference,
        remittance=details.remittance or details.extra.get("supplement", ""),
        counterparty_name=details.counterparty_name,
        counterparty_iban=other_iban,
        operation_code=details.operation_code or line.operation_code,
        return_reason=details.return_reason,
        line=entry.line.line,
        extra=details.extra,
    )


def _doubts(message: _Message, statement: Statement) -> Iterator[Problem]:
    if message.opening is not None and message.closing is None:
        yield Problem(
            problems.NO_CLOSING_BALANCE(account=message.account),
            line=message.at,
            field="62F",
            severity="warning",
        )
    if message.floor_cents:  # smaller lines are left out: the totals cannot agree
        return
    for item, (count, currency, cents) in message.totals:
        signed = [t.amount_cents for t in statement.transactions]
        chosen = [-a for a in signed if a < 0] if item.tag == "90D" else [a for a in signed if a > 0]
        if (count, cents) != (len(chosen), sum(chosen)):
            yield Problem(
                problems.TOTALS_DIFFER(
                    account=message.account,
                    tag=item.tag,
                    announced_count=count,
                    announced=Money(cents, currency),
                    count=len(chosen),
                    total=Money(sum(chosen), message.currency),
                ),
                line=item.line,
                field=item.tag,
                severity="warning",
            )
