"""Payouts: what a payment service sends to the bank, of what it is made, and which bank line it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from encours.core.wording import Wording

PAYOUT_LINE = Wording(
    "line.payout",
    fr="Versement {id} de {service} : {gross} d’encaissements déjà comptabilisés un par un, {fees} de frais.",
    en="Payout {id} of {service}: {gross} of receipts that are booked already, one by one, {fees} of fees.",
)
# services say when money should arrive; banks take a week-end, and holidays, more
EARLY_DAYS, LATE_DAYS = 3, 8


@dataclass(frozen=True)
class PayoutSums:
    """What a payout is made of, as positive cents. `own_cents` is what of it our charges explain, fees taken off."""

    gross_cents: int
    fee_cents: int
    refunded_cents: int
    contested_cents: int

    @property
    def own_cents(self) -> int:
        return self.gross_cents - self.refunded_cents - self.contested_cents - self.fee_cents


def sums(lines: Iterable[tuple[str, bool, int, int]]) -> PayoutSums:
    """`lines` are (kind, whether it is of a charge of ours, signed cents, fee cents); fees count whoever's they are.

    >>> sums([("charge", True, 10_000, 150), ("refund", True, -2_000, 0), ("charge", False, 500, 10)])
    PayoutSums(gross_cents=10000, fee_cents=160, refunded_cents=2000, contested_cents=0)
    """
    cents = {"charge": 0, "refund": 0, "chargeback": 0}
    fees = 0
    for kind, is_own, amount, fee in lines:
        fees += fee - (amount if kind == "fee" else 0)
        if is_own and kind in cents:
            cents[kind] += amount
    return PayoutSums(cents["charge"], fees, -cents["refund"], -cents["chargeback"])


@dataclass(frozen=True)
class AwaitedPayout:
    """A payout no bank line is known of. `names` are what its line may say, in capitals; any of them will do."""

    payout_id: int
    amount_cents: int
    currency: str
    arrival_date: date
    names: tuple[str, ...]


@dataclass(frozen=True)
class PossibleLine:
    """A bank line that may be a payout; `text` is all it says, in capitals."""

    line_id: int
    amount_cents: int
    currency: str
    booked_date: date
    text: str


def arrivals(payouts: Sequence[AwaitedPayout], lines: Sequence[PossibleLine]) -> dict[int, int]:
    """Bank line by payout. The amount to the cent, the days about right, and a line that names the service.

    Payouts of the same amount take their lines in the order of days: which is which makes no difference to the money.
    """
    free: dict[tuple[str, int], list[PossibleLine]] = {}
    for line in sorted(lines, key=lambda line: (line.booked_date, line.line_id)):
        free.setdefault((line.currency, line.amount_cents), []).append(line)
    found: dict[int, int] = {}
    for payout in sorted(payouts, key=lambda payout: (payout.arrival_date, payout.payout_id)):
        candidates = free.get((payout.currency, payout.amount_cents), [])
        for line in candidates:
            late = (line.booked_date - payout.arrival_date).days
            if -EARLY_DAYS <= late <= LATE_DAYS and any(name in line.text for name in payout.names):
                found[payout.payout_id] = line.line_id
                candidates.remove(line)
                break
    return found
