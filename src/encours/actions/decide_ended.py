"""A person decides what follows for a customer's receivables that had the last step of their policy."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from django.db import transaction

from encours.actions.assign_policy import assign_policy
from encours.actions.hold_receivable import hold_receivable
from encours.actions.journal import record
from encours.actions.write_off import UnableToWriteOff, write_off
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Document, EndedReceivable, Hold


class Decision(StrEnum):
    """What may follow the last step."""

    COURT = "court"  # handed over to court or to a collection agency: dunning stops
    WRITE_OFF = "write_off"
    PAUSE = "pause"
    POLICY = "policy"  # another policy goes on


HANDED_OVER = Wording(
    "ended.handed_over", fr="Remis au contentieux : {reason}", en="Handed over to court: {reason}"
)
NOTHING_ENDED = Wording(
    "ended.nothing",
    fr="Ce client n’a plus rien au bout de son scénario : quelqu’un a déjà décidé.",
    en="Nothing of this customer is at the end of its policy any more: somebody has decided.",
)
NO_REASON = Wording("ended.no_reason", fr="Dites pourquoi.", en="Say why.")
NO_END = Wording(
    "ended.no_end",
    fr="Une pause a un dernier jour, après aujourd’hui.",
    en="A pause has a last day, after today.",
)


class UnableToDecide(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def decide_ended(
    *,
    company: Company,
    customer_id: int,
    decision: Decision,
    reason: str,
    until_date: date | None = None,
    policy_slug: str = "",
    on: date,
    actor: str,
) -> int:
    """How many receivables it was decided about; they leave the list at once, and come back if a later plan finds them.

    `until_date` is the last day of a pause, `policy_slug` the policy that goes on for these documents. Raises `UnableToDecide`
    and what assigning a policy raises.
    """
    if not reason.strip():
        raise UnableToDecide(NO_REASON())
    if decision is Decision.PAUSE and (until_date is None or until_date <= on):
        raise UnableToDecide(NO_END())
    ended = EndedReceivable.objects.select_for_update().filter(company=company, customer_id=customer_id)
    document_ids = sorted(set(ended.values_list("document_id", flat=True)))
    if not document_ids:
        raise UnableToDecide(NOTHING_ENDED())
    _carry_out(
        company, customer_id, document_ids, decision, reason.strip(), until_date, policy_slug, on, actor
    )
    count, _ = ended.delete()
    record(
        company=company,
        actor=actor,
        action="ended.decided",
        subject_type="customer",
        subject_id=customer_id,
        customer_id=customer_id,
        data={"decision": decision.value, "reason": reason.strip(), "documents": document_ids},
    )
    return count


def _carry_out(
    company: Company, customer_id: int, document_ids: Sequence[int], decision: Decision, reason: str,
    until_date: date | None, policy_slug: str, on: date, actor: str,
) -> None:  # fmt: skip
    if decision is Decision.POLICY:
        for document_id in document_ids:
            assign_policy(company=company, slug=policy_slug, document_id=document_id, actor=actor)
        return
    if decision is Decision.WRITE_OFF:
        try:
            for document in Document.objects.filter(company=company, pk__in=document_ids, open_cents__gt=0):
                write_off(
                    company=company, document_id=document.pk, amount_cents=document.open_cents, reason=reason,
                    on=on, actor=actor,
                )  # fmt: skip
        except UnableToWriteOff as error:
            raise UnableToDecide(error.sentence) from error
        return
    is_pause = decision is Decision.PAUSE
    said = reason if is_pause else HANDED_OVER(reason=reason).say(company.language)
    for document_id in document_ids:
        hold_receivable(
            company=company,
            customer_id=customer_id,
            document_id=document_id,
            kind=Hold.Kind.PAUSE if is_pause else Hold.Kind.MANUAL,
            reason=said[:500],
            from_date=on,
            until_date=until_date if is_pause else None,
            actor=actor,
        )
