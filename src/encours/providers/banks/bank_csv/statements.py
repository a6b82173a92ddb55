"""Makes statements of the columns: one per account and currency."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from encours.core.bank_accounts import iban_of
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.statements import Statement, Transaction
from encours.ports.tables import Table, folded
from encours.providers.banks.bank_csv import problems
from encours.providers.banks.bank_csv.balances import Running, follow
from encours.providers.banks.bank_csv.columns import Columns
from encours.providers.banks.bank_csv.notes import Notes

_CREDITS = frozenset(
    {"c", "cr", "credit", "h", "haben", "in", "entree", "recette", "received", "encaissement"}
)
_DEBITS = frozenset(
    {"d", "dr", "db", "debit", "s", "soll", "out", "sortie", "depense", "sent", "decaissement"}
)
_BOOKED = frozenset(
    {"", "execute", "executee", "regle", "reglee", "settled", "executed", "completed", "complete", "booked",
     "posted", "comptabilise", "comptabilisee", "valide", "validee", "termine", "terminee", "cleared", "done"}
)  # fmt: skip
_MAX_JUMPS = 3


@dataclass
class _Group:
    account: str
    currency: str
    line: int
    transactions: list[Transaction] = field(default_factory=list)
    balances: list[int | None] = field(default_factory=list)


def make_statements(columns: Columns, table: Table, found: list[Problem]) -> Iterator[Statement]:
    """Refused lines go to `found`."""
    groups: dict[tuple[str, str], _Group] = {}
    fallback = columns.notes.account or account_name(table)
    signs = _signs(columns)
    counterparty = _iban_is_of_the_other(columns, table)
    for row in columns.frame.iter_rows(named=True):
        cents = _amount(row, signs, found)
        if cents is None:
            continue
        own = "" if counterparty else row.get("account", "")
        account = iban_of(own) or (own.replace(" ", "") if own[:2].isalpha() else own or fallback)
        key = (account, row["currency"])
        group = groups.setdefault(key, _Group(account, row["currency"], row["line"]))
        group.transactions.append(_transaction(row, cents, columns, counterparty=counterparty))
        group.balances.append(row.get("balance_cents"))
    for group in groups.values():
        yield _statement(group, columns.notes if len(groups) == 1 else Notes(), found)


def account_name(table: Table) -> str:
    """What a table's account is called when no line names it: the same for every file with these headers.

    A person renames it; a company with two such accounts should ask its bank for a format that names them.
    """
    return f"csv-{table.fingerprint[:8]}"


def _iban_is_of_the_other(columns: Columns, table: Table) -> bool:
    """Whether a column merely called IBAN is the other party's: it stands beside names and varies with them."""
    header = next((name for name, known in table.columns.items() if known == "account"), "")
    if folded(header) != "iban" or "counterparty_name" not in columns.texts:
        return False
    values = {value for value in columns.frame["account"].to_list() if value}
    return len(values) > 1 or "status" in columns.texts


def _signs(columns: Columns) -> Mapping[str, int]:
    """Factor for each of the debit and credit columns.

    A column with both signs holds reversals: its usual sign is the positive one. Where all are negative the
    bank has signed the debits itself.
    """
    frame = columns.frame
    signs = {"debit_cents": -1, "credit_cents": 1}
    for name, sign in signs.items():
        if name in frame.columns:
            highest = frame[name].max()
            if isinstance(highest, int) and highest <= 0:
                signs[name] = 1 if sign < 0 else -1
    return signs


def _amount(row: Mapping[str, Any], signs: Mapping[str, int], found: list[Problem]) -> int | None:
    """Signed cents of a line; None when it is refused or not booked."""
    problem = None
    debit, credit = row.get("debit_cents"), row.get("credit_cents")
    cents = row.get("amount_cents")
    if folded(row.get("status", "")) not in _BOOKED:
        sentence = problems.NOT_BOOKED(status=row["status"][:40])
        problem = Problem(sentence, line=row["line"], field="status", raw=row["raw"], severity="warning")
    elif debit and credit:
        money = {"debit": Money(abs(debit), row["currency"]), "credit": Money(abs(credit), row["currency"])}
        problem = Problem(problems.DEBIT_AND_CREDIT(**money), line=row["line"], field="debit", raw=row["raw"])
    elif debit is not None or credit is not None:
        cents = (debit or 0) * signs["debit_cents"] + (credit or 0) * signs["credit_cents"]
    elif cents is None:
        problem = Problem(problems.NO_AMOUNT(), line=row["line"], field="amount", raw=row["raw"])
    elif row.get("direction"):
        flag = folded(row["direction"])
        if flag in _CREDITS or row["direction"] == "+":
            cents = abs(cents)
        elif flag in _DEBITS or row["direction"] == "-":
            cents = -abs(cents)
        else:
            sentence = problems.BAD_DIRECTION(text=row["direction"][:40])
            problem = Problem(sentence, line=row["line"], field="direction", raw=row["raw"])
    if problem is not None:
        found.append(problem)
        return None
    return cents


def _transaction(row: Mapping[str, Any], cents: int, columns: Columns, *, counterparty: bool) -> Transaction:
    account = row.get("counterparty_account", "") or (row.get("account", "") if counterparty else "")
    compact = account.replace(" ", "")
    is_iban = compact[:2].isalpha() and compact[2:4].isdigit()
    extra = {name.removeprefix("other:"): row[name] for name in columns.others if row[name]}
    if account and not is_iban:
        extra["counterparty_account"] = account
    if row.get("short_label"):
        extra["short_label"] = row["short_label"]
    if row.get("foreign_amount_cents") and row.get("original_currency") != row["currency"]:
        extra["original_amount"] = row["foreign_amount"]
        extra["original_currency"] = row["original_currency"]
    return Transaction(
        booked_date=row["date"],
        value_date=row["value_date"],
        amount_cents=cents,
        currency=row["currency"],
        bank_reference=row.get("bank_reference") or row.get("reference", ""),
        end_to_end_id=row.get("end_to_end_id", ""),
        mandate_id=row.get("mandate_id", ""),
        remittance=_remittance(row),
        counterparty_name=row.get("counterparty_name", ""),
        counterparty_iban=compact if is_iban else "",
        operation_code=row.get("operation_type", ""),
        line=row["line"],
        extra=extra,
    )


def _remittance(row: Mapping[str, Any]) -> str:
    """Every text of the line that may hold a reference, each once."""
    texts: list[str] = []
    for name in ("label", "detail", "reference"):
        text = " ".join(row.get(name, "").split())
        if text and not any(text in other for other in texts):
            texts = [other for other in texts if other not in text] + [text]
    return " ".join(texts) or row.get("short_label", "")


def _statement(group: _Group, notes: Notes, found: list[Problem]) -> Statement:
    days = [t.booked_date for t in group.transactions]
    amounts = [t.amount_cents for t in group.transactions]
    running = follow(amounts, group.balances, oldest_first=days[0] <= days[-1])
    if running is not None:
        found.extend(_jumps(group, running))
    opening = notes.opening_cents if notes.opening_cents is not None else running and running.opening_cents
    closing = notes.closing_cents if notes.closing_cents is not None else running and running.closing_cents
    closing_date: date = max(days)
    if closing is None and notes.dated_balance and notes.dated_balance[0] >= closing_date:
        closing_date, closing = notes.dated_balance
    return Statement(
        account=group.account,
        currency=group.currency,
        transactions=tuple(group.transactions),
        opening_cents=opening,
        closing_cents=closing,
        opening_date=min(days),
        closing_date=closing_date,
        line=group.line,
    )


def _jumps(group: _Group, running: Running) -> Iterator[Problem]:
    """The first places where lines are missing; the statement as a whole does not add up either."""
    for index, before, after in running.breaks[:_MAX_JUMPS]:
        transaction = group.transactions[index]
        sentence = problems.BALANCE_JUMPS(
            before=Money(before, group.currency),
            after=Money(after, group.currency),
            amount=Money(transaction.amount_cents, group.currency),
        )
        yield Problem(sentence, line=transaction.line, field="balance", severity="warning")
