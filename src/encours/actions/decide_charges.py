"""Decides what of that which was announced, or may be tried again, is charged now: everything is looked at once more, locked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from django.db import connection

from encours.actions.check_charge_notice import MANDATE_ENDED
from encours.actions.journal import Event, record_all
from encours.core.dunning import held_sentence
from encours.core.dunning.assessing import assess
from encours.core.dunning.reasons import bank_warning
from encours.core.payments.automatic import ANNOUNCED, EXPIRES, still_owed
from encours.core.payments.mandates import ACTIVE
from encours.core.wording import Sentence, Wording
from encours.queries.charge_plan import charge_rules
from encours.queries.dunning import situation
from encours.store.models import (
    Charge,
    ChargeDocument,
    ChargeNotice,
    Company,
    Customer,
    Document,
    PaymentMandate,
)

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
class Wanted:
    """One document to charge: the first time by its notice, or again after `previous`. Never more than `most_cents`."""

    document_id: int
    mandate: PaymentMandate
    origin: str
    announced_date: date
    most_cents: int
    notice: ChargeNotice | None = None
    previous: Charge | None = None
    collection_date: date | None = None  # of a debit by file

    @property
    def attempt_number(self) -> int:
        return self.previous.attempt_number + 1 if self.previous else 1


@dataclass(frozen=True)
class Decided:
    """What is charged, with its cents, and why the rest is not. With a `warning` nothing at all is, and nothing was decided."""

    charged: tuple[tuple[Wanted, int], ...] = ()
    dropped: tuple[tuple[Wanted, Sentence], ...] = ()
    documents: dict[int, Document] = field(default_factory=dict)
    warning: Sentence | None = None


def decide_charges(*, company: Company, wanted: Sequence[Wanted], on: date, accept_bank_age: bool) -> Decided:
    """Under lock until the transaction ends. Never more than is owed, was announced and is open; never what is blocked, what
    another charge asks for, or by a mandate that is over."""
    if not wanted:
        return Decided()
    ids = [each.document_id for each in wanted]
    _lock(company, ids)
    found = situation(company=company, on=on)
    stale = bank_warning(known_until=found.bank_known_until, max_age_days=found.bank_data_max_age_days, on=on)
    if stale is not None and not accept_bank_age:
        return Decided(warning=stale)
    assessed = assess(situation=found, on=on, is_for_charge=True)
    owed, held = _owed(company, assessed, wanted), _held(company, ids)
    documents = Document.objects.filter(company=company).in_bulk(ids)
    charged, dropped = [], []
    for each in wanted:
        reason = _why_not(each, owed, held, assessed, on)
        if reason is None:
            cents = min(owed[each.document_id], each.most_cents, documents[each.document_id].open_cents)
            charged.append((each, cents))
        else:
            dropped.append((each, reason))
    return Decided(tuple(charged), tuple(dropped), documents)


def drop_notices(
    *,
    company: Company,
    dropped: Sequence[tuple[Wanted, Sentence]],
    documents: dict[int, Document],
    actor: str,
) -> int:
    """Notices of what is not charged end, with their reason; how many. A retry waits until its days are over."""
    notices = []
    for each, reason in dropped:
        if each.notice is not None:
            each.notice.state, each.notice.reason = ChargeNotice.State.CANCELED, reason.as_json()
            notices.append(each.notice)
    ChargeNotice.objects.bulk_update(notices, ["state", "reason"], batch_size=1_000)
    events = [
        Event(
            each.pk, each.customer_id,
            {"number": documents[each.document_id].number, "reason": each.reason},
        )
        for each in notices
    ]  # fmt: skip
    if events:
        record_all(
            company=company,
            actor=actor,
            action="charge_notice.canceled",
            subject_type="charge_notice",
            events=events,
        )
    return len(notices)


def tell_ordered(*, company: Company, charges: Sequence[tuple[Charge, str]], actor: str) -> None:
    """The journal is told of charges that are written, each with the number of its document."""
    events = [
        Event(
            charge.pk,
            charge.customer_id,
            {
                "reference": charge.reference, "currency": charge.currency, "amount_cents": charge.amount_cents,
                "method": charge.method, "attempt": charge.attempt_number, "number": number,
            },
        )
        for charge, number in charges
    ]  # fmt: skip
    if events:
        record_all(
            company=company, actor=actor, action="charge.ordered", subject_type="charge", events=events
        )


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


def _owed(company: Company, assessed: pl.DataFrame, wanted: Sequence[Wanted]) -> dict[int, int]:
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
    each: Wanted, owed: dict[int, int], held: set[int], assessed: pl.DataFrame, on: date
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
