"""How often each thing happens, and the months made of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.statements.cases import by_amount, citing, in_part, unclear
from benchmarks.statements.noise import NOISE
from benchmarks.statements.story import HISTORY_DAYS, MONTH_DAYS, Story, Told, open_story
from benchmarks.statements.world import Size, World

TRAINING_SEEDS, TEST_SEEDS = range(1, 51), range(1001, 1051)

Case = Callable[[Story, date], list[Told] | None]

# In hundredths of the lines, roughly. Most lines of French companies carry a decent reference or come from a payer
# who has paid before; what makes a bookkeeper's day long is the rest.
RECEIPTS: dict[Case, float] = {
    citing.one_reference: 36,
    citing.several_references: 11,
    citing.payer_of_others: 3.5,
    citing.mistyped: 2.5,
    citing.truncated: 2,
    citing.direct_debit: 1.2,
    citing.several_customers: 1,
    citing.reference_range: 0.7,
    by_amount.exact_amount: 11,
    by_amount.whole_balance: 3,
    by_amount.oldest_first: 2.5,
    by_amount.exact_set: 2.5,
    by_amount.month_total: 2,
    in_part.adjusted: 6,
    in_part.part_payment: 2.5,
    in_part.instalment: 2,
    in_part.deposit: 1.2,
    in_part.overpayment: 1,
    in_part.two_transfers: 0.8,
    unclear.cheque: 1.2,
    unclear.equal_amounts: 1,
    unclear.stranger: 0.7,
    unclear.unknown_document: 0.6,
    unclear.paid_twice: 0.5,
}
# What nobody but the truth could explain is left out of the months before, where people enter it.
_ONLY_IN_THE_MONTH = {
    citing.several_customers,
    unclear.cheque,
    unclear.equal_amounts,
    unclear.stranger,
    unclear.unknown_document,
    unclear.paid_twice,
}


@dataclass(frozen=True)
class Statements:
    """A company's books and its bank, before and in the month to reconcile."""

    world: World
    history: tuple[Told, ...]
    month: tuple[Told, ...]


def make_statements(*, seed: int, size: Size | None = None) -> Statements:
    """The same seed and size give the same statements."""
    size = size or Size()
    story = open_story(seed=seed, size=size)
    history = _live(story, size.history_lines, HISTORY_DAYS)
    _learn(story, history)
    story.is_history = False
    story.judge.trust()
    month = _live(story, size.lines, MONTH_DAYS)
    return Statements(story.world, tuple(history), tuple(month))


def _live(story: Story, count: int, days: Sequence[date]) -> list[Told]:
    weights = {**RECEIPTS, **NOISE}
    if story.is_history:
        weights = {case: weight for case, weight in weights.items() if case not in _ONLY_IN_THE_MONTH}
    lived: list[Told] = []
    for day in sorted(story.random.choices(days, k=count)):
        if len(lived) >= count:
            break
        for _ in range(20):
            case = story.random.choices(list(weights), list(weights.values()))[0]
            told = case(story, day)
            if told:
                break
        else:
            continue
        for each in told:
            story.number_line(each.line)
            if each.truth.kind == "receipt":
                story.receipts.append(each)
        lived += told
    return lived


def _learn(story: Story, history: Sequence[Told]) -> None:
    """What anybody knows who has seen the months before: whose account and whose name it is."""
    by_code = {customer.code: customer for customer in story.world.customers}
    for told in history:
        if told.truth.kind == "receipt":
            customers = {by_code[code] for code in told.truth.customers}
            name, iban = told.line.shown_payer
            for key in filter(None, (story.judge.name_key(name), iban)):
                story.judge.payers[key] |= customers
