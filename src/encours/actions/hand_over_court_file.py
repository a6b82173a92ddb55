"""Says that a file went to a court or to a commissaire de justice: what it claims is held from dunning, until that is undone."""

from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import Event, record, record_all
from encours.core.wording import Sentence, Wording, format_date
from encours.store.models import Company, CourtFile, Customer, Document, Hold

NOT_BUILT = Wording(
    "court.not_built",
    fr="Seul un dossier constitué peut être remis.",
    en="Only a file that is built can be handed over.",
)
GONE_ALREADY = Wording(
    "court.gone_already",
    fr="Ce dossier a déjà été remis le {day}.",
    en="This file was handed over already, on {day}.",
)
NOT_GONE = Wording("court.not_gone", fr="Ce dossier n’a pas été remis.", en="This file was not handed over.")
TO_WHOM = Wording(
    "court.to_whom", fr="Dites à qui le dossier est remis.", en="Say to whom the file is handed over."
)
IN_FUTURE = Wording(
    "court.in_future", fr="Le {day} n’est pas encore venu.", en="{day} has not come yet."
)  # fmt: skip
# kept as the hold's reason, in the language of the company
HELD = Wording("court.held", fr="Remis à {whom} le {day}", en="Handed over to {whom} on {day}")


class UnableToHandOver(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def hand_over_court_file(
    *, company: Company, court_file_id: int, to: str, handed_over_date: date, on: date, actor: str
) -> CourtFile:
    """The file, handed over: one hold per claimed document that is still open. Raises `UnableToHandOver`."""
    file = _locked(company, court_file_id)
    if file is None or file.state != CourtFile.State.DONE:
        raise UnableToHandOver(NOT_BUILT())
    if file.handed_over_date is not None:
        raise UnableToHandOver(GONE_ALREADY(day=file.handed_over_date))
    if not to.strip():
        raise UnableToHandOver(TO_WHOM())
    if handed_over_date > on:
        raise UnableToHandOver(IN_FUTURE(day=handed_over_date))
    reason = HELD(whom=to.strip(), day=format_date(handed_over_date, company.language)).say(company.language)
    file.handed_over_date, file.handed_over_to = handed_over_date, to.strip()[:200]
    file.handed_over_by = actor
    file.hold_ids = _hold(company, file, reason[:500], on, actor)
    file.save(update_fields=["handed_over_date", "handed_over_to", "handed_over_by", "hold_ids"])
    _tell(
        company,
        file,
        "court_file.handed_over",
        actor,
        {"to": file.handed_over_to, "holds": len(file.hold_ids)},
    )
    return file


@transaction.atomic
def take_back_court_file(*, company: Company, court_file_id: int, now: datetime, actor: str) -> CourtFile:
    """Undoes it: its holds end, and dunning goes on where it stood. Raises `UnableToHandOver`."""
    file = _locked(company, court_file_id)
    if file is None or file.handed_over_date is None:
        raise UnableToHandOver(NOT_GONE())
    _release(company, file, now, actor)
    told = {"to": file.handed_over_to, "date": file.handed_over_date.isoformat(), "holds": len(file.hold_ids)}
    file.handed_over_date, file.handed_over_to, file.handed_over_by, file.hold_ids = None, "", "", []
    file.save(update_fields=["handed_over_date", "handed_over_to", "handed_over_by", "hold_ids"])
    _tell(company, file, "court_file.taken_back", actor, told)
    return file


def _locked(company: Company, court_file_id: int) -> CourtFile | None:
    return CourtFile.objects.select_for_update().filter(company=company, pk=court_file_id).first()


def _hold(company: Company, file: CourtFile, reason: str, on: date, actor: str) -> list[int]:
    """One hold per document that is still open. The customer's row is locked first, as the sender does."""
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=file.customer_id)
    claimed = Document.objects.filter(company=company, pk__in=file.document_ids, open_cents__gt=0)
    holds = Hold.objects.bulk_create(
        Hold(
            company=company, customer_id=file.customer_id, document_id=document_id, reason=reason, from_date=on,
            held_by=actor,
        )
        for document_id in claimed.order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip
    record_all(
        company=company, actor=actor, action="hold.created", subject_type="document",
        events=[
            Event(hold.document_id, file.customer_id, {"hold": hold.pk, "kind": hold.kind, "reason": reason})
            for hold in holds
        ],
    )  # fmt: skip
    return [hold.pk for hold in holds]


def _release(company: Company, file: CourtFile, now: datetime, actor: str) -> None:
    """Those that nobody released before."""
    held = Hold.objects.select_for_update().filter(company=company, pk__in=file.hold_ids, released_at=None)
    events = [Event(hold.document_id, file.customer_id, {"hold": hold.pk}) for hold in held.order_by("pk")]
    held.update(released_at=now)
    record_all(company=company, actor=actor, action="hold.released", subject_type="document", events=events)


def _tell(company: Company, file: CourtFile, action: str, actor: str, data: dict[str, object]) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="court_file", subject_id=file.pk,
        customer_id=file.customer_id, data=data,
    )  # fmt: skip
