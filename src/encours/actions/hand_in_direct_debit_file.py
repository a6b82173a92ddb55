"""A file of direct debits is handed in to the bank, or never will be."""

from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.put_back_debits import put_back_debits
from encours.core.payments.charges import PENDING
from encours.core.payments.direct_debits import last_day
from encours.core.wording import Sentence, Wording
from encours.store.models import Charge, Company, DirectDebitFile, PaymentMandate

HANDED_IN = Wording(
    "direct_debit_file.handed_in",
    fr="Ce fichier a été remis à la banque : seule elle peut encore l’arrêter (demandez-lui son annulation).",
    en="This file was handed in to the bank: only the bank can stop it now (ask it to cancel it).",
)
WAS_CANCELED = Wording(
    "direct_debit_file.was_canceled",
    fr="Ce fichier a été annulé : il ne doit pas être remis.",
    en="This file was canceled: it must not be handed in.",
)
NOT_HANDED_IN = Wording(
    "charge.file_canceled",
    fr="Le fichier a été annulé avant d’être remis à la banque.",
    en="The file was canceled before it was handed in to the bank.",
)


class UnableToChangeFile(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def hand_in_direct_debit_file(*, company: Company, file_id: int, now: datetime, actor: str) -> bool:
    """Somebody gave it to the bank; False when that was known. Raises `UnableToChangeFile` of one that was canceled."""
    found = DirectDebitFile.objects.select_for_update().get(company=company, pk=file_id)
    if found.state == DirectDebitFile.State.CANCELED:
        raise UnableToChangeFile(WAS_CANCELED())
    if found.state != DirectDebitFile.State.MADE:
        return False
    found.state, found.sent_at, found.sent_by = DirectDebitFile.State.SENT, now, actor
    found.save(update_fields=["state", "sent_at", "sent_by"])
    use_mandates(company=company, file=found)
    _tell(company, found, "sent", actor)
    return True


def use_mandates(*, company: Company, file: DirectDebitFile) -> None:
    """What was presented to the bank keeps its mandate alive for 36 months more, whatever becomes of it (EPC rulebooks).
    Call it in a transaction."""
    day = file.collection_date
    mandates = list(
        PaymentMandate.objects.select_for_update()
        .filter(company=company, pk__in=Charge.objects.filter(company=company, file=file).values("mandate"))
        .order_by("pk")
    )
    for each in mandates:
        assert each.signed_at is not None, "a debit by file has a signed mandate"
        each.first_used_date = each.first_used_date or day
        each.last_used_date = max(each.last_used_date or day, day)
        each.expires_date = last_day(each.signed_at.date(), each.last_used_date)
    PaymentMandate.objects.bulk_update(
        mandates, ["first_used_date", "last_used_date", "expires_date"], batch_size=1_000
    )


@transaction.atomic
def cancel_direct_debit_file(*, company: Company, file_id: int, now: datetime, actor: str) -> int:
    """How many debits are free again: what was announced goes into the next file, what is tried again too.

    Only before the file was handed in: raises `UnableToChangeFile` afterwards. Canceled already, nothing more happens.
    """
    found = DirectDebitFile.objects.select_for_update().get(company=company, pk=file_id)
    if found.state == DirectDebitFile.State.CANCELED:
        return 0
    if found.state != DirectDebitFile.State.MADE:
        raise UnableToChangeFile(HANDED_IN())
    charges = list(
        Charge.objects.select_for_update().filter(company=company, file=found, state=PENDING).order_by("pk")
    )
    if len(charges) != found.charge_count:  # money came, or the bank answered: it has the file
        raise UnableToChangeFile(HANDED_IN())
    put_back_debits(company=company, charges=charges, reason=NOT_HANDED_IN(), now=now)
    found.state = DirectDebitFile.State.CANCELED
    found.save(update_fields=["state"])
    _tell(company, found, "canceled", actor)
    return len(charges)


def _tell(company: Company, found: DirectDebitFile, verb: str, actor: str) -> None:
    record(
        company=company, actor=actor, action=f"direct_debit_file.{verb}", subject_type="direct_debit_file",
        subject_id=found.pk,
        data={
            "message_id": found.message_id, "charges": found.charge_count, "amount_cents": found.total_cents,
            "currency": "EUR",
        },
    )  # fmt: skip
