"""What a customer wrote in the portal, and what becomes of it, as it may read it."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from encours.core.wording import Sentence, Wording
from encours.queries.claimed_payments import claimed_payment
from encours.queries.reply_settings import reply_settings
from encours.store.models import Company, Reply

SETTLED = Wording(
    "portal.paid_settled",
    fr="Nous l’avons trouvé : la facture {number} est réglée. Merci.",
    en="We found it: invoice {number} is settled. Thank you.",
)
FOUND = Wording(
    "portal.paid_found",
    fr="Nous avons trouvé votre paiement : il est en cours d’affectation à vos factures.",
    en="We found your payment: it is being allocated to your invoices.",
)
LOOKING = Wording(
    "portal.paid_looking",
    fr="Nous cherchons votre paiement : il n’est pas encore sur notre compte, ou n’a pas été reconnu. Un virement met un à deux jours.",
    en="We are looking for your payment: it is not on our account yet, or was not recognised. A transfer takes one or two days.",
)
NOT_REMINDED = Wording(
    "portal.not_reminded",
    fr="Vous n’êtes pas relancé pendant ce temps.",
    en="You are not reminded meanwhile.",
)
SOMEBODY_ANSWERS = Wording(
    "portal.somebody_answers",
    fr="Une personne lit votre message et vous répond.",
    en="A person reads your message and answers you.",
)
DEALT_WITH = Wording(
    "portal.dealt_with", fr="Votre message a été traité.", en="Your message has been dealt with."
)
MAX_SHOWN = 20


@dataclass(frozen=True)
class PortalMessage:
    """`answer` says what happens next, in the order it is read; `is_found` that the money is here."""

    id: int
    intent: str  # already_paid or question
    received_date: date  # where the company is
    text: str
    is_waiting: bool
    is_found: bool
    answer: tuple[Sentence, ...]


def portal_messages(*, company: Company, customer_id: int) -> tuple[PortalMessage, ...]:
    """The last ones of a customer, without looking for money. One query."""
    found = Reply.objects.select_related("company").filter(
        company=company, customer_id=customer_id, matched_by="portal"
    )
    return tuple(_shown(reply, False, ()) for reply in found.order_by("-pk")[:MAX_SHOWN])


def portal_message(*, company: Company, customer_id: int, reply_id: int, on: date) -> PortalMessage | None:
    """One message of this customer, and what is known now; None when the customer wrote none of this id."""
    reply = (
        Reply.objects.select_related("company")
        .filter(company=company, customer_id=customer_id, matched_by="portal", pk=reply_id)
        .first()
    )
    if reply is None:
        return None
    is_waiting = reply.state == Reply.State.WAITING
    if reply.intent != "already_paid":
        return _shown(reply, False, (SOMEBODY_ANSWERS(),) if is_waiting else (DEALT_WITH(),))
    answer = _found(company, reply, on)
    if answer:
        return _shown(reply, True, answer)
    is_held = reply.state == Reply.State.ACTED or (
        is_waiting and reply_settings(company=company).holds_while_waiting
    )
    return _shown(reply, False, (LOOKING(), NOT_REMINDED()) if is_held else (LOOKING(),))


def _found(company: Company, reply: Reply, on: date) -> tuple[Sentence, ...]:
    """Only what is the customer's beyond doubt: that a bank line nobody knows has the amount it typed would tell it of
    others' payments."""
    assert reply.customer_id is not None
    found = claimed_payment(
        company=company,
        customer_id=reply.customer_id,
        document_ids=reply.document_ids,
        amount_cents=reply.amount_cents,
        currency=reply.currency,
        day=reply.day,
        on=on,
    )
    said = tuple(SETTLED(number=number) for number in found.settled_numbers)
    claimed = reply.amount_cents or 0
    is_here = found.receipt_cents >= claimed or any(line.amount_cents == claimed for line in found.proposed)
    return (*said, FOUND()) if is_here and not said else said


def _shown(reply: Reply, is_found: bool, answer: tuple[Sentence, ...]) -> PortalMessage:
    return PortalMessage(
        id=reply.pk,
        intent=reply.intent,
        received_date=reply.received_at.astimezone(ZoneInfo(reply.company.time_zone)).date(),
        text=reply.text,
        is_waiting=reply.state == Reply.State.WAITING,
        is_found=is_found,
        answer=answer,
    )
