"""Adds a mailbox that replies come to: its settings checked, its credentials sealed, the other side asked once."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from encours.actions.connect_bank import NO_NAME, UNKNOWN_PROVIDER
from encours.actions.journal import record
from encours.actions.open_mailbox import open_mailbox, owner_of
from encours.core.wording import Sentence
from encours.ports.connections import UnableToConfigure, configured, settings_of
from encours.ports.registry import mailboxes
from encours.store.models import Company, Mailbox
from encours.store.secrets import seal


class UnableToConnectMailbox(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def connect_mailbox(
    *, company: Company, provider: str, name: str, given: Mapping[str, Any], actor: str
) -> Mailbox:
    """The mailbox, asked for mail from the next round on. Nothing is asked of the other side here (`check_mailbox`).

    `given` holds settings and secrets by name. Raises `UnableToConnectMailbox`.
    """
    made = mailboxes().get(provider)
    if made is None:
        raise UnableToConnectMailbox(UNKNOWN_PROVIDER())
    if not name.strip():
        raise UnableToConnectMailbox(NO_NAME())
    known = settings_of(made.Config)
    values = {each.name: given.get(each.name) for each in known}
    try:
        configured(made.Config, values)
    except UnableToConfigure as error:
        raise UnableToConnectMailbox(error.sentence) from error
    mailbox = Mailbox(
        company=company,
        provider=provider,
        name=name.strip()[:80],
        settings={each.name: _clean(values[each.name]) for each in known if not each.secret and values[each.name]},
        seal_key=secrets.token_urlsafe(32),
    )  # fmt: skip
    secret = {each.name: _clean(values[each.name]) for each in known if each.secret and values[each.name]}
    mailbox.sealed = seal(secret, owner=owner_of(mailbox))
    mailbox.save()
    tell(mailbox, "mailbox.added", actor)
    return mailbox


def check_mailbox(*, company: Company, mailbox_id: int) -> int:
    """Signs in and looks: how many mails lie there. Nothing is taken. Raises `UnableToAsk`."""
    mailbox = Mailbox.objects.get(company=company, pk=mailbox_id)
    provider = open_mailbox(mailbox)
    try:
        return provider.check()
    finally:
        provider.close()


def tell(mailbox: Mailbox, action: str, actor: str) -> None:
    """Never what is secret: the name and the kind only."""
    record(
        company=mailbox.company,
        actor=actor,
        action=action,
        subject_type="mailbox",
        subject_id=mailbox.pk,
        data={"name": mailbox.name, "provider": mailbox.provider},
    )


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
