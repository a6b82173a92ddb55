"""Who holds an expired link gets a new one by e-mail, at the address the company knows; robots are sent away."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client

from encours.actions.revoke_portal_link import revoke_portal_link
from encours.actions.send_invitation import RENEWED_WITHIN, UnableToInvite, send_invitation
from encours.actions.send_messages import send_messages
from encours.actions.update_portal_settings import update_portal_settings
from encours.store.models import JournalEntry, Message, PortalLink
from tests import cast
from tests.dunning.conftest import bank_known
from tests.dunning.post_office import PostOffice
from tests.portal.conftest import NOW, TODAY
from tests.portal.test_paying import page_of

ADDRESS = "nouveau-lien/"


@pytest.fixture(autouse=True)
def somewhere(settings) -> None:
    settings.PORTAL_URL = "https://portail.example"


@pytest.fixture
def office(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    with PostOffice() as made:
        settings.CHANNELS = {"email": {"smtp_url": made.url}}
        yield made


@pytest.fixture
def expired(visit, books, clock):
    """Lefèvre's link, good until an hour ago."""
    PortalLink.objects.filter(pk=visit.link_id).update(expires_at=clock[0] - timedelta(hours=1))
    return visit


def invitations() -> list[Message]:
    return list(Message.objects.filter(template="invitation"))


def test_the_expired_page_offers_a_new_link(expired):
    response = expired.get()
    assert response.status_code == 410
    assert (
        f'action="{expired.path.removeprefix("https://portail.example")}{ADDRESS}"'
        in response.content.decode()
    )
    assert invitations() == []


def test_it_goes_to_the_address_that_is_known_and_opens(company, lefevre, expired, office, clock):
    bank_known(company, TODAY - timedelta(days=90))
    response = expired.post(ADDRESS, {"email": "thief@example.net"})
    assert "part maintenant" in page_of(response)
    (message,) = invitations()
    sunday = TODAY + timedelta(days=5)
    send_messages(company=company, now=datetime.combine(sunday, time(9), UTC), on=sunday, actor="test")
    message.refresh_from_db()
    known = lefevre.contacts.get().email
    assert (message.state, message.recipient) == (Message.State.SENT, known)
    (mail,) = office.taken
    text = mail.get_body(("plain",)).get_content()
    path = next(word for word in text.split() if word.startswith("https://portail.example/p/"))
    assert Client().get(path.removeprefix("https://portail.example")).status_code == 200
    token = path.split("/")[-2]
    assert token not in message.text + message.html
    entry = JournalEntry.objects.get(action="portal.invitation_planned")
    assert (entry.customer_id, entry.actor) == (lefevre.pk, f"portal:{expired.link_id}")


@pytest.mark.parametrize(
    "why", ["unknown", "revoked", "still good", "long ago", "no address", "closed", "test mode"]
)
def test_the_answer_is_the_same_and_nothing_leaves(company, lefevre, visit, expired, clock, why):
    path = visit.path + ADDRESS
    good = page_of(expired.post(ADDRESS))
    Message.objects.filter(template="invitation").update(planned_date=TODAY - timedelta(days=3))
    before = len(invitations())
    if why == "unknown":
        path = f"/p/{company.pk}/{'0' * 26}/{ADDRESS}"
    elif why == "revoked":
        PortalLink.objects.update(expires_at=clock[0] + timedelta(days=1))
        revoke_portal_link(company=company, customer_id=lefevre.pk, now=clock[0], actor="test")
        PortalLink.objects.update(expires_at=clock[0] - timedelta(hours=1))
    elif why == "still good":
        PortalLink.objects.update(expires_at=clock[0] + timedelta(days=1))
    elif why == "long ago":
        PortalLink.objects.update(expires_at=clock[0] - RENEWED_WITHIN)
    elif why == "no address":
        lefevre.contacts.update(email="")
    elif why == "closed":
        update_portal_settings(company=company, actor="test", is_open=False)
    else:
        company.is_test_mode = True
        company.save()
    response = Client().post(path)
    assert (response.status_code, page_of(response)) == (200, good)
    assert len(invitations()) == before


def test_two_a_day_and_no_more(expired):
    for _ in range(4):
        assert expired.post(ADDRESS).status_code == 200
    assert len(invitations()) == 2


def test_asking_often_is_slowed_down(expired):
    answers = [expired.post(ADDRESS).status_code for _ in range(25)]
    assert answers[-1] == 429


def test_looking_sends_nothing_nor_does_another_site(expired):
    assert expired.get(ADDRESS).status_code == 405
    assert (
        expired.client.post(expired.path + ADDRESS, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 404
    )
    assert Client().post(f"/p/{1 << 70}/{'0' * 26}/{ADDRESS}").status_code == 200
    assert invitations() == []


def test_a_company_invites_by_mail(company, lefevre):
    message = send_invitation(company=company, customer_id=lefevre.pk, on=TODAY, actor="user:1")
    assert (message.state, message.customer_id) == (Message.State.APPROVED, lefevre.pk)
    nobody = cast.unreachable(company)
    with pytest.raises(UnableToInvite) as raised:
        send_invitation(company=company, customer_id=nobody.pk, on=TODAY, actor="user:1")
    assert raised.value.sentence.code == "invitation.not_reached"


def test_an_invitation_holds_no_reminder_back_and_says_no_thanks_for_money(company, lefevre, books, office):
    send_invitation(company=company, customer_id=lefevre.pk, on=TODAY, actor="user:1")
    sending = send_messages(company=company, now=NOW, on=TODAY, actor="test", accept_bank_age=True)
    assert sending.sent == 1
    (message,) = invitations()
    assert (message.amount_cents, message.attachments.count()) == (0, 0)


def test_robots_are_sent_away():
    response = Client().get("/robots.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain")
    assert response.content.decode() == "User-agent: *\nDisallow: /\n"
