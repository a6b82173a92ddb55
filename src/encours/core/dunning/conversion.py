"""What became of each step: how much of what was asked for was paid soon after, and how much of that is the step's doing.

A rate is the share of receivables wholly paid by money within so many days of the step, with Wilson's interval (1927).
Only steps that so many days have passed since are counted; what was sent last week says nothing about a month yet. A rate
alone is no effect: many would have paid anyway, and later steps come within those days.

The effect is told against what was held back at random (`core.dunning.hold_out`): all that a draw decided about, as it was
planned, whether or not it left in the end (a reminder called off because the money had come is no failure of the draw).
Where the share changed over time, each share is compared within itself and weighed by its size (Newcombe's interval, 1998,
combined after Zou and Donner, 2008).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist

import polars as pl

from encours.core.wording import Sentence, Wording

WITHIN_DAYS = (7, 15, 30)
CONFIDENCE = 0.95
# Fewer on either side and chance says more than the figures.
LEAST = 30
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

# A step that was sent, or decided about by a draw, for a receivable; `settled_date` null while anything is open.
STEPS_DONE = pl.Schema(
    {
        "document_id": pl.Int64,
        "position": pl.Int64,
        "step_code": pl.String,
        "channel": pl.String,
        "template": pl.String,
        "policy": pl.String,
        "version": pl.Int64,
        "planned_date": pl.Date,
        "sent_date": pl.Date,  # null: it never left
        "propensity_percent": pl.Int64,
        "is_held_out": pl.Boolean,
        "settled_date": pl.Date,
    }
)

NOT_ALLOWED = Wording(
    "conversion.no_hold_out",
    fr="Rien n’a été retenu au hasard : ces taux ne disent pas ce qui aurait été payé sans relance",
    en="Nothing was held back at random: these rates do not tell what would have been paid without reminders",
)
TOO_FEW = Wording(
    "conversion.too_few",
    fr="Trop peu pour conclure : {sent} envoyées et {held_out} retenues, il en faut {least} de chaque côté",
    en="Too little to tell: {sent} sent and {held_out} held back, {least} of each are needed",
)
UNCLEAR = Wording(
    "conversion.unclear",
    fr="Rien de net encore : l’effet est entre {low} et {high} points",
    en="Nothing clear yet: the effect lies between {low} and {high} points",
)
HELPS = Wording(
    "conversion.helps",
    fr="Relancer fait payer {effect} points de plus en {days} jours (entre {low} et {high})",
    en="Reminding brings {effect} points more paid within {days} days (between {low} and {high})",
)
HARMS = Wording(
    "conversion.harms",
    fr="Les créances relancées sont moins payées en {days} jours : {effect} points (entre {low} et {high})",
    en="What is reminded is paid less within {days} days: {effect} points (between {low} and {high})",
)


@dataclass(frozen=True)
class Rate:
    """`paid` of `count`, and between which rates the true one lies."""

    count: int
    paid: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        """None without any."""
        return self.paid / self.count if self.count else None

    @property
    def low_percent(self) -> int:
        return round(100 * self.low)

    @property
    def high_percent(self) -> int:
        return round(100 * self.high)


@dataclass(frozen=True)
class Conversion:
    """A step by a channel and template, under a version of a policy, within so many days of being sent."""

    step_code: str
    channel: str
    template: str
    policy: str
    version: int
    days: int
    measured: Rate


@dataclass(frozen=True)
class Effect:
    """What a step changes within so many days of its planned day; `effect` is a difference of rates, None where there is
    nothing to compare. `sentence` says what can be told."""

    step_code: str
    days: int
    sent: Rate
    held_out: Rate
    effect: float | None
    low: float | None
    high: float | None
    sentence: Sentence


def wilson(*, paid: int, count: int) -> Rate:
    """The rate with its interval (Wilson 1927); from 0 to 1 when nothing is known.

    >>> found = wilson(paid=8, count=10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    if count == 0:
        return Rate(0, 0, 0.0, 1.0)
    share, square = paid / count, _Z * _Z
    centre = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    # rounding must not leave the rate itself outside
    return Rate(count, paid, min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share))


def conversions(*, steps: pl.DataFrame, on: date) -> list[Conversion]:
    """Rates of what was sent (STEPS_DONE) up to a day, step by step."""
    keys = ["step_code", "channel", "template", "policy", "version"]
    sent = steps.filter(pl.col("sent_date").is_not_null() & ~pl.col("is_held_out"))
    counts = _counts(sent, keys, since="sent_date", on=on)
    offset = pl.col("step_code").str.extract(r"([+-][0-9]+)$").cast(pl.Int64)
    return [
        Conversion(
            *(row[key] for key in keys),
            days=days,
            measured=wilson(paid=row[f"paid_{days}"], count=row[f"count_{days}"]),
        )
        for row in counts.sort(offset, *keys).iter_rows(named=True)
        for days in WITHIN_DAYS
    ]


def effects(*, steps: pl.DataFrame, on: date) -> list[Effect]:
    """What steps change, of those a draw decided about (STEPS_DONE)."""
    key = ["document_id", "position", "step_code"]
    drawn = (
        steps.filter(pl.col("propensity_percent") < 100)
        .sort("planned_date")
        .unique(key, keep="first", maintain_order=True)
    )
    counts = _counts(drawn, ["step_code", "propensity_percent", "is_held_out"], since="planned_date", on=on)
    found = []
    for step_code in drawn["step_code"].unique().sort():
        of_step = counts.filter(pl.col("step_code") == step_code)
        for days in WITHIN_DAYS:
            strata = [
                (_rate(part, days, held_out=False), _rate(part, days, held_out=True))
                for part in of_step.partition_by("propensity_percent")
            ]
            found.append(_effect(step_code, days, strata))
    return found


def _counts(steps: pl.DataFrame, keys: list[str], *, since: str, on: date) -> pl.DataFrame:
    """`count_N` receivables whose N days are over, and `paid_N` of them within."""
    age = (pl.lit(on) - pl.col(since)).dt.total_days()
    delay = (pl.col("settled_date") - pl.col(since)).dt.total_days()
    return steps.group_by(keys).agg(
        *((age >= days).sum().cast(pl.Int64).alias(f"count_{days}") for days in WITHIN_DAYS),
        *(
            ((age >= days) & (delay <= days).fill_null(value=False))
            .sum()
            .cast(pl.Int64)
            .alias(f"paid_{days}")
            for days in WITHIN_DAYS
        ),
    )


def _rate(part: pl.DataFrame, days: int, *, held_out: bool) -> Rate:
    rows = part.filter(pl.col("is_held_out") == held_out)
    return wilson(paid=int(rows[f"paid_{days}"].sum()), count=int(rows[f"count_{days}"].sum()))


def _together(rates: Iterable[Rate]) -> Rate:
    listed = list(rates)
    return wilson(paid=sum(each.paid for each in listed), count=sum(each.count for each in listed))


def _effect(step_code: str, days: int, strata: list[tuple[Rate, Rate]]) -> Effect:
    sent, held_out = (_together(each[side] for each in strata) for side in (0, 1))
    compared = [(one, other) for one, other in strata if one.count and other.count]
    if not compared or min(sent.count, held_out.count) < LEAST:
        said = TOO_FEW(sent=sent.count, held_out=held_out.count, least=LEAST)
        return Effect(step_code, days, sent, held_out, None, None, None, said)
    effect, low, high = _difference(compared)
    points = {"low": round(100 * low), "high": round(100 * high)}
    if low <= 0 <= high:
        said = UNCLEAR(**points)
    else:
        said = (HELPS if effect > 0 else HARMS)(effect=round(100 * effect), days=days, **points)
    return Effect(step_code, days, sent, held_out, effect, low, high, said)


def _difference(strata: list[tuple[Rate, Rate]]) -> tuple[float, float, float]:
    """Sent less held out, with its interval."""
    total = sum(one.count + other.count for one, other in strata)
    effect, below, above = 0.0, 0.0, 0.0
    for one, other in strata:
        weight = (one.count + other.count) / total
        share, other_share = one.paid / one.count, other.paid / other.count
        effect += weight * (share - other_share)
        below += weight**2 * ((share - one.low) ** 2 + (other.high - other_share) ** 2)
        above += weight**2 * ((one.high - share) ** 2 + (other_share - other.low) ** 2)
    return effect, max(effect - sqrt(below), -1.0), min(effect + sqrt(above), 1.0)
