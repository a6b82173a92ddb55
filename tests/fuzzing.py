"""Documents held against answers: briefly in the suite, with the same cases each time; at length by `./dev fuzz`.

`./dev fuzz [--examples N] [--seed N] [PLACES]` makes up N cases for every operation, others each time unless a seed is
given, and tells how many of each it asked and what was answered.
"""

import argparse
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

PLACES = ("tests/api/test_document.py", "tests/notices")
# of a long run, 0 in the suite
EXAMPLES = int(os.environ.get("ENCOURS_FUZZ_EXAMPLES", "0"))
SEED = int(os.environ.get("ENCOURS_FUZZ_SEED", "20260310"))

# (operation, status) of every request
asked: Counter[tuple[str, int]] = Counter()


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    asked[f"{case.method} {case.operation.path}", response.status_code] += 1


def fuzzed(examples: int) -> Any:
    """How many cases are made up beside those that the document itself leads to."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=tuple(HealthCheck),  # pyright: ignore[reportArgumentType] (an enumeration)
    )


def configuration(*, covers: bool = True) -> SchemathesisConfig:
    """`covers` adds a case for every bound, pattern and type of the document to those that are made up."""
    made = SchemathesisConfig(seed=SEED)
    made.projects.default.phases.coverage.enabled = covers
    return made


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A served request ends by closing a connection inside a transaction: here that is the test's own. Refusals are not told
    in the log: there are thousands."""
    log = logging.getLogger("django.request")
    level = log.level
    log.setLevel(logging.ERROR)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    log.setLevel(level)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class _Told:
    """Writes the counts below a run of pytest."""

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        from tests import fuzzing  # this module runs as __main__: the tests count in the other one

        statuses: dict[str, list[str]] = {}
        described = {operation for operation, status in fuzzing.asked if status != 405}
        for (operation, status), count in sorted(fuzzing.asked.items()):
            if operation in described:
                statuses.setdefault(operation, []).append(f"{status} × {count:,}")
        terminalreporter.section("asked")
        for operation, told in statuses.items():
            terminalreporter.write_line(f"{operation:<60} {', '.join(told)}")
        total = sum(fuzzing.asked.values())
        terminalreporter.write_line(f"{total:,} requests, {len(described)} operations, seed {SEED}")


def main() -> int:
    said = argparse.ArgumentParser(prog="./dev fuzz", description=(__doc__ or "").partition("\n")[0])
    said.add_argument("--examples", type=int, default=1000, help="made up for each operation (1000)")
    said.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    said.add_argument("places", nargs="*", default=PLACES, help="tests, instead of all that hold a document")
    wanted = said.parse_args()
    os.environ |= {"ENCOURS_FUZZ_EXAMPLES": str(wanted.examples), "ENCOURS_FUZZ_SEED": str(wanted.seed)}
    global SEED
    SEED = wanted.seed
    return pytest.main(["-q", "-W", "ignore", *wanted.places], plugins=[_Told()])


if __name__ == "__main__":
    sys.exit(main())
