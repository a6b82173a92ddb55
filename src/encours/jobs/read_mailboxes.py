"""Asks mailboxes for replies: every five minutes, and when a person says so."""

from datetime import UTC, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.defer_job import defer
from encours.actions.read_mailbox import read_mailbox as read_one
from encours.jobs.scope import ACTOR, RETRY, company_job
from encours.ports.connections import ConnectionKind
from encours.queries.companies import companies
from encours.queries.connections import due_connections
from encours.store.tenancy import company_scope


@app.task(name="read_mailbox", retry=RETRY)
def read_mailbox(*, company_id: int, mailbox_id: int) -> None:
    """Asking twice changes nothing, so a second run is harmless. A mailbox that holds more than a round is asked again at once."""
    with company_job(company_id) as company:
        read = read_one(company=company, mailbox_id=mailbox_id, now=timezone.now(), actor=ACTOR)
        if read.has_more:
            defer("read_mailbox", company_id=company_id, mailbox_id=mailbox_id, beside="mail")


@app.periodic(cron="*/5 * * * *")
@app.task(name="read_mailboxes")
def read_mailboxes(timestamp: int) -> None:
    """Asks for a round of each mailbox that may be asked now. A slow mail server keeps nothing else of the company waiting."""
    now = datetime.fromtimestamp(timestamp, UTC)
    for company in companies():
        with company_scope(company.pk):
            for mailbox_id in due_connections(kind=ConnectionKind.MAILBOX, company=company, now=now):
                defer("read_mailbox", company_id=company.pk, mailbox_id=mailbox_id, beside="mail")
