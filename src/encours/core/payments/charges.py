"""The life of a charge: its states, which word of a service counts, and what of it belongs in the ledger.

What a service says last is the truth. What is booked is made equal to it: nothing depends on the order in which its
words arrive, nor on how often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from encours.core.wording import Wording

CREATED, OPEN, PENDING = "created", "open", "pending"
SUCCEEDED, FAILED, CANCELED, EXPIRED = "succeeded", "failed", "canceled", "expired"
RETURNED = "returned"
UNFINISHED = (CREATED, OPEN, PENDING)
# the same moment told twice: the further state is the later one
_RANKS = {
    CREATED: 0, OPEN: 1, PENDING: 2, EXPIRED: 3, CANCELED: 3, FAILED: 3, SUCCEEDED: 4, RETURNED: 5,
}  # fmt: skip

STATES = {
    CREATED: Wording("charge_state.created", fr="en préparation", en="being prepared"),
    OPEN: Wording("charge_state.open", fr="attend le client", en="waits for the customer"),
    PENDING: Wording("charge_state.pending", fr="en cours", en="on its way"),
    SUCCEEDED: Wording("charge_state.succeeded", fr="encaissé", en="received"),
    FAILED: Wording("charge_state.failed", fr="échoué", en="failed"),
    CANCELED: Wording("charge_state.canceled", fr="annulé", en="canceled"),
    EXPIRED: Wording("charge_state.expired", fr="expiré", en="expired"),
    RETURNED: Wording("charge_state.returned", fr="rendu", en="returned"),
}
OTHER_PAYMENT = Wording(
    "charge.other_payment",
    fr="{service} répond pour un autre paiement ({told}) que celui demandé ({ours}) : rien n’en est comptabilisé. À vérifier"
    " chez {service}.",
    en="{service} answers for another payment ({told}) than the one asked for ({ours}): nothing of it is booked. Check it at"
    " {service}.",
)
OTHER_CURRENCY = Wording(
    "charge.other_currency",
    fr="{service} a pris le paiement {ours} en {told} au lieu de {currency} : rien n’en est comptabilisé. À vérifier chez"
    " {service}.",
    en="{service} took payment {ours} in {told} instead of {currency}: nothing of it is booked. Check it at {service}.",
)
OTHER_AMOUNT = Wording(
    "charge.other_amount",
    fr="{told} ont été encaissés, {asked} étaient demandés : la différence est laissée à une personne.",
    en="{told} was received, {asked} was asked for: the difference is left to a person.",
)
LEFT_OVER = Wording(
    "charge.left_over",
    fr="{left} de ce paiement n’ont plus rien trouvé à régler : ils restent au crédit du client, à lui rendre ou à imputer.",
    en="{left} of this payment found nothing left to settle: it stays the customer’s credit, to be given back or allocated.",
)
CONTESTED = Wording(
    "charge.contested",
    fr="Le payeur conteste ce paiement auprès de sa banque : {amount} repris.",
    en="The payer contests this payment at their bank: {amount} taken back.",
)
NEVER_ASKED = Wording(
    "charge.never_asked",
    fr="La demande n’est jamais arrivée au service de paiement.",
    en="The request never reached the payment service.",
)
SETTLED_MEANWHILE = Wording(
    "charge.settled_meanwhile",
    fr="Réglé autrement entre-temps : la demande n’est pas répétée.",
    en="Settled otherwise meanwhile: the request is not repeated.",
)


@dataclass(frozen=True)
class Position:
    """What the ledger holds of a charge, as positive cents. `received` − `refunded` − `taken_back` is left in the account.

    `taken_back` is money that went back without a refund: a direct debit returned, a payment contested.
    """

    received_cents: int = 0
    refunded_cents: int = 0
    taken_back_cents: int = 0

    @property
    def kept_cents(self) -> int:
        return self.received_cents - self.refunded_cents - self.taken_back_cents


def is_news(
    *, state: str, told_at: datetime, known_state: str, known_received_cents: int, known_at: datetime | None
) -> bool:
    """Whether a word of the service is later than the one the state rests on.

    Services count in seconds: of two words of one moment the one that is further on holds.
    """
    if known_at is None or told_at > known_at:
        return True
    known = max(_RANKS[known_state], _RANKS[SUCCEEDED] if known_received_cents else 0)
    return told_at == known_at and _RANKS[state] >= known


def position(
    *, state: str, received_cents: int, refunded_cents: int, withdrawn_cents: int, booked: Position
) -> Position:
    """What the ledger must hold, by the service's word. Money that was booked and is denied now was taken back.

    >>> position(state="returned", received_cents=100, refunded_cents=0, withdrawn_cents=0, booked=Position(100))
    Position(received_cents=100, refunded_cents=0, taken_back_cents=100)
    """
    came = max(received_cents, booked.received_cents)
    refunded = min(refunded_cents, came)
    if state == RETURNED:
        return Position(came, refunded, came - refunded)
    gone = came - received_cents + withdrawn_cents
    return Position(came, refunded, min(gone, came - refunded))


def following_state(*, known: str, told: str, position: Position) -> str:
    """The state of a charge after a word of the service.

    Where money came, its going decides: taken back whole, the charge is returned, and succeeded again when it comes back.
    A charge that was ended here does not open again, though money may still come of it.
    """
    if position.received_cents:
        whole = position.taken_back_cents and not position.kept_cents
        return RETURNED if whole else SUCCEEDED
    if told in (
        SUCCEEDED,
        RETURNED,
    ):  # said to be there, and not a cent of it: it is on its way, or never came
        return PENDING if told == SUCCEEDED else FAILED
    if told == OPEN and known not in UNFINISHED:
        return known
    return told


@dataclass(frozen=True)
class Settled:
    """An allocation of the charge's receipt, in force."""

    allocation_id: int
    document_id: int
    amount_cents: int


@dataclass(frozen=True)
class Change:
    """How the allocations of a receipt follow its money: `undone` (ids), `settled` (document id, cents), `left_cents`."""

    undone: tuple[int, ...]
    settled: tuple[tuple[int, int], ...]
    left_cents: int


def follow_money(
    *,
    delta_cents: int,
    left_cents: int,
    settled: Sequence[Settled],
    wanted: Sequence[tuple[int, int]],
    open_cents: dict[int, int],
) -> Change:
    """What a receipt settles once `delta_cents` more, or less, of it is there.

    More goes to the charge's documents in their order, as far as each wants it (`wanted`: document id, cents) and is open.
    Less comes first from what nothing took (`left_cents`), then from other documents, then from the charge's own, the last
    first: so that what is settled depends on what is there and not on how it came to be. `open_cents` moves along.
    """
    if delta_cents >= 0:
        return _more(delta_cents, left_cents, settled, wanted, open_cents)
    missing = max(-delta_cents - left_cents, 0)
    order = {document_id: rank for rank, (document_id, _) in enumerate(wanted)}
    undone, again = [], []
    # those of other documents first, then the charge's own from the last to the first
    for each in sorted(
        settled, key=lambda each: (order.get(each.document_id, len(order)), each.allocation_id), reverse=True
    ):
        if not missing:
            break
        taken = min(missing, each.amount_cents)
        missing -= taken
        undone.append(each.allocation_id)
        open_cents[each.document_id] = open_cents.get(each.document_id, 0) + taken
        if taken < each.amount_cents:
            again.append((each.document_id, each.amount_cents - taken))
    assert not missing, "no more goes back than came"
    return Change(tuple(undone), tuple(again), max(left_cents + delta_cents, 0))


def _more(
    delta_cents: int,
    left_cents: int,
    settled: Sequence[Settled],
    wanted: Sequence[tuple[int, int]],
    open_cents: dict[int, int],
) -> Change:
    has: dict[int, int] = {}
    for each in settled:
        has[each.document_id] = has.get(each.document_id, 0) + each.amount_cents
    given = []
    for document_id, cents in wanted:
        part = min(
            delta_cents, max(cents - has.get(document_id, 0), 0), max(open_cents.get(document_id, 0), 0)
        )
        if part > 0:
            given.append((document_id, part))
            delta_cents -= part
            open_cents[document_id] -= part
    return Change((), tuple(given), left_cents + delta_cents)
