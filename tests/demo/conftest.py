"""A tenth of the demo company, generated once per run."""

from datetime import date

import pytest

from encours.demo.generate import Generated, generate

SEED, ON, SCALE = 7, date(2026, 3, 18), 0.1


@pytest.fixture(scope="session")
def generated(tmp_path_factory) -> Generated:
    return generate(tmp_path_factory.mktemp("demo"), seed=SEED, on=ON, scale=SCALE)


@pytest.fixture(scope="session")
def open_in_truth(generated) -> dict[str, int]:
    """Signed cents by document number, as the generator's own books have them."""
    rows = generated.still_open.read_text("utf-8").splitlines()[1:]
    return {number: int(cents) for number, cents in (row.split(",") for row in rows)}


def settlements(generated: Generated) -> list[tuple[str, int, str, int]]:
    """(bank reference, amount of the line, number or empty, settled cents), as the generator's books have them."""
    rows = [row.split(",") for row in generated.settlements.read_text("utf-8").splitlines()[1:]]
    return [(row[2], int(row[3]), row[5], int(row[6])) for row in rows]
