"""Policies as YAML files: text to a tree with lines, and back.

Strict on purpose: no tags, no anchors, one document, no key twice, a limit to size and depth. Of what YAML makes of bare
words only null, true, false and plain numbers are kept: Norway (`NO`) stays a text.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any

import yaml

from encours.core.dunning.documents import Node, Plain, read_policy, written_policy
from encours.core.dunning.policy import OWN_CHANNELS, Policy
from encours.core.problems import Problem, by_line
from encours.core.wording import Wording
from encours.ports.registry import channels

MAX_BYTES, MAX_DEPTH, MAX_DIGITS = 100_000, 30, 18

TOO_LARGE = Wording(
    "policy.too_large",
    fr="Plus de {limit} octets : ce n’est pas un scénario",
    en="More than {limit} bytes: this is no policy",
)
NOT_TEXT = Wording(
    "policy.not_text", fr="Le fichier n’est pas un texte UTF-8", en="The file is not UTF-8 text"
)
NOT_YAML = Wording("policy.not_yaml", fr="Ce n’est pas du YAML : {detail}", en="This is not YAML: {detail}")
NOT_PLAIN = Wording(
    "policy.not_plain",
    fr="Ni ancres, ni renvois, ni étiquettes, ni plusieurs documents : des valeurs simples seulement",
    en="No anchors, aliases, tags or several documents: plain values only",
)
NESTED = Wording("policy.nested", fr="Plus de {limit} niveaux", en="More than {limit} levels")
KEY_TWICE = Wording("policy.key_twice", fr="« {key} » est donné deux fois", en='"{key}" is given twice')
NO_KEY = Wording("policy.no_key", fr="Une clé est un mot simple", en="A key is a plain word")
NOTHING = Wording("policy.nothing", fr="Le fichier est vide", en="The file is empty")

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class UnableToReadPolicyFile(Exception):
    """`problem` says at which line and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_tree(content: bytes) -> Node:
    """The document of a file. Raises `UnableToReadPolicyFile` at its first fault of form."""
    if len(content) > MAX_BYTES:
        raise UnableToReadPolicyFile(Problem(TOO_LARGE(limit=MAX_BYTES)))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnableToReadPolicyFile(Problem(NOT_TEXT())) from error
    try:
        return _document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        detail = NOT_YAML(detail=error.problem or error.context or "")
        raise UnableToReadPolicyFile(Problem(detail, line=mark.line + 1 if mark else None)) from error
    except yaml.YAMLError as error:  # a character no YAML may hold
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise UnableToReadPolicyFile(
            Problem(NOT_YAML(detail=getattr(error, "reason", "")), line=line)
        ) from error


def _document(events: Iterator[Any]) -> Node:
    found: list[Node] = []
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if found:
                _refuse(NOT_PLAIN(), event)
            found.append(_node(next(events), events, 0))
    if not found:
        raise UnableToReadPolicyFile(Problem(NOTHING()))
    return found[0]


def _refuse(sentence: Any, event: Any, path: str = "") -> None:
    raise UnableToReadPolicyFile(Problem(sentence, line=event.start_mark.line + 1, field=path))


def _node(event: Any, events: Iterator[Any], depth: int) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
        _refuse(NOT_PLAIN(), event)
    if depth > MAX_DEPTH:
        _refuse(NESTED(limit=MAX_DEPTH), event)
    if isinstance(event, yaml.ScalarEvent):
        return Node(_scalar(event), line)
    if isinstance(event, yaml.SequenceStartEvent):
        nodes = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            nodes.append(_node(event, events, depth + 1))
        return Node(tuple(nodes), line)
    entries: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(NO_KEY(), event)
        _node(event, events, depth)  # an anchor or a tag on a key
        if event.value in entries:
            _refuse(KEY_TWICE(key=event.value), event, event.value)
        # a fault is told at the key, where a person looks for it
        entries[event.value] = Node(_node(next(events), events, depth + 1).value, event.start_mark.line + 1)
    return Node(entries, line)


def _scalar(event: Any) -> Any:
    text = event.value
    if (
        event.style is not None or len(text) > MAX_DIGITS
    ):  # quoted or a block; or longer than any number or word
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 (PyYAML's signature)
        """Lists stand below their key, indented."""
        super().increase_indent(flow, False)


_Dumper.add_representer(
    Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}")
)


def write_tree(document: Plain) -> str:
    """The YAML text of a document of plain values."""
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def read_policy_file(content: bytes, *, name: str) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy in a file, None when anything in it is refused; and all that is to be said about it, `name` with it."""
    try:
        tree = read_tree(content)
    except UnableToReadPolicyFile as error:
        return None, (error.problem.in_file(name),)
    policy, problems = read_policy(
        tree, sent_channels={made.channel for made in channels().values()} | OWN_CHANNELS
    )
    return policy, tuple(problem.in_file(name) for problem in by_line(problems))


def write_policy_file(policy: Policy) -> str:
    """The YAML document of a policy; reading it gives the same policy."""
    return write_tree(written_policy(policy))


def ready_policies() -> dict[str, Policy]:
    """The policies that come with the product, by slug."""
    found: dict[str, Policy] = {}
    for file in sorted(
        files("encours.ports").joinpath("ready_policies").iterdir(), key=lambda file: file.name
    ):
        policy, problems = read_policy_file(file.read_bytes(), name=file.name)
        assert policy is not None, problems
        found[policy.slug] = policy
    return found
