"""Payment services of a company: what they need to know, what they may be used for, and what they tell."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.ports.connections import ConnectionKind
from encours.store.models.connections import Connection
from encours.store.models.scoped import Scoped


class GatewayConnection(Connection):
    """A payment service with the company's own account there (Stripe, Bridge), or direct debits by file at its bank."""

    kind = ConnectionKind.GATEWAY

    events_until_at = models.DateTimeField(null=True)  # everything that happened before was fetched

    class Meta:
        constraints: ClassVar = [
            # which one takes a payment is never a question
            models.UniqueConstraint(
                fields=["company", "provider"],
                condition=models.Q(state="active"),
                name="one_active_connection_per_gateway",
            ),
        ]

    def is_ready_for(self, method: str) -> bool:
        """Whether the account there may take it, as the service last said; nothing said is no objection."""
        told = (self.settings.get("merchant") or {}).get("methods")
        return told is None or method in told


class PaymentOption(Scoped):
    """A way of paying that the company offers, to whom, for how much, and what it costs."""

    method = models.CharField(max_length=20)  # core.payments.methods.METHODS
    connection = models.ForeignKey(
        GatewayConnection, null=True, on_delete=models.PROTECT, related_name="options", db_index=False
    )  # none for a plain transfer
    is_offered = models.BooleanField(default=True)
    min_cents = models.BigIntegerField(default=0)
    max_cents = models.BigIntegerField(null=True)  # the method's own limit holds besides
    countries = ArrayField(models.CharField(max_length=2), default=list)  # of the customer; empty: all
    segments = ArrayField(models.CharField(max_length=60), default=list)  # of the customer; empty: all
    fixed_cost_cents = models.IntegerField(default=0)
    cost_basis_points = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "method"], name="payment_option_method"),
        ]


class GatewayEvent(Scoped):
    """Something a payment service says that happened: verified, kept as it came, then worked. The same counts once.

    It is a hint to look: what counts is what the service says of the object when it is asked (`Charge.told_at`).
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        IGNORED = "ignored"  # of something that is not ours, or nothing follows from it
        FAILED = "failed"  # tried again, until a person looks

    connection = models.ForeignKey(
        GatewayConnection, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    external_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)  # the service's own name
    about = models.CharField(max_length=8, blank=True)  # charge, setup, mandate or payout: what to ask for
    object_id = models.CharField(max_length=200, blank=True)  # what it is about, by the service's own id
    # the charge it turned out to be about, once the service was asked
    charge = models.ForeignKey(
        "Charge", null=True, on_delete=models.SET_NULL, related_name="events", db_index=False
    )
    occurred_at = models.DateTimeField()  # as the service says
    received_at = models.DateTimeField()
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempt_count = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)  # Sentence.as_json()
    worked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="gateway_event_external_id"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "connection", "id"],
                condition=models.Q(state__in=["waiting", "failed"]),
                name="gateway_event_waiting",
            ),
            models.Index(fields=["company", "-id"], name="gateway_event_recent"),
            models.Index(
                fields=["charge"], condition=models.Q(charge__isnull=False), name="gateway_event_charge"
            ),
        ]
