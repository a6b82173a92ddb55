"""A policy as a document: read strictly from a tree of plain values with their lines, and written as one.

Nothing is guessed. Each fault is told with its line, the field as a path (`steps[2].clock`) and the reason; one reading tells
all of them. What is left out has the default of `core.dunning.policy`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any as Anything
from typing import cast

from encours.core.dunning.conditions import (
    FIELDS,
    OPERATORS,
    WITHOUT_DATA,
    All,
    Any,
    Comparison,
    Condition,
    Not,
    Operator,
    Value,
)
from encours.core.dunning.policy import (
    APPROVALS,
    CHANNEL_NAMES,
    CHANNELS,
    CLOCKS,
    COURTESY,
    CUSTOMER_CHANNELS,
    LEVELS,
    LONGEST_MONTH,
    NOTICES,
    SIGNERS,
    TEMPLATES,
    TONES,
    WEEKDAYS,
    Policy,
    Step,
    Window,
)
from encours.core.money import MAX_CENTS
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

MAX_STEPS = 30
# Looking further ahead than the situation of a plan does would find nothing (queries.dunning.HORIZON_DAYS).
MAX_DAYS_BEFORE, MAX_DAYS_AFTER, MAX_GAP_DAYS = 90, 3_650, 90
MAX_DEPTH = 8  # of a condition
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
# What a text looks like that has the form asked for.
_EXAMPLES = {
    _SLUG.pattern: "b2b-services",
    _TIME.pattern: "09:30",
    r"[A-Z]{3}": "EUR",
    r"[A-Z]{2}": "FR",
    r"[a-z]{2}": "fr",
    "|".join(CUSTOMER_CHANNELS): " / ".join(CUSTOMER_CHANNELS),
}

UNKNOWN_KEY = Wording(
    "policy.unknown_key",
    fr="« {key} » n’est pas connu ici ; vouliez-vous dire « {nearest} » ?",
    en='"{key}" is not known here; did you mean "{nearest}"?',
)
MISSING = Wording("policy.missing", fr="« {key} » manque", en='"{key}" is missing')
WRONG_KIND = Wording(
    "policy.wrong_kind",
    fr="{expected} attendu, « {value} » trouvé",
    en='{expected} expected, "{value}" found',
)
UNKNOWN_VALUE = Wording(
    "policy.unknown_value",
    fr="« {value} » n’est pas admis ; vouliez-vous dire « {nearest} » ? Valeurs admises : {known}",
    en='"{value}" is not admitted; did you mean "{nearest}"? Admitted: {known}',
)
OUT_OF_RANGE = Wording(
    "policy.out_of_range",
    fr="{value} n’est pas entre {low} et {high}",
    en="{value} is not between {low} and {high}",
)
BAD_TEXT = Wording(
    "policy.bad_text",
    fr="« {value} » n’a pas la forme attendue, par exemple « {example} »",
    en='"{value}" does not look as expected, for example "{example}"',
)
TOO_LONG = Wording("policy.too_long", fr="plus de {limit} caractères", en="more than {limit} characters")
TOO_MANY = Wording("policy.too_many", fr="plus de {limit} éléments", en="more than {limit} elements")
EMPTY = Wording("policy.empty", fr="au moins un élément est attendu", en="at least one element is expected")
TWICE = Wording("policy.twice", fr="« {value} » est donné deux fois", en='"{value}" is given twice')
TOO_DEEP = Wording(
    "policy.too_deep", fr="plus de {limit} niveaux de conditions", en="more than {limit} levels of conditions"
)
STEPS_BACKWARDS = Wording(
    "policy.steps_backwards",
    fr="Cette étape peut tomber avant la précédente : elle vient au plus tôt {earliest} j après l’échéance, la précédente au plus tard {latest} j",
    en="This step may come before the one above it: at the earliest {earliest} d after the due date, the one above at the latest {latest} d",
)
NO_STEP_BEFORE = Wording(
    "policy.no_step_before",
    fr="Une étape comptée depuis la précédente doit suivre une étape d’après l’échéance",
    en="A step counted from the previous one must follow a step after the due date",
)
ONLY_AFTER = Wording(
    "policy.only_after",
    fr="Cette horloge ne compte que vers l’avant : {low} jour(s) au moins",
    en="This clock counts forward only: at least {low} day(s)",
)
WRONG_SIDE = Wording(
    "policy.wrong_side",
    fr="La lettre {template} ne convient pas {days} j après l’échéance : le préavis courtois (courtesy) part avant, les autres après",
    en="Letter {template} does not fit {days} d after the due date: the courtesy notice leaves before it, the others after",
)
FORMAL_BY_PERSON = Wording(
    "policy.formal_by_person",
    fr="Une mise en demeure s’approuve une par une : approval: person",
    en="A formal notice is approved one by one: approval: person",
)
NO_DATA = Wording(
    "policy.no_data",
    fr="Rien ici ne connaît encore « {field} » : une condition qui le demande ne serait jamais vraie",
    en='Nothing here knows "{field}" yet: a condition that asks for it would never be true',
)
ONE_KIND = Wording(
    "policy.one_kind",
    fr="Une condition est l’un de all, any, not, ou field avec une seule comparaison ({known})",
    en="A condition is one of all, any, not, or field with one single comparison ({known})",
)
ONE_COMPARISON = Wording(
    "policy.one_comparison",
    fr="« {field} » se compare par un seul de : {known}",
    en='"{field}" is compared by one of: {known}',
)
WINDOW_ENDS_FIRST = Wording(
    "policy.window_ends_first", fr="La plage finit avant de commencer", en="The window ends before it begins"
)
NOT_SENT_YET = Wording(
    "policy.channel_not_sent",
    fr="Rien n’envoie encore par {channel} : ces envois attendront qu’une personne s’en charge",
    en="Nothing sends by {channel} yet: these messages will wait for a person to see to them",
)
_KINDS = {
    "mapping": Wording("policy.kind_mapping", fr="un ensemble clé: valeur", en="a mapping"),
    "list": Wording("policy.kind_list", fr="une liste", en="a list"),
    "text": Wording("policy.kind_text", fr="un texte", en="a text"),
    "integer": Wording("policy.kind_integer", fr="un nombre entier", en="a whole number"),
    "money": Wording("policy.kind_money", fr="un montant à deux décimales au plus", en="an amount with at most two decimals"),
    "flag": Wording("policy.kind_flag", fr="true ou false", en="true or false"),
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A value of a document and the line it stands on: None, bool, int, Decimal, str, a tuple of nodes, or a mapping."""

    value: Anything
    line: int


@dataclass
class _Reader:
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: Node, path: str, sentence: Sentence) -> None:
        self.problems.append(Problem(sentence, line=node.line, field=path))

    def warn(self, node: Node, path: str, sentence: Sentence) -> None:
        self.problems.append(Problem(sentence, line=node.line, field=path, severity="warning"))

    # -- plain values

    def mapping(
        self, node: Node, path: str, known: Sequence[str], needed: Iterable[str] = ()
    ) -> Mapping[str, Node]:
        """The entries whose keys are known; what is unknown or missing is told."""
        if not isinstance(node.value, dict):
            self.wrong_kind(node, path, "mapping")
            return {}
        for key, value in node.value.items():
            if key not in known:
                self.refuse(value, _below(path, key), UNKNOWN_KEY(key=key, nearest=_nearest(key, known)))
        for key in needed:
            if key not in node.value:
                self.refuse(node, _below(path, key), MISSING(key=key))
        return {key: value for key, value in node.value.items() if key in known}

    def items(self, node: Node, path: str, limit: int) -> tuple[Node, ...]:
        if not isinstance(node.value, tuple):
            self.wrong_kind(node, path, "list")
            return ()
        if not node.value:
            self.refuse(node, path, EMPTY())
        if len(node.value) > limit:
            self.refuse(node, path, TOO_MANY(limit=limit))
        return node.value[:limit]

    def text(self, node: Node, path: str, *, limit: int, pattern: str = "") -> str:
        if not isinstance(node.value, str) or not node.value.strip():
            self.wrong_kind(node, path, "text")
        elif len(node.value) > limit:
            self.refuse(node, path, TOO_LONG(limit=limit))
        elif pattern and not re.fullmatch(pattern, node.value):
            self.refuse(node, path, BAD_TEXT(value=node.value, example=_EXAMPLES[pattern]))
        else:
            return node.value
        return ""

    def integer(self, node: Node, path: str, low: int, high: int) -> int:
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            self.wrong_kind(node, path, "integer")
        elif not low <= node.value <= high:
            self.refuse(node, path, OUT_OF_RANGE(value=node.value, low=low, high=high))
        else:
            return node.value
        return low

    def cents(self, node: Node, path: str) -> int:
        amount = node.value
        if (
            isinstance(amount, bool)
            or not isinstance(amount, int | Decimal)
            or amount * 100 != int(amount * 100)
        ):
            self.wrong_kind(node, path, "money")
        elif not 0 <= int(amount * 100) <= MAX_CENTS:
            self.refuse(node, path, OUT_OF_RANGE(value=str(amount), low=0, high=MAX_CENTS // 100))
        else:
            return int(amount * 100)
        return 0

    def flag(self, node: Node, path: str) -> bool:
        if not isinstance(node.value, bool):
            self.wrong_kind(node, path, "flag")
        return node.value is True

    def one_of(self, node: Node, path: str, known: Sequence[str]) -> str:
        if node.value in known:
            return node.value
        value = _told(node)
        self.refuse(
            node, path, UNKNOWN_VALUE(value=value, nearest=_nearest(value, known), known=", ".join(known))
        )
        return known[0]

    def several_of(self, node: Node, path: str, known: Sequence[str]) -> tuple[str, ...]:
        """One value, or a list of different ones."""
        nodes = self.items(node, path, len(known)) if isinstance(node.value, tuple) else (node,)
        found: list[str] = []
        for rank, each in enumerate(nodes):
            value = self.one_of(each, f"{path}[{rank + 1}]", known)
            if value in found and each.value == value:
                self.refuse(each, f"{path}[{rank + 1}]", TWICE(value=value))
            found.append(value)
        return tuple(dict.fromkeys(found))

    def wrong_kind(self, node: Node, path: str, expected: str) -> None:
        self.refuse(node, path, WRONG_KIND(expected=_KINDS[expected](), value=_told(node)))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _nearest(given: str, known: Sequence[str]) -> str:
    """The known name that looks most like what was given; the first of all when none does."""
    return next(iter(get_close_matches(given, known, n=1, cutoff=0.0)), known[0])


def _told(node: Node) -> str:
    match node.value:
        case None:
            return "null"
        case bool(value):
            return str(value).lower()
        case dict():
            return "{…}"
        case tuple():
            return "[…]"
        case value:
            return str(value)[:60]


_POLICY_KEYS = (
    "policy", "name", "description", "min_gap_days", "max_contacts_per_week", "min_amount", "level", "steps",
)  # fmt: skip


def read_policy(
    document: Node, *, sent_channels: Iterable[str] = CHANNELS
) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy of a document, None when anything in it is refused; and all that is to be said about it.

    `sent_channels` are those by which something here can send: a warning names the others.
    """
    reader = _Reader()
    keys = reader.mapping(document, "", _POLICY_KEYS, needed=("policy", "name", "steps"))

    def value(key: str, read: Callable[[Node, str], Anything], default: Anything) -> Anything:
        return read(keys[key], key) if key in keys else default

    slug = value("policy", lambda node, path: reader.text(node, path, limit=60, pattern=_SLUG.pattern), "")
    name = value("name", lambda node, path: reader.text(node, path, limit=120), "")
    description = value("description", lambda node, path: _description(reader, node, path), {})
    min_gap_days = value("min_gap_days", lambda node, path: reader.integer(node, path, 0, MAX_GAP_DAYS), 5)
    max_contacts_per_week = value(
        "max_contacts_per_week", lambda node, path: reader.integer(node, path, 0, 7), 3
    )
    min_amount_cents = value("min_amount", reader.cents, 1_000)
    level = value("level", lambda node, path: reader.one_of(node, path, LEVELS), "oldest")
    steps = value("steps", lambda node, path: _steps(reader, node, path, set(sent_channels)), ())
    problems = tuple(reader.problems)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    return (
        Policy(slug, name, min_gap_days, min_amount_cents, steps, description, max_contacts_per_week, level),
        problems,
    )


def _description(reader: _Reader, node: Node, path: str) -> dict[str, str]:
    said = reader.mapping(node, path, ("fr", "en"))
    return {language: reader.text(text, _below(path, language), limit=600) for language, text in said.items()}


# -- steps

_STEP_KEYS = (
    "clock", "days", "template", "channel", "tone", "approval", "signed_by", "min_amount", "window", "condition",
)  # fmt: skip


def _steps(reader: _Reader, node: Node, path: str, sent_channels: set[str]) -> tuple[Step, ...]:
    nodes = reader.items(node, path, MAX_STEPS)
    steps = [_step(reader, each, f"{path}[{rank + 1}]", sent_channels) for rank, each in enumerate(nodes)]
    if not any(problem.severity == "error" for problem in reader.problems):
        _check_order(reader, nodes, path, steps)
    return tuple(steps)


def _step(reader: _Reader, node: Node, path: str, sent_channels: set[str]) -> Step:
    faults_before = len(reader.problems)
    keys = reader.mapping(node, path, _STEP_KEYS, needed=("days", "template"))

    def value(key: str, read: Callable[[Node, str], Anything], default: Anything) -> Anything:
        return read(keys[key], _below(path, key)) if key in keys else default

    step = Step(
        days=value("days", lambda n, p: reader.integer(n, p, -MAX_DAYS_BEFORE, MAX_DAYS_AFTER), 0),
        template=value("template", lambda n, p: reader.one_of(n, p, TEMPLATES), TEMPLATES[0]),
        clock=value("clock", lambda n, p: reader.one_of(n, p, CLOCKS), "due_date"),
        channels=value("channel", lambda n, p: reader.several_of(n, p, CHANNELS), ("email",)),
        tone=value("tone", lambda n, p: reader.one_of(n, p, TONES), "neutral"),
        approval=value("approval", lambda n, p: reader.one_of(n, p, APPROVALS), "batch"),
        signed_by=value("signed_by", lambda n, p: reader.one_of(n, p, SIGNERS), "company"),
        min_amount_cents=value("min_amount", reader.cents, 0),
        window=value("window", lambda n, p: _window(reader, n, p), None),
        condition=value("condition", lambda n, p: _condition(reader, n, p, MAX_DEPTH), None),
    )
    if len(reader.problems) == faults_before:
        _check_step(reader, node, keys, path, step, sent_channels)
    return step


def _check_step(
    reader: _Reader, node: Node, keys: Mapping[str, Node], path: str, step: Step, sent_channels: set[str]
) -> None:
    low = {"due_date": -MAX_DAYS_BEFORE, "end_of_month": 0, "previous_step": 1}[step.clock]
    if step.days < low:
        reader.refuse(keys["days"], _below(path, "days"), ONLY_AFTER(low=low))
    if (step.template == COURTESY) != (step.clock == "due_date" and step.days < 0):
        reader.refuse(
            keys["template"], _below(path, "template"), WRONG_SIDE(template=step.template, days=step.days)
        )
    if step.template in NOTICES and step.approval != "person":
        reader.refuse(keys.get("approval", node), _below(path, "approval"), FORMAL_BY_PERSON())
    for channel in step.channels:
        if channel not in sent_channels:
            reader.warn(
                keys["channel"], _below(path, "channel"), NOT_SENT_YET(channel=CHANNEL_NAMES[channel]())
            )


def _check_order(reader: _Reader, nodes: Sequence[Node], path: str, steps: Sequence[Step]) -> None:
    """Whatever the due date, no step comes before the one above it."""
    earliest_before = latest_before = -MAX_DAYS_BEFORE - 1
    for rank, (node, step) in enumerate(zip(nodes, steps, strict=True)):
        where = f"{path}[{rank + 1}].days"
        if step.clock == "previous_step":
            if earliest_before < 0:
                reader.refuse(node, where, NO_STEP_BEFORE())
            earliest, latest = earliest_before + step.days, latest_before + step.days
        else:
            earliest = step.days
            latest = earliest + (LONGEST_MONTH if step.clock == "end_of_month" else 0)
            # what is counted from steps has no latest day: it is enough that it began before
            if earliest <= latest_before:
                reader.refuse(node, where, STEPS_BACKWARDS(earliest=earliest, latest=latest_before))
        earliest_before, latest_before = earliest, latest


def _window(reader: _Reader, node: Node, path: str) -> Window:
    keys = reader.mapping(node, path, ("days", "from", "until"))

    def time(key: str, default: str) -> str:
        if key not in keys:
            return default
        return reader.text(keys[key], _below(path, key), limit=5, pattern=_TIME.pattern) or default

    days = reader.several_of(keys["days"], _below(path, "days"), WEEKDAYS) if "days" in keys else WEEKDAYS
    window = Window(
        tuple(day for day in WEEKDAYS if day in days), time("from", "00:00"), time("until", "24:00")
    )
    if window.from_time >= window.until_time:
        reader.refuse(node, path, WINDOW_ENDS_FIRST())
    return window


# -- conditions

_GROUPS = ("all", "any", "not")
_ALL_OPERATORS = tuple(dict.fromkeys(operator for known in OPERATORS.values() for operator in known))
# What stands in for a condition that was refused: nothing comes of it.
_REFUSED = Comparison("amount", "known", value=True)


def _condition(reader: _Reader, node: Node, path: str, depth: int) -> Condition:
    if depth == 0:
        reader.refuse(node, path, TOO_DEEP(limit=MAX_DEPTH))
        return _REFUSED
    keys = reader.mapping(node, path, (*_GROUPS, "field", *_ALL_OPERATORS))
    kinds = [key for key in keys if key in (*_GROUPS, "field")]
    if len(kinds) != 1 or ("field" not in kinds and len(keys) > 1):
        if isinstance(node.value, dict):
            reader.refuse(node, path, ONE_KIND(known=", ".join(_ALL_OPERATORS)))
        return _REFUSED
    kind = next(iter(kinds))
    below = _below(path, kind)
    if kind == "field":
        return _compared(reader, node, keys, path)
    if kind == "not":
        return Not(_condition(reader, keys[kind], below, depth - 1))
    inner = tuple(
        _condition(reader, each, f"{below}[{rank + 1}]", depth - 1)
        for rank, each in enumerate(reader.items(keys[kind], below, 100))
    )
    if not inner:
        return _REFUSED
    return All(inner) if kind == "all" else Any(inner)


def _compared(reader: _Reader, node: Node, keys: Mapping[str, Node], path: str) -> Condition:
    name = keys["field"].value
    if isinstance(name, str) and name in WITHOUT_DATA:
        reader.refuse(keys["field"], _below(path, "field"), NO_DATA(field=WITHOUT_DATA[name]()))
        return _REFUSED
    if name not in FIELDS:
        reader.one_of(keys["field"], _below(path, "field"), (*FIELDS, *WITHOUT_DATA))
        return _REFUSED
    known = OPERATORS[FIELDS[name].kind]
    operators = [key for key in keys if key != "field"]
    if len(operators) != 1 or operators[0] not in known:
        reader.refuse(node, path, ONE_COMPARISON(field=name, known=", ".join(known)))
        return _REFUSED
    operator = cast(Operator, operators[0])
    return Comparison(name, operator, _value(reader, keys[operator], _below(path, operator), name, operator))


def _value(reader: _Reader, node: Node, path: str, name: str, operator: Operator) -> Value:
    wanted = FIELDS[name]
    if operator == "known" or wanted.kind == "flag":
        return reader.flag(node, path)
    if wanted.kind == "money":
        return reader.cents(node, path)
    if wanted.kind == "number":
        return reader.integer(node, path, -100_000, 100_000)
    if operator == "in":
        return tuple(
            reader.text(each, f"{path}[{rank + 1}]", limit=120, pattern=wanted.pattern)
            for rank, each in enumerate(reader.items(node, path, 200))
        )
    return reader.text(node, path, limit=120, pattern=wanted.pattern)


# -- written

Plain = dict[str, Anything]


def written_policy(policy: Policy) -> Plain:
    """The document of a policy as plain values, amounts as `Decimal`; what has its default is left out of the steps."""
    document: Plain = {"policy": policy.slug, "name": policy.name}
    if policy.description:
        document["description"] = dict(policy.description)
    document["min_gap_days"] = policy.min_gap_days
    document["max_contacts_per_week"] = policy.max_contacts_per_week
    document["min_amount"] = _amount(policy.min_amount_cents)
    document["level"] = policy.level
    document["steps"] = [_written_step(step) for step in policy.steps]
    return document


def _written_step(step: Step) -> Plain:
    usual = Step(step.days, step.template)
    written: Plain = {}
    if step.clock != usual.clock:
        written["clock"] = step.clock
    written |= {"days": step.days, "template": step.template}
    if step.channels != usual.channels:
        written["channel"] = list(step.channels) if len(step.channels) > 1 else "".join(step.channels)
    written |= {
        key: getattr(step, key)
        for key in ("tone", "approval", "signed_by")
        if getattr(step, key) != getattr(usual, key)
    }
    if step.min_amount_cents:
        written["min_amount"] = _amount(step.min_amount_cents)
    if step.window is not None:
        written["window"] = written_window(step.window)
    if step.condition is not None:
        written["condition"] = written_condition(step.condition)
    return written


def written_window(window: Window) -> Plain:
    return {"days": list(window.days), "from": window.from_time, "until": window.until_time}


def written_condition(condition: Condition) -> Plain:
    """The condition as its document has it."""
    match condition:
        case All(conditions):
            return {"all": [written_condition(inner) for inner in conditions]}
        case Any(conditions):
            return {"any": [written_condition(inner) for inner in conditions]}
        case Not(inner):
            return {"not": written_condition(inner)}
        case Comparison(name, operator, value):
            return {"field": name, operator: _written_value(name, operator, value)}


def _written_value(name: str, operator: Operator, value: Value) -> Anything:
    if isinstance(value, tuple):
        return list(value)
    if FIELDS[name].kind == "money" and operator != "known":
        return _amount(cast(int, value))
    return value


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))
