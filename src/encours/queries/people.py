"""Who works in a company, and what a role may do."""

from dataclasses import dataclass

from encours.store.models import Company, Membership, Role, User

__all__ = ["Person", "Role", "has_account", "is_at_least", "people_of", "person_of"]

# each role may do what the ones after it may
_RANKS = {role.value: rank for rank, role in enumerate(reversed(Role))}


def is_at_least(*, held: str | None, needed: str) -> bool:
    """Whether a role covers another; nobody (None) covers nothing."""
    return held is not None and _RANKS[held] >= _RANKS[needed]


@dataclass(frozen=True)
class Person:
    """A member of a company."""

    membership_id: int
    user_id: int
    name: str
    email: str
    role: str
    has_password: bool
    has_second_factor: bool


def people_of(*, company: Company) -> list[Person]:
    """Members by name, with whether each has set a password and a second factor."""
    found = (
        Membership.objects.filter(company=company)
        .select_related("user")
        .prefetch_related("user__authenticator_set")
        .order_by("user__name", "user__email")
    )
    return [_person(membership) for membership in found]


def person_of(*, company: Company, membership_id: int) -> Person | None:
    """One member; None when there is no such member in this company."""
    membership = (
        Membership.objects.filter(company=company, pk=membership_id)
        .select_related("user")
        .prefetch_related("user__authenticator_set")
        .first()
    )
    return _person(membership) if membership else None


def _person(membership: Membership) -> Person:
    user = membership.user
    return Person(
        membership_id=membership.pk,
        user_id=user.pk,
        name=user.name,
        email=user.email,
        role=membership.role,
        has_password=user.has_usable_password(),
        has_second_factor=len(user.authenticator_set.all()) > 0,
    )


def has_account(*, email: str) -> bool:
    """Whether somebody signs in with this address, in whatever company."""
    return User.objects.filter(email__iexact=email.strip()).exists()


def digest_choice(*, company: Company, user_id: int) -> tuple[str, str, bool]:
    """Of which customers a member's digest tells, the name customers have them by as their salesperson, and whether notes
    that call them come by e-mail too."""
    member = Membership.objects.get(company=company, user_id=user_id)
    return member.digest, member.salesperson_name, member.mails_mentions
