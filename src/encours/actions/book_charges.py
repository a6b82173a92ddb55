"""Brings the receipts of charges from what the ledger holds to what it must hold, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from encours.actions.post_allocations import ALLOCATIONS, post_allocations
from encours.actions.post_movements import MOVEMENTS
from encours.actions.undo_allocation import lock, reverse_allocations
from encours.core.payments import methods
from encours.core.payments.charges import Change, Position, Settled, follow_money
from encours.store.models import Allocation, Charge, ChargeDocument, Company, Document, Payment

_METHODS = {
    methods.CARD: Payment.Method.CARD,
    methods.SEPA_DEBIT: Payment.Method.DIRECT_DEBIT,
    methods.DIRECT_DEBIT_FILE: Payment.Method.DIRECT_DEBIT,
}


@dataclass(frozen=True)
class Booking:
    """One charge's receipt: from `before` to `after`. What comes is dated `day`, what goes back `back_day`.

    `payment` is its receipt when there is one already. One a bank line brought is the bank's to take back.
    """

    charge: Charge
    payment: Payment | None
    before: Position
    after: Position
    method: str
    day: date
    back_day: date

    @property
    def moves(self) -> bool:
        return self.before != self.after and not (self.payment and self.payment.transaction_id)


def book_charges(*, company: Company, bookings: Sequence[Booking], now: datetime) -> dict[int, Change]:
    """How the allocations changed, by charge id; a charge nothing moves for is left out. Charges get their `payment`."""
    for each in bookings:
        if each.payment is not None:
            each.charge.payment = each.payment
    moving = [each for each in bookings if each.moves]
    if not moving:
        return {}
    wanted = _wanted(company, moving)
    settled, documents = _locked(company, moving, wanted)
    payments = _receipts(company, moving)
    open_cents = {key: row.open_cents for key, row in documents.items()}
    changes = {
        each.charge.pk: follow_money(
            delta_cents=each.after.kept_cents - each.before.kept_cents,
            left_cents=payments[each.charge.pk].unallocated_cents,
            settled=settled.get(payments[each.charge.pk].pk, ()),
            wanted=[] if each.charge.customer_id != payments[each.charge.pk].customer_id else wanted[each.charge.pk],
            open_cents=open_cents,
        )
        for each in moving
    }  # fmt: skip
    undone = {key: each.back_day for each in moving for key in changes[each.charge.pk].undone}
    if undone:
        reverse_allocations(company=company, allocation_ids=list(undone), on=undone)
    post_allocations(
        company=company,
        allocations=_allocations(moving, changes, payments, documents),
        receipts=_movements(moving, payments),
    )
    _mark_reversed(company, moving, payments, now)
    return changes


def _wanted(company: Company, bookings: Sequence[Booking]) -> dict[int, list[tuple[int, int]]]:
    """(document id, cents) by charge, in the order they were chosen; parts of one document are one."""
    parts: dict[int, dict[int, int]] = {each.charge.pk: {} for each in bookings}
    rows = ChargeDocument.objects.filter(company=company, charge__in=list(parts)).order_by("pk")
    for charge_id, document_id, cents in rows.values_list("charge", "document", "amount_cents"):
        parts[charge_id][document_id] = parts[charge_id].get(document_id, 0) + cents
    return {key: list(documents.items()) for key, documents in parts.items()}


def _locked(
    company: Company, bookings: Sequence[Booking], wanted: Mapping[int, list[tuple[int, int]]]
) -> tuple[dict[int, list[Settled]], dict[int, Document]]:
    """What the receipts settle, by payment, and the documents, all locked as every writer locks them."""
    payment_ids = [each.payment.pk for each in bookings if each.payment]
    in_force = Allocation.objects.filter(company=company, payment__in=payment_ids, undone_at=None)
    ids = {key for documents in wanted.values() for key, _ in documents}
    ids |= set(in_force.values_list("document", flat=True)) if payment_ids else set()
    lock(company=company, document_ids=sorted(ids), payment_ids=payment_ids)
    settled: dict[int, list[Settled]] = {}
    if payment_ids:
        for allocation in in_force.order_by("pk"):
            part = Settled(allocation.pk, allocation.document_id, allocation.amount_cents)
            settled.setdefault(allocation.payment_id or 0, []).append(part)
        for each in bookings:
            if each.payment:
                each.payment.refresh_from_db(fields=["unallocated_cents", "customer"])
    return settled, Document.objects.in_bulk(ids)


def _receipts(company: Company, bookings: Sequence[Booking]) -> dict[int, Payment]:
    """The receipt of each charge; a new one starts at zero and its first movement brings it to what it says."""
    fresh = [
        Payment(
            company=company,
            customer_id=each.charge.customer_id,
            method=_METHODS.get(each.method, Payment.Method.TRANSFER),
            received_date=each.day,
            currency=each.charge.currency,
            amount_cents=each.after.received_cents,
            unallocated_cents=0,
            label=each.charge.reference,
            source_key=f"charge:{each.charge.pk}",
        )
        for each in bookings
        if each.payment is None
    ]
    Payment.objects.bulk_create(fresh)
    known = {each.charge.pk: each.payment for each in bookings if each.payment is not None}
    for each in bookings:
        payment = known.get(each.charge.pk)
        if payment and payment.amount_cents < each.after.received_cents:
            payment.amount_cents = each.after.received_cents
            payment.save(update_fields=["amount_cents"])
    by_key = {payment.source_key: payment for payment in fresh}
    found = {}
    for each in bookings:
        found[each.charge.pk] = known.get(each.charge.pk) or by_key[f"charge:{each.charge.pk}"]
        each.charge.payment = found[each.charge.pk]
    return found


def _movements(bookings: Sequence[Booking], payments: Mapping[int, Payment]) -> pl.DataFrame:
    """What came and what went back (schema `MOVEMENTS`): each kind as it is, never only what is left of it."""
    rows: list[dict[str, Any]] = []
    for each in bookings:
        payment = payments[each.charge.pk]
        before, after = each.before, each.after
        back = max(each.back_day, payment.received_date)
        came = after.received_cents - before.received_cents
        gone = after.taken_back_cents - before.taken_back_cents
        refunded = after.refunded_cents - before.refunded_cents
        for kind, reversed_kind, cents, day in (
            ("paid", "", -came, each.day),
            # money taken back that comes again is a receipt again
            ("reversed", "paid", gone, back) if gone > 0 else ("paid", "", gone, back),
            ("refunded", "", refunded, back) if refunded > 0 else ("reversed", "refunded", refunded, back),
        ):
            if cents:
                rows.append(
                    {
                        "customer_id": payment.customer_id,
                        "payment_id": payment.pk,
                        "kind": kind,
                        "reversed_kind": reversed_kind,
                        "amount_cents": cents,
                        "currency": payment.currency,
                        "booked_date": max(day, payment.received_date),
                    }
                )
    return pl.DataFrame(rows, schema=MOVEMENTS)


def _allocations(
    bookings: Sequence[Booking],
    changes: Mapping[int, Change],
    payments: Mapping[int, Payment],
    documents: Mapping[int, Document],
) -> pl.DataFrame:
    """What the receipts settle from now on (schema `ALLOCATIONS`); no document before it exists."""
    rows = []
    for each in bookings:
        payment = payments[each.charge.pk]
        day = each.back_day if each.before.received_cents else each.day
        for document_id, cents in changes[each.charge.pk].settled:
            rows.append(
                {
                    "customer_id": payment.customer_id,
                    "document_id": document_id,
                    "payment_id": payment.pk,
                    "credit_note_id": None,
                    "match_id": None,
                    "amount_cents": cents,
                    "currency": payment.currency,
                    "allocated_date": max(day, documents[document_id].issue_date),
                }
            )
    return pl.DataFrame(rows, schema=ALLOCATIONS)


def _mark_reversed(
    company: Company, bookings: Sequence[Booking], payments: Mapping[int, Payment], now: datetime
) -> None:
    """A receipt that went back as a whole is reversed; one that came again is not."""
    gone = [each for each in bookings if each.after.taken_back_cents and not each.after.kept_cents]
    rows = Payment.objects.filter(company=company)
    if gone:
        rows.filter(pk__in=[payments[each.charge.pk].pk for each in gone]).update(reversed_at=now)
    back = [payments[each.charge.pk].pk for each in bookings if each.after.kept_cents and each.payment]
    if back:
        rows.filter(pk__in=back, returned_by=None).update(reversed_at=None)
