"""Takes a promise back: its documents are reminded again."""

from datetime import date

from django.db import transaction
from django.db.models import F, Q

from encours.actions.journal import record
from encours.actions.lock_case import lock_case
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Promise, PromiseDocument

UNKNOWN_PROMISE = Wording(
    "promise_unknown", fr="Cette promesse n'existe pas.", en="There is no such promise."
)
JUDGED = Wording(
    "promise_judged",
    fr="Cette promesse est déjà jugée : elle n'est plus à retirer.",
    en="This promise has been judged already: it cannot be withdrawn any more.",
)


class UnableToWithdrawPromise(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def withdraw_promise(*, company: Company, promise_id: int, note: str = "", on: date, actor: str) -> Promise:
    """The promise, withdrawn; one that was before stays as it is. Raises `UnableToWithdrawPromise`."""
    promise: Promise | None = lock_case(Promise.objects.all(), company=company, case_id=promise_id)
    if promise is None:
        raise UnableToWithdrawPromise(UNKNOWN_PROMISE())
    if promise.state == Promise.State.WITHDRAWN:
        return promise
    if promise.state != Promise.State.OPEN:
        raise UnableToWithdrawPromise(JUDGED())
    end_promise(promise=promise, on=on, note=note)
    record(
        company=company,
        actor=actor,
        action="promise.withdrawn",
        subject_type="customer",
        subject_id=promise.customer_id,
        customer_id=promise.customer_id,
        data={"promise": promise.pk, "amount_cents": promise.amount_cents, "note": promise.ended_note},
    )
    return promise


def end_promise(*, promise: Promise, on: date, note: str = "", replaced_by: Promise | None = None) -> None:
    """An open promise, withdrawn, in the caller's transaction. Promises of the same documents for later days ask for less
    then: what this one promised may stay open."""
    promise.state, promise.judged_date = Promise.State.WITHDRAWN, on
    promise.ended_note, promise.replaced_by = note.strip(), replaced_by
    promise.save(update_fields=["state", "judged_date", "ended_note", "replaced_by"])
    comes_after = Q(promise__promised_date__gt=promise.promised_date) | Q(
        promise__promised_date=promise.promised_date, promise_id__gt=promise.pk
    )
    for each in promise.documents.all():
        PromiseDocument.objects.filter(
            comes_after,
            company=promise.company,
            promise__state=Promise.State.OPEN,
            document_id=each.document_id,
        ).update(rest_cents=F("rest_cents") + each.promised_cents)
