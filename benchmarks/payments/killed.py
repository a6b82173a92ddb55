"""Those who work on payments, to be killed (`tests.crash.dying`): customers, charges by mandate, events, what was lost, refunds.

Orders say what to do: `{"company": id, "role": …, "service": path, "seed": n, …}`, and the point to die at.
"""

import json
import os
import random
from datetime import datetime, timedelta
from typing import Any

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "encours.config.settings"
    django.setup()

from django.db import transaction

from benchmarks.payments.scripted import NAME, ScriptedGateway, Service, signature
from encours.actions import (
    apply_told_charge,
    ask_charge,
    book_charges,
    cancel_charge,
    fetch_lost_events,
    follow_charge,
    open_checkout,
    receive_gateway_event,
    refund_charge,
    work_gateway_events,
)
from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.ports import registry
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ChargeRequest, UnableToCharge
from encours.store.models import Charge, ChargeDocument, Company, Document, GatewayConnection
from encours.store.tenancy import company_scope
from tests.crash.dying import AFTER, BEFORE, Points, work_on_orders

POINTS: Points = {
    "documents are locked": (open_checkout, "_amounts", AFTER),
    "a charge is written": (open_checkout, "record", AFTER),
    "a charge is committed": (open_checkout, "_write", AFTER),
    "the service is asked": (ask_charge, "_ask", BEFORE),
    "the service has acted": (ask_charge, "_ask", AFTER),
    "what it said is applied": (ask_charge, "apply_told_charge", AFTER),
    "a payment begun before is looked up": (cancel_charge, "follow_charge", AFTER),
    "a payment begun before is canceled": (cancel_charge, "apply_told_charge", BEFORE),
    "receipts are locked": (book_charges, "_receipts", BEFORE),
    "receipts are written": (book_charges, "_receipts", AFTER),
    "allocations are taken back": (book_charges, "reverse_allocations", AFTER),
    "movements are posted": (book_charges, "post_allocations", AFTER),
    "charges are written": (apply_told_charge, "_hold_documents", AFTER),
    "refunds are kept": (apply_told_charge, "keep_refunds", AFTER),
    "the journal is told": (apply_told_charge, "tell_charges", AFTER),
    "events are kept": (receive_gateway_event, "keep_events", AFTER),
    "charges are asked for": (work_gateway_events, "_ask", AFTER),
    "events are booked, nothing committed": (work_gateway_events, "apply_told_charges", AFTER),
    "a batch of events is committed": (work_gateway_events, "_book_together", AFTER),
    "lost events are kept": (fetch_lost_events, "keep_events", AFTER),
    "a silent charge is followed": (fetch_lost_events, "_apply", BEFORE),
    "a refund is committed": (refund_charge, "_write", AFTER),
    "a refund is made": (refund_charge, "_ask", AFTER),
    "a charge nobody heard of is found": (follow_charge, "apply_told_charge", BEFORE),
}
# where each may die
OF_ROLE = {
    "customers": range(12),
    "mandates": (3, 4, 5, 8, 9, 11, 12, 14),
    "events": (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
    "lost": (8, 9, 10, 11, 12, 14, 17, 18, 19, 20, 23),
    "refunds": (8, 10, 11, 13, 14, 21, 22),
}


def work(order: dict[str, Any]) -> None:
    registry.gateways = lambda: {NAME: ScriptedGateway}
    company = Company.objects.get(pk=order["company"])
    service = Service(order["service"])
    chance = random.Random(order["seed"])
    with company_scope(company.pk):
        _ROLES[order["role"]](company, service, chance, order)


def _customers(company: Company, service: Service, chance: random.Random, order: dict[str, Any]) -> None:
    """Each pays one invoice on the service's page, or does not."""
    documents = Document.objects.in_bulk(order["documents"])
    for document_id in order["documents"]:
        now = service.moment()
        method = SEPA_DEBIT if chance.random() < 0.3 else CARD
        try:
            opened = open_checkout.open_checkout(
                company=company, customer_id=documents[document_id].customer_id,
                portions=[(document_id, 0, None)], method=method, return_url="https://encours.example/p",
                now=now, on=now.date(), actor="portal:1",
            )  # fmt: skip
        except open_checkout.UnableToOpenCheckout:
            continue
        reference = Charge.objects.values_list("reference", flat=True).get(pk=opened.charge_id)
        luck = chance.random()
        if method == SEPA_DEBIT and luck < 0.9:
            service.debit(reference)
        elif luck < 0.85:
            service.pay(reference)
        elif luck < 0.93:
            service.decline(reference)
        elif luck < 0.96:
            service.expire(reference)
        if chance.random() < 0.2:  # comes back to our page, which asks
            try:
                follow_charge.follow_charge(company=company, charge_id=opened.charge_id, now=now)
            except UnableToAsk:
                continue


def _mandates(company: Company, service: Service, chance: random.Random, order: dict[str, Any]) -> None:
    """Invoices charged by mandate, without their customers."""
    connection = GatewayConnection.objects.get(company=company)
    for document_id in order["documents"]:
        charge = _by_mandate(company, connection, document_id, service.moment(), chance)
        if charge is None:
            continue
        try:
            ask_charge.ask_charge(company=company, charge_id=charge.pk, now=service.moment(), actor="worker")
        except (UnableToCharge, UnableToAsk):
            continue


@transaction.atomic
def _by_mandate(
    company: Company,
    connection: GatewayConnection,
    document_id: int,
    now: datetime,
    chance: random.Random,
) -> Charge | None:
    """A charge of all that is open, unless another asks for it; what becomes of it is written in the mandate."""
    document = Document.objects.select_for_update().get(company=company, pk=document_id)
    if not document.open_cents or ChargeDocument.objects.filter(document=document, is_open=True).exists():
        return None
    outcome = chance.choices(["succeeded", "pending", "failed"], [6, 3, 1])[0]
    reference = ask_charge.new_reference()
    request = ChargeRequest(
        key=f"charge:{reference}", reference=reference,
        payer=ask_charge.payer_of(company=company, customer=document.customer, connection_id=connection.pk),
        mandate_external_id=f"mandate:{outcome}", method_external_id="pm", method=SEPA_DEBIT,
        currency=document.currency, amount_cents=document.open_cents, label=document.number,
    )  # fmt: skip
    charge = Charge.objects.create(
        company=company, customer=document.customer, connection=connection, origin=Charge.Origin.AUTOPAY,
        method=SEPA_DEBIT, reference=reference, idempotency_key=request.key,
        request=ask_charge.stored_request(request), currency=document.currency,
        amount_cents=document.open_cents, requested_date=now.date(), asked_by="worker", asked_at=now,
    )  # fmt: skip
    ChargeDocument.objects.create(
        company=company, charge=charge, document=document, amount_cents=document.open_cents
    )
    return charge


def _events(company: Company, service: Service, chance: random.Random, order: dict[str, Any]) -> None:  # noqa: ARG001  # as every kind of work is called
    """Delivers events, then works them."""
    hook_key = GatewayConnection.objects.values_list("hook_key", flat=True).get(company=company)
    for start in range(0, len(order["events"]), 25):
        body = json.dumps(order["events"][start : start + 25]).encode()
        receive_gateway_event.receive_gateway_event(
            company=company, hook_key=hook_key, body=body, headers={"x-signature": signature(body)},
            now=service.moment(),
        )  # fmt: skip
    work_gateway_events.work_gateway_events(company=company, now=service.moment())


def _lost(company: Company, service: Service, chance: random.Random, order: dict[str, Any]) -> None:  # noqa: ARG001  # as every kind of work is called
    """Time passes; what was never told is asked for."""
    service.wait(timedelta(minutes=order["minutes"]))
    fetch_lost_events.fetch_lost_events(company=company, now=service.moment())
    work_gateway_events.work_gateway_events(company=company, now=service.moment())


def _refunds(company: Company, service: Service, chance: random.Random, order: dict[str, Any]) -> None:
    for charge in Charge.objects.filter(company=company, pk__in=order["charges"]).order_by("pk"):
        try:
            refund_charge.refund_charge(
                company=company, charge_id=charge.pk, amount_cents=chance.randint(1, charge.amount_cents),
                reason="", now=service.moment(), actor="user:1",
            )  # fmt: skip
        except refund_charge.UnableToRefund:
            continue


_ROLES = {
    "customers": _customers, "mandates": _mandates, "events": _events, "lost": _lost, "refunds": _refunds,
}  # fmt: skip

if __name__ == "__main__":
    work_on_orders(work, POINTS)
