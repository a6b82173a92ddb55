"""Keeps what services say of refunds and of contested payments beside their charges, in the caller's transaction."""

from collections.abc import Mapping

from encours.ports.gateways import ToldCharge
from encours.store.models import Charge, Chargeback, Company, Refund

AT_THE_SERVICE = "service"  # asked for by somebody on the service's own pages


def keep_refunds(*, company: Company, told: Mapping[Charge, ToldCharge]) -> None:
    """Refunds asked for here are known by their key, others by the service's id."""
    wanted = [(charge, word, each) for charge, word in told.items() for each in word.refunds]
    if not wanted:
        return
    rows = Refund.objects.select_for_update().filter(company=company, charge__in=list(told)).order_by("pk")
    known = list(rows)
    by_key = {each.idempotency_key: each for each in known}
    by_id = {(each.charge_id, each.external_id): each for each in known if each.external_id}
    fresh: list[Refund] = []
    for charge, word, each in wanted:
        row = by_id.get((charge.pk, each.external_id)) or by_key.get(each.key or "")
        if row is None:
            row = Refund(
                company=company,
                charge=charge,
                idempotency_key=f"told:{charge.pk}:{each.external_id}"[:80],
                requested_by=AT_THE_SERVICE,
                reason=each.reason[:200],
            )
            fresh.append(row)
        row.external_id, row.state, row.amount_cents = each.external_id, each.state, each.amount_cents
        row.told_at, row.is_booked = word.told_at, each.state == Refund.State.SUCCEEDED
    Refund.objects.bulk_create(fresh)
    Refund.objects.bulk_update(known, ["external_id", "state", "amount_cents", "told_at", "is_booked"])


def keep_chargebacks(*, company: Company, told: Mapping[Charge, ToldCharge]) -> None:
    """One row per contestation, as it stands now."""
    rows = [
        Chargeback(
            company=company,
            charge=charge,
            external_id=each.external_id,
            state=each.state,
            amount_cents=each.amount_cents,
            is_withdrawn=each.is_withdrawn,
            fee_cents=each.fee_cents,
            reason=each.reason[:60],
            respond_by=each.respond_by,
            opened_at=each.opened_at,
            told_at=word.told_at,
        )
        for charge, word in told.items()
        for each in word.chargebacks
    ]
    if rows:
        Chargeback.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["charge", "external_id"],
            update_fields=["state", "amount_cents", "is_withdrawn", "fee_cents", "reason", "respond_by", "told_at"],
        )  # fmt: skip
