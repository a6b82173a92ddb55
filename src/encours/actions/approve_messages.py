"""Lets planned messages leave."""

from collections.abc import Sequence

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Wording
from encours.store.models import Company, Message, PolicyStep, PortfolioCustomer

NOT_WAITING = Wording(
    "message.not_waiting",
    fr="Le message {id} n'attend aucune validation dans cette société : il est laissé tel quel",
    en="Message {id} does not wait for approval in this company: it is left as it is",
)


@transaction.atomic
def approve_messages(
    *,
    company: Company,
    message_ids: Sequence[int] | None = None,
    step_code: str = "",
    user_ids: Sequence[int] = (),
    actor: str,
) -> list[int]:
    """Ids approved: of those named, or of all that wait for the day's click, of one step or of these people's portfolios
    when that is said.

    What asks for a person's eyes (a formal notice) is approved only when it is named. Messages that do
    not wait any more are left as they are.
    """
    waiting = Message.objects.filter(company=company, state=Message.State.WAITING)
    if message_ids is not None:
        waiting = waiting.filter(pk__in=message_ids)
    else:
        waiting = waiting.exclude(approval=PolicyStep.Approval.PERSON)
    if step_code:
        waiting = waiting.filter(step_code=step_code)
    if user_ids:
        theirs = PortfolioCustomer.objects.filter(company=company, user_id__in=user_ids)
        waiting = waiting.filter(customer_id__in=theirs.values("customer_id"))
    ids = sorted(waiting.select_for_update().values_list("pk", flat=True))
    Message.objects.filter(company=company, pk__in=ids).update(
        state=Message.State.APPROVED, approved_by=actor
    )
    if ids:
        record(
            company=company,
            actor=actor,
            action="message.approved",
            subject_type="message",
            subject_id=ids[0] if len(ids) == 1 else None,
            data={"messages": len(ids), "first": ids[0], "last": ids[-1]},
        )
    return ids
