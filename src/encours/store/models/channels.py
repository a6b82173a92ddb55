"""How messages leave: services that carry them, what these report, and letters printed to be posted."""

from typing import ClassVar

from django.db import models

from encours.ports.connections import ConnectionKind
from encours.store.models.connections import Connection
from encours.store.models.imports import StoredFile
from encours.store.models.messages import Attempt, Message
from encours.store.models.scoped import Scoped


class ChannelConnection(Connection):
    """A service that carries messages for the company, with what it needs to know."""

    kind = ConnectionKind.CHANNEL
    journal_prefix = "channel"

    channel = models.CharField(max_length=20)  # core.dunning.policy.CHANNELS

    class Meta:
        constraints: ClassVar = [
            # which one carries a message is never a question
            models.UniqueConstraint(
                fields=["company", "channel"],
                condition=models.Q(state="active"),
                name="one_active_connection_per_channel",
            ),
        ]

    def journal_data(self) -> dict[str, str]:
        return {**super().journal_data(), "channel": self.channel}


class DeliveryReport(Scoped):
    """What a service said about a message after it took it. The same report counts once, however often it comes."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="reports")
    attempt = models.ForeignKey(
        Attempt, null=True, on_delete=models.PROTECT, related_name="reports", db_index=False
    )
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)  # core.delivery_reports.KINDS
    reported_at = models.DateTimeField()  # when it happened, as the service says
    recipient = models.CharField(max_length=254, blank=True)
    detail = models.TextField(blank=True)
    external_id = models.CharField(max_length=200)
    raw = models.TextField(blank=True)  # as it came

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "provider", "external_id"], name="delivery_report_external_id"
            ),
        ]


class LetterBatch(Scoped):
    """Letters printed together: one PDF, and the list of their recipients."""

    class State(models.TextChoices):
        PRINTED = "printed"  # waits for somebody to say that it was handed to the post
        POSTED = "posted"

    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    recipients = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")  # CSV
    state = models.CharField(max_length=8, choices=State, default=State.PRINTED)
    letter_count = models.PositiveIntegerField()
    page_count = models.PositiveIntegerField()
    printed_by = models.CharField(max_length=80)
    posted_date = models.DateField(null=True)
    posted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "-id"], name="letter_batch_recent")]
