"""Writes a dunning policy as the next version of its slug."""

from dataclasses import asdict

from django.db import transaction

from encours.actions.journal import record
from encours.core.dunning import Policy as PolicyValue
from encours.core.dunning.conditions import stored
from encours.core.wording import Sentence, Wording
from encours.queries.policies import policy_value
from encours.store.models import Company, Customer, Policy, PolicyAssignment, PolicyStep

CHANGED_MEANWHILE = Wording(
    "policy.changed_meanwhile",
    fr="La version {version} de « {slug} » a été enregistrée pendant que vous travailliez à partir de la {base}",
    en='Version {version} of "{slug}" was saved while you were working from {base}',
)


class UnableToSavePolicy(Exception):
    """Nothing was saved; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def save_policy(
    *,
    company: Company,
    policy: PolicyValue,
    is_default: bool = False,
    base_version: int | None = None,
    actor: str,
) -> tuple[Policy, bool]:
    """The active version, and whether it is new: the same document twice makes no second one.

    Earlier versions of the slug stay, inactive, because messages were planned under them. What had the earlier version
    has the new one: the company as its default, customers, segments and documents. With `is_default` it takes the
    place of the company's default policy, whatever its slug. `base_version` is the last version that whoever saves has
    seen, 0 for none: another one raises `UnableToSavePolicy`, so that nobody's work is replaced unseen.
    """
    Company.objects.select_for_update().get(pk=company.pk)  # versions are counted one writer at a time
    versions = Policy.objects.filter(company=company, slug=policy.slug)
    last = versions.order_by("-version").first()
    if base_version is not None and base_version != (last.version if last else 0):
        raise UnableToSavePolicy(
            CHANGED_MEANWHILE(slug=policy.slug, version=last.version if last else 0, base=base_version)
        )
    if last is not None and last.is_active and policy_value(company=company, policy=last) == policy:
        if is_default and not last.is_default:
            _make_default(company, last, actor)
        return last, False
    versions.update(is_active=False)
    created = Policy.objects.create(
        company=company,
        slug=policy.slug,
        version=last.version + 1 if last else 1,
        name=policy.name,
        description=dict(policy.description),
        min_gap_days=policy.min_gap_days,
        min_amount_cents=policy.min_amount_cents,
        max_contacts_per_week=policy.max_contacts_per_week,
        level=policy.level,
    )
    _write_steps(company, created, policy)
    was_default = versions.filter(is_default=True).update(is_default=False) > 0
    Customer.objects.filter(company=company, policy__in=versions).update(policy=created)
    PolicyAssignment.objects.filter(company=company, policy__in=versions).update(policy=created)
    record(
        company=company,
        actor=actor,
        action="policy.changed" if last else "policy.created",
        subject_type="policy",
        subject_id=created.pk,
        data={
            "slug": created.slug,
            "version": created.version,
            "steps": [placed.code for placed in policy.timeline],
        },
    )
    if was_default or is_default:
        _set_default(company, created)
    return created, True


def _write_steps(company: Company, created: Policy, policy: PolicyValue) -> None:
    PolicyStep.objects.bulk_create(
        PolicyStep(
            company=company,
            policy=created,
            code=placed.code,
            offset_days=placed.offset_days,
            clock=placed.step.clock,
            days=placed.step.days,
            channel=placed.step.channels[0],
            fallbacks=list(placed.step.channels[1:]),
            template=placed.step.template,
            tone=placed.step.tone,
            approval=placed.step.approval,
            signed_by=placed.step.signed_by,
            min_amount_cents=placed.step.min_amount_cents,
            window=asdict(placed.step.window) if placed.step.window else None,
            condition=stored(placed.step.condition) if placed.step.condition else None,
        )
        for placed in policy.timeline
    )


def _make_default(company: Company, policy: Policy, actor: str) -> None:
    _set_default(company, policy)
    record(
        company=company,
        actor=actor,
        action="policy.made_default",
        subject_type="policy",
        subject_id=policy.pk,
        data={"slug": policy.slug, "version": policy.version},
    )


def _set_default(company: Company, policy: Policy) -> None:
    Policy.objects.filter(company=company, is_default=True).update(is_default=False)
    policy.is_default = True
    policy.save(update_fields=["is_default"])
