"""How often a link and a network may ask: buckets that refill, counted in the memory of each web process.

A person who reads and pays stays far below. What is counted is what costs: nobody can guess a link (130 bits), but
looking up wrong ones must not keep the database busy.
"""

from dataclasses import dataclass
from threading import Lock


@dataclass
class _Level:
    tokens: float
    at: float


class Bucket:
    """`capacity` requests at once, `per_second` more as time goes by, for each key."""

    MAX_KEYS = 50_000

    def __init__(self, *, capacity: int, per_second: float) -> None:
        self._capacity, self._per_second = capacity, per_second
        self._levels: dict[str, _Level] = {}
        self._lock = Lock()

    def wait_seconds(self, key: str, *, at: float, is_taken: bool = True) -> int:
        """0 when there is a request left, which is taken unless this only looks; else the seconds until there is one."""
        with self._lock:
            level = self._levels.get(key)
            left = self._capacity if level is None else self._left(level, at)
            if left < 1:
                return int((1 - left) / self._per_second) + 1
            if is_taken:
                if level is None and len(self._levels) >= self.MAX_KEYS:
                    self._forget(at)
                self._levels[key] = _Level(left - 1, at)
            return 0

    def clear(self) -> None:
        with self._lock:
            self._levels.clear()

    def _left(self, level: _Level, at: float) -> float:
        return min(self._capacity, level.tokens + (at - level.at) * self._per_second)

    def _forget(self, at: float) -> None:
        """Keys whose bucket is full again; all of them when none is, which is kinder than refusing everybody."""
        kept = {key: level for key, level in self._levels.items() if self._left(level, at) < self._capacity}
        self._levels = kept if len(kept) < self.MAX_KEYS else {}


# Requests of one link, of all links from one network (an office behind one address), and addresses that open nothing.
LINK = Bucket(capacity=120, per_second=1)
NETWORK = Bucket(capacity=600, per_second=10)
WRONG = Bucket(capacity=20, per_second=1 / 15)
# What costs much more than a page: a statement set in type, a payment opened at a service.
COSTLY = Bucket(capacity=20, per_second=1 / 10)


def clear() -> None:
    for bucket in (LINK, NETWORK, WRONG, COSTLY):
        bucket.clear()
