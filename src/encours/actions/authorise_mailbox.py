"""Lets us read a mailbox on a person's behalf: the question, the answer the person brings back, and access renewed while it holds.

A refresh token may be good for one use only. It is kept before the access it came with is used, under a lock of the mailbox's row: of two
that need access at once the second finds what the first was given.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from encours.actions.change_connection import locked_connection
from encours.actions.new_connection import record_connection
from encours.actions.open_connection import NO_CREDENTIALS, open_connection
from encours.core.wording import Sentence, Wording
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.ports.mailboxes import Consenting, Grant
from encours.store.models import Company, Mailbox, MailboxConsent
from encours.store.secrets import UnableToUnseal, seal, unseal

# how long a person has to sign in there and say yes
_ANSWERED_WITHIN = timedelta(minutes=15)
# access that ends within this is renewed first: a round takes a while
_LEEWAY = timedelta(minutes=5)
_ENDED = ""  # before any moment

UNKNOWN_CONSENT = Wording(
    "mailbox_consent.unknown",
    fr="Cette autorisation n'a pas été demandée d'ici, a déjà servi ou a trop attendu : cliquez de nouveau sur « Autoriser ».",
    en="This authorisation was not asked for from here, was used already or waited too long: click “Authorise” again.",
)
REFUSED_CONSENT = Wording(
    "mailbox_consent.refused",
    fr="L'autorisation a été refusée là-bas ({reason}). Rien n'a changé.",
    en="The authorisation was refused there ({reason}). Nothing has changed.",
)


class UnableToTakeConsent(Exception):
    """Nothing was changed; `sentence` says why, and `mailbox_id` for which mailbox when that is known."""

    def __init__(self, sentence: Sentence, mailbox_id: int | None = None) -> None:
        super().__init__(sentence.code)
        self.sentence, self.mailbox_id = sentence, mailbox_id


def ask_for_consent(
    *, company: Company, mailbox_id: int, redirect_url: str, person_id: int, now: datetime
) -> str:
    """Where the person says yes; they come back to `redirect_url` within a quarter of an hour. Asked again, only the last one counts.

    Raises `UnableToAsk`.
    """
    mailbox = Mailbox.objects.get(company=company, pk=mailbox_id)
    provider = _consenting(mailbox)
    secret = {
        "state": f"{mailbox.pk}.{secrets.token_urlsafe(32)}",
        "verifier": secrets.token_urlsafe(64),  # RFC 7636, 4.1: 43 to 128 characters
        "redirect_url": redirect_url,
    }
    MailboxConsent.objects.update_or_create(
        company=company,
        mailbox=mailbox,
        defaults={
            "asked_by": person_id,
            "sealed": seal(secret, owner=_owner(mailbox)),
            "expires_at": now + _ANSWERED_WITHIN,
        },
    )
    return provider.consent_url(redirect_url=redirect_url, state=secret["state"], verifier=secret["verifier"])


def take_consent(
    *, company: Company, state: str, code: str, refusal: str, person_id: int, now: datetime, actor: str
) -> Mailbox:
    """The mailbox, which is asked from now on. What the person brought back counts once, and only of who was sent there.

    Raises `UnableToTakeConsent`, and `UnableToAsk` when the service does not take its own code.
    """
    mailbox, asked = _answered(company, state, person_id, now)
    if refusal or not code:
        raise UnableToTakeConsent(REFUSED_CONSENT(reason=refusal[:60] or "–"), mailbox.pk)
    grant = _consenting(mailbox).granted(
        code=code, verifier=asked["verifier"], redirect_url=asked["redirect_url"], now=now
    )
    with transaction.atomic():
        row = locked_connection(kind=ConnectionKind.MAILBOX, company=company, connection_id=mailbox.pk)
        _keep(row, grant)
        if row.state == Mailbox.State.PENDING:
            row.state = Mailbox.State.ACTIVE
        row.problem, row.next_check_at, row.failure_count = None, None, 0
        row.save(update_fields=["sealed", "state", "problem", "next_check_at", "failure_count"])
        record_connection(row, "authorised", actor=actor)
    return row


def open_mailbox(*, mailbox: Mailbox, now: datetime) -> Any:
    """The provider of a mailbox of any kind, its access renewed where it needs that. Raises `UnableToAsk`."""
    provider = open_connection(mailbox)
    if not isinstance(provider, Consenting):
        return provider
    with transaction.atomic():
        row = locked_connection(
            kind=ConnectionKind.MAILBOX, company=mailbox.company, connection_id=mailbox.pk
        )
        secret = _unsealed(row)
        if secret.get("expires_at", _ENDED) <= _stamp(now + _LEEWAY):
            _keep(row, provider.renewed(refresh_token=secret.get("refresh_token", ""), now=now))
            row.save(update_fields=["sealed"])
    return open_connection(row)


def forget_access(mailbox: Mailbox) -> None:
    """The service refused what we thought would hold: it is renewed before it is used again."""
    with transaction.atomic():
        row = locked_connection(
            kind=ConnectionKind.MAILBOX, company=mailbox.company, connection_id=mailbox.pk
        )
        try:
            secret = unseal(row.sealed, owner=row.seal_owner)
        except UnableToUnseal:
            return
        if "expires_at" in secret:
            row.sealed = seal({**secret, "expires_at": _ENDED}, owner=row.seal_owner)
            row.save(update_fields=["sealed"])


def _answered(company: Company, state: str, person_id: int, now: datetime) -> tuple[Mailbox, dict[str, str]]:
    """What was asked, forgotten as it is answered."""
    number = state.partition(".")[0]
    mailbox_id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    with transaction.atomic():
        asked = (
            MailboxConsent.objects.select_for_update()
            .filter(company=company, mailbox_id=mailbox_id, asked_by=person_id, expires_at__gt=now)
            .exclude(mailbox__state=Mailbox.State.REVOKED)
            .first()
        )
        if asked is None:
            raise UnableToTakeConsent(UNKNOWN_CONSENT())
        try:
            secret = unseal(asked.sealed, owner=_owner(asked.mailbox))
        except UnableToUnseal:
            raise UnableToTakeConsent(UNKNOWN_CONSENT(), mailbox_id) from None
        if not hmac.compare_digest(secret["state"].encode(), state.encode()):
            raise UnableToTakeConsent(UNKNOWN_CONSENT())
        asked.delete()
    return asked.mailbox, secret


def _consenting(mailbox: Mailbox) -> Consenting:
    provider = open_connection(mailbox)
    if not isinstance(provider, Consenting):
        raise UnableToTakeConsent(UNKNOWN_CONSENT(), mailbox.pk)
    return provider


def _keep(row: Mailbox, grant: Grant) -> None:
    tokens = {
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "expires_at": _stamp(grant.expires_at),
    }
    row.sealed = seal({**_unsealed(row), **tokens}, owner=row.seal_owner)


def _unsealed(row: Mailbox) -> dict[str, str]:
    try:
        return unseal(row.sealed, owner=row.seal_owner)
    except UnableToUnseal as error:
        raise UnableToAsk(NO_CREDENTIALS(), needs_person=True) from error


def _stamp(moment: datetime) -> str:
    """Sortable: always in UTC and to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _owner(mailbox: Mailbox) -> str:
    return f"mailbox_consent:{mailbox.seal_owner}"
