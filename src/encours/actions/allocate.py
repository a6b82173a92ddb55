"""Settles documents with a receipt or a credit note, never beyond what is open or left."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from django.db import transaction

from encours.actions.journal import record
from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.core.ledger import Portion
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Document, Payment

NOTHING_CHOSEN = Wording(
    "allocation_empty",
    fr="Choisissez au moins un document et un montant positif.",
    en="Choose at least one document and a positive amount.",
)
GONE = Wording(
    "allocation_source_unknown",
    fr="L'encaissement, l'avoir ou le document n'existe pas ou a été annulé.",
    en="The receipt, credit note or document does not exist or was reversed.",
)
NOT_LEFT = Wording(
    "allocation_exceeds_source",
    fr="Il ne reste que {left} à affecter, {asked} sont demandés.",
    en="Only {left} is left to allocate, {asked} was asked for.",
)
NOT_OPEN = Wording(
    "allocation_exceeds_document",
    fr="Le document {number} n'a plus que {open} à régler, {asked} sont demandés.",
    en="Only {open} is open on document {number}, {asked} was asked for.",
)
OTHER_CURRENCY = Wording(
    "allocation_currency",
    fr="Le document {number} est en {document}, l'argent en {source} : les devises ne se mélangent pas.",
    en="Document {number} is in {document}, the money in {source}: currencies never mix.",
)
OTHER_CUSTOMER = Wording(
    "allocation_customer",
    fr="Le document {number} est au compte d'un autre client.",
    en="Document {number} is on another customer's account.",
)
CHANGED = Wording(
    "allocation_source_changed",
    fr="Quelqu'un vient d'affecter une partie de ce montant ({left} restent). Rechargez la page.",
    en="Somebody has just allocated part of this amount ({left} is left). Reload the page.",
)


class UnableToAllocate(Exception):
    """Nothing was allocated. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def allocate(
    *,
    company: Company,
    portions: Sequence[Portion],
    on: date,
    actor: str,
    payment_id: int | None = None,
    credit_note_id: int | None = None,
    seen_left_cents: int | None = None,
) -> list[int]:
    """Ids of the new allocations of a payment or a credit note (exactly one), dated `on`.

    `seen_left_cents` is what the caller saw left on the source: when it has moved since, nothing is done, so
    a form sent twice counts once. Raises `UnableToAllocate`.
    """
    assert (payment_id is None) != (credit_note_id is None), "a payment or a credit note"
    wanted = _merged(portions)
    ids = sorted({*wanted, *([credit_note_id] if credit_note_id else [])})
    # one order for everybody, documents before payments: two people wait, they never block each other
    locked = Document.objects.select_for_update().filter(company=company, pk__in=ids).order_by("pk")
    documents = {document.pk: document for document in locked}
    source: Document | Payment | None
    if payment_id is not None:
        source = Payment.objects.select_for_update().filter(
            company=company, pk=payment_id, reversed_at=None
        ).first()  # fmt: skip
        left = source.unallocated_cents if source else 0
    else:
        source = documents.pop(credit_note_id or 0, None)
        left = -source.open_cents if source else 0
    if source is None or documents.keys() != wanted.keys():
        raise UnableToAllocate(GONE())
    _check(
        source=source, left_cents=left, documents=documents, wanted=wanted, seen_left_cents=seen_left_cents
    )
    # a document cannot be settled before it exists
    rows = [
        {
            "customer_id": source.customer_id,
            "document_id": key,
            "payment_id": payment_id,
            "credit_note_id": credit_note_id,
            "match_id": None,
            "amount_cents": cents,
            "currency": source.currency,
            "allocated_date": max(on, documents[key].issue_date),
        }
        for key, cents in wanted.items()
    ]
    created = post_allocations(company=company, allocations=pl.DataFrame(rows, schema=ALLOCATIONS))
    record(
        company=company,
        actor=actor,
        action="payment.allocated" if payment_id else "credit_note.allocated",
        subject_type="payment" if payment_id else "document",
        subject_id=payment_id or credit_note_id,
        customer_id=source.customer_id,
        data={
            "documents": [
                {"number": documents[key].number, "allocated_cents": cents} for key, cents in wanted.items()
            ]
        },
    )
    return created


def _merged(portions: Sequence[Portion]) -> dict[int, int]:
    if not portions or any(portion.amount_cents <= 0 for portion in portions):
        raise UnableToAllocate(NOTHING_CHOSEN())
    wanted: dict[int, int] = {}
    for portion in portions:
        wanted[portion.document_id] = wanted.get(portion.document_id, 0) + portion.amount_cents
    return wanted


def _check(
    *,
    source: Document | Payment,
    left_cents: int,
    documents: dict[int, Document],
    wanted: dict[int, int],
    seen_left_cents: int | None,
) -> None:
    left = Money(left_cents, source.currency)
    if seen_left_cents is not None and seen_left_cents != left_cents:
        raise UnableToAllocate(CHANGED(left=left))
    for key, cents in wanted.items():
        document = documents[key]
        if document.customer_id != source.customer_id:
            raise UnableToAllocate(OTHER_CUSTOMER(number=document.number))
        if document.currency != source.currency:
            raise UnableToAllocate(
                OTHER_CURRENCY(number=document.number, document=document.currency, source=source.currency)
            )
        if cents > document.open_cents:
            raise UnableToAllocate(
                NOT_OPEN(
                    number=document.number,
                    open=Money(max(document.open_cents, 0), document.currency),
                    asked=Money(cents, document.currency),
                )
            )
    if sum(wanted.values()) > left_cents:
        raise UnableToAllocate(NOT_LEFT(left=left, asked=Money(sum(wanted.values()), source.currency)))
