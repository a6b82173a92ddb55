"""What the ledger holds of charges now, before it is made equal to what their services say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from encours.core.payments.charges import Position
from encours.core.payments.methods import PAID_DIRECTLY
from encours.ports.gateways import ToldCharge
from encours.store.models import Charge, Company, Payment

_NET = """
SELECT payment_id,
       -coalesce(sum(amount_cents) FILTER (WHERE 'paid' IN (kind, reversed_kind)), 0)::bigint,
       coalesce(sum(amount_cents) FILTER (WHERE 'refunded' IN (kind, reversed_kind)), 0)::bigint
FROM store_movement WHERE company_id = %s AND payment_id = ANY(%s) GROUP BY 1
"""
# The bank was faster than the service: its line, which bears our reference, is a receipt already.
_BY_BANK = """
SELECT DISTINCT ON (c.id) c.id, p.id
FROM store_charge c
JOIN store_transaction t ON t.company_id = c.company_id AND t.booked_date >= c.requested_date AND t.amount_cents > 0
  AND t.currency = c.currency
  AND (t.end_to_end_id = c.reference OR t.structured_reference = c.reference OR strpos(t.remittance, c.reference) > 0)
JOIN store_payment p ON p.transaction_id = t.id AND p.customer_id = c.customer_id AND p.reversed_at IS NULL
WHERE c.company_id = %s AND c.id = ANY(%s) AND NOT EXISTS (SELECT FROM store_charge o WHERE o.payment_id = p.id)
ORDER BY c.id, p.id
"""


@dataclass(frozen=True)
class Booked:
    """The receipt of a charge, if there is one, and what the ledger holds of it."""

    payment: Payment | None
    position: Position


def booked_charges(
    *, company: Company, charges: Sequence[Charge], told: Mapping[int, ToldCharge]
) -> dict[int, Booked]:
    """By charge id, from the movements themselves. Three queries for any number of charges."""
    receipts = {each.pk: each.payment_id for each in charges if each.payment_id}
    receipts |= _brought_by_bank(
        company,
        [
            each.pk
            for each in charges
            if each.pk not in receipts
            and told[each.pk].received_cents
            and (told[each.pk].method or each.method) in PAID_DIRECTLY
        ],
    )
    payments = Payment.objects.filter(company=company).in_bulk(list(receipts.values()))
    net: dict[int, tuple[int, int]] = {}
    if payments:
        with connection.cursor() as cursor:
            cursor.execute(_NET, [company.pk, list(payments)])
            net = {payment_id: (paid, refunded) for payment_id, paid, refunded in cursor.fetchall()}
    return {each.pk: _booked(each, payments.get(receipts.get(each.pk, 0)), net) for each in charges}


def _brought_by_bank(company: Company, charge_ids: Sequence[int]) -> dict[int, int]:
    if not charge_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_BANK, [company.pk, list(charge_ids)])
        found: dict[int, int] = {}
        for charge_id, payment_id in cursor.fetchall():
            if payment_id not in found.values():
                found[charge_id] = payment_id
    return found


def _booked(charge: Charge, payment: Payment | None, net: Mapping[int, tuple[int, int]]) -> Booked:
    if payment is None:
        return Booked(None, Position())
    came = charge.received_cents if charge.payment_id else payment.amount_cents
    paid, refunded = net.get(payment.pk, (0, 0))
    return Booked(payment, Position(came, refunded, came - paid))
