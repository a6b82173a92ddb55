"""Says whether messages may leave to customers. In test mode everything else happens, and that does not."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Wording
from encours.queries.test_mode import WouldLeave, would_leave
from encours.store.models import Company, Message, Reminder

SET_ASIDE = Wording(
    "message.set_aside_before_live",
    fr="Mis de côté au passage en réel : préparé pendant l’essai",
    en="Set aside when going live: prepared during the trial",
)


@dataclass(frozen=True)
class Switched:
    """`leaving` is what leaves first when the company went live; `set_aside` messages were cancelled instead."""

    leaving: WouldLeave
    set_aside: int


@transaction.atomic
def go_live(*, company: Company, on: date, actor: str, starts_afresh: bool = False) -> Switched:
    """From now on approved messages leave. The journal keeps what was about to leave first.

    With `starts_afresh` what was prepared during the trial is cancelled and its steps are free: the next plan decides
    from what is then true. Nothing leaves inside this call.
    """
    _lock(company)
    set_aside = _set_aside(company) if starts_afresh else 0
    leaving = would_leave(company=company, on=on)
    told = [
        {"currency": total.currency, "messages": total.count, "amount_cents": total.amount_cents}
        for total in leaving.totals
    ]
    _switch(company, False, actor, {"leaving": told, "set_aside": set_aside})
    return Switched(leaving=leaving, set_aside=set_aside)


@transaction.atomic
def enter_test_mode(*, company: Company, actor: str) -> None:
    """From now on nothing leaves. A message whose hand-over has begun is the last one."""
    _lock(company)
    _switch(company, True, actor, {})


def _lock(company: Company) -> None:
    """Senders that have begun a hand-over (`queries.test_mode.in_test_mode`) finish it first."""
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)


def _switch(company: Company, is_test_mode: bool, actor: str, data: dict[str, object]) -> None:
    changed = Company.objects.filter(pk=company.pk, is_test_mode=not is_test_mode).update(
        is_test_mode=is_test_mode
    )
    company.is_test_mode = is_test_mode
    if changed:
        action = "company.test_mode" if is_test_mode else "company.live"
        record(
            company=company,
            actor=actor,
            action=action,
            subject_type="company",
            subject_id=company.pk,
            data=data,
        )


def _set_aside(company: Company) -> int:
    planned = Message.objects.filter(
        company=company, state__in=[Message.State.WAITING, Message.State.APPROVED]
    ).exclude(step_code="")
    ids = list(planned.select_for_update().values_list("pk", flat=True))
    Message.objects.filter(company=company, pk__in=ids).update(
        state=Message.State.CANCELLED, reason=SET_ASIDE().as_json()
    )
    Reminder.objects.filter(company=company, message__in=ids).update(counts=False)
    return len(ids)
