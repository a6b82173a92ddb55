"""Locks a dispute, a promise or a payment plan before it is changed."""

from typing import Any

from django.db.models import QuerySet

from encours.store.models import Company, Customer


def lock_case(cases: QuerySet[Any], *, company: Company, case_id: int) -> Any:
    """The case, nobody else's until the transaction ends; None when there is none of this id.

    Its customer's row is locked first: whoever agrees, promises or disputes locks that one, and nobody waits in a circle.
    """
    found = cases.filter(company=company, pk=case_id).first()
    if found is None:
        return None
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=found.customer_id)
    return cases.select_for_update(of=["self"]).get(company=company, pk=case_id)
