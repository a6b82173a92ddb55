"""Says that a document will perhaps never be paid, and takes that back: for the books only, reminders go on."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Document, DoubtfulDebt

NO_DOCUMENT = Wording(
    "doubt_unknown_document", fr="Ce document n'existe pas.", en="There is no such document."
)
NOT_OPEN = Wording(
    "doubt_nothing_open",
    fr="Le document {number} n'a rien d'ouvert : il n'y a pas de créance douteuse.",
    en="Nothing is open on document {number}: there is no doubtful debt.",
)
ALREADY = Wording(
    "doubt_already",
    fr="Le document {number} est déjà une créance douteuse.",
    en="Document {number} is a doubtful debt already.",
)
NO_DOUBT = Wording(
    "doubt_none",
    fr="Le document {number} n'est pas une créance douteuse.",
    en="Document {number} is no doubtful debt.",
)
NO_REASON = Wording(
    "doubt_without_reason",
    fr="Dites pourquoi cette créance est douteuse.",
    en="Say why this debt is doubtful.",
)
BAD_SHARE = Wording(
    "doubt_bad_share",
    fr="La part à déprécier va de 0 à 100 %.",
    en="The share to write down is between 0 and 100 %.",
)


class UnableToDoubt(Exception):
    """Nothing was changed. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def doubt_debt(
    *, company: Company, number: str, allowance_basis_points: int, reason: str, on: date, actor: str
) -> int:
    """The id of a new doubtful debt: from `on` the invoice lies on 416, written down by the share of what is open
    without VAT (PCG, accounts 416 and 491). The entries are made by the next export. Raises `UnableToDoubt`.
    """
    document = _locked(company, number)
    if not reason.strip():
        raise UnableToDoubt(NO_REASON())
    if not 0 <= allowance_basis_points <= 10_000:
        raise UnableToDoubt(BAD_SHARE())
    if document.open_cents <= 0:
        raise UnableToDoubt(NOT_OPEN(number=number))
    if DoubtfulDebt.objects.filter(company=company, document=document, ended_date=None).exists():
        raise UnableToDoubt(ALREADY(number=number))
    doubt = DoubtfulDebt.objects.create(
        company=company,
        document=document,
        since_date=on,
        allowance_basis_points=allowance_basis_points,
        reason=reason.strip()[:200],
    )
    _tell(company, document, "document.doubted", actor,
          {"allowance_basis_points": allowance_basis_points, "reason": reason.strip()})  # fmt: skip
    return doubt.pk


@transaction.atomic
def end_doubt(*, company: Company, number: str, on: date, actor: str) -> None:
    """From `on` the invoice is an ordinary receivable again. Raises `UnableToDoubt`."""
    document = _locked(company, number)
    doubt = DoubtfulDebt.objects.filter(company=company, document=document, ended_date=None).first()
    if doubt is None:
        raise UnableToDoubt(NO_DOUBT(number=number))
    doubt.ended_date = max(on, doubt.since_date)
    doubt.save(update_fields=["ended_date"])
    _tell(company, document, "document.doubt_ended", actor, {})


def _locked(company: Company, number: str) -> Document:
    documents = Document.objects.select_for_update().filter(company=company, number=number)
    document = documents.exclude(type=Document.Type.CREDIT_NOTE).first()
    if document is None:
        raise UnableToDoubt(NO_DOCUMENT())
    return document


def _tell(company: Company, document: Document, action: str, actor: str, data: dict[str, object]) -> None:
    record(
        company=company,
        actor=actor,
        action=action,
        subject_type="document",
        subject_id=document.pk,
        customer_id=document.customer_id,
        data={"number": document.number} | data,
    )
