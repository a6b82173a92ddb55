"""Which earlier receipt a returned line takes back.

A return is tied to its receipt by what both carry, strongest first: a reference only they have, the mandate, the
number of a document the receipt settled, the payer. The amounts must agree to the cent, or differ by what the bank says
it charged. Only what exactly one receipt can be is taken back without a person.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import polars as pl

from encours.core.matching.decide import Decision, Settled
from encours.core.matching.frames import LINES
from encours.core.matching.return_reasons import LATEST_DAYS, reason_of_return, within
from encours.core.money import Money
from encours.core.parties import bank_name
from encours.core.references import number_parts
from encours.core.wording import Sentence, Wording

RULE = "returned"  # of matches that take a receipt back
CANCELLED_RULE = "return_cancelled"
RETURNED_LINES = pl.Schema(
    dict(LINES)
    | {
        "references": pl.String,  # ids of the bank and of the payment chain, divided by spaces
        "original_cents": pl.Int64,  # amount of the payment that comes back; null when the bank does not say
    }
)
RECEIPTS = pl.Schema(
    {
        "line_id": pl.Int64,  # its bank line; null when it has none
        "payment_id": pl.Int64,  # null for a bank line that nobody has explained yet
        "customer_id": pl.Int64,  # null likewise
        "customer": pl.String,
        "amount_cents": pl.Int64,
        "currency": pl.String,
        "booked_date": pl.Date,
        "end_to_end_id": pl.String,
        "mandate_id": pl.String,
        "references": pl.String,
        "names": pl.String,  # `bank_name` of the payer and of the customer, divided by `|`
        "iban": pl.String,
    }
)
SETTLED = pl.Schema(
    {
        "payment_id": pl.Int64,
        "document_id": pl.Int64,
        "number": pl.String,
        "amount_cents": pl.Int64,  # of the allocations in force, positive
    }
)

BY_REFERENCE = Wording(
    "return.by_reference", fr="même référence de paiement", en="the same payment reference"
)
BY_MANDATE = Wording("return.by_mandate", fr="même mandat", en="the same mandate")
BY_NUMBER = Wording(
    "return.by_number", fr="le libellé cite un document réglé", en="the text names a document it settled"
)
BY_PAYER = Wording(
    "return.by_payer", fr="même payeur et même montant", en="the same payer and the same amount"
)
BY_PERSON = Wording("return.by_person", fr="choisi à la main", en="chosen by hand")
BY_AMOUNT = Wording("return.by_amount", fr="même montant seulement", en="only the same amount")
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
CANCELLED_TOGETHER = Wording(
    "return.together",
    fr="Reçu le {received} et rendu le {returned} ({why}) avant d'être rapproché : les deux lignes s'annulent.",
    en="Received on {received} and given back on {returned} ({why}) before it was matched: the two lines cancel out.",
)

# What banks charge for an unpaid item on top of it, at the most; beyond it is no fee.
MAX_FEE_CENTS = 5_000
_MAX_PROPOSED_FROM = 20
_SHORTEST_NAME, _SHORTEST_NUMBER = 5, 4
_AMOUNT_FIXED = re.compile(r"(?P<currency>[A-Z]{3})(?P<decimals>\d)(?P<units>\d{14})")
_AMOUNT_PLAIN = re.compile(r"(?:([A-Z]{3})\s?)?(\d{1,12})[.,](\d{2})(?:\s?([A-Z]{3}))?")


@dataclass(frozen=True)
class Returned(Decision):
    """A decision about a returned line: `payment_ids` are the receipts it takes back, `lines` what opens again."""

    payment_ids: tuple[int, ...] = ()
    fee_cents: int = 0  # what the bank charged in the same line
    origin_line_id: int | None = None  # the line not yet explained that it takes back


@dataclass(frozen=True)
class _Return:
    """A returned line as it is compared with receipts. `cents` is positive."""

    line_id: int
    booked_date: date
    cents: int
    original_cents: int
    currency: str
    end_to_end_id: str
    mandate_id: str
    references: frozenset[str]
    name: str
    iban: str
    text: str  # `bank_name` form
    parts: tuple[str, ...]  # `number_parts` of the text
    reason: str


@dataclass(frozen=True)
class _Origin:
    """What may come back: a bank line's receipts (all or one of them), or a line that nobody has explained yet."""

    line_id: int | None
    payment_ids: tuple[int, ...]  # none of a line not yet explained
    customer_id: int | None
    customer: str
    cents: int
    currency: str
    booked_date: date
    end_to_end_id: str
    mandate_id: str
    references: frozenset[str]
    names: frozenset[str]
    iban: str
    settled: tuple[Settled, ...]

    @property
    def is_receipt(self) -> bool:
        return bool(self.payment_ids)


@dataclass(frozen=True)
class _Candidates:
    """The origins that a return's strongest evidence leaves, the oldest first. `is_proven`: one alone is certain."""

    origins: tuple[_Origin, ...]
    evidence: Sentence
    confidence: float
    is_proven: bool


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
    rows = [_return(row) for row in returns.iter_rows(named=True) if row["amount_cents"] < 0]
    rows.sort(key=lambda each: (each.booked_date, each.line_id))
    known = [_planned(origin, planned) for origin in _origins(receipts, settled)]
    refusals = set(refused)
    found = {
        each.line_id: _candidates(each, [o for o in known if (each.line_id, o.payment_ids) not in refusals])
        for each in rows
    }
    rivals = Counter(candidates.origins for candidates in found.values())
    taken = _foreseen(planned)
    decisions: list[Decision] = []
    for each in rows:
        candidates = found[each.line_id]
        left = [origin for origin in candidates.origins if taken.isdisjoint(_marks(origin))]
        is_paired = len({origin.customer_id for origin in left}) == 1
        is_paired &= rivals[candidates.origins] >= len(candidates.origins)
        is_certain = len(left) == 1 or is_paired
        if left and candidates.is_proven and is_certain:
            taken |= _marks(left[0])
            decisions += _taken_back(each, left[0], candidates, planned)
        else:
            decisions.append(_for_a_person(each, left, candidates, known))
    return decisions


def money_again(*, returns: pl.DataFrame, given_back: pl.DataFrame, settled: pl.DataFrame) -> list[Decision]:
    """One decision per returned credit (schema `RETURNED_LINES`): a return the bank cancelled, or an order of ours.

    `given_back` are receipts taken back earlier (schema `RECEIPTS`, with the line and day of the return), `settled`
    what they settled. A cancelled return is proposed as a new receipt for the same documents.
    """
    known = _origins(given_back, settled)
    decisions: list[Decision] = []
    for row in returns.iter_rows(named=True):
        if row["amount_cents"] <= 0:
            continue
        each = _return(row)
        candidates = _candidates(each, known)
        if not (candidates.is_proven and candidates.origins):
            decisions.append(
                Decision(each.line_id, "set_aside", OWN_ORDER_CAME_BACK(why=reason_of_return(each.reason)))
            )
            continue
        latest = candidates.origins[-1]
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
    each = _return(line)
    for origin in _origins(receipt, settled):
        fee = each.cents - origin.cents
        if origin.is_receipt and origin.currency == each.currency and 0 <= fee <= MAX_FEE_CENTS:
            return _returned(each, origin, "automatic", 1.0, _reason(each, origin, BY_PERSON(), fee))
    return None


def original_cents(*, written: str, currency: str) -> int | None:
    """The amount of a payment before charges, as banks write it: `EUR200000000012000` (CFONB MMO), `EUR120,00`."""
    text = written.strip().upper()
    if (fixed := _AMOUNT_FIXED.match(text)) and fixed["currency"] == currency and fixed["decimals"] == "2":
        return int(fixed["units"])
    if (plain := _AMOUNT_PLAIN.fullmatch(text)) and (plain[1] or plain[4]) == currency:
        return int(plain[2] + plain[3])
    return None


def _return(row: Mapping[str, Any]) -> _Return:
    cents = abs(row["amount_cents"])
    return _Return(
        line_id=row["line_id"],
        booked_date=row["booked_date"],
        cents=cents,
        original_cents=row["original_cents"] or cents,
        currency=row["currency"],
        end_to_end_id=row["end_to_end_id"],
        mandate_id=row["mandate_id"],
        references=_references(row),
        name=bank_name(row["counterparty_name"]),
        iban=row["counterparty_iban"],
        text=f" {bank_name(row['remittance'])} ",
        parts=tuple(number_parts(row["remittance"])),
        reason=row["return_reason"],
    )


def _origins(receipts: pl.DataFrame, settled: pl.DataFrame) -> list[_Origin]:
    """Every receipt, every bank line of several receipts as a whole, every waiting line; the oldest first."""
    by_payment: dict[int, list[Settled]] = {}
    for row in settled.iter_rows(named=True):
        line = Settled(row["document_id"], row["number"], row["amount_cents"])
        by_payment.setdefault(row["payment_id"], []).append(line)
    of_line: dict[int, list[dict[str, Any]]] = {}
    alone: list[list[dict[str, Any]]] = []
    for row in receipts.iter_rows(named=True):
        alone.append([row])
        if row["line_id"] is not None:
            of_line.setdefault(row["line_id"], []).append(row)
    groups = alone + [rows for rows in of_line.values() if len(rows) > 1]
    found = [_origin(rows, by_payment) for rows in groups]
    return sorted(found, key=lambda origin: (origin.booked_date, origin.line_id or 0, origin.payment_ids))


def _planned(origin: _Origin, planned: Mapping[int, Decision]) -> _Origin:
    """A waiting line with what a run that writes nothing would have settled by it."""
    decision = None if origin.is_receipt else planned.get(origin.line_id or 0)
    if decision is None:
        return origin
    return replace(origin, customer_id=decision.customer_id, settled=decision.lines)


def _origin(rows: Sequence[Mapping[str, Any]], by_payment: Mapping[int, list[Settled]]) -> _Origin:
    first = rows[0]
    payments = tuple(row["payment_id"] for row in rows if row["payment_id"] is not None)
    return _Origin(
        line_id=first["line_id"],
        payment_ids=payments,
        customer_id=first["customer_id"],
        customer=", ".join(dict.fromkeys(row["customer"] for row in rows)),
        cents=sum(row["amount_cents"] for row in rows),
        currency=first["currency"],
        booked_date=first["booked_date"],
        end_to_end_id=first["end_to_end_id"],
        mandate_id=first["mandate_id"],
        references=_references(first),
        names=frozenset(name for row in rows for name in row["names"].split("|") if name),
        iban=first["iban"],
        settled=tuple(line for payment in payments for line in by_payment.get(payment, ())),
    )


def _references(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(row["references"].split())


def _same_reference(each: _Return, origin: _Origin) -> bool:
    if each.end_to_end_id and each.end_to_end_id == origin.end_to_end_id:
        return True
    return not each.references.isdisjoint(origin.references)


def _same_mandate(each: _Return, origin: _Origin) -> bool:
    return bool(each.mandate_id) and each.mandate_id == origin.mandate_id


def _named_document(each: _Return, origin: _Origin) -> bool:
    return any(_holds(each.parts, tuple(number_parts(line.number))) for line in origin.settled)


def _same_payer(each: _Return, origin: _Origin) -> bool:
    if each.iban and each.iban == origin.iban:
        return True
    return each.name in origin.names or any(
        len(name) >= _SHORTEST_NAME and f" {name} " in each.text for name in origin.names
    )


@dataclass(frozen=True)
class _Evidence:
    """What ties a return to a receipt. `allows_fee`: strong enough when the bank's charge is in the amount too."""

    wording: Wording
    holds: Callable[[_Return, _Origin], bool]
    confidence: float
    allows_fee: bool = True
    is_proof: bool = True


_EVIDENCE = (
    _Evidence(BY_REFERENCE, _same_reference, 1.0),
    _Evidence(BY_MANDATE, _same_mandate, 0.99),
    _Evidence(BY_NUMBER, _named_document, 0.99),
    _Evidence(BY_PAYER, _same_payer, 0.97, allows_fee=False),
    _Evidence(BY_AMOUNT, lambda _each, _origin: True, 0.3, allows_fee=False, is_proof=False),
)


def _candidates(each: _Return, known: Sequence[_Origin]) -> _Candidates:
    """Narrowed by each evidence in turn: what a weaker one says counts among those the stronger one leaves."""
    strongest: _Evidence | None = None
    left: list[_Origin] = []
    for evidence in _EVIDENCE:
        tied = [origin for origin in (left or known) if _fits(each, origin, evidence)]
        if tied:
            strongest, left = strongest or evidence, tied
    if strongest is None:
        return _Candidates((), BY_AMOUNT(), 0.0, is_proven=False)
    left = [origin for origin in left if not _contradicts(each, origin)] or left
    in_time = [origin for origin in left if each.booked_date - origin.booked_date <= within(each.reason)]
    is_reference = strongest.wording is BY_REFERENCE
    left = in_time or left
    is_proven = (
        strongest.is_proof
        and (is_reference or bool(in_time))
        and not any(_contradicts(each, origin) for origin in left)
    )
    return _Candidates(tuple(left), strongest.wording(), strongest.confidence, is_proven)


def _fits(each: _Return, origin: _Origin, evidence: _Evidence) -> bool:
    since = each.booked_date - origin.booked_date
    if origin.currency != each.currency or not timedelta(0) <= since <= timedelta(days=LATEST_DAYS):
        return False
    if each.mandate_id and origin.mandate_id and each.mandate_id != origin.mandate_id:
        return False
    fee = each.cents - origin.cents
    exact = origin.cents in (each.cents, each.original_cents) and fee >= 0
    return (exact or (evidence.allows_fee and 0 < fee <= MAX_FEE_CENTS)) and evidence.holds(each, origin)


def _contradicts(each: _Return, origin: _Origin) -> bool:
    """Both have an end-to-end id, or an account, and these differ: maybe another payment."""
    if _same_reference(each, origin):
        return False
    other_id = each.end_to_end_id and origin.end_to_end_id and each.end_to_end_id != origin.end_to_end_id
    return bool(other_id) or bool(each.iban and origin.iban and each.iban != origin.iban)


def _taken_back(
    each: _Return, origin: _Origin, candidates: _Candidates, planned: Mapping[int, Decision]
) -> list[Decision]:
    is_foreseen = origin.line_id in planned
    if origin.is_receipt or is_foreseen:
        reason = _reason(each, origin, candidates.evidence, each.cents - origin.cents)
        decision = _returned(each, origin, "automatic", candidates.confidence, reason)
        return [replace(decision, origin_line_id=origin.line_id) if is_foreseen else decision]
    assert origin.line_id is not None
    reason = CANCELLED_TOGETHER(
        received=origin.booked_date, returned=each.booked_date, why=reason_of_return(each.reason)
    )
    return [
        Returned(each.line_id, "set_aside", reason, RULE, origin_line_id=origin.line_id),
        Decision(origin.line_id, "set_aside", reason, RULE),
    ]


def _for_a_person(
    each: _Return, left: Sequence[_Origin], candidates: _Candidates, known: Iterable[_Origin]
) -> Decision:
    receipts = [origin for origin in left if origin.is_receipt]
    why = reason_of_return(each.reason)
    if not receipts or (not candidates.is_proven and len(receipts) > _MAX_PROPOSED_FROM):
        named = [origin for origin in known if _same_reference(each, origin) and origin.is_receipt]
        if named and not receipts:
            latest = named[-1]
            return Decision(
                each.line_id, "none",
                PART(why=why, returned=Money(each.cents, each.currency), customer=latest.customer,
                     date=latest.booked_date, amount=Money(latest.cents, latest.currency)),
                RULE,
            )  # fmt: skip
        return Decision(
            each.line_id, "none", NO_ORIGIN(why=why, amount=Money(each.cents, each.currency)), RULE
        )
    latest = receipts[-1]
    said = ONE_OF_SEVERAL if len(receipts) > 1 else UNCERTAIN
    reason = said(
        why=why, count=len(receipts), customer=latest.customer, date=latest.booked_date,
        amount=Money(latest.cents, latest.currency), evidence=candidates.evidence,
    )  # fmt: skip
    return _returned(each, latest, "proposed", candidates.confidence / len(receipts), reason)


def _reason(each: _Return, origin: _Origin, evidence: Sentence, fee_cents: int) -> Sentence:
    said = TAKEN_BACK_WITH_FEE if fee_cents else TAKEN_BACK
    fee = {"fee": Money(fee_cents, each.currency)} if fee_cents else {}
    return said(
        why=reason_of_return(each.reason), customer=origin.customer, date=origin.booked_date,
        amount=Money(origin.cents, origin.currency), evidence=evidence, **fee,
    )  # fmt: skip


def _returned(each: _Return, origin: _Origin, outcome: Any, confidence: float, reason: Sentence) -> Returned:
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


def _marks(origin: _Origin) -> set[int]:
    """What no other return may take: the receipts, or the waiting line (negative)."""
    if origin.is_receipt:
        return set(origin.payment_ids)
    return {-origin.line_id} if origin.line_id is not None else set()


def _foreseen(planned: Mapping[int, Decision]) -> set[int]:
    """Marks of what returns decided earlier in a run that writes nothing would have taken."""
    earlier = [each for each in planned.values() if isinstance(each, Returned)]
    receipts = {key for each in earlier for key in each.payment_ids}
    return receipts | {-each.origin_line_id for each in earlier if each.origin_line_id is not None}


def _holds(parts: tuple[str, ...], number: tuple[str, ...]) -> bool:
    """Whether the parts of a document's number stand in a text, in order and together."""
    if len("".join(number)) < _SHORTEST_NUMBER:
        return False
    size = len(number)
    return any(parts[start : start + size] == number for start in range(len(parts) - size + 1))
