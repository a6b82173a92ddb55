"""Makes and revokes tokens of the API. A token's text is told once, here, and never kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.journal import record
from encours.core.scopes import SCOPES, unknown_scopes
from encours.core.wording import Sentence, Wording
from encours.store.models import ApiToken, Company

NO_NAME = Wording(
    "api_token.no_name",
    fr="Donnez au jeton un nom qui dit quel programme s'en sert (80 caractères au plus).",
    en="Give the token a name that says which program uses it (80 characters at most).",
)
NO_SCOPE = Wording(
    "api_token.no_scope",
    fr="Choisissez au moins un droit : {known}.",
    en="Choose at least one scope: {known}.",
)
UNKNOWN_SCOPE = Wording(
    "api_token.unknown_scope",
    fr="Le droit « {scope} » n'existe pas : {known}.",
    en='There is no scope "{scope}": {known}.',
)
EXPIRED_ALREADY = Wording(
    "api_token.expired_already",
    fr="Le jeton expirerait le {on} : choisissez un jour à venir.",
    en="The token would expire on {on}: choose a day to come.",
)
# the company's number is part of the text: row-level security shows a token to its own company only
_PREFIX = "encours"


class UnableToCreateToken(Exception):
    """No token was made. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class CreatedToken:
    """`text` is what the other program sends; nobody can show it again."""

    token_id: int
    text: str


@transaction.atomic
def create_token(
    *, company: Company, name: str, scopes: Sequence[str], last_day: date | None, now: datetime, actor: str
) -> CreatedToken:
    """A token of the company, valid until the end of `last_day` where the company is. Raises `UnableToCreateToken`."""
    name, known = name.strip(), ", ".join(SCOPES)
    if not 0 < len(name) <= 80:
        raise UnableToCreateToken(NO_NAME())
    if not scopes:
        raise UnableToCreateToken(NO_SCOPE(known=known))
    for scope in unknown_scopes(scopes):
        raise UnableToCreateToken(UNKNOWN_SCOPE(scope=scope, known=known))
    expires_at = _end_of(last_day, company) if last_day else None
    if expires_at is not None and last_day is not None and expires_at <= now:
        raise UnableToCreateToken(EXPIRED_ALREADY(on=last_day))
    text = f"{_PREFIX}_{company.pk}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        company=company,
        name=name,
        digest=digest_of(text),
        ending=text[-4:],
        scopes=sorted(set(scopes)),
        created_by=actor,
        expires_at=expires_at,
    )
    _tell(token, "api_token.created", actor)
    return CreatedToken(token.pk, text)


@transaction.atomic
def revoke_token(*, company: Company, token_id: int, now: datetime, actor: str) -> bool:
    """True when it was revoked now: the next request with it is refused. False when there is none, or it already was."""
    token = ApiToken.objects.select_for_update().filter(company=company, pk=token_id, revoked_at=None).first()
    if token is None:
        return False
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    _tell(token, "api_token.revoked", actor)
    return True


def company_id_of(text: str) -> int | None:
    """The company a token's text names, None when the text is no token's."""
    prefix, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    if prefix != _PREFIX or not secret or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return int(number)


def digest_of(text: str) -> str:
    """What is kept of a token's text."""
    return sha256(text.encode()).hexdigest()


def _end_of(day: date, company: Company) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(company.time_zone))


def _tell(token: ApiToken, action: str, actor: str) -> None:
    record(
        company=token.company,
        actor=actor,
        action=action,
        subject_type="api_token",
        subject_id=token.pk,
        data={"name": token.name, "scopes": token.scopes},
    )
