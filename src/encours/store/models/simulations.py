"""What is foretold and what is measured of dunning: runs over days to come or gone by, reminders held back at random."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.dunning import Policy
from encours.store.models.scoped import Scoped


class HoldOut(Scoped):
    """The share of reminders a company lets be held back at random, so that what reminders do can be measured."""

    percent = models.PositiveSmallIntegerField(default=0)
    # a receivable of which more is left to pay is always reminded
    max_amount_cents = models.BigIntegerField()
    # of the draw: core.dunning.hold_out
    seed = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company"], name="one_hold_out"),
            models.CheckConstraint(name="hold_out_at_most_half", condition=models.Q(percent__lte=50)),
        ]


class HeldOutReminder(Scoped):
    """A step that was due for a receivable and was held back at random. It counts as done: the next step comes.

    As with `Reminder`, without foreign keys in the database: a day's plan writes many.
    """

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    position = models.SmallIntegerField(default=0)  # instalment, 0 for the whole document
    step_code = models.CharField(max_length=20)
    cycle = models.PositiveSmallIntegerField(default=1)
    template = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)  # by which it would have left
    amount_cents = models.BigIntegerField()
    planned_date = models.DateField()  # on which it would have left
    propensity_percent = models.PositiveSmallIntegerField()  # how likely it was to be sent

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "document", "position", "step_code", "cycle"],
                name="one_held_out_per_step",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "planned_date"], name="held_out_date"),
        ]


class Simulation(Scoped):
    """Dunning lived through in advance, or the past lived through again: at most one of each kind per company,
    replaced by the next."""

    class Kind(models.TextChoices):
        SIMULATION = "simulation"
        REPLAY = "replay"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.CharField(max_length=80)
    from_date = models.DateField()
    until_date = models.DateField()  # last day of it
    # {"policy": slug or "", "against": slug or "", "pays": …}: what was asked for
    options = models.JSONField(default=dict)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    # the figures of each side, as the page and the command line tell them
    results = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "kind"], name="one_simulation_per_kind"),
        ]


class SimulatedMessage(Scoped):
    """A message of a simulation or of a replay. Gone with it."""

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    simulation = models.ForeignKey(
        Simulation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    side = models.PositiveSmallIntegerField()  # 0: the policy asked for; 1: the one it is held against
    sent_date = models.DateField()
    channel = models.CharField(max_length=20)
    template = models.CharField(max_length=40)
    step_code = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    cost_cents = models.IntegerField()
    document_ids = ArrayField(models.BigIntegerField())
    # replay: of how many of its receivables the money came by itself, and after how many days at the latest
    by_itself_count = models.IntegerField(default=0)
    by_itself_days = models.IntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["simulation", "side", "sent_date", "id"], name="simulated_message_day"),
        ]
