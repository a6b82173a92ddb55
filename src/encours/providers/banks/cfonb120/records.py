"""A CFONB 120 file as records of 120 characters, however its lines were damaged on the way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from encours.core.problems import Problem
from encours.ports.files import EMPTY_FILE, UnableToReadFile
from encours.providers.banks.cfonb120.problems import IS_CFONB_240, NOT_CFONB, WRONG_LENGTH

LENGTH = 120
# A record starts with its code and the bank's; blanks stand where a bank code is not given.
_STARTS = re.compile(r"0[1457][0-9A-Z ]{5}")
_STARTS_240 = re.compile(r"3[149]\d{2}.{230,}")
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class Record:
    """120 characters. `line` is where it starts: in a file without line breaks, its number among the records."""

    text: str
    line: int

    @property
    def code(self) -> str:
        return self.text[0:2]

    def part(self, first: int, last: int) -> str:
        """The characters of positions `first` to `last`, counted from 1 as the standard does."""
        return self.text[first - 1 : last]


def decoded(content: bytes) -> str:
    """Banks write Latin-1; files that went through other hands may have become UTF-8 or UTF-16.

    Every character stays one character, control characters become blanks: fields are found by their place.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        content = content.removeprefix(b"\xef\xbb\xbf")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\t]", " ", text)


def is_cfonb120(head: str) -> bool:
    """The first record is one of ours."""
    first = _LINE.search(head.lstrip("\r\n "))
    if first is None or not _STARTS.match(first[0]):
        return False
    text = first[0]
    return len(text) >= 34 and text[0:2] in ("01", "04", "05", "07") and _looks_like_account(text)


def is_cfonb240(head: str) -> bool:
    first = _LINE.search(head.lstrip("\r\n "))
    return first is not None and _STARTS_240.match(first[0]) is not None and first[0][0:2] == "31"


def records(content: bytes) -> Iterator[Record | Problem]:
    """The records of a file in its order, and a problem for each line that is none.

    A line is a record; trailing blanks it lost are put back, and a line of several records is cut. When lines do not
    start where records do (wrapped on the way), line breaks mean nothing and the text is cut by 120.
    """
    text = decoded(content)
    if not text.strip():
        raise UnableToReadFile(EMPTY_FILE())
    if is_cfonb240(text[:1000]):
        raise UnableToReadFile(IS_CFONB_240(), line=1)
    lines = [match[0] for match in _LINE.finditer(text) if match[0].strip()]
    starting = sum(1 for line in lines if _STARTS.match(line))
    if not starting:
        raise UnableToReadFile(NOT_CFONB(), line=1)
    if len(lines) == 1 or (starting < len(lines) and _is_cut_by_length("".join(_LINE.findall(text)))):
        return _by_length(text)
    return _by_line(text)


def _by_line(text: str) -> Iterator[Record | Problem]:
    for number, line in enumerate(_editor_lines(text), start=1):
        if not line.strip():
            continue
        whole = line.rstrip()
        for start in range(0, len(whole), LENGTH):
            record = whole[start : start + LENGTH]
            if start and not _STARTS.match(record):
                sentence = WRONG_LENGTH(length=len(whole))
                yield Problem(sentence, line=number, raw=line)
                break
            yield Record(record.ljust(LENGTH), number)


def _by_length(text: str) -> Iterator[Record | Problem]:
    has_breaks = len(_LINE.findall(text.strip())) > 1
    stream: list[str] = []
    lines: list[int] = []  # line on which each piece starts
    for number, line in enumerate(_editor_lines(text), start=1):
        stream.append(line)
        lines += [number] * len(line)
    joined = "".join(stream)
    for count, start in enumerate(range(0, len(joined), LENGTH), start=1):
        record = joined[start : start + LENGTH]
        if record.strip():
            yield Record(record.ljust(LENGTH), lines[start] if has_breaks else count)


def _is_cut_by_length(stream: str) -> bool:
    cuts = range(0, len(stream.rstrip()), LENGTH)
    return all(_STARTS.match(stream, start) for start in cuts)


def _editor_lines(text: str) -> list[str]:
    """Lines as an editor counts them: CR LF, LF and a lone CR each end one."""
    return re.split(r"\r\n|\n|\r", text)


def _looks_like_account(text: str) -> bool:
    """Branch (12-16) and account (22-32) have letters and digits; currency (17-19) letters or blanks."""
    return (
        re.fullmatch(r"[0-9A-Z ]{5}(?:[A-Z]{3}|   )[0-9 ] [0-9A-Z ]{11}", text[11:32].ljust(21)) is not None
        and text[21:32].strip() != ""
    )
