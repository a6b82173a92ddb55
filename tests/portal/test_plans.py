"""Paying in instalments, asked for by the customer: within the limits, behind the code, and what becomes of it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import override_settings

from encours.actions.decide_plan_request import (
    UnableToDecidePlanRequest,
    accept_plan_request,
    offer_plan,
    refuse_plan_request,
)
from encours.actions.judge_plans import judge_plans
from encours.actions.record_promise import record_promise
from encours.core.cases.plans import Part
from encours.store.models import JournalEntry, PaymentPlan, PlanRequest, PortalSettings
from tests import cast
from tests.cases.stories import bank_known, pays
from tests.portal.conftest import NOW, TODAY, visitor
from tests.portal.proof import prove
from tests.portal.test_paying import page_of

FIRST = TODAY + timedelta(days=5)
ASK = "echeanciers/demander/"
PLANS = "echeanciers/"


@pytest.fixture(autouse=True)
def proven(visit, books):
    prove(visit)
    mail.outbox.clear()


def let(company, **settings):
    PortalSettings.objects.update_or_create(company=company, defaults=settings)


def wish(*documents, count=3, first_date=FIRST):
    return {
        "document_ids": [each.pk for each in documents],
        "count": count,
        "first_date": first_date.isoformat(),
    }


def ask(visit, *documents, count=3, first_date=FIRST, **more):
    given = wish(*documents, count=count, first_date=first_date)
    return visit.post(ASK, given | {"asked_name": "Anne Lefèvre", "agrees": "on", **more})


def asked(visit, *documents, **more) -> PlanRequest:
    response = ask(visit, *documents, **more)
    assert response.status_code == 303, page_of(response)
    return PlanRequest.objects.latest("pk")


def answered(action, request, **more):
    return action(company=request.company, request_id=request.pk, now=NOW, actor="user:1", **more)


def test_the_instalments_are_seen_before_they_are_asked_for(visit, books):
    page = page_of(visit.get(ASK, data=wish(books.late)))
    assert page.count("400,00 €") == 3
    for day in ("15/03/2026", "15/04/2026", "15/05/2026"):
        assert day in page
    assert "tout redevient exigible" in page
    assert not PlanRequest.objects.exists()


def test_asked_for_it_waits_for_a_person_and_holds_nothing(visit, books):
    request = asked(visit, books.late, note="Un gros client nous paie en mai")
    assert (request.state, request.asked_name) == ("waiting", "Anne Lefèvre")
    assert request.asked_email == "compta@lefevre.example"
    assert [part["amount_cents"] for part in request.instalments] == [40_000, 40_000, 40_000]
    assert not PaymentPlan.objects.exists()
    assert JournalEntry.objects.get(action="plan_request.asked").actor == f"portal:{visit.link_id}"
    page = page_of(visit.get(PLANS))
    assert "attend notre réponse" in page
    assert "Échéancier demandé" in page_of(visit.get("demandes/"))


def test_accepted_it_is_a_plan_told_by_mail_with_its_agreement(company, visit, books):
    request = asked(visit, books.late)
    with override_settings(PORTAL_URL="https://encours.example"):
        assert answered(accept_plan_request, request, on=TODAY, answer="Merci de nous avoir prévenus").is_told
    plan = PaymentPlan.objects.get()
    assert (plan.planned_cents, plan.agreed_with, plan.state) == (120_000, "Anne Lefèvre", "agreed")
    (sent,) = mail.outbox
    assert sent.to == ["compta@lefevre.example"]
    assert "accepté" in sent.subject
    for said in ("15/03/2026", "Merci de nous avoir prévenus", f"https://encours.example/p/{company.pk}/"):
        assert said in sent.body
    name, content, media_type = sent.attachments[0]
    assert (name.endswith(".pdf"), media_type) == (True, "application/pdf")
    assert bytes(content).startswith(b"%PDF")
    page = page_of(visit.get(PLANS))
    assert "en cours" in page
    assert "Payer la prochaine échéance" in page
    pdf = visit.get(f"echeanciers/{plan.pk}/accord/")
    assert pdf.content.startswith(b"%PDF")
    told = JournalEntry.objects.get(action="plan_request.told").data
    assert told["to"] == "c•••a@l•••.example"


def test_the_next_instalment_is_paid_from_the_plan(company, visit, books):
    let(company, allows_part_payment=False)
    answered(accept_plan_request, asked(visit, books.late), on=TODAY)
    (shown,) = visit.get(PLANS).context["plans"]
    assert "montant=400" in shown.pay_url
    page = page_of(visit.client.get(shown.pay_url))
    assert "400,00 €" in page
    # other invoices are still paid whole
    assert (
        "montant"
        not in visit.get("payer/", data={"devise": "EUR", "d": f"{books.split.pk}:1", "montant": "5"})
        .context["choice"]
        .query
    )


def test_an_instalment_that_came_is_seen_before_the_night(company, visit, books):
    answered(accept_plan_request, asked(visit, books.late), on=TODAY)
    pays(company, visit.customer, 40_000, TODAY, books.late)
    (shown,) = visit.get(PLANS).context["plans"]
    assert [each.left_cents for each in shown.row.instalments] == [0, 40_000, 40_000]


def test_a_broken_plan_says_what_follows(company, visit, books, clock):
    answered(accept_plan_request, asked(visit, books.late), on=TODAY)
    clock[0] += timedelta(days=12)
    bank_known(company, clock[0].date())
    judge_plans(company=company, on=clock[0].date(), actor="test")
    page = page_of(visit.get(PLANS))
    assert "L’échéance du 15/03/2026 n’est pas arrivée à temps." in page
    assert "exigible" in page
    (shown,) = visit.get(PLANS).context["plans"]
    assert "montant" not in shown.pay_url
    assert shown.falls_due


def test_a_refusal_says_why(visit, books):
    request = asked(visit, books.late)
    with pytest.raises(UnableToDecidePlanRequest):
        answered(refuse_plan_request, request, answer=" ")
    answered(refuse_plan_request, request, answer="Votre dernier échéancier n’a pas été tenu.")
    assert "dernier échéancier" in mail.outbox[0].body
    page = page_of(visit.get(PLANS))
    assert "refusée" in page
    assert "dernier échéancier" in page
    assert not PaymentPlan.objects.exists()
    with pytest.raises(UnableToDecidePlanRequest):
        answered(accept_plan_request, request, on=TODAY)


OFFER = (Part(FIRST, 60_000), Part(FIRST + timedelta(days=20), 60_000))


def test_other_instalments_are_an_offer_the_customer_accepts(visit, books):
    request = asked(visit, books.late)
    answered(offer_plan, request, instalments=OFFER, answer="Deux fois, c’est possible", on=TODAY)
    assert not PaymentPlan.objects.exists()
    assert "600,00" in mail.outbox[0].body
    assert "Répondre à cette proposition" in page_of(visit.get(PLANS))
    response = visit.post(ASK, {"accepter": request.pk})
    assert response.status_code == 422
    assert "Cochez la case" in page_of(response)
    assert not PaymentPlan.objects.exists()
    assert visit.post(ASK, {"accepter": request.pk, "agrees": "1"}).status_code == 303
    plan = PaymentPlan.objects.get()
    assert [each.amount_cents for each in plan.instalments.all()] == [60_000, 60_000]
    assert mail.outbox[1].attachments
    request.refresh_from_db()
    assert (request.state, request.plan_id) == ("accepted", plan.pk)


def test_an_offer_may_be_left_or_be_too_late(visit, books, clock):
    request = asked(visit, books.late)
    answered(offer_plan, request, instalments=OFFER, on=TODAY)
    clock[0] += timedelta(days=10)
    prove(visit)
    response = visit.post(ASK, {"accepter": request.pk, "agrees": "1"})
    assert response.status_code == 422
    assert "aucune avant le" in page_of(response)
    assert visit.post(ASK, {"retirer": request.pk}).status_code == 303
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_an_offer_sums_up_and_is_another(visit, books):
    request = asked(visit, books.late)
    for wrong in ((Part(FIRST, 1),), tuple(Part(date.fromisoformat(each["due_date"]), each["amount_cents"]) for each in request.instalments)):  # fmt: skip
        with pytest.raises(UnableToDecidePlanRequest):
            answered(offer_plan, request, instalments=wrong, on=TODAY)
    request.refresh_from_db()
    assert request.state == "waiting"


@pytest.mark.parametrize(
    ("settings", "more", "said"),
    [
        ({}, {"count": 5}, "Sélectionnez un choix valide"),
        ({}, {"count": 1}, "Sélectionnez un choix valide"),
        ({"plan_max_days": 50}, {}, "après le 29/04/2026"),
        ({}, {"first_date": TODAY + timedelta(days=31)}, "entre le 10/03/2026 et le 09/04/2026"),
        ({}, {"first_date": TODAY - timedelta(days=1)}, "entre le 10/03/2026 et le 09/04/2026"),
        ({"plan_min_instalment_cents": 50_000}, {}, "le minimum est 500,00"),
        ({"plan_max_cents": 100_000}, {}, "avec une personne"),
        ({}, {"asked_name": ""}, "obligatoire"),
        ({}, {"agrees": ""}, "Cochez la case"),
    ],
)
def test_what_lies_beyond_the_limits_is_refused(company, visit, books, settings, more, said):
    let(company, **settings)
    response = ask(visit, books.late, **more)
    assert response.status_code == 422
    assert said in page_of(response)
    assert not PlanRequest.objects.exists()


def test_the_first_is_the_share_the_company_wants(company, visit, books):
    let(company, plan_min_first_percent=50)
    request = asked(visit, books.late)
    assert [part["amount_cents"] for part in request.instalments] == [60_000, 30_000, 30_000]


def test_interest_comes_with_the_last_and_only_on_what_is_late(company, visit, books):
    let(company, plan_asks_interest=True)
    late = asked(visit, books.late)
    assert late.interest_cents > 0
    assert late.instalments[-1]["amount_cents"] == 40_000 + late.interest_cents
    assert visit.post(ASK, {"retirer": late.pk}).status_code == 303
    # due in 25 days: two instalments before that wait for nothing
    upcoming = asked(visit, books.upcoming, count=2, first_date=TODAY)
    days_late = (date(2026, 4, 10) - books.upcoming.due_date).days
    assert (upcoming.interest_cents > 0) == (days_late > 0)
    assert upcoming.interest_cents < late.interest_cents


def test_no_interest_of_a_consumer(company, visit, books):
    let(company, plan_asks_interest=True)
    visit.customer.kind = "person"
    visit.customer.save()
    assert asked(visit, books.late).interest_cents == 0


def test_within_the_limits_it_is_accepted_at_once_where_the_company_says_so(company, visit, books):
    let(company, plan_accepts_by_itself=True)
    request = asked(visit, books.late)
    assert request.state == "accepted"
    assert PaymentPlan.objects.get().recorded_by == f"portal:{visit.link_id}"
    assert len(mail.outbox) == 1
    # a second one beside it is for a person
    assert asked(visit, books.split).state == "waiting"


def test_who_broke_a_plan_lately_waits_for_a_person(company, visit, books):
    let(company, plan_accepts_by_itself=True)
    asked(visit, books.split)
    PaymentPlan.objects.update(state="broken", judged_date=TODAY - timedelta(days=100))
    assert asked(visit, books.late).state == "waiting"


def test_what_cannot_be_agreed_at_once_waits_whole(company, visit, books):
    let(company, plan_accepts_by_itself=True)
    record_promise(
        company=company, customer_id=visit.customer.pk, document_ids=[books.late.pk, books.split.pk],
        promised_date=TODAY + timedelta(days=9), on=TODAY, actor="test",
    )  # fmt: skip
    assert asked(visit, books.late).state == "waiting"
    assert not mail.outbox


def test_one_at_a_time_three_a_month(visit, books):
    for _ in range(3):
        request = asked(visit, books.late)
        assert "déjà en cours" in page_of(ask(visit, books.late))
        visit.post(ASK, {"retirer": request.pk})
    assert "Trois échéanciers" in page_of(ask(visit, books.late))
    assert PlanRequest.objects.filter(state="withdrawn").count() == 3


def test_what_is_contested_planned_on_its_way_or_anothers_cannot_be_chosen(company, visit, books, pending):
    pending(books.upcoming, 45_050)
    theirs = cast.invoice(
        company, cast.good_payer(company), "FA-2026-0900", payable_cents=50_000, issue_date=TODAY
    )
    for document in (books.upcoming, theirs):
        assert ask(visit, document).status_code == 422
    assert not PlanRequest.objects.exists()


def test_nobody_answers_for_another_customer(company, visit, books):
    request = asked(visit, books.late)
    answered(offer_plan, request, instalments=OFFER, on=TODAY)
    other = visitor(company, cast.good_payer(company))
    prove(other)
    assert other.post(ASK, {"retirer": request.pk}).status_code == 303
    assert other.post(ASK, {"accepter": request.pk, "agrees": "1"}).status_code == 422
    request.refresh_from_db()
    assert request.state == "offered"
    visit.post(ASK, {"accepter": request.pk, "agrees": "1"})
    plan = PaymentPlan.objects.get()
    assert other.get(f"echeanciers/{plan.pk}/accord/").status_code == 404


def test_asking_is_behind_the_code_and_the_companys_will(company, books):
    fresh = visitor(company, books.late.customer)
    assert fresh.post(ASK, wish(books.late)).status_code == 303
    assert not PlanRequest.objects.exists()
    assert fresh.get(PLANS).status_code == 200
    prove(fresh)
    let(company, allows_plan=False)
    assert fresh.get(ASK).status_code == 404
    assert "Demander un échéancier" not in page_of(fresh.get(PLANS))


def test_in_test_mode_no_mail_leaves(company, visit, books):
    company.is_test_mode = True
    company.save()
    assert not answered(accept_plan_request, asked(visit, books.late), on=TODAY).is_told
    assert not mail.outbox
