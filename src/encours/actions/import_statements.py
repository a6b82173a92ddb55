"""Brings bank statements into the books: accounts, statements, lines; each amount once, whoever told it.

Which lines are known already is decided by `core.deliveries`. A line that is no receipt (a debit, a zero amount)
is set aside at once unless it takes money back; the others wait for reconciliation.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.actions.import_documents import quarantine
from encours.actions.journal import record
from encours.core.deliveries import (
    BATCH,
    BATCH_CENTS,
    BATCH_REFERENCE,
    NEARBY_DAYS,
    UNCONFIRMED,
    WITHDRAWN,
    AccountBook,
    BookedLine,
    Taken,
)
from encours.core.matching.reasons import DEBIT
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.statements import (
    BALANCE_GAP,
    AccountTotals,
    Frame,
    Statement,
    Transaction,
    accepted,
    account_totals,
    balance_gap,
    balance_gaps,
    frame_of,
    refused_count,
)
from encours.store.frames import read_frame, staged
from encours.store.models import BankAccount, Company, FeedAccount, FeedLine, ImportBatch, ImportProblem
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as TransactionRow
from encours.store.sequences import take_ids

_LOCK_CLASS = 7004  # advisory lock: one import of statements per company at a time

Account = tuple[str, str]
"""Identifier and currency."""


@dataclass(frozen=True)
class StatementsImported:
    """What came of a file. `accounts` tells what the file says, refused statements included.

    `refused` counts lines: those a reader refused and those of refused statements. `replaced` counts sums known
    before that gave way to their details, `withdrawn` lines of reports that the final statement does not know.
    `problems` are all of them, the reader's first. `rows` are the bank lines that a live feed's lines are, by account and
    bank reference; one whose money the books tell as a sum or as details is in none.
    """

    created: int
    unchanged: int
    refused: int
    replaced: int
    withdrawn: int
    accounts: tuple[AccountTotals, ...]
    problems: tuple[Problem, ...]
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)


@transaction.atomic
def import_statements(
    *,
    company: Company,
    batch: ImportBatch,
    statements: Sequence[Statement],
    problems: Sequence[Problem] = (),
    feeds: Mapping[Account, str] | None = None,
    actor: str,
) -> StatementsImported:
    """Everything of a file that may be taken, in one transaction with its quarantine and one journal event.

    `problems` are the reader's. `feeds` are the ids of the live feed's accounts that tell this (FeedAccount), when it is no
    file; each line then has an id of its own as bank reference. Importing a file again, or lines that another file or format told, changes nothing.
    The state and the counts of the batch are the caller's.
    """
    kept, refusals = accepted(statements)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
    accounts = _accounts(company, kept)
    frames = _frames(company, accounts)
    books = _books(company, accounts, kept, frames)
    rows = _Rows(company, batch, accounts, _signatures(company, accounts))
    told_by = dict(feeds or {})
    recognised: dict[tuple[str, str], int] = {}
    unchanged = 0
    replaced: list[int] = []
    doubtful: list[tuple[Statement, BookedLine]] = []
    for statement in kept:
        account = (statement.account, statement.currency)
        taken = books[account].take(statement, kind=batch.kind, feed=told_by.get(account, ""))
        unchanged += taken.unchanged
        replaced += taken.replaced_rows
        doubtful += [(statement, line) for line in taken.unconfirmed]
        rows.add(statement, taken)
        if account in told_by:
            recognised |= {
                (account[0], t.bank_reference): line.row for t, line in taken.recognised if line.row
            }
    withdrawn = [line.row for _, line in doubtful if line.row is not None and not line.settled]
    raw = _delete_lines(company, replaced + withdrawn)
    rows.save()
    gaps = _judge_gaps(company, kept, frames)
    found = (*problems, *refusals, *gaps, *_unconfirmed(doubtful, raw))
    quarantine(company=company, batch=batch, problems=found)
    outcome = StatementsImported(
        created=len(rows.lines),
        unchanged=unchanged,
        refused=refused_count(statements, kept, problems),
        replaced=len(replaced),
        withdrawn=len(withdrawn),
        accounts=account_totals(statements),
        problems=found,
        rows=recognised | (rows.ids() if told_by else {}),
    )
    _tell(company, batch, outcome, actor)
    return outcome


def _accounts(company: Company, statements: Iterable[Statement]) -> dict[Account, int]:
    """Ids of the statements' bank accounts; those never seen before are created."""
    wanted = {(s.account, s.currency): s.bank for s in reversed(list(statements))}
    BankAccount.objects.bulk_create(
        [
            BankAccount(company=company, identifier=identifier[:60], currency=currency, bank=bank[:120])
            for (identifier, currency), bank in wanted.items()
        ],
        ignore_conflicts=True,
    )
    rows = BankAccount.objects.filter(
        company=company, identifier__in={identifier[:60] for identifier, _ in wanted}
    )
    known = {(row.identifier, row.currency): row.pk for row in rows}
    return {account: known[account[0][:60], account[1]] for account in wanted}


def _frames(company: Company, accounts: dict[Account, int]) -> dict[Account, dict[Frame, None]]:
    """Parts of each account's life that final statements have told, in the order of their arrival."""
    rows = (
        StatementRow.objects.filter(
            company=company,
            account__in=accounts.values(),
            opening_date__isnull=False,
            closing_date__isnull=False,
            opening_cents__isnull=False,
            closing_cents__isnull=False,
        )
        .order_by("pk")
        .values_list("account", "opening_date", "closing_date", "opening_cents", "closing_cents")
    )
    names = {pk: account for account, pk in accounts.items()}
    frames: dict[Account, dict[Frame, None]] = {account: {} for account in accounts}
    for account, *frame in rows:
        frames[names[account]][Frame(*frame)] = None
    return frames


_KNOWN = """
SELECT t.id, t.account_id, t.identity, t.booked_date, t.amount_cents, b.kind, t.bank_reference, t.end_to_end_id,
       t.statement_id || '/' || (t.extra ->> 'batch'), (t.extra ->> 'batch_cents')::bigint,
       coalesce(t.extra ->> 'batch_reference', ''), s.opening_date, s.closing_date, s.opening_cents,
       s.closing_cents,
       t.state IN ('matched', 'proposed') OR (t.state = 'set_aside' AND t.amount_cents > 0)
         OR EXISTS (SELECT FROM store_match m WHERE m.company_id = t.company_id AND m.transaction_id = t.id)
         OR EXISTS (SELECT FROM store_payment p WHERE p.company_id = t.company_id AND p.transaction_id = t.id),
       (SELECT string_agg(f.feed_account_id::text, ' ') FROM store_feedline f
        WHERE f.transaction_id = t.id AND f.company_id = t.company_id AND f.state IN ('told', 'changed'))
FROM store_transaction t
JOIN {days} d ON d.account_id = t.account_id AND d.booked_date = t.booked_date
JOIN store_statement s ON s.id = t.statement_id AND s.company_id = t.company_id
JOIN store_importbatch b ON b.id = s.batch_id AND b.company_id = t.company_id
WHERE t.company_id = %s AND t.state <> 'removed' ORDER BY t.id
"""
_KNOWN_COLUMNS = {
    "id": pl.Int64,
    "account_id": pl.Int64,
    "identity": pl.String,
    "booked_date": pl.Date,
    "amount_cents": pl.Int64,
    "kind": pl.String,
    "bank_reference": pl.String,
    "end_to_end_id": pl.String,
    "batch": pl.String,
    "batch_cents": pl.Int64,
    "batch_reference": pl.String,
    "opening_date": pl.Date,
    "closing_date": pl.Date,
    "opening_cents": pl.Int64,
    "closing_cents": pl.Int64,
    "settled": pl.Boolean,
    "feeds": pl.String,
}


def _books(
    company: Company,
    accounts: dict[Account, int],
    statements: Iterable[Statement],
    frames: dict[Account, dict[Frame, None]],
) -> dict[Account, AccountBook]:
    """What the books hold of each account on the days the statements tell."""
    # a live feed may date a line otherwise than a statement
    around = NEARBY_DAYS if FeedAccount.objects.filter(company=company).exists() else 0
    days = {
        (accounts[s.account, s.currency], booked_date + timedelta(days=shift))
        for s in statements
        for booked_date in _days_told(s)
        for shift in range(-around, around + 1)
    }
    books = {account: AccountBook(account[0], frames=set(frames[account])) for account in accounts}
    by_id = {accounts[account]: book for account, book in books.items()}
    frame = pl.DataFrame(sorted(days), schema={"account_id": pl.Int64, "booked_date": pl.Date}, orient="row")
    with staged(frame) as table:
        known = read_frame(_KNOWN.format(days=table), [company.pk], _KNOWN_COLUMNS)
    for row in known.iter_rows():
        account_id, line = _booked_line(*row)
        by_id[account_id].hold(line)
    return books


def _days_told(statement: Statement) -> set[date]:
    """Days of its lines, and every day a final statement tells to its end."""
    days = {t.booked_date for t in statement.transactions}
    if frame := frame_of(statement):
        days |= {
            frame.closing_date - timedelta(days=before)
            for before in range(max(1, (frame.closing_date - frame.opening_date).days))
        }
    return days


def _booked_line(
    row: int, account_id: int, identity: str, booked_date: date, amount_cents: int, kind: str, bank_reference: str,
    end_to_end_id: str, batch: str | None, batch_cents: int | None, batch_reference: str, opening_date: date | None,
    closing_date: date | None, opening_cents: int | None, closing_cents: int | None, settled: bool, feeds: str | None,
) -> tuple[int, BookedLine]:  # fmt: skip
    """A row of `_KNOWN_COLUMNS`."""
    content, _, rank = identity.rpartition(".")
    frame = None
    if opening_date and closing_date and opening_cents is not None and closing_cents is not None:
        frame = Frame(opening_date, closing_date, opening_cents, closing_cents)
    return account_id, BookedLine(
        content=content,
        rank=int(rank),
        booked_date=booked_date,
        amount_cents=amount_cents,
        kind=kind,
        told_by=[frame],
        bank_reference=bank_reference,
        end_to_end_id=end_to_end_id,
        batch=batch or "",
        batch_cents=batch_cents,
        batch_reference=batch_reference,
        row=row,
        settled=settled,
        feeds=frozenset(feeds.split() if feeds else ()),
        # MT942 comes under the name of MT940, and only it has no balances
        provisional=kind == "camt052" or (kind == "mt940" and frame is None),
    )


Signature = tuple[int, str, int | None, int | None, date | None, date | None]


def _signatures(company: Company, accounts: dict[Account, int]) -> set[Signature]:
    """Statements the books have, so that one read again leaves no second trace."""
    return set(
        StatementRow.objects.filter(company=company, account__in=accounts.values()).values_list(
            "account", "reference", "opening_cents", "closing_cents", "opening_date", "closing_date"
        )
    )


_LINES = pl.Schema(
    {
        "statement": pl.Int64,  # place among the statements to insert
        "account_id": pl.Int64,
        "identity": pl.String,
        "booked_date": pl.Date,
        "value_date": pl.Date,
        "amount_cents": pl.Int64,
        "currency": pl.String,
        "bank_reference": pl.String,
        "end_to_end_id": pl.String,
        "mandate_id": pl.String,
        "structured_reference": pl.String,
        "remittance": pl.String,
        "counterparty_name": pl.String,
        "counterparty_iban": pl.String,
        "operation_code": pl.String,
        "return_reason": pl.String,
        "extra": pl.String,
        "state": pl.String,
        "reason": pl.String,
    }
)
_STATEMENTS = pl.Schema(
    {
        "id": pl.Int64,
        "account_id": pl.Int64,
        "reference": pl.String,
        "opening_cents": pl.Int64,
        "closing_cents": pl.Int64,
        "opening_date": pl.Date,
        "closing_date": pl.Date,
        "known_until_date": pl.Date,
    }
)
_INSERT_STATEMENTS = """
INSERT INTO store_statement (id, company_id, account_id, batch_id, reference, opening_cents, closing_cents,
                             opening_date, closing_date, known_until_date, created_at)
SELECT id, %s, account_id, %s, reference, opening_cents, closing_cents, opening_date, closing_date,
       known_until_date, now() FROM {staged}
"""
_INSERT_LINES = """
INSERT INTO store_transaction (company_id, statement_id, account_id, identity, booked_date, value_date, amount_cents,
                               currency, bank_reference, end_to_end_id, mandate_id, structured_reference, remittance,
                               counterparty_name, counterparty_iban, operation_code, return_reason, extra, state,
                               reason, created_at)
SELECT %s, s.id, l.account_id, identity, booked_date, value_date, amount_cents, currency, bank_reference,
       end_to_end_id, mandate_id, structured_reference, remittance, counterparty_name, counterparty_iban,
       operation_code, return_reason, extra::jsonb, state, reason::jsonb, now()
FROM {staged} l JOIN {statements} s ON s.id = l.statement
ON CONFLICT (company_id, account_id, identity) DO NOTHING
"""
# a line that only reports or notices had told now belongs to the final statement that tells it
_CONFIRM = """
UPDATE store_transaction t SET statement_id = c.statement FROM {staged} c WHERE t.id = c.id AND t.company_id = %s
"""


class _Rows:
    """Statements and lines to insert, saved at once."""

    def __init__(
        self, company: Company, batch: ImportBatch, accounts: dict[Account, int], known: set[Signature]
    ) -> None:
        self._company, self._batch, self._accounts, self._known = company, batch, accounts, known
        self._statements: list[tuple[Any, ...]] = []
        self._confirmed: list[tuple[int, int]] = []
        self.lines: list[tuple[Any, ...]] = []
        self._aside = json.dumps(DEBIT().as_json(), ensure_ascii=False)

    def add(self, statement: Statement, taken: Taken) -> None:
        """A statement leaves a row when it brings something: lines, or balances nobody told before."""
        account_id = self._accounts[statement.account, statement.currency]
        # the balances of a day under way frame nothing: kept as if they did, they would be checked later
        told = (
            replace(statement, opening_cents=None, closing_cents=None) if statement.provisional else statement
        )
        signature: Signature = (
            account_id, statement.reference[:80], told.opening_cents, told.closing_cents, told.opening_date,
            told.closing_date,
        )  # fmt: skip
        if not taken.new and not taken.confirmed_rows and signature in self._known:
            return
        self._known.add(signature)
        place = len(self._statements)
        known_until = max((t.booked_date for t in statement.transactions), default=statement.closing_date)
        if statement.closing_date and known_until:
            known_until = max(known_until, statement.closing_date)
        self._statements.append((*signature, known_until))
        self.lines += [self._line(place, account_id, identity, t) for t, identity in taken.new]
        self._confirmed += [(place, row) for row in taken.confirmed_rows]

    def save(self) -> None:
        ids = take_ids(StatementRow, len(self._statements))
        statements = pl.DataFrame(
            [(pk, *row) for pk, row in zip(ids, self._statements, strict=True)],
            schema=_STATEMENTS,
            orient="row",
        )
        lines = pl.DataFrame(self.lines, schema=_LINES, orient="row")
        lines = lines.with_columns(statement=pl.Series([ids[row[0]] for row in self.lines], dtype=pl.Int64))
        confirmed = pl.DataFrame(
            [(ids[place], row) for place, row in self._confirmed],
            schema={"statement": pl.Int64, "id": pl.Int64},
            orient="row",
        )
        with (
            staged(statements) as statement_table,
            staged(lines) as line_table,
            staged(confirmed) as confirmed_table,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                _INSERT_STATEMENTS.format(staged=statement_table), [self._company.pk, self._batch.pk]
            )
            cursor.execute(
                _INSERT_LINES.format(staged=line_table, statements=statement_table), [self._company.pk]
            )
            inserted = cursor.rowcount
            cursor.execute(_CONFIRM.format(staged=confirmed_table), [self._company.pk])
            assert inserted == len(self.lines), "a line was known under its identity after all"

    def ids(self) -> dict[tuple[str, str], int]:
        """Ids of the lines that were saved, by account and bank reference."""
        names = {pk: identifier for (identifier, _), pk in self._accounts.items()}
        saved = TransactionRow.objects.filter(
            company=self._company, account__in=names, identity__in=[row[2] for row in self.lines]
        )
        rows = saved.values_list("account", "bank_reference", "pk")
        return {(names[account], reference): pk for account, reference, pk in rows}

    def _line(self, place: int, account_id: int, identity: str, t: Transaction) -> tuple[Any, ...]:
        waits = t.amount_cents > 0 or (t.amount_cents != 0 and t.is_return)
        return (
            place,
            account_id,
            identity,
            t.booked_date,
            t.value_date,
            t.amount_cents,
            t.currency,
            t.bank_reference[:80],
            t.end_to_end_id[:80],
            t.mandate_id[:80],
            t.structured_reference[:80],
            t.remittance,
            t.counterparty_name[:200],
            t.counterparty_iban[:34],
            t.operation_code[:40],
            t.return_reason[:40],
            json.dumps(t.extra, ensure_ascii=False),
            "new" if waits else "set_aside",
            None if waits else self._aside,
        )


def _delete_lines(company: Company, rows: list[int]) -> dict[int, str]:
    """Lines nobody has worked on: sums their details replace, lines withdrawn. Returns them as they were."""
    if rows:
        FeedLine.objects.filter(company=company, transaction__in=rows).update(transaction=None)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM store_transaction t WHERE company_id = %s AND id = ANY(%s) RETURNING id, to_jsonb(t)::text",
            [company.pk, rows],
        )
        return dict(cursor.fetchall())


def _unconfirmed(doubtful: Iterable[tuple[Statement, BookedLine]], raw: dict[int, str]) -> list[Problem]:
    """Warnings for lines of reports that the final statement does not know."""
    return [
        Problem(
            (UNCONFIRMED if line.settled else WITHDRAWN)(
                amount=Money(line.amount_cents, statement.currency), date=line.booked_date
            ),
            line=statement.line,
            raw=raw.get(line.row or 0, ""),
            severity="warning",
        )
        for statement, line in doubtful
    ]


def _judge_gaps(
    company: Company, statements: Sequence[Statement], frames: dict[Account, dict[Frame, None]]
) -> list[Problem]:
    """Warnings for gaps beside this file's statements; earlier warnings that no longer hold are taken away."""
    lines: dict[tuple[Account, Frame], int | None] = {}
    for statement in statements:
        if (frame := frame_of(statement)) is not None:
            account = (statement.account, statement.currency)
            lines.setdefault((account, frame), statement.line)
            frames[account].setdefault(frame)
    problems: list[Problem] = []
    current: list[dict[str, Any]] = []
    for account, known in frames.items():
        for before, after in balance_gaps(known):
            sentence = balance_gap(*account, before, after)
            current.append(sentence.as_json())
            place = next((key for key in ((account, after), (account, before)) if key in lines), None)
            if place is not None:
                problems.append(
                    Problem(sentence, line=lines[place], field="opening_cents", severity="warning")
                )
    earlier = ImportProblem.objects.filter(
        company=company,
        sentence__code=BALANCE_GAP.code,
        sentence__params__account__in=[identifier for identifier, _ in frames],
    )
    closed = [problem.pk for problem in earlier if problem.sentence not in current]
    ImportProblem.objects.filter(company=company, pk__in=closed).delete()
    return problems


def _tell(company: Company, batch: ImportBatch, outcome: StatementsImported, actor: str) -> None:
    codes = Counter(problem.code for problem in outcome.problems)
    record(
        company=company,
        actor=actor,
        action="statements.imported",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={
            "file": batch.file_name,
            "kind": batch.kind,
            "accounts": [totals.account for totals in outcome.accounts],
            "created": outcome.created,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
            "replaced": outcome.replaced,
            "withdrawn": outcome.withdrawn,
            "problems": dict(sorted(codes.items())),
        },
    )


assert (BATCH, BATCH_CENTS, BATCH_REFERENCE) == ("batch", "batch_cents", "batch_reference"), "named in _KNOWN"
