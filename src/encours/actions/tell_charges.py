"""Tells the journal what became of charges, in the caller's transaction."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from encours.actions.journal import Event, record_all
from encours.core.payments.charges import CANCELED, EXPIRED, FAILED, PENDING, RETURNED
from encours.store.models import Company, Document

if TYPE_CHECKING:
    from encours.actions.apply_told_charge import Applied

SUBJECT = "charge"
_BY_STATE = {
    PENDING: "charge.pending", FAILED: "charge.failed", CANCELED: "charge.canceled", EXPIRED: "charge.expired",
}  # fmt: skip


def tell_charges(*, company: Company, applied: "Sequence[Applied]", actor: str) -> None:
    """One event per thing that happened: money that came, went back, or will not come."""
    keys = {key for each in applied for key, _ in each.settled}
    numbers = dict(Document.objects.filter(company=company, pk__in=keys).values_list("pk", "number"))
    by_action: dict[str, list[Event]] = {}
    for each in applied:
        for action, more in _happened(each, numbers):
            data = {
                "reference": each.charge.reference,
                "currency": each.charge.currency,
                "method": each.charge.method,
                **more,
            }
            by_action.setdefault(action, []).append(Event(each.charge.pk, each.charge.customer_id, data))
    for action, events in by_action.items():
        record_all(company=company, actor=actor, action=action, subject_type=SUBJECT, events=events)


def _happened(each: "Applied", numbers: dict[int, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    charge, before, after = each.charge, each.booked, each.position
    failure = {"failure": charge.failure} if charge.failure else {}
    if each.came_cents > 0:
        yield (
            "charge.succeeded",
            {
                "received_cents": each.came_cents,
                "fee_cents": charge.fee_cents,
                "left_cents": each.left_cents,
                "documents": [
                    {"number": numbers[key], "allocated_cents": cents}
                    for key, cents in each.settled
                    if key in numbers
                ],
            },
        )
    refunded = after.refunded_cents - before.refunded_cents
    if refunded:
        yield (
            "charge.refunded" if refunded > 0 else "charge.refund_failed",
            {"refunded_cents": abs(refunded)},
        )
    gone = after.taken_back_cents - before.taken_back_cents
    if gone > 0:
        contested = bool(charge.contested_cents) and each.told.state != RETURNED
        yield (
            "charge.contested" if contested else "charge.returned",
            {"taken_back_cents": gone, **failure},
        )
    elif gone < 0:
        yield "charge.contest_won", {"received_cents": -gone}
    if charge.state != each.was and charge.state in _BY_STATE and not after.received_cents:
        yield _BY_STATE[charge.state], {"amount_cents": charge.amount_cents, **failure}
