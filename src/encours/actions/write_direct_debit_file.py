"""Writes one file of direct debits, keeps it as it is handed in, and awaits its credit on the bank's statement."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.seal_mandate import account_of
from encours.core.payments.direct_debits import FAR_COUNTRIES, SCHEMES
from encours.core.wording import Sentence, Wording
from encours.ports.direct_debits import (
    Address,
    Collection,
    DirectDebit,
    DirectDebitBank,
    UnableToWriteFile,
    batch_id,
)
from encours.store.models import Charge, Company, DirectDebitFile, GatewayConnection, Payout
from encours.store.secrets import UnableToUnseal

NO_ACCOUNT = Wording(
    "direct_debit.no_account",
    fr="Le compte du mandat {reference} ne peut plus être lu (clé absente).",
    en="The account of mandate {reference} can no longer be read (its key is missing).",
)


class UnableToMakeFiles(Exception):
    """Nothing was made; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def write_direct_debit_file(
    *,
    company: Company,
    connection: GatewayConnection,
    bank: DirectDebitBank,
    kind: str,
    day: date,
    charges: Sequence[Charge],
    on: date,
    now: datetime,
    actor: str,
) -> int:
    """Its id. `charges` are pending debits of one scheme (`kind`) and `day`, in no file yet. In the caller's transaction.

    Raises `UnableToMakeFiles`.
    """
    message_id = f"EC{on:%y%m%d}{secrets.token_hex(6).upper()}"
    collection = Collection(
        message_id=message_id,
        made_at=now.astimezone(ZoneInfo(company.time_zone)),
        scheme=SCHEMES[kind],
        collection_date=day,
        debits=[_debit(each) for each in charges],
    )
    try:
        content = bank.write(collection)
    except UnableToWriteFile as error:
        raise UnableToMakeFiles(error.sentence) from error
    stored = keep_file(
        company=company, name=f"{message_id}.xml", media_type="application/xml", content=content
    )
    total = sum(each.amount_cents for each in charges)
    made = DirectDebitFile.objects.create(
        company=company, connection=connection, file=stored, scheme=kind, message_id=message_id, collection_date=day,
        charge_count=len(charges), total_cents=total, made_by=actor,
    )  # fmt: skip
    _await_credit(company, connection, message_id, day, charges, now)
    for each in charges:
        each.file = made
    Charge.objects.bulk_update(charges, ["file", "payout"], batch_size=1_000)
    record(
        company=company, actor=actor, action="direct_debit_file.made", subject_type="direct_debit_file",
        subject_id=made.pk,
        data={
            "message_id": message_id, "scheme": kind, "collection_date": day.isoformat(), "charges": len(charges),
            "amount_cents": total, "currency": "EUR", "sha256": stored.sha256,
        },
    )  # fmt: skip
    return made.pk


def _await_credit(
    company: Company,
    connection: GatewayConnection,
    message_id: str,
    day: date,
    charges: Sequence[Charge],
    now: datetime,
) -> None:
    """Each batch is a payout: the bank credits it in one sum."""
    by_sequence: dict[str, list[Charge]] = {}
    for each in charges:
        by_sequence.setdefault(each.sequence_type, []).append(each)
    for sequence, part in by_sequence.items():
        cents = sum(each.amount_cents for each in part)
        payout = Payout.objects.create(
            company=company, connection=connection, external_id=batch_id(message_id, sequence), currency="EUR",
            amount_cents=cents, gross_cents=cents, arrival_date=day, state="pending", told_at=now,
        )  # fmt: skip
        for each in part:
            each.payout = payout


def _debit(charge: Charge) -> DirectDebit:
    mandate = charge.mandate
    assert mandate is not None, "a debit by file has a mandate"
    assert mandate.signed_at is not None, "a mandate for files is signed"
    try:
        iban = account_of(mandate)
    except UnableToUnseal as error:
        raise UnableToMakeFiles(NO_ACCOUNT(reference=mandate.reference)) from error
    customer = mandate.customer
    return DirectDebit(
        reference=charge.reference,
        amount_cents=charge.amount_cents,
        sequence_type=charge.sequence_type,
        mandate_reference=mandate.reference,
        signed_date=mandate.signed_at.date(),
        holder_name=mandate.holder_name,
        iban=iban,
        label=charge.request["label"],
        bic=mandate.bic,
        address=Address(customer.street, customer.postcode, customer.city, customer.country)
        if iban[:2] in FAR_COUNTRIES
        else None,
    )
