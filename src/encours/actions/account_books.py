"""What the books hold of bank accounts: their lines on the days of interest, and the parts of their lives told to the end."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import polars as pl

from encours.actions.line_words import WORDS
from encours.core.deliveries import BATCH, BATCH_CENTS, BATCH_REFERENCE, NEARBY_DAYS, AccountBook, BookedLine
from encours.core.statements import Frame, Statement, Transaction, frame_of
from encours.core.tellings import TELLINGS, telling_from_json
from encours.store.frames import read_frame, staged
from encours.store.models import BankAccount, Company, FeedAccount
from encours.store.models import Statement as StatementRow

Account = tuple[str, str]
"""Identifier and currency, as a statement says them."""

Days = Mapping[int, set[date]]
"""Days of interest by account."""


def frames_of(*, company: Company, accounts: Iterable[int]) -> dict[int, dict[Frame, None]]:
    """Parts of each account's life that final statements have told, in the order of their arrival."""
    frames: dict[int, dict[Frame, None]] = {account: {} for account in accounts}
    rows = (
        StatementRow.objects.filter(
            company=company,
            account__in=frames,
            opening_date__isnull=False,
            closing_date__isnull=False,
            opening_cents__isnull=False,
            closing_cents__isnull=False,
        )
        .order_by("pk")
        .values_list("account", "opening_date", "closing_date", "opening_cents", "closing_cents")
    )
    for account, *frame in rows:
        frames[account][Frame(*frame)] = None
    return frames


def days_told(statement: Statement) -> set[date]:
    """Days of its lines, and every day a final statement tells to its end."""
    days = {t.booked_date for t in statement.transactions}
    if frame := frame_of(statement):
        days |= {
            frame.closing_date - timedelta(days=before)
            for before in range(max(1, (frame.closing_date - frame.opening_date).days))
        }
    return days


def account_books(
    *,
    company: Company,
    accounts: Iterable[BankAccount],
    days: Days,
    frames: Mapping[int, Mapping[Frame, None]],
) -> dict[int, AccountBook]:
    """What the books hold of each account on the days given, and on those around them when a live feed tells any account:
    it may date a line otherwise than a statement. Two queries.
    """
    around = NEARBY_DAYS if FeedAccount.objects.filter(company=company).exists() else 0
    wanted = {
        (account, day + timedelta(days=shift))
        for account, theirs in days.items()
        for day in theirs
        for shift in range(-around, around + 1)
    }
    books = {
        account.pk: AccountBook(
            account.identifier, tuple(account.also_called), frames=set(frames[account.pk])
        )
        for account in accounts
    }
    frame = pl.DataFrame(
        sorted(wanted), schema={"account_id": pl.Int64, "booked_date": pl.Date}, orient="row"
    )
    with staged(frame) as table:
        known = read_frame(_KNOWN.format(days=table), [company.pk], _KNOWN_COLUMNS)
    for row in known.iter_rows(named=True):
        books[row["account_id"]].hold(_booked_line(row))
    return books


# lines of the days first: a planner that takes statements for few would look the days up once per statement
_KNOWN = """
WITH t AS MATERIALIZED (
  SELECT t.* FROM {days} d JOIN store_transaction t ON t.account_id = d.account_id AND t.booked_date = d.booked_date
  WHERE t.company_id = %s AND t.state <> 'removed'
)
SELECT t.id, t.account_id, t.identity, t.booked_date, t.amount_cents, t.currency, b.kind, t.value_date, t.bank_reference,
       t.end_to_end_id, t.mandate_id, t.structured_reference, t.remittance, t.counterparty_name, t.counterparty_iban,
       t.operation_code, t.return_reason, t.extra::text, t.statement_id,
       s.opening_date, s.closing_date, s.opening_cents, s.closing_cents,
       t.state IN ('matched', 'proposed') OR (t.state = 'set_aside' AND t.amount_cents > 0)
         OR EXISTS (SELECT FROM store_match m WHERE m.company_id = t.company_id AND m.transaction_id = t.id)
         OR EXISTS (SELECT FROM store_payment p WHERE p.company_id = t.company_id AND p.transaction_id = t.id),
       (SELECT string_agg(f.feed_account_id::text, ' ') FROM store_feedline f
        WHERE f.transaction_id = t.id AND f.company_id = t.company_id AND f.state IN ('told', 'changed'))
FROM t
JOIN store_statement s ON s.id = t.statement_id AND s.company_id = t.company_id
JOIN store_importbatch b ON b.id = s.batch_id AND b.company_id = t.company_id
ORDER BY t.id
"""
_KNOWN_COLUMNS = {
    "id": pl.Int64,
    "account_id": pl.Int64,
    "identity": pl.String,
    "booked_date": pl.Date,
    "amount_cents": pl.Int64,
    "currency": pl.String,
    "kind": pl.String,
    **WORDS,
    "extra": pl.String,
    "statement_id": pl.Int64,
    "opening_date": pl.Date,
    "closing_date": pl.Date,
    "opening_cents": pl.Int64,
    "closing_cents": pl.Int64,
    "settled": pl.Boolean,
    "feeds": pl.String,
}


def _booked_line(row: Mapping[str, object]) -> BookedLine:
    """A row of `_KNOWN_COLUMNS`."""
    known: dict = dict(row)
    content, _, rank = known["identity"].rpartition(".")
    extra = json.loads(known["extra"])
    tellings = extra.pop(TELLINGS, [])
    ends = [known[name] for name in ("opening_date", "closing_date", "opening_cents", "closing_cents")]
    frame = None if None in ends else Frame(*ends)
    return BookedLine(
        content=content,
        rank=int(rank),
        booked_date=known["booked_date"],
        amount_cents=known["amount_cents"],
        kind=known["kind"],
        told_by=[frame],
        said=Transaction(
            booked_date=known["booked_date"],
            amount_cents=known["amount_cents"],
            currency=known["currency"],
            extra=extra,
            **{name: known[name] for name in WORDS},
        ),
        tellings=[telling_from_json(each) for each in tellings],
        batch=f"{known['statement_id']}/{extra[BATCH]}" if BATCH in extra else "",
        batch_cents=int(extra[BATCH_CENTS]) if BATCH_CENTS in extra else None,
        batch_reference=extra.get(BATCH_REFERENCE, ""),
        row=known["id"],
        settled=known["settled"],
        feeds=frozenset((known["feeds"] or "").split()),
        # MT942 comes under the name of MT940, and only it has no balances
        provisional=known["kind"] == "camt052" or (known["kind"] == "mt940" and frame is None),
    )
