"""Ends a payment plan before its last instalment: what is open of its documents is reminded again."""

from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.actions.lock_case import lock_case
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, PaymentPlan

UNKNOWN_PLAN = Wording("plan_unknown", fr="Cet échéancier n'existe pas.", en="There is no such payment plan.")


class UnableToEndPlan(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def end_plan(*, company: Company, plan_id: int, note: str = "", on: date, actor: str) -> PaymentPlan:
    """The plan, ended; one that was kept to its end, or ended before, stays as it is. Raises `UnableToEndPlan`."""
    plan: PaymentPlan | None = lock_case(PaymentPlan.objects.all(), company=company, case_id=plan_id)
    if plan is None:
        raise UnableToEndPlan(UNKNOWN_PLAN())
    if plan.state in (PaymentPlan.State.KEPT, PaymentPlan.State.ENDED):
        return plan
    plan.state, plan.judged_date, plan.ended_note = PaymentPlan.State.ENDED, on, note.strip()
    plan.save(update_fields=["state", "judged_date", "ended_note"])
    record(
        company=company,
        actor=actor,
        action="plan.ended",
        subject_type="customer",
        subject_id=plan.customer_id,
        customer_id=plan.customer_id,
        data={"plan": plan.pk, "planned_cents": plan.planned_cents, "note": plan.ended_note},
    )
    return plan
