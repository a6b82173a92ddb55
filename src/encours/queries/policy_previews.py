"""Changes of policies that wait for a decision, and what each would do to the day, customer by customer."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from encours.core.dunning.comparison import CHANGES
from encours.queries.journal import actor_names
from encours.queries.paging import Page, page_of
from encours.queries.policy_versions import last_version
from encours.store.models import Company, JournalEntry, Policy, PolicyPreview, PolicyPreviewLine

# What is told in the journal and changes no plan of reminders; anything else may.
_WITHOUT_EFFECT = r"^(accounting|api_token|columns|credentials|file|user|webhook|webhook_endpoint)\."


@dataclass(frozen=True)
class DayCounts:
    """What goes out on the day: messages, receivables in them, what they ask for by currency; and how many customers
    the policy applies to, of which so many owe something."""

    messages: int = 0
    receivables: int = 0
    customers: int = 0
    debtors: int = 0
    cents: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PreviewDetail:
    """`document` is the YAML of the wanted version. `newer_version` is one saved since the change was begun, 0 for none."""

    id: int
    kind: str
    slug: str
    name: str
    segment: str
    document: str
    base_version: int
    newer_version: int
    policy_id: int | None  # the version in force, or the last one
    who: str
    asked_by: str
    asked_at: datetime
    on_date: date
    state: str
    done_units: int
    total_units: int
    finished_at: datetime | None
    current: DayCounts
    wanted: DayCounts
    change_counts: dict[str, int]
    is_of_older_data: bool

    @property
    def is_active(self) -> bool:
        return self.state in (PolicyPreview.State.WAITING, PolicyPreview.State.RUNNING)

    @property
    def changed_count(self) -> int:
        return sum(self.change_counts.values())

    @property
    def is_outdated(self) -> bool:
        return self.is_of_older_data or self.newer_version > 0


@dataclass(frozen=True)
class ChangedMessage:
    """A customer's message of the day. `before` and `after` as `PolicyPreviewLine` keeps them, dates as dates; None where
    nothing goes out. `reason` is a stored Sentence or None."""

    customer_id: int
    customer_name: str
    customer_code: str
    change: str
    currency: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: dict[str, Any] | None


@dataclass(frozen=True)
class WaitingChange:
    """A change that somebody asked to see and has not decided on."""

    id: int
    kind: str
    slug: str
    segment: str
    who: str
    asked_by: str
    asked_at: datetime


def policy_preview(*, company: Company, preview_id: int) -> PreviewDetail | None:
    """None when it is not there, or no longer. Six queries at most."""
    row = PolicyPreview.objects.filter(company=company, pk=preview_id).first()
    if row is None:
        return None
    last = last_version(company=company, slug=row.slug) if row.kind == PolicyPreview.Kind.VERSION else 0
    policy = Policy.objects.filter(company=company, slug=row.slug).order_by("-is_active", "-version").first()
    names = actor_names(company=company, actors=[row.asked_by])
    return PreviewDetail(
        id=row.pk,
        kind=row.kind,
        slug=row.slug,
        name=policy.name if policy else row.slug,
        segment=row.segment,
        document=row.document,
        base_version=row.base_version,
        newer_version=last if last != row.base_version else 0,
        policy_id=policy.pk if policy else None,
        who=names.get(row.asked_by, row.asked_by),
        asked_by=row.asked_by,
        asked_at=row.created_at,
        on_date=row.on_date,
        state=row.state,
        done_units=row.done_units,
        total_units=row.total_units,
        finished_at=row.finished_at,
        current=_counts(row.current_counts),
        wanted=_counts(row.wanted_counts),
        change_counts={change: row.change_counts.get(change, 0) for change in CHANGES},
        is_of_older_data=_has_moved(company, row.journal_sequence),
    )


def _counts(kept: dict[str, Any]) -> DayCounts:
    if not kept:
        return DayCounts()
    return DayCounts(
        messages=kept["messages"],
        receivables=kept["receivables"],
        customers=kept["customers"],
        debtors=kept["debtors"],
        cents=tuple(kept["cents"].items()),
    )


def _has_moved(company: Company, since_sequence: int | None) -> bool:
    if since_sequence is None:
        return False
    later = JournalEntry.objects.filter(company=company, sequence__gt=since_sequence)
    return later.exclude(action__regex=_WITHOUT_EFFECT).exists()


def changed_messages_page(
    *, company: Company, preview_id: int, change: str = "", number: int, size: int
) -> Page[ChangedMessage]:
    """Of one kind of change or of all, within a kind those about most money first."""
    found = PolicyPreviewLine.objects.filter(company=company, preview_id=preview_id)
    if change:
        found = found.filter(change=change)
    page = page_of(found.select_related("customer").order_by("pk"), number=number, size=size)
    return page.with_rows([_message(row) for row in page.rows])


def _message(row: PolicyPreviewLine) -> ChangedMessage:
    return ChangedMessage(
        customer_id=row.customer.pk,
        customer_name=row.customer.name,
        customer_code=row.customer.code,
        change=row.change,
        currency=row.currency,
        before=_side(row.before),
        after=_side(row.after),
        reason=row.reason,
    )


def _side(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    return kept | {"planned_date": date.fromisoformat(kept["planned_date"])} if kept else None


def waiting_changes(*, company: Company, slug: str = "") -> list[WaitingChange]:
    """Of one policy or of all, the newest first."""
    found = PolicyPreview.objects.filter(company=company).order_by("-created_at", "-pk")
    rows = list(found.filter(slug=slug) if slug else found)
    names = actor_names(company=company, actors=[row.asked_by for row in rows])
    return [
        WaitingChange(
            id=row.pk,
            kind=row.kind,
            slug=row.slug,
            segment=row.segment,
            who=names.get(row.asked_by, row.asked_by),
            asked_by=row.asked_by,
            asked_at=row.created_at,
        )
        for row in rows
    ]
