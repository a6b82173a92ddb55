"""Files brought in, what came of each, and the lines that were refused."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class StoredFile(Scoped):
    """A file as it arrived, kept by its content in the data folder (`files/ab/cdef…`)."""

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "sha256"], name="stored_file_content")
        ]


class ImportBatch(Scoped):
    """One file through the front door. Taken whole or not at all, except refused lines."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        REFUSED = "refused"  # nothing of the file was taken
        FAILED = "failed"  # our fault: may be tried again

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="batches")
    file_name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(default=0)
    created_count = models.BigIntegerField(default=0)
    unchanged_count = models.BigIntegerField(default=0)
    refused_count = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list)  # how the file was understood: Sentence.as_json() of each
    # the documents it created lie between these ids (others may too: filter by batch as well)
    first_document_id = models.BigIntegerField(null=True)
    last_document_id = models.BigIntegerField(null=True)
    imported_by = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "-id"], name="batch_recent")]


class ImportProblem(Scoped):
    """Quarantine: a refused or doubtful line, as it came and with the reason."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="problems")
    line = models.BigIntegerField(null=True)
    field = models.CharField(max_length=60, blank=True)
    severity = models.CharField(max_length=8, default="error")
    sentence = models.JSONField()  # Sentence.as_json()
    raw = models.TextField(blank=True)


class ColumnMapping(Scoped):
    """How the columns of a file with these headers are read, remembered for the next file."""

    kind = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=64)
    columns = models.JSONField()  # {header: canonical field}

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "kind", "fingerprint"], name="mapping_fingerprint"),
        ]
