"""Takes in one mail: kept as it came, read, and put into the thread of its customer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db import transaction

from encours.actions.bounce_contact import bounce_contact
from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.core.references import normalised_number
from encours.core.replies import Understanding, understand
from encours.core.replies.arriving import Arrived, take_apart
from encours.core.replies.documents import documents_cited
from encours.core.replies.matching import Whose, whose
from encours.core.replies.written import what_was_written
from encours.core.wording import Sentence
from encours.queries.reply_senders import document_numbers, known_of_sender, message_of_mail_id
from encours.store.models import Company, Customer, Mailbox, Reply, StoredFile

# a mail that says it was written long before or after it came has a clock that cannot be believed
_BELIEVED = timedelta(days=10)
_NOTHING_READ = Understanding("other", 0.0)
EML = "message/rfc822"
_LOCK_CLASS = 7012  # advisory lock: a mail that comes by two ways is taken by one


@dataclass(frozen=True)
class Taken:
    """The reply, and whether it came in just now: the same mail counts once."""

    reply: Reply
    is_new: bool


@transaction.atomic
def take_reply(
    *,
    company: Company,
    content: bytes,
    received_at: datetime,
    actor: str,
    mailbox: Mailbox | None = None,
    is_whole: bool = True,
    size: int | None = None,
    problem: Sentence | None = None,
) -> Taken:
    """Whatever the bytes are, they are kept and a person can look at them.

    `received_at` is when our side got it; `is_whole` is false when `content` holds the headers of a mail of `size` bytes that
    is too large; `problem` is what is missing of it. Taking the same mail again, by another way too, gives the reply that is
    there. Two at once: the second waits for the first and then finds it.
    """
    arrived = take_apart(content, is_whole=is_whole, size=size)
    _one_at_a_time(company, arrived)
    known = _known(company, arrived)
    if known is not None:
        return Taken(known, is_new=False)
    arrived = replace(arrived, problem=arrived.problem or problem)
    reading = _read(company, arrived, received_at)
    belongs = _whose(company, arrived, reading)
    if belongs.customer_id is not None:
        # as the sender does: a reply is either seen by a sending or came after it
        Customer.objects.select_for_update(no_key=True).get(company=company, pk=belongs.customer_id)
    stored = keep_file(company=company, name=_file_name(arrived), media_type=EML, content=content)
    fields = _fields(company, arrived, reading, belongs, received_at, stored)
    reply, is_new = Reply.objects.get_or_create(
        company=company, digest=arrived.digest, defaults={**fields, "mailbox": mailbox}
    )
    if is_new:
        _tell(reply, actor)
        if arrived.bounce is not None and belongs.message_id is not None:
            bounce_contact(reply=reply, bounce=arrived.bounce, now=received_at, actor=actor)
    return Taken(reply, is_new)


def _one_at_a_time(company: Company, arrived: Arrived) -> None:
    """Of one Message-ID, until the transaction ends."""
    if arrived.mail_id:
        with database.cursor() as cursor:
            name = f"{company.pk}:{arrived.mail_id}"
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_CLASS, name])


def _known(company: Company, arrived: Arrived) -> Reply | None:
    """The same mail, byte for byte in its body; or its parts in another wrapping, as a mail service tells it: then its id, its writer,
    its subject and every word are the same.
    """
    known = Reply.objects.filter(company=company, digest=arrived.digest).first()
    if known is not None or arrived.reply is None or not arrived.mail_id:
        return known
    told = Reply.objects.filter(
        company=company,
        mail_id=arrived.mail_id,
        sender_address=arrived.sender_address,
        subject=arrived.subject,
    )
    words = what_was_written(arrived.reply.text).split()
    return next((each for each in told.order_by("pk") if each.text.split() == words), None)


def _read(company: Company, arrived: Arrived, received_at: datetime) -> Understanding:
    if arrived.reply is None:
        return _NOTHING_READ
    zone = ZoneInfo(company.time_zone)
    believed = (
        arrived.written_at is not None
        and abs(arrived.written_at - received_at) <= _BELIEVED
        and arrived.written_at <= received_at + timedelta(days=1)
    )
    reply = arrived.reply if believed else replace(arrived.reply, written_on=None)
    return understand(reply, on=received_at.astimezone(zone).date())


def _whose(company: Company, arrived: Arrived, reading: Understanding) -> Whose:
    if arrived.bounce is not None:  # a mail server wrote it: who the message was to counts
        ours = message_of_mail_id(company=company, mail_id=arrived.bounce.original_id)
        return Whose(ours.customer_id, ours.contact_id, ours.message_id, "thread") if ours else Whose()
    known = known_of_sender(
        company=company,
        answers=arrived.answers,
        recipients=arrived.recipients,
        sender_address=arrived.sender_address,
        numbers=[*reading.references, *_numbers_in(arrived.subject)],
    )
    return whose(answers=arrived.answers, recipients=arrived.recipients, known=known)


def _fields(
    company: Company,
    arrived: Arrived,
    reading: Understanding,
    belongs: Whose,
    received_at: datetime,
    stored: StoredFile,
) -> dict[str, object]:
    text = what_was_written(arrived.reply.text) if arrived.reply else ""
    is_ours = bool(company.email) and arrived.sender_address == company.email.lower()
    nature = Reply.Nature.OURS if is_ours else Reply.Nature(arrived.nature)
    asks_nothing = nature in (Reply.Nature.OURS, Reply.Nature.BOUNCE)
    return {
        "file": stored,
        "mail_id": arrived.mail_id,
        "answers": list(arrived.answers),
        "sender_name": arrived.sender_name,
        "sender_address": arrived.sender_address,
        "recipients": list(arrived.recipients),
        "subject": arrived.subject,
        "text": text,
        "attachments": [
            {"name": each.name, "media_type": each.media_type, "size": each.size}
            for each in arrived.attachments
        ],
        "received_at": received_at,
        "nature": nature,
        "state": Reply.State.FILED if asks_nothing else Reply.State.WAITING,
        "problem": arrived.problem.as_json() if arrived.problem else None,
        "customer_id": belongs.customer_id,
        "contact_id": belongs.contact_id,
        "message_id": belongs.message_id,
        "matched_by": belongs.by,
        "intent": "out_of_office" if _is_absence(arrived, reading) else reading.intent,
        "day": reading.day,
        "amount_cents": reading.amount_cents,
        "currency": reading.currency,
        "reason": reading.reason,
        "document_ids": list(cited_documents(company, belongs.customer_id, f"{arrived.subject}\n{text}", reading)),
        "confidence": reading.confidence,
        "because": list(reading.because),
        "first_reading": reading.as_json(),
    }  # fmt: skip


def _is_absence(arrived: Arrived, reading: Understanding) -> bool:
    """A machine's answer about nothing else says that nobody is there to read."""
    return arrived.nature == "automatic" and reading.intent == "other" and reading.day is not None


def cited_documents(
    company: Company, customer_id: int | None, text: str, reading: Understanding
) -> tuple[int, ...]:
    """Ids of the customer's documents a text speaks of; none while nobody knows whose it is."""
    if customer_id is None:
        return ()
    announced = [*reading.references, *_numbers_in(text)]
    numbers = document_numbers(company=company, customer_id=customer_id, numbers=announced)
    return documents_cited(text=text, announced=reading.references, numbers=numbers)


def _numbers_in(text: str) -> list[str]:
    """Words with digits in them, as a subject names a document."""
    words = (word.strip(".,;:()[]#°«»\"'") for word in text.split()[:400])
    return [
        word for word in words if any(char.isdigit() for char in word) and len(normalised_number(word)) > 4
    ]


def _file_name(arrived: Arrived) -> str:
    return f"reponse-{arrived.digest[:12]}.eml"


def _tell(reply: Reply, actor: str) -> None:
    record(
        company=reply.company,
        actor=actor,
        action="reply.received",
        subject_type="reply",
        subject_id=reply.pk,
        customer_id=reply.customer_id,
        data={
            "from": reply.sender_address,
            "subject": reply.subject,
            "intent": reply.intent,
            "confidence": reply.confidence,
            "message": reply.message_id,
            "matched_by": reply.matched_by,
        },
    )
