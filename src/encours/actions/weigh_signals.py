"""Changes how much each signal weighs when it is said who is called first."""

from collections.abc import Mapping

from django.db import transaction

from encours.actions.journal import record
from encours.core.collection_day import HEAVIEST, WEIGHTS
from encours.store.models import Company


@transaction.atomic
def weigh_signals(*, company: Company, weights: Mapping[str, int], actor: str) -> bool:
    """Keeps what differs from the usual weights; whether anything changed."""
    assert weights.keys() <= WEIGHTS.keys(), "no such signal"
    assert all(0 <= weight <= HEAVIEST for weight in weights.values()), "a weight lies out of bounds"
    kept = {signal: weight for signal, weight in weights.items() if weight != WEIGHTS[signal]}
    locked = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    before = locked.collection_weights
    if before == kept:
        return False
    locked.collection_weights = company.collection_weights = kept
    locked.save(update_fields=["collection_weights"])
    record(
        company=company,
        actor=actor,
        action="collection.weighed",
        subject_type="company",
        subject_id=company.pk,
        data={"before": before, "after": kept},
    )
    return True
