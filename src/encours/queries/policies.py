"""Dunning policies of a company: as values, as rows to list, and which one applies to what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, OuterRef, QuerySet, Subquery

from encours.core.dunning.conditions import Condition, restored
from encours.core.dunning.policy import Approval, Channel, Clock, Level, Signer, Step, Tone, Window
from encours.core.dunning.policy import Policy as PolicyValue
from encours.store.models import Company, Customer, Policy, PolicyAssignment, PolicyStep


@dataclass(frozen=True)
class PolicyRow:
    """A policy. `customers` have it as their own, `segments` by name, `documents` one by one.

    In force, or switched off: it then applies to nobody, whoever has it.
    """

    id: int
    policy: PolicyValue
    version: int
    is_active: bool
    is_default: bool
    segments: tuple[str, ...]
    customers: int
    documents: int


def active_policy(*, company: Company, slug: str) -> Policy | None:
    """The version in force of a slug."""
    return Policy.objects.filter(company=company, slug=slug, is_active=True).order_by("-version").first()


def policy_version(*, company: Company, slug: str, version: int) -> Policy | None:
    return Policy.objects.filter(company=company, slug=slug, version=version).first()


def policy_value(*, company: Company, policy: Policy) -> PolicyValue:
    """What a stored version says."""
    return policy_values(company=company, policies=[policy])[policy.pk]


def active_policy_values(*, company: Company) -> dict[int, PolicyValue]:
    """The policies in force, by id."""
    return policy_values(company=company, policies=Policy.objects.filter(company=company, is_active=True))


def policy_values(*, company: Company, policies: Iterable[Policy]) -> dict[int, PolicyValue]:
    """What stored versions say, by id; their steps in one read."""
    rows = {policy.pk: policy for policy in policies}
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in PolicyStep.objects.filter(company=company, policy__in=rows).order_by(
        "policy_id", "offset_days"
    ):
        steps[step.policy_id].append(_step(step))
    return {
        key: PolicyValue(
            slug=row.slug,
            name=row.name,
            min_gap_days=row.min_gap_days,
            min_amount_cents=row.min_amount_cents,
            steps=tuple(steps[key]),
            max_contacts_per_week=row.max_contacts_per_week,
            level=cast(Level, row.level),
            description=row.description,
        )
        for key, row in rows.items()
    }


def _step(row: PolicyStep) -> Step:
    return Step(
        days=row.days,
        template=row.template,
        clock=cast(Clock, row.clock),
        channels=cast(tuple[Channel, ...], (row.channel, *row.fallbacks)),
        tone=cast(Tone, row.tone),
        approval=cast(Approval, row.approval),
        signed_by=cast(Signer, row.signed_by),
        min_amount_cents=row.min_amount_cents,
        window=step_window(row),
        condition=step_condition(row),
    )


def step_window(row: PolicyStep) -> Window | None:
    kept: dict[str, Any] | None = row.window
    return Window(tuple(kept["days"]), kept["from_time"], kept["until_time"]) if kept else None


def step_condition(row: PolicyStep) -> Condition | None:
    return restored(row.condition) if row.condition else None


def policy_rows(*, company: Company) -> list[PolicyRow]:
    """The policies in force, the company's default first."""
    return _rows(company, Policy.objects.filter(company=company, is_active=True))


def switched_off_rows(*, company: Company) -> list[PolicyRow]:
    """The last version of each policy of which none is in force."""
    versions = Policy.objects.filter(company=company, slug=OuterRef("slug"))
    last = versions.order_by("-version").values("pk")[:1]
    off = Policy.objects.filter(company=company, pk=Subquery(last), is_active=False)
    return _rows(company, off)


def policy_row(*, company: Company, policy_id: int) -> PolicyRow | None:
    """One version and what has it."""
    return next(iter(_rows(company, Policy.objects.filter(company=company, pk=policy_id))), None)


def _rows(company: Company, found: QuerySet[Policy]) -> list[PolicyRow]:
    policies = list(found.order_by("-is_default", "slug"))
    values = policy_values(company=company, policies=policies)
    own = Customer.objects.filter(company=company, policy__isnull=False).values_list("policy_id")
    customers = dict(own.annotate(Count("pk")))
    assigned = PolicyAssignment.objects.filter(company=company)
    documents = dict(assigned.filter(segment="").values_list("policy_id").annotate(Count("pk")))
    segments: dict[int, list[str]] = defaultdict(list)
    for policy_id, segment in (
        assigned.exclude(segment="").values_list("policy_id", "segment").order_by("segment")
    ):
        segments[policy_id].append(segment)
    return [
        PolicyRow(
            id=policy.pk,
            policy=values[policy.pk],
            version=policy.version,
            is_active=policy.is_active,
            is_default=policy.is_default,
            segments=tuple(segments[policy.pk]),
            customers=customers.get(policy.pk, 0),
            documents=documents.get(policy.pk, 0),
        )
        for policy in policies
    ]
