"""The day's reminders, once every morning where the company is, after the bank lines of the night."""

from datetime import UTC, date, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.assign_portfolio import apply_rules
from encours.actions.defer_job import defer
from encours.actions.flag_orders import flag_orders
from encours.actions.reconcile import reconcile
from encours.actions.run_dunning import run_dunning
from encours.jobs.scope import ACTOR, RETRY, company_job, local_now
from encours.queries.companies import companies
from encours.queries.jobs import companies_planned

HOUR = 6  # local time; a worker that was away catches up as soon as it is back


@app.task(name="plan_day", retry=RETRY)
def plan_day(*, company_id: int, on: str) -> None:
    """Planning twice is planning once: a step for a receivable is unique."""
    day = date.fromisoformat(on)
    with company_job(company_id) as company:
        reconcile(company=company, on=day, actor=ACTOR)
        apply_rules(company=company, actor=ACTOR)
        flag_orders(company=company, on=day, now=timezone.now(), actor=ACTOR)
        run_dunning(company=company, on=day, actor=ACTOR)
        defer("send_messages", company_id=company_id)


@app.periodic(cron="*/15 * * * *")
@app.task(name="plan_days")
def plan_days(timestamp: int) -> None:
    """Asks for the day's plan of each company whose morning has begun and that has none yet."""
    now = datetime.fromtimestamp(timestamp, UTC)
    here = {company: local_now(company, now) for company in companies()}
    planned = companies_planned(days={moment.date() for moment in here.values()})
    for company, moment in here.items():
        if moment.hour >= HOUR and (company.pk, moment.date()) not in planned:
            defer("plan_day", company_id=company.pk, on=moment.date().isoformat())
