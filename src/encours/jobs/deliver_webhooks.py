"""Tells other programs what happened: at once, and every minute what is to be tried again."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.deliver_webhooks import deliver_webhooks as deliver
from encours.actions.deliver_webhooks import due_endpoints, forget_old_events
from encours.actions.tell_webhooks import defer_deliveries
from encours.jobs.scope import RETRY, company_job
from encours.queries.companies import companies
from encours.store.tenancy import company_scope


@app.task(name="deliver_webhooks", retry=RETRY)
def deliver_webhooks(*, company_id: int) -> None:
    """A message whose worker died is sent again once its claim has run out."""
    with company_job(company_id) as company:
        round_ = deliver(company=company, clock=timezone.now, may_be_inside=settings.WEBHOOKS_INSIDE)
        if round_.is_unfinished:
            defer_deliveries(company=company)


@app.periodic(cron="* * * * *")
@app.task(name="deliver_waiting_webhooks")
def deliver_waiting(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            if due_endpoints(company=company, now=now):
                defer_deliveries(company=company)


@app.periodic(cron="29 3 * * *")
@app.task(name="forget_old_webhook_events")
def forget_events(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            forget_old_events(company=company, now=now)
