"""The days on which a customer's plan may say something new: only then is it worth making.

A step's day comes, a hold begins or ends, the gap since the last contact is over, what was planned left or was called off,
money or a document came in. Whoever something is held back for that none of these would set free is planned again the
next day, and so is, every day, who has a policy whose conditions change with time alone.
"""

from collections import defaultdict
from collections.abc import Set
from datetime import date, timedelta

import polars as pl

from encours.core.cases.holding import CODES
from encours.core.dunning import reasons
from encours.core.dunning.conditions import fields_of
from encours.core.dunning.policy import Policy
from encours.core.dunning.situation import WEEK, Situation, next_business_day

# Fields of conditions that another day changes though nothing happens.
TIME_FIELDS = frozenset({"days_late", "overdue_total", "relationship_months", "score"})

# Held back until something happens that wakes the customer anyway.
_UNTIL_SOMETHING_HAPPENS = (
    reasons.COVERED.code,
    reasons.PENDING_RECEIPT.code,
    reasons.PAYMENT_ON_ITS_WAY.code,
    reasons.NO_POLICY.code,
    reasons.NO_ADDRESS.code,
    reasons.BAD_ADDRESS.code,
    reasons.BOUNCED.code,
    reasons.NO_POSTAL_ADDRESS.code,
    reasons.LETTERS_RETURN.code,
    reasons.NO_PHONE.code,
    reasons.TEXTS_STOPPED.code,
    reasons.NUMBER_FAILED.code,
    reasons.NOT_A_MOBILE.code,
    reasons.NO_CONSENT.code,
    reasons.NO_SERVICE.code,
    reasons.DOES_NOT_APPLY.code,
    reasons.MESSAGE_WAITING.code,
    reasons.MESSAGE_UNKNOWN.code,
    reasons.FORMAL_NEEDS_REMINDER.code,
    reasons.BELOW_MINIMUM.code,
    reasons.HELD_OUT.code,
)
# Held back until the day they name: a gap is over on it, a hold after it.
_UNTIL_DAY = (reasons.TOO_SOON.code, reasons.WEEK_FULL.code)
_PAST_DAY = (
    reasons.DOCUMENT_HELD.code, reasons.CUSTOMER_HELD.code, reasons.CHARGE_ANNOUNCED.code, *sorted(CODES)
)  # fmt: skip


class Calendar:
    """Who is to be planned on which day, from `first` to `last`. On the first, everybody is."""

    def __init__(self, *, situation: Situation, first: date, last: date, days_off: Set[date]) -> None:
        self.first, self.last, self.days_off = first, last, days_off
        self.policies = situation.policies
        self._awake: dict[date, list[pl.Series]] = defaultdict(list)
        self._gaps = sorted({max(policy.min_gap_days, 1) for policy in situation.policies.values()})
        self._weeks = any(policy.max_contacts_per_week for policy in situation.policies.values())
        self._step_days = sorted(
            {
                step.days
                for policy in situation.policies.values()
                for step in policy.steps
                if step.clock == "previous_step"
            }
        )
        self._restless = _restless(situation)
        self.wake(situation.receivables["customer_id"], first)
        self._wake_on_step_days(situation)
        self._wake_on_holds(situation)
        for contact in situation.contacted.partition_by("last_contact_date"):
            self.wake_after_contact(contact["customer_id"], contact["last_contact_date"][0])

    def awake(self, day: date) -> pl.Series:
        """The customers to plan; each once."""
        return pl.concat([self._restless, *self._awake.pop(day, [])]).unique()

    def wake(self, customers: pl.Series, day: date) -> None:
        if self.first <= day <= self.last and len(customers):
            self._awake[day].append(customers.cast(pl.Int64))

    def wake_after_contact(self, customers: pl.Series, day: date) -> None:
        """When the gap of each policy is over, and the week."""
        for days in self._gaps + ([WEEK.days] if self._weeks else []):
            self.wake(customers, self._first_day_for(day + timedelta(days=days)))

    def wake_after_steps(self, done: pl.DataFrame) -> None:
        """On the days of steps that count from the one just done (customer_id, planned_date)."""
        for part in done.partition_by("planned_date"):
            for days in self._step_days:
                self.wake(part["customer_id"], part["planned_date"][0] + timedelta(days=days))

    def wake_for_held(self, held: pl.DataFrame, day: date) -> None:
        """When what is held back on a day may be free."""
        held = held.select("customer_id", "reason", "until_date").unique()
        until = pl.col("until_date")
        held = held.filter(~pl.col("reason").is_in(_UNTIL_SOMETHING_HAPPENS)).with_columns(
            free=pl.when(pl.col("reason").is_in(_UNTIL_DAY))
            .then(until)
            .when(pl.col("reason").is_in(_PAST_DAY))
            .then(until + timedelta(days=1))
            .otherwise(pl.lit(day + timedelta(days=1)))
        )
        for part in held.filter(pl.col("free").is_not_null()).partition_by("free"):
            self.wake(part["customer_id"], max(self._first_day_for(part["free"][0]), day + timedelta(days=1)))

    def _first_day_for(self, day: date) -> date:
        """The first day whose messages leave on this day or later: holds and gaps are looked at for it."""
        while (
            next_business_day(on=day - timedelta(days=1), days_off=self.days_off) >= day and day > self.first
        ):
            day -= timedelta(days=1)
        return day

    def _wake_on_step_days(self, situation: Situation) -> None:
        rows = situation.receivables.select("document_id", "position", "customer_id", "due_date").join(
            situation.customers.select("customer_id", "policy_id"), on="customer_id"
        )
        if len(situation.overrides):
            rows = rows.join(situation.overrides, on="document_id", how="left").with_columns(
                policy_id=pl.coalesce("own_policy_id", "policy_id")
            )
        rows = rows.join(situation.done, on=["document_id", "position"], how="left")
        days = [
            rows.filter(pl.col("policy_id") == policy_id).select("customer_id", day=day)
            for policy_id, policy in self.policies.items()
            for day in _step_days(policy)
        ]
        # without a policy, being late is told
        days.append(rows.select("customer_id", day=pl.col("due_date") + timedelta(days=1)))
        found = pl.concat(days).filter(pl.col("day").is_between(self.first, self.last)).unique()
        for part in found.partition_by("day"):
            self.wake(part["customer_id"], part["day"][0])

    def _wake_on_holds(self, situation: Situation) -> None:
        cases = situation.cases.filter(pl.col("case_until_date").is_not_null()).join(
            situation.receivables.select("document_id", "customer_id").unique(), on="document_id"
        )
        for customer_id, until in cases.select("customer_id", "case_until_date").unique().iter_rows():
            self.wake(
                pl.Series([customer_id], dtype=pl.Int64), self._first_day_for(until + timedelta(days=1))
            )
        holds = situation.holds
        begins, ends = holds["from_date"], holds["until_date"] + timedelta(days=1)
        for customer_id, begin, end in zip(holds["customer_id"], begins, ends, strict=True):
            for day in (begin, end):
                if day is not None and self.first < day <= self.last + timedelta(days=7):
                    self.wake(pl.Series([customer_id], dtype=pl.Int64), self._first_day_for(day))


def _step_days(policy: Policy) -> list[pl.Expr]:
    counted_from = {
        "due_date": pl.col("due_date"),
        "end_of_month": pl.col("due_date").dt.month_end(),
        "previous_step": pl.col("done_date"),
    }
    return [counted_from[step.clock] + timedelta(days=step.days) for step in policy.steps]


def _restless(situation: Situation) -> pl.Series:
    """Customers with a policy whose conditions change with time alone."""
    changing = [
        policy_id
        for policy_id, policy in situation.policies.items()
        if any(name in TIME_FIELDS for step in policy.steps for name in fields_of(step.condition))
    ]
    own = situation.customers.filter(pl.col("policy_id").is_in(changing))["customer_id"]
    chosen = situation.overrides.filter(pl.col("own_policy_id").is_in(changing))
    owners = situation.receivables.join(chosen, on="document_id", how="semi")["customer_id"]
    return pl.concat([own, owners]).cast(pl.Int64).unique()
