"""The outbox: messages to customers and every attempt to hand one over."""

from typing import ClassVar

from django.db import models

from encours.store.models.customers import Contact, Customer
from encours.store.models.scoped import Scoped


class Message(Scoped):
    """A message to a customer. Its text is made when it leaves, from what is then still owed, and kept."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for somebody's approval
        APPROVED = "approved"  # leaves at the next sending
        CLAIMED = "claimed"  # an attempt is written, not yet handed over
        SENT = "sent"  # the provider accepted it
        FAILED = "failed"  # refused, or tried too often
        UNKNOWN = "unknown"  # interrupted at hand-over: a person decides, never sent again by itself
        CANCELLED = "cancelled"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="messages", db_index=False)
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    policy = models.ForeignKey(
        "Policy", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20)
    template = models.CharField(max_length=40)
    step_code = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()  # asked for when planned; what was left when it is sent
    # of the same receivables: lists show them without reading a reminder. None and 0 for a contact by hand
    document_count = models.PositiveIntegerField(default=0)
    oldest_due_date = models.DateField(null=True)
    planned_date = models.DateField()
    state = models.CharField(max_length=10, choices=State)
    reason = models.JSONField()  # Sentence.as_json(): why it was planned, or why it was cancelled
    # core.dunning.policy.Approval: the strictest of the steps it carries; empty for a contact by hand
    approval = models.CharField(max_length=10, blank=True, default="")
    approved_by = models.CharField(max_length=80, blank=True)
    # filled when it leaves
    recipient = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_date = models.DateField(null=True)  # in the company's time zone; the minimum gap counts from it

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "state", "planned_date"], name="message_state"),
            models.Index(fields=["company", "customer", "-planned_date"], name="message_customer"),
            # the agenda: the largest amounts that wait, first
            models.Index(
                fields=["company", "state", "-amount_cents", "id"],
                condition=models.Q(state__in=["waiting", "approved"]),
                name="message_agenda",
            ),
            # who was contacted lately: the minimum gap costs what the gap holds, not what history holds
            models.Index(
                fields=["company", "sent_date"],
                include=["customer", "currency", "channel"],
                condition=models.Q(sent_date__isnull=False),
                name="message_sent",
            ),
        ]


class Attempt(Scoped):
    """One try to hand a message over. Written before the provider is called, so a crash leaves a trace."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"
        FAILED = "failed"
        UNKNOWN = "unknown"
        NOT_SENT = "not_sent"  # interrupted or called off before the hand-over

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    idempotency_key = models.CharField(max_length=80)
    claimed_at = models.DateTimeField()
    # committed just before the provider is called
    handed_over_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "number"], name="attempt_number"),
        ]


class MessageAttachment(Scoped):
    """What left with a message, by content in the data folder."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey("StoredFile", on_delete=models.PROTECT, related_name="+")
