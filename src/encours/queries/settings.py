"""What the settings pages show: the policies that apply and where bank data comes from."""

from encours.store.models import Company, Policy


def active_policies(*, company: Company) -> list[Policy]:
    """Active dunning policies with their steps, the default one first."""
    return list(
        Policy.objects.filter(company=company, is_active=True)
        .prefetch_related("steps")
        .order_by("-is_default", "name", "-version")
    )
