"""What each reading leads to: the promise recorded, the dispute opened, the money looked for, the contact marked.

Each function works in the caller's transaction, says in words what it did, and gives the ids that undoing needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from encours.actions.hold_receivable import hold_receivable
from encours.actions.journal import record
from encours.actions.open_dispute import ALREADY, UnableToOpenDispute, open_dispute
from encours.actions.open_task import open_task
from encours.actions.record_promise import UnableToRecordPromise, record_promise
from encours.core.money import Money
from encours.core.replies.acting import DISPUTE_CODES, OTHER_DISPUTE
from encours.core.wording import Sentence, Wording
from encours.queries.claimed_payments import ClaimedPayment, claimed_payment
from encours.store.models import Contact, Document, Hold, Reminder, Reply

_TASK_DAYS = 3

PROMISED = Wording(
    "reply.promised", fr="Promesse enregistrée : {amount} pour le {day}.", en="Promise recorded: {amount} for {day}."
)  # fmt: skip
DISPUTED = Wording("reply.disputed", fr="Litige ouvert sur {number}.", en="Dispute opened on {number}.")
FOUND_SETTLED = Wording(
    "reply.found_settled", fr="{number} est soldée : l'argent est là.", en="{number} is settled: the money is there."
)  # fmt: skip
FOUND_RECEIPT = Wording(
    "reply.found_receipt",
    fr="{amount} sont sur le compte du client sans être affectés.",
    en="{amount} are on the customer's account, allocated to nothing.",
)
FOUND_PROPOSED = Wording(
    "reply.found_proposed",
    fr="Une ligne de banque du {day} ({amount}) est proposée pour ce client : à confirmer dans Encaissements.",
    en="A bank line of {day} ({amount}) is proposed for this customer: confirm it under Receipts.",
)
FOUND_LINE = Wording(
    "reply.found_line",
    fr="Une ligne de banque du {day} a ce montant ({amount}, {payer}) : à rapprocher dans Encaissements.",
    en="A bank line of {day} has this amount ({amount}, {payer}): match it under Receipts.",
)
NOT_FOUND = Wording(
    "reply.not_found",
    fr="L'argent n'est pas arrivé à ce jour : rien de ce montant parmi les encaissements et les lignes de banque.",
    en="The money has not arrived so far: nothing of this amount among receipts and bank lines.",
)
WAITS_FOR_MONEY = Wording(
    "reply.waits_for_money",
    fr="Relances suspendues jusqu'au {until}, le temps qu'il arrive.",
    en="Reminders wait until {until}, so that it can arrive.",
)
EMAIL_STOPPED = Wording(
    "reply.email_stopped",
    fr="Plus de relance par e-mail à {address} ; ce qui est dû peut être demandé par un autre canal.",
    en="No more reminders by e-mail to {address}; what is owed may be asked for by another channel.",
)
WRONG_ADDRESS = Wording(
    "reply.wrong_address",
    fr="{address} n'est pas le bon interlocuteur : plus de relance à cette adresse.",
    en="{address} is not the right contact: no more reminders to this address.",
)
TASK_OPENED = Wording(
    "reply.task_opened", fr="Tâche ouverte : {title}, pour le {day}.", en="Task opened: {title}, for {day}."
)
FIND_CONTACT = Wording("reply.find_contact", fr="Trouver le bon interlocuteur", en="Find the right contact")
PAUSED = Wording(
    "reply.paused",
    fr="Relances du client suspendues jusqu'au {until} : personne d'autre à qui écrire.",
    en="The customer's reminders wait until {until}: there is nobody else to write to.",
)
OTHERS_THERE = Wording(
    "reply.others_there",
    fr="Rien n'est suspendu : {address} peut être relancé entre-temps.",
    en="Nothing waits: {address} can be reminded meanwhile.",
)
NO_RETURN = Wording(
    "reply.no_return",
    fr="Aucune date de retour n'est dite : rien n'est suspendu.",
    en="No day of return is told: nothing waits.",
)
NO_DAY = Wording(
    "reply.no_day",
    fr="Une promesse a besoin de son jour : indiquez-le.",
    en="A promise needs its day: say which.",
)
WHICH_DOCUMENT = Wording(
    "reply.which_document",
    fr="Quelle facture est contestée ? Choisissez-la.",
    en="Which invoice is contested? Choose it.",
)
WHO = Wording(
    "reply.who",
    fr="Cette adresse n'est celle d'aucun contact du client : ajoutez-la, ou corrigez le contact.",
    en="No contact of the customer has this address: add it, or correct the contact.",
)
FOR_A_PERSON = Wording(
    "reply.for_a_person",
    fr="Une question attend la réponse d'une personne.",
    en="A question waits for a person's answer.",
)
PAUSE_REASON = {
    "already_paid": Wording(
        "reply.pause_paid", fr="le client dit avoir payé", en="the customer says it paid"
    ),
    "out_of_office": Wording("reply.pause_away", fr="interlocuteur absent", en="the contact is away"),
}
SOURCE = Wording("reply.source", fr="e-mail de {who}", en="e-mail of {who}")


class UnableToFollowReply(Exception):
    """Nothing was changed; `sentence` says what is missing."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass
class Followed:
    """What was done in words, and what was made: ids by kind."""

    said: list[Sentence] = field(default_factory=list)
    made: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, kind: str, made: Any, sentence: Sentence) -> None:
        self.made.setdefault(kind, []).append(made)
        self.said.append(sentence)


def follow_reply(*, reply: Reply, wait_days: int, on: date, actor: str) -> Followed:
    """Does what the reading says. Raises `UnableToFollowReply`."""
    if reply.customer_id is None or reply.intent not in _ACTS:
        raise UnableToFollowReply(FOR_A_PERSON())
    followed = Followed()
    _ACTS[reply.intent](reply, followed, wait_days, on, actor)
    return followed


def _promise(reply: Reply, followed: Followed, _wait_days: int, on: date, actor: str) -> None:
    if reply.day is None:
        raise UnableToFollowReply(NO_DAY())
    try:
        promise = record_promise(
            company=reply.company,
            customer_id=reply.customer_id,
            document_ids=reply.document_ids or None,
            promised_date=reply.day,
            amount_cents=reply.amount_cents or _share_of_owed(reply, on),
            note=_quoted(reply),
            source=_source(reply)[:120],
            message_id=reply.message_id,
            on=on,
            actor=actor,
        )
    except UnableToRecordPromise as error:
        raise UnableToFollowReply(error.sentence) from error
    amount = Money(promise.amount_cents, promise.currency)
    followed.add("promises", promise.pk, PROMISED(amount=amount, day=promise.promised_date))


def _share_of_owed(reply: Reply, on: date) -> int | None:
    """`half of it`: in cents, of the documents meant, else of what is overdue."""
    share = reply.first_reading.get("share")
    if share is None or not 0 < share < 1:
        return None
    owed = Document.objects.filter(company=reply.company, customer_id=reply.customer_id, open_cents__gt=0)
    owed = owed.filter(pk__in=reply.document_ids) if reply.document_ids else owed.filter(due_date__lte=on)
    return round(sum(owed.values_list("open_cents", flat=True)) * share) or None


def _dispute(reply: Reply, followed: Followed, _wait_days: int, on: date, actor: str) -> None:
    for document_id in _contested(reply):
        try:
            dispute = open_dispute(
                company=reply.company,
                customer_id=reply.customer_id,
                document_id=document_id,
                reason_code=DISPUTE_CODES.get(reply.reason, OTHER_DISPUTE),
                note=_quoted(reply),
                message_id=reply.message_id,
                on=on,
                actor=actor,
            )
        except UnableToOpenDispute as error:
            if error.sentence.code != ALREADY.code:
                raise UnableToFollowReply(error.sentence) from error
            followed.said.append(error.sentence)
        else:
            followed.add("disputes", dispute.pk, DISPUTED(number=dispute.document.number))


def _contested(reply: Reply) -> list[int]:
    """The documents cited; when none is, the only one that was asked for, or the only one open."""
    if reply.document_ids:
        return reply.document_ids
    asked: set[int] = set()
    if reply.message_id is not None:
        reminders = Reminder.objects.filter(company=reply.company, message_id=reply.message_id, counts=True)
        asked = set(reminders.values_list("document_id", flat=True))
    documents = Document.objects.filter(
        company=reply.company, customer_id=reply.customer_id, open_cents__gt=0
    ).exclude(type=Document.Type.CREDIT_NOTE)
    found = set(documents.values_list("pk", flat=True)[:100])
    only = (asked & found) or found
    if len(only) != 1:
        raise UnableToFollowReply(WHICH_DOCUMENT())
    return list(only)


def _already_paid(reply: Reply, followed: Followed, wait_days: int, on: date, actor: str) -> None:
    found = claimed_payment(
        company=reply.company,
        customer_id=reply.customer_id,
        document_ids=reply.document_ids,
        amount_cents=reply.amount_cents,
        currency=reply.currency,
        day=reply.day,
        on=on,
    )
    followed.said += said_of_payment(found)
    if reply.document_ids and not found.open_numbers:
        return  # all that was meant is paid: there is nothing to wait for
    until = on + timedelta(days=wait_days)
    for document_id in reply.document_ids or [None]:
        hold = _pause(reply, document_id, until, on, actor)
        followed.made.setdefault("holds", []).append(hold.pk)
    followed.said.append(WAITS_FOR_MONEY(until=until))


def said_of_payment(found: ClaimedPayment) -> list[Sentence]:
    """Where the money is, or that it is nowhere."""
    said = [FOUND_SETTLED(number=number) for number in found.settled_numbers]
    if found.receipt_cents:
        said.append(FOUND_RECEIPT(amount=Money(found.receipt_cents, found.currency)))
    said += [
        FOUND_PROPOSED(day=line.booked_date, amount=Money(line.amount_cents, line.currency))
        for line in found.proposed
    ]
    said += [
        FOUND_LINE(
            day=line.booked_date,
            amount=Money(line.amount_cents, line.currency),
            payer=line.counterparty_name or "?",
        )
        for line in found.lines
    ]
    return said or [NOT_FOUND()]


def _pause(reply: Reply, document_id: int | None, until: date, on: date, actor: str) -> Hold:
    return hold_receivable(
        company=reply.company,
        customer_id=reply.customer_id,
        document_id=document_id,
        kind=Hold.Kind.PAUSE,
        reason=PAUSE_REASON[reply.intent]().say(reply.company.language),
        from_date=on,
        until_date=until,
        actor=actor,
    )


def _wrong_contact(reply: Reply, followed: Followed, _wait_days: int, on: date, actor: str) -> None:
    contact = _contact_of(reply)
    if contact is not None:
        _stop_email(reply, contact, Contact.EmailStop.WRONG, actor)
        followed.add("contacts", [contact.pk, ""], WRONG_ADDRESS(address=contact.email))
    title, due = FIND_CONTACT().say(reply.company.language), on + timedelta(days=_TASK_DAYS)
    task = open_task(
        company=reply.company,
        customer_id=reply.customer_id,
        title=title,
        note=f"{_source(reply)}\n\n{reply.text[:2000]}",
        due_date=due,
        actor=actor,
    )
    followed.add("tasks", task.pk, TASK_OPENED(title=FIND_CONTACT(), day=due))


def _out_of_office(reply: Reply, followed: Followed, _wait_days: int, on: date, actor: str) -> None:
    away = _contact_of(reply)
    others = Contact.objects.filter(
        company=reply.company, customer_id=reply.customer_id, bounced_at=None, email_stop=""
    ).exclude(email="")
    other = others.exclude(pk=away.pk).order_by("-is_primary", "pk").first() if away else None
    if other is not None:
        followed.said.append(OTHERS_THERE(address=other.email))
    elif reply.day is None or reply.day <= on:
        followed.said.append(NO_RETURN())
    else:
        until = reply.day - timedelta(days=1)  # back that day: from then on there is somebody to write to
        hold = _pause(reply, None, until, on, actor)
        followed.add("holds", hold.pk, PAUSED(until=until))


def _unsubscribe(reply: Reply, followed: Followed, _wait_days: int, _on: date, actor: str) -> None:
    contact = _contact_of(reply)
    if contact is None:
        raise UnableToFollowReply(WHO())
    _stop_email(reply, contact, Contact.EmailStop.UNSUBSCRIBED, actor)
    followed.add("contacts", [contact.pk, ""], EMAIL_STOPPED(address=contact.email))


def _contact_of(reply: Reply) -> Contact | None:
    """Who wrote: the contact with that address; else whom our message went to, when the answer came to it."""
    if reply.contact_id is not None:
        return reply.contact
    return reply.message.contact if reply.message is not None else None


def _stop_email(reply: Reply, contact: Contact, why: str, actor: str) -> None:
    contact.email_stop = why
    contact.save(update_fields=["email_stop"])
    record(
        company=reply.company,
        actor=actor,
        action="contact.email_stopped",
        subject_type="contact",
        subject_id=contact.pk,
        customer_id=reply.customer_id,
        data={"email": contact.email, "why": why, "reply": reply.pk},
    )


def _source(reply: Reply) -> str:
    who = reply.sender_name or reply.sender_address or "?"
    return SOURCE(who=who).say(reply.company.language)


def _quoted(reply: Reply) -> str:
    return " … ".join(f"« {words} »" for words in reply.because)


_ACTS: Mapping[str, Callable[[Reply, Followed, int, date, str], None]] = {
    "promise": _promise,
    "dispute": _dispute,
    "already_paid": _already_paid,
    "wrong_contact": _wrong_contact,
    "out_of_office": _out_of_office,
    "unsubscribe": _unsubscribe,
}
