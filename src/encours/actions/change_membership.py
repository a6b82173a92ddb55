"""Changes what a member may do in a company, or takes them out of it."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Membership, Role

LAST_ADMIN = Wording(
    "last_administrator",
    fr="{email} est le seul administrateur de cette société : nommez-en d'abord un autre.",
    en="{email} is this company's only administrator: make somebody else one first.",
)


class UnableToChangeMembership(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@transaction.atomic
def change_role(*, company: Company, membership_id: int, role: str, actor: str) -> None:
    """Raises `Membership.DoesNotExist` for another company's, `UnableToChangeMembership` for the last admin."""
    assert role in Role.values, role
    membership = _locked(company, membership_id)
    if membership.role == role:
        return
    if membership.role == Role.ADMIN:
        _keep_an_admin(company, membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _record(company, membership, actor, "user.role_changed", {"from": before, "to": role})


@transaction.atomic
def remove_member(*, company: Company, membership_id: int, actor: str) -> None:
    """The account stays, for the person's other companies and for the journal. Raises like `change_role`."""
    membership = _locked(company, membership_id)
    if membership.role == Role.ADMIN:
        _keep_an_admin(company, membership)
    _record(company, membership, actor, "user.removed", {"role": membership.role})
    membership.delete()


def _locked(company: Company, membership_id: int) -> Membership:
    # the company's row is the lock: two administrators who demote each other must not both succeed
    Company.objects.select_for_update().get(pk=company.pk)
    return Membership.objects.select_related("user").get(company=company, pk=membership_id)


def _keep_an_admin(company: Company, membership: Membership) -> None:
    others = Membership.objects.filter(company=company, role=Role.ADMIN, user__is_active=True)
    if not others.exclude(pk=membership.pk).exists():
        raise UnableToChangeMembership(LAST_ADMIN(email=membership.user.email))


def _record(company: Company, membership: Membership, actor: str, action: str, data: dict[str, str]) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="user", subject_id=membership.user_id,
        data={"email": membership.user.email} | data,
    )  # fmt: skip
