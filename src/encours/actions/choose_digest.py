"""A member chooses of which customers the forewarning digest tells; an administrator, from which hour."""

from django.db import transaction

from encours.actions.journal import record
from encours.store.models import Company, DigestScope, Membership


@transaction.atomic
def choose_digest(
    *,
    company: Company,
    user_id: int,
    digest: str,
    salesperson_name: str = "",
    mails_mentions: bool = True,
    actor: str,
) -> None:
    """`salesperson_name` is what customers call their salesperson, when it is not the person's own name, `mails_mentions`
    whether notes that call them come by e-mail too."""
    assert digest in DigestScope.values, digest
    membership = Membership.objects.select_for_update(of=("self",)).get(company=company, user_id=user_id)
    membership.digest, membership.salesperson_name = digest, salesperson_name.strip()
    membership.mails_mentions = mails_mentions
    membership.save(update_fields=["digest", "salesperson_name", "mails_mentions"])
    record(
        company=company, actor=actor, action="digest.chosen", subject_type="user", subject_id=user_id,
        data={"digest": digest},
    )  # fmt: skip


@transaction.atomic
def set_digest_hour(*, company: Company, hour: int, actor: str) -> None:
    """From this hour on, where the company is, digests are written."""
    assert 0 <= hour <= 23, hour
    Company.objects.filter(pk=company.pk).update(digest_hour=hour)
    company.digest_hour = hour
    record(
        company=company, actor=actor, action="digest.hour", subject_type="company", subject_id=company.pk,
        data={"hour": hour},
    )  # fmt: skip
