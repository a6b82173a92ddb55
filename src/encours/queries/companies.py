"""Companies and who works in them."""

from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Membership

NO_COMPANY = Wording(
    "no_company",
    fr="Il n'y a pas encore de société : créez-en une avec `encours company create --name … --siren …`.",
    en="There is no company yet: create one with `encours company create --name … --siren …`.",
)
UNKNOWN_COMPANY = Wording(
    "unknown_company",
    fr="La société « {slug} » n'existe pas : voyez `encours company list`.",
    en='There is no company "{slug}": see `encours company list`.',
)
SEVERAL_COMPANIES = Wording(
    "several_companies",
    fr="Il y a plusieurs sociétés : choisissez-en une avec --company.",
    en="There are several companies: choose one with --company.",
)


class UnableToChooseCompany(Exception):
    """No company, or several and none named; `sentence` says what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


def company_named(*, slug: str) -> Company:
    """The company of this slug; without a slug, the only one there is."""
    if slug:
        company = Company.objects.filter(slug=slug).first()
        if company is None:
            raise UnableToChooseCompany(UNKNOWN_COMPANY(slug=slug))
        return company
    found = list(Company.objects.order_by("slug")[:2])
    if not found:
        raise UnableToChooseCompany(NO_COMPANY())
    if len(found) > 1:
        raise UnableToChooseCompany(SEVERAL_COMPANIES())
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


def company_of_id(*, company_id: int) -> Company | None:
    """The company an address names, None when there is none."""
    return Company.objects.filter(pk=company_id).first() if company_id < 1 << 63 else None
