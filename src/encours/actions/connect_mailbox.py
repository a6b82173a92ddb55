"""Adds a mailbox that replies come to, and asks it once."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from encours.actions.authorise_mailbox import forget_access, open_mailbox
from encours.actions.new_connection import new_connection, record_connection
from encours.ports.connections import ConnectionKind, UnableToAsk, settings_of
from encours.ports.mailboxes import HOOK_SECRET, needs_consent
from encours.ports.registry import mailboxes
from encours.store.models import Company, Mailbox


@transaction.atomic
def connect_mailbox(
    *, company: Company, provider: str, name: str, given: Mapping[str, Any], actor: str
) -> Mailbox:
    """The mailbox, asked for mail from the next round on, or once a person has given consent where that is how it is read. Nothing is
    asked of the other side here (`check_mailbox`).

    `given` holds settings and secrets by name. Raises `UnableToConnect`.
    """
    made = mailboxes().get(provider)
    known = settings_of(made.Config) if made else ()
    told = {each.name: given.get(each.name) for each in known if not each.hidden}
    is_posted = any(each.name == HOOK_SECRET for each in known)
    own = {HOOK_SECRET: f"encours:{secrets.token_urlsafe(24)}"} if is_posted else {}
    mailbox: Mailbox = new_connection(
        kind=ConnectionKind.MAILBOX, company=company, provider=provider, name=name, given={**told, **own},
        may_set_hidden=True,
    )  # fmt: skip
    if needs_consent(made):
        mailbox.state = Mailbox.State.PENDING
    mailbox.save()
    record_connection(mailbox, "added", actor=actor)
    return mailbox


def check_mailbox(*, company: Company, mailbox_id: int, now: datetime) -> int:
    """Signs in and looks: how many mails lie there. Nothing is taken. Raises `UnableToAsk`. Not for one that posts."""
    mailbox = Mailbox.objects.get(company=company, pk=mailbox_id)
    try:
        provider = open_mailbox(mailbox=mailbox, now=now)
        try:
            return provider.check()
        finally:
            provider.close()
    except UnableToAsk as error:
        if error.needs_person:
            forget_access(mailbox)
        raise
