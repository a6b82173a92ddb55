"""Asks a person to do something about a customer until a day."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, Customer, Message, Task


@transaction.atomic
def open_task(
    *,
    company: Company,
    customer_id: int,
    title: str,
    note: str = "",
    due_date: date,
    assignee: str = "",
    message_id: int | None = None,
    actor: str,
) -> Task:
    """The task. `note` says what to do or to say; without an `assignee` (a person's name) it is for whoever comes first.

    `message_id` is the reminder that it stands for, or answers. Raises `Customer.DoesNotExist` or
    `Message.DoesNotExist` for another company's.
    """
    assert title.strip(), "a task says what it is"
    customer = Customer.objects.get(company=company, pk=customer_id)
    if message_id is not None:
        Message.objects.get(company=company, pk=message_id, customer=customer)
    task = Task.objects.create(
        company=company,
        customer=customer,
        message_id=message_id,
        title=title.strip()[:200],
        note=note.strip(),
        due_date=due_date,
        assignee=assignee.strip()[:120],
        opened_by=actor,
    )
    record(
        company=company,
        actor=actor,
        action="task.opened",
        subject_type="task",
        subject_id=task.pk,
        customer_id=customer_id,
        data={"title": task.title, "due_date": due_date.isoformat(), "assignee": task.assignee},
    )
    return task
