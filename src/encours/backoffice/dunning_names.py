"""What people call the states of messages, the kinds of holds, the letters and what a policy says of its steps."""

from django.utils.translation import gettext_lazy as _

MESSAGE_STATE_NAMES = {
    "waiting": _("To approve"),
    "approved": _("Approved"),
    "claimed": _("Leaving"),
    "entrusted": _("Entrusted"),
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
LETTER_NAMES = {
    "courtesy": _("Courtesy notice"),
    "reminder_1": _("First reminder"),
    "reminder_2": _("Second reminder"),
    "reminder_3": _("Third reminder"),
    "formal_notice": _("Formal notice"),
    "notice_before_court": _("Notice before court"),
    "plan_agreement": _("Payment-plan agreement"),
    "thank_you": _("Thank-you"),
    "charge_notice": _("Notice of an automatic charge"),
    "receipt": _("Payment receipt"),
    "invitation": _("Invitation to the portal"),
}
TONE_NAMES = {"courteous": _("Courteous"), "neutral": _("Neutral"), "firm": _("Firm")}
WEEKDAY_NAMES = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
}
