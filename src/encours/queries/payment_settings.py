"""Ways of paying as a company set them, and what they really cost."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Sum

from encours.core.payments.methods import METHODS, TRANSFER
from encours.ports.registry import gateways
from encours.store.models import Charge, Company, GatewayConnection, PaymentOption

_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class RealCost:
    """Payments of a year whose fee the service told, in the company's currency."""

    count: int = 0
    amount_cents: int = 0
    fee_cents: int = 0

    @property
    def basis_points(self) -> int:
        return round(10_000 * self.fee_cents / self.amount_cents) if self.amount_cents else 0


@dataclass(frozen=True)
class PaymentSetting:
    """A way of paying. `services` are the (id, name) of connections it can go through; `limit_cents` is the chosen one's.

    `is_paused` when that one rests, `is_unready` when its account may not take this yet: nothing is offered meanwhile.
    """

    method: str
    is_offered: bool
    connection_id: int | None
    services: tuple[tuple[int, str], ...]
    is_paused: bool
    is_unready: bool
    limit_cents: int | None
    min_cents: int
    max_cents: int | None
    countries: tuple[str, ...]
    segments: tuple[str, ...]
    fixed_cost_cents: int
    cost_basis_points: int
    real_cost: RealCost

    @property
    def is_always_offered(self) -> bool:
        return self.method == TRANSFER


def payment_settings(*, company: Company, on: date) -> list[PaymentSetting]:
    """Every way of paying that a service here could take, in the order of `METHODS`. Three queries."""
    kept = GatewayConnection.objects.filter(company=company).exclude(state=GatewayConnection.State.REVOKED)
    connections = {each.pk: each for each in kept.order_by("name", "pk")}
    options = {each.method: each for each in PaymentOption.objects.filter(company=company)}
    costs = _real_costs(company, on - _YEAR)
    return [
        replace(_setting(method, options.get(method), connections), real_cost=costs.get(method, RealCost()))
        for method in METHODS
        if method == TRANSFER or any(method in made.methods for made in gateways().values())
    ]


def _setting(
    method: str, option: PaymentOption | None, connections: dict[int, GatewayConnection]
) -> PaymentSetting:
    able = [each for each in connections.values() if method in _methods(each)]
    chosen = connections.get(option.connection_id or 0) if option else None
    chosen = chosen if chosen in able else (able[0] if able else None)
    option = option or PaymentOption(method=method, is_offered=False)
    made = gateways().get(chosen.provider) if chosen else None
    return PaymentSetting(
        method=method,
        is_offered=method == TRANSFER or (option.is_offered and option.connection_id in connections),
        connection_id=chosen.pk if chosen else None,
        services=tuple((each.pk, each.name) for each in able),
        is_paused=chosen is not None and chosen.state != GatewayConnection.State.ACTIVE,
        is_unready=chosen is not None and not chosen.is_ready_for(method),
        limit_cents=made.limits_cents.get(method) if made else None,
        min_cents=option.min_cents,
        max_cents=option.max_cents,
        countries=tuple(option.countries),
        segments=tuple(option.segments),
        fixed_cost_cents=option.fixed_cost_cents,
        cost_basis_points=option.cost_basis_points,
        real_cost=RealCost(),
    )


def _methods(connection: GatewayConnection) -> frozenset[str]:
    made = gateways().get(connection.provider)
    return made.methods if made else frozenset()


def _real_costs(company: Company, since: date) -> dict[str, RealCost]:
    told = Charge.objects.filter(
        company=company, currency=company.currency, requested_date__gte=since, fee_cents__isnull=False
    )
    rows = told.values("method").annotate(
        number=Count("pk"), amount=Sum("amount_cents"), fee=Sum("fee_cents")
    )
    return {row["method"]: RealCost(row["number"], row["amount"], row["fee"]) for row in rows}
