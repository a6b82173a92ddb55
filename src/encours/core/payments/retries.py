"""When a charge by mandate that failed is tried again: only what may pass by itself, a few times, when money is likely there.

Card schemes and banks count attempts and charge for useless ones. Our caps stay below theirs: Visa allows 20 of one
transaction in 30 days, Stripe advises at most 8 in two weeks; a direct debit that came back for lack of funds (AM04) or
without a reason (MS03) is presented once more.
"""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, timedelta

from encours.core.business_days import business_day_from, is_business_day
from encours.core.payments.failures import LATER
from encours.core.payments.methods import CARD, DIRECT_DEBIT_FILE, SEPA_DEBIT


@dataclass(frozen=True)
class RetryRule:
    """At most `attempts` in all, the last no later than `days` after the first; `gap_days` at least between two."""

    attempts: int
    days: int
    gap_days: int


RULES = {
    CARD: RetryRule(attempts=4, days=14, gap_days=2),
    SEPA_DEBIT: RetryRule(attempts=2, days=30, gap_days=5),
    DIRECT_DEBIT_FILE: RetryRule(attempts=2, days=30, gap_days=5),
}
# Companies are paid by their own customers at the end of the month, on the 10th and on the 15th, and have the money on the
# next day; what is left of a month's end is there until the 5th.
USUAL_PAYDAYS = frozenset({1, 5, 11, 16})
# so many payments of a customer on the same days of the month are a habit
_HABIT = 3


def paydays(paid_on: Iterable[date]) -> frozenset[int]:
    """Days of the month on which this customer has money: those it paid on at least three times, with the day after.

    >>> sorted(paydays([date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 16), date(2026, 4, 15)]))
    [15, 16]
    >>> paydays([date(2026, 1, 15)]) == USUAL_PAYDAYS
    True
    """
    counted = Counter(day.day for day in paid_on)
    usual = {day for day, count in counted.items() if count >= _HABIT}
    return frozenset(usual | {day % 31 + 1 for day in usual}) if usual else USUAL_PAYDAYS


def next_attempt(
    *,
    group: str,
    method: str,
    attempt_number: int,
    first_date: date,
    failed_date: date,
    paydays: Set[int] = USUAL_PAYDAYS,
    not_before: date | None = None,
) -> date | None:
    """The day to try again: a business day on or after one of `paydays` (days of the month), inside the rule of the method.

    None when it must not be tried again. `attempt_number` is that of the attempt that failed, 1 for the first; `not_before`
    a day the service asked for. Where no payday lies inside the rule, the last day that does is used: a later one never.
    """
    rule = RULES.get(method)
    if rule is None or group != LATER or attempt_number >= rule.attempts:
        return None
    earliest = max(failed_date + timedelta(days=rule.gap_days), not_before or date.min)
    latest = first_date + timedelta(days=rule.days)
    days = [day for day in _days(earliest, latest) if is_business_day(day)]
    # a payday on a weekend is the next business day: it may lie before `earliest`
    likely = {
        business_day_from(day) for day in _days(earliest - timedelta(days=4), latest) if day.day in paydays
    }
    return next((day for day in days if day in likely), days[-1] if days else None)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
