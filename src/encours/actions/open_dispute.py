"""Writes down that a customer contests an invoice, or a part of it: reminders of that part wait until it is resolved."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.core.cases.disputes import REASONS, Contested
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, Dispute, Document

UNKNOWN_DOCUMENT = Wording(
    "dispute_unknown_document",
    fr="Ce document n'est pas de ce client.",
    en="The document is not this customer's.",
)
UNKNOWN_REASON = Wording(
    "dispute_unknown_reason",
    fr="{code} n'est pas un motif de litige.",
    en="{code} is no reason for a dispute.",
)
NOTHING_OPEN = Wording(
    "dispute_nothing_open",
    fr="Le document {number} n'a plus rien d'ouvert : il n'y a rien à contester.",
    en="Nothing is open on document {number}: there is nothing to contest.",
)
TOO_MUCH = Wording(
    "dispute_exceeds_open",
    fr="Le document {number} n'a que {open} d'ouvert, {asked} seraient contestés.",
    en="Only {open} is open on document {number}, {asked} would be contested.",
)
NOT_POSITIVE = Wording(
    "dispute_not_positive",
    fr="Le montant contesté est supérieur à zéro.",
    en="The contested amount is more than zero.",
)
ALREADY = Wording(
    "dispute_already_open",
    fr="Le document {number} est déjà en litige depuis le {since}.",
    en="Document {number} has been in dispute since {since}.",
)
EARLY_DEADLINE = Wording(
    "dispute_deadline_past",
    fr="Le délai de traitement du {deadline} est passé.",
    en="The deadline of {deadline} has passed.",
)


class UnableToOpenDispute(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def open_dispute(
    *,
    company: Company,
    customer_id: int,
    document_id: int,
    reason_code: str,
    note: str = "",
    disputed_cents: int | None = None,
    owner: str = "",
    deadline: date | None = None,
    message_id: int | None = None,
    on: date,
    actor: str,
) -> Dispute:
    """A dispute of all that is open on a document, whatever that will be, or of `disputed_cents` of it.

    `reason_code` is one of `core.cases.disputes.REASONS`, `owner` who looks into it, `message_id` the reply that
    contested. The customer's row is locked first, as the sender does: a dispute is either seen by a sending or came after
    it. Raises `UnableToOpenDispute`.
    """
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    document = (
        Document.objects.select_for_update(no_key=True)
        .filter(company=company, pk=document_id, customer_id=customer_id)
        .first()
    )
    if document is None:
        raise UnableToOpenDispute(UNKNOWN_DOCUMENT())
    _check(company, document, reason_code, disputed_cents, deadline, on)
    dispute = Dispute.objects.create(
        company=company,
        customer_id=customer_id,
        document=document,
        reason_code=reason_code,
        note=note.strip(),
        disputed_cents=document.open_cents if disputed_cents is None else disputed_cents,
        is_whole=disputed_cents is None,
        owner=owner.strip(),
        deadline=deadline,
        opened_date=on,
        opened_by=actor,
        message_id=message_id,
    )
    record(
        company=company,
        actor=actor,
        action="dispute.opened",
        subject_type="document",
        subject_id=document.pk,
        customer_id=customer_id,
        data={
            "dispute": dispute.pk,
            "number": document.number,
            "reason_code": reason_code,
            "disputed_cents": dispute.disputed_cents,
            "note": dispute.note,
        },
    )
    return dispute


def _check(
    company: Company,
    document: Document,
    reason_code: str,
    disputed_cents: int | None,
    deadline: date | None,
    on: date,
) -> None:
    if reason_code not in REASONS:
        raise UnableToOpenDispute(UNKNOWN_REASON(code=reason_code))
    if document.open_cents <= 0:
        raise UnableToOpenDispute(NOTHING_OPEN(number=document.number))
    check_contested(document=document, disputed_cents=disputed_cents)
    if deadline is not None and deadline < on:
        raise UnableToOpenDispute(EARLY_DEADLINE(deadline=deadline))
    found = Dispute.objects.filter(company=company, document=document, resolved_date=None).first()
    if found is not None:
        raise UnableToOpenDispute(ALREADY(number=document.number, since=found.opened_date))


def check_contested(*, document: Document, disputed_cents: int | None) -> None:
    """Raises `UnableToOpenDispute` unless the amount can be contested of what is open on the document."""
    if disputed_cents is None:
        return
    if disputed_cents <= 0:
        raise UnableToOpenDispute(NOT_POSITIVE())
    blocked = Contested(disputed_cents, is_whole=False).blocked_cents(open_cents=document.open_cents)
    if blocked < disputed_cents:
        raise UnableToOpenDispute(
            TOO_MUCH(
                number=document.number,
                open=Money(document.open_cents, document.currency),
                asked=Money(disputed_cents, document.currency),
            )
        )
