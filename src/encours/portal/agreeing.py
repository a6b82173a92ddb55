"""Agreeing to be charged from now on: what is offered, in which words, and what is kept of the agreement."""

from typing import Any

from encours.core.payments.mandates import Agreement
from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.core.wording import Sentence, Wording
from encours.portal.network import network_of
from encours.portal.visit import Visit

FIELD = "accord"
# methods a payment saves for later
SAVED = (CARD, SEPA_DEBIT)

_DUE = Wording(
    "portal.agree_due",
    fr="J’autorise {company} à régler par ce moyen mes prochaines factures le jour de leur échéance. Je serai prévenu {days}"
    " jours avant chaque paiement et je peux y mettre fin à tout moment.",
    en="I allow {company} to charge my next invoices this way on their due date. I am told {days} days before each payment and"
    " may end this at any time.",
)
_LATE = Wording(
    "portal.agree_late",
    fr="J’autorise {company} à régler par ce moyen mes factures qui ont plus de {late} jours de retard. Je serai prévenu {days}"
    " jours avant chaque paiement et je peux y mettre fin à tout moment.",
    en="I allow {company} to charge my invoices that are more than {late} days late this way. I am told {days} days before each"
    " payment and may end this at any time.",
)
_BOTH = Wording(
    "portal.agree_both",
    fr="J’autorise {company} à régler par ce moyen mes prochaines factures le jour de leur échéance, et celles qui ont plus de"
    " {late} jours de retard. Je serai prévenu {days} jours avant chaque paiement et je peux y mettre fin à tout moment.",
    en="I allow {company} to charge my next invoices this way on their due date, and those that are more than {late} days late."
    " I am told {days} days before each payment and may end this at any time.",
)


def agreed_words(visit: Visit) -> Sentence | None:
    """What the customer agrees to by ticking the box; None where the company charges nothing by itself."""
    wanted = visit.settings
    if not wanted.allows_autopay and not wanted.charges_overdue:
        return None
    said: dict[str, Any] = {"company": visit.company.name, "days": wanted.charge_notice_days}
    if not wanted.charges_overdue:
        return _DUE(**said)
    return (_BOTH if wanted.allows_autopay else _LATE)(**said, late=wanted.overdue_days)


def agreement_of(request: Any, visit: Visit, *, method: str) -> Agreement | None:
    """What was agreed to with a payment: only what its box says, and never unticked."""
    words = agreed_words(visit)
    if words is None or method not in SAVED or request.POST.get(FIELD) != "1":
        return None
    return Agreement(
        pays_on_due_date=visit.settings.allows_autopay,
        pays_overdue=visit.settings.charges_overdue,
        words=words,
        language=visit.language,
        agreed_at=visit.now,
        actor=visit.actor,
        network=network_of(request),
    )
