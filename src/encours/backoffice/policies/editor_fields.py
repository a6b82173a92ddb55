"""What the templates of the editor show: each step and condition with the names of its fields, each problem with its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from encours.backoffice.policies.buttons import operators_of
from encours.backoffice.policies.draft import ConditionDraft, StepDraft
from encours.backoffice.policies.picture import picture
from encours.backoffice.policies.wording import LETTER_NAMES, NAMES
from encours.core.dunning.conditions import FIELDS, in_words
from encours.core.dunning.documents import MAX_DEPTH, MAX_STEPS
from encours.core.dunning.policy import (
    APPROVALS,
    CHANNELS,
    CLOCKS,
    LEVELS,
    SIGNERS,
    TEMPLATES,
    TONES,
    WEEKDAYS,
    Policy,
)
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.queries.condition_values import condition_values

CHOICES = {
    "approvals": APPROVALS,
    "clocks": CLOCKS,
    "levels": LEVELS,
    "signers": SIGNERS,
    "templates": TEMPLATES,
    "tones": TONES,
    "weekdays": WEEKDAYS,
    "channels": CHANNELS,
    "fields": tuple(FIELDS),
    "groups": ("all", "any"),
}


@dataclass(frozen=True)
class ConditionRow:
    """A condition and the names of its fields: `name` begins them, `key` is what its buttons say. `known` are values of
    the company's own data, those chosen already among them."""

    name: str
    key: str
    condition: ConditionDraft
    inner: "tuple[ConditionRow, ...]"
    operators: tuple[str, ...]
    kind: str
    known: tuple[str, ...]
    may_hold_more: bool

    @property
    def value(self) -> str:
        return self.condition.values[0] if self.condition.values else ""

    @property
    def is_yes_or_no(self) -> bool:
        return self.condition.operator == "known" or self.kind == "flag"


@dataclass(frozen=True)
class StepRow:
    """A step and the names of its fields. `slots` are the channels in their order, with one more to choose; `words` what its
    condition means, None without one or while it is not complete."""

    rank: int
    name: str
    step: StepDraft
    slots: tuple[str, ...]
    condition: ConditionRow | None
    words: Sentence | None
    code: str

    @property
    def place(self) -> str:
        """What the buttons of the step name it by."""
        return str(self.rank)

    @property
    def condition_key(self) -> str:
        return f"{self.rank}-if"


@dataclass(frozen=True)
class PlacedProblem:
    """A problem, the field it stands beside ("" for none) and where that is in words."""

    name: str
    place: str
    problem: Problem


def editor_context(
    *,
    company: Any,
    editing: Any,
    read: Any,
    policy: Policy | None,
    problems: Any,
    is_live: bool,
) -> dict[str, Any]:
    """`read` is the reading of the fields, None where one edits as text; `problems` are by field, or a list by line."""
    placed = list(_placed(problems) if read else (PlacedProblem("", _line(each), each) for each in problems))
    if read:
        placed += [PlacedProblem("", "", each) for each in read.elsewhere]
    timeline = policy.timeline if policy else ()
    # a live answer shows no fields: what they offer is not asked for
    known = {} if is_live or read is None else condition_values(company=company)
    return {
        "editing": editing,
        "draft": editing.draft,
        "policy": policy,
        "picture": picture(timeline, LETTER_NAMES) if timeline else None,
        "placed_problems": placed,
        "problems": problems if read else {},
        "error_count": sum(each.problem.severity == "error" for each in placed),
        "is_live": is_live,
        "steps": [_step_row(rank, step, known, policy) for rank, step in enumerate(editing.draft.steps)],
        "max_steps": MAX_STEPS,
        "known": known,
        "choices": CHOICES,
        **NAMES,
    }


def _line(problem: Problem) -> str:
    return _("line %(line)s") % {"line": problem.line} if problem.line else ""


def _placed(problems: Mapping[str, Sequence[Problem]]) -> Iterator[PlacedProblem]:
    for name, found in problems.items():
        step = re.match(r"steps-(\d+)-", name)
        place = _("step %(number)s") % {"number": int(step[1]) + 1} if step else ""
        yield from (PlacedProblem(name, place, each) for each in found)


def _step_row(
    rank: int, step: StepDraft, known: Mapping[str, tuple[str, ...]], policy: Policy | None
) -> StepRow:
    name = f"steps-{rank}"
    placed = policy.timeline[rank] if policy else None
    return StepRow(
        rank=rank,
        name=name,
        step=step,
        slots=(*step.channels, "")[: len(CHANNELS)],
        condition=_condition_row(step.condition, f"{name}-if", f"{rank}-if", known, MAX_DEPTH)
        if step.condition.kind
        else None,
        words=in_words(placed.step.condition) if placed and placed.step.condition else None,
        code=placed.code if placed else "",
    )


def _condition_row(
    condition: ConditionDraft, name: str, key: str, known: Mapping[str, tuple[str, ...]], depth: int
) -> ConditionRow:
    field = FIELDS.get(condition.field)
    values = known.get(condition.field, ())
    return ConditionRow(
        name=name,
        key=key,
        condition=condition,
        inner=tuple(
            _condition_row(each, f"{name}-inner-{rank}", f"{key}-inner-{rank}", known, depth - 1)
            for rank, each in enumerate(condition.inner)
        ),
        operators=tuple(operators_of(condition)),
        kind=field.kind if field else "text",
        known=(*values, *(each for each in condition.values if each not in values)),
        may_hold_more=depth > 1,
    )
