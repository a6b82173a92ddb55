"""How a customer is reached, corrected by itself: who it is shows a code first, and what matters waits for a person."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase

from encours.actions.correct_contacts import (
    UnableToCorrectContacts,
    contact_left,
    correct_address,
    correct_contact,
)
from encours.portal.forms import AddressForm, ContactForm
from encours.portal.pay import GoOn
from encours.portal.proving import email_shown, needs_code
from encours.portal.templatetags.portal import said
from encours.portal.visit import Visit, portal_page, render
from encours.queries.contact_requests import OwnContact, contacts_waiting_of, own_contacts

# what is corrected, in the page's address: a contact's id, or one of these
WHO = "qui"
NEW, ADDRESS = "nouveau", "adresse"


@portal_page("GET", "POST", is_costly=True)
@needs_code
def contacts(request: Any, visit: Visit) -> HttpResponseBase:
    """The list; with `?qui=` the form of one of them, of a new one, or of the postal address."""
    known = own_contacts(company=visit.company, customer_id=visit.customer.pk)
    given = request.POST if request.method == "POST" else request.GET
    who = given.get(WHO, "")
    chosen = next((each for each in known if str(each.id) == who), None)
    if who and chosen is None and who not in (NEW, ADDRESS):
        raise Http404
    if request.method == "GET" or not who:
        return _page(visit, known, who, chosen, _form(visit, who, chosen, None) if who else None)
    form = _form(visit, who, chosen, None if "parti" in request.POST else request.POST)
    try:
        if chosen is not None and "parti" in request.POST:
            contact_left(**_said_by(request, visit), contact_id=chosen.id)
            return GoOn(visit.url("contacts"))
        if form.is_valid():
            if who == ADDRESS:
                correct_address(**_said_by(request, visit), said=form.cleaned_data)
            else:
                contact_id = chosen.id if chosen else None
                correct_contact(**_said_by(request, visit), contact_id=contact_id, said=form.cleaned_data)
            return GoOn(visit.url("contacts"))
    except UnableToCorrectContacts as error:
        if form.is_bound:
            form.add_error(error.field or None, said(error.sentence))
    return _page(visit, known, who, chosen, form, status=422)


def _said_by(request: Any, visit: Visit) -> dict[str, Any]:
    return {
        "company": visit.company, "link_id": visit.link.link_id, "asked_email": email_shown(request, visit),
        "now": visit.now, "actor": visit.actor,
    }  # fmt: skip


def _form(visit: Visit, who: str, chosen: OwnContact | None, given: Any) -> Any:
    if who == ADDRESS:
        return AddressForm(
            given, initial={name: getattr(visit.customer, name) for name in AddressForm.base_fields}
        )
    return ContactForm(
        given, initial={name: getattr(chosen, name) for name in ContactForm.base_fields} if chosen else None
    )


def _page(
    visit: Visit,
    known: list[OwnContact],
    who: str,
    chosen: OwnContact | None,
    form: Any,
    *,
    status: int = 200,
) -> HttpResponseBase:
    waiting = contacts_waiting_of(company=visit.company, customer_id=visit.customer.pk)
    shown = {
        "contacts": known,
        "waiting_of": {each.contact_id for each in waiting},
        "waiting": waiting,
        "who": who,
        "chosen": chosen,
        "form": form,
        "is_address": who == ADDRESS,
        "room": "asks",
    }
    return render(visit, "portal/contacts.html", shown, status=status)
