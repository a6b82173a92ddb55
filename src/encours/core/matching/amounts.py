"""How an amount can be made of what a customer owes: every reading, with how easily it comes about by chance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import comb
from typing import NamedTuple

from encours.core.ledger import OpenAmount, net_credit_notes, oldest_first, open_instalments
from encours.core.matching.open_items import EPOCH, Item
from encours.core.matching.subsets import MAX_ITEMS, exact_subsets

# kinds of movements that close what a customer kept back
DISCOUNT, BANK_FEE, DIFFERENCE = "discount", "bank_fee", "rounding_difference"
# A customer pays what is due; a document of next month is paid early, one of after the payment by mistake.
_ISSUED_LATER_DAYS = 10
_MAX_NOTES = 6
# What is kept back is a small part of what is paid: at most one in this many.
_LEAST_PAID = 4


@dataclass(frozen=True)
class Rules:
    """What a company recognises and allows when the amount is not what is open. Rates in basis points, cents.

    What is recognised is proposed; closed without a person is only what `automatic` names (kinds of movements), and
    what a customer does every time.
    """

    discount_rates: tuple[int, ...] = (100, 150, 200, 250, 300, 500)  # early-payment discounts (escompte)
    fee_cents: int = 3_000  # the most that banks on the way may have kept
    difference_cents: int = 100  # a difference nobody writes about, rounding to whole euros included
    automatic: tuple[str, ...] = (DIFFERENCE,)


class Reading(NamedTuple):
    """One way an amount is made. `chance` is the share of its pattern's readings that this one is, times how likely
    this amount is under it: 1 for the only way a pattern can read, 1/20 for one of twenty invoices."""

    pattern: str
    settled: tuple[tuple[Item, int], ...]  # money on each document, negative for a credit note used up
    adjustments: tuple[tuple[Item, str, int], ...]  # what is closed without money: kind and cents
    chance: float


def spread(cents: int, scale_cents: int) -> float:
    """How likely a free amount is exactly this one, of amounts up to a scale: round sums are more usual than others.

    About a third of payments on account are a round number of hundreds and a third of euros (a rough prior).
    """
    step = 10_000 if cents % 10_000 == 0 else 100 if cents % 100 == 0 else 1
    return min(0.2, 0.35 * step / max(scale_cents, 4 * cents, 50_000))


def payer_readings(items: Sequence[Item], cents: int, *, day: int, rules: Rules) -> list[Reading]:
    """Readings of an amount received on a day, over everything a customer owes (earliest due first).

    Two readings may settle the same: each speaks for it.
    """
    owed = [item for item in items if item.issue_day <= day + _ISSUED_LATER_DAYS]
    invoices = [item for item in owed if item.open_cents > 0]
    notes = [item for item in owed if item.open_cents < 0]
    if not invoices:
        return []
    exact = [*_singles(invoices, cents), *_instalments(invoices, cents), *_runs(invoices, notes, cents)]
    exact += _groups(invoices, notes, cents, day)
    exact += _subsets(invoices, notes, cents)
    bases = [[item] for item in invoices]
    if len(owed) > 1:
        bases.append(owed)
    nearly = [reading for base in bases for reading in _nearly(base, cents, rules, 1 / len(bases))]
    return [*exact, *nearly, *_free(invoices, notes, cents, rules)]


def cited_readings(
    cited: Sequence[Item], others: Sequence[Item], cents: int, *, rules: Rules
) -> list[Reading]:
    """Readings of an amount over the documents a text cites; `others` is what the same customers owe besides."""
    total = _open(cited)
    invoices = [item for item in cited if item.open_cents > 0]
    notes = [item for item in cited if item.open_cents < 0]
    readings: list[Reading] = []
    if total == cents:
        readings.append(_whole("exact", cited))
    if notes and _open(invoices) == cents:
        readings.append(_whole("without_note", invoices))
    if len(cited) == 1 and invoices:
        readings += _instalments(invoices, cents)
    other_notes = [item for item in others if item.open_cents < 0][:_MAX_NOTES]
    other_invoices = [item for item in others if item.open_cents > 0]
    if other_notes and total > cents:
        readings += _with_more("with_note", cited, other_notes, cents - total)
    if other_invoices and total < cents:
        readings += _with_more("completed", cited, other_invoices, cents - total)
    if len(invoices) > 1 and total > cents and len(cited) <= MAX_ITEMS:
        readings += _some(cited, cents)
    readings += _nearly(cited, cents, rules, 1.0)
    if len(invoices) == 1 and len(cited) > 1 or len(invoices) > 1:
        readings += [
            reading._replace(chance=reading.chance * 0.1)
            for item in invoices
            for reading in _nearly([item], cents, rules, 1 / len(invoices))
        ]
    return [*readings, *_free(invoices, notes, cents, rules)]


def _singles(invoices: Sequence[Item], cents: int) -> list[Reading]:
    return [_whole("single", [item], 1 / len(invoices)) for item in invoices if item.open_cents == cents]


def _instalments(invoices: Sequence[Item], cents: int) -> list[Reading]:
    """The next instalments of a document, without the last step, which is the document whole."""
    steps = [(item, step) for item in invoices if item.instalments for step in _steps(item)]
    return [
        Reading("instalment", ((item, step),), (), 1 / len(steps)) for item, step in steps if step == cents
    ]


def _steps(item: Item) -> set[int]:
    amounts = [int(amount) for amount in item.instalments.split()]
    steps, total = set(), 0
    for left in open_instalments(
        payable_cents=item.payable_cents, open_cents=item.open_cents, instalments=amounts
    ):
        total += left
        steps.add(total)
    return steps - {0, item.open_cents}


def _runs(invoices: Sequence[Item], notes: Sequence[Item], cents: int) -> Iterator[Reading]:
    """The oldest invoices up to one, with the credit notes or without."""
    for deducted in ([], list(notes)) if notes else ([],):
        total = _open(deducted)
        for count, item in enumerate(invoices, 1):
            total += item.open_cents
            if total == cents and count > 1 and count < len(invoices):
                yield _whole("run", [*invoices[:count], *deducted], 1 / (2 * len(invoices)))


def _groups(invoices: Sequence[Item], notes: Sequence[Item], cents: int, day: int) -> Iterator[Reading]:
    """Sets a customer pays together: everything, all that is due, the invoices of one month."""
    everything = [*invoices, *notes]
    if len(everything) > 1:
        for group in [everything, invoices] if notes else [invoices]:
            if _open(group) == cents:
                yield _whole("balance", group, 0.7 if group is everything or not notes else 0.3)
    due = [item for item in invoices if item.due_day <= day + 3]
    if 1 < len(due) < len(invoices):
        for deducted in ([], list(notes)) if notes else ([],):
            if _open(due) + _open(deducted) == cents:
                yield _whole("due", [*due, *deducted], 0.5)
    for key in ("issue_day", "due_day"):
        months: dict[int, list[Item]] = {}
        for item in everything:
            months.setdefault(_month(getattr(item, key)), []).append(item)
        for group in months.values():
            positive = [item for item in group if item.open_cents > 0]
            for chosen in [group] if len(positive) == len(group) else [group, positive]:
                if 1 < len(chosen) < len(everything) and positive and _open(chosen) == cents:
                    yield _whole("month", chosen, 0.5 / len(months))


def _month(day: int) -> int:
    """The calendar month of a day, as a number."""
    found = date.fromordinal(day + EPOCH)
    return found.year * 12 + found.month


def _subsets(invoices: Sequence[Item], notes: Sequence[Item], cents: int) -> list[Reading]:
    """Exact sets of a few items, or of all but a few: the fewer, the likelier; the more there are to choose, the less."""
    items = [item for item in (*invoices, *notes)]
    if len(items) > MAX_ITEMS:
        # what is due first is paid first: the rest is left to a person
        items = sorted(items, key=lambda item: (item.due_day, item.document_id))[:MAX_ITEMS]
    if len(items) < 3:
        return []
    count = len(items)
    return [
        _whole("subset", [items[place] for place in places], _share_of_set(count, len(places)))
        for places in exact_subsets([item.open_cents for item in items], cents)
        if len(places) < count
    ]


def _share_of_set(count: int, taken: int) -> float:
    few, all_but = 0.5 ** (taken - 1), 0.5 ** (count - taken + 1)
    return max(few / comb(count, taken), all_but / comb(count, taken)) * 0.7


def _with_more(pattern: str, cited: Sequence[Item], others: Sequence[Item], missing: int) -> list[Reading]:
    """What is cited and some of the rest: one more item, else an exact set of a few."""
    found = [
        _whole(pattern, [*cited, item], 0.5 / len(others)) for item in others if item.open_cents == missing
    ]
    if found or len(others) < 2:
        return found
    chosen = others[:MAX_ITEMS]
    return [
        _whole(
            pattern, [*cited, *(chosen[place] for place in places)], _share_of_set(len(chosen), len(places))
        )
        for places in exact_subsets([item.open_cents for item in chosen], missing)
    ]


def _some(cited: Sequence[Item], cents: int) -> list[Reading]:
    """Only some of what is cited: the rest was paid otherwise, or is withheld."""
    singles = [_whole("some", [item], 0.3 / len(cited)) for item in cited if item.open_cents == cents]
    return singles + [
        _whole("some", [cited[place] for place in places], 0.7 * _share_of_set(len(cited), len(places)))
        for places in exact_subsets([item.open_cents for item in cited], cents)
        if len(places) < len(cited)
    ]


def _nearly(base: Sequence[Item], cents: int, rules: Rules, share: float) -> Iterator[Reading]:
    """The base paid less a discount, bank fees or a trifle."""
    total = _open(base)
    missing = total - cents
    invoices = [item for item in base if item.open_cents > 0]
    if missing == 0 or not invoices:
        return
    if missing < 0:
        if -missing <= rules.difference_cents:
            # a few cents too much stay the customer's credit
            yield _whole("difference", base, share / (2 * rules.difference_cents))
        return
    if missing * _LEAST_PAID > total:
        return
    largest = max(invoices, key=lambda item: item.open_cents)
    gross = _open(invoices)
    for rate in rules.discount_rates:
        if abs(_rounded(gross * rate) - missing) <= (len(invoices) > 1):
            kept = _apportioned(invoices, missing)
            yield _reduced("discount", base, DISCOUNT, kept, share / len(rules.discount_rates))
    if missing <= rules.difference_cents:
        yield _reduced(
            "difference",
            base,
            DIFFERENCE,
            {largest.document_id: missing},
            share / (2 * rules.difference_cents),
        )
    elif missing <= rules.fee_cents and missing < largest.open_cents:
        # fees are usually a round number of half euros
        usual = 0.9 * 50 / rules.fee_cents if missing % 50 == 0 else 0.1 / rules.fee_cents
        yield _reduced("fee", base, BANK_FEE, {largest.document_id: missing}, share * usual)


def _rounded(hundredths_of_percent: int) -> int:
    return (hundredths_of_percent + 5_000) // 10_000


def _apportioned(items: Sequence[Item], cents: int) -> dict[int, int]:
    """Cents over items by what is open on them, the largest remainders first: nothing is lost."""
    total = _open(items)
    shares = {item.document_id: cents * item.open_cents // total for item in items}
    rest = cents - sum(shares.values())
    for item in sorted(items, key=lambda item: -(cents * item.open_cents % total))[:rest]:
        shares[item.document_id] += 1
    return shares


def _reduced(pattern: str, base: Sequence[Item], kind: str, kept: dict[int, int], chance: float) -> Reading:
    settled = tuple((item, item.open_cents - kept.get(item.document_id, 0)) for item in base)
    adjustments = tuple((item, kind, kept[item.document_id]) for item in base if kept.get(item.document_id))
    return Reading(pattern, settled, adjustments, chance)


def _free(
    invoices: Sequence[Item], notes: Sequence[Item], cents: int, rules: Rules
) -> Iterator[Reading]:
    """A part payment over the oldest, or everything and some money left: what a person would start from."""
    if not invoices:
        return
    total = _open(invoices) + _open(notes)
    if cents < total:
        pattern = "part"
    elif cents > total:
        pattern = "over"
    else:
        return
    amounts = [OpenAmount(item.document_id, item.open_cents) for item in invoices]
    if pattern == "part" and _open(invoices) > cents:
        shares = {one.document_id: one.amount_cents for one in oldest_first(cents, amounts)}
        used: list[Item] = []
    else:
        used = list(notes)
        nettings, left = net_credit_notes([OpenAmount(n.document_id, n.open_cents) for n in notes], amounts)
        shares = {
            one.document_id: one.amount_cents
            for one in oldest_first(cents, [OpenAmount(key, value) for key, value in left.items()])
        }
        for netting in nettings:
            shares[netting.document_id] = shares.get(netting.document_id, 0) + netting.amount_cents
            shares[netting.credit_note_id] = shares.get(netting.credit_note_id, 0) - netting.amount_cents
    settled = tuple(
        (item, shares[item.document_id]) for item in (*invoices, *used) if shares.get(item.document_id)
    )
    chance = spread(cents, total)
    if 0 < total - cents <= max(rules.fee_cents, total // 50) and (total - cents) * _LEAST_PAID <= total:
        # nobody pays all but a trifle on account
        chance *= 0.02
    yield Reading(pattern, settled, (), chance)


def _whole(pattern: str, items: Iterable[Item], chance: float = 1.0) -> Reading:
    return Reading(pattern, tuple((item, item.open_cents) for item in items), (), chance)


def _open(items: Iterable[Item]) -> int:
    return sum(item.open_cents for item in items)
