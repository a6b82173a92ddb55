"""Asks services what became of messages: after a notice, and every quarter of an hour."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.ask_channels import ask_channels as ask
from encours.actions.defer_job import defer
from encours.jobs.scope import ACTOR, RETRY, company_job
from encours.queries.companies import companies


@app.task(name="ask_channels", retry=RETRY)
def ask_channels(*, company_id: int) -> None:
    """Asking twice changes nothing: a report counts once."""
    with company_job(company_id) as company:
        ask(company=company, now=timezone.now(), actor=ACTOR)


@app.periodic(cron="7,22,37,52 * * * *")
@app.task(name="ask_all_channels")
def ask_all(timestamp: int) -> None:  # noqa: ARG001 (procrastinate's interface)
    for company in companies():
        defer("ask_channels", company_id=company.pk, beside="channels")
