"""Réglages: the company's details, who works there, oneself."""

import pytest
from django.core import mail
from django.test import Client

from encours.store.models import Company, JournalEntry, Membership, User
from tests.backoffice.conftest import SignIn, person

DETAILS = {
    "name": "Atelier Lumen SAS", "legal_form": "SAS", "siren": "732 829 320", "vat_number": "FR44732829320", "street": "",
    "postcode": "44000", "city": "Nantes", "country": "FR", "email": "compta@lumen.example", "phone": "",
    "iban": "FR76 3000 4000 3100 0123 4567 890", "account_holder": "Atelier Lumen SAS",
    "payment_terms": "45 jours fin de mois", "bank_data_max_age_days": "5", "promise_grace_days": "4", "language": "fr", "time_zone": "Europe/Paris",
}  # fmt: skip
GOOD_IBAN = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def client(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


def test_an_administrator_changes_the_companys_details(client: Client, company: Company):
    response = client.post("/reglages/", DETAILS | {"iban": GOOD_IBAN})
    assert response.status_code == 302
    company.refresh_from_db()
    assert (company.siren, company.iban) == ("732829320", GOOD_IBAN.replace(" ", ""))
    told = JournalEntry.objects.get(action="company.updated").data["changes"]
    assert told["iban"] == ["", "…2606"]
    assert "name" not in told


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"iban": "FR76 3000 4000 3100 0123 4567 891"}, "mal recopié"),
        ({"siren": "123456789"}, "SIREN"),
        ({"vat_number": "FR00732829320"}, "TVA"),
        ({"payment_terms": "quand il pleut"}, "non comprises"),
        ({"iban": GOOD_IBAN, "account_holder": ""}, "titulaire"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Client, company: Company, wrong: dict, said: str):
    response = client.post("/reglages/", DETAILS | {"iban": GOOD_IBAN} | wrong)
    assert response.status_code == 200
    assert said in response.content.decode()
    company.refresh_from_db()
    assert company.city == ""


def test_only_an_administrator_may_change_them(company: Company, sign_in: SignIn):
    client = sign_in(company, "accountant")
    assert client.get("/reglages/").status_code == 200
    assert client.post("/reglages/", DETAILS).status_code == 403


def test_an_invited_person_chooses_a_password_and_signs_in(client: Client, company: Company):
    client.post("/reglages/equipe/", {"email": "New@Lumen.example", "name": "Nouvelle", "role": "collector"})
    assert Membership.objects.get(user__email="new@lumen.example").role == "collector"
    (sent,) = mail.outbox
    link = next(word for word in sent.body.split() if word.startswith("http"))
    newcomer = Client()
    form = newcomer.get(link, follow=True)
    chosen = newcomer.post(
        form.redirect_chain[-1][0], {"password1": "un-mot-de-passe-long", "password2": "un-mot-de-passe-long"}
    )
    assert chosen.status_code == 302
    newcomer.post("/compte/login/", {"login": "new@lumen.example", "password": "un-mot-de-passe-long"})
    assert newcomer.get("/").status_code == 200


def test_somebody_who_has_an_account_is_let_in_without_a_mail(
    client: Client, company: Company, other_company: Company
):
    known = person(other_company, "viewer", password="a-long-enough-password")
    client.post("/reglages/equipe/", {"email": known.email, "role": "viewer"})
    assert mail.outbox == []
    assert set(known.memberships.values_list("company", flat=True)) == {company.pk, other_company.pk}


def test_the_last_administrator_stays(client: Client, company: Company):
    own = Membership.objects.get(company=company, role="admin")
    for url, data in (
        (f"/reglages/equipe/{own.pk}/", {"role": "viewer"}),
        (f"/reglages/equipe/{own.pk}/retirer/", {}),
    ):
        response = client.post(url, data, follow=True)
        assert "seul administrateur" in response.content.decode()
    own.refresh_from_db()
    assert own.role == "admin"


def test_a_member_is_changed_and_removed(client: Client, company: Company):
    member = person(company, "viewer")
    own = Membership.objects.get(user=member)
    client.post(f"/reglages/equipe/{own.pk}/", {"role": "accountant"})
    own.refresh_from_db()
    assert own.role == "accountant"
    client.post(f"/reglages/equipe/{own.pk}/retirer/")
    assert not Membership.objects.filter(pk=own.pk).exists()
    assert User.objects.filter(pk=member.pk).exists()


def test_language_theme_and_company_are_remembered(client: Client, company: Company, other_company: Company):
    client.post("/langue/", {"language": "en", "next": "/factures/"})
    assert 'lang="en"' in client.get("/").content.decode()
    assert client.post("/langue/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"
    client.post("/apparence/", {"theme": "dark"})
    assert 'data-theme-choice="dark"' in client.get("/").content.decode()
    assert client.post("/entreprise/", {"company": other_company.slug}).status_code == 400
    me = User.objects.get(email="admin.fr@lumen.example")
    Membership.objects.create(user=me, company=other_company, role="viewer")
    client.post("/entreprise/", {"company": other_company.slug})
    assert other_company.name in client.get("/reglages/").content.decode()
    assert client.get("/reglages/equipe/").status_code == 403
