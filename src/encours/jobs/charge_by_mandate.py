"""Automatic charges: what is due is charged and what comes is announced, through the day and first before the reminders."""

from datetime import UTC, date, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.charge_by_mandate import charge_by_mandate as charge_company
from encours.actions.defer_job import defer
from encours.jobs.scope import ACTOR, RETRY, company_job, local_now
from encours.queries.charge_plan import has_mandates
from encours.queries.companies import companies
from encours.store.tenancy import company_scope

# local time; asked again every hour: the bank may be known later, and what was stopped goes on
FIRST_HOUR, LAST_HOUR = 5, 19
LINE = "charges"


@app.task(name="charge_by_mandate", retry=RETRY)
def charge_by_mandate(*, company_id: int, on: str) -> None:
    """Twice is once: a document is announced once, and an attempt has one key."""
    with company_job(company_id) as company:
        done = charge_company(company=company, on=date.fromisoformat(on), now=timezone.now(), actor=ACTOR)
    if done.announced.messages:
        defer("send_messages", company_id=company_id)


@app.periodic(cron="7 * * * *")
@app.task(name="charge_all_by_mandate")
def charge_all(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        here = local_now(company, now)
        with company_scope(company.pk):
            if FIRST_HOUR <= here.hour <= LAST_HOUR and has_mandates(company=company):
                defer("charge_by_mandate", company_id=company.pk, on=here.date().isoformat(), beside=LINE)
