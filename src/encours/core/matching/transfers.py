"""Several transfers for one document: what each of them says alone, a part payment at best, they say together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from encours.core.matching.amounts import chance_of
from encours.core.matching.items import Item
from encours.core.matching.open_items import OpenItems
from encours.core.matching.prior import CITATIONS, CITED, EVIDENCE, Experience
from encours.core.matching.weigh import ISSUED_LATER_DAYS, Explanation, Weighed, normalised

# Who pays in two goes does so within weeks.
_APART_DAYS = 45
# Of a payer with more transfers than this that nothing explains, some two will sum to something.
_MOST_TRANSFERS = 8
# Better explained than this, a transfer is no part of another.
_EXPLAINED = 0.5
_OPEN_ENDED = ("part", "over")


def with_transfers(weighed: Sequence[Weighed], *, items: OpenItems, experience: Experience) -> list[Weighed]:
    """The same lines in the same order; those that together pay one document explain each other."""
    return _uncited(_cited(weighed, experience), items, experience)


def _cited(weighed: Sequence[Weighed], experience: Experience) -> list[Weighed]:
    """Transfers that cite one document and together are what is open on it."""
    parts: dict[int, list[int]] = {}
    for rank, each in enumerate(weighed):
        documents = set(each.cited)
        if len(documents) == 1 and each.explanations and each.explanations[0].pattern == "part":
            parts.setdefault(documents.pop(), []).append(rank)
    answers = list(weighed)
    for ranks in parts.values():
        item = next(item for item, _ in weighed[ranks[0]].explanations[0].settled)
        total = sum(weighed[rank].line.cents for rank in ranks)
        if len(ranks) < 2 or total != item.open_cents:
            continue
        for rank in ranks:
            each = answers[rank]
            part = each.explanations[0]
            whole = part._replace(pattern="transfers", weight=CITATIONS["number"] * CITED["transfers"])
            others = [other for other in each.explanations if other is not part]
            answers[rank] = normalised(replace(each, explanations=(whole, *others)), experience)
    return answers


def _uncited(weighed: Sequence[Weighed], items: OpenItems, experience: Experience) -> list[Weighed]:
    """Two transfers of one payer that cite nothing and together are exactly what is open on one invoice.

    That a free amount is completed to the cent by another one which nothing explains is as unlikely as that other
    amount: it is what speaks for the two, against whatever else each could be.
    """
    answers = list(weighed)
    for ranks in _unexplained(weighed):
        pairs = list(_pairs(weighed, ranks, items))
        # who fits two pairs is told by neither
        occurrences = Counter(rank for one, other, _ in pairs for rank in (one, other))
        for one, other, item in pairs:
            if occurrences[one] == occurrences[other] == 1:
                for rank, partner in ((one, other), (other, one)):
                    part = _part(weighed[rank], weighed[partner], item, len(ranks) - 1, items, experience)
                    joined = (*weighed[rank].explanations, part)
                    answers[rank] = normalised(replace(weighed[rank], explanations=joined), experience)
    return answers


def _unexplained(weighed: Sequence[Weighed]) -> list[list[int]]:
    """Two and more transfers of one recognised payer and currency that cite nothing and explain nothing alone."""
    by_payer: dict[tuple[int, str], list[int]] = {}
    for rank, each in enumerate(weighed):
        line, top = each.line, each.explanations[0] if each.explanations else None
        is_explained = top and top.pattern not in _OPEN_ENDED and top.probability >= _EXPLAINED
        if line.payers and not line.strong_places and not is_explained:
            by_payer.setdefault((line.payers[0].customer_id, line.currency), []).append(rank)
    return [ranks for ranks in by_payer.values() if 1 < len(ranks) <= _MOST_TRANSFERS]


def _pairs(
    weighed: Sequence[Weighed], ranks: Sequence[int], items: OpenItems
) -> Iterator[tuple[int, int, Item]]:
    lines = [weighed[rank].line for rank in ranks]
    first_day = min(line.day for line in lines)
    owed = items.owed(
        lines[0].payers[0].customer_id, lines[0].currency, until_day=first_day + ISSUED_LATER_DAYS
    )
    for (one, a), (other, b) in combinations(zip(ranks, lines, strict=True), 2):
        if abs(a.day - b.day) <= _APART_DAYS:
            for item in owed.with_amount(a.cents + b.cents):
                yield one, other, item


def _part(
    each: Weighed, partner: Weighed, item: Item, partners: int, items: OpenItems, experience: Experience
) -> Explanation:
    """The explanation of one transfer by the other; `partners` could have completed it."""
    line, payer = each.line, each.line.payers[0]
    count = len(items.owed(item.customer_id, item.currency, until_day=line.day + ISSUED_LATER_DAYS).invoices)
    chance = chance_of(line.cents, item.open_cents) / max(count, 1) / partners
    weight = EVIDENCE[payer.evidence] * payer.similarity / (1 + payer.rival_count)
    weight *= experience.shares_of(item.customer_id)["transfers"] * chance / partner.total
    return Explanation(
        payer.evidence, "transfers", ((item, line.cents),), (), payer.recognised, weight, has_payer=True
    )
