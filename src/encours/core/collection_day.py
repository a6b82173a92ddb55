"""Who to call first, and why: points for what is known of each customer, each with its reason in words.

A customer's score is the sum of its points. Every signal has a weight, the most points it can give:

- the overdue amount, by its order of magnitude: nothing up to 100, full from 100,000 on, half at about 3,200;
- the age of the oldest overdue invoice: full from 90 days on;
- how long nobody spoke to the customer: full from 60 days on, or if nobody ever did;
- the others are there or not: a promise that was broken, one that is due, a dispute past its deadline, a task due, a reply
  that waits, no way to remind, a large debt that two reminders left without an answer.

Who has nothing to be called about is not on the list: nothing overdue beyond what is promised, planned or in dispute, and none of the
others. Nor who was called today, whose reminders are paused, or who is to be called back on a later day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from math import log10
from typing import Any

import polars as pl

from encours.core.money import Money
from encours.core.wording import Sentence, Wording

# The most points each signal gives, unless the company says otherwise.
WEIGHTS: Mapping[str, int] = {
    "amount": 40,
    "age": 20,
    "silence": 10,
    "promise_broken": 30,
    "promise_due": 25,
    "dispute_late": 20,
    "task_due": 35,
    "reply_waits": 30,
    "unreachable": 25,
    "unanswered": 20,
}
HEAVIEST = 100
SMALL_CENTS, LARGE_CENTS = 10_000, 10_000_000
FULL_AGE_DAYS, FULL_SILENCE_DAYS = 90, 60
UNANSWERED_CENTS, UNANSWERED_REMINDERS = 500_000, 2

NAMES = {
    "amount": Wording("day.name.amount", fr="Montant échu", en="Overdue amount"),
    "age": Wording("day.name.age", fr="Ancienneté du retard", en="Age of the delay"),
    "silence": Wording("day.name.silence", fr="Dernier contact ancien", en="Last contact long ago"),
    "promise_broken": Wording("day.name.promise_broken", fr="Promesse non tenue", en="Broken promise"),
    "promise_due": Wording("day.name.promise_due", fr="Promesse arrivée à son jour", en="Promise due"),
    "dispute_late": Wording("day.name.dispute_late", fr="Litige hors délai", en="Dispute past its deadline"),
    "task_due": Wording("day.name.task_due", fr="Tâche à faire", en="Task due"),
    "reply_waits": Wording("day.name.reply_waits", fr="Réponse en attente", en="Reply that waits"),
    "unreachable": Wording("day.name.unreachable", fr="Relance impossible", en="No reminder possible"),
    "unanswered": Wording(
        "day.name.unanswered", fr="Gros montant sans réponse", en="Large debt without an answer"
    ),
}
REASONS = {
    "amount": Wording("day.amount", fr="{amount} échus", en="{amount} overdue"),
    "age": Wording("day.age", fr="le plus ancien depuis {days} jours", en="the oldest for {days} days"),
    "silence": Wording(
        "day.silence", fr="pas de contact depuis {days} jours", en="no contact for {days} days"
    ),
    "never": Wording("day.never", fr="jamais contacté", en="never contacted"),
    "promise_broken": Wording(
        "day.promise_broken", fr="promesses non tenues : {count}", en="broken promises: {count}"
    ),
    "promise_due": Wording(
        "day.promise_due", fr="avait promis de payer le {promised}", en="promised to pay on {promised}"
    ),
    "dispute_late": Wording(
        "day.dispute_late",
        fr="litige à traiter avant le {deadline}",
        en="dispute to settle before {deadline}",
    ),
    "task_due": Wording("day.task_due", fr="à faire : {title}", en="to do: {title}"),
    "reply_waits": Wording(
        "day.reply_waits", fr="sa réponse attend d’être lue", en="its reply waits to be read"
    ),
    "unreachable": Wording(
        "day.unreachable", fr="aucune adresse e-mail qui marche", en="no e-mail address that works"
    ),
    "unanswered": Wording(
        "day.unanswered", fr="{count} relances sans réponse", en="{count} reminders without an answer"
    ),
}

FACTS = pl.Schema(
    {
        "customer_id": pl.Int64,
        "currency": pl.String,  # in which it owes most of what is overdue
        "overdue_cents": pl.Int64,  # less what is promised, planned or in dispute
        "oldest_due_date": pl.Date,
        "last_contact_date": pl.Date,  # spoken to or written to; null: never
        "broken_promises": pl.Int64,  # of the last year
        "promise_due_date": pl.Date,  # the oldest open promise whose day has come
        "dispute_deadline": pl.Date,  # the oldest that has passed
        "task_title": pl.String,  # of the oldest open task that is due
        "reply_waits": pl.Boolean,
        "is_reachable": pl.Boolean,
        "unanswered_reminders": pl.Int64,  # since it last paid, answered or was spoken to
        "is_left_alone": pl.Boolean,  # paused, called today, or to be called back later
    }
)


def ranked(*, facts: pl.DataFrame, weights: Mapping[str, int], on: date) -> pl.DataFrame:
    """FACTS of those worth a call with a column `points_<signal>` each and their sum `score`, the highest first.

    `weights` are those that differ from WEIGHTS. Points are whole; equals are ordered by amount, then by id.
    """
    weighed = {**WEIGHTS, **weights}
    points = {
        f"points_{signal}": (share * weighed[signal]).round().cast(pl.Int64)
        for signal, share in _shares(on).items()
    }
    rows = facts.filter(~pl.col("is_left_alone") & _worth_a_call()).with_columns(**points)
    return rows.with_columns(score=pl.sum_horizontal(*points)).sort(
        "score", "overdue_cents", "customer_id", descending=[True, True, False]
    )


def _worth_a_call() -> pl.Expr:
    return (
        (pl.col("overdue_cents") > 0)
        | pl.col("promise_due_date").is_not_null()
        | pl.col("dispute_deadline").is_not_null()
        | pl.col("task_title").is_not_null()
        | pl.col("reply_waits")
    )


def _shares(on: date) -> dict[str, pl.Expr]:
    """How much of its weight each signal gives, from 0 to 1."""
    owes = pl.col("overdue_cents") > 0
    magnitude = pl.col("overdue_cents").clip(SMALL_CENTS).cast(pl.Float64).log(10) - log10(SMALL_CENTS)
    late = (pl.lit(on) - pl.col("oldest_due_date")).dt.total_days().fill_null(0)
    silent = (pl.lit(on) - pl.col("last_contact_date")).dt.total_days().fill_null(FULL_SILENCE_DAYS)
    unanswered = (pl.col("overdue_cents") >= UNANSWERED_CENTS) & (
        pl.col("unanswered_reminders") >= UNANSWERED_REMINDERS
    )

    def there(condition: pl.Expr) -> pl.Expr:
        return condition.cast(pl.Float64)

    return {
        "amount": there(owes) * (magnitude / (log10(LARGE_CENTS) - log10(SMALL_CENTS))).clip(0, 1),
        "age": there(owes) * (late / FULL_AGE_DAYS).clip(0, 1),
        "silence": there(owes) * (silent / FULL_SILENCE_DAYS).clip(0, 1),
        "promise_broken": there(owes & (pl.col("broken_promises") > 0)),
        "promise_due": there(pl.col("promise_due_date").is_not_null()),
        "dispute_late": there(pl.col("dispute_deadline").is_not_null()),
        "task_due": there(pl.col("task_title").is_not_null()),
        "reply_waits": there(pl.col("reply_waits")),
        "unreachable": there(owes & ~pl.col("is_reachable")),
        "unanswered": there(unanswered),
    }


def reasons(*, row: Mapping[str, Any], on: date) -> list[tuple[Sentence, int]]:
    """Why a row of `ranked` stands where it stands: each reason with its points, the weightiest first."""
    told = [(sentence, row[f"points_{signal}"]) for signal, sentence in _told(row, on)]
    return sorted((each for each in told if each[1] > 0), key=lambda each: -each[1])


def _told(row: Mapping[str, Any], on: date) -> Iterator[tuple[str, Sentence]]:
    yield "amount", REASONS["amount"](amount=Money(row["overdue_cents"], row["currency"]))
    if row["oldest_due_date"] is not None:
        yield "age", REASONS["age"](days=(on - row["oldest_due_date"]).days)
    if row["last_contact_date"] is None:
        yield "silence", REASONS["never"]()
    else:
        yield "silence", REASONS["silence"](days=(on - row["last_contact_date"]).days)
    yield "promise_broken", REASONS["promise_broken"](count=row["broken_promises"])
    if row["promise_due_date"] is not None:
        yield "promise_due", REASONS["promise_due"](promised=row["promise_due_date"])
    if row["dispute_deadline"] is not None:
        yield "dispute_late", REASONS["dispute_late"](deadline=row["dispute_deadline"])
    if row["task_title"] is not None:
        yield "task_due", REASONS["task_due"](title=row["task_title"])
    yield "reply_waits", REASONS["reply_waits"]()
    yield "unreachable", REASONS["unreachable"]()
    yield "unanswered", REASONS["unanswered"](count=row["unanswered_reminders"])
