"""What is chosen is paid, to the cent the ledger says, by the ways that are open for it."""

import re

import pytest

from encours.actions.allocate import allocate
from encours.core.ledger import Portion as Allocated
from encours.store.models import Charge, Dispute, PortalSettings
from tests import cast
from tests.portal.conftest import TODAY


def page_of(response) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\u202f", " ").replace("\xa0", " ").split()
    )


@pytest.fixture(autouse=True)
def iban(company):
    company.iban, company.account_holder = "FR7630004000031234567890143", "ATELIER LUMEN"
    company.save()


def key(document, position=0):
    return f"{document.pk}:{position}"


def test_the_account_says_what_is_late_and_what_comes(visit, books):
    page = page_of(visit.get())
    assert "Reste à payer 2 550,50 €" in page
    assert "Échu 1 500,00 €" in page
    assert "À échoir 1 050,50 €" in page
    assert "60 jours de retard" in page


def test_money_in_favour_is_deducted_and_shown(company, lefevre, visit, books):
    cast.credit_note(company, lefevre, "AV-2026-0001", payable_cents=10_000, issue_date=TODAY)
    cast.receipt(company, lefevre, amount_cents=5_000, received_date=TODAY)
    page = page_of(visit.get())
    assert "Solde 2 400,50 €" in page
    assert "En votre faveur 150,00 €" in page


def test_what_is_chosen_is_summed_from_the_ledger(visit, books):
    page = page_of(visit.get("payer/", data={"devise": "EUR", "d": [key(books.late), key(books.split, 1)]}))
    assert "Vous réglez 1 500,00 €" in page
    # an amount in the address is nobody's
    page = page_of(
        visit.get("payer/", data={"devise": "EUR", "d": key(books.late), "amount": "1", "amount_cents": "1"})
    )
    assert "Vous réglez 1 200,00 €" in page


def test_all_is_all_that_is_open_now(company, lefevre, visit, books):
    money = cast.receipt(company, lefevre, amount_cents=20_000, received_date=TODAY)
    allocate(
        company=company, payment_id=money.pk, on=TODAY, actor="test",
        portions=[Allocated(document_id=books.late.pk, amount_cents=20_000)],
    )  # fmt: skip
    assert "Vous réglez 2 350,50 €" in page_of(visit.get("payer/", data={"devise": "EUR", "tout": "1"}))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("150", "Vous réglez une partie 150,00 €"),
        ("1 199,99 €", "Vous réglez une partie 1 199,99 €"),
        ("1200", "Vous réglez 1 200,00 €"),
        ("1200,01", "C’est plus que ce qui reste à payer : 1 200,00 €."),
        ("9,99", "Un paiement partiel est d’au moins 10,00 €."),
        ("-50", "Un paiement partiel est d’au moins 10,00 €."),
        ("tout", "« tout » n’est pas un montant"),
        ("<script>", "« <script> » n’est pas un montant"),
    ],
)
def test_a_part_is_paid_within_the_limits(visit, books, typed, said):
    response = visit.get("payer/", data={"devise": "EUR", "d": key(books.late), "montant": typed})
    assert "<script>" not in response.content.decode()
    page = page_of(response).replace("&lt;", "<").replace("&gt;", ">")
    assert said in page


def test_a_company_may_refuse_parts(company, visit, books):
    PortalSettings.objects.create(company=company, allows_part_payment=False)
    response = visit.get("payer/", data={"devise": "EUR", "d": key(books.late), "montant": "150"})
    assert "Vous réglez 1 200,00 €" in page_of(response)


def test_a_transfer_has_the_exact_holder_a_reference_and_a_code(visit, books):
    response = visit.get("virement/", data={"devise": "EUR", "d": key(books.late)})
    page = page_of(response)
    assert "ATELIER LUMEN" in page
    assert "FR76 3000 4000 0312 3456 7890 143" in page
    assert "Référence à rappeler RF26 FA20 2600 01" in page
    assert "<svg" in response.content.decode()
    assert 'role="img"' in response.content.decode()


def test_several_invoices_are_quoted_together(visit, books):
    page = page_of(
        visit.get("virement/", data={"devise": "EUR", "d": [key(books.late), key(books.upcoming)]})
    )
    assert "FA-2026-0001 FA-2026-0003" in page
    assert "1 650,50 €" in page


def test_what_is_pending_cannot_be_paid_twice(company, lefevre, visit, books, pending):
    pending(books.late, 120_000)
    page = page_of(visit.get())
    assert "Paiement en cours 1 200,00 €" in page
    nothing = page_of(visit.get("payer/", data={"devise": "EUR", "d": key(books.late)}))
    assert "Rien de ce qui est choisi ne peut être réglé" in nothing


def test_what_is_contested_says_so_and_can_be_paid(company, lefevre, visit, books):
    Dispute.objects.create(
        company=company, customer=lefevre, document=books.late, reason_code="QTE_ERR", disputed_cents=120_000,
        is_whole=True, opened_date=TODAY, opened_by="test",
    )  # fmt: skip
    assert "contestée" in page_of(visit.get())
    assert "Vous réglez 1 200,00 €" in page_of(
        visit.get("payer/", data={"devise": "EUR", "d": key(books.late)})
    )


def test_nothing_begins_by_looking(visit, books):
    for path in ("", "payer/?devise=EUR&tout=1", "virement/?devise=EUR&tout=1"):
        visit.get(path)
        visit.client.head(visit.path + path)
    assert not Charge.objects.exists()


def test_a_method_that_is_not_offered_begins_nothing(visit, books):
    response = visit.post("payer/ouvrir/", {"devise": "EUR", "d": key(books.late), "moyen": "card"})
    assert response.status_code == 409
    assert not Charge.objects.exists()


def test_another_customers_invoice_is_not_there(company, visit, books):
    other = cast.invoice(
        company, cast.good_payer(company), "FA-2026-0900", payable_cents=90_000, issue_date=TODAY
    )
    for page in ("payer/", "virement/"):
        response = visit.get(page, data={"devise": "EUR", "d": key(other)})
        assert "FA-2026-0900" not in response.content.decode()
        assert "Rien de ce qui est choisi" in page_of(response)


def test_english_when_asked_for_and_remembered(visit, books):
    page = page_of(visit.get("?langue=en"))
    assert "Left to pay €2,550.50" in page
    assert "Left to pay" in page_of(visit.get())
    assert "Reste à payer" in page_of(visit.get("?langue=fr"))
    assert visit.client.cookies["encours_langue"]["httponly"]


def test_the_statement_of_account_is_a_pdf_of_what_is_open(visit, books):
    response = visit.get("releve/EUR/")
    assert response.content.startswith(b"%PDF-")
    assert "attachment" in response.headers["Content-Disposition"]
    assert visit.get("releve/USD/").status_code == 404


def test_paid_documents_of_the_year_are_listed(company, lefevre, visit, books):
    money = cast.receipt(company, lefevre, amount_cents=45_050, received_date=TODAY)
    allocate(
        company=company, payment_id=money.pk, on=TODAY, actor="test",
        portions=[Allocated(document_id=books.upcoming.pk, amount_cents=45_050)],
    )  # fmt: skip
    page = page_of(visit.get("reglees/"))
    assert "FA-2026-0003" in page
    assert "réglée le 10/03/2026" in page
    assert "FA-2026-0001" not in page
