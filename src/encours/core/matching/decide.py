"""What is done with a bank line: settled by itself, proposed to a person, or left, with the reason in words.

Automatic only when the amounts say the same as the references, to the cent, and nothing else is possible.
Everything short of that goes to a person.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Literal

import polars as pl

from encours.core.ledger import OpenAmount, net_credit_notes, oldest_first, open_instalments
from encours.core.matching.reasons import (
    ALREADY_SETTLED,
    AMBIGUOUS,
    BY_INSTALMENT,
    BY_OWN_KEY,
    BY_REFERENCE,
    CONTESTED,
    DEBIT,
    NO_REFERENCE,
    OTHER_CURRENCY,
    OVERPAYMENT,
    PART_PAYMENT,
    PARTLY_SETTLED,
    REFUSED_BEFORE,
    RETURNED,
    SEVERAL_CUSTOMERS,
    SHORT_NUMBER,
    WITHOUT_CREDIT_NOTE,
)
from encours.core.matching.stages import OWN_KEY, REFERENCE
from encours.core.money import Money
from encours.core.statements import RETURN_CODES
from encours.core.wording import Sentence

Outcome = Literal["automatic", "proposed", "none", "set_aside"]

MAX_CHOICES = 64


@dataclass(frozen=True)
class Settled:
    """A document and how much of it a line settles: as the ledger signs it, negative for a credit note used up."""

    document_id: int
    number: str
    allocated_cents: int


@dataclass(frozen=True)
class Decision:
    """The answer for one bank line. `lines` is empty when the money stays on the customer's account."""

    line_id: int
    outcome: Outcome
    reason: Sentence
    rule: str = ""
    confidence: float = 0.0
    customer_id: int | None = None
    lines: tuple[Settled, ...] = ()

    @property
    def documents(self) -> frozenset[int]:
        return frozenset(line.document_id for line in self.lines)


@dataclass(frozen=True)
class _Place:
    """One place of a text (or one reference) and the documents it may be."""

    rule: str
    written: str
    is_weak: bool
    is_introduced: bool
    documents: tuple[dict[str, Any], ...]


def decide(
    *,
    lines: pl.DataFrame,
    documents: pl.DataFrame,
    explanations: pl.DataFrame,
    refused: Collection[tuple[int, frozenset[int]]] = (),
) -> list[Decision]:
    """One decision per line (schema `LINES`), in its order: that of the dates decides who comes first.

    `refused` are pairs (line, documents) that a person rejected or undid: they are not brought up again.
    """
    by_id = {row["document_id"]: row for row in documents.iter_rows(named=True)}
    found: dict[int, dict[tuple[str, int, int], list[dict[str, Any]]]] = {}
    for row in explanations.iter_rows(named=True):
        places = found.setdefault(row["line_id"], {})
        places.setdefault((row["rule"], row["start"], row["stop"]), []).append(row)
    decisions = []
    for line in lines.iter_rows(named=True):
        places = [_place(rows, by_id) for rows in found.get(line["line_id"], {}).values()]
        decision = _decide_line(line, places)
        brings_up = decision.outcome in ("automatic", "proposed")
        if brings_up and (decision.line_id, decision.documents) in refused:
            decision = Decision(decision.line_id, "none", REFUSED_BEFORE(), decision.rule)
        decisions.append(decision)
    return contested(decisions)


def contested(decisions: Sequence[Decision]) -> list[Decision]:
    """Never two automatic answers for one document: of equal claims the first stays, unequal ones all go to a person."""
    automatic = [decision for decision in decisions if decision.outcome == "automatic"]
    claims = Counter(document for decision in automatic for document in decision.documents)
    sharing = [
        decision for decision in automatic if any(claims[document] > 1 for document in decision.documents)
    ]
    if not sharing:
        return list(decisions)
    claimants: dict[int, list[Decision]] = {}
    for decision in sharing:
        for document in decision.documents:
            claimants.setdefault(document, []).append(decision)
    answers: dict[int, Decision] = {}
    for decision in sharing:
        rivals = [rival for document in decision.documents for rival in claimants[document]]
        equal = all(rival.documents == decision.documents for rival in rivals)
        if equal and rivals[0] is decision:
            continue
        answers[decision.line_id] = replace(
            decision,
            outcome="proposed",
            confidence=0.5,
            reason=CONTESTED(numbers=_numbers(decision.lines)),
        )
    return [answers.get(decision.line_id, decision) for decision in decisions]


def _place(rows: list[dict[str, Any]], by_id: Mapping[int, dict[str, Any]]) -> _Place:
    first = rows[0]
    documents = {row["document_id"]: by_id[row["document_id"]] for row in rows}
    return _Place(
        first["rule"],
        first["written"],
        all(row["is_weak"] for row in rows),
        any(row["is_introduced"] for row in rows),
        tuple(documents.values()),
    )


def _decide_line(line: Mapping[str, Any], places: list[_Place]) -> Decision:
    line_id, currency = line["line_id"], line["currency"]
    codes = {line["return_reason"], *line["operation_code"].replace("-", "/").split("/")} - {""}
    if line["return_reason"] or codes & RETURN_CODES:
        code = line["return_reason"] or line["operation_code"]
        return Decision(line_id, "none", RETURNED(code=code))
    if line["amount_cents"] <= 0:
        return Decision(line_id, "set_aside", DEBIT())
    if not places:
        return Decision(line_id, "none", NO_REFERENCE())
    same_currency = [kept for place in places if (kept := _in_currency(place, currency)).documents]
    if not same_currency:
        numbers = ", ".join(sorted({d["number"] for place in places for d in place.documents}))
        return Decision(line_id, "none", OTHER_CURRENCY(numbers=numbers, currency=currency))
    # what is strong decides; a short number counts only where there is nothing better
    for chosen in (
        [place for place in same_currency if place.rule == OWN_KEY],
        [place for place in same_currency if not place.is_weak],
    ):
        decision = _weigh(line, chosen) if chosen else None
        if decision and decision.outcome == "automatic":
            return decision
    strong = [place for place in same_currency if not place.is_weak]
    return _weigh(line, strong) if strong else _weigh_weak(line, same_currency)


def _in_currency(place: _Place, currency: str) -> _Place:
    return replace(place, documents=tuple(d for d in place.documents if d["currency"] == currency))


def _weigh(line: Mapping[str, Any], places: list[_Place]) -> Decision:
    """The answer when the references are beyond doubt: only the amount is weighed."""
    if prod(len(place.documents) for place in places) > 1:
        return _weigh_choices(line, places)
    documents = _distinct(place.documents[0] for place in places)
    customers = {document["customer_id"]: document["customer"] for document in documents}
    if len(customers) > 1:
        return Decision(
            line["line_id"], "none", SEVERAL_CUSTOMERS(customers=", ".join(sorted(customers.values())))
        )
    return _weigh_amount(line, documents, places)


def _weigh_choices(line: Mapping[str, Any], places: list[_Place]) -> Decision:
    """A place that may be several documents: the one choice whose sum is the amount, else a person chooses."""
    fitting: list[list[dict[str, Any]]] = []
    if prod(len(place.documents) for place in places) <= MAX_CHOICES:
        for choice in product(*(place.documents for place in places)):
            documents = _distinct(choice)
            one_customer = len({document["customer_id"] for document in documents}) == 1
            all_open = all(document["open_cents"] for document in documents)
            if one_customer and all_open and _open(documents) == line["amount_cents"]:
                fitting.append(documents)
    if len(fitting) == 1:
        return replace(_weigh_amount(line, fitting[0], places), confidence=0.95)
    doubtful = next(place for place in places if len(place.documents) > 1)
    numbers = ", ".join(sorted({f"{d['number']} ({d['customer']})" for d in doubtful.documents}))
    reason = AMBIGUOUS(written=doubtful.written, numbers=numbers)
    if not fitting:
        return Decision(line["line_id"], "none", reason)
    return _decision(line, "proposed", reason, fitting[0], _whole(fitting[0]), confidence=0.5)


def _weigh_amount(line: Mapping[str, Any], documents: list[dict[str, Any]], places: list[_Place]) -> Decision:
    amount = Money(line["amount_cents"], line["currency"])
    still_open = [document for document in documents if document["open_cents"] != 0]
    settled = [document for document in documents if document["open_cents"] == 0]
    invoices = sorted(
        (d for d in still_open if d["open_cents"] > 0), key=lambda d: (d["due_date"], d["document_id"])
    )
    notes = [document for document in still_open if document["open_cents"] < 0]
    if not invoices:
        reason = ALREADY_SETTLED(numbers=_names(documents), amount=amount)
        return _decision(line, "proposed", reason, documents, (), confidence=0.5)
    if settled:
        reason = PARTLY_SETTLED(settled=_names(settled), numbers=_names(still_open))
        return _decision(line, "proposed", reason, documents, _share(line, invoices, notes), confidence=0.5)
    total = _open(still_open)
    if total == amount.cents:
        return _exact(line, still_open, places, amount)
    if notes and _open(invoices) == amount.cents:
        reason = WITHOUT_CREDIT_NOTE(notes=_names(notes), numbers=_names(invoices), amount=amount)
        return _decision(line, "proposed", reason, invoices, _whole(invoices), confidence=0.7)
    if len(still_open) == 1 and amount.cents in _instalment_steps(invoices[0]):
        reason = BY_INSTALMENT(numbers=_names(invoices), amount=amount)
        return _decision(line, "automatic", reason, invoices, _share(line, invoices, []), confidence=0.98)
    words = {"numbers": _names(still_open), "open": Money(total, amount.currency), "amount": amount}
    if amount.cents < total:
        reason = PART_PAYMENT(**words)
        return _decision(line, "proposed", reason, documents, _share(line, invoices, notes), confidence=0.7)
    excess = Money(amount.cents - total, amount.currency)
    reason = OVERPAYMENT(**words, excess=excess)
    return _decision(line, "proposed", reason, documents, _share(line, invoices, notes), confidence=0.6)


def _exact(
    line: Mapping[str, Any], documents: list[dict[str, Any]], places: list[_Place], amount: Money
) -> Decision:
    own = next((place for place in places if place.rule == OWN_KEY), None)
    if own is not None:
        reason = BY_OWN_KEY(written=own.written, numbers=_names(documents), amount=amount)
        return _decision(
            line, "automatic", reason, documents, _whole(documents), rule=OWN_KEY, confidence=1.0
        )
    reason = BY_REFERENCE(numbers=_names(documents), amount=amount)
    confidence = 0.99 if len(documents) == 1 else 0.98
    return _decision(line, "automatic", reason, documents, _whole(documents), confidence=confidence)


def _weigh_weak(line: Mapping[str, Any], places: list[_Place]) -> Decision:
    """Short or date-like numbers: only one document, of exactly this amount, which no other open one has."""
    fitting = {
        document["document_id"]: (place, document)
        for place in places
        for document in place.documents
        if document["open_cents"] == line["amount_cents"] and document["same_amount_count"] == 1
    }
    if len(fitting) != 1:
        return Decision(line["line_id"], "none", NO_REFERENCE())
    ((place, document),) = fitting.values()
    amount = Money(line["amount_cents"], line["currency"])
    if place.is_introduced:
        reason = BY_REFERENCE(numbers=document["number"], amount=amount)
        return _decision(line, "automatic", reason, [document], _whole([document]), confidence=0.95)
    reason = SHORT_NUMBER(written=place.written, numbers=document["number"], amount=amount)
    return _decision(line, "proposed", reason, [document], _whole([document]), confidence=0.6)


def _decision(
    line: Mapping[str, Any],
    outcome: Outcome,
    reason: Sentence,
    documents: Sequence[Mapping[str, Any]],
    lines: tuple[Settled, ...],
    *,
    confidence: float,
    rule: str = REFERENCE,
) -> Decision:
    return Decision(line["line_id"], outcome, reason, rule, confidence, documents[0]["customer_id"], lines)


def _share(
    line: Mapping[str, Any], invoices: list[dict[str, Any]], notes: list[dict[str, Any]]
) -> tuple[Settled, ...]:
    """The amount over the invoices, oldest due first, after the credit notes: what a person would start from."""
    amounts = [OpenAmount(invoice["document_id"], invoice["open_cents"]) for invoice in invoices]
    nettings, left = net_credit_notes([OpenAmount(n["document_id"], n["open_cents"]) for n in notes], amounts)
    taken = Counter({portion.document_id: portion.amount_cents for portion in oldest_first(
        line["amount_cents"], [OpenAmount(key, cents) for key, cents in left.items()])})  # fmt: skip
    for netting in nettings:
        taken[netting.document_id] += netting.amount_cents
        taken[netting.credit_note_id] -= netting.amount_cents
    return tuple(
        Settled(document["document_id"], document["number"], taken[document["document_id"]])
        for document in [*invoices, *notes]
        if taken[document["document_id"]]
    )


def _whole(documents: Sequence[Mapping[str, Any]]) -> tuple[Settled, ...]:
    return tuple(Settled(d["document_id"], d["number"], d["open_cents"]) for d in documents)


def _instalment_steps(document: Mapping[str, Any]) -> set[int]:
    """Amounts that settle the next instalment, the next two …, without the last step (the whole document)."""
    amounts = [int(amount) for amount in document["instalments"].split()]
    open_amounts = open_instalments(
        payable_cents=document["payable_cents"], open_cents=document["open_cents"], instalments=amounts
    )
    steps, total = set(), 0
    for cents in open_amounts:
        total += cents
        steps.add(total)
    return steps - {0}


def _open(documents: Sequence[Mapping[str, Any]]) -> int:
    return sum(document["open_cents"] for document in documents)


def _distinct(documents: Any) -> list[dict[str, Any]]:
    return list({document["document_id"]: document for document in documents}.values())


def _names(documents: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(document["number"] for document in documents)


def _numbers(lines: Sequence[Settled]) -> str:
    return ", ".join(line.number for line in lines)
