"""Lists gone through by keys alone: replies, reminders to approve. Bank lines have their own tests."""

import pytest
from playwright.sync_api import expect

from encours.store.models import Message, Reply
from tests.backoffice.conftest import House
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_reply_is_followed_and_taken_back(house: House, open_page: OpenPage):
    reply = Reply.objects.filter(company=house.company, state="waiting").latest("received_at")
    opened = open_page(role="collector")
    page = opened.page
    page.goto("/reponses/", wait_until="networkidle")
    expect(page.locator("[data-keys-hint]")).to_be_visible()
    page.keyboard.press("j")
    card = page.locator(f"#reply-{reply.pk}")
    expect(card).to_be_focused()
    page.keyboard.press("d")
    expect(page.locator("#told")).not_to_be_empty()
    assert Reply.objects.get(pk=reply.pk).state == "dismissed"
    page.keyboard.press("z")
    expect(card.locator("form[data-key=d]")).to_be_visible()
    assert Reply.objects.get(pk=reply.pk).state == "waiting"
    assert opened.complaints == []


def test_a_reminder_is_looked_at_closed_and_approved(house: House, open_page: OpenPage):
    opened = open_page(role="collector")
    page = opened.page
    page.goto("/relances/", wait_until="networkidle")
    page.keyboard.press("j")
    line = page.locator(".queue-line").first
    expect(line).to_be_focused()
    page.keyboard.press("v")
    expect(page.locator(".queue-look").first).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(line).to_be_focused()
    waiting = Message.objects.filter(company=house.company, approved_by="").exclude(state="sent").count()
    page.keyboard.press("a")
    expect(page.locator(".queue-line.is-answered")).to_have_count(1)
    left = Message.objects.filter(company=house.company, approved_by="").exclude(state="sent").count()
    assert left == waiting - 1
    assert opened.complaints == []


def test_single_keys_are_switched_off_and_the_arrows_still_move(house: House, open_page: OpenPage):
    opened = open_page(role="collector")
    page = opened.page
    page.goto("/reponses/", wait_until="networkidle")
    page.keyboard.press("?")
    page.locator("[data-keys-on]").uncheck()
    page.locator("[data-close-keys]").click()
    expect(page.locator("[data-keys-hint]")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator(".reply:focus")).to_have_count(0)
    page.locator(".reply").first.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".reply").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    assert opened.complaints == []
