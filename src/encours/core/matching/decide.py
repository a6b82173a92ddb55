"""What is done with a bank line: settled by itself, proposed to a person, or left, with the reason in words.

Automatic only above a probability and with a margin over the runner-up, all lines weighed together. Everything short
of that goes to a person, the likeliest explanations first.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

import polars as pl

from encours.core.matching.amounts import Rules
from encours.core.matching.cited import Place, stretches
from encours.core.matching.items import EPOCH, Item
from encours.core.matching.open_items import OpenItems
from encours.core.matching.prior import CITATIONS, STRONG, Experience
from encours.core.matching.reasons import (
    ALREADY_SETTLED,
    BY_INSTALMENT,
    BY_OWN_KEY,
    BY_REFERENCE,
    CONTESTED,
    EXPLAINED,
    HOW,
    NOTHING_FITS,
    OTHER_CURRENCY,
    OVERPAYMENT,
    PART_PAYMENT,
    PARTLY_SETTLED,
    PAYER_OWES_NOTHING,
    REFUSED_BEFORE,
    RIVALS,
    SEVERAL_CUSTOMERS,
    SHORT_NUMBER,
    WHO,
)
from encours.core.matching.resolve import resolve
from encours.core.matching.stages import OWN_KEY
from encours.core.matching.transfers import with_transfers
from encours.core.matching.weigh import (
    Explanation,
    LineToExplain,
    Payer,
    Weighed,
    weigh,
)
from encours.core.money import Money
from encours.core.wording import Sentence

Outcome = Literal["automatic", "proposed", "none", "set_aside"]

MAX_PROPOSALS = 3
# an explanation less probable is not worth a person's look
_WORTH_A_LOOK = 0.02
_MAX_NUMBERS = 12
# what deciding reads of a line
_TOLD = (
    "line_id",
    "booked_date",
    "amount_cents",
    "currency",
    "remittance",
    "structured_reference",
    "end_to_end_id",
)
_PART = re.compile(
    r"\b(?:AC(?:OM)?PTE|ACPT|PARTIEL\w*|PARTIAL|PART PAYMENT|1ER VERSEMENT|DEPOSIT)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Thresholds:
    """Automatic from this probability on, and this far above the next explanation."""

    probability: float = 0.995
    margin: float = 0.9


@dataclass(frozen=True)
class Settled:
    """A document and how much money a line puts on it: as the ledger signs it, negative for a credit note used up."""

    document_id: int
    number: str
    allocated_cents: int


@dataclass(frozen=True)
class Adjustment:
    """What a line closes on a document without money: `kind` is a movement's (discount, bank_fee …), cents positive."""

    document_id: int
    number: str
    kind: str
    amount_cents: int


@dataclass(frozen=True)
class Decision:
    """The answer for one bank line. `lines` is empty when the money stays on the customer's account.

    `others` are further proposals, less likely each. Of "none", `customer_id` is who it seems to be about, if anybody.
    """

    line_id: int
    outcome: Outcome
    reason: Sentence
    rule: str = ""
    confidence: float = 0.0
    customer_id: int | None = None
    lines: tuple[Settled, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    others: tuple["Decision", ...] = ()

    @property
    def documents(self) -> frozenset[int]:
        return frozenset(line.document_id for line in self.lines)


@dataclass(frozen=True)
class Books:
    """What is known of the company, whatever the line: all that is open, what its customers are called, what it allows."""

    items: OpenItems
    names: Mapping[int, str]
    rules: Rules = field(default_factory=Rules)
    thresholds: Thresholds = field(default_factory=Thresholds)
    experience: Experience = field(default_factory=Experience)

    def settle(self, decision: Decision) -> None:
        """What a decision settles is no longer open."""
        for line in decision.lines:
            self.items.take(line.document_id, line.allocated_cents)
        for adjustment in decision.adjustments:
            self.items.take(adjustment.document_id, adjustment.amount_cents)


def decide(
    *,
    lines: pl.DataFrame,
    documents: pl.DataFrame,
    mentions: pl.DataFrame,
    payers: pl.DataFrame,
    books: Books,
    refused: Collection[tuple[int, frozenset[int]]] = (),
    came_back: Collection[int] = (),
) -> list[Decision]:
    """One decision per line (schema `LINES`), in its order: that of the dates decides who comes first.

    `documents` (DOCUMENTS) are what the lines mention (`mentions`, MENTIONS), open or settled; `payers`
    (PAYER_CANDIDATES) who may have paid. `refused` are pairs (line, documents) that a person rejected or undid: they are
    not brought up again. Lines that `came_back` later are weighed by themselves: what they settle will be open again for
    the others.
    """
    items = books.items
    told = documents.select("document_id", "customer_id", "customer", "number", "currency")
    by_id = {row["document_id"]: row for row in told.iter_rows(named=True)}
    cited: dict[int, list[dict[str, Any]]] = {}
    for row in mentions.iter_rows(named=True):
        cited.setdefault(row["line_id"], []).append(row)
    items.load_documents(by_id)
    who = _payers(payers)
    rows = lines.select(_TOLD).rows(named=True)
    receipts = []
    for row in rows:
        places = _places(cited.get(row["line_id"], []), by_id, items, row["currency"])
        receipts.append(_line(row, places, who.get(row["line_id"], ())))
    open_ended = [line for line in receipts if not line.pays_what_it_cites]
    same = _same_amount(open_ended, items)
    items.load({customer_id for line in open_ended for customer_id in line.customers})
    refused_of: dict[int, set[frozenset[int]]] = {}
    for line_id, settled in refused:
        refused_of.setdefault(line_id, set()).add(settled)
    weighed = []
    for line in receipts:
        if line.line_id in same:
            line = replace(line, same_amount=same[line.line_id])
        answer = weigh(line, items=items, rules=books.rules, experience=books.experience)
        if no := refused_of.get(line.line_id):
            kept = tuple(one for one in answer.explanations if one.documents not in no)
            answer = replace(answer, explanations=kept)
        weighed.append(answer)
    alone = with_transfers(weighed, items=items, experience=books.experience)
    staying = [rank for rank, each in enumerate(alone) if each.line.line_id not in came_back]
    resolved = resolve([alone[rank] for rank in staying], items=items, experience=books.experience)
    together = list(alone)
    for rank, each in zip(staying, resolved, strict=True):
        together[rank] = each
    return [
        _decision(
            row,
            before,
            after,
            books,
            _named(cited.get(row["line_id"], []), by_id),
            row["line_id"] in refused_of,
        )
        for row, before, after in zip(rows, alone, together, strict=True)
    ]


def came_back(*, lines: pl.DataFrame, returned: pl.DataFrame) -> set[int]:
    """Ids of receipts (schema `LINES`) that one of the returned lines seems to give back.

    The same amount later, and the same end-to-end id, text or payer. Which receipt it really is, `returns` decides.
    """
    pairs = lines.join(
        returned.with_columns(amount_cents=-pl.col("amount_cents")),
        on=["amount_cents", "currency"],
        suffix="_returned",
    ).filter(pl.col("booked_date") <= pl.col("booked_date_returned"))
    same = pl.any_horizontal(
        (pl.col(name) == pl.col(f"{name}_returned")) & (pl.col(name).str.len_chars() > 3)
        for name in ("end_to_end_id", "remittance", "counterparty_name", "mandate_id")
    )
    return set(pairs.filter(same)["line_id"])


def _payers(payers: pl.DataFrame) -> dict[int, tuple[Payer, ...]]:
    found: dict[int, list[Payer]] = {}
    for row in payers.select("line_id", *Payer._fields).iter_rows():
        found.setdefault(row[0], []).append(Payer(*row[1:]))
    return {line_id: tuple(each) for line_id, each in found.items()}


def _same_amount(
    receipts: Sequence[LineToExplain], items: OpenItems, at_most: int = 50
) -> dict[int, tuple[Item, ...]]:
    """Open documents of exactly the line's amount, unless there are too many to say anything."""
    amounts = pl.DataFrame(
        [(line.currency, line.cents) for line in receipts],
        schema={"currency": pl.String, "cents": pl.Int64},
        orient="row",
    )
    same = items.same_amount(amounts, at_most=at_most)
    items.load_documents({document_id for ids in same.values() for document_id in ids})
    found = {}
    for line in receipts:
        known = [items.item(document_id) for document_id in same.get((line.currency, line.cents), ())]
        if still := tuple(item for item in known if item and item.open_cents == line.cents):
            found[line.line_id] = still
    return found


def _line(row: Mapping[str, Any], places: tuple[Place, ...], payers: tuple[Payer, ...]) -> LineToExplain:
    texts = (row["remittance"], row["structured_reference"], row["end_to_end_id"])
    return LineToExplain(
        line_id=row["line_id"],
        cents=row["amount_cents"],
        currency=row["currency"],
        day=row["booked_date"].toordinal() - EPOCH,
        places=places,
        payers=payers,
        held=cache(lambda: stretches(texts)),
        says_part=_PART.search(row["remittance"]) is not None,
    )


def _places(
    rows: list[dict[str, Any]], by_id: Mapping[int, dict[str, Any]], items: OpenItems, currency: str
) -> tuple[Place, ...]:
    """Places of one line; documents in another currency are none."""
    places = []
    for _, of_place in groupby(rows, key=itemgetter("rule", "start", "stop")):
        hits = list(of_place)
        documents = [by_id[hit["document_id"]] for hit in hits]
        same = [document for document in documents if document["currency"] == currency]
        if not same:
            continue
        found = [(document, items.item(document["document_id"])) for document in same]
        settled = () if any(item for _, item in found) else tuple(document["number"] for document in same)
        places.append(
            Place(_citation(hits), hits[0]["written"], tuple(item for _, item in found if item), settled)
        )
    return tuple(places)


def _citation(hits: list[dict[str, Any]]) -> str:
    if hits[0]["rule"] == OWN_KEY:
        return OWN_KEY
    if not all(hit["is_weak"] for hit in hits):
        return "number"
    return "announced" if any(hit["is_introduced"] for hit in hits) else "short"


def _named(rows: list[dict[str, Any]], by_id: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents a text names beyond doubt, in whatever currency, open or settled."""
    strong = [row["document_id"] for row in rows if row["rule"] == OWN_KEY or not row["is_weak"]]
    return [by_id[document_id] for document_id in dict.fromkeys(strong)]


def _decision(
    row: Mapping[str, Any],
    alone: Weighed,
    together: Weighed,
    books: Books,
    named: list[dict[str, Any]],
    was_refused: bool,
) -> Decision:
    line_id = row["line_id"]
    amount = Money(row["amount_cents"], row["currency"])
    worth = [one for one in together.explanations if one.probability >= _WORTH_A_LOOK][:MAX_PROPOSALS]
    strong = together.line.strong_places
    settled = [number for place in strong for number in place.settled]
    if (
        worth
        and _is_sure(worth, books)
        and (not settled or _is_mistaken(worth[0], named))
        and _is_allowed(worth[0], books)
    ):
        return _proposal(line_id, worth[0], books, amount, "automatic")
    if strong and len(settled) >= len(strong) and not (worth and worth[0].probability > 0.5):
        return Decision(
            line_id,
            "proposed",
            ALREADY_SETTLED(numbers=_listed(settled), amount=amount),
            "number:already_settled",
            0.5,
            named[0]["customer_id"],
        )
    if not worth:
        payers = together.line.payers
        known = named[0]["customer_id"] if named else payers[0].customer_id if payers else None
        reason = _why_none(together, books, named, amount, was_refused)
        return Decision(line_id, "none", reason, customer_id=known)
    proposals = [_proposal(line_id, one, books, amount, "proposed") for one in worth]
    best = proposals[0]
    if settled and worth[0].evidence in STRONG:
        others = [item.number for item, _ in worth[0].settled]
        reason = PARTLY_SETTLED(settled=_listed(settled), numbers=_listed(others))
        best = replace(best, reason=reason)
    elif alone.explanations and _is_sure(alone.explanations, books) and not _is_sure(worth, books):
        numbers = _listed([item.number for item, _ in alone.explanations[0].settled])
        best = replace(best, reason=CONTESTED(numbers=numbers))
    elif len(worth) > 1 and worth[1].probability > worth[0].probability / 3:
        best = replace(best, reason=RIVALS(reason=best.reason))
    return replace(best, others=tuple(proposals[1:]))


def _is_sure(explanations: Sequence[Explanation], books: Books) -> bool:
    first = explanations[0].probability
    second = explanations[1].probability if len(explanations) > 1 else 0.0
    return first >= books.thresholds.probability and first - second >= books.thresholds.margin


def _is_allowed(explanation: Explanation, books: Books) -> bool:
    """Whether what the customer kept back may be closed without a person: by rule, or by this customer's habit."""
    return all(
        kind in books.rules.automatic or books.experience.allows(explanation.pattern, item.customer_id)
        for item, kind, _ in explanation.adjustments
    )


def _is_mistaken(explanation: Explanation, named: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the numbers a text names are slips: all of other customers, while the payer recognised owes a number
    nearly the same, of exactly the amount. Else what is settled already is paid again."""
    customers = {item.customer_id for item, _ in explanation.settled}
    return (
        explanation.evidence in CITATIONS
        and explanation.evidence not in STRONG
        and explanation.has_payer
        and explanation.pattern == "exact"
        and all(document["customer_id"] not in customers for document in named)
    )


def _proposal(
    line_id: int, explanation: Explanation, books: Books, amount: Money, outcome: Outcome
) -> Decision:
    largest = max(explanation.settled, key=lambda settled: settled[1])[0]
    return Decision(
        line_id,
        outcome,
        _reason(explanation, books, amount),
        explanation.rule,
        round(min(explanation.probability, 0.9999), 4),
        largest.customer_id,
        tuple(Settled(item.document_id, item.number, cents) for item, cents in explanation.settled if cents),
        tuple(
            Adjustment(item.document_id, item.number, kind, cents)
            for item, kind, cents in explanation.adjustments
        ),
    )


def _reason(explanation: Explanation, books: Books, amount: Money) -> Sentence:
    """Why an explanation is believed: who it is about, and how the amount is made."""
    items = [item for item, _ in explanation.settled]
    numbers = _listed([item.number for item in items])
    open_amount = Money(sum(item.open_cents for item in items), amount.currency)
    known = {"numbers": numbers, "amount": amount}
    match explanation.evidence, explanation.pattern:
        case "own_key", "exact":
            return BY_OWN_KEY(written=explanation.written, **known)
        case "number", "exact":
            return BY_REFERENCE(**known)
        case "number", "instalment":
            return BY_INSTALMENT(**known)
        case "number", "part":
            return PART_PAYMENT(open=open_amount, **known)
        case "number", "over":
            excess = Money(amount.cents - open_amount.cents, amount.currency)
            return OVERPAYMENT(open=open_amount, excess=excess, **known)
        case "short", "exact":
            return SHORT_NUMBER(written=explanation.written, **known)
        case _:
            kept = sum(cents for _, _, cents in explanation.adjustments)
            customer = books.names.get(items[0].customer_id) or items[0].customer
            who = WHO[explanation.evidence](
                customer=customer, recognised=explanation.written, written=explanation.written, cited=numbers
            )
            how = HOW[explanation.pattern](kept=Money(kept, amount.currency), **known)
            return EXPLAINED(who=who, how=how)


def _why_none(
    weighed: Weighed,
    books: Books,
    named: list[dict[str, Any]],
    amount: Money,
    was_refused: bool,
) -> Sentence:
    if was_refused:
        return REFUSED_BEFORE()
    if named:
        if all(document["currency"] != amount.currency for document in named):
            numbers = _listed([document["number"] for document in named])
            return OTHER_CURRENCY(numbers=numbers, currency=amount.currency)
        customers = {document["customer_id"]: document["customer"] for document in named}
        if len(customers) > 1:
            return SEVERAL_CUSTOMERS(customers=", ".join(sorted(customers.values())))
    payers = weighed.line.payers
    if len(payers) == 1:
        return PAYER_OWES_NOTHING(customer=books.names.get(payers[0].customer_id, ""))
    return NOTHING_FITS()


def _listed(numbers: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(numbers))
    shown = ", ".join(distinct[:_MAX_NUMBERS])
    return f"{shown}, … ({len(distinct)})" if len(distinct) > _MAX_NUMBERS else shown
