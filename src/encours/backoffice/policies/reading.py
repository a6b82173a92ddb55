"""What a draft says, by the document's own rules: the one truth about policies, told beside the fields of the form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from encours.backoffice.policies.draft import GROUPS, ConditionDraft, PolicyDraft, StepDraft
from encours.core.dunning.conditions import FIELDS
from encours.core.dunning.documents import Node, read_policy
from encours.core.dunning.policy import Policy
from encours.core.money import UnableToReadAmount, parse_amount
from encours.core.problems import Problem

_INTEGER = re.compile(r"[-+−]?[0-9]{1,9}")


@dataclass(frozen=True)
class ReadDraft:
    """What a draft says: the policy unless something is refused, and the problems by the field they stand beside.

    `elsewhere` are those of no field. Warnings refuse nothing.
    """

    draft: PolicyDraft
    policy: Policy | None
    problems: Mapping[str, tuple[Problem, ...]]
    elsewhere: tuple[Problem, ...]

    @property
    def error_count(self) -> int:
        told = [*self.elsewhere, *(each for problems in self.problems.values() for each in problems)]
        return sum(problem.severity == "error" for problem in told)


def read_draft(draft: PolicyDraft, *, sent_channels: Iterable[str]) -> ReadDraft:
    """By the document's own rules, each problem beside its field."""
    fields = _Fields()
    policy, problems = read_policy(_tree(draft, fields), sent_channels=sent_channels)
    beside: dict[str, list[Problem]] = {}
    elsewhere: list[Problem] = []
    for problem in problems:
        name = fields.nearest(problem.field)
        beside.setdefault(name, []).append(problem) if name else elsewhere.append(problem)
    return ReadDraft(draft, policy, {name: tuple(each) for name, each in beside.items()}, tuple(elsewhere))


@dataclass
class _Fields:
    """The form's field for each path of the document."""

    by_path: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, name: str, value: Any) -> Node:
        self.by_path[path] = name
        return Node(value, 1)

    def nearest(self, path: str) -> str:
        """Of the path itself, else of what it lies in: an item of a list is said beside the list."""
        while path:
            if path in self.by_path:
                return self.by_path[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return ""


def _tree(draft: PolicyDraft, fields: _Fields) -> Node:
    keys: dict[str, Node] = {
        "policy": fields.put("policy", "slug", draft.slug),
        "name": fields.put("name", "name", draft.name),
        "min_gap_days": fields.put("min_gap_days", "min_gap_days", _integer(draft.min_gap_days)),
        "max_contacts_per_week": fields.put(
            "max_contacts_per_week", "max_contacts_per_week", _integer(draft.max_contacts_per_week)
        ),
        "min_amount": fields.put("min_amount", "min_amount", _decimal(draft.min_amount)),
        "level": fields.put("level", "level", draft.level),
    }
    said = {
        language: fields.put(f"description.{language}", f"description_{language}", text)
        for language, text in (("fr", draft.description_fr), ("en", draft.description_en))
        if text
    }
    if said:
        keys["description"] = Node(said, 1)
    steps = tuple(
        _step_tree(step, f"steps[{rank + 1}]", f"steps-{rank}", fields)
        for rank, step in enumerate(draft.steps)
    )
    keys["steps"] = Node(steps, 1)
    return Node(keys, 1)


def _step_tree(step: StepDraft, path: str, prefix: str, fields: _Fields) -> Node:
    def put(key: str, name: str, value: Any) -> Node:
        return fields.put(f"{path}.{key}", f"{prefix}-{name}", value)

    keys = {
        "clock": put("clock", "clock", step.clock),
        "days": put("days", "days", _integer(step.days)),
        "template": put("template", "template", step.template),
        "channel": put("channel", "channels", tuple(Node(each, 1) for each in step.channels)),
        "tone": put("tone", "tone", step.tone),
        "approval": put("approval", "approval", step.approval),
        "signed_by": put("signed_by", "signed_by", step.signed_by),
    }
    fields.by_path[path] = f"{prefix}-days"
    if step.min_amount:
        keys["min_amount"] = put("min_amount", "min_amount", _decimal(step.min_amount))
    if step.has_window:
        parts = {"days": put("window.days", "window_days", tuple(Node(each, 1) for each in step.window_days))}
        for key, name, text in (
            ("from", "from_time", step.from_time),
            ("until", "until_time", step.until_time),
        ):
            if text:
                parts[key] = put(f"window.{key}", name, text)
        keys["window"] = put("window", "until_time", parts)
    if step.condition.kind:
        keys["condition"] = _condition_tree(step.condition, f"{path}.condition", f"{prefix}-if", fields)
    return Node(keys, 1)


def _condition_tree(condition: ConditionDraft, path: str, name: str, fields: _Fields) -> Node:
    if condition.kind in GROUPS:
        below = f"{path}.{condition.kind}"
        inner = tuple(
            _condition_tree(
                each,
                below if condition.kind == "not" else f"{below}[{rank + 1}]",
                f"{name}-inner-{rank}",
                fields,
            )
            for rank, each in enumerate(condition.inner)
        )
        value = (inner[0] if inner else Node(None, 1)) if condition.kind == "not" else Node(inner, 1)
        fields.by_path.setdefault(below, f"{name}-kind")
        return fields.put(path, f"{name}-kind", {condition.kind: value})
    fields.by_path[f"{path}.field"] = f"{name}-field"
    fields.by_path[f"{path}.{condition.operator}"] = f"{name}-values"
    keys = {"field": Node(condition.field, 1)}
    if condition.operator:
        keys[condition.operator] = Node(_value(condition), 1)
    return fields.put(path, f"{name}-operator", keys)


def _value(condition: ConditionDraft) -> Any:
    if condition.operator == "in":
        return tuple(Node(each, 1) for each in condition.values)
    text = condition.values[0] if condition.values else ""
    kind = FIELDS[condition.field].kind if condition.field in FIELDS else "text"
    if condition.operator == "known" or kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    if kind == "money":
        return _decimal(text)
    return _integer(text) if kind == "number" else text


def _integer(text: str) -> Any:
    """The number, or the text as written: the document's reading says what is wrong with it."""
    return int(text.replace("−", "-")) if _INTEGER.fullmatch(text) else text


def _decimal(text: str) -> Any:
    """As people write an amount, to two decimals."""
    try:
        return Decimal(parse_amount(text)).scaleb(-2)
    except UnableToReadAmount:
        return text


def plain(node: Node) -> Any:
    """The tree as plain values, for `ports.policy_files.write_tree`."""
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return [plain(each) for each in node.value] if isinstance(node.value, tuple) else node.value


def document_of(draft: PolicyDraft) -> dict[str, Any]:
    """A draft as plain values, what is wrong with it included."""
    return plain(_tree(draft, _Fields()))
