"""What somebody takes back in the same breath: `mercredi, non, plutôt jeudi`, `Friday, I mean the 13th`."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

_TAKEN_BACK = re.compile(
    r"\b(?:non,? (?:plutot|pardon|finalement|attendez|le|la)|plutot|enfin non|pardon|erreur|je veux dire|je voulais dire|ou plutot|rectification|"
    r"finalement|correction|no,? wait|i mean|i meant|or rather|make (?:it|that)|sorry,? (?:the|on|by|no)|rather,|actually,? (?:no|the|on|by)|scratch that)\b"
    r"|\. ?non,|, non,|\bno, "
)
_DENIED = re.compile(r"\b(?:pas|not|plus|jamais)(?: (?:le|la|les|on|until|du|au|pour))? ?$")
_DENIED_EDGE = re.compile(r"\b(?:pas|not) (?:avant|plus tard|before|later|au-dela)")


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Found = TypeVar("Found", bound=_Placed)


def standing(text: str, found: Sequence[Found]) -> list[Found]:
    """What still stands of things found in a plain text: neither taken back by what follows nor denied where it is said.

    >>> from datetime import date
    >>> from encours.core.grammar import find_dates, plain
    >>> said = plain("mercredi, non, plutôt jeudi")
    >>> [str(day.date) for day in standing(said.text, find_dates(said, on=date(2026, 11, 16)))]
    ['2026-11-19']
    """
    kept = [each for each in found if not _is_denied(text, each)]
    kept = kept or [each for each in found if _DENIED_EDGE.search(text[max(0, each.start - 20) : each.start])]
    for marker in _TAKEN_BACK.finditer(text):
        later = [each for each in kept if each.start >= marker.start()]
        if later:
            kept = later
    return kept


def _is_denied(text: str, each: _Placed) -> bool:
    """`pas vendredi`; but `pas avant vendredi` names the day from which on it may be."""
    if re.match(r"(?:avant|before|until|plus tard|d'ici)", text[each.start : each.end]):
        return False
    return _DENIED.search(text[max(0, each.start - 14) : each.start]) is not None
