"""Bars of messages by week, drawn as they are sent to the browser: no script, and a table beside them says the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WIDTH, HEIGHT, BASE, TOP, LEFT = 720, 200, 170, 14, 44
# Of what a bar is made, from below: what comes before the due date, reminders, notices in form.
KINDS = ("notice", "reminder", "formal")


@dataclass(frozen=True)
class Part:
    """A rectangle of one kind of message."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A week. `label_x` is where its name stands, None where there is no room."""

    monday: date
    counts: tuple[int, ...]  # by KINDS
    parts: tuple[Part, ...]
    label_x: float | None

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Chart:
    """`ticks` are (y, count)."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE
    left: int = LEFT


def kind_of(template: str) -> str:
    if template == "courtesy":
        return "notice"
    return "reminder" if template.startswith("reminder") else "formal"


def chart(
    rows: Iterable[Mapping[str, Any]], *, since: date, until: date, highest: int | None = None
) -> Chart:
    """Of counts by week and template (`outlook.pictured`), one bar for each week between two days.

    `highest` is what the tallest bar would hold, so that two charts can be held against each other.
    """
    counts = weekly(rows)
    first = since - timedelta(days=since.weekday())
    mondays = [first + timedelta(weeks=rank) for rank in range((until - first).days // 7 + 1)]
    most = highest or max((sum(each.values()) for each in counts.values()), default=0) or 1
    step = (WIDTH - LEFT - 8) / len(mondays)
    every = max(1, round(len(mondays) / 9))
    bars = tuple(
        _bar(monday, counts.get(monday, {}), LEFT + 4 + rank * step, step, most, labelled=rank % every == 0)
        for rank, monday in enumerate(mondays)
    )
    unit = _round_unit(most)
    ticks = tuple((round(BASE - (BASE - TOP) * value / most, 1), value) for value in range(0, most + 1, unit))
    return Chart(bars, ticks)


def weekly(rows: Iterable[Mapping[str, Any]]) -> dict[date, dict[str, int]]:
    """Messages by Monday and kind."""
    counts: dict[date, dict[str, int]] = {}
    for row in rows:
        week = counts.setdefault(date.fromisoformat(row["sent_date"]), {})
        kind = kind_of(row["template"])
        week[kind] = week.get(kind, 0) + row["messages"]
    return counts


def tallest(sides: Sequence[Iterable[Mapping[str, Any]]]) -> int:
    """The most messages in one week of any side."""
    return max((sum(week.values()) for rows in sides for week in weekly(rows).values()), default=0)


def _bar(monday: date, counts: Mapping[str, int], x: float, step: float, most: int, *, labelled: bool) -> Bar:
    parts, floor = [], float(BASE)
    for kind in KINDS:
        height = (BASE - TOP) * counts.get(kind, 0) / most
        floor -= height
        if height:
            parts.append(
                Part(kind, round(x, 1), round(floor, 1), round(max(step * 0.72, 1), 1), round(height, 1))
            )
    listed = tuple(counts.get(kind, 0) for kind in KINDS)
    return Bar(monday, listed, tuple(parts), round(x + step * 0.36, 1) if labelled else None)


def _round_unit(most: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that makes at most five lines."""
    unit = 1
    while True:
        for times in (1, 2, 5):
            if most / (unit * times) <= 5:
                return unit * times
        unit *= 10
