"""Customers and documents by the names people know them by."""

from collections.abc import Iterable

from encours.core.references import normalised_number
from encours.store.models import Company, Customer, Document


def customer_id_of(*, company: Company, code: str) -> int | None:
    """Of the customer with this code; None when the company has none."""
    return Customer.objects.filter(company=company, code=code).values_list("pk", flat=True).first()


def document_ids_of(*, company: Company, customer_id: int, numbers: Iterable[str]) -> dict[str, int]:
    """Ids by number of those of the numbers that are invoices or deposits of the customer."""
    wanted = set(numbers)
    found = Document.objects.filter(
        company=company,
        customer_id=customer_id,
        number__in=wanted,
        search_number__in=[normalised_number(number) for number in wanted],
    )
    return dict(found.exclude(type=Document.Type.CREDIT_NOTE).values_list("number", "pk"))
