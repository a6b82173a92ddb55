"""Charges what was announced, once its day has come, and what may be tried again: by mandate, without the customer.

Everything is looked at once more under lock, written with its key and committed; only then the service is asked. A crash in
between leaves a charge that is found again: by the next run within the day, or by `follow_charge`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction

from encours.actions.announce_charges import drop_unsent
from encours.actions.ask_charge import LABEL_LENGTH, ask_charge, new_reference, payer_of, stored_request
from encours.actions.check_charge_notice import MANDATE_ENDED
from encours.actions.journal import Event, record_all
from encours.core.dunning import held_sentence
from encours.core.dunning.assessing import assess
from encours.core.dunning.reasons import TEST_MODE, bank_warning
from encours.core.payments.automatic import ANNOUNCED, EXPIRES, still_owed
from encours.core.payments.charges import CREATED
from encours.core.payments.mandates import ACTIVE, method_of
from encours.core.wording import Sentence, Wording
from encours.ports import registry
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ChargeRequest, UnableToCharge
from encours.queries.charge_plan import charge_rules
from encours.queries.dunning import situation
from encours.queries.test_mode import in_test_mode
from encours.store.models import (
    Charge,
    ChargeDocument,
    ChargeNotice,
    Company,
    Customer,
    Document,
    GatewayConnection,
    Message,
    PaymentMandate,
)

# a retry whose day finds its document held, or the service paused, is let go after so many days
RETRY_WITHIN_DAYS = 3
_ASKED_WITHIN = timedelta(hours=20)  # services forget idempotency keys after a day

PAID = Wording(
    "automatic_charge.paid",
    fr="Réglé entre-temps : rien n’est prélevé.",
    en="Paid meanwhile: nothing is charged.",
)
BEING_PAID = Wording(
    "automatic_charge.being_paid",
    fr="Un paiement de cette facture est déjà commencé : rien n’est prélevé.",
    en="A payment of this invoice has begun already: nothing is charged.",
)


@dataclass(frozen=True)
class Charging:
    """A run: charges begun, by their state after asking (`created` where nobody heard the answer), notices canceled, and why
    nothing at all was charged (`warning`)."""

    charge_ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    canceled: int = 0
    warning: Sentence | None = None


@dataclass(frozen=True)
class _Wanted:
    """One document to charge: the first time by its notice, or again after `previous`. Never more than `most_cents`."""

    document_id: int
    mandate: PaymentMandate
    origin: str
    announced_date: date
    most_cents: int
    notice: ChargeNotice | None = None
    previous: Charge | None = None

    @property
    def attempt_number(self) -> int:
        return self.previous.attempt_number + 1 if self.previous else 1


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
    if not wanted:
        return Charging()
    _lock(company, [each.document_id for each in wanted])
    found = situation(company=company, on=on)
    stale = bank_warning(known_until=found.bank_known_until, max_age_days=found.bank_data_max_age_days, on=on)
    if stale is not None and not accept_bank_age:
        return Charging(warning=stale)
    assessed = assess(situation=found, on=on)
    owed = _owed(company, assessed, wanted)
    held = _held(company, [each.document_id for each in wanted])
    numbers = Document.objects.in_bulk([each.document_id for each in wanted])
    written, canceled = [], []
    for each in wanted:
        reason = _why_not(each, owed, held, assessed, on)
        if reason is None:
            cents = min(owed[each.document_id], each.most_cents, numbers[each.document_id].open_cents)
            written.append(_write(company, each, numbers[each.document_id], cents, on, actor))
        elif each.notice is not None:
            each.notice.state, each.notice.reason = ChargeNotice.State.CANCELED, reason.as_json()
            each.notice.save(update_fields=["state", "reason"])
            canceled.append((each.notice, numbers[each.document_id].number, reason))
    _tell(company, written, canceled, actor)
    return Charging(tuple(charge.pk for charge, _ in written), canceled=len(canceled))


def _due_notices(company: Company, on: date) -> Iterator[_Wanted]:
    """Notices whose day has come, told to the customer as many days before as the company promises."""
    notice_days = charge_rules(company=company).notice_days
    rows = ChargeNotice.objects.select_for_update(of=("self",)).filter(
        company=company,
        state=ChargeNotice.State.ANNOUNCED,
        charge_date__lte=on,
        message__state=Message.State.SENT,
        message__sent_date__lte=on - timedelta(days=notice_days),
        mandate__connection__state=GatewayConnection.State.ACTIVE,
    )
    for each in rows.select_related("mandate__connection", "message").order_by("pk"):
        yield _Wanted(
            each.document_id, each.mandate, each.origin, each.announced_date, each.amount_cents, notice=each
        )


def _due_retries(company: Company, on: date) -> Iterator[_Wanted]:
    """Charges that failed for now and whose day to try again has come."""
    rows = Charge.objects.select_for_update(of=("self",)).filter(
        company=company,
        next_attempt_date__lte=on,
        next_attempt_date__gt=on - timedelta(days=RETRY_WITHIN_DAYS),
        next__isnull=True,
        state__in=(Charge.State.FAILED, Charge.State.RETURNED),
        mandate__connection__state=GatewayConnection.State.ACTIVE,
    )
    for each in rows.select_related("mandate__connection").order_by("pk"):
        [document] = each.documents.all()
        first = ChargeNotice.objects.filter(company=company, document=document.document_id)
        announced = first.filter(state=ChargeNotice.State.CHARGED).order_by("-pk").first()
        if announced is not None and each.mandate is not None:
            yield _Wanted(
                document.document_id, each.mandate, each.origin, announced.announced_date, each.amount_cents,
                previous=each,
            )  # fmt: skip


def _lock(company: Company, document_ids: Sequence[int]) -> None:
    """Against holds and contacts, which lock the customer; then against the ledger, which locks in the order of ids too."""
    customers = Document.objects.filter(company=company, pk__in=document_ids).values("customer_id")
    list(
        Customer.objects.select_for_update(no_key=True)
        .filter(company=company, pk__in=customers)
        .order_by("pk")
        .values_list("pk")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM store_document WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [company.pk, list(document_ids)],
        )


def _owed(company: Company, assessed: pl.DataFrame, wanted: Sequence[_Wanted]) -> dict[int, int]:
    """Cents left of each document that nothing blocks."""
    rows = [(each.document_id, each.origin, each.announced_date, each.most_cents) for each in wanted]
    announced = pl.DataFrame(rows, schema=ANNOUNCED, orient="row").unique("document_id", keep="first")
    left = still_owed(assessed=assessed, announced=announced, rules=charge_rules(company=company))
    return dict(left.group_by("document_id").agg(pl.col("remaining_cents").sum()).iter_rows())


def _held(company: Company, document_ids: Sequence[int]) -> set[int]:
    """Documents that another charge asks for right now."""
    rows = ChargeDocument.objects.filter(company=company, document__in=document_ids, is_open=True)
    return set(rows.values_list("document_id", flat=True))


def _why_not(
    each: _Wanted, owed: dict[int, int], held: set[int], assessed: pl.DataFrame, on: date
) -> Sentence | None:
    if each.mandate.state != ACTIVE:
        return MANDATE_ENDED()
    if each.mandate.expires_date is not None and each.mandate.expires_date < on:
        return EXPIRES()
    if each.document_id in held:
        return BEING_PAID()
    if each.document_id in owed:
        return None
    blocked = assessed.filter(pl.col("document_id") == each.document_id, pl.col("reason").is_not_null())
    return held_sentence(blocked.row(0, named=True)) if blocked.height else PAID()


def _write(
    company: Company, each: _Wanted, document: Document, cents: int, on: date, actor: str
) -> tuple[Charge, str]:
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
    return charge, document.number


def _tell(
    company: Company,
    written: Sequence[tuple[Charge, str]],
    canceled: Sequence[tuple[ChargeNotice, str, Sentence]],
    actor: str,
) -> None:
    ordered = [
        Event(
            charge.pk,
            charge.customer_id,
            {
                "reference": charge.reference, "currency": charge.currency, "amount_cents": charge.amount_cents,
                "method": charge.method, "attempt": charge.attempt_number, "number": number,
            },
        )
        for charge, number in written
    ]  # fmt: skip
    dropped = [
        Event(notice.pk, notice.customer_id, {"number": number, "reason": reason.as_json()})
        for notice, number, reason in canceled
    ]
    if ordered:
        record_all(
            company=company, actor=actor, action="charge.ordered", subject_type="charge", events=ordered
        )
    if dropped:
        record_all(
            company=company, actor=actor, action="charge_notice.canceled", subject_type="charge_notice",
            events=dropped,
        )  # fmt: skip
