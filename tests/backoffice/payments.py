"""What the room of payments shows of Atelier Lumen."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from encours.actions.keep_file import keep_file
from encours.core.payments.automatic import EXPIRES
from encours.core.wording import Wording
from encours.store.models import (
    Charge,
    Chargeback,
    ChargeDocument,
    ChargeNotice,
    Company,
    Customer,
    DirectDebitFile,
    Document,
    GatewayConnection,
    GatewayEvent,
    PaymentMandate,
    Payout,
    Refund,
)
from tests import cast

FUNDS = Wording(
    "test.funds", fr="Le compte de Lumen n’est pas approvisionné.", en="Lumen’s account holds no money."
)


@dataclass(frozen=True)
class Paid:
    """A charge by mandate that was received, contested in part, given back in part and paid out; one that failed before it."""

    charge: Charge
    failed: Charge
    mandate: PaymentMandate  # a card that ends before something open falls due
    notice: ChargeNotice  # announced
    payout: Payout
    event: GatewayEvent
    file: DirectDebitFile  # for the bank, not handed in


def charged_by_card(
    company: Company, customer: Customer, document: Document, gateway: GatewayConnection, on: date
) -> Paid:
    """Through rows alone: the pages show what is there."""
    moment = datetime.now(UTC)
    mandate = PaymentMandate.objects.create(
        company=company, customer=customer, connection=gateway, kind="card", state="active",
        reference="ECLUMEN0001", external_id="pm_lumen", brand="visa", last_digits="4242", pays_on_due_date=True,
        expires_date=on + timedelta(days=3), signed_at=moment, evidence={"said": "J’autorise Atelier Lumen."},
        max_cents=500_000,
    )  # fmt: skip
    later = cast.invoice(
        company,
        customer,
        "FA-2026-0090",
        payable_cents=30_000,
        issue_date=on,
        due_date=on + timedelta(days=25),
    )
    payout = Payout.objects.create(
        company=company, connection=gateway, external_id="po_lumen", currency="EUR", amount_cents=88_525,
        gross_cents=100_000, fee_cents=1_475, refunded_cents=10_000, arrival_date=on, state="paid", told_at=moment,
        transaction=cast.bank_line(company, 88_525, "STRIPE PO LUMEN", booked_date=on),
    )  # fmt: skip
    failed = _charge(
        company, customer, gateway, document, "ECLUMEN0002", state="failed", mandate=mandate, on=on,
        failure_group="later", failure_code="insufficient_funds", failure=FUNDS().as_json(),
        ended_at=moment,
    )  # fmt: skip
    charge = _charge(
        company, customer, gateway, document, "ECLUMEN0003", state="succeeded", mandate=mandate, on=on,
        received_cents=100_000, refunded_cents=10_000, fee_cents=1_475, attempt_number=2, previous=failed,
        payout=payout, external_id="pi_lumen", told_at=moment, ended_at=moment,
    )  # fmt: skip
    Refund.objects.create(
        company=company, charge=charge, state="succeeded", idempotency_key="refund:lumen", amount_cents=10_000,
        reason="Geste de Lumen", requested_by="test", is_booked=True,
    )  # fmt: skip
    Chargeback.objects.create(
        company=company, charge=charge, external_id="du_lumen", state="warning", amount_cents=5_000,
        reason="general", opened_at=moment, told_at=moment, respond_by=moment + timedelta(days=9),
    )  # fmt: skip
    event = GatewayEvent.objects.create(
        company=company, connection=gateway, external_id="evt_lumen", kind="payment_intent.succeeded",
        about="charge", object_id="pi_lumen", occurred_at=moment, received_at=moment, body='{"lumen": 1}',
        state="done", worked_at=moment, charge=charge,
    )  # fmt: skip
    notice = ChargeNotice.objects.create(
        company=company, customer=customer, mandate=mandate, document=later, origin="autopay", currency="EUR",
        amount_cents=30_000, announced_date=on, charge_date=on + timedelta(days=25),
    )  # fmt: skip
    ChargeNotice.objects.create(
        company=company, customer=customer, mandate=mandate, document=document, origin="autopay", currency="EUR",
        amount_cents=84_000, announced_date=on, charge_date=on, state="charged", charge=charge,
    )  # fmt: skip
    ChargeNotice.objects.create(
        company=company, customer=customer, mandate=mandate, document=document, origin="autopay", currency="EUR",
        amount_cents=84_000, announced_date=on, charge_date=on, state="canceled", reason=EXPIRES().as_json(),
    )  # fmt: skip
    made = DirectDebitFile.objects.create(
        company=company, connection=gateway, scheme="sepa_core", message_id="ECLUMENFILE", collection_date=on,
        charge_count=1, total_cents=100_000, made_by="test",
        file=keep_file(company=company, name="ECLUMENFILE.xml", media_type="application/xml", content=b"<Document/>"),
    )  # fmt: skip
    return Paid(charge, failed, mandate, notice, payout, event, made)


def _charge(
    company: Company, customer: Customer, gateway: GatewayConnection, document: Document, reference: str, *, on: date, **given
) -> Charge:  # fmt: skip
    charge = Charge.objects.create(
        company=company, customer=customer, connection=gateway, reference=reference, idempotency_key=reference,
        method="card", origin="autopay", currency="EUR", amount_cents=100_000, requested_date=on, asked_by="test",
        **given,
    )  # fmt: skip
    ChargeDocument.objects.create(
        company=company, charge=charge, document=document, amount_cents=100_000, is_open=False
    )
    return charge
