"""The ways of paying a customer can be offered for an amount."""

from dataclasses import dataclass
from typing import Any

from encours.core.payments.methods import BY_MANDATE_ONLY, TRANSFER, can_pay, cost_cents
from encours.ports.connections import ConnectionKind
from encours.ports.registry import connectors
from encours.store.models import Company, Customer, GatewayConnection, PaymentOption


@dataclass(frozen=True)
class OfferedMethod:
    """A way of paying. `connection_id` is None and `provider` empty for a plain transfer; `cost_cents` is the company's."""

    method: str
    connection_id: int | None
    provider: str
    cost_cents: int


def offered_methods(
    *, company: Company, customer_id: int, currency: str, amount_cents: int
) -> tuple[OfferedMethod, ...]:
    """What the customer may choose to pay an amount, in the company's order. Two queries.

    Left out is what the company's own limits (amount, country, segment), the method's, or the service's forbid, and what
    goes through a connection that is not active. A plain transfer needs no setting: it is offered unless switched off.
    """
    customer = Customer.objects.filter(company=company, pk=customer_id).first()
    if customer is None or amount_cents <= 0:
        return ()
    options = list(PaymentOption.objects.filter(company=company).select_related("connection").order_by("pk"))
    found = [
        OfferedMethod(
            option.method,
            option.connection_id,
            option.connection.provider if option.connection else "",
            cost_cents(
                amount_cents, fixed_cents=option.fixed_cost_cents, basis_points=option.cost_basis_points
            ),
        )
        for option in options
        if _is_offered(option, customer, currency, amount_cents)
    ]
    if all(option.method != TRANSFER for option in options):
        found.append(OfferedMethod(TRANSFER, None, "", 0))
    return tuple(found)


def _is_offered(option: PaymentOption, customer: Customer, currency: str, amount_cents: int) -> bool:
    return (
        option.is_offered
        and option.method not in BY_MANDATE_ONLY
        and can_pay(option.method, country=customer.country, currency=currency)
        and option.min_cents <= amount_cents <= (option.max_cents or amount_cents)
        and (not option.countries or customer.country in option.countries)
        and (not option.segments or customer.segment in option.segments)
        and _service_takes(option, amount_cents)
    )


def _service_takes(option: PaymentOption, amount_cents: int) -> bool:
    connection = option.connection
    if connection is None:
        return option.method == TRANSFER
    made: Any = connectors(ConnectionKind.GATEWAY).get(connection.provider)
    if (
        made is None
        or connection.state != GatewayConnection.State.ACTIVE
        or option.method not in made.methods
        or not connection.is_ready_for(option.method)
    ):
        return False
    return amount_cents <= made.limits_cents.get(option.method, amount_cents)
