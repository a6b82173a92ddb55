"""Asks banks and drops for what is new: every five minutes, and when a notice or a person says so."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.defer_job import defer
from encours.actions.receive_notice import forget_old_notices
from encours.actions.sync_bank import sync_bank as sync_connection
from encours.jobs.scope import ACTOR, RETRY, company_job
from encours.ports.connections import ConnectionKind
from encours.queries.companies import companies
from encours.queries.connections import due_connections
from encours.store.tenancy import company_scope


@app.task(name="sync_bank", retry=RETRY)
def sync_bank(*, company_id: int, connection_id: int) -> None:
    """Asking twice changes nothing, so a second run is harmless."""
    with company_job(company_id) as company:
        synced = sync_connection(
            company=company, connection_id=connection_id, now=timezone.now(), actor=ACTOR
        )  # fmt: skip
        if synced.brought_something:
            defer("reconcile", company_id=company_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="sync_banks")
def sync_banks(timestamp: int) -> None:
    """Asks for a round of each connection that may be asked now."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            for connection_id in due_connections(kind=ConnectionKind.BANK, company=company, now=now):
                defer("sync_bank", company_id=company.pk, connection_id=connection_id)


@app.periodic(cron="41 3 * * *")
@app.task(name="forget_old_notices")
def forget_notices(timestamp: int) -> None:
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            forget_old_notices(company=company, now=now)
