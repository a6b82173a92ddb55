"""Works what payment services say: at once when they say it, every minute what is to be tried again, and asks for what was lost."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.book_payouts import book_payouts as book_company_payouts
from encours.actions.defer_job import defer
from encours.actions.fetch_lost_events import fetch_lost_events as fetch_company_events
from encours.actions.receive_gateway_event import LINE
from encours.actions.work_gateway_events import due_events
from encours.actions.work_gateway_events import work_gateway_events as work_company_events
from encours.jobs.scope import ACTOR, RETRY, company_job
from encours.ports.connections import ConnectionKind
from encours.queries.companies import companies
from encours.queries.connections import due_connections
from encours.store.tenancy import company_scope


@app.task(name="work_gateway_events", retry=RETRY)
def work_gateway_events(*, company_id: int) -> None:
    """Events whose worker died are worked again: what was booked already is booked once."""
    with company_job(company_id) as company:
        work_company_events(company=company, now=timezone.now())


@app.task(name="fetch_lost_events", retry=RETRY)
def fetch_lost_events(*, company_id: int) -> None:
    with company_job(company_id) as company:
        fetch_company_events(company=company, now=timezone.now())


@app.task(name="book_payouts", retry=RETRY)
def book_payouts(*, company_id: int) -> None:
    with company_job(company_id) as company:
        book_company_payouts(company=company, now=timezone.now(), actor=ACTOR)


@app.periodic(cron="* * * * *")
@app.task(name="work_waiting_gateway_events")
def work_waiting(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            if due_events(company=company, now=now):
                defer("work_gateway_events", company_id=company.pk, beside=LINE)


@app.periodic(cron="*/10 * * * *")
@app.task(name="fetch_all_lost_events")
def fetch_lost(timestamp: int) -> None:
    _defer_where_connected("fetch_lost_events", timestamp)


@app.periodic(cron="23 * * * *")
@app.task(name="book_all_payouts")
def book_all_payouts(timestamp: int) -> None:
    _defer_where_connected("book_payouts", timestamp)


def _defer_where_connected(job: str, timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            if due_connections(kind=ConnectionKind.GATEWAY, company=company, now=now):
                defer(job, company_id=company.pk, beside=LINE)
