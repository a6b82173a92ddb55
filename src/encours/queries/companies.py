"""Companies and who works in them."""

from encours.store.models import Company, Membership


class UnableToChooseCompany(Exception):
    """No company, or several and none named. Its text says what to do."""


def company_named(*, slug: str) -> Company:
    """The company of this slug; without a slug, the only one there is."""
    if slug:
        company = Company.objects.filter(slug=slug).first()
        if company is None:
            raise UnableToChooseCompany(f"no company {slug!r}: see `encours company list`")
        return company
    found = list(Company.objects.order_by("slug")[:2])
    if not found:
        raise UnableToChooseCompany(
            "no company yet: create one with `encours company create --name … --siren …`"
        )
    if len(found) > 1:
        raise UnableToChooseCompany("several companies: choose one with --company SLUG")
    return found[0]


def companies() -> list[Company]:
    return list(Company.objects.order_by("name"))


def memberships_of(*, user_id: int) -> list[Membership]:
    """A user's companies by name, each with the role held there."""
    return list(
        Membership.objects.filter(user_id=user_id).select_related("company").order_by("company__name")
    )


def company_with_id(*, company_id: int) -> Company:
    """The company a job is about; raises `Company.DoesNotExist`."""
    return Company.objects.get(pk=company_id)
