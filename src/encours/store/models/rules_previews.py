"""What other rules of matching would change, as a job found it: at most one preview per company, replaced by the next."""

from typing import ClassVar

from django.db import models

from encours.store.models.banking import Transaction
from encours.store.models.companies import Company
from encours.store.models.scoped import Scoped


class RulesPreview(Scoped):
    """Rules somebody wants to try, against those of the company when they were asked for. Rules are as stored there."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    wanted = models.JSONField(default=dict)
    current = models.JSONField(default=dict)
    asked_by = models.CharField(max_length=80)
    # the last entry of the journal when the first line was read: what came after is not in it
    journal_sequence = models.BigIntegerField(null=True)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    # lines by outcome (core.matching.comparison.OUTCOMES) under either rules, and by change
    current_counts = models.JSONField(default=dict)
    wanted_counts = models.JSONField(default=dict)
    change_counts = models.JSONField(default=dict)
    # Sentences: what the matches of the last months say
    record = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["company"], name="one_rules_preview")]


class RulesPreviewLine(Scoped):
    """A bank line that the wanted rules would answer otherwise. Gone with its preview."""

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    preview = models.ForeignKey(RulesPreview, on_delete=models.CASCADE, related_name="lines", db_index=False)
    transaction = models.ForeignKey(
        Transaction, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    change = models.CharField(max_length=16)  # core.matching.comparison.CHANGES
    # {"outcome", "numbers", "document_count", "reason", "confidence"}: the likeliest answer
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["preview", "change", "id"], name="rules_preview_line_change")
        ]
