"""What a person who approves must know: what changed for a message since it was planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from encours.core.money import Money
from encours.core.wording import Sentence, Wording

ALL_PAID = Wording(
    "approval.all_paid",
    fr="Tout a été payé depuis : l’envoi s’annulera de lui-même",
    en="All of it was paid since: the message will cancel itself",
)
PARTLY_PAID = Wording(
    "approval.partly_paid",
    fr="{amount} réglés depuis, sur {count} document(s)",
    en="{amount} paid since, on {count} documents",
)
DISPUTED = Wording(
    "approval.disputed",
    fr="{count} document(s) en litige depuis : ils n’en feront plus partie",
    en="{count} documents in dispute since: they drop out",
)
PROMISED = Wording(
    "approval.promised",
    fr="Paiement promis depuis, pour le {promised}",
    en="Payment promised since, for {promised}",
)
HELD = Wording("approval.held", fr="Suspendu depuis : {reason}", en="On hold since: {reason}")
CONTACTED = Wording(
    "approval.contacted",
    fr="Client contacté depuis, le {contacted}",
    en="Customer contacted since, on {contacted}",
)
REPLIED = Wording(
    "approval.replied",
    fr="Une réponse du client attend d’être lue",
    en="A reply of the customer waits to be read",
)


@dataclass(frozen=True)
class SincePlanned:
    """Facts about one message: what changed between its planning and now. Amounts in cents of its currency."""

    message_id: int
    currency: str
    document_count: int
    paid_count: int  # of its receivables, those that owe less than when it was planned
    settled_count: int  # of these, those that owe nothing any more
    paid_cents: int
    disputed_count: int
    promised_date: date | None
    hold_reason: str | None
    contacted_date: date | None
    has_reply: bool


def changes_since_planned(*, facts: SincePlanned) -> tuple[Sentence, ...]:
    """In words, the weightiest first; nothing when nothing changed."""
    return tuple(_changes(facts))


def _changes(facts: SincePlanned) -> Iterator[Sentence]:
    if facts.settled_count and facts.settled_count == facts.document_count:
        yield ALL_PAID()
    elif facts.paid_cents > 0:
        yield PARTLY_PAID(amount=Money(facts.paid_cents, facts.currency), count=facts.paid_count)
    if facts.disputed_count:
        yield DISPUTED(count=facts.disputed_count)
    if facts.promised_date is not None:
        yield PROMISED(promised=facts.promised_date)
    if facts.hold_reason is not None:
        yield HELD(reason=facts.hold_reason)
    if facts.has_reply:
        yield REPLIED()
    if facts.contacted_date is not None:
        yield CONTACTED(contacted=facts.contacted_date)
