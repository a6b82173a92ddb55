"""Reads what the bank answers to a direct-debit file (pain.002): taken, refused as a whole or in parts, debit by debit.

A file, or a batch of it, that is refused was never presented to any payer: its debits go into the next file. A single debit that
is refused was: what follows depends on the reason. Money that is on the account is the statement's to take back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction

from encours.actions.apply_told_charge import apply_told_charges
from encours.actions.give_mandates import UnableToGiveMandates, connection_for_files
from encours.actions.hand_in_direct_debit_file import use_mandates
from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.open_connection import open_connection
from encours.actions.put_back_debits import count_batches, put_back_debits
from encours.core.matching.return_reasons import reason_of_return
from encours.core.money import Money
from encours.core.payments.charges import FAILED, PENDING
from encours.core.payments.direct_debit_failures import REFUSED, failure_group
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.direct_debits import (
    DirectDebitBank,
    StatusReport,
    ToldStatus,
    UnableToReadAnswer,
    batch_id,
)
from encours.ports.gateways import ToldCharge, ToldFailure
from encours.store.models import Charge, Company, DirectDebitFile

_REJECTED = "RJCT"
_TAKEN = frozenset({"ACTC", "ACCP", "ACSP", "ACSC", "ACWC", "ACCC", "PART", "RCVD"})

UNKNOWN_FILE = Wording(
    "direct_debit_answer.unknown_file",
    fr="La banque répond au fichier {file}, qui n’a pas été fait ici.",
    en="The bank answers to file {file}, which was not made here.",
)
UNKNOWN_DEBIT = Wording(
    "direct_debit_answer.unknown_debit",
    fr="La banque refuse le prélèvement {reference}, qui n’est pas dans le fichier {file}.",
    en="The bank refuses debit {reference}, which is not in file {file}.",
)
OTHER_AMOUNT = Wording(
    "direct_debit_answer.other_amount",
    fr="La banque refuse {told} pour le prélèvement {reference}, qui est de {asked} : à vérifier auprès d’elle.",
    en="The bank refuses {told} of debit {reference}, which is {asked}: check it with the bank.",
)
RECEIVED_ALREADY = Wording(
    "direct_debit_answer.received_already",
    fr="La banque refuse le prélèvement {reference}, dont l’argent est sur le compte : son relevé dira quand il repart.",
    en="The bank refuses debit {reference}, whose money is on the account: its statement will say when it goes.",
)
WAS_CANCELED = Wording(
    "direct_debit_answer.was_canceled",
    fr="La banque répond au fichier {file}, annulé ici : s’il lui a été remis, demandez-lui de l’annuler aussi.",
    en="The bank answers to file {file}, canceled here: if it was handed in, ask the bank to cancel it too.",
)
FILE_REFUSED = Wording(
    "direct_debit_file.refused",
    fr="Refusé par la banque avant toute présentation : {why}.",
    en="Refused by the bank before it was presented to anybody: {why}.",
)


class UnableToReadDirectDebits(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass
class Answered:
    """Files an answer was about (message ids), debits refused and put back, and what a person should look at."""

    files: list[str] = field(default_factory=list)
    refused: int = 0
    put_back: int = 0
    problems: list[Problem] = field(default_factory=list)


@transaction.atomic
def read_direct_debit_answer(
    *, company: Company, name: str, content: bytes, now: datetime, actor: str
) -> Answered:
    """What follows from an answer. Read again, nothing more. Raises `UnableToReadDirectDebits`."""
    try:
        bank: DirectDebitBank = open_connection(connection_for_files(company=company))
        reports = bank.read_answer(content)
    except (UnableToGiveMandates, UnableToAsk, UnableToReadAnswer) as error:
        raise UnableToReadDirectDebits(error.sentence) from error
    done = Answered()
    for report in sorted(reports, key=lambda each: each.told_at):
        rows = DirectDebitFile.objects.select_for_update().filter(company=company)
        found = rows.filter(message_id=report.message_id).first()
        if found is None:
            done.problems.append(Problem(UNKNOWN_FILE(file=report.message_id[:35]), file=name))
        else:
            _follow(company, found, report, name, now, actor, done)
    if done.files:
        keep_file(company=company, name=name[-255:], media_type="application/xml", content=content)
    return done


def _follow(
    company: Company,
    found: DirectDebitFile,
    report: StatusReport,
    name: str,
    now: datetime,
    actor: str,
    done: Answered,
) -> None:
    done.files.append(found.message_id)
    if found.state == DirectDebitFile.State.CANCELED:
        done.problems.append(Problem(WAS_CANCELED(file=found.message_id), file=name))
        return
    refused, put_back = done.refused, done.put_back
    before = found.state
    charges = {
        each.reference: each
        for each in Charge.objects.select_for_update().filter(company=company, file=found).order_by("pk")
    }
    for status in (each for each in report.statuses if not each.reference):
        _follow_part(company, found, status, list(charges.values()), now, done)
    _refuse(company, found, report, charges, name, now, actor, done)
    if found.state == DirectDebitFile.State.MADE:
        found.state = DirectDebitFile.State.SENT  # the bank has it, whoever gave it
        use_mandates(company=company, file=found)
    if found.sent_at is None:
        found.sent_at, found.sent_by = min(report.told_at, now), actor
    found.save(update_fields=["state", "sent_at", "sent_by", "problem"])
    if (before, refused, put_back) != (found.state, done.refused, done.put_back):
        record(
            company=company, actor=actor, action="direct_debit_file.answered", subject_type="direct_debit_file",
            subject_id=found.pk,
            data={
                "message_id": found.message_id, "answer": report.own_id[:35], "state": found.state,
                "refused": done.refused - refused, "put_back": done.put_back - put_back,
            },
        )  # fmt: skip


def _follow_part(
    company: Company,
    found: DirectDebitFile,
    status: ToldStatus,
    charges: Sequence[Charge],
    now: datetime,
    done: Answered,
) -> None:
    """Of the whole file, or of a batch."""
    if status.status == _REJECTED:
        part = [
            each
            for each in charges
            if each.state == PENDING
            and (not status.batch_id or batch_id(found.message_id, each.sequence_type) == status.batch_id)
        ]
        reason = FILE_REFUSED(why=status.words or reason_of_return(status.reason))
        done.put_back += put_back_debits(company=company, charges=part, reason=reason, now=now)
        found.problem = reason.as_json()
        if not status.batch_id:
            found.state = DirectDebitFile.State.REJECTED
    elif status.status in _TAKEN and not status.batch_id and found.state != DirectDebitFile.State.REJECTED:
        found.state = DirectDebitFile.State.ACCEPTED


def _refuse(
    company: Company,
    found: DirectDebitFile,
    report: StatusReport,
    charges: dict[str, Charge],
    name: str,
    now: datetime,
    actor: str,
    done: Answered,
) -> None:
    """Single debits that were refused before any money came."""
    told: dict[int, ToldCharge] = {}
    for status in report.statuses:
        if not status.reference or status.status != _REJECTED:
            continue
        charge = charges.get(status.reference)
        problem = _doubt(charge, status, found)
        if problem is not None:
            done.problems.append(Problem(problem, file=name))
        elif charge is not None and charge.state == PENDING:
            moment = min(report.told_at.astimezone(UTC), now)
            told[charge.pk] = refused_debit(charge, reason=status.reason, told_at=moment)
    if told:
        apply_told_charges(company=company, told=told, now=now, actor=actor)
        batches = {each.payout_id for each in charges.values() if each.pk in told and each.payout_id}
        count_batches(company=company, payout_ids=batches)
        done.refused += len(told)


def _doubt(charge: Charge | None, status: ToldStatus, found: DirectDebitFile) -> Sentence | None:
    if charge is None:
        return UNKNOWN_DEBIT(reference=status.reference, file=found.message_id)
    if status.amount_cents is not None and status.amount_cents != charge.amount_cents:
        said = {"told": Money(status.amount_cents, "EUR"), "asked": Money(charge.amount_cents, "EUR")}
        return OTHER_AMOUNT(reference=status.reference, **said)
    if charge.received_cents:
        return RECEIVED_ALREADY(reference=status.reference)
    return None


def refused_debit(charge: Charge, *, reason: str, told_at: datetime) -> ToldCharge:
    """The bank's word that nothing came of a debit."""
    failure = ToldFailure(failure_group(reason), reason.upper()[:60], REFUSED(why=reason_of_return(reason)))
    return ToldCharge(
        external_id=charge.external_id,
        reference=charge.reference,
        state=FAILED,
        currency=charge.currency,
        amount_cents=charge.amount_cents,
        received_cents=0,
        told_at=told_at,
        method=charge.method,
        failure=failure,
    )
