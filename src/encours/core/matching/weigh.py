"""How probable each explanation of a bank line is, all of them weighed against each other and against none.

A line is explained by who it is about (documents the text cites, a customer recognised as the payer, nobody known)
and by how the amount is made of what is open there (`amounts`). The weight of an explanation is the share of payers
who do that, over the number of ways it could have come about by chance: an amount that one in a thousand sets of
invoices makes says less than one that a single invoice makes. Weights are normalised over the line (Bayes' rule).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from operator import attrgetter
from typing import NamedTuple

from encours.core.matching.amounts import Reading, Rules, chance_of, cited_readings, payer_readings
from encours.core.matching.cited import Place, Stretches, goes_on, loose_places, ranged_items
from encours.core.matching.items import Item
from encours.core.matching.open_items import OpenItems
from encours.core.matching.owed import Owed
from encours.core.matching.prior import (
    ANNOUNCED_PART,
    CITATIONS,
    CITED,
    CORROBORATED,
    EVIDENCE,
    OTHER_CITED,
    OTHER_UNCITED,
    STRANGER_OTHER,
    STRANGER_SINGLE,
    STRONG,
    Experience,
)

MAX_CHOICES = 64
# A customer pays what it has an invoice for; one issued much later than the payment is not what it pays.
ISSUED_LATER_DAYS = 10
# A payer recognised is looked at no further below this share of the doubt that is left.
_NEGLIGIBLE = 1e-6
# What is never sure: an amount without a payer or a number worth the name, what contradicts the numbers a text cites,
# a mangled number of one customer in the transfer of another.
_AT_MOST = 0.9
_NEVER_SURE = ("amount", "short")
_LOOSE = ("announced", "tail", "typing_error", "cut")


class Payer(NamedTuple):
    """A customer the payer may be (a row of `PAYER_CANDIDATES`)."""

    customer_id: int
    evidence: str
    recognised: str
    similarity: float
    rival_count: int


@dataclass(frozen=True)
class LineToExplain:
    """A receipt as far as weighing needs it. `held` is asked for only when the citations do not settle it."""

    line_id: int
    cents: int
    currency: str
    day: int  # from 1970-01-01
    places: tuple[Place, ...]
    payers: tuple[Payer, ...]
    held: Callable[[], Stretches]
    says_part: bool = False  # a word such as "acompte"
    same_amount: tuple[
        Item, ...
    ] = ()  # open documents of anybody with exactly this amount, when they are few

    @cached_property
    def strong_places(self) -> tuple[Place, ...]:
        """Where it cites documents beyond doubt."""
        return tuple(place for place in self.places if place.citation in STRONG)

    @property
    def pays_what_it_cites(self) -> bool:
        """Whether the documents it cites beyond doubt are exactly its amount: nothing else is asked then."""
        strong = self.strong_places
        cited = {item.document_id: item.open_cents for place in strong for item in place.items}
        is_told = strong and all(len(place.items) == 1 for place in strong)
        return bool(is_told) and sum(cited.values()) == self.cents

    @property
    def customers(self) -> set[int]:
        """Those whose open documents weighing looks at when the citations alone do not settle it."""
        of_places = {item.customer_id for place in self.strong_places for item in place.items}
        return of_places | {payer.customer_id for payer in self.payers}


class Explanation(NamedTuple):
    """One way to settle a line. `probability` is among all explanations of the line; `rule` names how it was found."""

    evidence: str  # of `prior.CITATIONS`, `prior.EVIDENCE` or "amount"
    pattern: str  # of `prior.CITED` or `prior.UNCITED`
    settled: tuple[tuple[Item, int], ...]
    adjustments: tuple[tuple[Item, str, int], ...]
    written: str  # what was recognised, of the payer or of the number
    weight: float
    probability: float = 0.0
    has_payer: bool = False  # the payer is recognised too

    @property
    def rule(self) -> str:
        return f"{self.evidence}:{self.pattern}"

    @property
    def key(self) -> tuple[frozenset[tuple[object, ...]], ...]:
        """What it does, whatever speaks for it."""
        return (
            frozenset((item.document_id, cents) for item, cents in self.settled),
            frozenset((item.document_id, kind, cents) for item, kind, cents in self.adjustments),
        )

    @property
    def documents(self) -> frozenset[int]:
        return frozenset(item.document_id for item, _ in self.settled)


@dataclass(frozen=True)
class Weighed:
    """A line's explanations, the most probable first, and the weight of everything that is none of them."""

    line: LineToExplain
    explanations: tuple[Explanation, ...]
    rest: float

    @property
    def cited(self) -> frozenset[int]:
        """Documents that the text cites beyond doubt."""
        return frozenset(item.document_id for place in self.line.strong_places for item in place.items)

    @property
    def total(self) -> float:
        return self.rest + sum(explanation.weight for explanation in self.explanations)


def weigh(
    line: LineToExplain, *, items: OpenItems, rules: Rules, experience: Experience, keep: int = 8
) -> Weighed:
    """The explanations of one line, at most `keep` of them."""
    found: list[Explanation] = []
    doubt, rest = 1.0, 0.0
    strong = line.strong_places
    if strong and all(place.items for place in strong):
        sure = _sureness(strong, line.payers)
        explanations, left = _of_citations(line, strong, items, rules, sure)
        found += explanations
        doubt -= sure
        rest += left
    if not any(each.pattern == "exact" for each in found):
        for payer, mass in _shares(line.payers, doubt):
            explanations, left = _of_payer(line, payer, mass, items, rules, experience)
            found += explanations
            rest += left
            doubt -= mass
        explanations, left = _of_nobody(line, max(doubt, 0.0), items)
        found += explanations
        rest += left
    else:
        rest += doubt * chance_of(line.cents, line.cents)
    merged = _merged(found)
    # what is left out still speaks against what is kept
    rest += sum(explanation.weight for explanation in merged[keep:])
    return normalised(Weighed(line, tuple(merged[:keep]), rest), experience)


def normalised(weighed: Weighed, experience: Experience) -> Weighed:
    """The same with probabilities: weights over their sum, as far as they are believed."""
    total = weighed.total or 1.0
    return with_shares(weighed, [one.weight / total for one in weighed.explanations], experience)


def with_shares(weighed: Weighed, shares: Sequence[float], experience: Experience) -> Weighed:
    """The same with these shares of its explanations as probabilities, the most probable first.

    They are lowered where the company undid such matches, and for what is never sure, whoever else wants the documents.
    """
    cited = weighed.cited
    explanations = []
    for explanation, share in zip(weighed.explanations, shares, strict=True):
        probability = share * experience.trust_in(explanation.rule)
        # a number nearly the one of the recognised payer's exact invoice is a typing error
        is_corrected = explanation.evidence in CITATIONS and explanation.has_payer
        is_against_citation = cited and cited.isdisjoint(explanation.documents) and not is_corrected
        is_against_payer = (
            explanation.evidence in _LOOSE and weighed.line.payers and not explanation.has_payer
        )
        # a list cut by the bank goes on: what its beginning leaves over pays the rest of it
        is_cut_off = explanation.pattern == "over" and goes_on(
            weighed.line.held(), (item for item, _ in explanation.settled)
        )
        if is_against_citation or is_against_payer or is_cut_off or explanation.evidence in _NEVER_SURE:
            probability = min(probability, _AT_MOST)
        explanations.append(explanation._replace(probability=probability))
    return Weighed(weighed.line, tuple(sorted(explanations, key=_probability, reverse=True)), weighed.rest)


def _merged(found: Sequence[Explanation]) -> list[Explanation]:
    """One explanation per outcome: all that speaks for it adds up, under the name of what speaks loudest."""
    if len(found) < 2:
        return list(found)
    by_key: dict[tuple[object, ...], Explanation] = {}
    for explanation in sorted(found, key=_weight, reverse=True):
        key = explanation.key
        known = by_key.get(key)
        by_key[key] = known._replace(weight=known.weight + explanation.weight) if known else explanation
    return sorted(by_key.values(), key=_weight, reverse=True)


_weight = attrgetter("weight")
_probability = attrgetter("probability")


def _sureness(places: Sequence[Place], payers: Sequence[Payer] = ()) -> float:
    """How sure it is that a line is about the documents it cites: surer when their customer is the payer."""
    sure = min(CITATIONS[place.citation] for place in places)
    customers = {item.customer_id for place in places for item in place.items}
    if customers and customers <= {payer.customer_id for payer in payers}:
        sure = 1 - (1 - sure) * CORROBORATED
    return sure if not any(place.settled for place in places) else sure * 0.5


def _of_citations(
    line: LineToExplain, places: Sequence[Place], items: OpenItems, rules: Rules, sure: float
) -> tuple[list[Explanation], float]:
    """Explanations from documents that are cited, and the weight of what those who cite them might pay else."""
    rest = sure * OTHER_CITED * chance_of(line.cents, line.cents)
    count = prod(len(place.items) for place in places)
    if count > MAX_CHOICES:
        return [], sure * chance_of(line.cents, line.cents)
    surest = max(places, key=lambda place: CITATIONS[place.citation])
    found = []
    for choice in product(*(place.items for place in places)):
        cited = list({item.document_id: item for item in choice}.values())
        customers = sorted({item.customer_id for item in cited})
        others: Sequence[Item] = ()
        is_exact = sum(item.open_cents for item in cited) == line.cents
        if len(customers) == 1 and not is_exact:
            taken = {item.document_id for item in cited}
            everything = items.owed(customers[0], line.currency, until_day=line.day + ISSUED_LATER_DAYS).items
            others = [item for item in everything if item.document_id not in taken]
        for reading in cited_readings(cited, others, line.cents, rules=rules):
            if len(customers) > 1 and reading.pattern != "exact":
                continue
            weight = sure / count * CITED[reading.pattern] * reading.chance
            if reading.pattern == "part" and line.says_part:
                weight *= ANNOUNCED_PART
            found.append(_explanation(surest.citation, surest.written, reading, weight))
        if others and line.held().ranges:
            inside = ranged_items(line.held(), [*cited, *others])
            if inside and sum(item.open_cents for item in inside) == line.cents:
                reading = Reading("exact", tuple((item, item.open_cents) for item in inside), (), 1.0)
                written = " - ".join(line.held().ranges[0])
                found.append(_explanation("range", written, reading, sure / count * CITED["exact"]))
    return found, rest


def _shares(payers: Sequence[Payer], doubt: float) -> Iterator[tuple[Payer, float]]:
    """Each payer with its part of the doubt that is left: the surest evidence first, equals share."""
    rank = list(EVIDENCE)
    levels: dict[str, list[Payer]] = {}
    for payer in payers:
        levels.setdefault(payer.evidence, []).append(payer)
    seen: set[int] = set()
    for evidence in sorted(levels, key=rank.index):
        level = [payer for payer in levels[evidence] if payer.customer_id not in seen]
        if not level or doubt < _NEGLIGIBLE:
            continue
        mass = doubt * EVIDENCE[evidence] * max(payer.similarity for payer in level)
        among = max(len(level), 1 + max(payer.rival_count for payer in level))
        for payer in level:
            seen.add(payer.customer_id)
            yield payer, mass / among
        doubt -= mass * len(level) / among


def _of_payer(
    line: LineToExplain, payer: Payer, mass: float, items: OpenItems, rules: Rules, experience: Experience
) -> tuple[list[Explanation], float]:
    """Explanations from what one customer owes, those first that the text seems to cite."""
    owed = items.owed(payer.customer_id, line.currency, until_day=line.day + ISSUED_LATER_DAYS)
    if not owed.items:
        return [], mass * chance_of(line.cents, line.cents)
    found: list[Explanation] = []
    rest = 0.0
    places = _places_among(line, owed, payer.customer_id)
    if places and prod(len(place.items) for place in places) <= MAX_CHOICES:
        sure = _sureness(places)
        cited, left = _of_citations(line, places, items, rules, mass * sure)
        found += [each._replace(has_payer=True) for each in cited]
        rest += left
        mass *= 1 - sure
    shares = experience.shares_of(payer.customer_id)
    for reading in payer_readings(owed, line.cents, day=line.day, rules=rules):
        weight = mass * shares[reading.pattern] * reading.chance
        found.append(_explanation(payer.evidence, payer.recognised, reading, weight))
    return found, rest + mass * OTHER_UNCITED * chance_of(line.cents, owed.total_cents)


def _places_among(line: LineToExplain, owed: Owed, customer_id: int) -> list[Place]:
    """Places of the text, loose ones too, that mean documents of one customer."""
    short = []
    for place in line.places:
        if place.citation in STRONG:
            continue
        kept = tuple(item for item in place.items if item.customer_id == customer_id)
        if kept:
            # a short number of the right customer is hardly a coincidence
            short.append(place._replace(citation="announced", items=kept))
    return short or loose_places(line.held(), owed)


def _of_nobody(line: LineToExplain, doubt: float, items: OpenItems) -> tuple[list[Explanation], float]:
    """Explanations from the amount alone: one document of exactly this amount, better when the text seems to cite it."""
    found: list[Explanation] = []
    exact = [item for item in line.same_amount if item.currency == line.currency]
    places = [place for place in line.places if place.citation not in STRONG and place.items]
    loose = loose_places(line.held(), Owed(exact)) if exact and not places else []
    for place in (*places, *loose):
        fitting = [item for item in place.items if item.open_cents == line.cents]
        sure = CITATIONS[place.citation] * doubt
        # a tail or an error among all documents of this amount may be a coincidence
        if place.citation in ("tail", "typing_error", "cut"):
            sure *= min(1.0, 0.5 + 0.1 * len(place.written)) * 0.8
        for item in fitting:
            reading = Reading("exact", ((item, item.open_cents),), (), 1.0)
            found.append(
                _explanation(place.citation, place.written, reading, sure * CITED["exact"] / len(fitting))
            )
        if fitting:
            doubt -= sure * 0.9
    for item in exact:
        reading = Reading("single", ((item, item.open_cents),), (), 1.0)
        weight = doubt * STRANGER_SINGLE / max(items.count, 1)
        found.append(_explanation("amount", "", reading, weight))
    return found, doubt * STRANGER_OTHER * chance_of(line.cents, line.cents)


def _explanation(evidence: str, written: str, reading: Reading, weight: float) -> Explanation:
    return Explanation(evidence, reading.pattern, reading.settled, reading.adjustments, written, weight)


def demanded(explanation: Explanation) -> Mapping[int, int]:
    """What an explanation takes of each document, with what it closes without money."""
    cents: Counter[int] = Counter({item.document_id: taken for item, taken in explanation.settled})
    for item, _, kept in explanation.adjustments:
        cents[item.document_id] += kept
    return cents
