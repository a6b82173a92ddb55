"""Sentences shown to people, written once per language beside the rule that says them.

A rule that decides something explains itself with a `Sentence`: a code and typed parameters. The code
is what scripts rely on and what is stored; the words are made when somebody reads them, in the
reader's language.

>>> LATE = Wording("doc.late", fr="{number} : {days} jours de retard", en="{number}: {days} days late")
>>> LATE(number="F-1", days=3).say("fr")
'F-1 : 3 jours de retard'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from encours.core.money import Money, Rate

_BEFORE_SIGN = re.compile(r" (?=[:;?!»€](?:\W|$)|%(?:[\s.,;:)]|$))|(?<=«) ")
_registry: dict[str, "Wording"] = {}


@dataclass(frozen=True)
class Wording:
    """One sentence in French and English, with `{parameters}`; `code` is unique in the product."""

    code: str
    fr: str
    en: str

    def __post_init__(self) -> None:
        known = _registry.setdefault(self.code, self)
        assert (known.fr, known.en) == (self.fr, self.en), f"two wordings for {self.code}"

    def __call__(self, **params: Any) -> "Sentence":
        return Sentence(self.code, params)


@dataclass(frozen=True)
class Sentence:
    """A wording with its parameters: str, int, date, Money, Rate or another sentence."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: str) -> str:
        wording = _registry[self.code]
        template = wording.fr if language == "fr" else wording.en
        return template.format_map(
            _Told({key: _shown(value, language) for key, value in self.params.items()})
        )

    def as_json(self) -> dict[str, Any]:
        """What is stored: dates as ISO text, money as cents and currency."""
        return {"code": self.code, "params": {key: _stored(value) for key, value in self.params.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Sentence":
        return cls(stored["code"], {key: _restored(value) for key, value in stored["params"].items()})


class _Told(dict[str, str]):
    """A sentence stored by an older version may lack a parameter its wording has today."""

    def __missing__(self, key: str) -> str:
        return "…"


def all_wordings() -> list[Wording]:
    """Every wording of the modules imported so far, by code."""
    return [_registry[code] for code in sorted(_registry)]


def typeset(text: str) -> str:
    """French as a page sets it: what stands before a colon or a question mark never begins a line.

    Source: Lexique des règles typographiques en usage à l'Imprimerie nationale, on punctuation.

    >>> typeset("Payé ? Voici : « oui »").count("\u00a0")
    4
    """
    return _BEFORE_SIGN.sub("\u00a0", text)


def format_date(day: date, language: str) -> str:
    return f"{day:%d/%m/%Y}" if language == "fr" else f"{day.day} {day:%b %Y}"


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Money | Rate):
        return value.format(language)
    if isinstance(value, date):
        return format_date(value, language)
    if isinstance(value, Sentence):
        return value.say(language)
    return str(value)


def _stored(value: Any) -> Any:
    if isinstance(value, Money):
        return {"cents": value.cents, "currency": value.currency}
    if isinstance(value, Rate):
        return {"basis_points": value.basis_points}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Sentence):
        return {"sentence": value.as_json()}
    return value


def _restored(value: Any) -> Any:
    match value:
        case {"cents": cents, "currency": currency}:
            return Money(cents, currency)
        case {"basis_points": basis_points}:
            return Rate(basis_points)
        case {"date": text}:
            return date.fromisoformat(text)
        case {"sentence": stored}:
            return Sentence.from_json(stored)
        case _:
            return value
