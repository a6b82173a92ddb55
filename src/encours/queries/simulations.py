"""What dunning lived through in advance starts from (the messages that wait, when customers are likely to pay), and what
was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from encours.core.dunning.leaving import WAITING
from encours.core.dunning.policy import OFFSET_IN_CODE
from encours.queries.journal import actor_names
from encours.queries.paging import Page, page_of
from encours.store.frames import read_frame
from encours.store.models import Company, Document, PolicyPreview, SimulatedMessage, Simulation

# Messages of unknown fate wait for a person and are not counted on; those a person carries out are.
_WAITING = """
SELECT m.id, m.customer_id, m.currency, m.channel, m.policy_id, m.step_code, m.template, m.approval,
       m.state <> 'waiting', m.planned_date, r.document_id, r.position, r.step_code
FROM store_message m JOIN store_reminder r ON r.message_id = m.id
WHERE m.company_id = %s AND r.company_id = %s AND r.counts AND m.state IN ('waiting', 'approved', 'entrusted')
ORDER BY m.id
"""
# What had been done for the receivables of those messages before them.
_BEFORE = """
SELECT r.document_id, r.position, substring(r.step_code FROM %s)::bigint, m.planned_date,
       CASE m.state WHEN 'sent' THEN m.sent_date END
FROM store_reminder r JOIN store_message m ON m.id = r.message_id
WHERE r.company_id = %s AND m.company_id = %s AND r.counts AND m.state NOT IN ('waiting', 'approved', 'entrusted')
  AND (r.customer_id, r.document_id) IN (
    SELECT w.customer_id, w.document_id FROM store_reminder w JOIN store_message n ON n.id = w.message_id
    WHERE w.company_id = %s AND n.company_id = %s AND w.counts AND n.state IN ('waiting', 'approved', 'entrusted'))
UNION ALL
SELECT document_id, position, substring(step_code FROM %s)::bigint, planned_date, NULL
FROM store_heldoutreminder WHERE company_id = %s
"""
# The median delay of each customer's invoices of the last two years, by the day the last money came in. Fewer than three
# are no habit.
_HABITS = """
SELECT customer_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY paid - due_date)::bigint
FROM (SELECT d.customer_id, d.due_date, max(p.received_date) AS paid
      FROM store_document d JOIN store_allocation a ON a.document_id = d.id JOIN store_payment p ON p.id = a.payment_id
      WHERE d.company_id = %s AND a.company_id = d.company_id AND p.company_id = d.company_id AND d.open_cents = 0
        AND d.type = 'invoice' AND d.issue_date >= %s AND p.received_date <= %s AND a.undone_at IS NULL
      GROUP BY d.id) settled
GROUP BY 1 HAVING count(*) >= 3
"""
HABIT_DAYS = 730
_SHOWN_NUMBERS = 5
EXPECTED = pl.Schema({"document_id": pl.Int64, "position": pl.Int64, "expected_date": pl.Date})
_FIRST_DOCUMENTS = "SELECT customer_id, min(issue_date) FROM store_document WHERE company_id = %s GROUP BY 1"


def waiting_lines(*, company: Company) -> pl.DataFrame:
    """WAITING: the lines of the messages that wait for approval, for their day, or for a person to carry them out."""
    before = {name: kind for name, kind in WAITING.items() if name.startswith("before_")}
    schema = {name: kind for name, kind in WAITING.items() if name not in before}
    waiting = read_frame(_WAITING, [company.pk, company.pk], schema)
    if waiting.is_empty():
        return pl.DataFrame(schema=WAITING)
    own = company.pk
    done = read_frame(
        _BEFORE,
        [OFFSET_IN_CODE, own, own, own, own, OFFSET_IN_CODE, own],
        {
            "document_id": pl.Int64,
            "position": pl.Int64,
            "offset_days": pl.Int64,
            "planned_date": pl.Date,
            "sent_date": pl.Date,
        },
    )
    highest = pl.col("offset_days").arg_max()
    done = done.group_by("document_id", "position").agg(
        before_done_offset_days=pl.col("offset_days").max(),
        before_done_date=pl.coalesce("sent_date", "planned_date").get(highest),
        before_reminded_date=pl.col("sent_date").filter(pl.col("offset_days") >= 0).max(),
    )
    return waiting.join(done, on=["document_id", "position"], how="left", maintain_order="left").select(
        list(WAITING)
    )


def habitual_payment_dates(*, company: Company, receivables: pl.DataFrame, on: date) -> pl.DataFrame:
    """EXPECTED of receivables whose customer has a habit: the due date and the customer's median delay."""
    habits = read_frame(
        _HABITS,
        [company.pk, on - timedelta(days=HABIT_DAYS), on],
        {"customer_id": pl.Int64, "delay_days": pl.Int64},
    )
    expected = pl.col("due_date") + pl.duration(days="delay_days")
    return receivables.join(habits, on="customer_id").select(
        "document_id", "position", expected_date=expected.cast(pl.Date)
    )


def first_documents(*, company: Company) -> pl.DataFrame:
    """Since when each customer is one: customer_id, since."""
    return read_frame(_FIRST_DOCUMENTS, [company.pk], {"customer_id": pl.Int64, "since": pl.Date})


@dataclass(frozen=True)
class SimulationDetail:
    """A run as a page shows it. `who` is a person's name or the actor as stored; `sides` and `differences` are
    `core.dunning.outlook`'s."""

    id: int
    kind: str
    state: str
    who: str
    asked_at: datetime
    finished_at: datetime | None
    from_date: date
    until_date: date
    options: dict[str, Any]
    done_units: int
    total_units: int
    sides: list[dict[str, Any]]
    differences: dict[str, Any] | None

    @property
    def is_active(self) -> bool:
        return self.state in (Simulation.State.WAITING, Simulation.State.RUNNING)


@dataclass(frozen=True)
class ForetoldMessage:
    """A message of a run, with the first numbers of its documents."""

    id: int
    sent_date: date
    customer_id: int
    customer_code: str
    customer_name: str
    channel: str
    template: str
    step_code: str
    currency: str
    amount_cents: int
    cost_cents: int
    numbers: tuple[str, ...]
    document_count: int
    by_itself_count: int
    by_itself_days: int | None


def simulation_of(*, company: Company, kind: str) -> SimulationDetail | None:
    """The run of a kind somebody asked for last; None when nobody did."""
    row = Simulation.objects.filter(company=company, kind=kind).first()
    if row is None:
        return None
    results = row.results or {}
    return SimulationDetail(
        id=row.pk,
        kind=row.kind,
        state=row.state,
        who=actor_names(company=company, actors=[row.asked_by]).get(row.asked_by, row.asked_by),
        asked_at=row.created_at,
        finished_at=row.finished_at,
        from_date=row.from_date,
        until_date=row.until_date,
        options=row.options,
        done_units=row.done_units,
        total_units=row.total_units,
        sides=results.get("sides", []),
        differences=results.get("differences"),
    )


def _messages_of(*, company: Company, simulation_id: int, side: int, day: date | None = None) -> Any:
    """The rows of a side in the order of their days, of one day or of all."""
    found = SimulatedMessage.objects.filter(company=company, simulation_id=simulation_id, side=side)
    if day is not None:
        found = found.filter(sent_date=day)
    return found.select_related("customer").order_by("sent_date", "pk")


def simulated_messages_page(
    *, company: Company, simulation_id: int, side: int = 0, day: date | None = None, number: int, size: int
) -> Page[ForetoldMessage]:
    """Messages of a run, day by day."""
    rows = _messages_of(company=company, simulation_id=simulation_id, side=side, day=day)
    page = page_of(rows, number=number, size=size)
    return page.with_rows(_foretold(company, page.rows))


def simulated_messages_after(
    *, company: Company, simulation_id: int, side: int = 0, day: date | None = None, after: int, limit: int
) -> list[ForetoldMessage]:
    """Those after a message (0 for the first), for exports; kept in the order of their days."""
    rows = _messages_of(company=company, simulation_id=simulation_id, side=side, day=day)
    return _foretold(company, rows.filter(pk__gt=after).order_by("pk")[:limit])


def wanted_versions(*, company: Company) -> list[tuple[int, str]]:
    """Changes of policies that wait for a decision: the id of each, and the document wanted."""
    waiting = PolicyPreview.objects.filter(company=company, kind=PolicyPreview.Kind.VERSION)
    return list(waiting.exclude(document="").order_by("slug", "pk").values_list("pk", "document"))


def _foretold(company: Company, rows: Iterable[SimulatedMessage]) -> list[ForetoldMessage]:
    rows = list(rows)
    shown = {key for row in rows for key in row.document_ids[:_SHOWN_NUMBERS]}
    numbers = dict(Document.objects.filter(company=company, pk__in=shown).values_list("pk", "number"))
    return [
        ForetoldMessage(
            id=row.pk,
            sent_date=row.sent_date,
            customer_id=row.customer.pk,
            customer_code=row.customer.code,
            customer_name=row.customer.name,
            channel=row.channel,
            template=row.template,
            step_code=row.step_code,
            currency=row.currency,
            amount_cents=row.amount_cents,
            cost_cents=row.cost_cents,
            numbers=tuple(numbers[key] for key in row.document_ids[:_SHOWN_NUMBERS] if key in numbers),
            document_count=len(row.document_ids),
            by_itself_count=row.by_itself_count,
            by_itself_days=row.by_itself_days,
        )
        for row in rows
    ]
