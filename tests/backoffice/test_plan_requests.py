"""Demandes du portail: a collector accepts a payment plan as asked, offers another, refuses; a reader only reads."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client

from encours.store.models import Document, PaymentPlan, PlanRequest
from tests.backoffice.conftest import House, SignIn
from tests.backoffice.portal_requests import contact_asked_by, plan_asked_by
from tests.cases.stories import pays

ON = date.today()  # noqa: DTZ011 (the pages show today)


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "collector")


@pytest.fixture
def asked(house: House) -> PlanRequest:
    return PlanRequest.objects.get(pk=plan_asked_by(house))


def page(asked: PlanRequest, act: str = "") -> str:
    return f"/demandes/echeanciers/{asked.pk}/{act}"


def parts(*rows: tuple[int, str]) -> dict[str, str]:
    """The table of instalments: days from today, and amounts as they are typed."""
    sent = {"part-TOTAL_FORMS": str(len(rows)), "part-INITIAL_FORMS": str(len(rows))}
    for rank, (days, amount) in enumerate(rows):
        sent |= {
            f"part-{rank}-due_date": (ON + timedelta(days=days)).isoformat(),
            f"part-{rank}-amount_cents": amount,
        }
    return sent


def test_what_waits_is_listed_and_counted_in_the_rail(client, house, asked):
    listed = client.get("/demandes/").content.decode()
    assert house.customer.name in listed
    assert "Jeanne Martin" in listed
    assert "Demandes du portail" in listed
    answered = client.get("/demandes/?state=decided").content.decode()
    assert "Jeanne Martin" not in answered
    assert page(asked) in client.get(f"/clients/{house.customer.pk}/portail/").content.decode()


def test_accepted_it_is_the_plan_that_was_asked_for(client, house, asked):
    response = client.post(page(asked, "accepter/"), {"answer": "Avec plaisir"}, follow=True)
    plan = PaymentPlan.objects.get(request=asked)
    assert response.redirect_chain[-1][0] == f"/litiges/echeanciers/{plan.pk}/"
    assert [each.amount_cents for each in plan.instalments.all()] == [
        each["amount_cents"] for each in asked.instalments
    ]
    assert plan.agreed_with == "Jeanne Martin"
    assert mail.outbox[0].to == ["jeanne@martin.example"]
    assert "prévenu par e-mail" in response.content.decode()
    assert client.post(page(asked, "accepter/")).status_code == 200  # once
    assert PaymentPlan.objects.filter(request=asked).count() == 1


def test_other_instalments_are_offered_not_agreed(client, asked):
    sent = parts((5, "900"), (20, "100,00")) | {"answer": "Plus tôt"}
    response = client.post(page(asked, "proposer/"), sent, follow=True)
    assert "un autre proposé" in response.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.offered_instalments[1]["amount_cents"]) == ("offered", 10_000)
    assert not PaymentPlan.objects.filter(request=asked).exists()
    assert "Plus tôt" in mail.outbox[0].body


def test_an_offer_that_does_not_sum_up_is_shown_again(client, asked):
    response = client.post(page(asked, "proposer/"), parts((5, "12,34")))
    assert response.status_code == 200
    shown = response.content.decode()
    assert "Les échéances font 12,34" in shown.replace("\u202f", " ").replace("\xa0", " ")
    assert 'value="12,34"' in shown
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_refused_with_a_reason(client, asked):
    assert "obligatoire" in client.post(page(asked, "refuser/"), {"answer": " "}).content.decode()
    client.post(page(asked, "refuser/"), {"answer": "Trop long"})
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("refused", "Trop long")
    assert "Trop long" in mail.outbox[0].body


def test_what_was_paid_meanwhile_is_said_and_an_offer_worked_out_anew(client, house, asked):
    invoice = Document.objects.get(pk=asked.document_ids[0])
    pays(house.company, house.customer, 10_000, ON, invoice)
    shown = client.get(page(asked)).content.decode()
    assert "ne peut plus être acceptée telle quelle" in shown
    assert page(asked, "accepter/") not in shown
    cells = [
        form.initial["amount_cents"] for form in client.get(page(asked) + "?count=4&first_date=2100-01-31").context["parts"]
    ]  # fmt: skip
    assert len(cells) == 4
    total = sum(round(float(str(each).replace(" ", "").replace(",", ".")) * 100) for each in cells)
    assert total == 90_000


def test_without_an_address_somebody_tells_the_customer(client, asked):
    PlanRequest.objects.update(asked_email="")
    shown = client.post(page(asked, "accepter/"), follow=True).content.decode()
    assert "prévenez le client vous-même" in shown
    assert not mail.outbox


def test_a_reader_reads_and_another_company_sees_nothing(house, sign_in, other_company, asked):
    reader = sign_in(house.company, "viewer")
    shown = reader.get(page(asked)).content.decode()
    assert "Jeanne Martin" in shown
    assert page(asked, "refuser/") not in shown
    assert reader.post(page(asked, "accepter/")).status_code == 403
    stranger = sign_in(other_company, "admin")
    assert stranger.get(page(asked)).status_code == 404
    assert stranger.post(page(asked, "refuser/"), {"answer": "x"}).status_code == 404


def test_a_correction_of_contacts_is_accepted_or_left(client, house, sign_in):
    request = contact_asked_by(house)
    shown = client.get("/demandes/?kind=contacts").content.decode()
    assert "neuve@lefevre.example" in shown
    assert client.post(f"/demandes/contacts/{request}/accepter/").status_code == 302
    house.contact.refresh_from_db()
    assert house.contact.email == "neuve@lefevre.example"
    again = client.post(f"/demandes/contacts/{request}/refuser/", follow=True).content.decode()
    assert "attend plus de réponse" in again
    reader = sign_in(house.company, "viewer")
    assert reader.post(f"/demandes/contacts/{request}/accepter/").status_code == 403
