"""Everything that happened, in order, chained by hashes."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class JournalEntry(Scoped):
    """One event of a company's life. Append-only; `sequence`, `previous_hash` and `hash` are set by the database.

    `action` is dotted (`document.imported`, `message.sent`). The hash covers the sequence, the time, the
    actor, the action, the subject, the data and the hash before it (migration 0002), so that an entry changed or
    taken out breaks the chain for `encours doctor`.
    """

    sequence = models.BigIntegerField(editable=False, default=0)
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, editable=False, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "sequence"], name="journal_sequence")
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "subject_type", "subject_id"], name="journal_subject"),
            models.Index(fields=["company", "customer_id", "-sequence"], name="journal_customer"),
        ]
