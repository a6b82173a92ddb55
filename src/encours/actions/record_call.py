"""Writes down what came of a call, and what follows from it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.open_dispute import open_dispute
from encours.actions.open_task import open_task
from encours.actions.record_contact import record_contact
from encours.actions.record_promise import record_promise
from encours.core.calls import CONTACTED, OUTCOMES
from encours.core.wording import Sentence, Wording
from encours.store.models import Call, Company, Customer

CALL = Wording("call.said", fr="Appel : {outcome}", en="Call: {outcome}")
CALL_NOTE = Wording("call.said_with_note", fr="Appel : {outcome}. {note}", en="Call: {outcome}. {note}")
CALL_BACK = Wording("call.task", fr="Rappeler le client", en="Call the customer back")
FIND_NUMBER = Wording("call.find_number", fr="Trouver le bon numéro", en="Find the right number")
NO_OUTCOME = Wording("call.no_outcome", fr="Dites ce qu’il en est ressorti.", en="Say what came of it.")
NO_DAY = Wording(
    "call.no_day", fr="Dites pour quel jour, après aujourd’hui.", en="Say for which day, after today."
)
NO_DISPUTED = Wording(
    "call.no_disputed",
    fr="Dites quelle facture est contestée, et pourquoi.",
    en="Say which invoice is contested, and why.",
)


class UnableToRecordCall(Exception):
    """Nothing was written; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def record_call(
    *,
    company: Company,
    customer_id: int,
    outcome: str,
    note: str = "",
    day: date | None = None,
    amount_cents: int | None = None,
    document_ids: Sequence[int] = (),
    reason_code: str = "",
    assignee: str = "",
    on: date,
    now: datetime,
    actor: str,
) -> Call:
    """The call, with one of `core.calls.OUTCOMES`. One that reached somebody is a contact, and counts in the minimum gap.

    Promised: a promise for `day` over `amount_cents` and `document_ids` (nothing: all that is overdue). Disputed: a dispute of each of
    the documents for `reason_code`. Callback: a task for `day`. Wrong number: a task to find the right one. Raises
    `UnableToRecordCall`, and what recording a promise or a dispute raises.
    """
    if outcome not in OUTCOMES:
        raise UnableToRecordCall(NO_OUTCOME())
    if outcome in ("promised", "callback") and (
        day is None or day < on or (outcome == "callback" and day == on)
    ):
        raise UnableToRecordCall(NO_DAY())
    if outcome == "disputed" and not (document_ids and reason_code):
        raise UnableToRecordCall(NO_DISPUTED())
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    message = None
    if outcome in CONTACTED:
        said = CALL_NOTE if note.strip() else CALL
        words = said(outcome=OUTCOMES[outcome](), note=note.strip()).say(company.language)
        message = record_contact(
            company=company, customer_id=customer_id, on=on, now=now, note=words, actor=actor
        )
    call = Call.objects.create(
        company=company,
        customer_id=customer_id,
        outcome=outcome,
        note=note.strip(),
        called_date=on,
        called_at=now,
        called_by=actor,
        message=message,
    )
    _follow(
        company,
        customer_id,
        outcome,
        note.strip(),
        day,
        amount_cents,
        document_ids,
        reason_code,
        assignee,
        on,
        actor,
    )
    record(
        company=company,
        actor=actor,
        action="call.recorded",
        subject_type="customer",
        subject_id=customer_id,
        customer_id=customer_id,
        data={"call": call.pk, "outcome": outcome, "note": call.note},
    )
    return call


def _follow(
    company: Company, customer_id: int, outcome: str, note: str, day: date | None, amount_cents: int | None,
    document_ids: Sequence[int], reason_code: str, assignee: str, on: date, actor: str,
) -> None:  # fmt: skip
    """What the outcome asks for, so that nobody has to write it down twice."""
    if outcome == "promised":
        assert day is not None
        record_promise(
            company=company, customer_id=customer_id, document_ids=list(document_ids) or None, promised_date=day,
            amount_cents=amount_cents, note=note, on=on, actor=actor,
        )  # fmt: skip
    elif outcome == "disputed":
        for document_id in document_ids:
            open_dispute(
                company=company, customer_id=customer_id, document_id=document_id, reason_code=reason_code,
                note=note, owner=assignee, on=on, actor=actor,
            )  # fmt: skip
    elif outcome in ("callback", "wrong_number"):
        title = CALL_BACK if outcome == "callback" else FIND_NUMBER
        open_task(
            company=company, customer_id=customer_id, title=title().say(company.language), note=note,
            due_date=day or on, assignee=assignee, actor=actor,
        )  # fmt: skip
