"""Connections of any kind as people see them, and which of them are due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from encours.core.wording import Sentence
from encours.ports.connections import ConnectionKind
from encours.ports.registry import connectors
from encours.store.models import Company
from encours.store.models.connections import Connection, connection_model


@dataclass(frozen=True)
class ConnectionRow:
    """What a row of every kind tells; nothing secret. `next_check_at` is when it is asked again after a failure."""

    id: int
    provider: str
    title: Sentence
    name: str
    state: str
    checked_at: datetime | None
    next_check_at: datetime | None
    problem: Sentence | None

    def as_json(self, language: str) -> dict[str, Any]:
        """What scripts read of it."""
        return {
            "id": self.id,
            "provider": self.provider,
            "name": self.name,
            "state": self.state,
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            "next_check_at": self.next_check_at.isoformat() if self.next_check_at else None,
            "problem": {"code": self.problem.code, "message": self.problem.say(language)}
            if self.problem
            else None,
        }


def facts_of(connection: Connection) -> dict[str, Any]:
    """The values of a `ConnectionRow`, by field: `Row(**facts_of(connection), …)`."""
    made = connectors(connection.kind).get(connection.provider)
    missing = Sentence("bank_connection.no_provider", {"provider": connection.provider})
    return {
        "id": connection.pk,
        "provider": connection.provider,
        "title": made.title() if made else missing,
        "name": connection.name,
        "state": connection.state,
        "checked_at": connection.checked_at,
        "next_check_at": connection.next_check_at,
        "problem": Sentence.from_json(connection.problem) if connection.problem else None,
    }


def kept_connections(*, kind: ConnectionKind, company: Company) -> QuerySet[Any]:
    """All but the revoked ones, by name."""
    rows = connection_model(kind)._default_manager.filter(company=company)
    return rows.exclude(state=Connection.State.REVOKED).order_by("name", "pk")


def due_connections(*, kind: ConnectionKind, company: Company, now: datetime) -> list[int]:
    """Ids of the active ones that may be asked now."""
    due = Q(next_check_at=None) | Q(next_check_at__lte=now)
    rows = connection_model(kind)._default_manager.filter(due, company=company, state=Connection.State.ACTIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def available_connectors(*, kind: ConnectionKind) -> list[tuple[str, Sentence]]:
    """(name, title) of everything that can be connected."""
    return [(name, made.title()) for name, made in connectors(kind).items()]
