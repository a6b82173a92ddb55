"""Gives up late interest and indemnities, by a person and with a reason. Nothing else makes interest go away."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from encours.actions.claim_interest import claim_interest, claim_line, told_terms
from encours.actions.journal import record
from encours.core.interest import UnableToComputeInterest
from encours.core.wording import Sentence, Wording
from encours.queries.interest import customer_accruals
from encours.store.models import Company, Customer, InterestClaim

NO_REASON = Wording(
    "interest.waive_no_reason",
    fr="Dites pourquoi les pénalités sont abandonnées : le journal le garde",
    en="Say why the interest is waived: the journal keeps it",
)
NOTHING = Wording(
    "interest.waive_nothing",
    fr="Il n’y a rien à abandonner : aucune pénalité n’a couru ni n’a été réclamée",
    en="There is nothing to waive: no interest has accrued or was claimed",
)
NO_RATE = Wording(
    "interest.waive_no_rate",
    fr="{problem} Ajoutez ce taux pour dire ce qui est abandonné.",
    en="{problem} Add this rate to say what is waived.",
)


class UnableToWaive(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def waive_interest(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int] | None = None,
    reason: str,
    on: date,
    actor: str,
) -> int:
    """What accrued until `on`, and what was claimed, on some documents or all of a customer's: waived; the sum in cents.

    Days after `on` bear interest again as long as anything is unpaid. Raises `UnableToWaive`.
    """
    reason = reason.strip()
    if not reason:
        raise UnableToWaive(NO_REASON())
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    claim_interest(company=company, actor=actor)  # what letters have said by now is waived as claimed
    try:
        found = customer_accruals(company=company, customer=customer, on=on, document_ids=document_ids)
    except UnableToComputeInterest as error:
        raise UnableToWaive(NO_RATE(problem=error.sentence)) from error
    how = {
        "state": InterestClaim.State.WAIVED, "decided_date": on, "decided_by": actor, "reason": reason[:500],
    }  # fmt: skip
    claimed = InterestClaim.objects.filter(
        company=company, customer=customer, state=InterestClaim.State.CLAIMED
    )
    if document_ids is not None:
        claimed = claimed.filter(document_id__in=list(document_ids))
    cents = sum(row.interest_cents + row.indemnity_cents for row in claimed)
    count = claimed.update(**how)
    terms = told_terms(company=company, customer=customer)
    made = [claim_line(company, customer, each, terms, **how) for each in found if each.is_new]
    InterestClaim.objects.bulk_create(made)
    cents += sum(row.interest_cents + row.indemnity_cents for row in made)
    if not made and not count:
        raise UnableToWaive(NOTHING())
    record(
        company=company,
        actor=actor,
        action="interest.waived",
        subject_type="customer",
        subject_id=customer.pk,
        customer_id=customer.pk,
        data={
            "reason": reason,
            "amount_cents": cents,
            "lines": len(made) + count,
            "currency": "EUR",
            "on": on.isoformat(),
        },
    )
    return cents
