"""Takes a service's notice in: checked, its reports taken at once. They are few and small; the service waits for an answer.

Where a service can be asked, a round of asking follows: what a notice says is never all that is known.
"""

from datetime import datetime

from encours.actions.defer_job import defer
from encours.actions.open_channel import notices_at
from encours.actions.open_connection import open_connection
from encours.actions.take_reports import take_reports
from encours.ports.channels import Asked, Reporting
from encours.ports.connections import UnableToAsk
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.store.models import ChannelConnection, Company

MAX_NOTICE_BYTES = 1 << 20


class UnableToTakeReport(Exception):
    """No connection takes it, or it is not genuine; its text is for the log."""


def receive_report(*, company: Company, hook_key: str, query: str, notice: Notice, now: datetime) -> int:
    """How many reports were new. The address that a signature covers is the one the service was given, with `query`.

    Raises `UnableToTakeReport`.
    """
    connection = (
        ChannelConnection.objects.filter(company=company, hook_key=hook_key)
        .exclude(state=ChannelConnection.State.REVOKED)
        .first()
    )
    if connection is None or len(notice.body) > MAX_NOTICE_BYTES:
        raise UnableToTakeReport("no such connection, or too large")
    given = notices_at(connection) or notice.url.partition("?")[0]
    called = Notice(given + (f"?{query}" if query else ""), notice.headers, notice.body)
    try:
        service = open_connection(connection)
        try:
            if not isinstance(service, Reporting):
                raise UnableToTakeReport(f"{connection.provider} sends no notices")
            reports = service.read_notice(notice=called, now=now)
        finally:
            service.close()
    except (UnableToTrustNotice, UnableToAsk) as error:
        raise UnableToTakeReport(f"connection {connection.pk}: {error}") from error
    taken = take_reports(
        company=company, provider=connection.provider, reports=reports, now=now, actor=connection.provider
    )
    if isinstance(service, Asked):
        defer("ask_channels", company_id=company.pk, beside="channels")
    return taken
