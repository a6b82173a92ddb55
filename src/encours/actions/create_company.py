"""Adds a company, with what it cannot work without."""

from django.db import transaction
from django.utils.text import slugify

from encours.actions.create_policy import create_policy
from encours.actions.journal import record
from encours.core.dunning import DEFAULT_POLICY
from encours.store.models import Company
from encours.store.tenancy import company_scope


class UnableToCreateCompany(Exception):
    """Its text says which detail is wrong."""


@transaction.atomic
def create_company(*, name: str, siren: str, slug: str = "", actor: str, **details: str) -> Company:
    """The new company with its default dunning policy; `details` are fields of `Company`."""
    chosen = slug or slugify(name)[:60]
    if not chosen:
        raise UnableToCreateCompany("the name gives no slug: choose one with --slug")
    if Company.objects.filter(slug=chosen).exists():
        raise UnableToCreateCompany(f"a company {chosen!r} exists: choose another --slug")
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
        create_policy(company=company, policy=DEFAULT_POLICY, is_default=True, actor=actor)
    return company
