"""A problem is a value: what is wrong, where, and why, in the reader's words.

Readers and actions return problems beside what they could do; nothing is dropped silently.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from encours.core.wording import Sentence

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    `line` counts from 1 as an editor shows it (None when the place is the whole file), `field` is the
    canonical name of the field, `raw` the refused line as it came: it is what quarantine keeps.
    An `error` means that something was refused; a `warning` that something was taken and deserves a look.
    """

    sentence: Sentence
    line: int | None = None
    field: str = ""
    file: str = ""
    raw: str = ""
    severity: Severity = "error"

    @property
    def code(self) -> str:
        return self.sentence.code

    def in_file(self, name: str) -> "Problem":
        return replace(self, file=name)

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "code": self.code,
            "message": self.sentence.say(language),
            "severity": self.severity,
        }


def by_line(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """As somebody who corrects the file meets them; what concerns all of it comes first."""
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))
