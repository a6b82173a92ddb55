"""What a plan looks at: frames of one company, or of one of its customers."""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from encours.core.cases.holding import CASES
from encours.core.dunning.policy import CHANNELS, WEEKDAYS, Policy

RECEIVABLES = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,  # instalment, 0 for a whole document
        "customer_id": pl.Int64,
        "currency": pl.String,
        "due_date": pl.Date,
        "open_cents": pl.Int64,  # positive: what credits take back is in CREDITS
    }
)
# With a column for each of the `conditions.FIELDS` about customers that a policy asks for.
CUSTOMERS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "policy_id": pl.Int64,  # the customer's own, its segment's or the company's default; null when there is none
        "contact_id": pl.Int64,
        "email": pl.String,  # "" when nobody has one
        "bounced": pl.Boolean,
        "phone": pl.String,  # "" when nobody has one
        "texts_stopped": pl.Boolean,  # asked for no more text messages
        "number_failed": pl.Boolean,  # took none
        "has_address": pl.Boolean,  # one a letter reaches
        "letters_return": pl.Boolean,  # one came back from it
        "lacks_consent": pl.Boolean,  # no professional, and has not accepted electronic registered mail
        "preferred_channel": pl.String,  # one of policy.CUSTOMER_CHANNELS; null when none is known
        "region": pl.String,  # whose public holidays it keeps: core.business_days.holiday_region
    }
)
# documents with a policy of their own
OVERRIDES = pl.Schema({"document_id": pl.Int64, "own_policy_id": pl.Int64})
# open credit notes and receipts allocated to nothing yet, as a positive amount
CREDITS = pl.Schema({"customer_id": pl.Int64, "currency": pl.String, "credit_cents": pl.Int64})
# receipts found for a document that wait for a person's yes, and payments on their way (card, direct debit): money that is
# there, or is coming, counts as covering
PENDING = pl.Schema(
    {"document_id": pl.Int64, "pending_cents": pl.Int64, "is_on_its_way": pl.Boolean}  # some of it
)
# charges by mandate the customer was told of, until their day: not asked for in another way meanwhile
ANNOUNCED = pl.Schema({"document_id": pl.Int64, "charge_date": pl.Date})
DONE = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "done_offset_days": pl.Int64,  # of the highest step done or on its way
        "done_date": pl.Date,  # when that one was sent; when it was planned if it never left
        "reminded_date": pl.Date,  # last reminder after the due date that was really sent
    }
)
# the last time a customer was written to or called, by the product or by hand
CONTACTED = pl.Schema({"customer_id": pl.Int64, "last_contact_date": pl.Date})
# the days of the last seven on which a customer was contacted, each once
CONTACT_DAYS = pl.Schema({"customer_id": pl.Int64, "contact_date": pl.Date})
# messages not sent yet: waiting for approval, approved, being sent, or of unknown fate
OUTBOX = pl.Schema(
    {
        "customer_id": pl.Int64,
        "currency": pl.String,
        "pending_step_code": pl.String,
        "pending_state": pl.String,
        "pending_since_date": pl.Date,
    }
)
HOLDS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "document_id": pl.Int64,  # null: all of the customer's documents
        "hold_kind": pl.String,
        "hold_reason": pl.String,
        "from_date": pl.Date,
        "until_date": pl.Date,  # last day held, null until released
    }
)

# receivables of which a step was held back at random (core.dunning.hold_out), the highest such step
HELD_OUT = pl.Schema({"document_id": pl.Int64, "position": pl.Int64, "held_out_offset_days": pl.Int64})


@dataclass(frozen=True)
class HoldOut:
    """`percent` of the reminders for at most `max_amount_cents` left to pay are held back at random, by `seed`."""

    percent: int
    max_amount_cents: int
    seed: int


# what caps on contacts count over
WEEK = timedelta(days=7)


def _empty(schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Situation:
    """Frames with the schemas of this module; only open receivables, policies in force by id, holds not released.

    Receivables and customers have a column more for each field that a condition of the policies looks up there.
    """

    receivables: pl.DataFrame
    customers: pl.DataFrame
    policies: Mapping[int, Policy] = field(default_factory=dict)
    overrides: pl.DataFrame = field(default_factory=lambda: _empty(OVERRIDES))
    credits: pl.DataFrame = field(default_factory=lambda: _empty(CREDITS))
    pending: pl.DataFrame = field(default_factory=lambda: _empty(PENDING))
    announced: pl.DataFrame = field(default_factory=lambda: _empty(ANNOUNCED))
    done: pl.DataFrame = field(default_factory=lambda: _empty(DONE))
    contacted: pl.DataFrame = field(default_factory=lambda: _empty(CONTACTED))
    contact_days: pl.DataFrame = field(default_factory=lambda: _empty(CONTACT_DAYS))
    outbox: pl.DataFrame = field(default_factory=lambda: _empty(OUTBOX))
    holds: pl.DataFrame = field(default_factory=lambda: _empty(HOLDS))
    # disputes, promises and payment plans that are open
    cases: pl.DataFrame = field(default_factory=lambda: _empty(CASES))
    held_out: pl.DataFrame = field(default_factory=lambda: _empty(HELD_OUT))
    hold_out: HoldOut | None = None
    # the channels by which something here can send
    channels: Set[str] = frozenset(CHANNELS)
    # last day the bank accounts are known for; None when no statement ever came in
    bank_known_until: date | None = None
    bank_data_max_age_days: int = 5
    # public holidays by region of customers; those of the company's own are the plan's `days_off`
    regional_days_off: Mapping[str, Set[date]] = field(default_factory=dict)


def next_business_day(*, on: date, days_off: Set[date], weekdays: Collection[str] = WEEKDAYS) -> date:
    """`on`, or the first day after it that is one of the `weekdays`, no weekend and not among `days_off`."""
    day = on
    while day.weekday() >= 5 or WEEKDAYS[day.weekday()] not in weekdays or day in days_off:
        day += timedelta(days=1)
    return day
