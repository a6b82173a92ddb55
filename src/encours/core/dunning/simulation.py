"""Dunning lived through in advance, or the past lived through again: day by day, the plan of each day and what it does.

Every day, in the order in which the product works: what happens that day (`Events`: documents, money, contacts by hand);
the plan; then what was approved leaves, after the last look that sending takes (`core.dunning.leaving`). What left or
waits is what the next days are planned with.

Assumed, and to be said beside every result: plans run every day; nobody opens disputes or makes promises; people approve
what waits for them within `approval_days` business days; the bank is known in time; disputes and plans that are open
stay so, a promise holds until its day has passed; nothing bounces; what a customer is
like (segment, history of payment) stays as it is. Nothing is issued but what `Events` bring.

A customer's plan depends on that customer alone. So only those are planned for whom a day can bring something
(`core.dunning.waking`), which is what makes ninety days cost a few plans rather than ninety.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from encours.core.dunning.leaving import WAITING, Outbox, leave
from encours.core.dunning.planning import Plan, plan
from encours.core.dunning.policy import OFFSET_IN_CODE
from encours.core.dunning.situation import CONTACT_DAYS, CONTACTED, DONE, OUTBOX, WEEK, Situation
from encours.core.dunning.waking import Calendar

# What is open of a receivable from the morning of a day on: 0 once it is paid.
OPEN_CHANGES = pl.Schema(
    {"day": pl.Date, "document_id": pl.Int64, "position": pl.Int64, "open_cents": pl.Int64}
)
# What a customer's credits are worth from the morning of a day on.
CREDIT_CHANGES = pl.Schema(
    {"day": pl.Date, "customer_id": pl.Int64, "currency": pl.String, "credit_cents": pl.Int64}
)
# Contacts that no plan decides: calls, letters by hand.
HAND_CONTACTS = pl.Schema({"day": pl.Date, "customer_id": pl.Int64})

MESSAGES = pl.Schema(
    {
        "message": pl.Int64,  # key of `lines`
        "planned_on": pl.Date,  # the day whose plan it is; null for what already waited
        "sent_date": pl.Date,
        "customer_id": pl.Int64,
        "currency": pl.String,
        "channel": pl.String,
        "policy_id": pl.Int64,
        "step_code": pl.String,
        "template": pl.String,
        "approval": pl.String,
        "amount_cents": pl.Int64,
        "document_count": pl.Int64,
    }
)
LINES = pl.Schema(
    {
        "message": pl.Int64,
        "document_id": pl.Int64,
        "position": pl.Int64,
        "step_code": pl.String,
        "amount_cents": pl.Int64,
    }
)


def _empty(schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Events:
    """What happens beside dunning, by day."""

    open_amounts: pl.DataFrame = field(default_factory=lambda: _empty(OPEN_CHANGES))
    credits: pl.DataFrame = field(default_factory=lambda: _empty(CREDIT_CHANGES))
    contacts: pl.DataFrame = field(default_factory=lambda: _empty(HAND_CONTACTS))


@dataclass(frozen=True)
class Simulation:
    """What left, in the order of its days; `called_off` messages were planned and had no reason to leave any more;
    `waiting` are still there at the end. `held_out` receivables were held back at random."""

    messages: pl.DataFrame
    lines: pl.DataFrame
    called_off: int
    waiting: int
    held_out: int


def expected_payments(*, receivables: pl.DataFrame, expected: pl.DataFrame, on: date) -> Events:
    """`expected` (document_id, position, expected_date) as events: each is then paid in full, those whose day is past
    tomorrow. Receivables that are not in it are not paid."""
    days = pl.max_horizontal("expected_date", pl.lit(on + timedelta(days=1)))
    paid = receivables.select("document_id", "position").join(
        expected.filter(pl.col("expected_date").is_not_null()), on=["document_id", "position"]
    )
    changes = paid.select("document_id", "position", day=days.cast(pl.Date), open_cents=pl.lit(0, pl.Int64))
    return Events(open_amounts=changes.select(list(OPEN_CHANGES)))


def simulate(
    *,
    situation: Situation,
    on: date,
    days: int,
    days_off: Set[date] = frozenset(),
    events: Events | None = None,
    waiting: pl.DataFrame | None = None,
    approval_days: int = 1,
    customers_on: Callable[[pl.DataFrame, date], pl.DataFrame] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulation:
    """`days` days from `on` on, under the policies of the situation.

    `situation.receivables` has all that is or will be open, with what is open this morning (0: not yet). `waiting`
    (`leaving.WAITING`) are the lines of the messages in the outbox. `customers_on` brings what conditions look at up
    to a day, where that changes with time alone. `progress` is told days done and days in all.
    """
    last = on + timedelta(days=days - 1)
    life = _Life(
        situation=situation,
        calendar=Calendar(situation=situation, first=on, last=last, days_off=days_off),
        days_off=days_off,
        approval_days=approval_days,
        customers_on=customers_on,
    )
    life.begin(on, waiting)
    happening = _by_day(events or Events(), life.situation.receivables)
    for count in range(days):
        life.live(on + timedelta(days=count), happening.get(on + timedelta(days=count), {}))
        if progress:
            progress(count + 1, days)
    return life.told()


def _by_day(events: Events, receivables: pl.DataFrame) -> dict[date, dict[str, pl.DataFrame]]:
    """The events of each day, by kind; those of receivables with their customers."""
    owners = receivables.select("document_id", "position", "customer_id").unique(["document_id", "position"])
    kinds = {
        "open_amounts": events.open_amounts.join(owners, on=["document_id", "position"]),
        "credits": events.credits,
        "contacts": events.contacts,
    }
    found: dict[date, dict[str, pl.DataFrame]] = {}
    for kind, frame in kinds.items():
        for key, part in frame.partition_by("day", as_dict=True, include_key=False).items():
            found.setdefault(key[0], {})[kind] = part
    return found


class _Life:
    """The situation as it is, the outbox, and what left so far."""

    def __init__(
        self,
        *,
        situation: Situation,
        calendar: Calendar,
        days_off: Set[date],
        approval_days: int,
        customers_on: Callable[[pl.DataFrame, date], pl.DataFrame] | None,
    ) -> None:
        self.situation, self.calendar, self.days_off = situation, calendar, days_off
        self.customers_on = customers_on
        self.outbox = Outbox(situation=situation, approval_days=approval_days, days_off=days_off)
        self.sent: list[pl.DataFrame] = []
        self.lines: list[pl.DataFrame] = []
        self.called_off = self.held_out = 0

    def begin(self, on: date, waiting: pl.DataFrame | None) -> None:
        """The messages that wait already leave like those to come; those of unknown fate stay."""
        if waiting is None:
            waiting = pl.DataFrame(schema=WAITING)
        self.outbox.take_waiting(waiting, on=on)
        stay = self.situation.outbox.join(
            waiting.select("customer_id", "currency").unique(), on=["customer_id", "currency"], how="anti"
        )
        self._change(outbox=pl.concat([stay, self.outbox.pending()]))

    def live(self, day: date, happening: dict[str, pl.DataFrame]) -> None:
        self._happen(day, happening)
        awake = self.calendar.awake(day)
        if len(awake):
            self._plan(day, awake)
        self._send(day)

    def told(self) -> Simulation:
        messages = pl.concat([_empty(MESSAGES), *self.sent])
        lines = pl.concat([_empty(LINES), *self.lines])
        return Simulation(messages, lines, self.called_off, self.outbox.count, self.held_out)

    def _change(self, **frames: Any) -> None:
        self.situation = replace(self.situation, **frames)

    def _happen(self, day: date, happening: dict[str, pl.DataFrame]) -> None:
        for kind, frame in happening.items():
            self.calendar.wake(frame["customer_id"], day)
            match kind:
                case "open_amounts":
                    self._change(receivables=_opened(self.situation.receivables, frame))
                case "credits":
                    owner = ["customer_id", "currency"]
                    frame = frame.unique(owner, keep="last", maintain_order=True)
                    before = self.situation.credits.join(frame, on=owner, how="anti")
                    self._change(
                        credits=pl.concat([before, frame.select(before.columns)]).filter(
                            pl.col("credit_cents") > 0
                        )
                    )
                case _:
                    self._contacted(frame["customer_id"], day)

    def _plan(self, day: date, awake: pl.Series) -> None:
        situation = self._known_on(day, awake)
        if situation.receivables.is_empty():
            return
        if self.customers_on:
            situation = replace(situation, customers=self.customers_on(situation.customers, day))
        found = plan(situation=situation, on=day, days_off=self.days_off)
        self.calendar.wake_for_held(found.held, day)
        if len(found.actions):
            lines = _with_offsets(
                found.lines.join(found.actions.select("action", "planned_date"), on="action")
            )
            self.outbox.take(found.actions, lines, situation.done, day=day)
            self._done(lines.select(*_RECEIVABLE, "done_offset_days", done_date="planned_date"))
            self._change(outbox=pl.concat([self.situation.outbox, _pending(found)]))
        self._hold_out(found)

    def _known_on(self, day: date, customers: pl.Series) -> Situation:
        """The situation of some customers; the bank is known up to the day."""
        return replace(of_customers(self.situation, customers), bank_known_until=day)

    def _hold_out(self, found: Plan) -> None:
        """A step held back at random counts as done: what follows comes in its time."""
        kept = found.held_out
        if kept.is_empty():
            return
        self.held_out += len(kept)
        kept = _with_offsets(kept)
        self._done(kept.select(*_RECEIVABLE, "done_offset_days", done_date="planned_date"))
        self.calendar.wake_after_steps(kept.select("customer_id", "planned_date"))
        drawn = kept.select(*_RECEIVABLE, held_out_offset_days="done_offset_days")
        before = self.situation.held_out.join(drawn, on=list(_RECEIVABLE), how="anti")
        self._change(held_out=pl.concat([before, drawn]))

    def _send(self, day: date) -> None:
        leaving, lines = self.outbox.due(day)
        if leaving.is_empty():
            return
        situation = self._known_on(day, leaving["customer_id"].unique())
        left = leave(messages=leaving, lines=lines, situation=situation, on=day)
        self.called_off += len(left.called_off)
        self.sent.append(left.messages.select(list(MESSAGES)))
        self.lines.append(left.lines.select(list(LINES)))
        owner = ["customer_id", "currency"]
        self._change(outbox=self.situation.outbox.join(leaving.select(owner), on=owner, how="anti"))
        # what did not leave is as if it had not been planned: the next plan decides
        freed = left.freed.select(*_RECEIVABLE, **{name: f"before_{name}" for name in _DONE})
        self._change(done=_replaced(self.situation.done, freed))
        self._done(
            left.lines.select(
                *_RECEIVABLE,
                "done_offset_days",
                done_date=pl.lit(day),
                reminded_date=pl.when(pl.col("done_offset_days") >= 0).then(pl.lit(day)),
            )
        )
        self._contacted(left.messages["customer_id"], day)
        self.calendar.wake(left.freed["customer_id"], day + timedelta(days=1))
        self.calendar.wake_after_steps(left.messages.select("customer_id", planned_date=pl.lit(day)))

    def _done(self, rows: pl.DataFrame) -> None:
        """Steps done or on their way: the highest counts, and the last reminder stays known."""
        if "reminded_date" not in rows.columns:
            rows = rows.with_columns(reminded_date=pl.lit(None, pl.Date))
        known = self.situation.done.join(rows, on=list(_RECEIVABLE), how="semi")
        rows = rows.join(known, on=list(_RECEIVABLE), how="left", suffix="_known").select(
            *_RECEIVABLE,
            "done_offset_days",
            "done_date",
            reminded_date=pl.coalesce("reminded_date", "reminded_date_known"),
        )
        self._change(done=_replaced(self.situation.done, rows))

    def _contacted(self, customers: pl.Series, day: date) -> None:
        now = pl.DataFrame({"customer_id": customers.unique()}, schema={"customer_id": pl.Int64})
        now = now.with_columns(last_contact_date=pl.lit(day, pl.Date))
        before = self.situation.contacted.join(now, on="customer_id", how="anti")
        days = self.situation.contact_days.filter(pl.col("contact_date") > day - WEEK)
        today = now.select("customer_id", contact_date="last_contact_date")
        self._change(
            contacted=pl.concat([before, now.select(list(CONTACTED))]),
            contact_days=pl.concat([days, today.select(list(CONTACT_DAYS))]).unique(),
        )
        self.calendar.wake_after_contact(now["customer_id"], day)


_RECEIVABLE = ("document_id", "position")
_DONE = tuple(name for name in DONE if name not in _RECEIVABLE)


def of_customers(situation: Situation, customers: pl.Series) -> Situation:
    """The situation of some customers: each frame's rows that are theirs, receivables that are open."""
    wanted = pl.DataFrame({"customer_id": customers}, schema={"customer_id": pl.Int64})
    receivables = situation.receivables.join(wanted, on="customer_id", how="semi").filter(
        pl.col("open_cents") > 0
    )
    documents = receivables.select("document_id").unique()
    theirs: dict[str, Any] = {"receivables": receivables}
    for each in fields(situation):
        frame = getattr(situation, each.name)
        if each.name in theirs or not isinstance(frame, pl.DataFrame) or frame.is_empty():
            continue
        if "customer_id" in frame.columns:
            theirs[each.name] = frame.join(wanted, on="customer_id", how="semi")
        elif "document_id" in frame.columns:
            theirs[each.name] = frame.join(documents, on="document_id", how="semi")
    return replace(situation, **theirs)


def _opened(receivables: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    changes = changes.unique(list(_RECEIVABLE), keep="last", maintain_order=True)
    return receivables.update(changes.select(*_RECEIVABLE, "open_cents"), on=list(_RECEIVABLE))


def _with_offsets(lines: pl.DataFrame) -> pl.DataFrame:
    offset = pl.col("step_code").str.extract(f"({OFFSET_IN_CODE})").cast(pl.Int64)
    return lines.with_columns(done_offset_days=offset)


def _pending(found: Plan) -> pl.DataFrame:
    return found.actions.select(
        "customer_id",
        "currency",
        pending_step_code="step_code",
        pending_state=pl.when(pl.col("approval") == "automatic")
        .then(pl.lit("approved"))
        .otherwise(pl.lit("waiting")),
        pending_since_date="planned_date",
    ).select(list(OUTBOX))


def _replaced(done: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`done` with these rows in place of those of the same receivables; none where nothing was done."""
    rest = done.join(rows, on=list(_RECEIVABLE), how="anti")
    rows = rows.filter(pl.col("done_offset_days").is_not_null()).select(list(DONE))
    return pl.concat([rest.select(list(DONE)), rows])
