"""What ties a returned line to an earlier receipt, strongest first, and how much of it is proof.

A reference that only this payment carries, the mandate, the number of a document the receipt settled, the payer. Weaker
ties narrow down what the stronger ones leave. The amount must agree to the cent, or differ by what a bank charges.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from encours.core.matching.decide import Settled
from encours.core.matching.frames import LINES
from encours.core.matching.return_reasons import LATEST_DAYS, within
from encours.core.parties import bank_name
from encours.core.references import normalised_number, number_parts
from encours.core.wording import Sentence, Wording

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
BY_AMOUNT = Wording("return.by_amount", fr="même montant seulement", en="only the same amount")

# What banks charge for an unpaid item on top of it, at the most; beyond it is no fee.
MAX_FEE_CENTS = 5_000
_SHORTEST_NAME, _SHORTEST_NUMBER = 5, 4
_LONGEST_WORDS = 8  # of a name or a number's parts
_MOST_BY_AMOUNT = 20  # of more than these, an amount says nothing
_AMOUNT_FIXED = re.compile(r"(?P<currency>[A-Z]{3})(?P<decimals>\d)(?P<units>\d{14})")
_AMOUNT_PLAIN = re.compile(r"(?:([A-Z]{3})\s?)?(\d{1,12})[.,](\d{2})(?:\s?([A-Z]{3}))?")


@dataclass(frozen=True)
class Return:
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


@dataclass(frozen=True, eq=False)
class Origin:
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
class Tied:
    """The origins that a return's strongest tie leaves, the oldest first. `is_proven`: one alone is certain."""

    origins: tuple[Origin, ...]
    by: Sentence
    confidence: float
    is_proven: bool


@dataclass(frozen=True)
class _Tie:
    """A kind of tie. `allows_fee`: strong enough when the bank's charge is in the amount too."""

    wording: Wording
    of_return: Callable[[Return], Iterator[str]]
    of_origin: Callable[[Origin], Iterator[str]]
    confidence: float
    allows_fee: bool = False
    is_proof: bool = True


def same_reference(each: Return, origin: Origin) -> bool:
    """Whether both carry one id of the payment."""
    return not set(_references_of(each)).isdisjoint(_references_of(origin))


def _references_of(each: Return | Origin) -> Iterator[str]:
    if each.end_to_end_id:
        yield f"end to end {each.end_to_end_id}"
    yield from each.references


def _mandate_of(each: Return | Origin) -> Iterator[str]:
    if each.mandate_id:
        yield each.mandate_id


def _numbers_in(each: Return) -> Iterator[str]:
    return _stretches(each.parts, "")


def _numbers_of(origin: Origin) -> Iterator[str]:
    for line in origin.settled:
        number = normalised_number(line.number)
        if len(number) >= _SHORTEST_NUMBER:
            yield number


def _payers_in(each: Return) -> Iterator[str]:
    yield from (each.name, each.iban)
    yield from (name for name in _stretches(each.text.split(), " ") if len(name) >= _SHORTEST_NAME)


def _payers_of(origin: Origin) -> Iterator[str]:
    yield from origin.names
    yield origin.iban


def _amounts_of(each: Return) -> Iterator[str]:
    yield f"{each.currency} {each.cents}"
    yield f"{each.currency} {each.original_cents}"


def _amount_of(origin: Origin) -> Iterator[str]:
    yield f"{origin.currency} {origin.cents}"


_REFERENCE = _Tie(BY_REFERENCE, _references_of, _references_of, 1.0, allows_fee=True)
_AMOUNT = _Tie(BY_AMOUNT, _amounts_of, _amount_of, 0.3, is_proof=False)
_TIES = (
    _REFERENCE,
    _Tie(BY_MANDATE, _mandate_of, _mandate_of, 0.99, allows_fee=True),
    _Tie(BY_NUMBER, _numbers_in, _numbers_of, 0.99),
    _Tie(BY_PAYER, _payers_in, _payers_of, 0.97),
    _AMOUNT,
)


class Origins:
    """Everything that may come back, looked up by what a return can have in common with it."""

    def __init__(self, origins: Sequence[Origin]) -> None:
        self._origins = origins
        self._places: dict[tuple[Wording, str], list[int]] = {}
        for place, origin in enumerate(origins):
            for tie in _TIES:
                for value in tie.of_origin(origin):
                    if value:
                        self._places.setdefault((tie.wording, value), []).append(place)

    def tied(self, each: Return, tie: _Tie) -> set[int]:
        return {
            place for value in tie.of_return(each) for place in self._places.get((tie.wording, value), ())
        }

    def named_by(self, each: Return) -> list[Origin]:
        """Receipts with an id that the return carries, whatever their amounts; the oldest first."""
        found = [self._origins[place] for place in sorted(self.tied(each, _REFERENCE))]
        return [origin for origin in found if origin.is_receipt]

    def candidates(self, each: Return, refused: set[tuple[int, tuple[int, ...]]]) -> Tied:
        """Narrowed by each tie in turn: what a weaker one says counts among those the stronger one leaves."""
        strongest: _Tie | None = None
        left: set[int] = set()
        for tie in _TIES:
            found = self.tied(each, tie)
            fitting = {
                place
                for place in (found & left if left else found)
                if _fits(each, self._origins[place], tie)
                and (each.line_id, self._origins[place].payment_ids) not in refused
            }
            if fitting:
                strongest, left = strongest or tie, fitting
        if strongest is None or (strongest is _AMOUNT and len(left) > _MOST_BY_AMOUNT):
            return Tied((), BY_AMOUNT(), 0.0, is_proven=False)
        return _judged(each, [self._origins[place] for place in sorted(left)], strongest)


def original_cents(*, written: str, currency: str) -> int | None:
    """The amount of a payment before charges, as banks write it: `EUR200000000012000` (CFONB MMO), `EUR120,00`."""
    text = written.strip().upper()
    if (fixed := _AMOUNT_FIXED.match(text)) and fixed["currency"] == currency and fixed["decimals"] == "2":
        return int(fixed["units"])
    if (plain := _AMOUNT_PLAIN.fullmatch(text)) and (plain[1] or plain[4]) == currency:
        return int(plain[2] + plain[3])
    return None


def returned_line(row: Mapping[str, Any]) -> Return:
    """A row of schema `RETURNED_LINES`."""
    cents = abs(row["amount_cents"])
    return Return(
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
        text=bank_name(row["remittance"]),
        parts=tuple(number_parts(row["remittance"])),
        reason=row["return_reason"],
    )


def origins_of(receipts: pl.DataFrame, settled: pl.DataFrame) -> list[Origin]:
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


def _origin(rows: Sequence[Mapping[str, Any]], by_payment: Mapping[int, list[Settled]]) -> Origin:
    first = rows[0]
    payments = tuple(row["payment_id"] for row in rows if row["payment_id"] is not None)
    return Origin(
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


def _judged(each: Return, left: list[Origin], by: _Tie) -> Tied:
    """Without what contradicts, within the delay of the reason, where anything is left so."""
    agreeing = [origin for origin in left if not _contradicts(each, origin)]
    left = agreeing or left
    in_time = [origin for origin in left if each.booked_date - origin.booked_date <= within(each.reason)]
    is_proven = by.is_proof and bool(agreeing) and (by is _REFERENCE or bool(in_time))
    return Tied(tuple(in_time or left), by.wording(), by.confidence, is_proven)


def _fits(each: Return, origin: Origin, tie: _Tie) -> bool:
    """The amount, the currency, the days and the mandate allow it."""
    fee = each.cents - origin.cents
    is_exact = origin.cents in (each.cents, each.original_cents) and fee >= 0
    if not (is_exact or (tie.allows_fee and 0 < fee <= MAX_FEE_CENTS)) or origin.currency != each.currency:
        return False
    if each.mandate_id and origin.mandate_id and each.mandate_id != origin.mandate_id:
        return False
    return timedelta(0) <= each.booked_date - origin.booked_date <= timedelta(days=LATEST_DAYS)


def _contradicts(each: Return, origin: Origin) -> bool:
    """Both have an end-to-end id, or an account, and these differ: maybe another payment."""
    if same_reference(each, origin):
        return False
    is_other = each.end_to_end_id and origin.end_to_end_id and each.end_to_end_id != origin.end_to_end_id
    return bool(is_other) or bool(each.iban and origin.iban and each.iban != origin.iban)


def _stretches(words: Sequence[str], joined_by: str) -> Iterator[str]:
    """Every run of neighbouring words, the longest of `_LONGEST_WORDS`."""
    for start in range(len(words)):
        for stop in range(start + 1, min(len(words), start + _LONGEST_WORDS) + 1):
            yield joined_by.join(words[start:stop])
