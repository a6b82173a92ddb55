"""Every message says where to see and pay what it asks for; the key to it is in what leaves and nowhere else."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from encours.actions.preview_message import preview_message
from encours.actions.render_letter import render_letter
from encours.actions.render_message import render_message
from encours.actions.render_short import render_text_message
from encours.actions.run_dunning import run_dunning
from encours.core.texting import is_gsm, parts_of
from encours.store.models import Message, PortalLink, PortalSettings
from tests.dunning.conftest import approve_all, bank_known, post_office, send  # noqa: F401  (fixture)
from tests.dunning.test_letters import a_letter
from tests.portal.conftest import NOW, TODAY

BASE = "http://testserver"
LINK = re.compile(r"http://testserver/p/\d+/[0-9a-z]+/")


@pytest.fixture
def sent(company, books, post_office, settings, clock):  # noqa: F811
    """The reminder Lefèvre got, as its mail program has it."""

    def left(*, portal_url: str = BASE):
        settings.PORTAL_URL = portal_url
        bank_known(company, TODAY)
        run_dunning(company=company, on=TODAY, actor="test")
        approve_all(company)
        send(company, TODAY, now=NOW)
        (mail,) = post_office.taken
        return mail

    return left


def parts(mail) -> tuple[str, str]:
    return mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def test_the_link_of_a_mail_opens_the_page_in_one_request(sent):
    text, html = parts(sent())
    (url,) = set(LINK.findall(text)) | set(LINK.findall(html))
    response = Client().get(url)
    assert response.status_code == 200
    assert "Lefèvre" in response.content.decode()


def test_what_is_kept_of_a_message_opens_nothing(sent):
    text, _ = parts(sent())
    token = LINK.search(text)[0].split("/")[-2]
    message = Message.objects.get(state="sent")
    assert "/p/" in message.text
    assert token not in message.text + message.html
    assert PortalLink.objects.get(message=message).customer_id == message.customer_id


def test_no_link_where_nobody_said_where_the_portal_is(sent):
    text, html = parts(sent(portal_url=""))
    assert "/p/" not in text + html
    assert not PortalLink.objects.exists()


def test_a_closed_portal_is_not_mentioned(sent, company):
    PortalSettings.objects.create(company=company, is_open=False)
    text, html = parts(sent())
    assert "/p/" not in text + html


def test_a_preview_shows_a_link_that_opens_nothing(company, books, settings):
    settings.PORTAL_URL = BASE
    run_dunning(company=company, on=TODAY, actor="test")
    message = Message.objects.get()
    shown = preview_message(company=company, message_id=message.pk, on=TODAY).rendered
    (url,) = LINK.findall(shown.text)
    assert Client().get(url).status_code == 404
    assert not PortalLink.objects.exists()


def test_a_text_message_ends_with_the_address_alone_on_its_line(company):
    letter = a_letter("reminder_1", "fr")
    text = render_text_message(company=company, letter=letter).text
    assert text.endswith(f"\n{letter.portal_url}")
    assert is_gsm(text)
    without = render_text_message(company=company, letter=replace(letter, portal_url="")).text
    assert parts_of(text) <= parts_of(without) + 1


def test_a_letter_carries_a_code_and_thanks_ask_for_nothing():
    letter = a_letter("formal_notice", "fr")
    with_code, without = (render_letter(letter=each) for each in (letter, replace(letter, portal_url="")))
    assert with_code.startswith(b"%PDF-")
    assert letter.portal_url.encode() in with_code  # a link one can follow on a screen
    assert len(with_code) > len(without)
    assert "/p/" not in render_message(letter=a_letter("thank_you", "fr")).text
