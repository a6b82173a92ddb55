"""Until when a debt may be asked for in court, and what has begun that time anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from encours.core.court_files.procedures import LIMITATION_YEARS
from encours.core.interest import Debtor
from encours.core.wording import Wording

SOON_DAYS = 90

PAID_PART = Wording("limitation.paid_part", fr="paiement partiel", en="part payment")
PLAN_AGREED = Wording("limitation.plan_agreed", fr="échéancier accepté", en="payment plan accepted")
PROMISED = Wording("limitation.promised", fr="promesse de payer", en="promise to pay")


@dataclass(frozen=True)
class Acknowledgment:
    """The debtor acted as one who owes (Code civil, art. 2240): the whole time runs again from the day after."""

    day: date
    what: Wording


def limited_after(
    *, due_date: date, debtor: Debtor, acknowledgments: Sequence[Acknowledgment]
) -> tuple[date, Acknowledgment | None]:
    """The last day to go to court, and the act it is counted from, when it is not the due date.

    An act after the time had run out brings nothing back here: whether it waived limitation (art. 2250) is for a judge.

    >>> limited_after(due_date=date(2021, 3, 1), debtor="person", acknowledgments=[])
    (datetime.date(2023, 3, 1), None)
    """
    years = LIMITATION_YEARS[debtor]
    last, since = _years_later(due_date, years), None
    for act in sorted(acknowledgments, key=lambda each: each.day):
        if due_date < act.day <= last:
            last, since = _years_later(act.day, years), act
    return last, since


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
