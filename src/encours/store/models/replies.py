"""Where customers' replies come from, each of them, and what may be done about them without a person."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.ports.connections import ConnectionKind
from encours.store.models.connections import Connection
from encours.store.models.customers import Contact, Customer
from encours.store.models.imports import StoredFile
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class Mailbox(Connection):
    """A mailbox that is asked for replies."""

    kind = ConnectionKind.MAILBOX

    cursor = models.JSONField(default=dict)  # the provider's own: up to where the mailbox was read
    answered_at = models.DateTimeField(null=True)  # last time it answered

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "state"], name="mailbox_state")]


class Reply(Scoped):
    """A message that came in, how it is understood, and what was done about it.

    Its reading (`intent` to `document_ids`) is what counts now: a person may have corrected it. What the rules read first stays in
    `first_reading`.
    """

    class Nature(models.TextChoices):
        PERSON = "person"
        AUTOMATIC = "automatic"  # a machine's answer (RFC 3834)
        BOUNCE = "bounce"  # a mail server says that a message did not arrive (RFC 3464)
        OURS = "ours"  # written by the company itself, as a copy

    class State(models.TextChoices):
        WAITING = "waiting"  # for a person
        ACTED = "acted"  # its reading was followed
        DISMISSED = "dismissed"  # a person decided that there is nothing to do
        FILED = "filed"  # kept in the thread, asks for nothing

    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.SET_NULL, related_name="replies")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")  # as it came
    digest = models.CharField(
        max_length=64
    )  # core.replies.arriving.Arrived.digest: the same mail counts once
    mail_id = models.CharField(max_length=300, blank=True)  # its Message-ID, without brackets
    answers = ArrayField(models.CharField(max_length=300), default=list)  # Message-IDs, the nearest first
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=254, blank=True)
    recipients = ArrayField(models.CharField(max_length=254), default=list)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)  # what the customer wrote: no history, no signature
    attachments = models.JSONField(default=list)  # name, media_type, size of each, in the order of the mail
    received_at = models.DateTimeField()
    nature = models.CharField(max_length=9, choices=Nature)
    state = models.CharField(max_length=9, choices=State)
    problem = models.JSONField(null=True)  # Sentence.as_json(): what of it could not be read

    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="replies", db_index=False
    )
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="replies", db_index=False
    )
    matched_by = models.CharField(max_length=8, blank=True)  # core.replies.matching.By

    intent = models.CharField(max_length=14)  # core.replies.cues.Intent
    day = models.DateField(null=True)  # promised, paid on, or of return
    amount_cents = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    reason = models.CharField(max_length=20, blank=True)  # of a dispute
    document_ids = ArrayField(models.BigIntegerField(), default=list)  # those it speaks of
    confidence = models.FloatField()
    because = models.JSONField(default=list)  # verbatim words of the text
    first_reading = models.JSONField(default=dict)  # Understanding.as_json()
    second_reading = models.JSONField(null=True)  # of the company's own reader, when it has one

    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=80, blank=True)
    outcome = models.JSONField(default=list)  # Sentence.as_json() of each thing that was done or found
    done = models.JSONField(default=dict)  # ids of what was made, by kind: what undoing takes back

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "digest"], name="reply_digest"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "received_at", "id"],
                include=["customer", "nature", "intent"],
                condition=models.Q(state="waiting"),
                name="reply_waiting",
            ),
            models.Index(fields=["company", "-received_at", "-id"], name="reply_recent"),
            models.Index(fields=["customer", "-received_at"], name="reply_customer"),
            models.Index(fields=["message"], condition=models.Q(message__isnull=False), name="reply_message"),
            models.Index(
                fields=["company", "mail_id"], condition=~models.Q(mail_id=""), name="reply_mail_id"
            ),
        ]


class ReplySettings(Scoped):
    """What a company lets be done about replies without a person. Without a row: the defaults."""

    # intent -> whole percent of confidence from which it is acted on; an intent that is not here waits for a person
    thresholds = models.JSONField(default=dict)
    # nothing automatic leaves to a customer whose reply nobody has looked at
    holds_while_waiting = models.BooleanField(default=True)
    # how long reminders wait for money a customer says is on its way
    payment_wait_days = models.PositiveSmallIntegerField(default=5)
    # a second reader: any server that speaks OpenAI's chat completions
    reader_url = models.CharField(max_length=300, blank=True)
    reader_model = models.CharField(max_length=100, blank=True)
    reader_sealed = models.TextField(blank=True)
    reader_problem = models.JSONField(null=True)  # Sentence.as_json(): why it did not answer last time

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company"], name="one_reply_settings"),
        ]
