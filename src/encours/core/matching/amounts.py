"""How an amount can be made of what a customer owes: every reading, with how easily it comes about by chance."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import NamedTuple

from encours.core.ledger import OpenAmount, net_credit_notes, oldest_first, open_instalments
from encours.core.matching.items import Item
from encours.core.matching.owed import Owed, open_cents
from encours.core.matching.subsets import MAX_ITEMS, exact_subsets

# kinds of movements that close what a customer kept back
DISCOUNT, BANK_FEE, DIFFERENCE = "discount", "bank_fee", "rounding_difference"
_MAX_NOTES = 6
# Transfers on the day arrive some days after it, and some a little before.
_GRACE_DAYS = 3
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


def chance_of(cents: int, scale_cents: int) -> float:
    """How likely a free amount is exactly this one, of amounts up to a scale: round sums are more usual than others.

    About a third of payments on account are a round number of hundreds and a third of euros (a rough prior).
    """
    step = 10_000 if cents % 10_000 == 0 else 100 if cents % 100 == 0 else 1
    return min(0.2, 0.35 * step / max(scale_cents, 4 * cents, 50_000))


def payer_readings(owed: Owed, cents: int, *, day: int, rules: Rules) -> list[Reading]:
    """Readings of an amount received on a day, over everything a customer owes.

    Two readings may settle the same: each speaks for it.
    """
    if not owed.invoices:
        return []
    exact = [*_singles(owed, cents), *_instalments(owed.with_instalments, cents), *_runs(owed, cents)]
    exact += _groups(owed, cents, day)
    exact += _subsets(owed, cents)
    # who keeps something back pays one invoice, or everything
    share = 1 / (len(owed.invoices) + 1)
    low, high = cents - rules.difference_cents - 1, cents + max(rules.fee_cents, rules.difference_cents)
    bases: list[Sequence[Item]] = [
        (item,) for item in owed.between(low, high, besides=_before_discount(cents, rules))
    ]
    if len(owed.items) > 1 and low < owed.total_cents <= max(high, cents + cents // (_LEAST_PAID - 1)):
        bases.append(owed.items)
    nearly = [reading for base in bases for reading in _nearly(base, cents, rules, share)]
    return [*exact, *nearly, *_free(owed, cents, rules)]


def cited_readings(
    cited: Sequence[Item], others: Sequence[Item], cents: int, *, rules: Rules
) -> list[Reading]:
    """Readings of an amount over the documents a text cites; `others` is what the same customers owe besides."""
    total = open_cents(cited)
    invoices = [item for item in cited if item.open_cents > 0]
    notes = [item for item in cited if item.open_cents < 0]
    readings: list[Reading] = []
    if total == cents:
        readings.append(_whole("exact", cited))
    if notes and open_cents(invoices) == cents:
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
    if (len(invoices) == 1 and len(cited) > 1) or len(invoices) > 1:
        readings += [
            reading._replace(chance=reading.chance * 0.1)
            for item in invoices
            for reading in _nearly([item], cents, rules, 1 / len(invoices))
        ]
    return [*readings, *_free(Owed(cited), cents, rules)]


def _singles(owed: Owed, cents: int) -> list[Reading]:
    return [_whole("single", [item], 1 / len(owed.invoices)) for item in owed.with_amount(cents)]


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


def _runs(owed: Owed, cents: int) -> Iterator[Reading]:
    """The oldest invoices up to one, with the credit notes or without."""
    for deducted in ((), owed.notes) if owed.notes else ((),):
        count = owed.run_of(cents - open_cents(deducted))
        if 1 < count < len(owed.invoices):
            yield _whole("run", [*owed.invoices[:count], *deducted], 1 / (2 * len(owed.invoices)))


def _groups(owed: Owed, cents: int, day: int) -> Iterator[Reading]:
    """Sets a customer pays together: everything, all that is due, the invoices of one month."""
    if len(owed.items) > 1:
        if owed.total_cents == cents:
            yield _whole("balance", owed.items, 0.7)
        if owed.notes and owed.invoiced_cents == cents:
            yield _whole("balance", owed.invoices, 0.3)
    count = owed.due_count(day + _GRACE_DAYS)
    if 1 < count < len(owed.invoices):
        for deducted in ((), owed.notes) if owed.notes else ((),):
            if owed.run_cents(count) + open_cents(deducted) == cents:
                yield _whole("due", [*owed.invoices[:count], *deducted], 0.5)
    for group, months in owed.months_of(cents):
        yield _whole("month", group, 0.5 / months)


def _subsets(owed: Owed, cents: int) -> list[Reading]:
    """Exact sets of a few items, or of all but a few: the fewer, the likelier; the more there are to choose, the less."""
    items = owed.items
    if len(items) > MAX_ITEMS:
        # what is due first is paid first: sets that reach further are left to a person
        items = items[:MAX_ITEMS]
    if len(items) < 3:
        return []
    count = len(items)
    return [
        _whole("subset", [items[place] for place in places], _share_of_set(count, len(places)))
        for places in exact_subsets([item.open_cents for item in items], cents)
        if len(places) < len(owed.items)
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
    total = open_cents(base)
    missing = total - cents
    if missing == 0 or missing * _LEAST_PAID > total:
        return
    invoices = [item for item in base if item.open_cents > 0]
    if not invoices:
        return
    if missing < 0:
        if -missing <= rules.difference_cents:
            # a few cents too much stay the customer's credit
            yield _whole("difference", base, share / (2 * rules.difference_cents))
        return
    gross = open_cents(invoices)
    for rate in rules.discount_rates:
        if abs(_rounded(gross * rate) - missing) <= (len(invoices) > 1):
            kept = _apportioned(invoices, missing)
            yield _reduced("discount", base, DISCOUNT, kept, share / len(rules.discount_rates))
    if missing > max(rules.difference_cents, rules.fee_cents):
        return
    largest = max(invoices, key=lambda item: item.open_cents)
    if missing <= rules.difference_cents:
        yield _reduced(
            "difference",
            base,
            DIFFERENCE,
            {largest.document_id: missing},
            share / (2 * rules.difference_cents),
        )
    elif missing < largest.open_cents:
        # fees are usually a round number of half euros
        usual = 0.9 * 50 / rules.fee_cents if missing % 50 == 0 else 0.1 / rules.fee_cents
        yield _reduced("fee", base, BANK_FEE, {largest.document_id: missing}, share * usual)


def _before_discount(cents: int, rules: Rules) -> set[int]:
    """Amounts of one invoice that a discount may have brought down to `cents`."""
    gross = {rate: cents * 10_000 // (10_000 - rate) for rate in rules.discount_rates}
    # rounding moves the discount by a cent
    return {amount + more for amount in gross.values() for more in (-1, 0, 1, 2)}


def _rounded(hundredths_of_percent: int) -> int:
    return (hundredths_of_percent + 5_000) // 10_000


def _apportioned(items: Sequence[Item], cents: int) -> dict[int, int]:
    """Cents over items by what is open on them, the largest remainders first: nothing is lost."""
    total = open_cents(items)
    shares = {item.document_id: cents * item.open_cents // total for item in items}
    rest = cents - sum(shares.values())
    for item in sorted(items, key=lambda item: -(cents * item.open_cents % total))[:rest]:
        shares[item.document_id] += 1
    return shares


def _reduced(pattern: str, base: Sequence[Item], kind: str, kept: dict[int, int], chance: float) -> Reading:
    settled = tuple((item, item.open_cents - kept.get(item.document_id, 0)) for item in base)
    adjustments = tuple((item, kind, kept[item.document_id]) for item in base if kept.get(item.document_id))
    return Reading(pattern, settled, adjustments, chance)


def _free(owed: Owed, cents: int, rules: Rules) -> Iterator[Reading]:
    """A part payment over the oldest, or everything and some money left: what a person would start from."""
    total = owed.total_cents
    if not owed.invoices or cents == total:
        return
    # of what is paid too much the excess is what may be any amount
    chance = chance_of(cents - total if cents > total > 0 else cents, total)
    if 0 < total - cents <= max(rules.fee_cents, total // 50) and (total - cents) * _LEAST_PAID <= total:
        # nobody pays all but a trifle on account
        chance *= 0.02
    if cents < owed.invoiced_cents and cents < total:
        full = owed.whole_count(cents)
        settled = [(item, item.open_cents) for item in owed.invoices[:full]]
        left = cents - owed.run_cents(full)
        if left:
            settled.append((owed.invoices[full], left))
        yield Reading("part", tuple(settled), (), chance)
        return
    amounts = [OpenAmount(item.document_id, item.open_cents) for item in owed.invoices]
    notes = [OpenAmount(item.document_id, item.open_cents) for item in owed.notes]
    nettings, rest = net_credit_notes(notes, amounts)
    shares = Counter({one.document_id: one.amount_cents for one in oldest_first(
        cents, [OpenAmount(key, value) for key, value in rest.items()])})  # fmt: skip
    for netting in nettings:
        shares[netting.document_id] += netting.amount_cents
        shares[netting.credit_note_id] -= netting.amount_cents
    settled = [(item, shares[item.document_id]) for item in owed.items if shares[item.document_id]]
    yield Reading("part" if cents < total else "over", tuple(settled), (), chance)


def _whole(pattern: str, items: Iterable[Item], chance: float = 1.0) -> Reading:
    return Reading(pattern, tuple((item, item.open_cents) for item in items), (), chance)
