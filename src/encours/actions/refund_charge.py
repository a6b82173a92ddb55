"""Gives money of a charge back through its service, whole or in part: written with its key first, asked next, told applied.

What the money had settled is open again, the last document first: a refund for something else than a mistake goes with a
credit note.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from encours.actions.apply_told_charge import apply_told_charge
from encours.actions.journal import record
from encours.actions.open_connection import open_connection
from encours.core.money import Money
from encours.core.payments.charges import SUCCEEDED
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import PaymentGateway, UnableToCharge
from encours.store.models import Charge, Company, GatewayConnection, Refund

_SILENCE = timedelta(minutes=2)
# after a day services forget keys: the same words would be a second refund
_KEY_LIFE = timedelta(hours=20)

NOT_PAID = Wording(
    "refund.not_paid",
    fr="Ce paiement n’est pas encaissé : il n’y a rien à rembourser.",
    en="This payment was not received: there is nothing to refund.",
)
TOO_MUCH = Wording(
    "refund.too_much",
    fr="Il ne reste que {left} à rembourser de ce paiement.",
    en="Only {left} of this payment can still be refunded.",
)
UNHEARD_OF = Wording(
    "refund.unheard_of",
    fr="Le service de paiement n’a jamais confirmé ce remboursement. Vérifiez chez lui avant de le refaire.",
    en="The payment service never confirmed this refund. Check there before asking for it again.",
)


class UnableToRefund(Exception):
    """Nothing was asked for, or the service said no; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def refund_charge(
    *, company: Company, charge_id: int, amount_cents: int, reason: str, now: datetime, actor: str
) -> Refund:
    """The refund as it stands. `created` means that nobody knows yet whether the service acted on it: it is asked again.

    Raises `UnableToRefund`. Not in a transaction: what is asked must be committed.
    """
    refund = _write(company, charge_id, amount_cents, reason, actor)
    try:
        gateway = open_connection(refund.charge.connection)
        try:
            _ask(company, refund, gateway, now, actor)
        finally:
            gateway.close()
    except UnableToCharge as error:
        if error.is_known:
            _fail(company, refund, error.sentence, actor)
            raise UnableToRefund(error.sentence) from error
    except UnableToAsk:
        pass  # not asked yet: it is followed
    refund.refresh_from_db()
    return refund


def follow_refunds(
    *, company: Company, connection: GatewayConnection, gateway: PaymentGateway, now: datetime
) -> int:
    """Asks again, with the same key, for refunds nobody heard the answer of; how many. Raises `UnableToAsk`."""
    rows = Refund.objects.filter(
        company=company,
        charge__connection=connection,
        state=Refund.State.CREATED,
        created_at__lte=now - _SILENCE,
    )
    count = 0
    for refund in rows.select_related("charge").order_by("pk"):
        told = gateway.charge_told(refund.charge.external_id)
        apply_told_charge(company=company, charge_id=refund.charge.pk, told=told, now=now, actor="worker")
        refund.refresh_from_db(fields=["state"])
        if refund.state != Refund.State.CREATED:
            continue
        try:
            if now - refund.created_at < _KEY_LIFE:
                _ask(company, refund, gateway, now, "worker")
            else:
                _fail(company, refund, UNHEARD_OF(), "worker")
        except UnableToCharge as error:
            if error.is_known:
                _fail(company, refund, error.sentence, "worker")
        count += 1
    return count


@transaction.atomic
def _write(company: Company, charge_id: int, amount_cents: int, reason: str, actor: str) -> Refund:
    charge = (
        Charge.objects.select_for_update(of=("self",))
        .select_related("connection")
        .get(company=company, pk=charge_id)
    )
    waiting = Refund.objects.filter(
        company=company, charge=charge, state__in=[Refund.State.CREATED, Refund.State.PENDING]
    )
    asked = sum(waiting.values_list("amount_cents", flat=True))
    left = charge.received_cents - charge.refunded_cents - charge.contested_cents - asked
    if charge.state != SUCCEEDED or not charge.external_id:
        raise UnableToRefund(NOT_PAID())
    if not 0 < amount_cents <= left:
        raise UnableToRefund(TOO_MUCH(left=Money(max(left, 0), charge.currency)))
    refund = Refund.objects.create(
        company=company,
        charge=charge,
        idempotency_key=f"refund:{charge.reference}:{secrets.token_hex(8)}",
        amount_cents=amount_cents,
        reason=reason.strip()[:200],
        requested_by=actor,
    )
    record(
        company=company, actor=actor, action="refund.requested", subject_type="charge", subject_id=charge.pk,
        customer_id=charge.customer_id,
        data={
            "reference": charge.reference, "currency": charge.currency, "amount_cents": amount_cents,
            "reason": refund.reason,
        },
    )  # fmt: skip
    return refund


def _ask(company: Company, refund: Refund, gateway: PaymentGateway, now: datetime, actor: str) -> None:
    told = gateway.refund(
        refund.charge.external_id,
        amount_cents=refund.amount_cents,
        key=refund.idempotency_key,
        reason=refund.reason,
    )
    apply_told_charge(company=company, charge_id=refund.charge.pk, told=told, now=now, actor=actor)


@transaction.atomic
def _fail(company: Company, refund: Refund, sentence: Sentence, actor: str) -> None:
    waiting = Refund.objects.filter(company=company, pk=refund.pk, state=Refund.State.CREATED)
    if waiting.update(state=Refund.State.FAILED, failure=sentence.as_json()):
        record(
            company=company, actor=actor, action="refund.failed", subject_type="charge",
            subject_id=refund.charge.pk, customer_id=refund.charge.customer_id,
            data={
                "reference": refund.charge.reference, "currency": refund.charge.currency,
                "amount_cents": refund.amount_cents, "failure": sentence.as_json(),
            },
        )  # fmt: skip
