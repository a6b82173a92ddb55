"""What people are to do about customers."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Exists, F, OuterRef, When

from encours.queries.paging import Page, page_of
from encours.store.models import Company, Reminder, Task

SHOWN = ("open", "mine", "late", "ended")


@dataclass(frozen=True)
class TaskRow:
    """A task. `amount_cents` is what its message asks for, None for a task that no step asked for."""

    id: int
    customer_id: int
    customer_name: str
    message_id: int | None
    step_code: str
    title: str
    note: str
    due_date: date
    assignee: str
    state: str
    outcome: str
    outcome_note: str
    ended_at: datetime | None
    amount_cents: int | None
    currency: str
    is_settled: bool  # nothing of what its message asks for is open any more


def tasks_page(
    *, company: Company, shown: str, assignee: str, on: date, number: int, size: int
) -> Page[TaskRow]:
    """Open tasks, the most urgent first: all, those of an assignee (`mine`), or `late` ones; the `ended` ones, latest first."""
    found = Task.objects.filter(company=company)
    if shown == "ended":
        found = found.exclude(state=Task.State.OPEN).order_by("-ended_at", "-pk")
    else:
        found = found.filter(state=Task.State.OPEN).order_by("due_date", "pk")
    if shown == "mine":
        found = found.filter(assignee__iexact=assignee)
    elif shown == "late":
        found = found.filter(due_date__lt=on)
    page = page_of(_named(found), number=number, size=size)
    return page.with_rows([_row(each) for each in page.rows])


def task_row(*, company: Company, task_id: int) -> TaskRow | None:
    found = _named(Task.objects.filter(company=company, pk=task_id)).first()
    return _row(found) if found else None


def open_tasks(*, company: Company, customer_id: int) -> list[TaskRow]:
    """Those about one customer, the most urgent first."""
    found = Task.objects.filter(company=company, customer_id=customer_id, state=Task.State.OPEN)
    return [_row(each) for each in _named(found).order_by("due_date", "pk")]


def late_tasks(*, company: Company, on: date) -> int:
    return Task.objects.filter(company=company, state=Task.State.OPEN, due_date__lt=on).count()


def _named(found):
    still_open = Reminder.objects.filter(
        company_id=OuterRef("company_id"),
        message_id=OuterRef("message_id"),
        counts=True,
        document__open_cents__gt=0,
    )
    return found.annotate(
        is_settled=Case(When(message__isnull=True, then=False), default=~Exists(still_open)),
        customer_name=F("customer__name"),
        step_code=F("message__step_code"),
        amount_cents=F("message__amount_cents"),
        currency=F("message__currency"),
    )


def _row(found: Task) -> TaskRow:
    fields = {name: getattr(found, name) for name in TaskRow.__dataclass_fields__ if name != "id"}
    fields["step_code"], fields["currency"] = fields["step_code"] or "", fields["currency"] or ""
    return TaskRow(id=found.pk, **fields)
