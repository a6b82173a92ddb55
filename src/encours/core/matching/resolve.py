"""Lines that compete for documents are resolved together: every way to explain all of them is weighed.

A document is settled once. Where two lines could pay it, the probability of each explanation is that of all joint
answers which hold it (exact marginals over the lines of one knot); where these are too many, nobody gets it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from encours.core.matching.open_items import OpenItems
from encours.core.matching.prior import CITATIONS, Experience
from encours.core.matching.weigh import Weighed, demanded, normalised, with_shares

# An explanation less probable than this ties no knot.
_COUNTS = 0.01
# One so much less likely than the line's best is left out of joint answers.
_UNLIKELY = 1e-3
_MAX_OPTIONS = 5
_MAX_LINES = 10
_MAX_ANSWERS = 6_000
_MAX_NEAR = 1_000
# A line that names its documents and pays them exactly comes before any that might pay them.
_CERTAIN = 0.999


def resolve(weighed: Sequence[Weighed], *, items: OpenItems, experience: Experience) -> list[Weighed]:
    """The same lines in the same order with their probabilities given each other."""
    answers = _after_the_certain(weighed, experience)
    for knot in _knots(answers):
        if not _is_contested([answers[rank] for rank in knot], items):
            continue
        knot = _first_of_equals(answers, knot, experience)
        if len(knot) < 2:
            continue
        for rank, row in _together(answers, knot, items).items():
            answers[rank] = with_shares(answers[rank], row, experience)
    return answers


def _after_the_certain(weighed: Sequence[Weighed], experience: Experience) -> list[Weighed]:
    """What lines that are certain by themselves settle is no choice for the others, who are weighed again without it."""
    claims: dict[int, list[int]] = defaultdict(list)
    certain: set[int] = set()
    for rank, each in enumerate(weighed):
        top = each.explanations[0] if each.explanations else None
        if top and top.pattern == "exact" and top.evidence in CITATIONS and top.probability >= _CERTAIN:
            certain.add(rank)
            for document in top.documents:
                claims[document].append(rank)
    for ranks in claims.values():
        if len(ranks) > 1:
            certain.difference_update(ranks)
    taken = {document for document, ranks in claims.items() if ranks[0] in certain}
    answers = []
    for rank, each in enumerate(weighed):
        kept = tuple(one for one in each.explanations if taken.isdisjoint(one.documents))
        if rank in certain:
            answers.append(replace(each, explanations=each.explanations[:1]))
        elif len(kept) < len(each.explanations):
            answers.append(normalised(replace(each, explanations=kept), experience))
        else:
            answers.append(each)
    return answers


def _together(answers: Sequence[Weighed], knot: Sequence[int], items: OpenItems) -> dict[int, list[float]]:
    """For each line of a knot the probability of each of its explanations, given the others."""
    if len(knot) <= _MAX_LINES:
        marginals = _marginals([answers[rank] for rank in knot], items)
        if marginals is not None:
            return dict(zip(knot, marginals, strict=True))
    claims: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for rank in knot:
        for explanation in answers[rank].explanations:
            if explanation.probability >= _COUNTS:
                for document in explanation.documents:
                    claims[document].append((explanation.probability, rank))
    found = {}
    for rank in knot:
        # those that want the same documents most are weighed with it; who they compete with in turn is left out
        rivals: dict[int, float] = {}
        for explanation in answers[rank].explanations:
            for document in explanation.documents:
                for probability, other in claims[document]:
                    if other != rank:
                        rivals[other] = max(rivals.get(other, 0.0), probability)
        nearest = sorted(rivals, key=lambda other: (-rivals[other], other))
        for count in (5, 3, 1):
            marginals = _marginals(
                [answers[rank], *(answers[other] for other in nearest[:count])], items, at_most=_MAX_NEAR
            )
            if marginals is not None:
                found[rank] = marginals[0]
                break
        else:
            found[rank] = [one.probability / 2 for one in answers[rank].explanations]
    return found


def _knots(weighed: Sequence[Weighed]) -> Iterator[list[int]]:
    """Lines tied to each other by a document that both could settle, two or more, in order."""
    leader = list(range(len(weighed)))

    def top(rank: int) -> int:
        while leader[rank] != rank:
            leader[rank] = leader[leader[rank]]
            rank = leader[rank]
        return rank

    first_of: dict[int, int] = {}
    for rank, each in enumerate(weighed):
        for explanation in each.explanations:
            if explanation.probability < _COUNTS:
                continue
            for document in explanation.documents:
                other = first_of.setdefault(document, rank)
                one, two = sorted((top(rank), top(other)))
                leader[two] = one
    knots: dict[int, list[int]] = defaultdict(list)
    for rank in range(len(weighed)):
        knots[top(rank)].append(rank)
    return (knot for knot in knots.values() if len(knot) > 1)


def _is_contested(lines: Sequence[Weighed], items: OpenItems) -> bool:
    """Whether the likeliest answers of all lines do not fit together, or one line hangs on another's choice."""
    taken: dict[int, int] = defaultdict(int)
    for each in lines:
        most: dict[int, int] = {}
        for explanation in each.explanations:
            if explanation.probability >= _COUNTS:
                for document, cents in demanded(explanation).items():
                    most[document] = max(most.get(document, 0), cents, key=abs)
        for document, cents in most.items():
            taken[document] += cents
    return any(not _fits(document, cents, items) for document, cents in taken.items())


def _fits(document: int, cents: int, items: OpenItems) -> bool:
    item = items.item(document)
    return item is not None and (0 <= cents <= item.open_cents or item.open_cents <= cents <= 0)


def _first_of_equals(answers: list[Weighed], knot: list[int], experience: Experience) -> list[int]:
    """Of lines that say the same (payer, amount, documents) the first settles; the others must mean something else."""
    claims: dict[tuple[object, ...], int] = {}
    kept = []
    for rank in knot:
        each = answers[rank]
        top = each.explanations[0]
        is_sole = len(each.explanations) == 1 or top.probability > 20 * each.explanations[1].probability
        key = (top.key, top.evidence)
        if not is_sole or claims.setdefault(key, rank) == rank:
            kept.append(rank)
            continue
        others = tuple(one for one in each.explanations if one.documents.isdisjoint(top.documents))
        answers[rank] = normalised(replace(each, explanations=others), experience)
        if others:
            kept.append(rank)
    return kept


def _marginals(
    lines: Sequence[Weighed], items: OpenItems, *, at_most: int = _MAX_ANSWERS
) -> list[list[float]] | None:
    """For each line the probability of each of its explanations, over all joint answers; None when they are too many."""
    options: list[list[tuple[float, int, Mapping[int, int]]]] = []
    for each in lines:
        total = each.total or 1.0
        ranked = sorted(range(len(each.explanations)), key=lambda rank: -each.explanations[rank].weight)
        least = _UNLIKELY * max((one.weight for one in each.explanations), default=0.0)
        kept = [rank for rank in ranked[:_MAX_OPTIONS] if each.explanations[rank].weight >= least]
        chosen = [
            (each.explanations[rank].weight / total, rank, demanded(each.explanations[rank])) for rank in kept
        ]
        # what is left out counts as none of them: nobody gets surer by it
        none = max(1.0 - sum(share for share, _, _ in chosen), 1e-9)
        options.append([*chosen, (none, -1, {})])
    sums = [[0.0] * len(each.explanations) for each in lines]
    open_cents = {
        document: item.open_cents
        for each in lines
        for explanation in each.explanations
        for document in explanation.documents
        if (item := items.item(document)) is not None
    }
    state = _Search(options, open_cents, sums, at_most)
    state.go(0, 1.0, {}, [])
    if state.visited > at_most or state.total <= 0:
        return None
    return [[weight / state.total for weight in row] for row in sums]


class _Search:
    def __init__(
        self,
        options: list[list[tuple[float, int, Mapping[int, int]]]],
        open_cents: Mapping[int, int],
        sums: list[list[float]],
        at_most: int,
    ) -> None:
        self.options, self.open_cents, self.sums, self.at_most = options, open_cents, sums, at_most
        self.total, self.visited = 0.0, 0

    def go(self, place: int, weight: float, taken: dict[int, int], chosen: list[int]) -> None:
        self.visited += 1
        if self.visited > self.at_most:
            return
        if place == len(self.options):
            self.total += weight
            for row, choice in zip(self.sums, chosen, strict=True):
                if choice >= 0:
                    row[choice] += weight
            return
        for share, choice, wanted in self.options[place]:
            if self._take(wanted, taken):
                chosen.append(choice)
                self.go(place + 1, weight * share, taken, chosen)
                chosen.pop()
                for document, cents in wanted.items():
                    taken[document] -= cents

    def _take(self, wanted: Mapping[int, int], taken: dict[int, int]) -> bool:
        """Takes all of it, or nothing when a document has not that much left."""
        for document, cents in wanted.items():
            if abs(taken.get(document, 0) + cents) > abs(self.open_cents.get(document, 0)):
                return False
        for document, cents in wanted.items():
            taken[document] = taken.get(document, 0) + cents
        return True
