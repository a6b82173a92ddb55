"""The markup of OFX 1.x (SGML: elements need no closing tag) and 2.x (XML), as one tree.

Banks mix both: XML headers over SGML bodies, elements closed here and open there, empty elements. What
tells an aggregate from an element is therefore its name, and an aggregate ends at its closing tag or where
one of its own level or above begins. Nothing is ever resolved: declarations are refused.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from encours.ports.files import UnableToReadFile
from encours.providers.banks.ofx import problems

# Aggregates by depth; what a statement may hold besides is read as plain elements.
_DEPTHS = {
    "OFX": 0, "STATUS": 4, "STMTRS": 3, "CCSTMTRS": 3, "INVSTMTRS": 3,
    "BANKACCTFROM": 4, "CCACCTFROM": 4, "BANKTRANLIST": 4, "LEDGERBAL": 4, "AVAILBAL": 4, "BALLIST": 4,
    "STMTTRN": 5, "BAL": 5, "SONRS": 2, "FI": 3,
    "PAYEE": 6, "EXTDPAYEE": 6, "BANKACCTTO": 6, "CCACCTTO": 6, "CURRENCY": 6, "ORIGCURRENCY": 6,
    "IMAGEDATA": 6,
}  # fmt: skip
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9._-]*)[^<>]*>")
_HEADER_LINE = re.compile(rb"^\s*([A-Z]+)\s*:\s*([A-Za-z0-9_-]+)\s*$", re.MULTILINE)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHARSETS = {"1252": "cp1252", "8859-1": "iso8859-1", "8859-15": "iso8859-15", "NONE": "cp1252"}


@dataclass
class Aggregate:
    """`elements` holds the first value of each element, trimmed, with its line."""

    name: str
    line: int
    elements: dict[str, tuple[str, int]] = field(default_factory=dict)
    children: list["Aggregate"] = field(default_factory=list)

    def text(self, element: str) -> str:
        return self.elements.get(element, ("", 0))[0]

    def line_of(self, element: str) -> int:
        return self.elements.get(element, ("", self.line))[1]

    def child(self, name: str) -> "Aggregate | None":
        return next((child for child in self.children if child.name == name), None)

    def every(self, *names: str) -> list["Aggregate"]:
        """All aggregates of these names at any depth, in the order of the file."""
        found: list[Aggregate] = []
        for child in self.children:
            found.extend([child] if child.name in names else child.every(*names))
        return found


def looks_like_ofx(head: bytes) -> bool:
    start = head[:4096].replace(b"\0", b"").upper()
    lead = start.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").lstrip()
    return lead.startswith(b"OFXHEADER") or (
        lead.startswith(b"<") and (b"<?OFX " in lead or b"<OFX>" in lead)
    )


def decode(content: bytes) -> str:
    """The text: UTF-8 whenever it is valid (headers that claim 1252 over UTF-8 are common), else as declared."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").replace("\0", "")
    content = content.replace(b"\0", b"")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_declared(content[:2048]), errors="replace")


def _declared(head: bytes) -> str:
    if found := _XML_ENCODING.search(head):
        name = found[1].decode("ascii").lower()
        return name if name in ("iso-8859-1", "iso-8859-15", "windows-1252") else "cp1252"
    header = {key.decode(): value.decode() for key, value in _HEADER_LINE.findall(head)}
    charset = header.get("CHARSET", "1252").upper().removeprefix("ISO-")
    return _CHARSETS.get(charset, "cp1252")


def parse(text: str) -> Aggregate:
    """The <OFX> aggregate. Raises `UnableToReadFile`."""
    start = re.search(r"<OFX>", text, re.IGNORECASE)
    _refuse_declarations(text[: start.start()] if start else text[:65536])
    if start is None:
        raise UnableToReadFile(problems.NOT_OFX(), line=1)
    tree = _Tree(text, start.start())
    tree.read()
    if not tree.closed:
        raise UnableToReadFile(problems.CUT_SHORT(), line=tree.line)
    return tree.root


def _refuse_declarations(prolog: str) -> None:
    found = re.search(r"<!(?!--)", prolog)
    if found:
        raise UnableToReadFile(problems.DECLARATION(), line=prolog.count("\n", 0, found.start()) + 1)


class _Tree:
    """Reads from left to right, once: every step moves `at` forward."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = start
        self.line = text.count("\n", 0, start) + 1
        self.root = Aggregate("OFX", self.line)
        self.open: list[Aggregate] = []
        self.closed = False
        self._element = ""  # the element that the text at hand belongs to
        self._value: list[str] = []
        self._value_line = self.line

    def read(self) -> None:
        while self.at < len(self.text) and not self.closed:
            if self.text[self.at] != "<":
                self._text(self.text.find("<", self.at))
            elif self.text.startswith("<![CDATA[", self.at):
                self._section(9, "]]>", keep=True)
            elif self.text.startswith("<!--", self.at):
                self._section(4, "-->", keep=False)
            elif self.text.startswith("<!", self.at):
                raise UnableToReadFile(problems.DECLARATION(), line=self.line)
            elif tag := _TAG.match(self.text, self.at):
                self._tag(tag)
            else:  # a "<" that is text
                self._text(self.text.find("<", self.at + 1))

    def _text(self, end: int) -> None:
        end = end if end >= 0 else len(self.text)
        if self._element:
            self._value.append(unescape(self.text[self.at : end]))
        self._move(end)

    def _section(self, opening: int, closing: str, *, keep: bool) -> None:
        end = self.text.find(closing, self.at + opening)
        if end < 0:
            raise UnableToReadFile(problems.CUT_SHORT(), line=self.line)
        if keep and self._element:
            self._value.append(self.text[self.at + opening : end])
        self._move(end + len(closing))

    def _tag(self, tag: re.Match[str]) -> None:
        name = tag[2].upper()
        depth = _depth(name)
        if depth is None:
            self._finish_element()
            if not tag[1]:
                self._element, self._value_line = name, self.line
        else:
            self._finish_element()
            if tag[1]:
                self._close(name)
            else:
                self._open(name, depth)
        self._move(tag.end())

    def _open(self, name: str, depth: int) -> None:
        while self.open and (_depth(self.open[-1].name) or 0) >= depth:
            self.open.pop()
        if name == "OFX":
            self.open = [self.root]
            return
        new = Aggregate(name, self.line)
        (self.open[-1] if self.open else self.root).children.append(new)
        self.open.append(new)

    def _close(self, name: str) -> None:
        if name == "OFX":
            self.closed = True
        elif any(aggregate.name == name for aggregate in self.open):
            while self.open.pop().name != name:
                pass

    def _finish_element(self) -> None:
        if self._element:
            holder = self.open[-1] if self.open else self.root
            value = " ".join("".join(self._value).split())
            holder.elements.setdefault(self._element, (value, self._value_line))
        self._element, self._value = "", []

    def _move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end


def _depth(name: str) -> int | None:
    """Depth of an aggregate; None for an element."""
    if name.endswith(("MSGSRSV1", "MSGSRSV2")):
        return 1
    if name.endswith("TRNRS"):
        return 2
    return _DEPTHS.get(name)
