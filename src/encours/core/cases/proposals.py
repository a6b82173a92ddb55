"""A payment plan a customer works out by itself, inside the limits its creditor set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from encours.core.cases.plans import Part, instalment_days
from encours.core.money import Money
from encours.core.wording import Sentence, Wording

# the first instalment shows that the plan is meant: it comes within a month
FIRST_WITHIN_DAYS = 30

TOO_MANY = Wording(
    "proposal.too_many",
    fr="Un échéancier a de deux à {most} échéances.",
    en="A payment plan has two to {most} instalments.",
)
FIRST_DATE = Wording(
    "proposal.first_date",
    fr="La première échéance est entre le {first} et le {last}.",
    en="The first instalment is between {first} and {last}.",
)
TOO_LONG = Wording(
    "proposal.too_long",
    fr="La dernière échéance serait le {day}, après le {last} : moins d’échéances, ou plus tôt.",
    en="The last instalment would be on {day}, after {last}: fewer instalments, or earlier.",
)
TOO_SMALL = Wording(
    "proposal.too_small",
    fr="Des échéances seraient de {part} ; le minimum est {least} : moins d’échéances.",
    en="Some instalments would be {part}; the least is {least}: fewer instalments.",
)
TOO_MUCH = Wording(
    "proposal.too_much",
    fr="Au-delà de {most}, un échéancier se convient avec une personne : appelez-nous.",
    en="Beyond {most} a payment plan is agreed with a person: call us.",
)


class UnableToPropose(Exception):
    """`sentence` says which limit the wish is beyond."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Limits:
    """What a creditor lets its customers ask for. `max_days` counts from today to the last instalment; `max_cents` None is no
    limit."""

    max_instalments: int
    max_days: int
    min_first_percent: int
    min_instalment_cents: int
    max_cents: int | None = None

    def last_first_date(self, on: date) -> date:
        """The last day the first instalment may be on."""
        return on + timedelta(days=min(FIRST_WITHIN_DAYS, self.max_days))


@dataclass(frozen=True)
class Owed:
    """A debt that goes into a plan, due on a day."""

    due_date: date
    amount_cents: int


@dataclass(frozen=True)
class Proposal:
    """Instalments that sum to the debts and their interest, which comes with the last."""

    parts: tuple[Part, ...]
    interest_cents: int


def propose(
    *,
    owed: Sequence[Owed],
    currency: str,
    count: int,
    first_date: date,
    on: date,
    limits: Limits,
    interest_of: Callable[[int], int] = lambda _: 0,
) -> Proposal:
    """`count` instalments, every month from a day on; the first is the limit's share at least and takes the cents that do not
    divide. `interest_of` gives the interest of cents times days of waiting (`cent_days`). Raises `UnableToPropose`.
    """
    total_cents = sum(each.amount_cents for each in owed)
    if not 2 <= count <= limits.max_instalments:
        raise UnableToPropose(TOO_MANY(most=limits.max_instalments))
    if limits.max_cents is not None and total_cents > limits.max_cents:
        raise UnableToPropose(TOO_MUCH(most=Money(limits.max_cents, currency)))
    if not on <= first_date <= limits.last_first_date(on):
        raise UnableToPropose(FIRST_DATE(first=on, last=limits.last_first_date(on)))
    first_cents = max(-(-total_cents * limits.min_first_percent // 100), -(-total_cents // count))
    even = (total_cents - first_cents) // (count - 1)
    least = max(limits.min_instalment_cents, 1)
    if even < least:
        raise UnableToPropose(TOO_SMALL(part=Money(max(even, 0), currency), least=Money(least, currency)))
    days = instalment_days(first_date=first_date, count=count)
    last = on + timedelta(days=limits.max_days)
    if days[-1] > last:
        raise UnableToPropose(TOO_LONG(day=days[-1], last=last))
    amounts = [total_cents - even * (count - 1), *[even] * (count - 1)]
    parts = [Part(day, cents) for day, cents in zip(days, amounts, strict=True)]
    interest = interest_of(cent_days(owed=owed, parts=parts, on=on))
    parts[-1] = Part(days[-1], amounts[-1] + interest)
    return Proposal(tuple(parts), interest)


def cent_days(*, owed: Sequence[Owed], parts: Sequence[Part], on: date) -> int:
    """Cents times the days they come late from today on: what was due first is paid first, and what is not yet due waits
    for nothing until it is.

    >>> cent_days(owed=[Owed(date(2026, 1, 1), 300)], parts=[Part(date(2026, 3, 11), 100), Part(date(2026, 4, 10), 200)],
    ...           on=date(2026, 3, 10))
    6300
    """
    debts = sorted(owed, key=lambda each: each.due_date)
    rank, left, total = 0, debts[0].amount_cents if debts else 0, 0
    for part in parts:
        to_place = part.amount_cents
        while to_place and rank < len(debts):
            taken = min(to_place, left)
            total += taken * max((part.due_date - max(on, debts[rank].due_date)).days, 0)
            to_place, left = to_place - taken, left - taken
            if not left:
                rank += 1
                left = debts[rank].amount_cents if rank < len(debts) else 0
    return total
