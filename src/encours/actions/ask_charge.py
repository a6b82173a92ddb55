"""Asks the service for a charge that is written and committed, and applies what it says.

The request is kept with the charge: after a crash the same words go with the same key, and the service sees one request.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from encours.actions.apply_told_charge import apply_told_charge
from encours.actions.journal import record
from encours.actions.open_connection import open_connection
from encours.core.payments.charges import CANCELED, CREATED, FAILED
from encours.core.portal_tokens import with_return
from encours.core.wording import Sentence
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    Payer,
    PaymentGateway,
    ToldCharge,
    ToldFailure,
    UnableToCharge,
)
from encours.store.models import Charge, ChargeDocument, Company, Contact, Customer, PaymentMandate

LABEL_LENGTH = 140


@dataclass(frozen=True)
class Asked:
    """What came of asking: the charge's state, and the service's words (a secret for the page is nowhere else)."""

    state: str
    told: ToldCharge


def new_reference() -> str:
    """A reference nobody can guess and any bank's file can carry (SEPA end-to-end id: letters and digits, 35 at most)."""
    return f"EC{secrets.token_hex(8).upper()}"


def payer_of(*, company: Company, customer: Customer, connection_id: int) -> Payer:
    """What a service needs to know of who pays. Two queries."""
    contacts = Contact.objects.filter(company=company, customer=customer).exclude(email="")
    contact = contacts.order_by("-is_primary", "pk").first()
    known = PaymentMandate.objects.filter(company=company, customer=customer, connection=connection_id)
    external_id = (
        known.exclude(customer_external_id="").order_by("-pk").values_list("customer_external_id", flat=True)
    )
    return Payer(
        name=customer.name,
        email=contact.email if contact else "",
        language=customer.language,
        country=customer.country,
        customer_external_id=external_id.first() or "",
    )


def stored_request(request: CheckoutRequest | ChargeRequest) -> dict[str, Any]:
    """A request as `Charge.request` keeps it."""
    said = asdict(request)
    if isinstance(request, CheckoutRequest):
        said["expires_at"] = request.expires_at.isoformat() if request.expires_at else None
    return {"kind": "checkout" if isinstance(request, CheckoutRequest) else "charge", **said}


def ask_charge(
    *, company: Company, charge_id: int, now: datetime, actor: str, gateway: PaymentGateway | None = None
) -> Asked:
    """Asks for a charge in the words it was written with. Not in a transaction: what is asked must be committed.

    Raises `UnableToCharge`; of a service that said no the charge is failed then, of one nobody knows the answer of it stays
    `created`, to be followed. Raises `UnableToAsk` when the connection cannot be used.
    """
    charge = Charge.objects.select_related("connection").get(company=company, pk=charge_id)
    opened = gateway or open_connection(charge.connection)
    try:
        told = _ask(opened, charge)
    except UnableToCharge as error:
        Charge.objects.filter(company=company, pk=charge_id).update(asked_at=now)
        if error.is_known:
            end_unasked(
                company=company, charge_id=charge_id, state=FAILED, sentence=error.sentence, now=now, actor=actor,
                failure=error.failure,
            )  # fmt: skip
        raise
    finally:
        if gateway is None:
            opened.close()
    state = apply_told_charge(company=company, charge_id=charge_id, told=told, now=now, actor=actor)
    return Asked(state, told)


@transaction.atomic
def end_unasked(
    *,
    company: Company,
    charge_id: int,
    state: str,
    sentence: Sentence,
    now: datetime,
    actor: str,
    failure: ToldFailure | None = None,
) -> bool:
    """A charge the service knows nothing of ends (`failed` or `canceled`). False when it has moved on meanwhile.

    Money that arrives for it all the same is booked: see `apply_told_charges`.
    """
    assert state in (FAILED, CANCELED), state
    charge = Charge.objects.select_for_update().get(company=company, pk=charge_id)
    if charge.state != CREATED:
        return False
    charge.state, charge.ended_at = state, now
    charge.failure = sentence.as_json()
    if failure:
        charge.failure_group, charge.failure_code = failure.group, failure.code[:60]
        charge.failure = failure.sentence.as_json()
    charge.save(update_fields=["state", "ended_at", "failure", "failure_group", "failure_code"])
    ChargeDocument.objects.filter(company=company, charge=charge).update(is_open=False)
    record(
        company=company,
        actor=actor,
        action=f"charge.{state}",
        subject_type="charge",
        subject_id=charge.pk,
        customer_id=charge.customer_id,
        data={
            "reference": charge.reference, "currency": charge.currency, "method": charge.method,
            "amount_cents": charge.amount_cents, "failure": charge.failure,
        },
    )  # fmt: skip
    return True


def _ask(gateway: PaymentGateway, charge: Charge) -> ToldCharge:
    request = charge.request
    said = {name: value for name, value in request.items() if name != "kind"}
    said["payer"] = Payer(**said["payer"])
    if request["kind"] == "charge":
        return gateway.charge(ChargeRequest(**said))
    said["methods"] = tuple(said["methods"])
    said["lines"] = tuple((number, cents) for number, cents in said["lines"])
    said["expires_at"] = datetime.fromisoformat(said["expires_at"]) if said["expires_at"] else None
    # the token that is in it is in what is sent, and nowhere at rest
    said["return_url"] = with_return(
        said["return_url"],
        key=settings.SECRET_KEY.encode(),
        company_id=charge.company_id,
        reference=charge.reference,
    )
    return gateway.checkout(CheckoutRequest(**said))
