"""Payment services of a company, as people see them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from encours.core.wording import Sentence
from encours.ports.connections import ConnectionKind
from encours.ports.registry import gateways
from encours.queries.connections import ConnectionRow, facts_of, kept_connections
from encours.store.models import Company, GatewayConnection


@dataclass(frozen=True)
class GatewayRow(ConnectionRow):
    """A connected service. `merchant_name` is "" until it was asked; `is_test` says that no real money moves.

    `methods` can be taken by the service at all, those of `unready` not yet by this account; `lacking` says what the
    account or its key still needs. `notice_steps` lead to events being told, which last came at `heard_at`.
    """

    hook_key: str
    merchant_name: str
    is_test: bool
    methods: tuple[str, ...]
    unready: tuple[str, ...]
    lacking: tuple[Sentence, ...]
    notice_steps: tuple[Sentence, ...]
    heard_at: datetime | None

    @property
    def needs_person(self) -> bool:
        return bool(self.lacking)


def gateway_connections(*, company: Company) -> list[GatewayRow]:
    """All but the revoked ones, by name."""
    return [_row(each) for each in _kept(company)]


def gateway_connection(*, company: Company, connection_id: int) -> GatewayRow | None:
    """None when there is none of this id, or it was revoked."""
    found = _kept(company).filter(pk=connection_id).first()
    return _row(found) if found else None


def gateway_names(*, company: Company) -> list[tuple[int, str]]:
    """Id and name of every service there was, the revoked ones too: what it took is still to be found."""
    rows = GatewayConnection.objects.filter(company=company).order_by("name", "pk")
    return list(rows.values_list("pk", "name"))


def _kept(company: Company):
    kept = kept_connections(kind=ConnectionKind.GATEWAY, company=company)
    return kept.annotate(heard_at=Max("events__received_at"))


def _row(found: GatewayConnection) -> GatewayRow:
    made = gateways().get(found.provider)
    told = found.settings.get("merchant") or {}
    methods = sorted(made.methods) if made else []
    return GatewayRow(
        **facts_of(found),
        hook_key=found.hook_key,
        merchant_name=told.get("name", ""),
        is_test=bool(told.get("is_test")),
        methods=tuple(methods),
        unready=tuple(each for each in methods if told and each not in told["methods"]),
        lacking=tuple(Sentence.from_json(each) for each in told.get("lacking", ())),
        notice_steps=tuple(step() for step in made.notice_steps) if made else (),
        heard_at=found.heard_at,  # type: ignore[attr-defined]  # annotated
    )
