"""What the pages of online payment show of Atelier Lumen."""

from encours.actions.connect_gateway import connect_gateway
from encours.actions.update_payment_options import PaymentChoice, update_payment_options
from encours.store.models import Company, GatewayConnection


def taking_cards(company: Company) -> GatewayConnection:
    """Cards by Stripe, offered up to an amount to the customers of a segment; never asked yet."""
    connection = connect_gateway(
        company=company, provider="stripe", name="Stripe de Lumen", given={"secret_key": "sk_test_lumen"}, actor="test"
    )  # fmt: skip
    card = PaymentChoice(
        method="card", is_offered=True, connection_id=connection.pk, max_cents=500_000, segments=("Lumen",),
        fixed_cost_cents=25, cost_basis_points=150,
    )  # fmt: skip
    update_payment_options(company=company, choices=[card], actor="test")
    return connection
