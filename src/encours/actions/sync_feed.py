"""Asks a live feed what changed and brings it into the same books as files: each amount once, whoever told it.

The other side is read whole before anything is written; then everything is one transaction: lines, changes, the journal
and how far we know. What it answered is kept as a file. A line nobody has worked on follows the bank; one somebody has
worked on stays, and a person is told (`core.feed_lines`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now

from encours.actions.find_accounts import ToldAccount as AccountName
from encours.actions.find_accounts import find_accounts
from encours.actions.import_documents import quarantine
from encours.actions.import_statements import import_statements
from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.merge_accounts import lock_accounts
from encours.core import feed_lines
from encours.core.deliveries import NEARBY_DAYS
from encours.core.feed_lines import Decisions, KnownLine, ToldLine, content_of, decide
from encours.core.matching.reasons import DEBIT
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.statements import (
    TAKEN_BACK,
    Statement,
    Transaction,
    as_json,
    content_key,
    from_json,
    identity,
)
from encours.core.tellings import TELLINGS, Telling, spoken, telling_from_json, what_lines_say
from encours.core.wording import Sentence
from encours.ports.live_feeds import FeedReading, LiveFeed, ToldAccount
from encours.store.frames import staged
from encours.store.models import BankConnection, Company, FeedAccount, FeedLine, ImportBatch
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as TransactionRow
from encours.store.statistics import MANY_ROWS, refresh_statistics


@dataclass(frozen=True)
class FeedSynced:
    """What a round brought, in lines. `waiting` wait for a person: the bank says otherwise than what was worked on."""

    created: int
    rewritten: int
    removed: int
    waiting: int
    unchanged: int
    warnings: tuple[Sentence, ...]

    @property
    def touched(self) -> int:
        return self.created + self.rewritten + self.removed


def sync_feed(
    *, company: Company, connection: BankConnection, feed: LiveFeed, now: datetime, actor: str
) -> FeedSynced:
    """One round. The caller is the only one that reads this connection. Raises `UnableToAsk`: nothing changed then."""
    since = connection.cursor_at
    if since is not None:
        since -= timedelta(hours=feed.overlap_hours)
    reading = feed.read(since=since, now=now)
    with transaction.atomic():
        synced = _Round(company, connection, reading, now, actor).run()
    if synced.created >= MANY_ROWS:
        refresh_statistics()
    return synced


class _Round:
    def __init__(
        self, company: Company, connection: BankConnection, reading: FeedReading, now: datetime, actor: str
    ) -> None:
        self.company, self.connection, self.reading = company, connection, reading
        self.now, self.actor = now, actor
        self.accounts = _accounts(company, connection, reading.accounts, actor)
        self._batch: ImportBatch | None = None

    def run(self) -> FeedSynced:
        told = [line for line in self.reading.lines if line.account in self.accounts]
        decisions = decide(told, self._known(told))
        self._rename(decisions)
        created = self._take_new(decisions.new)
        self._rewrite([*decisions.rewritten, *decisions.returned])
        self._remove(decisions)
        self._keep_same(decisions)
        self._let_wait(decisions)
        self._freshen()
        self._advance(told)
        return self._tell(decisions, created)

    @property
    def batch(self) -> ImportBatch:
        """Made when there is something to say: a round that brings nothing leaves no trace among the imports."""
        if self._batch is None:
            here = self.now.astimezone(ZoneInfo(self.company.time_zone))
            name = f"{self.connection.name} {here:%Y-%m-%d %H.%M.%S}.json"[-255:]
            content = b"[" + b",\n".join(self.reading.pages) + b"]"
            file = keep_file(
                company=self.company, name=name, media_type="application/json", content=content
            )  # fmt: skip
            self._batch = ImportBatch.objects.create(
                company=self.company, file=file, file_name=name, kind=self.connection.provider,
                state=ImportBatch.State.DONE, imported_by=self.actor, finished_at=Now(),
            )  # fmt: skip
        return self._batch

    def _known(self, told: Iterable[ToldLine]) -> dict[tuple[str, str], KnownLine]:
        """Lines known under these ids; those that wait for a person; and what could stand in for those taken back."""
        accounts = {row.pk: external for external, row in self.accounts.items()}
        asked = pl.DataFrame(
            [(self.accounts[line.account].pk, line.external_id, line.line is None) for line in told],
            schema={"feed_account": pl.Int64, "external_id": pl.String, "is_gone": pl.Boolean},
            orient="row",
        ).unique()
        with staged(asked) as table, database.cursor() as cursor:
            cursor.execute(
                _KNOWN.format(asked=table),
                {"company": self.company.pk, "provider": self.connection.provider, "accounts": list(accounts),
                 "days": NEARBY_DAYS},
            )  # fmt: skip
            found = [_known_line(accounts, *row) for row in cursor.fetchall()]
        return {(line.account, line.external_id): line for line in found}

    def _take_new(self, new: list[ToldLine]) -> int:
        """Through the same gate as files. How many are new in the books too."""
        if not new:
            return 0
        statements, feeds = self._statements(new)
        taken = import_statements(
            company=self.company, batch=self.batch, statements=statements, feeds=feeds, actor=self.actor
        )
        identifiers = {account.external_id: account.identifier for account in self.reading.accounts}
        rows = {
            (line.account, line.external_id): taken.rows.get((identifiers[line.account], line.external_id))
            for line in new
        }
        self._name(new, rows)
        batch = self.batch
        batch.created_count, batch.unchanged_count = taken.created, taken.unchanged
        batch.refused_count = taken.refused
        batch.save(update_fields=["created_count", "unchanged_count", "refused_count"])
        return taken.created

    def _statements(self, new: list[ToldLine]) -> tuple[list[Statement], dict[tuple[str, str], str]]:
        lines: dict[str, list[Transaction]] = {}
        for told in new:
            assert told.line is not None
            lines.setdefault(told.account, []).append(told.line)
        statements, feeds = [], {}
        for account in self.reading.accounts:
            if theirs := lines.get(account.external_id):
                feeds[account.identifier, account.currency] = str(self.accounts[account.external_id].pk)
                statements.append(
                    Statement(
                        account=account.identifier,
                        currency=account.currency,
                        transactions=tuple(sorted(theirs, key=lambda t: (t.booked_date, t.bank_reference))),
                        reference=self.connection.provider,
                        bank=account.bank,
                    )
                )
        return statements, feeds

    def _rewrite(self, pairs: list[tuple[KnownLine, ToldLine]]) -> None:
        """Lines nobody has worked on say what the bank says now."""
        if not pairs:
            return
        identifiers = {account.external_id: account.identifier for account in self.reading.accounts}
        rows = TransactionRow.objects.in_bulk([before.row for before, _ in pairs if before.row])
        changed = []
        for before, told in pairs:
            assert before.row is not None
            assert told.line is not None
            row = rows[before.row]
            _write(row, told.line, identifiers[before.account])
            changed.append(row)
        TransactionRow.objects.bulk_update(changed, _WRITTEN, batch_size=_BATCH)
        self._save_lines([(before, told, FeedLine.State.TOLD) for before, told in pairs])

    def _remove(self, decisions: Decisions) -> None:
        """Taken out: they count nowhere, and their identity is free for a line told again."""
        leaving = [before for before, _ in decisions.removed] + [
            stand_in for _, stand_in in decisions.replaced
        ]
        rows = TransactionRow.objects.in_bulk([line.row for line in leaving])
        for row in rows.values():
            row.state, row.reason = TransactionRow.State.REMOVED, feed_lines.REMOVED().as_json()
            row.identity = f"removed.{row.pk}"
        TransactionRow.objects.bulk_update(rows.values(), ["state", "reason", "identity"], batch_size=_BATCH)
        self._save_lines([(before, told, FeedLine.State.REMOVED) for before, told in decisions.removed])
        for before, stand_in in decisions.replaced:
            self._forget(before)
            FeedLine.objects.filter(company=self.company, pk=stand_in.key).update(transaction=before.row)

    def _rename(self, decisions: Decisions) -> None:
        """The line of the books goes by its new id."""
        for before, _ in decisions.renamed:
            self._forget(before)
        self._name(
            [told for _, told in decisions.renamed],
            {(told.account, told.external_id): before.row for before, told in decisions.renamed},
        )

    def _forget(self, line: KnownLine) -> None:
        """An id that names nothing any more."""
        FeedLine.objects.filter(company=self.company, pk=line.key).update(
            transaction=None, state=FeedLine.State.REMOVED, told=None, needs_person=False
        )

    def _name(self, told: list[ToldLine], rows: Mapping[tuple[str, str], int | None]) -> None:
        """The ids of lines, and which lines of the books they are."""
        FeedLine.objects.bulk_create(
            (
                FeedLine(
                    company=self.company,
                    feed_account=self.accounts[line.account],
                    external_id=line.external_id,
                    transaction_id=rows[line.account, line.external_id],
                    content=content_of(line),
                    told_at=line.updated_at,
                )
                for line in told
            ),
            update_conflicts=True,
            unique_fields=["feed_account", "external_id"],
            update_fields=["transaction", "content", "told_at", "state", "told", "needs_person"],
        )

    def _keep_same(self, decisions: Decisions) -> None:
        """What the books hold already; a difference that had waited for a person is over."""
        stale = [
            (before, told)
            for before, told in decisions.same
            if before.told_at != told.updated_at
            or before.state != "told"
            or before.content != content_of(told)
        ]
        self._save_lines([(before, told, FeedLine.State.TOLD) for before, told in stale])

    def _let_wait(self, decisions: Decisions) -> None:
        """A person decides: the line stays, what the bank says now is kept beside it."""
        problems, rows = [], []
        for before, told in decisions.changed:
            assert told.line is not None
            rows.append(_row(before, told, FeedLine.State.CHANGED, told.line, needs_person=True))
            raw = json.dumps(as_json(told.line), ensure_ascii=False)
            problems.append(Problem(_changed(before, told.line), raw=raw, severity="warning"))
        currencies = {account.external_id: account.currency for account in self.reading.accounts}
        for before, told in decisions.gone:
            # where a statement tells the line as well, it has the last word
            needs_person = before.is_worked_on and not before.is_told_elsewhere
            rows.append(_row(before, told, FeedLine.State.GONE, None, needs_person=needs_person))
            if needs_person:
                sentence = feed_lines.GONE(**_known_as(before, currencies[before.account]))
                problems.append(Problem(sentence, raw=before.external_id, severity="warning"))
        FeedLine.objects.bulk_update(rows, ["state", "told", "told_at", "needs_person"], batch_size=_BATCH)
        if problems:
            quarantine(company=self.company, batch=self.batch, problems=problems)

    def _save_lines(self, changed: list[tuple[KnownLine, ToldLine, str]]) -> None:
        rows = []
        for before, told, state in changed:
            row = _row(before, told, state, None, needs_person=False)
            row.content = content_of(told) or before.content
            rows.append(row)
        FeedLine.objects.bulk_update(
            rows, ["state", "told", "told_at", "needs_person", "content"], batch_size=_BATCH
        )

    def _freshen(self) -> None:
        """How recently each account is known, and its balance, on the last statement this feed left of it."""
        zone = ZoneInfo(self.company.time_zone)
        for told in self.reading.accounts:
            row = self.accounts[told.external_id]
            known_until = told.refreshed_at.astimezone(zone).date()
            last = (
                StatementRow.objects.filter(
                    company=self.company, account=row.account_id, batch__kind=self.connection.provider,
                    reference=self.connection.provider,
                )
                .order_by("-pk")
                .first()
            )  # fmt: skip
            if last is None:
                last = StatementRow(
                    company=self.company, account_id=row.account_id, batch=self.batch,
                    reference=self.connection.provider,
                )  # fmt: skip
            if last.known_until_date is None or last.known_until_date < known_until:
                last.known_until_date = known_until
            last.closing_cents, last.closing_date = told.balance_cents, known_until
            last.save()

    def _advance(self, told: list[ToldLine]) -> None:
        latest = max((line.updated_at for line in told), default=None)
        if latest is not None and (self.connection.cursor_at is None or latest > self.connection.cursor_at):
            self.connection.cursor_at = latest
            self.connection.save(update_fields=["cursor_at"])

    def _tell(self, decisions: Decisions, created: int) -> FeedSynced:
        synced = FeedSynced(
            created=created,
            rewritten=len(decisions.rewritten) + len(decisions.returned),
            removed=len(decisions.removed) + len(decisions.replaced),
            waiting=len(decisions.changed) + len(decisions.gone),
            unchanged=decisions.unchanged + len(decisions.same) + len(decisions.new) - created,
            warnings=self.reading.warnings,
        )
        if synced.rewritten or synced.removed or synced.waiting:
            record(
                company=self.company,
                actor=self.actor,
                action="bank_feed.followed",
                subject_type="bank_connection",
                subject_id=self.connection.pk,
                data={
                    "name": self.connection.name,
                    "rewritten": [before.row for before, _ in (*decisions.rewritten, *decisions.returned)],
                    "removed": [before.row for before, _ in decisions.removed]
                    + [stand_in.row for _, stand_in in decisions.replaced],
                    "changed": [before.row for before, _ in decisions.changed],
                    "gone": [before.row for before, _ in decisions.gone],
                },
            )
        return synced


# an update names its rows one by one: long ones cost the square of their length
_BATCH = 200

_KNOWN = """
WITH wanted AS (
  SELECT f.id FROM {asked} a
  JOIN store_feedline f ON f.feed_account_id = a.feed_account AND f.external_id = a.external_id
  WHERE f.company_id = %(company)s
  UNION
  SELECT f.id FROM store_feedline f
  WHERE f.company_id = %(company)s AND f.feed_account_id = ANY(%(accounts)s) AND f.state IN ('changed', 'gone')
  UNION
  SELECT other.id FROM {asked} a
  JOIN store_feedline f ON f.feed_account_id = a.feed_account AND f.external_id = a.external_id
  JOIN store_transaction t ON t.id = f.transaction_id AND t.company_id = f.company_id
  JOIN store_transaction o ON o.company_id = t.company_id AND o.account_id = t.account_id
    AND o.amount_cents = t.amount_cents AND o.booked_date BETWEEN t.booked_date - %(days)s AND t.booked_date + %(days)s
  JOIN store_feedline other ON other.transaction_id = o.id AND other.feed_account_id = f.feed_account_id
  WHERE f.company_id = %(company)s AND a.is_gone AND t.state IN ('matched', 'proposed')
)
SELECT f.id, f.feed_account_id, f.external_id, f.content, f.told_at, f.state, f.told, f.transaction_id,
       t.state IN ('matched', 'proposed'),
       b.kind <> %(provider)s OR EXISTS (
         SELECT FROM store_feedline e WHERE e.transaction_id = t.id AND e.company_id = t.company_id
           AND e.feed_account_id <> f.feed_account_id AND e.state = 'told'),
       t.booked_date, t.amount_cents
FROM wanted JOIN store_feedline f ON f.id = wanted.id
LEFT JOIN store_transaction t ON t.id = f.transaction_id AND t.company_id = f.company_id
LEFT JOIN store_statement s ON s.id = t.statement_id AND s.company_id = f.company_id
LEFT JOIN store_importbatch b ON b.id = s.batch_id AND b.company_id = f.company_id
ORDER BY f.id
"""


def _known_line(
    accounts: Mapping[int, str], key: int, feed_account: int, external_id: str, content: str, told_at: datetime,
    state: str, told: str | None, row: int | None, is_worked_on: bool | None, is_told_elsewhere: bool | None,
    booked_date: date | None, amount_cents: int | None,
) -> KnownLine:  # fmt: skip
    """A row of `_KNOWN`."""
    waits = json.loads(told) if told else None
    return KnownLine(
        key=key,
        account=accounts[feed_account],
        external_id=external_id,
        content=content,
        told_at=told_at,
        state=state,
        row=row,
        is_worked_on=bool(is_worked_on),
        is_told_elsewhere=bool(is_told_elsewhere),
        booked_date=booked_date,
        amount_cents=amount_cents or 0,
        waiting=from_json(waits) if waits else None,
    )


def _accounts(
    company: Company, connection: BankConnection, told: Iterable[ToldAccount], actor: str
) -> dict[str, FeedAccount]:
    """By the feed's id; those never seen before are created, under the same bank account as files of it."""
    told = list(told)
    lock_accounts(company)
    names = (AccountName(each.identifier, each.currency, each.bank) for each in told)
    known, _ = find_accounts(company=company, told=names, actor=actor)
    FeedAccount.objects.bulk_create(
        [
            FeedAccount(
                company=company,
                connection=connection,
                external_id=each.external_id,
                account=known[each.identifier, each.currency],
                name=each.name[:120],
                balance_cents=each.balance_cents,
                refreshed_at=each.refreshed_at,
            )
            for each in told
        ],
        update_conflicts=True,
        unique_fields=["connection", "external_id"],
        update_fields=["account", "name", "balance_cents", "refreshed_at"],
    )
    found = FeedAccount.objects.filter(company=company, connection=connection)
    wanted = {each.external_id for each in told}
    return {row.external_id: row for row in found if row.external_id in wanted}


_WRITTEN = ["identity", "booked_date", "value_date", "amount_cents", "end_to_end_id", "mandate_id",
            "structured_reference", "remittance", "counterparty_name", "counterparty_iban", "operation_code",
            "return_reason", "extra", "state", "reason"]  # fmt: skip


def _write(row: TransactionRow, line: Transaction, account: str) -> None:
    """What the bank says, over a line nobody has worked on. Whether it waits is judged anew when it could differ.

    What a notification told of the line stays told.
    """
    row.identity = identity(content_key(account, line), 0)
    others = [
        telling
        for telling in map(telling_from_json, row.extra.get(TELLINGS, []))
        if telling.words.bank_reference != line.bank_reference
        and telling.words.amount_cents == line.amount_cents
    ]
    tellings = [*others, Telling(spoken(line), is_final=False)]
    (said,) = what_lines_say([tellings], is_finished=False)
    line = replace(said, booked_date=line.booked_date, extra=line.extra | said.extra)
    waits = line.waits
    if row.amount_cents != line.amount_cents or row.state == TransactionRow.State.REMOVED:
        row.state = TransactionRow.State.NEW if waits else TransactionRow.State.SET_ASIDE
        row.reason = None if waits else DEBIT().as_json()
    row.booked_date, row.value_date, row.amount_cents = line.booked_date, line.value_date, line.amount_cents
    row.end_to_end_id, row.mandate_id = line.end_to_end_id[:80], line.mandate_id[:80]
    row.structured_reference, row.remittance = line.structured_reference[:80], line.remittance
    row.counterparty_name, row.counterparty_iban = line.counterparty_name[:200], line.counterparty_iban[:34]
    row.operation_code, row.return_reason = line.operation_code[:40], line.return_reason[:40]
    # that a person took it back stays true whatever the bank calls it
    row.extra = {key: row.extra[key] for key in {TAKEN_BACK} & row.extra.keys()} | line.extra
    if others:
        row.extra[TELLINGS] = [telling.as_json() for telling in tellings]


def _row(
    before: KnownLine, told: ToldLine, state: str, waiting: Transaction | None, *, needs_person: bool
) -> FeedLine:
    return FeedLine(
        pk=before.key,
        told_at=max(told.updated_at, before.told_at),
        state=state,
        told=as_json(waiting) if waiting else None,
        needs_person=needs_person,
    )


def _known_as(before: KnownLine, currency: str) -> dict[str, Any]:
    return {"known": Money(before.amount_cents, currency), "known_date": before.booked_date}


def _changed(before: KnownLine, line: Transaction) -> Sentence:
    known = _known_as(before, line.currency)
    if (before.amount_cents, before.booked_date) == (line.amount_cents, line.booked_date):
        return feed_lines.REWORDED(**known)
    told = {"told": Money(line.amount_cents, line.currency), "told_date": line.booked_date}
    return feed_lines.CHANGED(**known, **told)
