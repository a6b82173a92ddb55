"""Bank statements as every bank format gives them, and the check that they add up.

A `Statement` is one account over one period as the bank reported it. Amounts are signed cents seen
from the account holder: a credit (money received) is positive.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import accumulate
from typing import Any

from encours.core.money import Money, to_decimal
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

DOES_NOT_ADD_UP = Wording(
    "statement_does_not_add_up",
    fr="Le relevé du compte {account} ne tombe pas juste : solde initial {opening} + mouvements {movements}"
    " ≠ solde final {closing} (écart {gap}). Demandez un nouveau fichier à la banque.",
    en="The statement of account {account} does not add up: opening {opening} + movements {movements}"
    " ≠ closing {closing} (gap {gap}). Ask the bank for the file again.",
)
BALANCE_GAP = Wording(
    "statement_balance_gap",
    fr="Il manque un relevé du compte {account} : le dernier solde connu ({last_date}) est {last}, le relevé suivant"
    " ({opening_date}) commence à {opening}. Importez le relevé intermédiaire.",
    en="A statement of account {account} is missing: the last known balance ({last_date}) is {last}, the next"
    " statement ({opening_date}) opens at {opening}. Import the statement in between.",
)
OTHER_CURRENCY = Wording(
    "currency_not_of_account",
    fr="Cette opération est en {currency} alors que le compte {account} est en {expected} : deux devises ne se"
    " mélangent pas. Ligne refusée.",
    en="This transaction is in {currency} while account {account} is kept in {expected}: currencies never mix."
    " Line refused.",
)
# Interbank operation codes (CFONB), sub-families (ISO 20022) and transaction types (MT940) of money that goes
# back: returned or recalled transfers, unpaid bills, cheques and direct debits, reversals.
RETURN_CODES = frozenset(
    {"12", "33", "34", "B3", "B4", "C4", "RRTN", "UPDD", "UPCQ", "UPCT", "RPCR", "RCDD", "PRDD", "NRTI"}
)
# a key of `Transaction.extra`: the line gives money back (returned transfer, unpaid direct debit or cheque)
RETURNED = "returned"
# likewise: a person said that the line is a receipt, whatever its bank calls it
TAKEN_BACK = "taken_back"
# Quarantine shows the first lines of a refused statement; the file itself is kept whole.
MAX_RAW_LINES = 200


@dataclass(frozen=True)
class Transaction:
    """One booked line of a bank account.

    `amount_cents` is signed (credit positive). `bank_reference` is the bank's own id of the line (camt
    AcctSvcrRef or TxId, CFONB reference zone, OFX FITID, MT940 bank reference), empty when there is none.
    `remittance` is the free text as the bank gave it, `structured_reference` an ISO 11649 or similar one.
    """

    booked_date: date
    amount_cents: int
    currency: str
    value_date: date | None = None
    bank_reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    structured_reference: str = ""
    remittance: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    operation_code: str = ""
    return_reason: str = ""
    line: int | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether somebody must say what it is: money received, and money that goes back."""
        return self.amount_cents > 0 or (self.amount_cents != 0 and self.is_return)

    @property
    def is_return(self) -> bool:
        """It takes back an earlier payment: a receivable thought settled is open again."""
        codes = self.operation_code.replace("/", "-").split("-")
        # some banks fill the zone of the reason with zeros on every line
        has_reason = bool(self.return_reason.strip("0"))
        return has_reason or RETURNED in self.extra or not RETURN_CODES.isdisjoint(codes)


@dataclass(frozen=True)
class Statement:
    """One account's statement. Balances are None when the file has none.

    A `provisional` one reports on a day under way (camt.052, MT942): its balances are information, they need
    not frame its lines, and the final statement of the day will say the same lines again.
    One with a `refusal` is told and not taken: its reader could not prove it whole.
    """

    account: str
    currency: str
    transactions: tuple[Transaction, ...]
    opening_cents: int | None = None
    closing_cents: int | None = None
    opening_date: date | None = None
    closing_date: date | None = None
    reference: str = ""
    bank: str = ""
    line: int | None = None
    provisional: bool = False
    refusal: Problem | None = None
    # what the file writes, where the reader made an IBAN of several fields (OFX)
    written_account: str = ""

    @property
    def credit_cents(self) -> int:
        return sum(t.amount_cents for t in self.transactions if t.amount_cents > 0)

    @property
    def debit_cents(self) -> int:
        """Sum of debits, as a positive number."""
        return -sum(t.amount_cents for t in self.transactions if t.amount_cents < 0)


@dataclass(frozen=True)
class AccountTotals:
    """What a file says of one account. Debits are a positive number; balances are None when it has none."""

    account: str
    currency: str
    transactions: int
    credit_cents: int
    debit_cents: int
    opening_cents: int | None
    closing_cents: int | None

    def as_json(self) -> dict[str, Any]:
        return dict(self.__dict__)


def account_totals(statements: Iterable[Statement]) -> tuple[AccountTotals, ...]:
    """One row per account and currency, in the order of the file.

    The opening balance is that of the account's earliest statement, the closing one that of its latest.
    """
    by_account: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        by_account.setdefault((statement.account, statement.currency), []).append(statement)
    totals = []
    for (account, currency), theirs in by_account.items():
        in_time = sorted(theirs, key=lambda s: s.closing_date or s.opening_date or date.min)
        totals.append(
            AccountTotals(
                account=account,
                currency=currency,
                transactions=sum(len(s.transactions) for s in theirs),
                credit_cents=sum(s.credit_cents for s in theirs),
                debit_cents=sum(s.debit_cents for s in theirs),
                opening_cents=in_time[0].opening_cents,
                closing_cents=in_time[-1].closing_cents,
            )
        )
    return tuple(totals)


def accepted(statements: Iterable[Statement]) -> tuple[tuple[Statement, ...], tuple[Problem, ...]]:
    """The statements that may enter the books, and why the rest may not.

    A line in another currency than its account's is refused alone. A final statement that does not add up is
    refused whole: lines may be missing from it or wrong, and nothing says which.
    """
    kept: list[Statement] = []
    problems: list[Problem] = []
    for statement in statements:
        foreign = [t for t in statement.transactions if t.currency != statement.currency]
        problems += [_other_currency(statement, t) for t in foreign]
        own = (
            replace(
                statement,
                transactions=tuple(t for t in statement.transactions if t.currency == statement.currency),
            )
            if foreign
            else statement
        )
        refusal = own.refusal or check_balance(own)
        if refusal is None:
            kept.append(own)
        else:
            problems.append(refusal)
    return tuple(kept), tuple(problems)


def refused_count(
    statements: Iterable[Statement], kept: Iterable[Statement], problems: Iterable[Problem]
) -> int:
    """How many lines of a file are refused: those of statements (or parts of them) not `accepted`, and one for
    each of the reader's errors.
    """
    lines = sum(len(s.transactions) for s in statements) - sum(len(s.transactions) for s in kept)
    return lines + sum(1 for problem in problems if problem.severity == "error")


def check_balance(statement: Statement) -> Problem | None:
    """Opening + movements must equal closing; None when they do or when a balance is not given.

    A provisional report is not held to it.
    """
    if statement.opening_cents is None or statement.closing_cents is None or statement.provisional:
        return None
    movements = statement.credit_cents - statement.debit_cents
    gap = statement.closing_cents - statement.opening_cents - movements
    if gap == 0:
        return None
    return Problem(
        DOES_NOT_ADD_UP(
            account=statement.account,
            opening=Money(statement.opening_cents, statement.currency),
            movements=Money(movements, statement.currency),
            closing=Money(statement.closing_cents, statement.currency),
            gap=Money(gap, statement.currency),
        ),
        line=statement.line,
        field="closing_cents",
        raw="\n".join(_written(t) for t in statement.transactions[:MAX_RAW_LINES]),
    )


@dataclass(frozen=True)
class Frame:
    """The part of an account's life a final statement tells, from one balance to the next."""

    opening_date: date
    closing_date: date
    opening_cents: int
    closing_cents: int


def frame_of(statement: Statement) -> Frame | None:
    """None when the statement is provisional or has no two balances with their dates."""
    if (
        statement.provisional
        or statement.opening_cents is None
        or statement.closing_cents is None
        or statement.opening_date is None
        or statement.closing_date is None
    ):
        return None
    return Frame(
        statement.opening_date, statement.closing_date, statement.opening_cents, statement.closing_cents
    )


def balance_gaps(frames: Iterable[Frame]) -> list[tuple[Frame, Frame]]:
    """Pairs (before, after) of one account's frames between which a statement is missing.

    Judged over all the frames known, in any order: a statement is continuous when one that ends where it begins
    is known, or when another one covers its beginning. The first ones known have nothing before them.
    """
    known = set(frames)
    ending: dict[date, list[Frame]] = {}
    for frame in known:
        ending.setdefault(frame.closing_date, []).append(frame)
    ends = sorted(ending)
    by_opening = sorted(known, key=lambda f: f.opening_date)
    openings = [f.opening_date for f in by_opening]
    latest_ends = list(accumulate((f.closing_date for f in by_opening), max))

    gaps = []
    for after in sorted(known, key=lambda f: (f.closing_date, f.opening_date)):
        begun_before = bisect_left(openings, after.opening_date)
        covered = begun_before > 0 and latest_ends[begun_before - 1] > after.opening_date
        # the day on which the account was last known before, and the same day's other statements
        first = bisect_right(ends, min(after.opening_date, after.closing_date - timedelta(days=1))) - 1
        if covered or first < 0:
            continue
        last = bisect_right(ends, after.opening_date)
        before = [f for day in ends[first:last] for f in ending[day] if f != after]
        if not any(f.closing_cents == after.opening_cents for f in before):
            gaps.append((before[-1], after))
    return gaps


def balance_gap(account: str, currency: str, before: Frame, after: Frame) -> Sentence:
    """Says that a statement is missing between two."""
    return BALANCE_GAP(
        account=account,
        last=Money(before.closing_cents, currency),
        last_date=before.closing_date,
        opening=Money(after.opening_cents, currency),
        opening_date=after.opening_date,
    )


def gaps_within(statements: Iterable[Statement]) -> tuple[Problem, ...]:
    """Warnings for statements missing between those of one file."""
    lines: dict[tuple[str, str], dict[Frame, int | None]] = {}
    for statement in statements:
        if frame := frame_of(statement):
            lines.setdefault((statement.account, statement.currency), {}).setdefault(frame, statement.line)
    return tuple(
        Problem(
            balance_gap(*account, before, after),
            line=found[after],
            field="opening_cents",
            severity="warning",
        )
        for account, found in lines.items()
        for before, after in balance_gaps(found)
    )


def content_key(account: str, t: Transaction) -> str:
    """34 hexadecimal digits of account, date, amount and every text of the line: equal for equal lines."""
    content = "\x1f".join(
        [account, t.booked_date.isoformat(), str(t.amount_cents), t.currency, t.bank_reference,
         t.end_to_end_id, t.structured_reference, " ".join(t.remittance.split()), t.counterparty_name]
    )  # fmt: skip
    return sha256(content.encode()).hexdigest()[:34]


def as_json(t: Transaction) -> dict[str, Any]:
    """A line as it is kept beside the books; its place in a file is not."""
    told = {name: getattr(t, name) for name in _KEPT if getattr(t, name) not in ("", None, {})}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def from_json(stored: Mapping[str, Any]) -> Transaction:
    """The line that `as_json` kept."""
    days = {
        name: date.fromisoformat(stored[name]) for name in ("booked_date", "value_date") if stored.get(name)
    }
    return Transaction(**{**stored, **days})


_KEPT = ("booked_date", "amount_cents", "currency", "value_date", "bank_reference", "end_to_end_id", "mandate_id",
         "structured_reference", "remittance", "counterparty_name", "counterparty_iban", "operation_code",
         "return_reason", "extra")  # fmt: skip


def identity(content: str, rank: int) -> str:
    """At most 40 characters: a content key and the rank among equal lines."""
    return f"{content}.{rank}"


def identities(account: str, transactions: Iterable[Transaction]) -> list[str]:
    """One stable identity per transaction: the same line read twice has the same identity.

    Account, date, amount, every text of the line and its rank among identical rows: banks do not give
    unique ids (CFONB entry numbers are often zeros), and two equal lines on a day are two payments. The
    rank is counted within the given transactions, which must therefore hold whole days.
    """
    seen: dict[str, int] = {}
    result = []
    for t in transactions:
        content = content_key(account, t)
        rank = seen.get(content, 0)
        seen[content] = rank + 1
        result.append(identity(content, rank))
    return result


def _other_currency(statement: Statement, t: Transaction) -> Problem:
    return Problem(
        OTHER_CURRENCY(account=statement.account, currency=t.currency, expected=statement.currency),
        line=t.line,
        field="currency",
        raw=_written(t),
    )


def _written(t: Transaction) -> str:
    """A line as quarantine shows it when its format has no line of its own."""
    return ";".join(
        [t.booked_date.isoformat(), str(to_decimal(t.amount_cents, t.currency)), t.currency, t.bank_reference,
         t.counterparty_name, t.remittance]
    )  # fmt: skip
