"""What people call the states of messages and the kinds of holds."""

from django.utils.translation import gettext_lazy as _

MESSAGE_STATE_NAMES = {
    "waiting": _("To approve"),
    "approved": _("Approved"),
    "claimed": _("Leaving"),
    "sent": _("Sent"),
    "failed": _("Failed"),
    "unknown": _("Interrupted"),
    "cancelled": _("Cancelled"),
}
HOLD_NAMES = {
    "manual": _("On hold"),
    "dispute": _("Dispute"),
    "promise": _("Promise to pay"),
    "pause": _("Pause"),
}
