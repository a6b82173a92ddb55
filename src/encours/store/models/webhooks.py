"""Webhooks out: where to, what happened, and what came of telling it."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class WebhookEndpoint(Scoped):
    """An address of another program that is told what happens."""

    class State(models.TextChoices):
        ACTIVE = "active"
        DISABLED = "disabled"  # by a person, or because it failed for long: `problem` says why

    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)  # codes of core.webhooks.EVENTS
    sealed = models.TextField()  # store.secrets: {"secret": "whsec_…"}
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    problem = models.JSONField(null=True)  # Sentence.as_json() of why it is disabled, or of the last failure
    failing_since = models.DateTimeField(null=True)  # the first failure since it last accepted something
    failure_count = models.IntegerField(default=0)  # times in a row that the address was down
    next_attempt_at = models.DateTimeField(null=True)  # not before; null whenever something waits

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "state"], name="webhook_endpoint_state")]


class WebhookEvent(Scoped):
    """Something that happened and that somebody wants to be told, written in the transaction that did it."""

    webhook_id = models.CharField(max_length=40)
    event = models.CharField(max_length=40)
    data = models.JSONField()
    occurred_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "occurred_at"], name="webhook_event_age")]


class WebhookDelivery(Scoped):
    """One event on its way to one address."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"  # tried for three days; a person may have it sent again

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    failure_count = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["company", "endpoint", "id"],
                condition=models.Q(state="waiting"),
                name="webhook_delivery_waiting",
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_recent"),
        ]


class WebhookAttempt(Scoped):
    """One time a message was sent. Without an outcome when the worker died meanwhile: it was sent, or it was not."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)  # of HTTP
    problem = models.JSONField(null=True)  # Sentence.as_json(): why there is no status
