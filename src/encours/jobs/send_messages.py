"""Hands over the approved messages, when they were approved and again every quarter of an hour."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.defer_job import defer
from encours.actions.send_messages import send_messages as send_approved
from encours.jobs.scope import ACTOR, RETRY, company_job, local_now
from encours.queries.companies import companies


@app.task(name="send_messages", retry=RETRY)
def send_messages(*, company_id: int) -> None:
    """A message whose hand-over was interrupted is not sent again: the action marks it unknown."""
    now = timezone.now()
    with company_job(company_id) as company:
        send_approved(company=company, now=now, on=local_now(company, now).date(), actor=ACTOR)


@app.periodic(cron="*/15 * * * *")
@app.task(name="send_waiting")
def send_waiting(timestamp: int) -> None:  # noqa: ARG001 (procrastinate's interface)
    """Messages that failed for a while, or were approved outside the hours of sending."""
    for company in companies():
        defer("send_messages", company_id=company.pk)
