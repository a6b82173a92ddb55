"""Pauses, resumes and revokes a mailbox, and replaces its credentials."""

from collections.abc import Mapping

from django.db import transaction

from encours.actions.connect_mailbox import tell
from encours.actions.open_mailbox import owner_of
from encours.ports.connections import settings_of
from encours.ports.registry import mailboxes
from encours.store.models import Company, Mailbox
from encours.store.secrets import seal, unseal

_STATES = {
    "mailbox.paused": (Mailbox.State.ACTIVE, Mailbox.State.PAUSED),
    "mailbox.resumed": (Mailbox.State.PAUSED, Mailbox.State.ACTIVE),
}


def pause_mailbox(*, company: Company, mailbox_id: int, actor: str) -> bool:
    """True when it was active: nothing is asked until it is resumed."""
    return _change(company, mailbox_id, "mailbox.paused", actor)


def resume_mailbox(*, company: Company, mailbox_id: int, actor: str) -> bool:
    """True when it was paused: it is asked again at the next occasion, for all that came meanwhile."""
    return _change(company, mailbox_id, "mailbox.resumed", actor)


@transaction.atomic
def _change(company: Company, mailbox_id: int, action: str, actor: str) -> bool:
    before, after = _STATES[action]
    mailbox = Mailbox.objects.select_for_update().get(company=company, pk=mailbox_id)
    if mailbox.state != before:
        return False
    mailbox.state, mailbox.next_check_at, mailbox.failure_count = after, None, 0
    mailbox.save(update_fields=["state", "next_check_at", "failure_count"])
    tell(mailbox, action, actor)
    return True


@transaction.atomic
def revoke_mailbox(*, company: Company, mailbox_id: int, actor: str) -> bool:
    """Forgets the credentials; the replies it brought stay. False when it was revoked already."""
    mailbox = Mailbox.objects.select_for_update().get(company=company, pk=mailbox_id)
    if mailbox.state == Mailbox.State.REVOKED:
        return False
    mailbox.state, mailbox.sealed, mailbox.problem = Mailbox.State.REVOKED, "", None
    mailbox.next_check_at = None
    mailbox.save(update_fields=["state", "sealed", "problem", "next_check_at"])
    tell(mailbox, "mailbox.revoked", actor)
    return True


@transaction.atomic
def replace_mailbox_secrets(
    *, company: Company, mailbox_id: int, given: Mapping[str, str], actor: str
) -> None:
    """New credentials for those given and not empty; the others stay as they are."""
    mailbox = Mailbox.objects.select_for_update().get(company=company, pk=mailbox_id)
    names = {each.name for each in settings_of(mailboxes()[mailbox.provider].Config) if each.secret}
    new = {name: value.strip() for name, value in given.items() if name in names and value.strip()}
    if not new:
        return
    known = unseal(mailbox.sealed, owner=owner_of(mailbox))
    mailbox.sealed = seal(known | new, owner=owner_of(mailbox))
    mailbox.problem, mailbox.next_check_at, mailbox.failure_count = None, None, 0
    mailbox.save(update_fields=["sealed", "problem", "next_check_at", "failure_count"])
    tell(mailbox, "mailbox.secrets_replaced", actor)
