"""What a customer agreed to: by which method it may be charged later, for which purposes, up to which amount."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from encours.core.payments.methods import CARD, DIRECT_DEBIT_FILE, SEPA_DEBIT
from encours.core.wording import Sentence, Wording

MANDATE_CARD, SEPA_CORE, SEPA_B2B = "card", "sepa_core", "sepa_b2b"
PENDING, ACTIVE, SUSPENDED = "pending", "active", "suspended"
EXPIRED, REVOKED, REPLACED = "expired", "revoked", "replaced"

KINDS = {
    MANDATE_CARD: Wording("mandate_kind.card", fr="carte bancaire", en="bank card"),
    SEPA_CORE: Wording("mandate_kind.sepa_core", fr="mandat SEPA", en="SEPA mandate"),
    SEPA_B2B: Wording("mandate_kind.sepa_b2b", fr="mandat SEPA interentreprises", en="SEPA B2B mandate"),
}
STATES = {
    PENDING: Wording("mandate_state.pending", fr="en attente", en="pending"),
    ACTIVE: Wording("mandate_state.active", fr="en vigueur", en="in force"),
    SUSPENDED: Wording("mandate_state.suspended", fr="suspendu", en="suspended"),
    EXPIRED: Wording("mandate_state.expired", fr="expiré", en="expired"),
    REVOKED: Wording("mandate_state.revoked", fr="révoqué", en="revoked"),
    REPLACED: Wording("mandate_state.replaced", fr="remplacé", en="replaced"),
}
_ENDING_IN = Wording(
    "mandate.ending_in", fr="{means} se terminant par {digits}", en="{means} ending in {digits}"
)
_BRANDED = Wording("mandate.branded", fr="{means} {brand}", en="{brand} {means}")
_MEANS = {
    MANDATE_CARD: KINDS[MANDATE_CARD],
    SEPA_CORE: Wording(
        "mandate.sepa_account", fr="prélèvement SEPA sur le compte", en="SEPA direct debit from the account"
    ),
}
ENDED_BY_SERVICE = Wording(
    "mandate.ended_by_service",
    fr="{service} ne l’accepte plus ({state})",
    en="{service} no longer takes it ({state})",
)


@dataclass(frozen=True)
class Agreement:
    """What the customer agreed to while paying, with the proof of it: `words` in `language`, by whom (`actor`), when, and
    from which `network` (an address cut short)."""

    pays_on_due_date: bool
    pays_overdue: bool
    words: Sentence
    language: str
    agreed_at: datetime
    actor: str
    network: str = ""
    max_cents: int | None = None

    def __post_init__(self) -> None:
        assert self.pays_on_due_date or self.pays_overdue, "an agreement is for some purpose"

    def evidence(self) -> dict[str, Any]:
        """As `PaymentMandate.evidence` keeps it."""
        said = asdict(self) | {"words": self.words.as_json(), "agreed_at": self.agreed_at.isoformat()}
        return {**said, "said": self.words.say(self.language)}


def means_of(*, kind: str, brand: str, last_digits: str) -> Sentence:
    """What is charged, as its owner knows it.

    >>> means_of(kind="card", brand="visa", last_digits="4242").say("fr")
    'carte bancaire Visa se terminant par 4242'
    >>> means_of(kind="sepa_core", brand="", last_digits="2606").say("en")
    'SEPA direct debit from the account ending in 2606'
    """
    means = _MEANS.get(kind, _MEANS[SEPA_CORE])()
    if brand:
        means = _BRANDED(means=means, brand=brand.title())
    return _ENDING_IN(means=means, digits=last_digits) if last_digits else means


def method_of(kind: str, *, methods: Collection[str]) -> str:
    """How a mandate is charged by a service with these methods.

    >>> method_of("sepa_core", methods={"card", "sepa_debit"})
    'sepa_debit'
    >>> method_of("sepa_b2b", methods={"direct_debit_file"})
    'direct_debit_file'
    """
    if kind == MANDATE_CARD:
        return CARD
    return SEPA_DEBIT if SEPA_DEBIT in methods else DIRECT_DEBIT_FILE
