"""Tokens of the API as people see them: never their text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from encours.core.scopes import SCOPES
from encours.core.wording import Sentence
from encours.queries.journal import actor_names
from encours.store.models import ApiToken, Company


@dataclass(frozen=True)
class TokenRow:
    """`ending` is the last letters of its text; `scopes` are (code, what it allows)."""

    id: int
    name: str
    ending: str
    scopes: tuple[tuple[str, Sentence], ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    def as_json(self, now: datetime) -> dict[str, Any]:
        """One entry of `tokens[]` as scripts read it."""
        return {
            "id": self.id,
            "name": self.name,
            "ending": self.ending,
            "scopes": [code for code, _ in self.scopes],
            "state": self.state(now),
            "created_at": self.created_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "last_used_at": self.last_used_at.isoformat() if self.last_used_at else None,
        }


def api_tokens(*, company: Company) -> list[TokenRow]:
    """Every token, those in force first, the newest first. Two queries at most."""
    found = list(ApiToken.objects.filter(company=company).order_by("-pk"))
    names = actor_names(company=company, actors=[token.created_by for token in found])
    rows = [_row(token, names) for token in found]
    return sorted(rows, key=lambda row: row.revoked_at is not None)


def _row(token: ApiToken, names: dict[str, str]) -> TokenRow:
    return TokenRow(
        id=token.pk,
        name=token.name,
        ending=token.ending,
        scopes=tuple((code, SCOPES[code]()) for code in token.scopes if code in SCOPES),
        created_at=token.created_at,
        created_by=names.get(token.created_by, token.created_by),
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
