"""Gives up what is open on a document, or part of it, with a reason; and takes that back."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.actions.post_movements import post
from encours.core.ledger import NewMovement
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Document, Movement

NO_DOCUMENT = Wording(
    "write_off_unknown_document", fr="Ce document n'existe pas.", en="There is no such document."
)
NO_REASON = Wording(
    "write_off_without_reason",
    fr="Dites pourquoi ce montant est abandonné.",
    en="Say why this amount is given up.",
)
TOO_MUCH = Wording(
    "write_off_exceeds_document",
    fr="Le document {number} n'a que {open} d'ouvert : {asked} ne peuvent pas être abandonnés.",
    en="Only {open} is open on document {number}: {asked} cannot be written off.",
)


class UnableToWriteOff(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def write_off(
    *, company: Company, document_id: int, amount_cents: int, reason: str, on: date, actor: str
) -> None:
    """Moves a document's balance towards zero by `amount_cents` (positive, at most what is open).

    On a credit note it gives up what the customer still has there. Raises `UnableToWriteOff`.
    """
    if not reason.strip():
        raise UnableToWriteOff(NO_REASON())
    document = Document.objects.select_for_update().filter(company=company, pk=document_id).first()
    if document is None:
        raise UnableToWriteOff(NO_DOCUMENT())
    open_cents = abs(document.open_cents)
    if not 0 < amount_cents <= open_cents:
        raise UnableToWriteOff(
            TOO_MUCH(
                number=document.number,
                open=Money(open_cents, document.currency),
                asked=Money(amount_cents, document.currency),
            )
        )
    movement = NewMovement(
        customer_id=document.customer_id,
        document_id=document.pk,
        kind="written_off",
        amount_cents=-amount_cents if document.open_cents > 0 else amount_cents,
        currency=document.currency,
        booked_date=max(on, document.issue_date),
    )
    post(company=company, movements=[movement])
    _tell(company=company, document=document, action="document.written_off", actor=actor,
          data={"amount_cents": amount_cents, "reason": reason.strip()})  # fmt: skip


@transaction.atomic
def undo_write_off(*, company: Company, document_id: int, on: date, actor: str) -> int:
    """What is open again, in cents: every write-off of the document not yet taken back. 0 when there is none."""
    document = Document.objects.select_for_update().filter(company=company, pk=document_id).first()
    if document is None:
        raise UnableToWriteOff(NO_DOCUMENT())
    of_write_offs = Movement.objects.filter(company=company, document=document, allocation=None)
    written = of_write_offs.filter(kind=Movement.Kind.WRITTEN_OFF) | of_write_offs.filter(
        kind=Movement.Kind.REVERSED, reversed_kind=Movement.Kind.WRITTEN_OFF
    )
    rows = list(written.values_list("amount_cents", "booked_date"))
    given_up = sum(amount for amount, _ in rows)
    if given_up == 0:
        return 0
    movement = NewMovement(
        customer_id=document.customer_id,
        document_id=document.pk,
        kind="reversed",
        reversed_kind="written_off",
        amount_cents=-given_up,
        currency=document.currency,
        booked_date=max(on, *(day for _, day in rows)),
    )
    post(company=company, movements=[movement])
    _tell(company=company, document=document, action="document.write_off_undone", actor=actor,
          data={"amount_cents": abs(given_up)})  # fmt: skip
    return abs(given_up)


def _tell(*, company: Company, document: Document, action: str, actor: str, data: dict[str, object]) -> None:
    record(
        company=company,
        actor=actor,
        action=action,
        subject_type="document",
        subject_id=document.pk,
        customer_id=document.customer_id,
        data={"number": document.number, "currency": document.currency} | data,
    )
