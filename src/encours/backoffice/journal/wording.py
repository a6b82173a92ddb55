"""What people call the actions and subjects of the journal. A code that is not here is shown as it is."""

from django.utils.translation import gettext_lazy as _

ACTION_NAMES = {
    "company.created": _("Company created"),
    "company.updated": _("Company details changed"),
    "user.invited": _("Person invited"),
    "user.role_changed": _("Role changed"),
    "user.removed": _("Person removed"),
    "contact.added": _("Contact added"),
    "contact.updated": _("Contact changed"),
    "contact.removed": _("Contact removed"),
}
SUBJECT_NAMES = {
    "company": _("Company"),
    "user": _("Person"),
    "contact": _("Contact"),
    "customer": _("Customer"),
    "document": _("Document"),
    "batch": _("Import"),
    "message": _("Message"),
    "payment": _("Receipt"),
    "transaction": _("Bank line"),
    "policy": _("Dunning policy"),
    "hold": _("Hold"),
}
ACTOR_NAMES = {"cli": _("Command line"), "worker": _("Automatic"), "demo": _("Demonstration")}
