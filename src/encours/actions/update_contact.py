"""Adds, corrects or removes the people to write to at a customer's."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Contact, Customer

NOTHING_GIVEN = Wording(
    "contact_without_address",
    fr="Donnez au moins une adresse e-mail ou un téléphone.",
    en="Give at least an e-mail address or a phone number.",
)


class UnableToUpdateContact(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@transaction.atomic
def update_contact(
    *, company: Company, customer_id: int, contact_id: int | None, actor: str,
    name: str, email: str, phone: str, role: str, is_primary: bool,
) -> Contact:  # fmt: skip
    """The contact saved; a new one when `contact_id` is None.

    The first contact of a customer is the primary one, and there is never more than one. A corrected address
    is written to again after a bounce. Raises `Customer.DoesNotExist`, `Contact.DoesNotExist` for another
    company's, `UnableToUpdateContact`.
    """
    if not email.strip() and not phone.strip():
        raise UnableToUpdateContact(NOTHING_GIVEN())
    customer = Customer.objects.select_for_update().get(company=company, pk=customer_id)
    others = Contact.objects.filter(company=company, customer=customer)
    if contact_id is None:
        contact = Contact(company=company, customer=customer)
    else:
        contact = others.get(pk=contact_id)
        others = others.exclude(pk=contact_id)
    if contact.email != email.strip():
        contact.bounced_at, contact.email_stop = None, ""
    if contact.phone != phone.strip():
        contact.text_failed_at = None  # STOP stays: it is the person's, not the number's way of being written
    contact.name, contact.email = name.strip(), email.strip()
    contact.phone, contact.role = phone.strip(), role.strip()
    contact.is_primary = is_primary or not others.filter(is_primary=True).exists()
    if contact.is_primary:
        others.filter(is_primary=True).update(is_primary=False)
    contact.save()
    _record(company, contact, actor, "contact.updated" if contact_id else "contact.added")
    return contact


@transaction.atomic
def remove_contact(*, company: Company, customer_id: int, contact_id: int, actor: str) -> None:
    """Raises `Contact.DoesNotExist`. When the primary contact goes, the oldest other with an address takes over."""
    Customer.objects.select_for_update().get(company=company, pk=customer_id)
    contact = Contact.objects.get(company=company, customer_id=customer_id, pk=contact_id)
    _record(company, contact, actor, "contact.removed")
    was_primary = contact.is_primary
    contact.delete()
    heir = (
        Contact.objects.filter(company=company, customer_id=customer_id)
        .exclude(email="")
        .order_by("pk")
        .first()
    )
    if was_primary and heir:
        heir.is_primary = True
        heir.save(update_fields=["is_primary"])


def _record(company: Company, contact: Contact, actor: str, action: str) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="contact", subject_id=contact.pk,
        customer_id=contact.customer_id, data={"name": contact.name, "email": contact.email},
    )  # fmt: skip
