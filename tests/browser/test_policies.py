"""A policy changed by keyboard: refused with a bad value, corrected, its effect looked at, put in force."""

from datetime import date, timedelta
from typing import Any

import pytest

from encours.queries.policies import active_policy, policy_value
from encours.store.models import Company, JournalEntry
from tests import cast
from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def late_payer(lumen: Company) -> Any:
    """Owes an invoice that is ten days late: the policy of today asks for the second reminder."""
    on = date.today()  # noqa: DTZ011 (the pages show today)
    customer = cast.late_payer(lumen)
    cast.invoice(
        lumen, customer, "FA-2026-0102", payable_cents=250_000, issue_date=on - timedelta(days=40),
        due_date=on - timedelta(days=10),
    )  # fmt: skip
    return customer


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def to(page: Any, control: Any) -> None:
    """By Tab alone: what cannot be reached so is not there for a keyboard."""
    for _ in range(120):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("not reached by Tab")


def test_a_policy_is_changed_by_keyboard_and_put_in_force(
    lumen: Company, late_payer: Any, open_page: OpenPage
):
    opened = open_page(role="admin")
    page = opened.page
    page.goto("/scenarios/")
    to(page, page.get_by_role("link", name="Modifier Relance standard"))
    press(page, "Enter")
    page.get_by_role("heading", name="Relance standard").wait_for()

    # the second reminder leaves after the formal notice: refused while one types, beside the field
    days = page.locator("#steps-2-days")
    to(page, days)
    press(page, "Control+A")
    page.keyboard.type("20")
    page.locator("#steps-3-days_problems").get_by_text("peut tomber avant la précédente").wait_for()
    assert page.locator("#steps-3-days").get_attribute("aria-invalid") == "true"
    page.locator("#live-status", has_text="1 point à corriger").wait_for(state="attached")
    assert days.evaluate("element => element === document.activeElement")
    press(page, "Enter")
    page.get_by_text("1 point à corriger").first.wait_for()

    # corrected: the timeline follows
    to(page, page.locator("#steps-2-days"))
    press(page, "Control+A")
    page.keyboard.type("12")
    page.locator("#live .across").get_by_text("R+12").wait_for()
    assert page.locator("#steps-3-days_problems li").count() == 0
    to(page, page.get_by_role("button", name="Voir qui est concerné"))
    press(page, "Enter")

    # who is affected: the reminder of today would be the first, not the second
    page.get_by_role("heading", name="Qui est concerné").wait_for()
    page.get_by_text("déplacée").wait_for()
    row = page.get_by_role("row", name=late_payer.name)
    assert "R+8" in row.inner_text()
    assert "R+1" in row.inner_text()
    to(page, page.get_by_role("button", name="Mettre en vigueur"))
    press(page, "Enter")
    page.get_by_text("La version 2 est en vigueur").wait_for()
    assert page.locator(".across").get_by_text("R+12").is_visible()
    assert opened.complaints == []
    saved = active_policy(company=lumen, slug="standard")
    assert saved is not None
    codes = [placed.code for placed in policy_value(company=lumen, policy=saved).timeline]
    assert codes == ["J-7", "R+1", "R+12", "R+15"]
    assert JournalEntry.objects.filter(action="policy.changed", subject_id=saved.pk).exists()


def test_conditions_grow_and_shrink_while_one_edits(lumen: Company, open_page: OpenPage):
    opened = open_page(role="admin")
    page = opened.page
    page.goto("/scenarios/nouveau/modifier/?modele=training")
    step = page.locator("#steps-1")
    step.get_by_role("button", name="Ajouter une condition").click()
    step.get_by_label("Ce qu'on regarde").select_option("public_buyer")
    step.get_by_text("S'applique si : acheteur public").wait_for()
    step.get_by_role("button", name="Le contraire").click()
    step.get_by_text("sauf si acheteur public").wait_for()
    step.get_by_role("button", name="Retirer cette condition").first.click()
    step.get_by_text("S'applique à tous").wait_for()
    page.get_by_role("button", name="Modifier en YAML").click()
    page.get_by_label("Le document, en YAML").fill("policy: training\nname: Formation\nsteps: jamais\n")
    page.locator("#live").get_by_text("Ligne 3").wait_for()
    assert opened.complaints == []


def test_a_policy_is_changed_without_javascript_and_on_a_phone(lumen: Company, open_page: OpenPage):
    page = open_page(role="admin", javascript=False, size=PHONE).page
    page.goto("/scenarios/")
    page.get_by_role("link", name="Modifier Relance standard").click()
    assert page.locator("#live .down").is_visible()
    assert not page.locator("#live .across").is_visible()
    page.get_by_role("button", name="Ajouter une étape").click()
    page.locator("#steps-4-days").fill("trente")
    page.get_by_role("button", name="Voir qui est concerné").click()
    assert page.locator("#steps-4-days_problems").get_by_text("un nombre entier attendu").is_visible()
    assert page.locator("#steps-4-days").input_value() == "trente"
    page.locator("#steps-4-days").fill("30")
    page.get_by_role("button", name="Voir qui est concerné").click()
    assert page.get_by_text("ajoutée").is_visible()
    page.get_by_role("button", name="Mettre en vigueur").click()
    assert page.get_by_text("La version 2 est en vigueur").is_visible()
