"""Takes a mail service's notice that mail came in: checked, kept as it came, and a round asked for. Works nothing: services wait seconds.

A job reads it (`actions.take_notices`), so that a mail nobody can read is no error of the service's, and nothing is lost when
something of ours breaks.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlsplit, urlunsplit

from django.db import transaction

from encours.actions.defer_job import defer
from encours.actions.keep_file import keep_file
from encours.actions.note_asking import note
from encours.actions.open_connection import open_connection
from encours.core.wording import Wording
from encours.ports.connections import UnableToAsk
from encours.ports.mailboxes import Posted
from encours.ports.notices import Notice, UnableToTrustNotice
from encours.store.models import Company, Mailbox, MailNotice, StoredFile

# a mail of 25 MB in base64, and what is told of it beside
MAX_NOTICE_BYTES = 40 << 20
# of one mailbox: more is no correspondence, and services come back with what is put off
NOTICES_PER_MINUTE = 300

TOO_LARGE = Wording(
    "mail_notice.too_large",
    fr="Un message de {megabytes} Mo a été refusé : c'est plus que {most} Mo. Lisez-le dans la boîte à laquelle il était adressé.",
    en="A mail of {megabytes} MB was refused: that is more than {most} MB. Read it in the mailbox it was sent to.",
)


class UnableToTakeMail(Exception):
    """No mailbox takes it, or it is not genuine; its text is for the log."""


class UnableToTakeMore(Exception):
    """Too many notices within a minute: the service is to come back later."""


def posted_mailbox(*, company: Company, hook_key: str) -> Mailbox:
    """The mailbox whose notices come to this address, looked up before anything of a notice is read. Raises `UnableToTakeMail`."""
    mailbox = (
        Mailbox.objects.filter(company=company, hook_key=hook_key)
        .exclude(state=Mailbox.State.REVOKED)
        .first()
    )
    if mailbox is None:
        raise UnableToTakeMail("no such mailbox")
    return mailbox


def notice_address(*, company: Company, mailbox_id: int, base_url: str) -> str:
    """What a person gives to the service, with what proves the service to us; "" when it cannot be read any more.

    `base_url` is where we are reached from outside (scheme and host).
    """
    mailbox = Mailbox.objects.get(company=company, pk=mailbox_id)
    try:
        service = open_connection(mailbox)
    except UnableToAsk:
        return ""
    parts = urlsplit(base_url)
    proof = ":".join(quote(each, safe="") for each in service.credentials().split(":", 1))
    path = f"/notifications/reponses/{company.pk}/{mailbox.hook_key}/{service.address_ending}"
    return urlunsplit((parts.scheme, f"{proof}@{parts.netloc}" if proof else parts.netloc, path, "", ""))


def receive_mail(*, mailbox: Mailbox, notice: Notice, now: datetime) -> bool:
    """True when it is new, False when it came before. A paused mailbox keeps what comes for when it is resumed.

    Raises `UnableToTakeMail` and `UnableToTakeMore`.
    """
    if len(notice.body) > MAX_NOTICE_BYTES:
        raise UnableToTakeMail("too large")
    try:
        service = open_connection(mailbox)
        try:
            if not isinstance(service, Posted):
                raise UnableToTakeMail(f"{mailbox.provider} posts no mail")
            service.check_notice(notice=notice, now=now)
        finally:
            service.close()
    except (UnableToTrustNotice, UnableToAsk) as error:
        raise UnableToTakeMail(f"mailbox {mailbox.pk}: {error}") from error
    digest = sha256(notice.body).hexdigest()
    _refuse_too_many(mailbox, now)
    with transaction.atomic():
        _, is_new = MailNotice.objects.get_or_create(
            mailbox=mailbox,
            digest=digest,
            defaults={
                "company": mailbox.company,
                "content_type": notice.headers.get("content-type", "")[:300],
                "file": _kept(mailbox, notice, digest),
                "size": len(notice.body),
                "received_at": now,
            },
        )
        note(mailbox, answered_at=now)
        if is_new and mailbox.state == Mailbox.State.ACTIVE:
            defer("read_mailbox", company_id=mailbox.company_id, mailbox_id=mailbox.pk, beside="mail")
    return is_new


def refuse_large_mail(*, mailbox: Mailbox, size: int, now: datetime) -> None:
    """Nothing of it is read; a person learns that it came. One such line in an hour is enough."""
    told = {"mailbox": mailbox, "company": mailbox.company, "file": None}
    recently = MailNotice.objects.filter(**told, received_at__gt=now - timedelta(hours=1))
    if recently.filter(size=size).exists() or recently.count() >= 20:
        return
    problem = TOO_LARGE(megabytes=size >> 20, most=MAX_NOTICE_BYTES >> 20)
    MailNotice.objects.create(
        **told, digest=sha256(f"{size} {now.isoformat()}".encode()).hexdigest(), content_type="", size=size,
        received_at=now, state=MailNotice.State.REFUSED, problem=problem.as_json(),
    )  # fmt: skip


def _refuse_too_many(mailbox: Mailbox, now: datetime) -> None:
    recent = MailNotice.objects.filter(
        company_id=mailbox.company_id, mailbox=mailbox, received_at__gt=now - timedelta(minutes=1)
    )
    if recent.count() >= NOTICES_PER_MINUTE:
        raise UnableToTakeMore(f"mailbox {mailbox.pk}")


def _kept(mailbox: Mailbox, notice: Notice, digest: str) -> StoredFile:
    kind = notice.headers.get("content-type", "").partition(";")[0].strip()[:100]
    return keep_file(
        company=mailbox.company, name=f"notification-{digest[:12]}", media_type=kind, content=notice.body
    )
