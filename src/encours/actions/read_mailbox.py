"""Asks one mailbox for what came in, and writes down how it went."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.act_on_reply import act_alone
from encours.actions.note_asking import note, note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.actions.read_second import read_second
from encours.actions.take_reply import take_reply
from encours.core.replies.mail import MAX_BYTES
from encours.core.wording import Sentence
from encours.ports import mailboxes as port
from encours.ports.connections import UnableToAsk
from encours.store.models import Company, Mailbox, Reply

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
    problem, has_more, reader_answers = None, False, True
    try:
        provider = open_connection(mailbox)
        try:
            today = now.astimezone(ZoneInfo(company.time_zone)).date()
            for mail in provider.arrivals(cursor=mailbox.cursor, today=today, max_bytes=MAX_BYTES):
                if count == ROUND:
                    has_more = True
                    break
                reply = _keep(company, mailbox, mail, now, actor)
                count += 1
                if reply is None:
                    known += 1
                else:
                    new.append(reply.pk)
                provider.taken(mail)
                if reply is not None:
                    # after the mail is safe: what cannot be followed now waits for a person. A reader that is away is
                    # not waited for a second time in a round
                    reader_answers = reader_answers and read_second(company=company, reply_id=reply.pk)
                    act_alone(company=company, reply_id=reply.pk, now=now, actor=actor)
        finally:
            provider.close()
    except UnableToAsk as error:
        problem = error.sentence
        note_failure(mailbox, error, now=now)
    else:
        note(mailbox, checked_at=now, answered_at=now, next_check_at=None, failure_count=0, problem=None)
    return MailboxRead(tuple(new), known, problem, has_more=has_more)


def _keep(
    company: Company, mailbox: Mailbox, mail: port.IncomingMail, now: datetime, actor: str
) -> Reply | None:
    """The new reply, kept with the place it was read at; None when the mail was taken before."""
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
    return taken.reply if taken.is_new else None
