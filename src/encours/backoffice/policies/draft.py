"""A policy while somebody edits it: what a form's fields hold, as written, right or wrong.

A form says a policy by fields (`steps-0-days`, `steps-0-if-inner-1-field`), a document by a tree of plain values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from encours.core.dunning.documents import MAX_DEPTH, MAX_STEPS, written_policy
from encours.core.dunning.policy import Policy, Step

GROUPS = ("all", "any", "not")
# What a form may carry at most: beyond it the document's own limits refuse it anyway.
_MOST_INNER = 100


@dataclass(frozen=True)
class ConditionDraft:
    """`kind` is one of `GROUPS`, "field", or "" for none. A comparison has one value, several for `in`."""

    kind: str = ""
    inner: "tuple[ConditionDraft, ...]" = ()
    field: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepDraft:
    days: str = ""
    clock: str = "due_date"
    template: str = ""
    channels: tuple[str, ...] = ("email",)
    tone: str = "neutral"
    approval: str = "batch"
    signed_by: str = "company"
    min_amount: str = ""
    has_window: bool = False
    window_days: tuple[str, ...] = ()
    from_time: str = ""
    until_time: str = ""
    condition: ConditionDraft = ConditionDraft()


@dataclass(frozen=True)
class PolicyDraft:
    slug: str = ""
    name: str = ""
    description_fr: str = ""
    description_en: str = ""
    min_gap_days: str = "5"
    max_contacts_per_week: str = "3"
    min_amount: str = "10"
    level: str = "oldest"
    steps: tuple[StepDraft, ...] = ()


def from_form(posted: Mapping[str, Any]) -> PolicyDraft:
    """`posted` is a QueryDict. What is missing has the default of a draft."""
    plain = {
        each: posted[each].strip()
        for each in PolicyDraft.__dataclass_fields__
        if each != "steps" and each in posted
    }
    return PolicyDraft(
        **plain, steps=tuple(_step_from(posted, f"steps-{rank}") for rank in _ranks(posted, "steps"))
    )


def _ranks(posted: Mapping[str, Any], prefix: str) -> range:
    """How many items a form tells of: as many as its counter says, within what can be."""
    told = posted.get(f"{prefix}-count", "0")
    return range(min(int(told), MAX_STEPS + 1, _MOST_INNER) if told.isdecimal() and len(told) < 4 else 0)


def _step_from(posted: Any, prefix: str) -> StepDraft:
    def text(name: str) -> str:
        return posted.get(f"{prefix}-{name}", "").strip()

    return StepDraft(
        **{name: text(name) for name in ("days", "clock", "template", "tone", "approval", "signed_by", "min_amount")},
        channels=tuple(each for each in posted.getlist(f"{prefix}-channels") if each),
        has_window=bool(text("has_window")),
        window_days=tuple(posted.getlist(f"{prefix}-window_days")),
        from_time=text("from_time"),
        until_time=text("until_time"),
        condition=_condition_from(posted, f"{prefix}-if", MAX_DEPTH + 1),
    )  # fmt: skip


def _condition_from(posted: Any, prefix: str, depth: int) -> ConditionDraft:
    kind = posted.get(f"{prefix}-kind", "")
    if not kind or not depth:
        return ConditionDraft()
    if kind in GROUPS:
        inner = tuple(
            _condition_from(posted, f"{prefix}-inner-{rank}", depth - 1)
            for rank in _ranks(posted, f"{prefix}-inner")
        )
        return ConditionDraft(kind, inner=inner)
    name = posted.get(f"{prefix}-field", "")
    given = [each.strip() for each in posted.getlist(f"{prefix}-values")]
    return ConditionDraft(
        "field",
        field=name,
        operator=posted.get(f"{prefix}-operator", ""),
        values=tuple(dict.fromkeys(each for each in given if each)),
    )


# -- from a policy


def from_policy(policy: Policy) -> PolicyDraft:
    document = written_policy(policy)
    return from_document(document)


def from_document(document: Mapping[str, Any]) -> PolicyDraft:
    """`document` is a policy as plain values (`core.dunning.documents.written_policy`)."""
    said = document.get("description", {})
    return PolicyDraft(
        slug=document["policy"],
        name=document["name"],
        description_fr=said.get("fr", ""),
        description_en=said.get("en", ""),
        min_gap_days=str(document["min_gap_days"]),
        max_contacts_per_week=str(document["max_contacts_per_week"]),
        min_amount=_amount_text(document["min_amount"]),
        level=document["level"],
        steps=tuple(_step_of(step) for step in document["steps"]),
    )


def _step_of(step: Mapping[str, Any]) -> StepDraft:
    usual = Step(0, "")
    channels = step.get("channel", usual.channels)
    window = step.get("window")
    return StepDraft(
        days=str(step["days"]),
        clock=step.get("clock", usual.clock),
        template=step["template"],
        channels=(channels,) if isinstance(channels, str) else tuple(channels),
        tone=step.get("tone", usual.tone),
        approval=step.get("approval", usual.approval),
        signed_by=step.get("signed_by", usual.signed_by),
        min_amount=_amount_text(step["min_amount"]) if "min_amount" in step else "",
        has_window=window is not None,
        window_days=tuple(window["days"]) if window else (),
        from_time=window["from"] if window else "",
        until_time=window["until"] if window else "",
        condition=_condition_of(step["condition"]) if "condition" in step else ConditionDraft(),
    )


def _condition_of(written: Mapping[str, Any]) -> ConditionDraft:
    if "field" in written:
        operator = next(key for key in written if key != "field")
        value = written[operator]
        values = tuple(value) if isinstance(value, list) else (_value_text(value),)
        return ConditionDraft("field", field=written["field"], operator=operator, values=values)
    kind = next(iter(written))
    inner = [written[kind]] if kind == "not" else written[kind]
    return ConditionDraft(kind, inner=tuple(_condition_of(each) for each in inner))


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _amount_text(value) if isinstance(value, Decimal) else str(value)


def _amount_text(amount: Decimal) -> str:
    """1500.00 -> 1500; 12.50 -> 12.50."""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"
