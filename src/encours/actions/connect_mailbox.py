"""Adds a mailbox that replies come to, and asks it once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from encours.actions.new_connection import new_connection, record_connection
from encours.actions.open_connection import open_connection
from encours.ports.connections import ConnectionKind
from encours.store.models import Company, Mailbox


@transaction.atomic
def connect_mailbox(
    *, company: Company, provider: str, name: str, given: Mapping[str, Any], actor: str
) -> Mailbox:
    """The mailbox, asked for mail from the next round on. Nothing is asked of the other side here (`check_mailbox`).

    `given` holds settings and secrets by name. Raises `UnableToConnect`.
    """
    mailbox: Mailbox = new_connection(
        kind=ConnectionKind.MAILBOX, company=company, provider=provider, name=name, given=given
    )
    mailbox.save()
    record_connection(mailbox, "added", actor=actor)
    return mailbox


def check_mailbox(*, company: Company, mailbox_id: int) -> int:
    """Signs in and looks: how many mails lie there. Nothing is taken. Raises `UnableToAsk`."""
    provider = open_connection(Mailbox.objects.get(company=company, pk=mailbox_id))
    try:
        return provider.check()
    finally:
        provider.close()
