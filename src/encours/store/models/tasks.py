"""What a person is to do about a customer: call, visit, write by hand."""

from typing import ClassVar

from django.db import models

from encours.store.models.customers import Customer
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class Task(Scoped):
    """Something to do until a day. One that a dunning step asks for has its message, which counts when it is done."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"  # what it was about is settled, or somebody took it back

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)  # what to say, or what it is about
    due_date = models.DateField()
    assignee = models.CharField(max_length=120, blank=True)  # a person's name; empty: whoever comes first
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    outcome = models.CharField(max_length=20, blank=True)  # core.tasks.OUTCOMES
    outcome_note = models.TextField(blank=True)
    opened_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["company", "due_date", "id"], condition=models.Q(state="open"), name="task_open"
            ),
            models.Index(fields=["company", "customer", "-id"], name="task_customer"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message"], condition=models.Q(state="open"), name="one_open_task_per_message"
            ),
        ]
