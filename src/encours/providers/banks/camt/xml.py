"""A camt file as plain values, read in a stream by a parser that trusts nothing.

Banks put the same message under many namespaces (versions, or none at all): only local names count here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from encours.ports.files import EMPTY_FILE, UnableToReadFile
from encours.providers.banks.camt.problems import (
    HAS_DTD,
    NOT_CAMT,
    NOT_WELL_FORMED,
    TOO_LARGE,
    WRONG_ENCODING,
)

# message element -> (kind, element of one statement)
MESSAGES = {
    "BkToCstmrAcctRpt": ("camt052", "Rpt"),
    "BkToCstmrStmt": ("camt053", "Stmt"),
    "BkToCstmrDbtCdtNtfctn": ("camt054", "Ntfctn"),
}
_STATEMENTS = tuple(statement for _, statement in MESSAGES.values())
# parts of a statement that are handed out one by one: everything else in it is small
_PARTS = ("Acct", "Bal", "Ntry")

_ERRORS = etree.ErrorTypes
_ENTITY_ERRORS = {
    _ERRORS.ERR_ENTITY_LOOP,
    _ERRORS.ERR_UNDECLARED_ENTITY,
    _ERRORS.WAR_UNDECLARED_ENTITY,
}
_ENCODING_ERRORS = {
    _ERRORS.ERR_INVALID_ENCODING,
    _ERRORS.ERR_INVALID_CHAR,
    _ERRORS.ERR_UNKNOWN_ENCODING,
    _ERRORS.ERR_UNSUPPORTED_ENCODING,
}


@dataclass
class Node:
    """An element: its text, attributes and children by local name. `line` is its place in the file."""

    text: str
    line: int | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[str, list["Node"]] = field(default_factory=dict)

    def first(self, *path: str) -> "Node | None":
        """The first element down a path of names."""
        node = self
        for name in path:
            found = node.children.get(name)
            if not found:
                return None
            node = found[0]
        return node

    def all(self, *path: str) -> list["Node"]:
        """Every element down a path of names."""
        nodes: list[Node] = [self]
        for name in path:
            nodes = [child for node in nodes for child in node.children.get(name, ())]
        return nodes

    def text_of(self, *path: str) -> str:
        """Text of the first element down a path; empty when there is none."""
        found = self.first(*path)
        return found.text if found else ""


@dataclass(frozen=True)
class Part:
    """What the stream gives: the message, then for each statement its start, its parts and its end.

    `name` is "message" (the node's text is its element), "start", "Acct", "Bal", "Ntry" or "end" (the node is
    the statement without its balances and entries).
    """

    name: str
    node: Node


def parts(path: Path) -> Iterator[Part]:
    """The parts of a camt file in its order, in the memory of one entry. Raises `UnableToReadFile`."""
    if path.stat().st_size == 0:
        raise UnableToReadFile(EMPTY_FILE())
    events = etree.iterparse(
        str(path),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in (*MESSAGES, *_STATEMENTS, *_PARTS)],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _parts(events)
    except etree.XMLSyntaxError as error:
        raise _unable(error, events) from error


def _parts(events: Any) -> Iterator[Part]:
    message: Any = None
    statement: Any = None
    for event, element in events:
        name = element.tag.rpartition("}")[2]
        parent = element.getparent()
        if event == "start":
            if message is None:
                _refuse_dtd(element)
                if name in MESSAGES:
                    message = element
                    yield Part("message", Node(name, element.sourceline))
            elif statement is None and parent is message and name in _STATEMENTS:
                statement = element
                yield Part("start", Node(name, element.sourceline))
        elif element is statement:
            yield Part("end", _node(element))
            statement = None
            _release(element)
        elif statement is not None and parent is statement and name in _PARTS:
            yield Part(name, _node(element))
            if name != "Acct":
                _release(element)
    if message is None:
        raise UnableToReadFile(NOT_CAMT())


def _refuse_dtd(root: Any) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnableToReadFile(HAS_DTD(), line=1)


def _release(element: Any) -> None:
    """Memory stays that of one entry: what was read is emptied, and taken out once its successor is read."""
    element.clear(keep_tail=True)
    before = element.getprevious()
    if before is not None and before.tag == element.tag and len(before) == 0:
        element.getparent().remove(before)


def _node(element: Any) -> Node:
    node = Node((element.text or "").strip(), element.sourceline, dict(element.attrib))
    children = node.children
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        name = tag.rpartition("}")[2]
        made = _node(child)
        if name in children:
            children[name].append(made)
        else:
            children[name] = [made]
    return node


def _unable(error: etree.XMLSyntaxError, events: Any) -> UnableToReadFile:
    line = error.lineno or None
    text = (error.msg or "").partition(", line ")[0].strip() or "?"
    if error.code in _ENTITY_ERRORS or "entity amplification" in text:
        return UnableToReadFile(HAS_DTD(), line=line)
    if error.code in _ENCODING_ERRORS:
        root = events.root
        encoding = root.getroottree().docinfo.encoding if root is not None else None
        return UnableToReadFile(WRONG_ENCODING(encoding=encoding or "UTF-8"), line=line)
    if error.code == _ERRORS.ERR_RESOURCE_LIMIT or "depth" in text or "too long" in text:
        return UnableToReadFile(TOO_LARGE(), line=line)
    return UnableToReadFile(NOT_WELL_FORMED(at=line or "?"), line=line)
