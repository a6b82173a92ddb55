"""Versions of a policy: who made each when, and what it says."""

from dataclasses import dataclass
from datetime import datetime

from encours.core.dunning.policy import Policy as PolicyValue
from encours.queries.journal import actor_names
from encours.queries.policies import policy_values
from encours.store.models import Company, JournalEntry, Policy

_MADE = ("policy.created", "policy.changed")


@dataclass(frozen=True)
class VersionRow:
    """`who` is a person's name, the actor as stored, or "" when the journal does not say."""

    id: int
    version: int
    is_active: bool
    is_default: bool
    made_at: datetime
    who: str
    policy: PolicyValue


def version_of_id(*, company: Company, policy_id: int) -> Policy | None:
    """The stored version, whatever its state."""
    return Policy.objects.filter(company=company, pk=policy_id).first()


def last_version(*, company: Company, slug: str) -> int:
    """Its number; 0 when there is no such policy."""
    last = Policy.objects.filter(company=company, slug=slug).order_by("-version").first()
    return last.version if last else 0


def policy_versions(*, company: Company, slug: str) -> list[VersionRow]:
    """The newest first. Four queries whatever their number."""
    rows = list(Policy.objects.filter(company=company, slug=slug).order_by("-version"))
    values = policy_values(company=company, policies=rows)
    actors = dict(
        JournalEntry.objects.filter(
            company=company,
            subject_type="policy",
            subject_id__in=[row.pk for row in rows],
            action__in=_MADE,
        ).values_list("subject_id", "actor")
    )
    names = {actor: actor for actor in actors.values()}
    names |= actor_names(company=company, actors=list(names))
    return [
        VersionRow(
            id=row.pk,
            version=row.version,
            is_active=row.is_active,
            is_default=row.is_default,
            made_at=row.created_at,
            who=names.get(actors.get(row.pk, ""), ""),
            policy=values[row.pk],
        )
        for row in rows
    ]
