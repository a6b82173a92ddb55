"""What the room of payments calls things, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from encours.backoffice.language import language_of_reader
from encours.core.payments.charges import STATES
from encours.core.payments.failures import GROUPS
from encours.core.payments.mandates import KINDS
from encours.core.payments.mandates import STATES as MANDATE_STATES
from encours.core.payments.methods import METHODS, TRANSFER
from encours.core.wording import Wording

ORIGIN_NAMES = {
    "customer": _("by the customer, in the portal"),
    "link": _("by the customer, with a link"),
    "autopay": _("automatic, on the due date"),
    "overdue": _("automatic, once late"),
    "person": _("by somebody of the company"),
}
# how a state looks: good, warn, bad or plain
CHARGE_LOOKS = {
    "pending": "brand", "succeeded": "good", "failed": "bad", "returned": "bad", "open": "warn", "created": "warn"
}  # fmt: skip
MANDATE_LOOKS = {
    "active": "good",
    "suspended": "bad",
    "pending": "warn",
    "revoked": "warn",
    "expired": "warn",
}
NOTICE_STATES = {"announced": _("announced"), "charged": _("charged"), "canceled": _("canceled")}
NOTICE_LOOKS = {"announced": "brand", "charged": "good", "canceled": "warn"}
REFUND_STATES = {
    "created": _("asked for"),
    "pending": _("on its way"),
    "succeeded": _("given back"),
    "failed": _("refused"),
    "canceled": _("canceled"),
}
REFUND_LOOKS = {"succeeded": "good", "failed": "bad", "created": "warn", "pending": "brand"}
CHARGEBACK_STATES = {
    "warning": _("inquiry of the bank"),
    "open": _("contested"),
    "under_review": _("being examined"),
    "won": _("won"),
    "lost": _("lost"),
}
PAYOUT_STATES = {
    "pending": _("planned"),
    "in_transit": _("on its way"),
    "paid": _("sent"),
    "failed": _("failed"),
    "canceled": _("canceled"),
}
PAYOUT_LOOKS = {"paid": "good", "failed": "bad", "in_transit": "brand", "canceled": "warn"}
EVENT_STATES = {
    "waiting": _("to be worked"),
    "done": _("worked"),
    "ignored": _("nothing follows"),
    "failed": _("tried again"),
}


def said(wordings: Mapping[str, Wording]) -> dict[str, str]:
    """Wordings without parameters as this reader reads them."""
    language = language_of_reader()
    return {code: wording().say(language) for code, wording in wordings.items()}


def charged_methods() -> dict[str, str]:
    """Ways of paying that make a charge: what a customer orders at its own bank is none."""
    return {code: name for code, name in said(METHODS).items() if code != TRANSFER}


def names() -> dict[str, Any]:
    """What the room's templates look names up in."""
    return {
        "state_names": said(STATES),
        "state_looks": CHARGE_LOOKS,
        "method_names": said(METHODS),
        "group_names": said(GROUPS),
        "kind_names": said(KINDS),
        "mandate_states": said(MANDATE_STATES),
        "mandate_looks": MANDATE_LOOKS,
        "origin_names": ORIGIN_NAMES,
        "notice_states": NOTICE_STATES,
        "notice_looks": NOTICE_LOOKS,
        "refund_states": REFUND_STATES,
        "refund_looks": REFUND_LOOKS,
        "chargeback_states": CHARGEBACK_STATES,
        "payout_states": PAYOUT_STATES,
        "payout_looks": PAYOUT_LOOKS,
        "event_states": EVENT_STATES,
    }
