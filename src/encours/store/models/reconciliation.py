"""Runs of reconciliation that somebody asked for and asks after: what they found, line by line."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class ReconciliationRun(Scoped):
    """One run asked for by another program, and how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # tried again by itself a few times

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    is_dry = models.BooleanField()
    on_date = models.DateField()
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    done_count = models.IntegerField(default=0)  # lines gone through, of how many
    total_count = models.IntegerField(default=0)
    set_aside_count = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "asked_at"], name="reconciliation_run_age")]


class ReconciliationAnswer(Scoped):
    """What a run said of one bank line, in the order of `encours reconcile --json`."""

    run = models.ForeignKey(
        ReconciliationRun, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    position = models.IntegerField()
    outcome = models.CharField(max_length=10)  # matched, proposed, unmatched
    told = models.JSONField()  # by language

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="reconciliation_answer_position"),
        ]
