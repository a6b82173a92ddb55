"""Charges what was announced, once its day has come, and what may be tried again: by mandate, without the customer.

Everything is looked at once more under lock, written with its key and committed; only then the service is asked. A crash in
between leaves a charge that is found again: by the next run within the day, or by `follow_charge`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from encours.actions.announce_charges import drop_unsent
from encours.actions.ask_charge import LABEL_LENGTH, ask_charge, new_reference, payer_of, stored_request
from encours.actions.decide_charges import Wanted, decide_charges, drop_notices, tell_ordered
from encours.core.dunning.reasons import TEST_MODE
from encours.core.payments.charges import CREATED
from encours.core.payments.direct_debits import GATEWAY as BY_FILE
from encours.core.payments.mandates import method_of
from encours.core.wording import Sentence
from encours.ports import registry
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ChargeRequest, UnableToCharge
from encours.queries.charge_plan import charge_rules
from encours.queries.test_mode import in_test_mode
from encours.store.models import (
    Charge,
    ChargeDocument,
    ChargeNotice,
    Company,
    Document,
    GatewayConnection,
    Message,
    PaymentMandate,
)

# a retry whose day finds its document held, or the service paused, is let go after so many days
RETRY_WITHIN_DAYS = 3
_ASKED_WITHIN = timedelta(hours=20)  # services forget idempotency keys after a day


@dataclass(frozen=True)
class Charging:
    """A run: charges begun, by their state after asking (`created` where nobody heard the answer), notices canceled, and why
    nothing at all was charged (`warning`)."""

    charge_ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    canceled: int = 0
    warning: Sentence | None = None


def charge_announced(
    *, company: Company, on: date, now: datetime, actor: str, accept_bank_age: bool = False
) -> Charging:
    """Charges what is due on a day. May be run again at any time: a document has one open charge at most, an attempt one key.

    Nothing is charged in test mode, nor while the bank is not known recently enough to say who has paid. Not in a transaction.
    """
    written = _write_all(company, on, actor, accept_bank_age=accept_bank_age)
    unasked = Charge.objects.filter(
        company=company, state=CREATED, mandate__isnull=False, external_id="", asked_at=None,
        created_at__gt=now - _ASKED_WITHIN,
    )  # fmt: skip
    ids = sorted({*written.charge_ids, *unasked.values_list("pk", flat=True)}) if not written.warning else []
    return Charging(
        tuple(ids), tuple(_ask(company, key, now, actor) for key in ids), written.canceled, written.warning
    )


def _ask(company: Company, charge_id: int, now: datetime, actor: str) -> str:
    try:
        return ask_charge(company=company, charge_id=charge_id, now=now, actor=actor).state
    except (UnableToCharge, UnableToAsk):
        # said no: it is failed; nobody knows: it is followed
        return Charge.objects.values_list("state", flat=True).get(company=company, pk=charge_id)


@transaction.atomic
def _write_all(company: Company, on: date, actor: str, *, accept_bank_age: bool) -> Charging:
    """Decides under lock and writes: what is committed here is asked of the services, and nothing else."""
    if in_test_mode(company=company):
        return Charging(warning=TEST_MODE())
    drop_unsent(company=company)
    wanted = [*_due_notices(company, on), *_due_retries(company, on)]
    decided = decide_charges(company=company, wanted=wanted, on=on, accept_bank_age=accept_bank_age)
    if decided.warning is not None:
        return Charging(warning=decided.warning)
    written = [
        (_write(company, each, decided.documents[each.document_id], cents, on, actor), each)
        for each, cents in decided.charged
    ]
    numbers = {key: document.number for key, document in decided.documents.items()}
    tell_ordered(
        company=company,
        charges=[(charge, numbers[each.document_id]) for charge, each in written],
        actor=actor,
    )
    canceled = drop_notices(
        company=company, dropped=decided.dropped, documents=decided.documents, actor=actor
    )
    return Charging(tuple(charge.pk for charge, _ in written), canceled=canceled)


def _due_notices(company: Company, on: date) -> Iterator[Wanted]:
    """Notices whose day has come, told to the customer as many days before as the company promises."""
    notice_days = charge_rules(company=company).notice_days
    rows = (
        ChargeNotice.objects.select_for_update(of=("self",))
        .filter(
            company=company,
            state=ChargeNotice.State.ANNOUNCED,
            charge_date__lte=on,
            message__state=Message.State.SENT,
            message__sent_date__lte=on - timedelta(days=notice_days),
            mandate__connection__state=GatewayConnection.State.ACTIVE,
        )
        .exclude(mandate__connection__provider=BY_FILE)
    )
    for each in rows.select_related("mandate__connection", "message").order_by("pk"):
        yield Wanted(
            each.document_id, each.mandate, each.origin, each.announced_date, each.amount_cents, notice=each
        )


def _due_retries(company: Company, on: date) -> Iterator[Wanted]:
    """Charges that failed for now and whose day to try again has come."""
    rows = (
        Charge.objects.select_for_update(of=("self",))
        .filter(
            company=company,
            next_attempt_date__lte=on,
            next_attempt_date__gt=on - timedelta(days=RETRY_WITHIN_DAYS),
            next__isnull=True,
            state__in=(Charge.State.FAILED, Charge.State.RETURNED),
            mandate__connection__state=GatewayConnection.State.ACTIVE,
        )
        .exclude(mandate__connection__provider=BY_FILE)
    )
    for each in rows.select_related("mandate__connection").order_by("pk"):
        [document] = each.documents.all()
        first = ChargeNotice.objects.filter(company=company, document=document.document_id)
        announced = first.filter(state=ChargeNotice.State.CHARGED).order_by("-pk").first()
        if announced is not None and each.mandate is not None:
            yield Wanted(
                document.document_id, each.mandate, each.origin, announced.announced_date, each.amount_cents,
                previous=each,
            )  # fmt: skip


def _write(company: Company, each: Wanted, document: Document, cents: int, on: date, actor: str) -> Charge:
    """The charge as it will be asked for. Its key comes from the document and the attempt: a second one is refused."""
    mandate, reference = each.mandate, new_reference()
    request = ChargeRequest(
        key=f"auto:{document.pk}:{each.attempt_number}",
        reference=reference,
        payer=payer_of(company=company, customer=mandate.customer, connection_id=mandate.connection_id),
        mandate_external_id=mandate.mandate_external_id,
        method_external_id=mandate.external_id,
        method=method_of(mandate.kind, methods=registry.gateways()[mandate.connection.provider].methods),
        currency=document.currency,
        amount_cents=cents,
        label=document.number[:LABEL_LENGTH],
    )
    charge = Charge.objects.create(
        company=company,
        customer=mandate.customer,
        connection=mandate.connection,
        mandate=mandate,
        message=each.notice.message if each.notice else None,
        origin=each.origin,
        method=request.method,
        reference=reference,
        idempotency_key=request.key,
        request=stored_request(request),
        currency=request.currency,
        amount_cents=cents,
        requested_date=on,
        attempt_number=each.attempt_number,
        previous=each.previous,
        asked_by=actor,
    )
    ChargeDocument.objects.create(company=company, charge=charge, document=document, amount_cents=cents)
    if each.notice is not None:
        each.notice.state, each.notice.charge = ChargeNotice.State.CHARGED, charge
        each.notice.save(update_fields=["state", "charge"])
    first = mandate.first_used_date or on
    PaymentMandate.objects.filter(company=company, pk=mandate.pk).update(
        first_used_date=first, last_used_date=on
    )
    return charge
