"""Takes in what a customer writes in the portal: a reply like one by mail, of which nothing need be guessed."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Literal

from django.db import transaction

from encours.actions.act_on_reply import act_alone
from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.core.money import Money
from encours.core.replies import Understanding
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, Document, PortalLink, Reply

Said = Literal["already_paid", "question"]

MAX_LETTERS = 4000
MAX_A_DAY = 10
# further back a payment is in the books, or is no payment of what is open
LONGEST_AGO = timedelta(days=730)

SUBJECTS = {
    "already_paid": Wording("portal.subject_paid", fr="Portail : déjà payé", en="Portal: already paid"),
    "question": Wording("portal.subject_question", fr="Portail : question", en="Portal: question"),
}
PAID = Wording("portal.says_paid", fr="Payé le {day} : {amount}.", en="Paid on {day}: {amount}.")
FOR = Wording("portal.says_for", fr="Pour : {numbers}.", en="For: {numbers}.")
REFERENCE = Wording("portal.says_reference", fr="Référence : {reference}.", en="Reference: {reference}.")
NOTHING_SAID = Wording("portal.nothing_said", fr="Écrivez votre question.", en="Write your question.")
NOT_POSITIVE = Wording(
    "portal.paid_not_positive",
    fr="Le montant payé est supérieur à zéro.",
    en="The amount paid is more than zero.",
)
TO_COME = Wording(
    "portal.paid_to_come",
    fr="Le {day} n’est pas encore passé : pour un paiement à venir, promettez une date.",
    en="{day} has not come yet: for a payment to come, promise a date.",
)
LONG_AGO = Wording(
    "portal.paid_long_ago",
    fr="Le {day} est trop loin : vérifiez l’année.",
    en="{day} is too long ago: look at the year.",
)
TOO_MANY = Wording(
    "portal.too_many_messages",
    fr="Beaucoup de messages sont venus de ce lien aujourd’hui. Appelez-nous, ou écrivez demain.",
    en="Many messages came from this link today. Call us, or write tomorrow.",
)


class UnableToTakePortalMessage(Exception):
    """Nothing was written; `sentence` says why, about `field` of what was asked ("" when it is none of them)."""

    def __init__(self, sentence: Sentence, field: str = "") -> None:
        super().__init__(sentence.code)
        self.sentence, self.field = sentence, field


def take_question(*, company: Company, link_id: int, text: str, on: date, now: datetime, actor: str) -> Reply:
    """A question, which a person answers. Raises `UnableToTakePortalMessage`."""
    text = text.strip()[:MAX_LETTERS]
    if not text:
        raise UnableToTakePortalMessage(NOTHING_SAID(), "text")
    return _take(company, link_id, Understanding("question", 1.0), text, (), on, now, actor)


def take_claim_of_payment(
    *,
    company: Company,
    link_id: int,
    amount_cents: int,
    currency: str,
    day: date,
    reference: str = "",
    document_ids: Collection[int] = (),
    text: str = "",
    on: date,
    now: datetime,
    actor: str,
) -> Reply:
    """The customer says it paid `amount_cents` on `day`. Where the company lets such replies be followed without a person, it
    is: reminders wait for the money as they do after a mail that says so. Documents that are not the customer's are
    left out. Raises `UnableToTakePortalMessage`.
    """
    if amount_cents <= 0:
        raise UnableToTakePortalMessage(NOT_POSITIVE(), "amount_cents")
    if day > on:
        raise UnableToTakePortalMessage(TO_COME(day=day), "day")
    if day < on - LONGEST_AGO:
        raise UnableToTakePortalMessage(LONG_AGO(day=day), "day")
    link = PortalLink.objects.get(company=company, pk=link_id)
    documents = dict(
        Document.objects.filter(company=company, customer_id=link.customer_id, pk__in=list(document_ids))
        .order_by("pk")
        .values_list("pk", "number")
    )
    said = [PAID(day=day, amount=Money(amount_cents, currency))]
    if documents:
        said.append(FOR(numbers=", ".join(documents.values())))
    if reference.strip():
        said.append(REFERENCE(reference=reference.strip()[:140]))
    words = " ".join(sentence.say(company.language) for sentence in said)
    reading = Understanding(
        "already_paid", 1.0, day=day, day_certainty="exact", amount_cents=amount_cents, currency=currency
    )
    whole = "\n\n".join(part for part in (words, text.strip()[:MAX_LETTERS]) if part)
    return _take(company, link_id, reading, whole, tuple(documents), on, now, actor)


@transaction.atomic
def _take(
    company: Company,
    link_id: int,
    reading: Understanding,
    text: str,
    document_ids: tuple[int, ...],
    on: date,
    now: datetime,
    actor: str,
) -> Reply:
    """The same words from the same link on the same day are one message: a form sent twice."""
    link = PortalLink.objects.select_related("contact", "customer").get(company=company, pk=link_id)
    # as the sender does: a reply is either seen by a sending or came after it
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=link.customer_id)
    digest = sha256(f"portal\0{link_id}\0{on}\0{reading.intent}\0{text}".encode()).hexdigest()
    known = Reply.objects.filter(company=company, digest=digest).first()
    if known is not None:
        return known
    today = Reply.objects.filter(
        company=company, customer_id=link.customer_id, matched_by="portal",
        received_at__gt=now - timedelta(days=1),
    )  # fmt: skip
    if today.count() >= MAX_A_DAY:
        raise UnableToTakePortalMessage(TOO_MANY())
    subject = SUBJECTS[reading.intent]().say(company.language)
    name = " ".join((link.contact.name if link.contact and link.contact.name else link.customer.name).split())
    address = link.contact.email if link.contact else ""
    stored = keep_file(
        company=company,
        name=f"portail-{digest[:12]}.eml",
        media_type="message/rfc822",
        content=_as_mail(name, address, subject, text, now),
    )
    first_line = text.splitlines()[0][:200]
    reading = replace(reading, because=(first_line,))
    reply = Reply.objects.create(
        company=company,
        file=stored,
        digest=digest,
        sender_name=name[:200],
        sender_address=address[:254],
        subject=subject,
        text=text,
        received_at=now,
        nature=Reply.Nature.PERSON,
        state=Reply.State.WAITING,
        customer_id=link.customer_id,
        contact=link.contact,
        message_id=link.message_id,
        matched_by="portal",
        intent=reading.intent,
        day=reading.day,
        amount_cents=reading.amount_cents,
        currency=reading.currency,
        document_ids=list(document_ids),
        confidence=reading.confidence,
        because=list(reading.because),
        first_reading=reading.as_json(),
    )
    record(
        company=company,
        actor=actor,
        action="reply.received",
        subject_type="reply",
        subject_id=reply.pk,
        customer_id=reply.customer_id,
        data={
            "from": address, "subject": subject, "intent": reply.intent, "confidence": 1.0,
            "message": reply.message_id, "matched_by": "portal",
        },
    )  # fmt: skip
    act_alone(company=company, reply_id=reply.pk, now=now, actor=actor)
    reply.refresh_from_db()
    return reply


def _as_mail(name: str, address: str, subject: str, text: str, now: datetime) -> bytes:
    """As every reply is kept; one that came by no mail has no Message-ID."""
    mail = EmailMessage()
    if address:
        mail["From"] = formataddr((name, address))
    mail["Subject"], mail["Date"] = subject, format_datetime(now)
    mail.set_content(text)
    return mail.as_bytes()
