"""What a company's own data holds of the texts that conditions ask for, to choose from."""

from collections.abc import Mapping

from encours.store.models import Company, Customer, CustomerBalance, Document

# beyond it a list helps nobody: one types
MOST_VALUES = 50
_OF_CUSTOMERS = ("segment", "sector", "country", "language", "salesperson")
# what is sold changes slowly: the last documents know it, without a pass over all of them
_LAST_DOCUMENTS = 5_000


def condition_values(*, company: Company) -> Mapping[str, tuple[str, ...]]:
    """By field of `core.dunning.conditions.FIELDS`, in alphabetical order; fields without any are left out. Seven queries."""
    customers = Customer.objects.filter(company=company)
    last = Document.objects.filter(company=company).order_by("-pk").values("pk")[:_LAST_DOCUMENTS]
    asked = dict.fromkeys(_OF_CUSTOMERS, customers) | {
        "currency": CustomerBalance.objects.filter(company=company),
        "product_type": Document.objects.filter(company=company, pk__in=last),
    }
    found = {
        name: tuple(
            rows.exclude(**{name: ""}).values_list(name, flat=True).order_by(name).distinct()[:MOST_VALUES]
        )
        for name, rows in asked.items()
    }
    return {name: values for name, values in found.items() if values}
