"""Cuts a SWIFT MT940/MT942 file into its messages and fields, each with its line number.

A field starts at the beginning of a line with `:TAG:` and runs to the next one; a message starts at
`:20:` (the transaction reference, once per message). Banks wrap this in SWIFT blocks (`{1:…}{4:` … `-}`),
in control characters, in lines of their own before the first field, or in nothing at all.
"""

import re
from dataclasses import dataclass, replace

_TAGS = "13D?|20|21|25P?|28C?|34F|60[FM]?|61|62[FM]?|64|65|86|90[CD]?|NS"
_FIELD = re.compile(rf"^:({_TAGS}):(.*)", re.DOTALL)
# a field whose colon stands alone at the end of the line before (seen at savings banks)
_BROKEN_FIELD = re.compile(rf"^(?:{_TAGS}):")
_BLOCKS = re.compile(r"^(?:\{[1-35]:[^}]*\}+)*(?:\{4:)?")
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])

# Letters in the order of how often French banks and their neighbours use the encoding.
_SINGLE_BYTE = ("cp1252", "iso8859-15", "cp852")


@dataclass(frozen=True)
class Field:
    """`value` keeps its line breaks; a line is not stripped, since its trailing spaces are text."""

    tag: str
    value: str
    line: int

    @property
    def raw(self) -> str:
        return f":{self.tag}:{self.value}"


def looks_like_mt940(head: bytes) -> bool:
    """Whether the first fields of a message stand at the start of the file."""
    lines = head[:4096].decode("latin-1").lstrip("\ufeffÿþï»¿").splitlines()
    lines = [line.translate(_CONTROL).strip() for line in lines]
    lines = [line for line in lines if line][:12]
    if not lines:
        return False
    if _FIELD.match(lines[0]) or lines[0].startswith(("{1:F01", "{1:F21", ":940:", ":942:")):
        return True
    starts = [line for line in lines if line.startswith((":20:", ":25:", ":28"))]
    return len(starts) >= 2


def decode(content: bytes) -> str:
    """The text in the encoding that gives the most letters: MT940 files never say which they use.

    UTF-8 when it is valid; otherwise the single-byte encoding under which the bytes above 127 are
    letters rather than signs, French encodings first.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    foreign = bytes(byte for byte in content if byte > 127)
    best = max(_SINGLE_BYTE, key=lambda name: sum(map(str.isalpha, foreign.decode(name, errors="ignore"))))
    return content.decode(best, errors="replace")


def messages(text: str) -> list[list[Field]]:
    """The fields of each message in the order of the file."""
    result: list[list[Field]] = []
    open_field = False
    lines = re.split(r"\r\n|\n|\r", text)
    number = 0
    while number < len(lines):
        line, at = lines[number].translate(_CONTROL), number + 1
        number += 1
        block = _BLOCKS.match(line)
        if block and block.end():
            open_field, line = False, line[block.end() :]
        if line.strip() == ":" and number < len(lines) and _BROKEN_FIELD.match(lines[number]):
            line, number = ":" + lines[number], number + 1
        if line.startswith("-}"):
            open_field = False
        elif found := _FIELD.match(line):
            new = Field(found[1], found[2], at)
            if new.tag == "20" or not result:
                result.append([])
            result[-1].append(new)
            open_field = True
        elif open_field and line.strip() not in ("", "-", ":940:", ":942:"):
            last = result[-1][-1]
            result[-1][-1] = replace(last, value=f"{last.value}\n{line}")
    return result


def joined(value: str, *, width: int = 65) -> str:
    """Lines of a field as one text: a full line goes on without a space, a short one ends a word."""
    parts = []
    for line in value.split("\n"):
        parts.append(line if len(line) >= width else line + " ")
    return " ".join("".join(parts).split())
