"""A day of automatic charges: what became of earlier ones, what is announced, what is charged."""

from dataclasses import dataclass
from datetime import date, datetime

from encours.actions.announce_charges import Announced, announce_charges
from encours.actions.charge_announced import Charging, charge_announced
from encours.actions.decide_failures import decide_failures
from encours.actions.work_mandate_events import work_mandate_events
from encours.store.models import Company


@dataclass(frozen=True)
class ChargeDay:
    """What a day did."""

    announced: Announced
    charging: Charging


def charge_by_mandate(
    *, company: Company, on: date, now: datetime, actor: str, accept_bank_age: bool = False
) -> ChargeDay:
    """Works a day. Running again adds nothing. Not in a transaction.

    What fails at once is decided on at once: a mandate that is over charges nothing more on the same day's next run.
    """
    work_mandate_events(company=company, now=now, actor=actor)
    decide_failures(company=company, on=on, now=now, actor=actor)
    charging = charge_announced(company=company, on=on, now=now, actor=actor, accept_bank_age=accept_bank_age)
    decide_failures(company=company, on=on, now=now, actor=actor)
    announced = announce_charges(company=company, on=on, actor=actor)
    return ChargeDay(announced, charging)
