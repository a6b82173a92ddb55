"""Takes what a customer says in the portal of how it is reached: some of it applies at once, the rest waits for a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import formataddr
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from encours.actions.journal import record
from encours.actions.update_contact import NOTHING_GIVEN, update_contact
from encours.core.contact_changes import FIELDS, split_changes
from encours.core.wording import Sentence, Wording
from encours.queries.test_mode import in_test_mode
from encours.store.models import Company, Contact, ContactRequest, Customer, PortalLink

ADDRESS = ("street", "postcode", "city")
MAX_A_DAY = 10

UNKNOWN_CONTACT = Wording(
    "portal.contact_unknown", fr="Ce contact n’est plus là.", en="This contact is no longer there."
)
NO_NAME = Wording("portal.contact_no_name", fr="Indiquez un nom.", en="Give a name.")
NOTHING_NEW = Wording("portal.contact_nothing_new", fr="Rien n’est changé.", en="Nothing is changed.")
TOO_OFTEN = Wording(
    "portal.contact_too_often",
    fr="Beaucoup de corrections ont été demandées aujourd’hui : appelez-nous.",
    en="Many corrections were asked for today: call us.",
)
NOTICE_SUBJECT = Wording(
    "portal.contact_notice_subject",
    fr="Vos coordonnées chez {company}",
    en="Your contact details with {company}",
)
NOTICE = Wording(
    "portal.contact_notice",
    fr="Bonjour,\n\nDans l’espace client de {company}, il a été demandé de ne plus vous écrire à cette adresse ou d’en utiliser "
    "une autre. Une personne le vérifie d’abord.\n\nSi cela ne vient pas de chez vous, répondez à ce message.\n\n{company}",
    en="Hello,\n\nIn the customer portal of {company} it was asked to stop writing to you at this address, or to use another. A "
    "person checks it first.\n\nIf this does not come from your company, answer this message.\n\n{company}",
)


class UnableToCorrectContacts(Exception):
    """Nothing was written; `sentence` says why, about `field` of what was said ("" when it is none of them)."""

    def __init__(self, sentence: Sentence, field: str = "") -> None:
        super().__init__(sentence.code)
        self.sentence, self.field = sentence, field


def correct_contact(
    *,
    company: Company,
    link_id: int,
    contact_id: int | None,
    said: Mapping[str, str],
    asked_email: str,
    now: datetime,
    actor: str,
) -> ContactRequest | None:
    """`said` has all of `core.contact_changes.FIELDS`; a new contact when `contact_id` is None. What waits for a person, None
    when nothing does. Raises `UnableToCorrectContacts`.
    """
    said = {name: said[name].strip() for name in FIELDS}
    if not said["name"]:
        raise UnableToCorrectContacts(NO_NAME(), "name")
    if not said["email"] and not said["phone"]:
        raise UnableToCorrectContacts(NOTHING_GIVEN(), "email")
    with transaction.atomic():
        link = _link(company, link_id, now)
        contact = None
        if contact_id is not None:
            contact = _contact(company, link, contact_id)
        known = {name: getattr(contact, name) if contact else "" for name in FIELDS}
        changes = split_changes(known=known, said=said)
        if not changes.at_once and not changes.waiting:
            raise UnableToCorrectContacts(NOTHING_NEW())
        waiting = dict(changes.waiting)
        if contact is None and waiting:  # nobody is kept of whom only a name is known for certain
            waiting = {name: ("", value) for name, value in said.items() if value}
        elif changes.at_once:
            now_known = known | {name: after for name, (_, after) in changes.at_once.items()}
            update_contact(
                company=company, customer_id=_customer_id(link), contact_id=contact_id, actor=actor,
                is_primary=bool(contact and contact.is_primary), **now_known,
            )  # fmt: skip
        if not waiting:
            return None
        about = ContactRequest.About.CHANGED if contact else ContactRequest.About.ADDED
        request = _wait(company, link, about, contact, waiting, asked_email, now, actor)
    if contact is not None and "email" in waiting:
        _tell_old_address(company, contact, known["email"])
    return request


def contact_left(
    *, company: Company, link_id: int, contact_id: int, asked_email: str, now: datetime, actor: str
) -> ContactRequest:
    """Somebody works there no more; it is written to until a person has looked at it. Raises `UnableToCorrectContacts`."""
    with transaction.atomic():
        link = _link(company, link_id, now)
        contact = _contact(company, link, contact_id)
        request = _wait(
            company, link, ContactRequest.About.LEFT, contact, {"name": (contact.name or contact.email, "")},
            asked_email, now, actor,
        )  # fmt: skip
    _tell_old_address(company, contact, contact.email)
    return request


@transaction.atomic
def correct_address(
    *, company: Company, link_id: int, said: Mapping[str, str], asked_email: str, now: datetime, actor: str
) -> ContactRequest:
    """`said` has all of `ADDRESS`. Notices are sent there: a person looks at it first. Raises `UnableToCorrectContacts`."""
    link = _link(company, link_id, now)
    customer = Customer.objects.get(company=company, pk=_customer_id(link))
    known = {name: getattr(customer, name) for name in ADDRESS}
    changed = {
        name: (known[name], said[name].strip()) for name in ADDRESS if known[name] != said[name].strip()
    }
    if not changed:
        raise UnableToCorrectContacts(NOTHING_NEW())
    return _wait(company, link, ContactRequest.About.MOVED, None, changed, asked_email, now, actor)


def _link(company: Company, link_id: int, now: datetime) -> PortalLink:
    """The customer's row is locked: two browsers say one thing after the other."""
    link = PortalLink.objects.get(company=company, pk=link_id)
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=_customer_id(link))
    lately = ContactRequest.objects.filter(
        company=company, customer_id=_customer_id(link), asked_at__gt=now - timedelta(days=1)
    )
    if lately.count() >= MAX_A_DAY:
        raise UnableToCorrectContacts(TOO_OFTEN())
    return link


def _customer_id(link: Any) -> int:
    return link.customer_id


def _contact(company: Company, link: PortalLink, contact_id: int) -> Contact:
    found = Contact.objects.filter(company=company, customer_id=_customer_id(link), pk=contact_id).first()
    if found is None:
        raise UnableToCorrectContacts(UNKNOWN_CONTACT())
    return found


def _wait(
    company: Company,
    link: PortalLink,
    about: str,
    contact: Contact | None,
    changes: Mapping[str, tuple[str, str]],
    asked_email: str,
    now: datetime,
    actor: str,
) -> ContactRequest:
    """What was said before of the same, and waits still, is in the new one, unless it was said anew."""
    earlier = ContactRequest.objects.filter(
        company=company, customer_id=_customer_id(link), contact=contact, about=about,
        state=ContactRequest.State.WAITING,
    ).exclude(about=ContactRequest.About.ADDED)  # fmt: skip
    merged: dict[str, Any] = {}
    for each in earlier.select_for_update(of=("self",)).order_by("pk"):
        merged |= each.changes
        each.state, each.decided_at, each.decided_by = ContactRequest.State.REPLACED, now, actor
        each.save(update_fields=["state", "decided_at", "decided_by"])
    merged |= {name: list(change) for name, change in changes.items()}
    request = ContactRequest.objects.create(
        company=company, customer_id=_customer_id(link), contact=contact, link=link, about=about, changes=merged,
        asked_email=asked_email, asked_at=now,
    )  # fmt: skip
    record(
        company=company, actor=actor, action="contact_request.asked", subject_type="customer",
        subject_id=_customer_id(link), customer_id=_customer_id(link),
        data={"request": request.pk, "about": about, "changes": merged},
    )  # fmt: skip
    return request


def _tell_old_address(company: Company, contact: Contact, email: str) -> None:
    """Who reads the address learns of it before a person decides; nothing depends on this mail."""
    if not email or contact.bounced_at is not None or in_test_mode(company=company):
        return
    language = contact.customer.language if contact.customer.language in ("fr", "en") else company.language
    try:
        send_mail(
            subject=" ".join(NOTICE_SUBJECT(company=company.name).say(language).split()),
            message=NOTICE(company=company.name).say(language),
            from_email=formataddr(
                (" ".join(company.name.split()), company.email or settings.DEFAULT_FROM_EMAIL)
            ),
            recipient_list=[email],
        )
    except (SMTPException, OSError):
        return
