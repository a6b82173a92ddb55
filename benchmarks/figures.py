"""A measured figure, and the means to measure: time, CPU and memory of this process and of PostgreSQL's."""

import resource
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil


@dataclass(frozen=True)
class Figure:
    """`target` is the largest value that is good, `least` the smallest; None when there is none to reach.

    `details` are further numbers of the same thing.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""
    least: float | None = None
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        if self.target is None and self.least is None:
            return None
        return (self.target is None or self.value <= self.target) and (
            self.least is None or self.value >= self.least
        )


@dataclass
class Cost:
    """What a block of code took. Memory is the peak of the whole run so far for this process."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    postgres_cpu_s: float = 0.0
    peak_mb: float = 0.0
    postgres_peak_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def as_json(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


@contextmanager
def measured() -> Iterator[Cost]:
    """Fills in the cost when the block ends. PostgreSQL's memory is that of its private pages, sampled."""
    cost = Cost()
    watcher = threading.Thread(target=_watch, args=(cost,), daemon=True)
    before_postgres = _postgres_cpu()
    wall, cpu = time.perf_counter(), time.process_time()
    watcher.start()
    try:
        yield cost
    finally:
        cost.wall_s = time.perf_counter() - wall
        cost.cpu_s = time.process_time() - cpu
        cost.postgres_cpu_s = _postgres_cpu() - before_postgres
        cost._stop.set()
        watcher.join()
        cost.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median(values: list[float]) -> float:
    return statistics.median(values)


def _postgres() -> list[psutil.Process]:
    """Processes of the embedded server this run has started or attached to."""
    from django.conf import settings

    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if (process.info["name"] or "").startswith("postgres"):
            try:
                top = process
                while (parent := top.parent()) is not None and parent.name().startswith("postgres"):
                    top = parent
                if str(settings.DATA_FOLDER) in " ".join(top.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
    return found


def _postgres_cpu() -> float:
    """Seconds of all its processes so far, those that have ended too: connections of threads end with them."""
    total = 0.0
    for process in _postgres():
        try:
            used, parent = process.cpu_times(), process.parent()
        except psutil.Error:
            continue
        total += used.user + used.system
        if parent is None or not parent.name().startswith("postgres"):
            total += used.children_user + used.children_system
    return total


def _watch(cost: Cost) -> None:
    while not cost._stop.wait(2.0):
        total = 0
        for process in _postgres():
            try:
                info = process.memory_info()
                total += info.rss - getattr(info, "shared", 0)
            except psutil.Error:
                continue
        cost.postgres_peak_mb = max(cost.postgres_peak_mb, total / (1 << 20))
