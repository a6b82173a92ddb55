"""Asks one mailbox for what came in, and writes down how it went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.act_on_reply import act_alone
from encours.actions.authorise_mailbox import forget_access, open_mailbox
from encours.actions.note_asking import note, note_failure
from encours.actions.open_connection import asking_alone
from encours.actions.read_second import read_second
from encours.actions.take_notices import take_notices
from encours.actions.take_reply import Taken, take_reply
from encours.core.replies.mail import MAX_BYTES
from encours.core.wording import Sentence
from encours.ports import mailboxes as port
from encours.ports.connections import UnableToAsk
from encours.store.models import Company, Mailbox

# a mailbox that was never read may hold thousands: a round ends, the next one goes on where it stopped
ROUND = 200


@dataclass(frozen=True)
class MailboxRead:
    """What came of asking a mailbox: ids of new replies, how many mails were known already. `problem` says why it could not be asked
    (to the end), `is_busy` that somebody else does; `has_more` that a round was not enough.
    """

    reply_ids: tuple[int, ...] = ()
    known_count: int = 0
    problem: Sentence | None = None
    is_busy: bool = False
    has_more: bool = False


def read_mailbox(*, company: Company, mailbox_id: int, now: datetime, actor: str) -> MailboxRead:
    """One round. Each mail is kept together with the place up to where the mailbox was read, in one transaction: a crash anywhere takes
    nothing twice and loses nothing. A paused or revoked mailbox is not asked.
    """
    mailbox = Mailbox.objects.get(company=company, pk=mailbox_id)
    if mailbox.state != Mailbox.State.ACTIVE:
        return MailboxRead()
    with asking_alone(mailbox) as is_ours:
        if not is_ours:
            return MailboxRead(is_busy=True)
        mailbox.refresh_from_db()  # what another reader wrote until it let go
        return _round(company, mailbox, now, actor)


def _round(company: Company, mailbox: Mailbox, now: datetime, actor: str) -> MailboxRead:
    new: list[int] = []
    known = count = 0
    problem, reader_answers = None, True
    try:
        provider = open_mailbox(mailbox=mailbox, now=now)
        try:
            for taken in islice(_taken(company, mailbox, provider, now, actor), ROUND):
                count += 1
                if not taken.is_new:
                    known += 1
                    continue
                new.append(taken.reply.pk)
                # after the mail is safe: what cannot be followed now waits for a person. A reader that is away is
                # not waited for a second time in a round
                reader_answers = reader_answers and read_second(company=company, reply_id=taken.reply.pk)
                act_alone(company=company, reply_id=taken.reply.pk, now=now, actor=actor)
        finally:
            provider.close()
    except UnableToAsk as error:
        problem = error.sentence
        if error.needs_person:
            forget_access(mailbox)
        note_failure(mailbox, error, now=now)
    else:
        answered = {} if isinstance(provider, port.Posted) else {"answered_at": now}
        note(mailbox, checked_at=now, next_check_at=None, failure_count=0, problem=None, **answered)
    return MailboxRead(tuple(new), known, problem, has_more=count == ROUND)


def _taken(company: Company, mailbox: Mailbox, provider: Any, now: datetime, actor: str) -> Iterator[Taken]:
    """What comes of each mail, as it is taken."""
    if isinstance(provider, port.Posted):
        yield from take_notices(company=company, mailbox=mailbox, service=provider, now=now, actor=actor)
        return
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    for mail in provider.arrivals(cursor=mailbox.cursor, today=today, max_bytes=MAX_BYTES):
        taken = _keep(company, mailbox, mail, now, actor)
        provider.taken(mail)
        yield taken


def _keep(company: Company, mailbox: Mailbox, mail: port.IncomingMail, now: datetime, actor: str) -> Taken:
    """The reply, kept with the place it was read at."""
    with transaction.atomic():
        taken = take_reply(
            company=company,
            content=mail.content,
            received_at=min(mail.received_at, now),
            actor=actor,
            mailbox=mailbox,
            is_whole=mail.is_whole,
            size=mail.size,
        )
        note(mailbox, cursor=dict(mail.cursor))
    return taken
