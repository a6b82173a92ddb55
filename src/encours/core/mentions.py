"""Whom a note calls: `@` and a name of the company, by its whole name or by a first name that only one has."""

from collections import Counter
from collections.abc import Mapping

from encours.core.references import folded

SIGN = "@"


def mentioned(*, text: str, names: Mapping[int, str]) -> set[int]:
    """Ids of those called. `names` are the members' by id; case and accents do not count, the longest name wins.

    >>> sorted(mentioned(text="@claire d'accord ? cc @Hugo Blanc.", names={1: "Claire Petit", 2: "Hugo Blanc", 3: "Hugo Noir"}))
    [1, 2]
    >>> mentioned(text="compta@hugo.example, @Hugo ?", names={2: "Hugo Blanc", 3: "Hugo Noir"})
    set()
    """
    whole = {folded(name): user_id for user_id, name in names.items() if name.strip()}
    firsts = Counter(name.split()[0] for name in whole)
    called = whole | {
        name.split()[0]: user_id for name, user_id in whole.items() if firsts[name.split()[0]] == 1
    }
    return {user_id for part in _after_signs(folded(text)) if (user_id := _longest(part, called)) is not None}


def _after_signs(text: str) -> list[str]:
    """What follows each sign that begins a word: an e-mail address calls nobody."""
    places = [place for place, letter in enumerate(text) if letter == SIGN]
    return [text[place + 1 :] for place in places if place == 0 or not text[place - 1].isalnum()]


def _longest(part: str, called: Mapping[str, int]) -> int | None:
    fitting = [
        name for name in called if part.startswith(name) and not part[len(name) : len(name) + 1].isalnum()
    ]
    return called[max(fitting, key=len)] if fitting else None
