"""Agreeing, while paying, to be charged from now on: offered where the company charges, kept word by word, never by default."""

from encours.store.models import PaymentMandate, PortalSettings
from tests.payments.conftest import connect, scripted, service  # noqa: F401  (fixtures)
from tests.portal.test_checkout import begun, connection  # noqa: F401  (fixture)
from tests.portal.test_paying import iban, key, page_of  # noqa: F401  (fixture)

OFFERED = "J’autorise"


def pay_page(visit, books) -> str:
    return page_of(visit.get("payer/", data={"devise": "EUR", "d": key(books.late)}))


def test_the_box_says_what_is_agreed_to_and_is_not_ticked(company, visit, books):
    page = pay_page(visit, books)
    assert page.count(OFFERED) == 2  # by card and by direct debit; a transfer saves nothing
    assert "prévenu 14 jours avant" in page
    assert "checked" not in visit.get("payer/", data={"devise": "EUR", "d": key(books.late)}).content.decode()
    begun(visit, books.late)
    assert not PaymentMandate.objects.exists()


def test_ticked_it_is_kept_with_its_words(company, visit, books):
    charge = begun(visit, books.late, accord="1")
    mandate = PaymentMandate.objects.get()
    assert (mandate.reference, mandate.state) == (charge.reference, "pending")
    assert (mandate.pays_on_due_date, mandate.pays_overdue) == (True, False)
    assert mandate.evidence["said"].startswith(OFFERED)
    assert mandate.evidence["actor"] == f"portal:{visit.link_id}"


def test_what_the_company_does_not_want_is_neither_offered_nor_taken(company, visit, books):
    PortalSettings.objects.update_or_create(
        company=company, defaults={"allows_autopay": False, "charges_overdue": False}
    )
    assert OFFERED not in pay_page(visit, books)
    begun(visit, books.late, accord="1")
    assert not PaymentMandate.objects.exists()


def test_charges_of_what_is_late_are_agreed_to_by_name(company, visit, books):
    PortalSettings.objects.update_or_create(company=company, defaults={"charges_overdue": True})
    assert "plus de 30 jours de retard" in pay_page(visit, books)
    begun(visit, books.late, accord="1")
    assert PaymentMandate.objects.get().pays_overdue
