"""The timeline of a policy as a picture: where each step stands, in units of the drawing. Templates only draw.

Distances grow with the days between steps and are never shorter than what is written needs. The list beside the picture
says the same in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from encours.core.dunning.policy import LONGEST_MONTH, PlacedStep

# across: from left to right
_SLOT, _DUE_SLOT, _PER_DAY, _MOST_DAYS = 112, 66, 1.7, 45
AXIS_Y, HEIGHT, _MARGIN = 104, 168, 62
# down: for narrow screens
_ROW, _DUE_ROW, TALL_WIDTH, AXIS_X = 74, 40, 340, 22
_LINE_CHARS, _MOST_LINES = 18, 2
_PAGE, _MOST_STRETCH = 1_000, 1.8


@dataclass(frozen=True)
class Mark:
    """A step on both drawings: `x` across, `y` down. `until_x`, `until_y` end the stretch of days a step counted from the end
    of the month may fall in; `from_x`, `from_y` are where one counted from the step before starts from. None for others."""

    placed: PlacedStep
    x: int
    y: int
    until_x: int | None
    until_y: int | None
    from_x: int | None
    from_y: int | None
    lines: tuple[str, ...]

    @property
    def arc(self) -> str:
        """The path of the arrow from the step before, below the axis."""
        assert self.from_x is not None
        middle = (self.from_x + self.x) // 2
        return f"M{self.from_x} {AXIS_Y + 9}Q{middle} {AXIS_Y + 30} {self.x - 4} {AXIS_Y + 10}"


@dataclass(frozen=True)
class Picture:
    """`due_x`, `due_y` are the due date's; `is_long` when the drawing is wider than a page and scrolls."""

    marks: tuple[Mark, ...]
    width: int
    tall_height: int
    due_x: int
    due_y: int

    @property
    def is_long(self) -> bool:
        return self.width > _PAGE + 2 * _MARGIN


def picture(timeline: tuple[PlacedStep, ...], template_names: Mapping[str, Any]) -> Picture:
    """Steps in the order of their days; names are wrapped to what fits above a mark."""
    x, y, day = _MARGIN, 34, 0
    due: tuple[int, int] | None = None
    marks: list[Mark] = []
    for placed in timeline:
        if due is None and placed.offset_days >= 0:
            due, x, y, day = _due_at(marks, x, y, day)
        elif not marks:
            day = placed.offset_days
        if marks or due:
            days = min(placed.offset_days - day, _MOST_DAYS)
            is_after_due = bool(due) and (not marks or marks[-1].x < due[0])
            x += round((_DUE_SLOT if is_after_due else _SLOT) + days * _PER_DAY)
            y += (_DUE_ROW if is_after_due else _ROW) + days // 3
        before = marks[-1] if marks and placed.step.clock == "previous_step" else None
        by_month = placed.step.clock == "end_of_month"
        marks.append(
            Mark(
                placed,
                x,
                y,
                until_x=x + round(LONGEST_MONTH * _PER_DAY) if by_month else None,
                until_y=y + LONGEST_MONTH if by_month else None,
                from_x=before.x if before else None,
                from_y=before.y if before else None,
                lines=_lines(str(template_names.get(placed.step.template, placed.step.template))),
            )
        )
        day = placed.offset_days
    if due is None:
        due, x, y, _ = _due_at(marks, x, y, day)
    end = max(x, max((mark.until_x or mark.x for mark in marks), default=x))
    return _stretched(Picture(tuple(marks), end + _MARGIN, y + 52, *due))


def _stretched(drawn: Picture) -> Picture:
    """As wide as a page, where few steps leave room; no more than what keeps a picture one."""
    room = (_PAGE - 2 * _MARGIN) / max(drawn.width - 2 * _MARGIN, 1)
    factor = min(max(room, 1.0), _MOST_STRETCH)

    def moved(x: int | None) -> int | None:
        return None if x is None else _MARGIN + round((x - _MARGIN) * factor)

    marks = tuple(
        replace(mark, x=moved(mark.x) or 0, until_x=moved(mark.until_x), from_x=moved(mark.from_x))
        for mark in drawn.marks
    )
    width = round((drawn.width - 2 * _MARGIN) * factor) + 2 * _MARGIN
    return replace(drawn, marks=marks, width=width, due_x=moved(drawn.due_x) or 0)


def _due_at(marks: list[Mark], x: int, y: int, day: int) -> tuple[tuple[int, int], int, int, int]:
    """Where the due date stands after what came before it."""
    if marks:
        x += round(_DUE_SLOT + min(-day, _MOST_DAYS) * _PER_DAY)
        y += _ROW - 8
    return (x, y), x, y, 0


def _lines(name: str) -> tuple[str, ...]:
    lines = wrap(name, _LINE_CHARS)
    if len(lines) > _MOST_LINES:
        return (*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]}…")
    return tuple(lines)
