"""What people call what stands on a reply, in the language of the page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from encours.backoffice.language import language_of_reader
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.replies.words import INTENT_NAMES, MATCHED_BY_NAMES, REASON_NAMES
from encours.core.wording import Wording

STATE_NAMES = {
    "waiting": _("Waits"),
    "acted": _("Followed"),
    "dismissed": _("Filed away"),
    "filed": _("In the thread"),
}
NATURE_NAMES = {
    "person": _("Reply"),
    "automatic": _("Automatic answer"),
    "bounce": _("Not delivered"),
    "ours": _("From us"),
}


def reply_names() -> dict[str, Any]:
    """For templates that show replies."""
    return {
        "intent_names": _said(INTENT_NAMES),
        "reason_names": _said(REASON_NAMES),
        "by_names": _said(MATCHED_BY_NAMES),
        "channel_names": _said(CHANNEL_NAMES),
        "reply_state_names": STATE_NAMES,
        "nature_names": NATURE_NAMES,
    }


def _said(names: Mapping[str, Wording]) -> dict[str, str]:
    return {code: wording().say(language_of_reader()) for code, wording in names.items()}
