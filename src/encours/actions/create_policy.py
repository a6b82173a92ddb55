"""Writes a dunning policy as the next version of its slug."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.dunning import Policy as PolicyValue
from encours.store.models import Company, Policy, PolicyStep


@transaction.atomic
def create_policy(*, company: Company, policy: PolicyValue, is_default: bool = False, actor: str) -> Policy:
    """Earlier versions of the slug stay, inactive, because messages were planned under them.

    As the default it takes the place of the company's default policy, whatever its slug.
    """
    versions = Policy.objects.filter(company=company, slug=policy.slug)
    last = versions.order_by("-version").first()
    versions.update(is_active=False, is_default=False)
    if is_default:
        Policy.objects.filter(company=company, is_default=True).update(is_default=False)
    created = Policy.objects.create(
        company=company,
        slug=policy.slug,
        version=last.version + 1 if last else 1,
        name=policy.name,
        is_default=is_default,
        min_gap_days=policy.min_gap_days,
        min_amount_cents=policy.min_amount_cents,
    )
    PolicyStep.objects.bulk_create(
        PolicyStep(
            company=company,
            policy=created,
            code=step.code,
            offset_days=step.offset_days,
            channel=step.channel,
            template=step.template,
            approval=step.approval,
        )
        for step in policy.steps
    )
    record(
        company=company,
        actor=actor,
        action="policy.created",
        subject_type="policy",
        subject_id=created.pk,
        data={
            "slug": created.slug,
            "version": created.version,
            "steps": [step.code for step in policy.steps],
        },
    )
    return created
