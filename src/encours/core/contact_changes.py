"""What a customer may correct of its contacts by itself, and what a person looks at first.

What only helps to reach the customer applies at once: a name, a function, a telephone where none was known. What replaces or
ends a way the company knows waits, and so does every new e-mail address: codes are sent to addresses, and whoever could add
one by itself could answer for the customer for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS = ("name", "role", "email", "phone")
AT_ONCE = frozenset({"name", "role"})


@dataclass(frozen=True)
class Split:
    """Fields by what becomes of them, each with what was known and what is said."""

    at_once: Mapping[str, tuple[str, str]]
    waiting: Mapping[str, tuple[str, str]]


def split_changes(*, known: Mapping[str, str], said: Mapping[str, str]) -> Split:
    """
    >>> made = split_changes(known={"name": "A", "phone": "", "email": "a@x"}, said={"name": "B", "phone": "1", "email": "b@x"})
    >>> sorted(made.at_once), sorted(made.waiting)
    (['name', 'phone'], ['email'])
    """
    changed = {name: (known[name], said[name]) for name in known if known[name] != said[name]}
    is_free = {
        name: name in AT_ONCE or (name == "phone" and not before) for name, (before, _) in changed.items()
    }
    return Split(
        at_once={name: change for name, change in changed.items() if is_free[name]},
        waiting={name: change for name, change in changed.items() if not is_free[name]},
    )
