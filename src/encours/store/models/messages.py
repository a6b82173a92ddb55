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
        # printed to be posted, a task, or on its way to the company's own program: sent when that is said to be done
        ENTRUSTED = "entrusted"
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
    # the company's own words it was made from; null for the standard ones
    letter_template = models.ForeignKey(
        "LetterTemplate", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # true when it carried what a third party must tell first (CPCE R124-4): later contacts recall it
    has_mandate_mentions = models.BooleanField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_date = models.DateField(null=True)  # in the company's time zone; the minimum gap counts from it
    # e-mail: the first message of its thread, about the same documents; null for the first itself
    thread = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="followers", db_index=False
    )
    letter_batch = models.ForeignKey(
        "LetterBatch", null=True, on_delete=models.PROTECT, related_name="messages"
    )

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
    provider = models.CharField(max_length=20, blank=True)  # who carried it, by entry point
    provider_id = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    # e-mail: the Message-ID it carries, without brackets, by which an answer is known; and who got a copy
    mail_id = models.CharField(max_length=255, blank=True)
    copied_to = models.CharField(max_length=254, blank=True)
    cost_cents = models.IntegerField(null=True)  # by the company's prices when it left
    closed_at = models.DateTimeField(null=True)  # the provider has said its last word: it is asked no more

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "number"], name="attempt_number"),
        ]
        # an answer names the message it answers by either
        indexes: ClassVar = [
            # those a service may still say something about
            models.Index(
                fields=["company", "provider"],
                condition=models.Q(closed_at__isnull=True, outcome="accepted") & ~models.Q(provider=""),
                name="attempt_asked_about",
            ),
            models.Index(fields=["company", "idempotency_key"], name="attempt_key"),
            models.Index(
                fields=["company", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="attempt_provider",
            ),
        ]


class MessageAttachment(Scoped):
    """What left with a message, and what proves what became of it, by content in the data folder."""

    class Kind(models.TextChoices):
        LETTER = "letter"  # as it was printed
        PROOF = "proof"  # of deposit, receipt, refusal …: from the service that carried it

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey("StoredFile", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, blank=True)
    title = models.CharField(max_length=40, blank=True)  # of a proof: core.delivery_reports.PROOFS
