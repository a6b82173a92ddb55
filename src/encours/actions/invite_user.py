"""Lets a person into a company. Who has no account yet gets one without a password."""

from dataclasses import dataclass

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Membership, Role, User

ALREADY_MEMBER = Wording(
    "user_already_member",
    fr="{email} fait déjà partie de cette société.",
    en="{email} already belongs to this company.",
)
INACTIVE = Wording(
    "user_inactive",
    fr="Le compte {email} est fermé : l'administrateur de l'installation doit d'abord le rouvrir.",
    en="The account {email} is closed: whoever runs this installation must open it again first.",
)


class UnableToInvite(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@dataclass(frozen=True)
class Invited:
    """`needs_password` is true for a new account: hand over a link to choose one, or set one."""

    user_id: int
    membership_id: int
    needs_password: bool


@transaction.atomic
def invite_user(
    *, company: Company, email: str, role: str, actor: str, name: str = "", language: str = "fr",
    password: str | None = None,
) -> Invited:  # fmt: skip
    """Adds a member. An existing account keeps its name, language and password. Raises `UnableToInvite`.

    `password` is for the command line; invited people choose their own.
    """
    assert role in Role.values, role
    address = User.objects.normalize_email(email.strip()).lower()
    user = User.objects.filter(email__iexact=address).first()
    if user is None:
        user = User.objects.create_user(address, password, name=name.strip(), language=language)
    if not user.is_active:
        raise UnableToInvite(INACTIVE(email=address))
    membership, is_new = Membership.objects.get_or_create(user=user, company=company, defaults={"role": role})
    if not is_new:
        raise UnableToInvite(ALREADY_MEMBER(email=address))
    record(
        company=company, actor=actor, action="user.invited", subject_type="user", subject_id=user.pk,
        data={"email": user.email, "role": role},
    )  # fmt: skip
    return Invited(
        user_id=user.pk, membership_id=membership.pk, needs_password=not user.has_usable_password()
    )
