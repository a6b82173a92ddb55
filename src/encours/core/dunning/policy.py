"""Dunning policies (scénarios) as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from encours.core.dunning.conditions import Condition, in_words
from encours.core.wording import Sentence, Wording

Approval = Literal["automatic", "batch", "person"]
Clock = Literal["due_date", "previous_step", "end_of_month"]
Channel = Literal["email", "sms", "letter", "registered", "task", "webhook"]
Tone = Literal["courteous", "neutral", "firm"]
Signer = Literal["company", "salesperson"]
Level = Literal["oldest", "amount"]

CLOCKS: tuple[Clock, ...] = ("due_date", "previous_step", "end_of_month")
CHANNELS: tuple[Channel, ...] = ("email", "sms", "letter", "registered", "task", "webhook")
# What this installation does by itself, without a service: a person posts the letters and sees to the tasks.
OWN_CHANNELS = frozenset({"letter", "task", "webhook"})
# What reaches the customers themselves, so what one of them may prefer.
CUSTOMER_CHANNELS: tuple[Channel, ...] = ("email", "sms", "letter", "registered")
TONES: tuple[Tone, ...] = ("courteous", "neutral", "firm")
APPROVALS: tuple[Approval, ...] = ("automatic", "batch", "person")
SIGNERS: tuple[Signer, ...] = ("company", "salesperson")
LEVELS: tuple[Level, ...] = ("oldest", "amount")
# Nothing leaves at weekends whatever a window says, so a window names working days only.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")

# The template of a notice before the due date, and those whose step needs that an earlier reminder was really sent.
COURTESY = "courtesy"
FORMAL_NOTICE = "formal_notice"
NOTICE_BEFORE_COURT = "notice_before_court"
NOTICES = (FORMAL_NOTICE, NOTICE_BEFORE_COURT)
TEMPLATES = (COURTESY, "reminder_1", "reminder_2", "reminder_3", *NOTICES)

CHANNEL_NAMES = {
    "email": Wording("channel.email", fr="e-mail", en="e-mail"),
    "sms": Wording("channel.sms", fr="SMS", en="text message"),
    "letter": Wording("channel.letter", fr="courrier", en="letter"),
    # only a qualified service carries it: an ordinary e-mail is never called so (CPCE, art. L100)
    "registered": Wording(
        "channel.registered", fr="recommandé électronique", en="electronic registered mail"
    ),
    "task": Wording("channel.task", fr="tâche", en="task"),
    "webhook": Wording("channel.webhook", fr="webhook", en="webhook"),
}

# What lies between a due date and the end of its month, at most.
LONGEST_MONTH = 30


@dataclass(frozen=True)
class Window:
    """When a step may leave: on these weekdays, from one time of day until before another, where the company is."""

    days: tuple[str, ...] = WEEKDAYS
    from_time: str = "00:00"
    until_time: str = "24:00"


@dataclass(frozen=True)
class Step:
    """What is done `days` after what its clock counts from (before it when negative).

    Clocks: the due date; the end of the month of the due date; the day on which the step before it that applies was
    sent. `channels` are tried in their order until one reaches the customer. Below `min_amount_cents` the step waits;
    it applies only where `condition` is true.
    """

    days: int
    template: str
    clock: Clock = "due_date"
    channels: tuple[Channel, ...] = ("email",)
    tone: Tone = "neutral"
    approval: Approval = "batch"
    signed_by: Signer = "company"
    min_amount_cents: int = 0
    window: Window | None = None
    condition: Condition | None = None

    @property
    def condition_words(self) -> Sentence | None:
        """What it asks for; None when it applies to all."""
        return in_words(self.condition) if self.condition else None


def tried_channels(*, template: str, channels: Sequence[str], preferred: str) -> tuple[str, ...]:
    """The channels of a step as they are tried for a customer: the one it prefers first, if the step has it. A notice keeps
    the order of its step: how it can be proved counts for more than what is convenient.

    >>> tried_channels(template="reminder_1", channels=("email", "sms", "letter"), preferred="letter")
    ('letter', 'email', 'sms')
    >>> tried_channels(template="formal_notice", channels=("registered", "email"), preferred="email")
    ('registered', 'email')
    """
    if template in NOTICES:
        return tuple(channels)
    return tuple(sorted(channels, key=lambda channel: channel != preferred))


@dataclass(frozen=True)
class PlacedStep:
    """A step in the order of its policy: `offset_days` is how many days after the due date it comes at the earliest.

    The code says the offset, whatever the policy: what was done under one policy or version is never done again under
    another.
    """

    step: Step
    code: str
    offset_days: int


@dataclass(frozen=True)
class Policy:
    """Steps in the order of their days.

    `min_gap_days` is the least number of days between two contacts with one customer, by whatever channel, by hand
    too; in any seven days there are at most `max_contacts_per_week` days with one (0: as many as the gap allows). Below
    `min_amount_cents` (in the currency of the documents) nobody is bothered. A message for several receivables is at the
    `level` of the highest step among them, which the oldest brings, or of the step for which most money is due.
    `description` says in each language what the policy is for.
    """

    slug: str
    name: str
    min_gap_days: int
    min_amount_cents: int
    steps: tuple[Step, ...]
    description: Mapping[str, str] = field(default_factory=dict)
    max_contacts_per_week: int = 3
    level: Level = "oldest"

    def __post_init__(self) -> None:
        offsets = [placed.offset_days for placed in self.timeline]
        assert offsets == sorted(set(offsets)), "steps go forward in time, one per day"

    @property
    def timeline(self) -> tuple[PlacedStep, ...]:
        return timeline(self.steps)


def timeline(steps: tuple[Step, ...]) -> tuple[PlacedStep, ...]:
    """Steps with their codes and the day after the due date on which each comes at the earliest.

    >>> [placed.code for placed in timeline((Step(1, "reminder_1"), Step(7, "reminder_2", clock="previous_step")))]
    ['R+1', 'E+8']
    """
    placed: list[PlacedStep] = []
    for step in steps:
        before = placed[-1].offset_days if placed and step.clock == "previous_step" else 0
        offset_days = before + step.days
        placed.append(PlacedStep(step, step_code(offset_days, step.clock), offset_days))
    return tuple(placed)


def step_code(offset_days: int, clock: Clock = "due_date") -> str:
    """How collectors name a day around the due date; FM counts from the end of the month, E from step (étape) to step.

    >>> step_code(-7), step_code(15), step_code(10, "end_of_month"), step_code(22, "previous_step")
    ('J-7', 'R+15', 'FM+10', 'E+22')
    """
    if offset_days < 0:
        return f"J-{-offset_days}"
    return {"due_date": "R", "end_of_month": "FM", "previous_step": "E"}[clock] + f"+{offset_days}"


# Where the offset stands in a code: polars and PostgreSQL read it alike.
OFFSET_IN_CODE = r"[+-][0-9]+$"


# The gap is shorter than the time between two steps, so that a reminder that a weekend moved from Sunday to
# Monday does not move the next one too.
DEFAULT_POLICY = Policy(
    slug="standard",
    name="Relance standard",
    min_gap_days=5,
    min_amount_cents=1_000,
    steps=(
        Step(-7, COURTESY),
        Step(1, "reminder_1"),
        Step(8, "reminder_2"),
        Step(15, FORMAL_NOTICE, approval="person"),
    ),
)
