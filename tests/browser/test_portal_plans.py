"""Payment plans and disputes as a debtor and its creditor meet them: asked, approved, seen, broken; contested with a file."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from encours.actions.judge_plans import judge_plans
from encours.actions.make_portal_link import invite_to_portal
from encours.portal import limits
from encours.store.models import Contact, Dispute, Paper, PaymentPlan, PlanRequest
from tests import cast
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_portal import look_at
from tests.cases.stories import bank_known

pytestmark = pytest.mark.browser


@pytest.fixture
def link(lumen, server) -> str:
    """Lefèvre owes an invoice and has a link; its accountant reads mail."""
    limits.clear()
    on = timezone.now().date()
    customer = cast.late_payer(lumen)
    Contact.objects.filter(customer=customer).update(email="compta@lefevre.example", name="Anne Lefèvre")
    cast.invoice(lumen, customer, "FA-2026-0001", payable_cents=120_000, issue_date=on - timedelta(days=90))
    made = invite_to_portal(
        company=lumen, customer_id=customer.pk, base_url=server, now=timezone.now(), actor="test"
    )
    return made.url


def show_code(page: Any) -> None:
    """The code that came by mail, typed."""
    page.get_by_role("button", name="Envoyer le code").click()
    code = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert code
    page.get_by_label("Les six chiffres").fill(code[0])
    page.get_by_role("button", name="Continuer").click()


def test_a_plan_asked_for_approved_seen_and_broken(lumen, link: str, open_page: OpenPage):
    visitor, found = open_page(role="", size=PHONE), {}
    page = visitor.page
    page.goto(link + "demandes/")
    found |= look_at(page, "asks-plan")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_role("link", name="Je paie en plusieurs fois").click()
    show_code(page)
    found |= look_at(page, "plan-form")
    page.get_by_label("En combien d’échéances").select_option("3")
    page.get_by_role("button", name="Voir les échéances").click()
    assert page.get_by_text("400,00").count() == 3
    page.get_by_role("button", name="Demander cet échéancier").click()
    assert "Cochez la case" in page.content()
    found |= look_at(page, "plan-proposed")
    page.get_by_label("Votre nom").fill("Anne Lefèvre")
    page.get_by_label("Je reconnais devoir").check()
    page.get_by_role("button", name="Demander cet échéancier").click()
    assert "attend notre réponse" in page.content()
    found |= look_at(page, "plan-waiting")

    desk = open_page(role="collector", size=DESKTOP)
    desk.page.goto("/demandes/")
    found |= look_at(desk.page, "requests")
    desk.page.get_by_role("link", name="Menuiserie Lefèvre").click()
    found |= look_at(desk.page, "request")
    desk.page.get_by_label("Un mot au client").first.fill("Merci de nous avoir prévenus.")
    desk.page.get_by_role("button", name="Accepter cet échéancier").click()
    assert "prévenu par e-mail" in desk.page.content()
    assert mail.outbox[-1].attachments

    page.goto(link + "echeanciers/")
    assert "en cours" in page.content()
    found |= look_at(page, "plan-running")
    page.get_by_role("link", name="Payer la prochaine échéance").click()
    assert "400,00" in page.inner_text("main").replace("\u202f", " ")

    plan = PaymentPlan.objects.get()
    late = plan.instalments.order_by("position")[0].due_date + timedelta(days=20)
    bank_known(lumen, late)
    judge_plans(company=lumen, on=late, actor="test")
    page.goto(link + "echeanciers/")
    assert "n’est pas arrivée à temps" in page.content()
    found |= look_at(page, "plan-broken")
    assert found == {}
    # the browser notes the form that was shown again
    assert [said for said in visitor.complaints if "422" not in said] == desk.complaints == []


def test_a_plan_is_asked_for_without_javascript_at_a_desk(link: str, open_page: OpenPage):
    page = open_page(role="", size=DESKTOP, javascript=False).page
    page.goto(link + "echeanciers/demander/")
    show_code(page)
    page.get_by_role("button", name="Voir les échéances").click()
    page.get_by_label("Votre nom").fill("Anne Lefèvre")
    page.get_by_label("Je reconnais devoir").check()
    page.get_by_role("button", name="Demander cet échéancier").click()
    assert PlanRequest.objects.get().state == "waiting"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_invoice_is_contested_with_a_file(link: str, open_page: OpenPage, size: tuple[int, int]):
    opened = open_page(role="", size=size)
    page = opened.page
    page.goto(link + "demandes/contestation/")
    show_code(page)
    found = look_at(page, "dispute")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.get_by_label("Facture", exact=True).select_option(label="FA-2026-0001")
    page.locator("select[name=reason_code]").select_option("LIVR_INCOMP")
    page.locator("textarea[name=text]").fill("Il manque deux cartons")
    blank = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    blank += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    page.locator("input[type=file]").set_input_files(
        {"name": "bon.pdf", "mimeType": "application/pdf", "buffer": blank}
    )
    page.get_by_role("button", name="Contester").click()
    assert "FA-2026-0001 contestée" in page.content()
    assert Dispute.objects.get().note == "Il manque deux cartons"
    assert Paper.objects.get().name == "bon.pdf"
    assert (found, opened.complaints) == ({}, [])


def test_contacts_are_corrected_on_a_telephone(link: str, open_page: OpenPage):
    opened = open_page(role="", size=PHONE)
    page, found = opened.page, {}
    page.goto(link + "contacts/")
    show_code(page)
    found |= look_at(page, "contacts")
    page.get_by_role("link", name="Corriger Anne Lefèvre").click()
    found |= look_at(page, "contact")
    page.get_by_label("E-mail").fill("neuve@lefevre.example")
    page.get_by_role("button", name="Enregistrer").click()
    assert "en cours de vérification" in page.content()
    found |= look_at(page, "contacts-waiting")
    desk = open_page(role="collector", size=DESKTOP)
    desk.page.goto("/demandes/?kind=contacts")
    assert "neuve@lefevre.example" in desk.page.content()
    found |= look_at(desk.page, "requests-contacts")
    assert (found, opened.complaints, desk.complaints) == ({}, [], [])
