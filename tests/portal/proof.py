"""A visitor who shows a code that came by e-mail."""

import re
from typing import Any

from django.core import mail

from encours.store.models import Contact
from tests.portal.conftest import Visitor


def reachable(visit: Visitor, email: str = "compta@lefevre.example") -> Contact:
    """The customer's only contact, with an address."""
    Contact.objects.filter(customer=visit.customer).delete()
    return Contact.objects.create(
        company=visit.customer.company,
        customer=visit.customer,
        name="Anne Lefèvre",
        email=email,
        is_primary=True,
    )


def ask_code(visit: Visitor, contact: Contact, page: str = "promise") -> Any:
    return visit.post(f"code/?vers={page}", {"adresse": contact.pk})


def last_code() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def prove(visit: Visitor, page: str = "promise") -> Any:
    """Shows a code, and is led to the page."""
    contact = reachable(visit)
    assert ask_code(visit, contact, page).status_code == 303
    response = visit.post(f"code/?vers={page}", {"code": last_code()})
    assert response.status_code == 303
    return response
