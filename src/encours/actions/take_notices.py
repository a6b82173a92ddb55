"""Reads the notices a mail service posted: each mail of them becomes a reply, exactly as one from a mailbox that is asked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from encours.actions.take_reply import Taken, take_reply
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.mailboxes import Posted, PostedMail, UnableToReadNotice
from encours.ports.notices import Notice
from encours.queries.files import file_on_disk
from encours.store.models import Company, Mailbox, MailNotice

# how long attachments are asked for before a mail is taken without them
_FETCHED_FOR = timedelta(days=3)

FILE_GONE = Wording(
    "mail_notice.file_gone",
    fr="Le fichier de cette notification n'est plus là.",
    en="The file of this notice is not there any more.",
)


def take_notices(
    *, company: Company, mailbox: Mailbox, service: Posted, now: datetime, actor: str
) -> Iterator[Taken]:
    """What comes of each mail, the oldest notice first. A notice and its mails are written together: a crash takes nothing twice and
    loses nothing. What cannot be read waits for a person.

    Raises `UnableToAsk` at the end when a service had to be asked and did not answer: those notices wait, the others are taken.
    """
    waiting = MailNotice.objects.filter(company=company, mailbox=mailbox, state=MailNotice.State.WAITING)
    failure: UnableToAsk | None = None
    for notice_id in list(waiting.order_by("pk").values_list("pk", flat=True)):
        notice = MailNotice.objects.select_related("file").get(company=company, pk=notice_id)
        try:
            mails = _mails(service, notice, now)
        except UnableToReadNotice as error:
            _refuse(notice, error.sentence)
            continue
        except UnableToAsk as error:
            failure = failure or error
            continue
        yield from _take(company, mailbox, notice, mails, actor)
    if failure is not None:
        raise failure


def retry_notice(*, company: Company, mailbox_id: int, notice_id: int) -> bool:
    """What could not be read is read once more at the next round, with what was learnt since. False when there is nothing to read."""
    return _of_person(company, mailbox_id, notice_id, MailNotice.State.WAITING, problem=None, has_file=True)


def see_notice(*, company: Company, mailbox_id: int, notice_id: int) -> bool:
    """A person has looked at what could not be read. False when somebody did already."""
    return _of_person(company, mailbox_id, notice_id, MailNotice.State.SEEN)


def _mails(service: Posted, notice: MailNotice, now: datetime) -> tuple[PostedMail, ...]:
    path = file_on_disk(notice.file).path if notice.file else None
    if path is None or not path.exists():
        raise UnableToReadNotice(FILE_GONE())
    came = Notice("", {"content-type": notice.content_type}, path.read_bytes())
    return service.mails(notice=came, fetches=now - notice.received_at < _FETCHED_FOR)


@transaction.atomic
def _take(
    company: Company, mailbox: Mailbox, notice: MailNotice, mails: tuple[PostedMail, ...], actor: str
) -> list[Taken]:
    taken = [
        take_reply(
            company=company, content=mail.content, received_at=notice.received_at, actor=actor, mailbox=mailbox,
            problem=mail.problem,
        )
        for mail in mails
    ]  # fmt: skip
    _set(notice, state=MailNotice.State.TAKEN)
    return taken


def _refuse(notice: MailNotice, sentence: Sentence) -> None:
    _set(notice, state=MailNotice.State.REFUSED, problem=sentence.as_json())


def _set(notice: MailNotice, **values: Any) -> None:
    MailNotice.objects.filter(company_id=notice.company_id, pk=notice.pk).update(**values)


def _of_person(
    company: Company, mailbox_id: int, notice_id: int, state: str, *, has_file: bool = False, **more: Any
) -> bool:
    rows = MailNotice.objects.filter(
        company=company, mailbox_id=mailbox_id, pk=notice_id, state=MailNotice.State.REFUSED
    )
    if has_file:
        rows = rows.filter(file__isnull=False)
    return rows.update(state=state, **more) > 0
