"""What the buttons of the editor do to a draft."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from encours.backoffice.policies.draft import GROUPS, ConditionDraft, PolicyDraft, StepDraft
from encours.core.dunning.conditions import FIELDS, OPERATORS
from encours.core.dunning.documents import MAX_STEPS
from encours.core.dunning.policy import COURTESY, TEMPLATES

# What a first step after the due date writes.
AFTER_DUE_DATE = next(each for each in TEMPLATES if each != COURTESY)


def changed(draft: PolicyDraft, wanted: str) -> PolicyDraft:
    """What a button does (`add-step`, `remove-step-2`, `raise-step-2`, `lower-step-2`, `copy-step-2`, `add-condition-0-if-inner-1`,
    `remove-condition-…`, `negate-condition-…`); anything else leaves the draft as it is."""
    if wanted == "add-step" and len(draft.steps) <= MAX_STEPS:
        return replace(draft, steps=(*draft.steps, _next_step(draft)))
    if found := re.fullmatch(r"(remove|raise|lower|copy)-step-(\d{1,2})", wanted):
        return replace(draft, steps=_moved(draft.steps, found[1], int(found[2])))
    if found := re.fullmatch(r"(add|remove|negate)-condition-(\d{1,2})-if((?:-inner-\d{1,3})*)", wanted):
        rank = int(found[2])
        if rank >= len(draft.steps):
            return draft
        places = [int(each) for each in re.findall(r"\d+", found[3])]
        edit = {"add": _added, "remove": _removed, "negate": _negated}[found[1]]
        step = draft.steps[rank]
        step = replace(step, condition=edit(step.condition, places))
        return replace(draft, steps=(*draft.steps[:rank], step, *draft.steps[rank + 1 :]))
    return draft


def _next_step(draft: PolicyDraft) -> StepDraft:
    """A week after the last one, by the same letter: a start that is admitted wherever it can be."""
    if not draft.steps:
        return StepDraft(days="1", template=AFTER_DUE_DATE)
    last = draft.steps[-1]
    if not re.fullmatch(r"-?[0-9]{1,4}", last.days):
        return replace(last, days="", condition=ConditionDraft())
    days = int(last.days)
    if days < 0:
        return replace(last, days="1", template=AFTER_DUE_DATE, condition=ConditionDraft())
    return replace(last, days=str(days + 7 if last.clock == "due_date" else days), condition=ConditionDraft())


def _moved(steps: tuple[StepDraft, ...], how: str, rank: int) -> tuple[StepDraft, ...]:
    if rank >= len(steps):
        return steps
    found = list(steps)
    if how == "copy":
        found.insert(rank + 1, found[rank])
    else:
        step = found.pop(rank)
        if how != "remove":
            found.insert(max(0, rank - 1 if how == "raise" else rank + 1), step)
    return tuple(found)


def _added(condition: ConditionDraft, places: list[int]) -> ConditionDraft:
    """One comparison more inside the group at `places`; where there is no group yet, one around what is there."""
    if places:
        return _at(condition, places, lambda inner: _added(inner, []))
    first = ConditionDraft("field", field="amount", operator="at_least")
    if not condition.kind:
        return first
    if condition.kind in ("all", "any"):
        return replace(condition, inner=(*condition.inner, first))
    return ConditionDraft("all", inner=(condition, first))


def _negated(condition: ConditionDraft, places: list[int]) -> ConditionDraft:
    """The contrary of the condition at `places`; of a contrary the condition itself."""

    def turned(found: ConditionDraft) -> ConditionDraft:
        return (
            found.inner[0] if found.kind == "not" and found.inner else ConditionDraft("not", inner=(found,))
        )

    return _at(condition, places, turned)


def _removed(condition: ConditionDraft, places: list[int]) -> ConditionDraft:
    """Without the condition at `places`. A group of one is that one."""
    if not places:
        return ConditionDraft()
    kept = _at(condition, places[:-1], lambda group: _without(group, places[-1]))
    return _simplified(kept)


def _without(group: ConditionDraft, rank: int) -> ConditionDraft:
    return replace(group, inner=tuple(each for place, each in enumerate(group.inner) if place != rank))


def _simplified(condition: ConditionDraft) -> ConditionDraft:
    inner = tuple(each for each in map(_simplified, condition.inner) if each.kind)
    if condition.kind in GROUPS and not inner:
        return ConditionDraft()
    if condition.kind in ("all", "any") and len(inner) == 1:
        return inner[0]
    return replace(condition, inner=inner)


def _at(condition: ConditionDraft, places: list[int], edit: Any) -> ConditionDraft:
    if not places:
        return edit(condition)
    first, rest = places[0], places[1:]
    inner = tuple(
        _at(each, rest, edit) if place == first else each for place, each in enumerate(condition.inner)
    )
    return replace(condition, inner=inner)


def reshaped(draft: PolicyDraft) -> PolicyDraft:
    """After a choice that changes which other fields there are: a field's operators, a group's first condition."""
    return replace(
        draft, steps=tuple(replace(step, condition=_fitting(step.condition)) for step in draft.steps)
    )


def _fitting(condition: ConditionDraft) -> ConditionDraft:
    if condition.kind in GROUPS:
        inner = tuple(_fitting(each) for each in condition.inner)
        inner = inner or (_fitting(ConditionDraft("field", field=condition.field or "amount", operator=condition.operator, values=condition.values)),)  # fmt: skip
        return ConditionDraft(condition.kind, inner=inner[:1] if condition.kind == "not" else inner)
    if condition.kind != "field":
        return condition
    name = condition.field if condition.field in FIELDS else "amount"
    known = OPERATORS[FIELDS[name].kind]
    operator = condition.operator if condition.operator in known else known[0]
    flag = operator == "known" or FIELDS[name].kind == "flag"
    values = condition.values
    if flag and values[:1] not in (("true",), ("false",)):
        values = ("true",)
    if not flag and values[:1] in (("true",), ("false",)):
        values = ()
    return replace(
        condition, field=name, operator=operator, values=values if operator == "in" else values[:1]
    )


def operators_of(condition: ConditionDraft) -> Iterator[str]:
    """Those its field admits."""
    yield from OPERATORS[FIELDS[condition.field].kind] if condition.field in FIELDS else ()
