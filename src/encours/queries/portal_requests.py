"""How much of what customers ask for in the portal waits for the company."""

from encours.store.models import Company, ContactRequest, PlanRequest


def waiting_request_count(*, company: Company) -> int:
    """Payment plans and contacts together. One query."""
    plans = PlanRequest.objects.filter(company=company, state=PlanRequest.State.WAITING)
    contacts = ContactRequest.objects.filter(company=company, state=ContactRequest.State.WAITING)
    return plans.values_list("pk").union(contacts.values_list("pk"), all=True).count()
