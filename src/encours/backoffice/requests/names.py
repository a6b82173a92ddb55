"""What pages call the states of what customers ask for."""

from django.utils.translation import gettext_lazy as _

PLAN_STATES = {
    "waiting": _("waits for an answer"),
    "offered": _("another offered"),
    "accepted": _("accepted"),
    "refused": _("refused"),
    "withdrawn": _("withdrawn by the customer"),
}
TONES = {"waiting": "tag-warn", "accepted": "tag-good", "refused": "tag-bad"}
ABOUTS = {
    "added": _("A contact to add"),
    "changed": _("A contact to correct"),
    "left": _("A contact who has left"),
    "moved": _("Another postal address"),
}
CONTACT_STATES = {
    "waiting": _("waits for an answer"),
    "accepted": _("accepted"),
    "refused": _("refused"),
    "replaced": _("said anew since"),
}
FIELDS = {
    "name": _("Name"),
    "role": _("Function"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "street": _("Street"),
    "postcode": _("Postcode"),
    "city": _("Town"),
}
