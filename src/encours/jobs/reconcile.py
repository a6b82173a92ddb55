"""Matches bank lines with documents."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.reconcile import reconcile as reconcile_company
from encours.jobs.scope import ACTOR, RETRY, company_job, local_now


@app.task(name="reconcile", retry=RETRY)
def reconcile(*, company_id: int) -> None:
    with company_job(company_id) as company:
        on = local_now(company, timezone.now()).date()
        reconcile_company(company=company, on=on, actor=ACTOR)
