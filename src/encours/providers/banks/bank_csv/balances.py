"""The column of running balances: what it opens and closes with, and where it does not follow its lines."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Running:
    """`breaks` are (index, balance before, balance after): between them the lines do not explain the change."""

    opening_cents: int
    closing_cents: int
    breaks: tuple[tuple[int, int, int], ...] = ()


def follow(amounts: Sequence[int], balances: Sequence[int | None], *, oldest_first: bool) -> Running | None:
    """The balances of lines in the order of the file; None when there is no running balance.

    Files run either way, newest line first being as frequent as the opposite: the direction is the one the
    balances follow, and `oldest_first` (what the dates say) decides when they follow both or neither. A bank
    may give a balance on some lines only. A column that says the same on every line is no running balance
    but today's balance, repeated.
    """
    known = [i for i, balance in enumerate(balances) if balance is not None]
    if not known:
        return None
    if len(known) > 1 and len({balances[i] for i in known}) == 1 and any(amounts):
        return None
    down, up = _downwards(amounts, balances, known), _upwards(amounts, balances, known)
    if len(down.breaks) == len(up.breaks):
        return down if oldest_first else up
    return down if len(down.breaks) < len(up.breaks) else up


def _downwards(amounts: Sequence[int], balances: Sequence[int | None], known: list[int]) -> Running:
    """Oldest first: a balance is the one before it plus the lines since."""
    breaks = []
    for before, after in zip(known, known[1:], strict=False):
        then, now = balances[before] or 0, balances[after] or 0
        if then + sum(amounts[before + 1 : after + 1]) != now:
            breaks.append((after, then, now))
    first, last = known[0], known[-1]
    return Running(
        opening_cents=(balances[first] or 0) - sum(amounts[: first + 1]),
        closing_cents=(balances[last] or 0) + sum(amounts[last + 1 :]),
        breaks=tuple(breaks),
    )


def _upwards(amounts: Sequence[int], balances: Sequence[int | None], known: list[int]) -> Running:
    """Newest first: the same, read from the end."""
    count = len(amounts)
    turned = _downwards(amounts[::-1], balances[::-1], [count - 1 - i for i in reversed(known)])
    breaks = tuple((count - 1 - i, before, after) for i, before, after in turned.breaks)
    return Running(turned.opening_cents, turned.closing_cents, breaks)
