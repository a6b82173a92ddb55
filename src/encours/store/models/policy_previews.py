"""What a change of dunning policies would do to the day, kept until somebody decides: a person's changes wait side by side."""

from typing import ClassVar

from django.db import models

from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.scoped import Scoped


class PolicyPreview(Scoped):
    """A change somebody wants: a new version, another default, a policy switched off, the policy of a segment.

    One per person and policy (or segment): what another person wants stays beside it.
    """

    class Kind(models.TextChoices):
        VERSION = "version"  # `document` becomes the next version of `slug`
        DEFAULT = "default"  # `slug` becomes the company's
        OFF = "off"  # `slug` applies to nobody any more
        SEGMENT = "segment"  # `segment` has `slug` (none of its own when empty)

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=10, choices=Kind)
    slug = models.CharField(max_length=60, blank=True)
    segment = models.CharField(max_length=60, blank=True)
    document = models.TextField(blank=True)  # YAML, as ports.policy_files writes it
    # the last version of the slug when the change was begun, 0 when there was none
    base_version = models.PositiveIntegerField(default=0)
    asked_by = models.CharField(max_length=80)
    on_date = models.DateField()  # the day that is compared
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # the last entry of the journal when the day was read: what came after is not in it
    journal_sequence = models.BigIntegerField(null=True)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    # {"messages", "receivables", "concerned_customers", "cents": {currency: cents}} of the day as it is and would be
    current_counts = models.JSONField(default=dict)
    wanted_counts = models.JSONField(default=dict)
    change_counts = models.JSONField(default=dict)  # by core.dunning.comparison.CHANGES

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "asked_by", "slug", "segment"], name="one_preview_per_person"
            )
        ]


class PolicyPreviewLine(Scoped):
    """A customer whose message of the day would not be the same. Gone with its preview."""

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    preview = models.ForeignKey(PolicyPreview, on_delete=models.CASCADE, related_name="lines", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    change = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    # {"step_code", "channel", "planned_date", "amount_cents", "document_count"}, null where nothing goes out
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.JSONField(null=True)  # a Sentence: why nothing goes out any more

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["preview", "change", "id"], name="policy_preview_line_change")
        ]
