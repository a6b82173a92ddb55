"""Brings bank statements into the books: accounts, statements, lines; each amount once, whoever told it.

Which lines are known already is decided by `core.deliveries`. A line that is no receipt (a debit, a zero amount)
is set aside at once unless it takes money back; the others wait for reconciliation.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.actions.account_books import Account, account_books, days_told, frames_of
from encours.actions.complete_lines import complete_lines, completed_line
from encours.actions.find_accounts import ToldAccount, find_accounts
from encours.actions.import_documents import quarantine
from encours.actions.journal import record
from encours.actions.line_words import WORDS, words_of
from encours.actions.merge_accounts import lock_accounts
from encours.core.deliveries import UNCONFIRMED, WITHDRAWN, AccountBook, BookedLine, Taken
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
    identity,
    refused_count,
)
from encours.store.frames import staged
from encours.store.models import BankAccount, Company, FeedLine, ImportBatch, ImportProblem
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as TransactionRow
from encours.store.sequences import take_ids


@dataclass(frozen=True)
class StatementsImported:
    """What came of a file. `accounts` tells what the file says, refused statements included.

    `refused` counts lines: those a reader refused and those of refused statements. `replaced` counts sums known
    before that gave way to their details, `withdrawn` lines of reports that the final statement does not know. `completed`
    lines known before say more now; they are among the `unchanged`, because no money is new.
    `problems` are all of them, the reader's first. `rows` are the bank lines that a live feed's lines are, by account and
    bank reference; one whose money the books tell as a sum or as details is in none.
    """

    created: int
    unchanged: int
    refused: int
    replaced: int
    withdrawn: int
    completed: int
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
    lock_accounts(company)
    told = (ToldAccount(s.account, s.currency, s.bank, s.written_account) for s in kept)
    accounts, unmerged = find_accounts(company=company, told=told, actor=actor)
    frames = frames_of(company=company, accounts={row.pk for row in accounts.values()})
    books = _books(company, accounts, kept, frames)
    rows = _Rows(company, batch, accounts, _signatures(company, frames))
    told_by = dict(feeds or {})
    recognised: dict[tuple[str, str], int] = {}
    unchanged = 0
    replaced: list[int] = []
    doubtful: list[tuple[Statement, BookedLine]] = []
    for statement in kept:
        account = (statement.account, statement.currency)
        taken = books[accounts[account].pk].take(statement, kind=batch.kind, feed=told_by.get(account, ""))
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
    completed = [
        (account, line, words) for account, book in books.items() for line, words in book.completed()
    ]
    known = [(line, words) for _, line, words in completed if line.row is not None]
    rows.save(
        {
            (pk, identity(line.content, line.rank)): completed_line(line, words)
            for pk, line, words in completed
            if line.row is None
        }
    )
    complete_lines(company=company, completed=known)
    gaps = _judge_gaps(company, kept, accounts, frames)
    found = (*problems, *refusals, *unmerged, *gaps, *_unconfirmed(doubtful, raw))
    quarantine(company=company, batch=batch, problems=found)
    outcome = StatementsImported(
        created=len(rows.lines),
        unchanged=unchanged,
        refused=refused_count(statements, kept, problems),
        replaced=len(replaced),
        withdrawn=len(withdrawn),
        completed=len(known),
        accounts=account_totals(statements),
        problems=found,
        rows=recognised | (rows.ids() if told_by else {}),
    )
    _tell(company, batch, outcome, actor)
    return outcome


def _books(
    company: Company,
    accounts: Mapping[Account, BankAccount],
    statements: Iterable[Statement],
    frames: Mapping[int, Mapping[Frame, None]],
) -> dict[int, AccountBook]:
    """What the books hold of each account on the days the statements tell."""
    days: dict[int, set[date]] = {}
    for statement in statements:
        account = accounts[statement.account, statement.currency].pk
        days.setdefault(account, set()).update(days_told(statement))
    distinct = {row.pk: row for row in accounts.values()}
    return account_books(company=company, accounts=distinct.values(), days=days, frames=frames)


Signature = tuple[int, str, int | None, int | None, date | None, date | None]


def _signatures(company: Company, accounts: Iterable[int]) -> set[Signature]:
    """Statements the books have, so that one read again leaves no second trace."""
    return set(
        StatementRow.objects.filter(company=company, account__in=accounts).values_list(
            "account", "reference", "opening_cents", "closing_cents", "opening_date", "closing_date"
        )
    )


_LINES = pl.Schema(
    {
        "statement": pl.Int64,
        "account_id": pl.Int64,
        "identity": pl.String,
        "booked_date": pl.Date,
        "amount_cents": pl.Int64,
        "currency": pl.String,
        **WORDS,
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
        self,
        company: Company,
        batch: ImportBatch,
        accounts: Mapping[Account, BankAccount],
        known: set[Signature],
    ) -> None:
        self._company, self._batch, self._accounts, self._known = company, batch, accounts, known
        self._statements: list[tuple[Any, ...]] = []
        self._confirmed: list[tuple[int, int]] = []
        self.lines: list[tuple[int, int, str, Transaction]] = []
        """Place of the statement, account, identity, and what it says."""
        self._aside = json.dumps(DEBIT().as_json(), ensure_ascii=False)

    def add(self, statement: Statement, taken: Taken) -> None:
        """A statement leaves a row when it brings something: lines, or balances nobody told before."""
        account_id = self._accounts[statement.account, statement.currency].pk
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
        self.lines += [(place, account_id, known_as, t) for t, known_as in taken.new]
        self._confirmed += [(place, row) for row in taken.confirmed_rows]

    def save(self, completed: Mapping[tuple[int, str], Transaction]) -> None:
        """`completed`, by account and identity, are lines that a later statement of the same file told in other words."""
        ids = take_ids(StatementRow, len(self._statements))
        statements = pl.DataFrame(
            [(pk, *row) for pk, row in zip(ids, self._statements, strict=True)],
            schema=_STATEMENTS,
            orient="row",
        )
        lines = pl.DataFrame(
            [
                self._line(ids[place], account, known_as, completed.get((account, known_as), t))
                for place, account, known_as, t in self.lines
            ],
            schema=_LINES,
            orient="row",
        )
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
        names = {row.pk: identifier for (identifier, _), row in self._accounts.items()}
        saved = TransactionRow.objects.filter(
            company=self._company, account__in=names, identity__in=[row[2] for row in self.lines]
        )
        rows = saved.values_list("account", "bank_reference", "pk")
        return {(names[account], reference): pk for account, reference, pk in rows}

    def _line(self, statement: int, account_id: int, known_as: str, t: Transaction) -> tuple[Any, ...]:
        return (
            statement,
            account_id,
            known_as,
            t.booked_date,
            t.amount_cents,
            t.currency,
            *words_of(t),
            json.dumps(t.extra, ensure_ascii=False),
            "new" if t.waits else "set_aside",
            None if t.waits else self._aside,
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
    company: Company,
    statements: Sequence[Statement],
    accounts: Mapping[Account, BankAccount],
    frames: dict[int, dict[Frame, None]],
) -> list[Problem]:
    """Warnings for gaps beside this file's statements; earlier warnings that no longer hold are taken away."""
    lines: dict[tuple[int, Frame], int | None] = {}
    for statement in statements:
        if (frame := frame_of(statement)) is not None:
            account = accounts[statement.account, statement.currency].pk
            lines.setdefault((account, frame), statement.line)
            frames[account].setdefault(frame)
    rows = {row.pk: row for row in accounts.values()}
    problems: list[Problem] = []
    current: list[dict[str, Any]] = []
    for account, known in frames.items():
        for before, after in balance_gaps(known):
            sentence = balance_gap(rows[account].identifier, rows[account].currency, before, after)
            current.append(sentence.as_json())
            place = next((key for key in ((account, after), (account, before)) if key in lines), None)
            if place is not None:
                problems.append(
                    Problem(sentence, line=lines[place], field="opening_cents", severity="warning")
                )
    earlier = ImportProblem.objects.filter(
        company=company,
        sentence__code=BALANCE_GAP.code,
        sentence__params__account__in=[
            name for row in rows.values() for name in (row.identifier, *row.also_called)
        ],
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
            "completed": outcome.completed,
            "problems": dict(sorted(codes.items())),
        },
    )
