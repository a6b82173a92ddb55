"""Runs a reconciliation that another program asked for; forgets old runs and answers of the API."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.answer_once import forget_old_answers
from encours.actions.request_reconciliation import forget_old_runs, run_reconciliation
from encours.jobs.scope import RETRY, company_job
from encours.queries.companies import companies
from encours.store.tenancy import company_scope


@app.task(name="reconciliation_run", retry=RETRY)
def reconciliation_run(*, company_id: int, run_id: int) -> None:
    """A run that is done is not run again."""
    with company_job(company_id) as company:
        run_reconciliation(company=company, run_id=run_id, clock=timezone.now)


@app.periodic(cron="23 3 * * *")
@app.task(name="forget_old_runs")
def forget_runs(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            forget_old_runs(company=company, now=now)
            forget_old_answers(company=company, now=now)
