"""What one version of a policy says otherwise than another."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from encours.core.dunning.policy import PlacedStep, Policy, Step

# Of a step these make its code, which is told as a whole.
_PLACE = ("days", "clock")


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same. `step` is a step's code, "" for what concerns the whole policy.

    `key` is a field of `Policy` or `Step` with its values before and after; "step" when a whole step (`PlacedStep`) came or
    went, one of its sides then None; "code" when a step moved to another day.
    """

    step: str
    key: str
    before: Any
    after: Any


def differences(*, before: Policy, after: Policy) -> tuple[Difference, ...]:
    """All of them, of the policy first, then step by step in the order of their days."""
    found = list(_fields_that_differ("", before, after, without=("slug", "steps")))
    pairs = _pairs(before.timeline, after.timeline)
    for old, new in pairs:
        if old is None or new is None:
            placed = new or old
            assert placed is not None
            found.append(Difference(placed.code, "step", old, new))
            continue
        if old.code != new.code:
            found.append(Difference(new.code, "code", old.code, new.code))
        found += _fields_that_differ(new.code, old.step, new.step, without=_PLACE)
    return tuple(found)


def _fields_that_differ(code: str, before: Any, after: Any, without: tuple[str, ...]) -> Iterator[Difference]:
    for each in fields(before):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if each.name not in without and old != new:
            yield Difference(code, each.name, old, new)


Pair = tuple[PlacedStep | None, PlacedStep | None]


def _pairs(before: tuple[PlacedStep, ...], after: tuple[PlacedStep, ...]) -> list[Pair]:
    """The steps of both that are one step: those of one code, then those that only moved to another day."""
    new = {placed.code: placed for placed in after}
    pairs: list[Pair] = [(placed, new.pop(placed.code)) for placed in before if placed.code in new]
    kept = {placed.code for placed in after} & {placed.code for placed in before}
    for old in (placed for placed in before if placed.code not in kept):
        moved = next((placed for placed in new.values() if _is_moved(old.step, placed.step)), None)
        pairs.append((old, new.pop(moved.code) if moved else None))
    pairs += [(None, placed) for placed in new.values()]
    return sorted(pairs, key=lambda pair: (pair[1] or pair[0]).offset_days)  # type: ignore[union-attr]


def _is_moved(old: Step, new: Step) -> bool:
    return old.template == new.template
