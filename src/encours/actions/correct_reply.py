"""A person reads a reply: says what it means, whose it is, or that there is nothing to do."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from encours.actions.act_on_reply import HANDLED, UnableToActOnReply, locked_reply
from encours.actions.journal import record
from encours.core.replies.acting import INTENTS
from encours.core.replies.documents import documents_cited
from encours.core.wording import Wording
from encours.queries.reply_senders import document_numbers
from encours.store.models import Company, Contact, Customer, Document, Reply

UNKNOWN_INTENT = Wording(
    "reply.unknown_intent", fr="Cette intention n'existe pas.", en="There is no such intent."
)
NOT_ITS_DOCUMENT = Wording(
    "reply.not_its_document",
    fr="Une des pièces n'est pas de ce client.",
    en="One of the documents is not this customer's.",
)
NOT_POSITIVE = Wording(
    "reply.amount_not_positive", fr="Le montant est supérieur à zéro.", en="The amount is more than zero."
)


@transaction.atomic
def correct_reading(
    *,
    company: Company,
    reply_id: int,
    intent: str,
    day: date | None,
    amount_cents: int | None,
    reason: str,
    document_ids: Collection[int],
    actor: str,
) -> Reply:
    """The reply as a person reads it; what the rules read first is kept. Raises `UnableToActOnReply`."""
    reply = locked_reply(company=company, reply_id=reply_id)
    if reply.state != Reply.State.WAITING:
        raise UnableToActOnReply(HANDLED())
    if intent not in INTENTS:
        raise UnableToActOnReply(UNKNOWN_INTENT())
    if amount_cents is not None and amount_cents <= 0:
        raise UnableToActOnReply(NOT_POSITIVE())
    wanted = sorted(set(document_ids))
    owned = Document.objects.filter(company=company, customer_id=reply.customer_id, pk__in=wanted)
    if owned.count() != len(wanted):
        raise UnableToActOnReply(NOT_ITS_DOCUMENT())
    before = _told(reply)
    reply.intent, reply.day, reply.amount_cents = intent, day, amount_cents
    reply.reason, reply.document_ids = reason if intent == "dispute" else "", wanted
    if _told(reply) != before:
        reply.save(update_fields=["intent", "day", "amount_cents", "reason", "document_ids"])
        _record(reply, "reply.corrected", actor, {"before": before, "after": _told(reply)})
    return reply


@transaction.atomic
def match_reply(
    *, company: Company, reply_id: int, customer_id: int, keeps_address: bool, actor: str
) -> Reply:
    """The reply, given to a customer by a person; with `keeps_address` its sender becomes a contact, so that the next one is known.

    Raises `UnableToActOnReply`, `Customer.DoesNotExist`.
    """
    reply = locked_reply(company=company, reply_id=reply_id)
    if reply.state not in (Reply.State.WAITING, Reply.State.FILED):
        raise UnableToActOnReply(HANDLED())
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    contact = Contact.objects.filter(
        company=company, customer=customer, email__iexact=reply.sender_address
    ).first()
    if contact is None and keeps_address and reply.sender_address:
        contact = Contact.objects.create(
            company=company,
            customer=customer,
            name=reply.sender_name[:120],
            email=reply.sender_address,
            is_primary=not Contact.objects.filter(
                company=company, customer=customer, is_primary=True
            ).exists(),
        )
        record(
            company=company, actor=actor, action="contact.added", subject_type="contact", subject_id=contact.pk,
            customer_id=customer.pk, data={"name": contact.name, "email": contact.email},
        )  # fmt: skip
    if reply.message is not None and reply.message.customer_id != customer.pk:
        reply.message = None
    announced = reply.first_reading.get("references", ())
    numbers = document_numbers(company=company, customer_id=customer.pk, numbers=announced)
    reply.customer, reply.contact, reply.matched_by = customer, contact, "person"
    reply.document_ids = list(
        documents_cited(text=f"{reply.subject}\n{reply.text}", announced=announced, numbers=numbers)
    )
    reply.save(update_fields=["customer", "contact", "message", "matched_by", "document_ids"])
    _record(reply, "reply.matched", actor, {"from": reply.sender_address, "kept": keeps_address})
    return reply


@transaction.atomic
def dismiss_reply(*, company: Company, reply_id: int, now: datetime, actor: str) -> Reply:
    """The reply, put aside: somebody answered it, or there is nothing to do. Raises `UnableToActOnReply`."""
    reply = locked_reply(company=company, reply_id=reply_id)
    if reply.state != Reply.State.WAITING:
        raise UnableToActOnReply(HANDLED())
    reply.state, reply.handled_at, reply.handled_by = Reply.State.DISMISSED, now, actor
    reply.save(update_fields=["state", "handled_at", "handled_by"])
    _record(reply, "reply.dismissed", actor, {"intent": reply.intent})
    return reply


def _told(reply: Reply) -> dict[str, object]:
    return {
        "intent": reply.intent,
        "date": reply.day.isoformat() if reply.day else None,
        "amount_cents": reply.amount_cents,
        "reason": reply.reason,
        "documents": list(reply.document_ids),
    }


def _record(reply: Reply, action: str, actor: str, data: dict[str, object]) -> None:
    """`action` is one of those this module's callers name in full."""
    record(
        company=reply.company, actor=actor, action=action, subject_type="reply", subject_id=reply.pk,
        customer_id=reply.customer_id, data=data,
    )  # fmt: skip
