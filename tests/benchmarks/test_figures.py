"""A measured figure against what it has to reach."""

import pytest

from benchmarks.figures import Figure


@pytest.mark.parametrize(
    ("figure", "reached"),
    [
        (Figure("time", 4, "s", target=5), True),
        (Figure("time", 6, "s", target=5), False),
        (Figure("precision", 99.95, "%", least=99.9), True),
        (Figure("precision", 99.8, "%", least=99.9), False),
        (Figure("lines", 3, ""), None),
    ],
)
def test_a_figure_is_reached_below_its_target_and_above_its_least(
    figure: Figure, reached: bool | None
) -> None:
    assert figure.reached is reached
