"""How a customer is reached, corrected by itself: what applies at once, and what nobody takes over by."""

import pytest
from django.core import mail

from encours.actions.decide_contact_request import (
    UnableToDecideContactRequest,
    accept_contact_request,
    refuse_contact_request,
)
from encours.store.models import Contact, ContactRequest, Customer, JournalEntry
from tests import cast
from tests.portal.conftest import NOW, visitor
from tests.portal.proof import ask_code, prove
from tests.portal.test_paying import page_of

PAGE = "contacts/"


@pytest.fixture
def contact(visit, books) -> Contact:
    prove(visit)
    mail.outbox.clear()
    return Contact.objects.get(customer=visit.customer)


def correct(visit, contact, **said):
    known = {"name": contact.name, "role": contact.role, "email": contact.email, "phone": contact.phone}
    return visit.post(PAGE, {"qui": contact.pk} | known | said)


def accept(request):
    return accept_contact_request(company=request.company, request_id=request.pk, now=NOW, actor="user:1")


def test_a_name_a_function_and_a_first_telephone_apply_at_once(visit, contact):
    response = correct(visit, contact, name="Anne Martin", role="Comptable", phone="02 40 11 22 33")
    assert response.status_code == 303
    contact.refresh_from_db()
    assert (contact.name, contact.role, contact.phone) == ("Anne Martin", "Comptable", "02 40 11 22 33")
    assert contact.is_primary
    assert not ContactRequest.objects.exists()
    assert JournalEntry.objects.get(action="contact.updated").actor == f"portal:{visit.link_id}"


def test_another_address_waits_and_the_old_one_is_told(visit, contact):
    assert correct(visit, contact, name="Anne Martin", email="neuve@lefevre.example").status_code == 303
    contact.refresh_from_db()
    assert (contact.name, contact.email) == ("Anne Martin", "compta@lefevre.example")
    request = ContactRequest.objects.get()
    assert (request.about, request.asked_email) == ("changed", "compta@lefevre.example")
    assert request.changes == {"email": ["compta@lefevre.example", "neuve@lefevre.example"]}
    (told,) = mail.outbox
    assert told.to == ["compta@lefevre.example"]
    assert "neuve@" not in told.body
    page = page_of(visit.get(PAGE))
    assert "1 correction est en cours de vérification" in page
    accept(request)
    contact.refresh_from_db()
    assert contact.email == "neuve@lefevre.example"


def test_no_code_is_sent_to_an_address_nobody_has_looked_at(visit, contact):
    correct(visit, contact, email="pirate@evil.example")
    visit.post(PAGE, {"qui": "nouveau", "name": "Pirate", "email": "pirate@evil.example"})
    assert "evil" not in page_of(visit.get("code/"))
    assert not Contact.objects.filter(email="pirate@evil.example").exists()
    mail.outbox.clear()
    ask_code(visit, contact)
    assert mail.outbox[0].to == ["compta@lefevre.example"]


def test_a_known_telephone_is_replaced_by_a_person_only(visit, contact):
    Contact.objects.update(phone="02 40 00 00 01")
    contact.refresh_from_db()
    correct(visit, contact, phone="06 66 66 66 66")
    contact.refresh_from_db()
    assert contact.phone == "02 40 00 00 01"
    assert ContactRequest.objects.get().changes == {"phone": ["02 40 00 00 01", "06 66 66 66 66"]}


def test_what_was_said_before_is_kept_in_what_is_said_later(visit, contact):
    Contact.objects.update(phone="02 40 00 00 01")
    contact.refresh_from_db()
    correct(visit, contact, email="neuve@lefevre.example")
    correct(visit, contact, phone="02 40 00 00 02")
    assert list(ContactRequest.objects.order_by("pk").values_list("state", flat=True)) == [
        "replaced",
        "waiting",
    ]
    request = ContactRequest.objects.get(state="waiting")
    assert set(request.changes) == {"email", "phone"}


def test_somebody_new_with_a_telephone_alone_is_added_with_an_address_waits(visit, contact):
    visit.post(PAGE, {"qui": "nouveau", "name": "Paul", "phone": "02 40 00 00 09"})
    added = Contact.objects.get(name="Paul")
    assert not added.is_primary
    visit.post(PAGE, {"qui": "nouveau", "name": "Zoé", "email": "zoe@lefevre.example", "phone": "1"})
    assert not Contact.objects.filter(name="Zoé").exists()
    accept(ContactRequest.objects.get())
    zoe = Contact.objects.get(name="Zoé")
    assert (zoe.email, zoe.phone, zoe.is_primary) == ("zoe@lefevre.example", "1", False)


def test_who_has_left_is_written_to_until_a_person_agrees(visit, contact):
    assert visit.post(PAGE, {"qui": contact.pk, "parti": "1"}).status_code == 303
    assert Contact.objects.filter(pk=contact.pk).exists()
    request = ContactRequest.objects.get()
    assert mail.outbox[0].to == [contact.email]
    accept(request)
    assert not Contact.objects.filter(pk=contact.pk).exists()
    with pytest.raises(UnableToDecideContactRequest):
        accept(request)


def test_another_postal_address_waits(visit, contact):
    said = {"street": "1 rue Neuve", "postcode": "44000", "city": "Nantes"}
    assert visit.post(PAGE, {"qui": "adresse"} | said).status_code == 303
    customer = Customer.objects.get(pk=visit.customer.pk)
    assert customer.street != "1 rue Neuve"
    accept(ContactRequest.objects.get())
    customer.refresh_from_db()
    assert (customer.street, customer.postcode, customer.city) == ("1 rue Neuve", "44000", "Nantes")


def test_refused_everything_stays(visit, contact):
    correct(visit, contact, email="neuve@lefevre.example")
    request = ContactRequest.objects.get()
    refuse_contact_request(company=request.company, request_id=request.pk, now=NOW, actor="user:1")
    contact.refresh_from_db()
    assert contact.email == "compta@lefevre.example"
    assert "en vérification" not in page_of(visit.get(PAGE))


def test_what_somebody_put_meanwhile_stands(visit, contact):
    correct(visit, contact, email="neuve@lefevre.example")
    Contact.objects.update(email="autre@lefevre.example")
    with pytest.raises(UnableToDecideContactRequest):
        accept(ContactRequest.objects.get())
    assert Contact.objects.get().email == "autre@lefevre.example"


@pytest.mark.parametrize(
    "said", [{"name": ""}, {"email": "", "phone": ""}, {"email": "pas une adresse"}, {}, {"name": "x" * 121}]
)
def test_what_cannot_be_is_refused(visit, contact, said):
    assert correct(visit, contact, **said).status_code == 422
    assert not ContactRequest.objects.exists()


def test_ten_a_day(visit, contact):
    for number in range(10):
        correct(visit, contact, email=f"a{number}@lefevre.example")
    assert "Beaucoup de corrections" in page_of(correct(visit, contact, email="b@lefevre.example"))


def test_nobody_corrects_another_customers_contact(company, visit, contact):
    other = visitor(company, cast.good_payer(company))
    prove(other)
    assert correct(other, contact, name="Pirate").status_code == 404
    assert other.get(PAGE, data={"qui": contact.pk}).status_code == 404
    assert other.post(PAGE, {"qui": contact.pk, "parti": "1"}).status_code == 404
    contact.refresh_from_db()
    assert contact.name == "Anne Lefèvre"


def test_it_is_behind_the_code(company, books, clock):
    fresh = visitor(company, books.late.customer)
    response = fresh.get(PAGE)
    assert response.status_code == 303
    assert "/code/?vers=contacts" in response["Location"]
    assert fresh.post(PAGE, {"qui": "adresse", "street": "x"}).status_code == 303
    assert not ContactRequest.objects.exists()
