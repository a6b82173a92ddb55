"""Announces what will be charged by mandate: a notice for each document, one message for each customer, currency and day.

Nothing is charged that was not announced. The message goes through the outbox like any other, and is looked at once more
before it leaves.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db import connection, transaction

from encours.actions.journal import record
from encours.core.dunning.checking import BY_POLICY
from encours.core.letter_templates.library import CHARGE_NOTICE
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.queries.charge_plan import NOT_SENT, planned_notices
from encours.store.models import ChargeNotice, Company, Message

_LOCK_CLASS = 7013  # advisory lock: one announces for a company at a time

PLANNED = Wording(
    "charge_notice.planned",
    fr="{amount} seront prélevés le {day}, comme le client l’a accepté",
    en="{amount} will be charged on {day}, as the customer agreed",
)


@dataclass(frozen=True)
class Announced:
    """How many documents, in how many messages; `left_out` are those a mandate was given for that are not charged
    (schema `core.payments.automatic.LEFT_OUT`)."""

    notices: int
    messages: int
    left_out: pl.DataFrame


@transaction.atomic
def announce_charges(*, company: Company, on: date, actor: str) -> Announced:
    """Plans the day's notices and puts their messages into the outbox. Announcing twice is announcing once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company.pk])
    drop_unsent(company=company)
    notices, left_out = planned_notices(company=company, on=on)
    if notices.is_empty():
        return Announced(0, 0, left_out)
    parts = notices.partition_by(
        "customer_id", "currency", "mandate_id", "charge_date", as_dict=True, maintain_order=True
    )
    messages = Message.objects.bulk_create(
        _message(company, customer_id, currency, charge_date, part, on)
        for (customer_id, currency, _, charge_date), part in parts.items()
    )
    ChargeNotice.objects.bulk_create(
        ChargeNotice(
            company=company,
            customer_id=row["customer_id"],
            mandate_id=row["mandate_id"],
            document_id=row["document_id"],
            message=message,
            origin=row["origin"],
            currency=row["currency"],
            amount_cents=row["amount_cents"],
            announced_date=on,
            charge_date=row["charge_date"],
        )
        for message, part in zip(messages, parts.values(), strict=True)
        for row in part.iter_rows(named=True)
    )
    record(
        company=company, actor=actor, action="charges.announced", subject_type="company", subject_id=company.pk,
        data={"on": on.isoformat(), "messages": len(messages), "documents": notices.height},
    )  # fmt: skip
    return Announced(notices.height, len(messages), left_out)


def drop_unsent(*, company: Company) -> int:
    """Notices whose message failed or was canceled end, with its reason; how many. In a transaction."""
    unsent = ChargeNotice.objects.select_for_update(of=("self",)).select_related("message")
    rows = list(
        unsent.filter(
            company=company,
            state=ChargeNotice.State.ANNOUNCED,
            message__state__in=(Message.State.CANCELLED, Message.State.FAILED),
        )
    )
    for each in rows:
        each.state, each.reason = ChargeNotice.State.CANCELED, _why_unsent(each.message).as_json()
    ChargeNotice.objects.bulk_update(rows, ["state", "reason"])
    return len(rows)


def _why_unsent(message: Message | None) -> Sentence:
    """What the last look found, else that somebody or the mail stopped it: then it is not announced again soon."""
    if message is None or message.state != Message.State.CANCELLED or not message.reason:
        return NOT_SENT()
    said = Sentence.from_json(message.reason)
    is_found = said.code.startswith("charge_notice.") and said.code != PLANNED.code
    return said if is_found else NOT_SENT()


def _message(
    company: Company, customer_id: int, currency: str, charge_date: date, part: pl.DataFrame, on: date
) -> Message:
    cents = int(part["amount_cents"].sum())
    return Message(
        company=company,
        customer_id=customer_id,
        channel="email",
        template=CHARGE_NOTICE,
        step_code="",
        currency=currency,
        amount_cents=cents,
        document_count=part.height,
        oldest_due_date=part["due_date"].min(),
        planned_date=on,
        state=Message.State.APPROVED,
        reason=PLANNED(amount=Money(cents, currency), day=charge_date).as_json(),
        approval="automatic",
        approved_by=BY_POLICY,
    )
