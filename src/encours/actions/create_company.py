"""Adds a company, with what it cannot work without."""

from typing import Any

import stdnum.fr.siren
from django.db import transaction
from django.utils.text import slugify

from encours.actions.journal import record
from encours.actions.save_policy import save_policy
from encours.actions.update_company import BAD_SIREN
from encours.core.dunning import DEFAULT_POLICY
from encours.core.wording import Sentence, Wording
from encours.store.models import Company
from encours.store.tenancy import company_scope

NO_SLUG = Wording(
    "company_no_slug",
    fr="Ce nom ne donne pas de nom court : choisissez-en un avec --slug.",
    en="This name gives no short name: choose one with --slug.",
)
SLUG_TAKEN = Wording(
    "company_slug_taken",
    fr="La société « {slug} » existe déjà : choisissez un autre nom court avec --slug.",
    en='A company "{slug}" exists: choose another short name with --slug.',
)


class UnableToCreateCompany(Exception):
    """`sentence` says which detail is wrong."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@transaction.atomic
def create_company(*, name: str, siren: str, slug: str = "", actor: str, **details: Any) -> Company:
    """The new company with its default dunning policy; `details` are fields of `Company`."""
    siren = "".join(siren.split())
    if siren and not stdnum.fr.siren.is_valid(siren):
        raise UnableToCreateCompany(BAD_SIREN(siren=siren))
    chosen = slug or slugify(name)[:60]
    if not chosen:
        raise UnableToCreateCompany(NO_SLUG())
    if Company.objects.filter(slug=chosen).exists():
        raise UnableToCreateCompany(SLUG_TAKEN(slug=chosen))
    company = Company.objects.create(
        name=name, siren=siren, slug=chosen, **({"account_holder": name} | details)
    )
    with company_scope(company.pk):
        record(
            company=company,
            actor=actor,
            action="company.created",
            subject_type="company",
            subject_id=company.pk,
        )
        save_policy(company=company, policy=DEFAULT_POLICY, is_default=True, actor=actor)
    return company
