"""What services report of messages they took, and what it means for the message and for the address.

A report may come twice, late, or in any order: what a message is follows from all of them, never from the last one.
"""

from collections.abc import Iterable
from typing import Literal

from encours.core.wording import Wording

ReportKind = Literal[
    "delivered", "opened", "deferred", "bounced", "complained", "opted_out",
    "deposited", "notified", "accepted", "refused", "unclaimed", "taken", "printed", "rejected",
]  # fmt: skip

KINDS: dict[ReportKind, Wording] = {
    "delivered": Wording("report.delivered", fr="Distribué", en="Delivered"),
    "opened": Wording("report.opened", fr="Ouvert", en="Opened"),
    "deferred": Wording("report.deferred", fr="Retardé, nouvel essai", en="Deferred, tried again"),
    "bounced": Wording("report.bounced", fr="Rejeté : n’arrive pas", en="Bounced: does not arrive"),
    "complained": Wording("report.complained", fr="Signalé comme indésirable", en="Reported as spam"),
    "opted_out": Wording("report.opted_out", fr="Ne veut plus de messages (STOP)", en="Wants no more messages (STOP)"),
    "deposited": Wording("report.deposited", fr="Déposé et envoyé", en="Deposited and sent"),
    "notified": Wording("report.notified", fr="Destinataire avisé", en="Recipient notified"),
    "accepted": Wording("report.accepted", fr="Accepté par le destinataire", en="Accepted by the recipient"),
    "refused": Wording("report.refused", fr="Refusé par le destinataire", en="Refused by the recipient"),
    "taken": Wording("report.taken", fr="Pris en charge", en="Taken in hand"),
    "printed": Wording("report.printed", fr="Imprimé", en="Printed"),
    "rejected": Wording("report.rejected", fr="Rejeté par le prestataire : n’est pas parti", en="Rejected by the service: never left"),
    "unclaimed": Wording("report.unclaimed", fr="Non réclamé dans les 15 jours", en="Unclaimed within 15 days"),
}  # fmt: skip

# What electronic registered mail is proved by (CPCE, art. R53-2 to R53-4). Whether accepted, refused or left unclaimed, it was
# served: the step is done.
PROOFS = {
    "deposit": Wording("proof.deposit", fr="Preuve de dépôt", en="Proof of deposit"),
    "sending": Wording("proof.sending", fr="Preuve d’envoi", en="Proof of sending"),
    "receipt": Wording("proof.receipt", fr="Preuve de réception", en="Proof of receipt"),
    "refusal": Wording("proof.refusal", fr="Preuve de refus", en="Proof of refusal"),
    "neglect": Wording("proof.neglect", fr="Preuve de négligence", en="Proof of neglect"),
}

# after one of these nothing more is heard of a message; an e-mail that was delivered may still be complained about
LAST_WORDS: frozenset[str] = frozenset(
    {"bounced", "accepted", "refused", "unclaimed", "complained", "rejected"}
)
# nobody got it: its contact was none
TAKEN_BACK: frozenset[str] = frozenset({"bounced", "opted_out", "rejected"})
# the address does not take our messages, or its owner does not want them
STOPS: frozenset[str] = frozenset({"bounced", "complained", "opted_out"})


def is_last_word(*, channel: str, kind: str) -> bool:
    """Whether a service need not be asked again: a text message is settled once it was delivered."""
    return kind in LAST_WORDS or (channel == "sms" and kind == "delivered")


def standing(kinds: Iterable[str]) -> str:
    """Of all reports about a message the one that says most; "" without any.

    >>> standing(["opened", "delivered"]), standing(["delivered", "bounced"]), standing([])
    ('opened', 'bounced', '')
    """
    found = set(kinds)
    return next((kind for kind in _MOST_FIRST if kind in found), "")


_MOST_FIRST: tuple[ReportKind, ...] = (
    "refused", "unclaimed", "accepted", "complained", "bounced", "rejected", "opted_out", "opened", "delivered",
    "notified", "deposited", "printed", "taken", "deferred",
)  # fmt: skip
