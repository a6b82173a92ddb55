"""Accepts or refuses what a customer says of how it is reached: accepted, it is as if somebody of the company had written it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from encours.actions.journal import record
from encours.actions.update_contact import UnableToUpdateContact, remove_contact, update_contact
from encours.actions.update_customer import FIELDS as CUSTOMER_FIELDS
from encours.actions.update_customer import UnableToUpdateCustomer, update_customer
from encours.core.contact_changes import FIELDS
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Contact, ContactRequest, Customer

UNKNOWN = Wording("contact_request.unknown", fr="Cette demande n’existe pas.", en="There is no such request.")
DECIDED = Wording(
    "contact_request.decided",
    fr="Cette demande n’attend plus de réponse.",
    en="This request waits for an answer no more.",
)
GONE = Wording(
    "contact_request.gone",
    fr="Ce contact a été retiré entre-temps : refusez la demande.",
    en="This contact was removed meanwhile: refuse the request.",
)
CHANGED = Wording(
    "contact_request.changed",
    fr="{value} a été mis entre-temps : corrigez la fiche vous-même, puis refusez la demande.",
    en="{value} was put meanwhile: correct the record yourself, then refuse the request.",
)


class UnableToDecideContactRequest(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def accept_contact_request(*, company: Company, request_id: int, now: datetime, actor: str) -> ContactRequest:
    """Raises `UnableToDecideContactRequest`, also when somebody put something else meanwhile."""
    request = _locked(company, request_id)
    try:
        _APPLY[request.about](request, actor)
    except UnableToUpdateContact as error:
        raise UnableToDecideContactRequest(error.sentence) from error
    except UnableToUpdateCustomer as error:
        raise UnableToDecideContactRequest(error.problems[0].sentence) from error
    return _decided(request, ContactRequest.State.ACCEPTED, now, actor)


@transaction.atomic
def refuse_contact_request(*, company: Company, request_id: int, now: datetime, actor: str) -> ContactRequest:
    """Everything stays as it is. Raises `UnableToDecideContactRequest`."""
    return _decided(_locked(company, request_id), ContactRequest.State.REFUSED, now, actor)


def _locked(company: Company, request_id: int) -> ContactRequest:
    found: Any = ContactRequest.objects.filter(company=company, pk=request_id).first()
    if found is None:
        raise UnableToDecideContactRequest(UNKNOWN())
    Customer.objects.select_for_update().get(company=company, pk=found.customer_id)
    request = ContactRequest.objects.select_for_update().get(company=company, pk=request_id)
    if request.state != ContactRequest.State.WAITING:
        raise UnableToDecideContactRequest(DECIDED())
    return request


def _add(request: Any, actor: str) -> None:
    said = {name: request.changes.get(name, ("", ""))[1] for name in FIELDS}
    contact = update_contact(
        company=request.company, customer_id=request.customer_id, contact_id=None, actor=actor, is_primary=False,
        **said,
    )  # fmt: skip
    request.contact = contact


def _change(request: Any, actor: str) -> None:
    contact = _contact(request)
    for name, (before, after) in request.changes.items():
        if getattr(contact, name) not in (before, after):
            raise UnableToDecideContactRequest(CHANGED(value=getattr(contact, name)))
    known = {name: getattr(contact, name) for name in FIELDS}
    update_contact(
        company=request.company, customer_id=request.customer_id, contact_id=contact.pk, actor=actor,
        is_primary=contact.is_primary, **known | {name: after for name, (_, after) in request.changes.items()},
    )  # fmt: skip


def _remove(request: Any, actor: str) -> None:
    contact = _contact(request)
    remove_contact(
        company=request.company, customer_id=request.customer_id, contact_id=contact.pk, actor=actor
    )
    request.contact = None


def _move(request: Any, actor: str) -> None:
    customer = Customer.objects.get(company=request.company, pk=request.customer_id)
    known = {name: getattr(customer, name) for name in CUSTOMER_FIELDS}
    seen = known | {name: before for name, (before, _) in request.changes.items()}
    said = known | {name: after for name, (_, after) in request.changes.items()}
    update_customer(
        company=request.company, customer_id=request.customer_id, seen=seen, details=said, actor=actor
    )


_APPLY: Mapping[str, Callable[[Any, str], None]] = {
    ContactRequest.About.ADDED: _add,
    ContactRequest.About.CHANGED: _change,
    ContactRequest.About.LEFT: _remove,
    ContactRequest.About.MOVED: _move,
}


def _contact(request: Any) -> Contact:
    if request.contact is None:
        raise UnableToDecideContactRequest(GONE())
    return request.contact


def _decided(request: Any, state: str, now: datetime, actor: str) -> ContactRequest:
    request.state, request.decided_at, request.decided_by = state, now, actor
    request.save(update_fields=["state", "decided_at", "decided_by", "contact"])
    record(
        company=request.company, actor=actor, action=f"contact_request.{state}", subject_type="customer",
        subject_id=request.customer_id, customer_id=request.customer_id,
        data={"request": request.pk, "about": request.about, "changes": request.changes},
    )  # fmt: skip
    return request
