"""Makes the files the bank collects announced debits by: one for each scheme and collection day.

File, charges and the documents they hold are one transaction: after a crash there is all of it or nothing, and nothing that is
in a file is put into another. The file is kept as it was made; handing it in is a person's, or a program's, own act.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from encours.actions.announce_charges import drop_unsent
from encours.actions.ask_charge import LABEL_LENGTH, new_reference
from encours.actions.decide_charges import Wanted, decide_charges, drop_notices, tell_ordered
from encours.actions.expire_mandates import expire_mandates
from encours.actions.give_mandates import UnableToGiveMandates, connection_for_files
from encours.actions.open_connection import open_connection
from encours.actions.write_direct_debit_file import UnableToMakeFiles, write_direct_debit_file
from encours.core.dunning.reasons import TEST_MODE
from encours.core.payments.charges import PENDING, SUCCEEDED
from encours.core.payments.direct_debits import (
    GATEWAY,
    LATE_DAYS,
    USED_UP,
    add_target_days,
    collection_day,
    sequence_of,
    target_day_from,
)
from encours.core.payments.methods import DIRECT_DEBIT_FILE
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.direct_debits import (
    DirectDebitBank,
)
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

# a day to try again that no file was made for is let go after so many days
_RETRY_WITHIN_DAYS = 7

PAUSED = Wording(
    "direct_debit.paused",
    fr="Les prélèvements par fichier sont en pause : reprenez la connexion d’abord.",
    en="Direct debits by file are paused: resume the connection first.",
)
TOO_LATE = Wording(
    "direct_debit.too_late",
    fr="Annoncé pour le {announced}, et au plus tôt possible le {possible} : il faut l’annoncer de nouveau.",
    en="Announced for {announced}, and possible on {possible} at the earliest: it must be announced anew.",
)


@dataclass(frozen=True)
class FilesMade:
    """Ids of the files, how many announced debits were dropped, and why nothing at all was made (`warning`)."""

    file_ids: tuple[int, ...] = ()
    canceled: int = 0
    warning: Sentence | None = None


@transaction.atomic
def make_direct_debit_files(
    *,
    company: Company,
    on: date,
    now: datetime,
    actor: str,
    until: date | None = None,
    accept_bank_age: bool = False,
) -> FilesMade:
    """Files of what must be handed in on a day, and of what is announced `until` a later one. Again, it makes nothing more.

    Nothing is made in test mode, nor while the bank is not known recently enough to say who has paid. Raises
    `UnableToMakeFiles`.
    """
    connection, bank = _bank(company)
    if in_test_mode(company=company):
        return FilesMade(warning=TEST_MODE())
    drop_unsent(company=company)
    expire_mandates(company=company, on=on, now=now, actor=actor)
    horizon = max(add_target_days(on, bank.lead_days), until or date.min)
    wanted = [*_due_notices(company, on, horizon, bank), *_due_retries(company, on, horizon, bank)]
    decided = decide_charges(company=company, wanted=wanted, on=on, accept_bank_age=accept_bank_age)
    if decided.warning is not None:
        return FilesMade(warning=decided.warning)
    kept, dropped = _in_time(company, decided.charged)
    charges = _charges(company, connection, kept, decided.documents, on, actor)
    canceled = drop_notices(
        company=company, dropped=[*decided.dropped, *dropped], documents=decided.documents, actor=actor
    )
    groups: dict[tuple[str, date], list[Charge]] = {}
    for charge in charges:
        assert charge.mandate is not None, "a debit by file has a mandate"
        assert charge.collection_date is not None, "debits by file have a day"
        groups.setdefault((charge.mandate.kind, charge.collection_date), []).append(charge)
    ids = [
        write_direct_debit_file(
            company=company,
            connection=connection,
            bank=bank,
            kind=kind,
            day=day,
            charges=part,
            on=on,
            now=now,
            actor=actor,
        )
        for (kind, day), part in sorted(groups.items())
    ]
    numbers = {key: document.number for key, document in decided.documents.items()}
    by_charge = dict(
        zip((each.reference for each in charges), (numbers[w.document_id] for w, _ in kept), strict=True)
    )
    tell_ordered(
        company=company, charges=[(each, by_charge[each.reference]) for each in charges], actor=actor
    )
    return FilesMade(tuple(ids), canceled)


def _bank(company: Company) -> tuple[GatewayConnection, DirectDebitBank]:
    """The connection, locked: files of a company are made one after the other."""
    try:
        found = connection_for_files(company=company)
        connection = GatewayConnection.objects.select_for_update().get(company=company, pk=found.pk)
        if connection.state != GatewayConnection.State.ACTIVE:
            raise UnableToMakeFiles(PAUSED())
        return connection, open_connection(connection)
    except (UnableToGiveMandates, UnableToAsk) as error:
        raise UnableToMakeFiles(error.sentence) from error


def _due_notices(company: Company, on: date, horizon: date, bank: DirectDebitBank) -> Iterator[Wanted]:
    """What was announced for no later than `horizon`, each with the day it is collected."""
    notice_days = charge_rules(company=company).notice_days
    rows = ChargeNotice.objects.select_for_update(of=("self",)).filter(
        company=company,
        state=ChargeNotice.State.ANNOUNCED,
        charge_date__lte=horizon,
        message__state=Message.State.SENT,
        mandate__connection__provider=GATEWAY,
        mandate__connection__state=GatewayConnection.State.ACTIVE,
    )
    for each in rows.select_related("mandate__customer", "message").order_by("pk"):
        told = each.message.sent_date if each.message else None
        if told is not None:
            day = collection_day(
                announced_date=each.charge_date,
                told_date=told,
                notice_days=notice_days,
                on=on,
                lead_days=bank.lead_days,
            )
            yield Wanted(
                each.document_id, each.mandate, each.origin, each.announced_date, each.amount_cents, notice=each,
                collection_date=day,
            )  # fmt: skip


def _due_retries(company: Company, on: date, horizon: date, bank: DirectDebitBank) -> Iterator[Wanted]:
    """Debits that came back and are presented once more."""
    rows = Charge.objects.select_for_update(of=("self",)).filter(
        company=company,
        next_attempt_date__lte=horizon,
        next_attempt_date__gt=on - timedelta(days=_RETRY_WITHIN_DAYS),
        next__isnull=True,
        state__in=(Charge.State.FAILED, Charge.State.RETURNED),
        mandate__connection__provider=GATEWAY,
        mandate__connection__state=GatewayConnection.State.ACTIVE,
    )
    earliest = add_target_days(on, bank.lead_days)
    for each in rows.select_related("mandate__customer").prefetch_related("documents").order_by("pk"):
        [document] = each.documents.all()
        if each.mandate is not None and each.next_attempt_date is not None:
            day = target_day_from(max(each.next_attempt_date, earliest))
            yield Wanted(
                document.document_id, each.mandate, each.origin, each.requested_date, each.amount_cents, previous=each,
                collection_date=day,
            )  # fmt: skip


def _in_time(
    company: Company, charged: Sequence[tuple[Wanted, int]]
) -> tuple[list[tuple[Wanted, int]], list[tuple[Wanted, Sentence]]]:
    """Without what is collected too long after the announced day, or by a mandate that was for one debit only."""
    used = set(_collected(company, {each.mandate.pk for each, _ in charged if _is_last(each.mandate)}))
    kept, dropped = [], []
    for each, cents in charged:
        announced = each.notice.charge_date if each.notice else None
        assert each.collection_date is not None, "debits by file have a day"
        if announced is not None and each.collection_date > announced + timedelta(days=LATE_DAYS):
            dropped.append((each, TOO_LATE(announced=announced, possible=each.collection_date)))
        elif _is_last(each.mandate) and each.mandate.pk in used:
            dropped.append((each, USED_UP()))
        else:
            used.add(each.mandate.pk)
            kept.append((each, cents))
    return kept, dropped


def _is_last(mandate: PaymentMandate) -> bool:
    return mandate.is_one_off or mandate.is_ending


def _collected(company: Company, mandate_ids: Iterable[int], *, ever: bool = False) -> Iterator[int]:
    """Mandates with a debit on its way or, of those for the last time now, with one since they are; else ever collected."""
    rows = Charge.objects.filter(company=company, mandate__in=list(mandate_ids), method=DIRECT_DEBIT_FILE)
    states = (PENDING, SUCCEEDED, Charge.State.RETURNED) if ever else (PENDING,)
    yield from rows.filter(state__in=states).values_list("mandate", flat=True).distinct()


def _charges(
    company: Company,
    connection: GatewayConnection,
    kept: Sequence[tuple[Wanted, int]],
    documents: dict[int, Document],
    on: date,
    actor: str,
) -> list[Charge]:
    """Pending charges, not in a file yet; a document that another charge asks for is refused by the database."""
    begun = set(_collected(company, {each.mandate.pk for each, _ in kept}, ever=True))
    charges = []
    for each, cents in kept:
        mandate, reference = each.mandate, new_reference()
        was_collected = mandate.pk in begun or mandate.last_used_date is not None
        begun.add(mandate.pk)
        charges.append(
            Charge(
                company=company,
                customer=mandate.customer,
                connection=connection,
                mandate=mandate,
                message=each.notice.message if each.notice else None,
                origin=each.origin,
                method=DIRECT_DEBIT_FILE,
                state=PENDING,
                reference=reference,
                idempotency_key=f"debit:{reference}",
                currency=documents[each.document_id].currency,
                amount_cents=cents,
                requested_date=on,
                collection_date=each.collection_date,
                sequence_type=sequence_of(
                    is_one_off=mandate.is_one_off, is_ending=mandate.is_ending, was_collected=was_collected
                ),
                request={"label": documents[each.document_id].number[:LABEL_LENGTH]},
                attempt_number=each.attempt_number,
                previous=each.previous,
                asked_by=actor,
            )
        )
    Charge.objects.bulk_create(charges, batch_size=1_000)
    ChargeDocument.objects.bulk_create(
        [
            ChargeDocument(company=company, charge=charge, document_id=each.document_id, amount_cents=cents)
            for charge, (each, cents) in zip(charges, kept, strict=True)
        ],
        batch_size=1_000,
    )
    notices = []
    for charge, (each, _) in zip(charges, kept, strict=True):
        if each.notice is not None:
            each.notice.state, each.notice.charge = ChargeNotice.State.CHARGED, charge
            notices.append(each.notice)
    ChargeNotice.objects.bulk_update(notices, ["state", "charge"], batch_size=1_000)
    return charges
