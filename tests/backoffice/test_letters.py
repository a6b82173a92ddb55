"""Réglages → Lettres, the table of rates, and a customer's late interest."""

from datetime import date

import pytest

from encours.ports.letter_files import standard_text
from encours.store.models import InterestClaim, LetterSettings, LetterTemplate, ReferenceRate
from tests import cast
from tests.backoffice.conftest import House, SignIn

FIRM = "/reglages/lettres/reminder_1/firm/fr/"
MINE = "Petit mot de {creditor}\n\nBonjour,\n\n[documents]\n\nMerci.\n\n[signature]\n"


@pytest.fixture
def admin(house: House, sign_in: SignIn):
    return sign_in(house.company, "admin", "fr")


def test_a_letter_is_saved_as_a_version_and_put_back(admin, house: House):
    page = admin.post(FIRM, {"text": MINE, "base_version": "0"}, follow=True).content.decode()
    assert "la vôtre, version 1" in page
    assert "<del>" in page
    assert "<ins>" in page
    assert LetterTemplate.objects.get().text == MINE
    page = admin.post(FIRM + "standard/", {}, follow=True).content.decode()
    assert "texte standard" in page
    assert not LetterTemplate.objects.filter(is_active=True).exists()


def test_a_faulty_text_stays_on_the_page_with_its_faults(admin, house: House):
    page = admin.post(FIRM, {"text": "Objet\n\n[documents]\n\n{totl}", "base_version": "0"}).content.decode()
    assert "Ligne 5" in page
    assert "vouliez-vous écrire total" in page
    assert "{totl}" in page
    assert not LetterTemplate.objects.exists()


def test_only_an_administrator_changes_letters(house: House, sign_in: SignIn):
    client = sign_in(house.company, "accountant", "fr")
    assert client.post(FIRM, {"text": MINE, "base_version": "0"}).status_code == 403
    assert client.post("/reglages/lettres/parametres/", {}).status_code == 403
    assert client.post("/reglages/lettres/taux/", {}).status_code == 403
    assert "readonly" in client.get(FIRM).content.decode()


def test_what_a_customer_would_read_stands_in_a_frame_that_can_do_nothing(admin, house: House):
    answer = admin.post(FIRM + "apercu/", {"text": MINE, "customer": str(house.customer.pk)})
    body = answer.content.decode()
    assert "Petit mot de" in body
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    # a text with faults shows them in its place
    faulty = admin.post(
        FIRM + "apercu/", {"text": "Objet\n\n<script>alert(1)</script> {no}"}
    ).content.decode()
    assert "<script" not in faulty


def test_the_same_on_paper(admin, house: House):
    answer = admin.post(FIRM + "apercu.pdf", {"text": MINE, "customer": str(house.customer.pk)})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_third_party_needs_name_address_and_mandate(admin, house: House):
    given = {
        "collector": "third_party", "third_party_name": "Recouvrement de l’Ouest", "days_to_pay": "15", "day_count": "actual/365",
        "imputation": "interest", "thanks_min_cents": "100,00", "agreed_basis_points": "12,5",
    }  # fmt: skip
    assert "CPCE" in admin.post("/reglages/lettres/parametres/", given).content.decode()
    assert not LetterSettings.objects.exists()
    given |= {
        "third_party_street": "8 rue de la Paix", "third_party_postcode": "35000", "third_party_city": "Rennes",
        "mandate_date": "2026-01-05",
    }  # fmt: skip
    assert admin.post("/reglages/lettres/parametres/", given).status_code == 302
    kept = LetterSettings.objects.get()
    assert (kept.collector, kept.days_to_pay, kept.agreed_basis_points, kept.thanks_min_cents) == (
        "third_party",
        15,
        1_250,
        10_000,
    )
    assert "12,5" in admin.get("/reglages/lettres/parametres/").content.decode()


def test_a_rate_is_added_with_its_source_and_never_in_place_of_the_tables(admin, house: House):
    given = {"half": "2026-2", "ecb_basis_points": "2,00", "source": ""}
    assert "obligatoire" in admin.post("/reglages/lettres/taux/", given).content.decode()
    assert (
        admin.post("/reglages/lettres/taux/", given | {"source": "BCE, page des taux directeurs"}).status_code
        == 302
    )
    assert ReferenceRate.objects.get().ecb_basis_points == 200
    refused = admin.post(
        "/reglages/lettres/taux/", given | {"half": "2026-1", "source": "moi"}
    ).content.decode()
    assert "déjà dans la table" in refused


def test_a_customer_s_interest_is_waived_with_a_reason(admin, house: House, settings):
    customer = cast.customer(house.company, "C-9", "Scierie Leroux")
    document = cast.invoice(
        house.company,
        customer,
        "FA-9",
        payable_cents=100_000,
        issue_date=date(2025, 1, 1),
        due_date=date(2025, 1, 31),
    )
    cast_paid = cast.receipt(house.company, customer, amount_cents=100_000, received_date=date(2025, 3, 2))
    from encours.actions.allocate import allocate
    from encours.core.ledger import Portion

    allocate(
        company=house.company,
        payment_id=cast_paid.pk,
        portions=[Portion(document.pk, 100_000)],
        on=date(2025, 3, 2),
        actor="test",
    )
    page = admin.get(f"/clients/{customer.pk}/penalites/").content.decode()
    assert "payée en retard" in page
    assert "10,81" in page  # 1,000 € x 13.15 % x 30 / 365
    admin.post(f"/clients/{customer.pk}/penalites/abandonner/", {"reason": "Bon client"})
    assert InterestClaim.objects.get().state == "waived"
    page = admin.get(f"/clients/{customer.pk}/penalites/").content.decode()
    assert "Bon client" in page
    assert "50,81" in page


def test_the_standard_text_is_what_one_starts_from(admin, house: House):
    page = admin.get(FIRM).content.decode()
    first = standard_text(template="reminder_1", tone="firm", language="fr").splitlines()[0]
    assert first in page
