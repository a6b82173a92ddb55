"""Asks services what became of charges, and applies it: the way back after a crash, a lost event, a long silence."""

from datetime import datetime, timedelta

from encours.actions.apply_told_charge import apply_told_charge
from encours.actions.ask_charge import ask_charge, end_unasked
from encours.actions.open_connection import open_connection
from encours.core.payments.charges import CANCELED, CREATED, NEVER_ASKED, SETTLED_MEANWHILE
from encours.ports.gateways import PaymentGateway, UnableToCharge
from encours.store.models import Charge, ChargeDocument, Company

ACTOR = "worker"
# services forget idempotency keys after a day: later, the same words would be a second request
_KEY_LIFE = timedelta(hours=20)


def follow_charge(
    *, company: Company, charge_id: int, now: datetime, actor: str = ACTOR, gateway: PaymentGateway | None = None
) -> str:  # fmt: skip
    """The charge's state after asking its service. Raises `UnableToAsk`; not in a transaction.

    A charge nobody heard the answer of is looked for by its reference. One the service has never heard of ends, unless it is
    by mandate and still wanted: then it is asked for once more with the same key.
    """
    charge = Charge.objects.select_related("connection").get(company=company, pk=charge_id)
    opened = gateway or open_connection(charge.connection)
    try:
        if charge.external_id:
            told = opened.charge_told(charge.external_id)
        else:
            found = opened.find(charge.reference)
            if found is None:
                return _unheard_of(company, charge, now, actor, opened)
            told = found
        return apply_told_charge(company=company, charge_id=charge_id, told=told, now=now, actor=actor)
    finally:
        if gateway is None:
            opened.close()


def _unheard_of(company: Company, charge: Charge, now: datetime, actor: str, gateway: PaymentGateway) -> str:
    """A customer who was to pay at the service never saw where: nothing can come of it. A mandate is charged as decided."""
    Charge.objects.filter(company=company, pk=charge.pk).update(asked_at=now)
    if charge.state != CREATED:
        return charge.state
    is_wanted = _is_wanted(company, charge)
    if charge.request.get("kind") == "charge" and is_wanted and now - charge.created_at < _KEY_LIFE:
        try:
            return ask_charge(
                company=company, charge_id=charge.pk, now=now, actor=actor, gateway=gateway
            ).state
        except UnableToCharge:
            pass  # said no: it is failed; nobody knows: it is followed again
    else:
        sentence = NEVER_ASKED() if is_wanted else SETTLED_MEANWHILE()
        end_unasked(
            company=company, charge_id=charge.pk, state=CANCELED, sentence=sentence, now=now, actor=actor
        )  # fmt: skip
    return Charge.objects.values_list("state", flat=True).get(company=company, pk=charge.pk)


def _is_wanted(company: Company, charge: Charge) -> bool:
    """Whether every document still has open what the charge asks for."""
    rows = ChargeDocument.objects.filter(company=company, charge=charge).select_related("document")
    return all(each.document.open_cents >= each.amount_cents for each in rows)
