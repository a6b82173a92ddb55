"""The demo's bookkeeper: settles by hand what reconciliation left, from what is known to be true."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.actions.apply_matches import Line, apply_matches
from encours.actions.apply_returns import return_by_hand
from encours.actions.set_aside import set_aside
from encours.core.matching.decide import Decision, Settled
from encours.core.matching.reasons import BY_HAND, ON_ACCOUNT
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Match, Transaction

TRUTH = {
    "account": pl.String, "booked_date": pl.Date, "bank_reference": pl.String, "amount_cents": pl.Int64,
    "customer": pl.String, "number": pl.String, "settled_cents": pl.Int64,
}  # fmt: skip
_WAITING = """
SELECT t.id, t.bank_reference, t.booked_date, t.amount_cents, t.currency, s.position, s.settled_cents, coalesce(d.customer_id, c.id), d.id,
       coalesce(d.number, '')
FROM store_transaction t
JOIN {truth} s ON s.bank_reference = t.bank_reference
JOIN store_customer c ON c.company_id = t.company_id AND c.code = s.customer
LEFT JOIN store_document d ON d.company_id = t.company_id AND d.number = s.number AND s.number <> ''
WHERE t.company_id = %s AND t.state IN ('new', 'proposed') AND t.booked_date < %s AND t.amount_cents > 0
ORDER BY t.booked_date, t.id, s.position
"""
_ROWS = {
    "line_id": pl.Int64, "bank_reference": pl.String, "booked_date": pl.Date, "amount_cents": pl.Int64,
    "currency": pl.String, "position": pl.Int64, "settled_cents": pl.Int64, "customer_id": pl.Int64,
    "document_id": pl.Int64, "number": pl.String,
}  # fmt: skip
NO_CUSTOMER = "Virement interne ou remboursement : aucun client"


def settle_by_truth(*, company: Company, truth: Path, before: date, actor: str) -> int:
    """How many lines booked before the day were settled. `truth` is the demo's CSV of settlements.

    Where documents moved meanwhile, or several customers' invoices were paid at once, the line is left to a person.
    """
    rows = (
        pl.scan_csv(truth, schema=TRUTH)
        .filter(pl.col("booked_date") < before)
        .with_columns(position=pl.int_range(pl.len()).cast(pl.Int64))
        .collect()
    )
    settled = _settle(company, rows, before, actor)
    _take_back_returned(company, rows, before, actor)
    _set_aside_rest(company, rows, before, actor)
    return settled


@transaction.atomic
def _settle(company: Company, truth: pl.DataFrame, before: date, actor: str) -> int:
    with staged(truth.select("bank_reference", "customer", "number", "settled_cents", "position")) as table:
        waiting = read_frame(_WAITING.format(truth=table), [company.pk, before], _ROWS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM store_transaction WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [company.pk, waiting["line_id"].unique().to_list()],
        )
    decisions = [_decision(group) for group in _lines(waiting)]
    lines = {
        row["line_id"]: Line(row["line_id"], row["amount_cents"], row["currency"], row["booked_date"])
        for row in waiting.unique("line_id").iter_rows(named=True)
    }
    applied = apply_matches(company=company, decisions=decisions, lines=lines, actor=actor)
    return len(applied)


def _lines(waiting: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    for group in waiting.partition_by("line_id", maintain_order=True):
        yield group.rows(named=True)


def _decision(rows: list[dict[str, Any]]) -> Decision:
    settled = tuple(
        Settled(row["document_id"], row["number"], row["settled_cents"])
        for row in rows
        if row["number"] and row["settled_cents"]
    )
    numbers = ", ".join(each.number for each in settled)
    return Decision(
        line_id=rows[0]["line_id"],
        outcome="automatic",
        reason=BY_HAND(numbers=numbers) if settled else ON_ACCOUNT(),
        rule="by_hand",
        confidence=1.0,
        customer_id=rows[0]["customer_id"],  # of the documents: in a group one pays for another
        lines=settled,
    )


def _take_back_returned(company: Company, truth: pl.DataFrame, before: date, actor: str) -> None:
    """Direct debits that came back and that reconciliation could not tie to their receipt: the invoices are open again."""
    returned = truth.filter(
        (pl.col("amount_cents") < 0) & (pl.col("booked_date") >= before - timedelta(days=366))
    )
    for row in returned.unique("bank_reference", maintain_order=True).iter_rows(named=True):
        line = Transaction.objects.filter(
            company=company, bank_reference=row["bank_reference"], state__in=["new", "proposed"]
        ).first()
        match = (
            Match.objects.filter(
                company=company,
                state=Match.State.APPLIED,
                transaction__amount_cents=-row["amount_cents"],
                transaction__booked_date__lt=row["booked_date"],
                transaction__payments__reversed_at=None,
                lines__contains=[{"number": row["number"]}],
            )
            .order_by("-transaction__booked_date")
            .first()
        )
        if line is None or match is None:
            continue
        payments = match.transaction.payments.filter(reversed_at=None).values_list("pk", flat=True)
        return_by_hand(company=company, transaction_id=line.pk, payment_ids=list(payments), actor=actor)


def _set_aside_rest(company: Company, truth: pl.DataFrame, before: date, actor: str) -> None:
    """Credits that are nobody's payment: a refund of the insurance, the company's other account."""
    known = set(truth["bank_reference"])
    waiting = Transaction.objects.filter(
        company=company, state__in=["new", "proposed"], booked_date__lt=before
    )
    for line in waiting.filter(amount_cents__gt=0).order_by("pk"):
        if line.bank_reference not in known:
            set_aside(company=company, transaction_id=line.pk, reason=NO_CUSTOMER, actor=actor)
