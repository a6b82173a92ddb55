"""Dunning policies as data, holds, and what was asked for when."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.scoped import Scoped


class Policy(Scoped):
    """A dunning policy (scénario). A version that has been used is never changed: a change is a new version."""

    slug = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    min_gap_days = models.PositiveSmallIntegerField(default=5)
    min_amount_cents = models.BigIntegerField(default=1000)
    max_contacts_per_week = models.PositiveSmallIntegerField(default=3)  # 0: as many as the gap allows
    level = models.CharField(max_length=10, default="oldest")  # core.dunning.policy.Level
    description = models.JSONField(default=dict, blank=True)  # {"fr": …, "en": …}

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "slug", "version"], name="policy_version"),
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(is_default=True), name="one_default_policy"
            ),
        ]


class PolicyStep(Scoped):
    """What is done `days` after what the clock counts from (`core.dunning.policy.Step`)."""

    class Approval(models.TextChoices):
        AUTOMATIC = "automatic"
        BATCH = "batch"  # one click for the day's batch
        PERSON = "person"  # each one by a person

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="steps")
    code = models.CharField(max_length=20)  # J-7, R+1, FM+10, E+22 …
    offset_days = models.SmallIntegerField()  # after the due date, at the earliest
    clock = models.CharField(max_length=20, default="due_date")
    days = models.SmallIntegerField()
    channel = models.CharField(max_length=20, default="email")
    # tried in this order where the channel does not reach the customer
    fallbacks = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    template = models.CharField(max_length=40)
    tone = models.CharField(max_length=20, default="neutral")
    approval = models.CharField(max_length=10, choices=Approval, default=Approval.BATCH)
    signed_by = models.CharField(max_length=20, default="company")
    min_amount_cents = models.BigIntegerField(default=0)
    # when it may leave, where the company is: core.dunning.policy.Window as JSON; null for any working day and time
    window = models.JSONField(null=True, blank=True)
    # core.dunning.conditions.stored; null for all
    condition = models.JSONField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "code"], name="step_code"),
            models.UniqueConstraint(fields=["policy", "offset_days"], name="step_offset"),
        ]
        ordering: ClassVar = ["offset_days"]


class PolicyAssignment(Scoped):
    """Which policy a segment or a document has, in place of the company's; a customer's own is `Customer.policy`.

    It moves to the next version with its policy, as customers do.
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="assignments")
    segment = models.CharField(max_length=60, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "segment"], condition=~models.Q(segment=""), name="one_policy_per_segment"
            ),
            models.UniqueConstraint(fields=["document"], name="one_policy_per_document"),
            models.CheckConstraint(
                name="assigned_to_one_thing",
                condition=(models.Q(segment="") & models.Q(document__isnull=False))
                | (~models.Q(segment="") & models.Q(document__isnull=True)),
            ),
        ]


class Hold(Scoped):
    """Why reminders wait: for one document, or for all of a customer's when `document` is empty."""

    class Kind(models.TextChoices):
        MANUAL = "manual"
        DISPUTE = "dispute"
        PROMISE = "promise"
        PAUSE = "pause"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holds")
    document = models.ForeignKey(Document, null=True, on_delete=models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MANUAL)
    reason = models.CharField(max_length=500)
    from_date = models.DateField()
    until_date = models.DateField(null=True, blank=True, help_text="Last day held; empty: until released")
    released_at = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["company", "customer"],
                condition=models.Q(released_at__isnull=True),
                name="hold_active",
            ),
        ]


class Reminder(Scoped):
    """One step of a policy for one receivable, carried by a message. Unique: a step is never done twice.

    Without foreign keys in the database: a day's plan writes up to a million rows, and a check per row costs
    more than the plan (measured: 9 of 16 s). Row-level security upholds the company; documents are never
    deleted, and a reminder is written in the same transaction as its message.
    """

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # the message's, and the document's: written customer by customer, both indexes grow at their end. Without it
    # the one on documents, or the one on messages, is written all over: half of what a plan costs
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(
        "Message", on_delete=models.PROTECT, related_name="reminders", db_constraint=False
    )
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="reminders", db_index=False, db_constraint=False
    )
    position = models.SmallIntegerField(default=0)  # instalment, 0 for the whole document
    due_date = models.DateField()  # the receivable's: what a message asks for is shown by it
    step_code = models.CharField(max_length=20)
    cycle = models.PositiveSmallIntegerField(default=1)
    amount_cents = models.BigIntegerField()
    # false when the step is free again: the receivable was settled before the message left, or the message
    # could not leave. A person who cancels a message may also let the step count as done
    counts = models.BooleanField(default=True)
    # how likely it was to be sent when it was planned: below 100 where a hold-out could have kept it back
    propensity_percent = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "document", "position", "step_code", "cycle"],
                condition=models.Q(counts=True),
                name="one_reminder_per_step",
            ),
        ]
        # those of a document that do not count, beside the constraint's index of those that do: an index of both would
        # have each plan write a million rows twice
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "document"],
                condition=models.Q(counts=False),
                name="reminder_without_count",
            ),
        ]
