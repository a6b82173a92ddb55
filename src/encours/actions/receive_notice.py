"""Takes a signed notice (webhook) in: checked, kept as it came, and a round asked for. Works nothing: senders wait a second.

A notice is only a hint that something changed. What changed is asked of the bank itself, so that a notice that comes
twice, late, out of order or never changes nothing in the books.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from encours.actions.defer_job import defer
from encours.actions.open_connection import open_connection
from encours.ports.connections import UnableToAsk
from encours.ports.notices import UnableToTrustNotice
from encours.ports.registry import live_feeds
from encours.store.models import BankConnection, BankNotice, Company

MAX_NOTICE_BYTES = 64 << 10
_KEPT = timedelta(days=30)


class UnableToTakeNotice(Exception):
    """No connection takes it, or its signature is not valid; its text is for the log."""


def receive_notice(
    *, company: Company, hook_key: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> bool:
    """True when it is new, False when it came before. Header names in lower case. Raises `UnableToTakeNotice`."""
    connection = (
        BankConnection.objects.filter(company=company, hook_key=hook_key, provider__in=list(live_feeds()))
        .exclude(state=BankConnection.State.REVOKED)
        .first()
    )
    if connection is None or len(body) > MAX_NOTICE_BYTES:
        raise UnableToTakeNotice("no such connection, or too large")
    try:
        feed = open_connection(connection)
        try:
            feed.check_notice(body=body, headers=headers, now=now)
        finally:
            feed.close()
    except (UnableToTrustNotice, UnableToAsk) as error:
        raise UnableToTakeNotice(f"connection {connection.pk}: {error}") from error
    with transaction.atomic():
        _, is_new = BankNotice.objects.get_or_create(
            connection=connection,
            digest=sha256(body).hexdigest(),
            defaults={
                "company": company,
                "body": body.decode("utf-8", "replace").replace("\0", ""),
                "received_at": now,
            },
        )
        if is_new and connection.state == BankConnection.State.ACTIVE:
            defer("sync_bank", company_id=company.pk, connection_id=connection.pk)
    return is_new


def forget_old_notices(*, company: Company, now: datetime) -> int:
    """How many were forgotten: a sender repeats itself for a day or two, not for a month."""
    count, _ = BankNotice.objects.filter(company=company, received_at__lt=now - _KEPT).delete()
    return count
