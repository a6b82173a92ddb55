"""Which earlier receipt a returned line takes back, and what is said about it.

Only what exactly one receipt can be is taken back without a person; what several can be is proposed, the latest first.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import polars as pl

from encours.core.matching.decide import Decision, Outcome, Settled
from encours.core.matching.return_reasons import reason_of_return
from encours.core.matching.return_ties import (
    MAX_FEE_CENTS,
    Origin,
    Origins,
    Return,
    Tied,
    origins_of,
    returned_line,
)
from encours.core.money import Money
from encours.core.wording import Sentence, Wording

RULE = "returned"  # of matches that take a receipt back
CANCELLED_RULE = "return_cancelled"
BY_PERSON = Wording("return.by_person", fr="choisi à la main", en="chosen by hand")
TAKEN_BACK = Wording(
    "return.taken_back",
    fr="Retour ({why}) du règlement de {customer} du {date}, {amount} : {evidence}.",
    en="Return ({why}) of the receipt from {customer} of {date}, {amount}: {evidence}.",
)
TAKEN_BACK_WITH_FEE = Wording(
    "return.taken_back_with_fee",
    fr="Retour ({why}) du règlement de {customer} du {date}, {amount} : {evidence}. La banque y ajoute {fee} de frais.",
    en="Return ({why}) of the receipt from {customer} of {date}, {amount}: {evidence}. The bank adds {fee} of fees.",
)
ONE_OF_SEVERAL = Wording(
    "return.one_of_several",
    fr="Retour ({why}) : {count} règlements possibles, le plus récent est celui de {customer} du {date}, {amount}"
    " ({evidence}). À confirmer.",
    en="Return ({why}): {count} receipts are possible, the latest is that of {customer} of {date}, {amount}"
    " ({evidence}). To be confirmed.",
)
UNCERTAIN = Wording(
    "return.uncertain",
    fr="Retour ({why}), peut-être du règlement de {customer} du {date}, {amount} ({evidence}). À confirmer.",
    en="Return ({why}), maybe of the receipt from {customer} of {date}, {amount} ({evidence}). To be confirmed.",
)
PART = Wording(
    "return.part",
    fr="Retour ({why}) de {returned}, alors que le règlement reconnu ({customer}, {date}) est de {amount} : à traiter"
    " par une personne.",
    en="Return ({why}) of {returned}, but the receipt it names ({customer}, {date}) is {amount}: for a person to deal with.",
)
NO_ORIGIN = Wording(
    "return.no_origin",
    fr="Retour ({why}) : aucun règlement de {amount} reconnu ne lui correspond.",
    en="Return ({why}): no receipt of {amount} on the books corresponds to it.",
)
OWN_ORDER_CAME_BACK = Wording(
    "return.own_order",
    fr="Argent rendu ({why}) : un paiement émis est revenu, ce n'est pas le règlement d'un client.",
    en="Money given back ({why}): a payment sent out came back, no customer's receipt.",
)
MONEY_AGAIN = Wording(
    "return.cancelled",
    fr="Retour annulé par la banque : les {amount} rendus le {date} pour {customer} reviennent. À confirmer.",
    en="Return cancelled by the bank: the {amount} given back on {date} for {customer} are here again. To be confirmed.",
)
RECEIPT_FIRST = Wording(
    "return.receipt_first",
    fr="Ce retour rend un encaissement qui attend encore : rapprochez d'abord celui-ci.",
    en="This return gives back a receipt that still waits: match that one first.",
)
CANCELLED_TOGETHER = Wording(
    "return.together",
    fr="Reçu le {received} et rendu le {returned} ({why}) avant d'être rapproché : les deux lignes s'annulent.",
    en="Received on {received} and given back on {returned} ({why}) before it was matched: the two lines cancel out.",
)


@dataclass(frozen=True)
class Returned(Decision):
    """A decision about a returned line: `payment_ids` are the receipts it takes back, `lines` what opens again."""

    payment_ids: tuple[int, ...] = ()
    fee_cents: int = 0  # what the bank charged in the same line
    origin_line_id: int | None = None  # the line not yet explained that it takes back


def origins(
    *,
    returns: pl.DataFrame,
    receipts: pl.DataFrame,
    settled: pl.DataFrame,
    refused: Collection[tuple[int, tuple[int, ...]]] = (),
    planned: Mapping[int, Decision] = MappingProxyType({}),
) -> list[Decision]:
    """One decision per returned debit (schema `RETURNED_LINES`), and one per waiting line set aside with it.

    `receipts` (schema `RECEIPTS`) are those in force and the bank lines still waiting, `settled` what the receipts
    settle (schema `SETTLED`). `refused` are pairs (line, receipts) that a person rejected or undid; `planned` what a
    run that writes nothing would have settled (bank line id -> decision). No receipt comes back twice. Where as many returns as receipts cannot be told apart, they are paired in the order of their dates.
    """
    rows = [returned_line(row) for row in returns.iter_rows(named=True) if row["amount_cents"] < 0]
    rows.sort(key=lambda each: (each.booked_date, each.line_id))
    known = Origins([_planned(origin, planned) for origin in origins_of(receipts, settled)])
    refusals = set(refused)
    found = {each.line_id: known.candidates(each, refusals) for each in rows}
    rivals = Counter(tied.origins for tied in found.values())
    taken = _foreseen(planned)
    decisions: list[Decision] = []
    for each in rows:
        tied = found[each.line_id]
        left = [origin for origin in tied.origins if taken.isdisjoint(_marks(origin))]
        is_paired = len({origin.customer_id for origin in left}) == 1
        is_paired &= rivals[tied.origins] >= len(tied.origins)
        if left and tied.is_proven and (len(left) == 1 or is_paired):
            taken |= _marks(left[0])
            decisions += _taken_back(each, left[0], tied, planned)
        else:
            decisions.append(_for_a_person(each, left, tied, known))
    return decisions


def money_again(*, returns: pl.DataFrame, given_back: pl.DataFrame, settled: pl.DataFrame) -> list[Decision]:
    """One decision per returned credit (schema `RETURNED_LINES`): a return the bank cancelled, or an order of ours.

    `given_back` are receipts taken back earlier (schema `RECEIPTS`, with the line and day of the return), `settled`
    what they settled. A cancelled return is proposed as a new receipt for the same documents.
    """
    known = Origins(origins_of(given_back, settled))
    decisions: list[Decision] = []
    for row in returns.iter_rows(named=True):
        if row["amount_cents"] <= 0:
            continue
        each = returned_line(row)
        tied = known.candidates(each, set())
        if not (tied.is_proven and tied.origins):
            decisions.append(
                Decision(each.line_id, "set_aside", OWN_ORDER_CAME_BACK(why=reason_of_return(each.reason)))
            )
            continue
        latest = tied.origins[-1]
        reason = MONEY_AGAIN(
            amount=Money(each.cents, each.currency), date=latest.booked_date, customer=latest.customer
        )
        decisions.append(
            Decision(
                line_id=each.line_id,
                outcome="proposed",
                reason=reason,
                rule=CANCELLED_RULE,
                confidence=0.9,
                customer_id=latest.customer_id,
                lines=latest.settled,
            )
        )
    return decisions


def by_hand(*, line: Mapping[str, Any], receipt: pl.DataFrame, settled: pl.DataFrame) -> Returned | None:
    """A person says which receipt a line (of schema `RETURNED_LINES`) takes back. None when the amounts do not allow it.

    `receipt` (schema `RECEIPTS`) is that receipt, or all of its bank line.
    """
    each = returned_line(line)
    for origin in origins_of(receipt, settled):
        fee = each.cents - origin.cents
        if origin.is_receipt and origin.currency == each.currency and 0 <= fee <= MAX_FEE_CENTS:
            return _returned(each, origin, "automatic", 1.0, _reason(each, origin, BY_PERSON(), fee))
    return None


def _planned(origin: Origin, planned: Mapping[int, Decision]) -> Origin:
    """A waiting line with what a run that writes nothing would have settled by it."""
    decision = None if origin.is_receipt else planned.get(origin.line_id or 0)
    if decision is None:
        return origin
    return replace(origin, customer_id=decision.customer_id, settled=decision.lines)


def _taken_back(each: Return, origin: Origin, tied: Tied, planned: Mapping[int, Decision]) -> list[Decision]:
    is_foreseen = origin.line_id in planned
    if origin.is_receipt or is_foreseen:
        reason = _reason(each, origin, tied.by, each.cents - origin.cents)
        decision = _returned(each, origin, "automatic", tied.confidence, reason)
        return [replace(decision, origin_line_id=origin.line_id) if is_foreseen else decision]
    assert origin.line_id is not None
    reason = CANCELLED_TOGETHER(
        received=origin.booked_date, returned=each.booked_date, why=reason_of_return(each.reason)
    )
    return [
        Returned(each.line_id, "set_aside", reason, RULE, origin_line_id=origin.line_id),
        Decision(origin.line_id, "set_aside", reason, RULE),
    ]


def _for_a_person(each: Return, left: Sequence[Origin], tied: Tied, known: Origins) -> Decision:
    receipts = [origin for origin in left if origin.is_receipt]
    why, returned = reason_of_return(each.reason), Money(each.cents, each.currency)
    if not receipts:
        named = known.named_by(each)
        reason = NO_ORIGIN(why=why, amount=returned)
        if named:
            latest, amount = named[-1], Money(named[-1].cents, named[-1].currency)
            reason = PART(
                why=why, returned=returned, customer=latest.customer, date=latest.booked_date, amount=amount
            )
        return Decision(each.line_id, "none", reason, RULE)
    latest = receipts[-1]
    said = ONE_OF_SEVERAL if len(receipts) > 1 else UNCERTAIN
    reason = said(
        why=why, count=len(receipts), customer=latest.customer, date=latest.booked_date,
        amount=Money(latest.cents, latest.currency), evidence=tied.by,
    )  # fmt: skip
    return _returned(each, latest, "proposed", tied.confidence / len(receipts), reason)


def _reason(each: Return, origin: Origin, evidence: Sentence, fee_cents: int) -> Sentence:
    said = TAKEN_BACK_WITH_FEE if fee_cents else TAKEN_BACK
    fee = {"fee": Money(fee_cents, each.currency)} if fee_cents else {}
    return said(
        why=reason_of_return(each.reason), customer=origin.customer, date=origin.booked_date,
        amount=Money(origin.cents, origin.currency), evidence=evidence, **fee,
    )  # fmt: skip


def _returned(
    each: Return, origin: Origin, outcome: Outcome, confidence: float, reason: Sentence
) -> Returned:
    # what a person confirms later are these receipts, not others that look the same by then
    reason = Sentence(reason.code, dict(reason.params) | {"payment_ids": list(origin.payment_ids)})
    return Returned(
        line_id=each.line_id,
        outcome=outcome,
        reason=reason,
        rule=RULE,
        confidence=confidence,
        customer_id=origin.customer_id,
        lines=_opposite(origin.settled),
        payment_ids=origin.payment_ids,
        fee_cents=each.cents - origin.cents,
    )


def _opposite(lines: Iterable[Settled]) -> tuple[Settled, ...]:
    return tuple(replace(line, allocated_cents=-line.allocated_cents) for line in lines)


def _marks(origin: Origin) -> set[int]:
    """What no other return may take: the receipts, or the waiting line (negative)."""
    if origin.is_receipt:
        return set(origin.payment_ids)
    return {-origin.line_id} if origin.line_id is not None else set()


def _foreseen(planned: Mapping[int, Decision]) -> set[int]:
    """Marks of what returns decided earlier in a run that writes nothing would have taken."""
    earlier = [each for each in planned.values() if isinstance(each, Returned)]
    receipts = {key for each in earlier for key in each.payment_ids}
    return receipts | {-each.origin_line_id for each in earlier if each.origin_line_id is not None}
