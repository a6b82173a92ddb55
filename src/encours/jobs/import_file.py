"""Takes a received file in, then matches what it brought."""

from procrastinate.contrib.django import app

from encours.actions.defer_job import defer
from encours.actions.import_file import run_import
from encours.actions.tidy_store import tidy_store
from encours.jobs.scope import RETRY, company_job


@app.task(name="import_file", retry=RETRY)
def import_file(*, company_id: int, batch_id: int, kind: str = "") -> None:
    """Importing a file twice changes nothing, so a second run is harmless."""
    with company_job(company_id) as company:
        outcome = run_import(company=company, batch_id=batch_id, kind=kind)
        tidy_store(changed_rows=outcome.created)
        # new lines and new invoices both make matches possible
        defer("reconcile", company_id=company_id)
