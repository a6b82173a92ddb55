"""Dunning policies (scénarios) as data."""

from dataclasses import dataclass
from typing import Literal

Approval = Literal["automatic", "batch", "person"]

# The template whose step needs that an earlier reminder was really sent.
FORMAL_NOTICE = "formal_notice"


@dataclass(frozen=True)
class Step:
    """What is done `offset_days` after the due date (before it when negative)."""

    offset_days: int
    template: str
    channel: str = "email"
    approval: Approval = "batch"

    @property
    def code(self) -> str:
        return step_code(self.offset_days)


@dataclass(frozen=True)
class Policy:
    """Steps in the order of their days.

    `min_gap_days` is the least number of days between two contacts with one customer, by whatever channel;
    below `min_amount_cents` (in the currency of the documents) nobody is bothered.
    """

    slug: str
    name: str
    min_gap_days: int
    min_amount_cents: int
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        offsets = [step.offset_days for step in self.steps]
        assert offsets == sorted(set(offsets)), "steps go forward in time, one per day"


def step_code(offset_days: int) -> str:
    """How collectors name a day around the due date.

    >>> step_code(-7), step_code(15)
    ('J-7', 'R+15')
    """
    return f"J-{-offset_days}" if offset_days < 0 else f"R+{offset_days}"


# The gap is shorter than the time between two steps, so that a reminder that a weekend moved from Sunday to
# Monday does not move the next one too.
DEFAULT_POLICY = Policy(
    slug="standard",
    name="Relance standard",
    min_gap_days=5,
    min_amount_cents=1_000,
    steps=(
        Step(-7, "courtesy"),
        Step(1, "reminder_1"),
        Step(8, "reminder_2"),
        Step(15, FORMAL_NOTICE, approval="person"),
    ),
)
