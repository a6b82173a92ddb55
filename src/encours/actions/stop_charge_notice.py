"""Stops an announced charge: somebody of the company does not want it. It is not announced again by itself."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.queries.charge_plan import STOPPED
from encours.store.models import ChargeNotice, Company, Message

TOO_LATE = Wording(
    "charge_notice.too_late",
    fr="Ce prélèvement n’est plus seulement annoncé : il a été lancé ou annulé entre-temps.",
    en="This charge is no longer only announced: it was begun or canceled meanwhile.",
)
ALL_STOPPED = Wording(
    "charge_notice.all_stopped",
    fr="Prélèvement arrêté par une personne avant d’être annoncé : {reason}",
    en="Charge stopped by a person before it was announced: {reason}",
)


class UnableToStopNotice(Exception):
    """It is not waiting for its day any more; `sentence` says so."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def stop_charge_notice(*, company: Company, notice_id: int, reason: str, actor: str) -> None:
    """The document is reminded of like any other from then on. Raises `UnableToStopNotice`.

    A message that would have announced nothing else is taken out of the outbox with it.
    """
    notice = (
        ChargeNotice.objects.select_for_update(of=("self",))
        .select_related("document")
        .get(company=company, pk=notice_id)
    )
    if notice.state != ChargeNotice.State.ANNOUNCED:
        raise UnableToStopNotice(TOO_LATE())
    said = STOPPED(reason=reason.strip()[:200])
    notice.state, notice.reason = ChargeNotice.State.CANCELED, said.as_json()
    notice.save(update_fields=["state", "reason"])
    others = ChargeNotice.objects.filter(
        company=company, message=notice.message_id, state=ChargeNotice.State.ANNOUNCED
    )
    if notice.message_id is not None and not others.exists():
        waiting = Message.objects.filter(
            company=company, pk=notice.message_id, state__in=(Message.State.WAITING, Message.State.APPROVED)
        )
        told = ALL_STOPPED(reason=reason.strip()[:200]).as_json()
        waiting.update(state=Message.State.CANCELLED, reason=told)
    record(
        company=company,
        actor=actor,
        action="charge_notice.canceled",
        subject_type="charge_notice",
        subject_id=notice.pk,
        customer_id=notice.customer_id,
        data={"number": notice.document.number, "reason": said.as_json()},
    )
