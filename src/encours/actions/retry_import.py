"""Lets an import that failed through no fault of its file be tried again."""

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, ImportBatch


class UnableToRetryImport(Exception):
    """It did not fail: it waits, runs, or came to an end."""


@transaction.atomic
def retry_import(*, company: Company, batch_id: int, actor: str) -> ImportBatch:
    """The failed batch, waiting again. The import is the caller's to ask for. Raises `UnableToRetryImport`."""
    batch = ImportBatch.objects.select_for_update().get(company=company, pk=batch_id)
    if batch.state != ImportBatch.State.FAILED:
        raise UnableToRetryImport(f"import {batch_id} is {batch.state}")
    batch.state = ImportBatch.State.WAITING
    batch.done_units = batch.total_units = 0
    batch.save(update_fields=["state", "done_units", "total_units"])
    record(
        company=company,
        actor=actor,
        action="import.retried",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={"file": batch.file_name},
    )
    return batch
