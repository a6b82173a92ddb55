"""Only who reads the mail of a known address changes more than paying does."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import override_settings

from encours.store.models import Contact, PortalCode
from tests import cast
from tests.portal.conftest import visitor
from tests.portal.proof import ask_code, last_code, prove, reachable
from tests.portal.test_paying import page_of

PROVEN = ("demandes/promesse/", "demandes/contestation/")


@pytest.fixture
def contact(visit):
    return reachable(visit)


@pytest.mark.parametrize("page", PROVEN)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_changes_something_asks_for_a_code_first(visit, books, page, method):
    response = getattr(visit, method)(page)
    assert response.status_code == 303
    assert "/code/?vers=" in response["Location"]


def test_the_code_comes_in_the_companys_name_to_an_address_shown_masked(visit, books, contact, company):
    assert "c•••a@l•••.example" in page_of(visit.get("code/"))
    assert "compta@" not in visit.get("code/").content.decode()
    ask_code(visit, contact)
    (sent,) = mail.outbox
    assert sent.to == ["compta@lefevre.example"]
    assert company.name in sent.from_email
    assert sent.subject.startswith("Votre code pour")
    stored = PortalCode.objects.get()
    assert last_code() not in stored.digest


def test_an_english_customer_reads_english(visit, books, contact):
    visit.get("?langue=en")
    ask_code(visit, contact)
    assert mail.outbox[0].subject.startswith("Your code for")


def test_a_right_code_opens_the_page_for_half_an_hour(visit, books, clock):
    response = prove(visit)
    assert response["Location"].endswith("/demandes/promesse/")
    cookie = response.cookies["encours_code"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", visit.path)
    assert cookie["max-age"] == 1800
    assert visit.get(PROVEN[0]).status_code == 200
    clock[0] += timedelta(minutes=31)
    assert visit.get(PROVEN[0]).status_code == 303


def test_the_cookie_is_secure_where_the_portal_is(visit, books, contact):
    with override_settings(HTTPS=True):
        ask_code(visit, contact)
        assert visit.post("code/", {"code": last_code()}).cookies["encours_code"]["secure"]


def test_a_code_is_over_after_ten_minutes(visit, books, contact, clock):
    ask_code(visit, contact)
    clock[0] += timedelta(minutes=10)
    assert visit.post("code/", {"code": last_code()}).status_code == 422
    assert "n’est plus valable" in page_of(visit.post("code/", {"code": last_code()}))


def test_five_wrong_tries_end_it(visit, books, contact):
    ask_code(visit, contact)
    code = last_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert visit.post("code/", {"code": wrong}).status_code == 422
    assert visit.post("code/", {"code": code}).status_code == 422
    assert PortalCode.objects.get().wrong_count == 5


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1" * 5000, "\0", "٣٣٣٣٣٣"])
def test_what_is_no_code_is_a_wrong_one(visit, books, contact, typed):
    ask_code(visit, contact)
    assert visit.post("code/", {"code": typed}).status_code == 422


def test_a_code_is_used_once(visit, books, contact):
    ask_code(visit, contact)
    assert visit.post("code/", {"code": last_code()}).status_code == 303
    assert visit.post("code/", {"code": last_code()}).status_code == 422


def test_only_the_last_code_counts(visit, books, contact, clock):
    ask_code(visit, contact)
    first = last_code()
    clock[0] += timedelta(seconds=30)
    ask_code(visit, contact)
    if first != last_code():
        assert visit.post("code/", {"code": first}).status_code == 422
    assert visit.post("code/", {"code": last_code()}).status_code == 303


def test_three_codes_an_hour(visit, books, contact, clock):
    for _ in range(3):
        clock[0] += timedelta(minutes=1)
        assert ask_code(visit, contact).status_code == 303
    response = ask_code(visit, contact)
    assert response.status_code == 422
    assert "Trois codes" in page_of(response)
    assert len(mail.outbox) == 3
    clock[0] += timedelta(hours=1)
    assert ask_code(visit, contact).status_code == 303


def test_the_proof_is_good_with_its_link_alone(company, visit, books):
    cookie = prove(visit).cookies["encours_code"].value
    other = visitor(company, visit.customer)
    other.client.cookies["encours_code"] = cookie
    assert other.get(PROVEN[0]).status_code == 303
    stranger = visitor(company, cast.good_payer(company))
    stranger.client.cookies["encours_code"] = cookie
    assert stranger.get(PROVEN[0]).status_code == 303


@pytest.mark.parametrize("who", ["", "0", "x", "9" * 30])
def test_nobody_chooses_where_it_goes(company, visit, books, contact, who):
    theirs = Contact.objects.filter(customer=cast.good_payer(company)).first()
    for contact_id in (who, theirs.pk if theirs else 0):
        assert visit.post("code/", {"adresse": contact_id}).status_code == 422
    assert not mail.outbox


def test_without_an_address_there_is_the_telephone(visit, books, contact):
    Contact.objects.update(email="")
    assert "aucune adresse e-mail" in page_of(visit.get("code/"))


def test_it_goes_on_nowhere_else(visit, books, contact):
    for there in ("https://evil.example", "//evil.example", "pay", "code"):
        ask_code(visit, contact)
        response = visit.post(f"code/?vers={there}", {"code": last_code()})
        if response.status_code == 303:
            assert response["Location"] == f"{visit.path}demandes/"
