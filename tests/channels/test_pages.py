"""The pages of letters, tasks and channels, as a collector and an administrator use them."""

import pytest
from django.test import Client
from django.urls import reverse

from encours.actions.print_letters import print_letters
from encours.store.models import ChannelConnection, LetterBatch, Message, Task
from tests import cast
from tests.backoffice.conftest import sign_in  # noqa: F401 (a fixture)
from tests.backoffice.page import assert_sound
from tests.channels.conftest import DAY
from tests.channels.fake_twilio import SID, TOKEN, FakeTwilio
from tests.dunning.conftest import at, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def collector(company, sign_in, monkeypatch) -> Client:  # noqa: F811 (the fixture)
    on_the_day(monkeypatch)
    return sign_in(company, "collector")


@pytest.fixture
def admin(company, sign_in, monkeypatch) -> Client:  # noqa: F811 (the fixture)
    on_the_day(monkeypatch)
    return sign_in(company, "admin")


def on_the_day(monkeypatch) -> None:
    for name in ("post", "tasks"):
        monkeypatch.setattr(f"encours.backoffice.{name}.views.today", lambda _: DAY)
        monkeypatch.setattr(f"encours.backoffice.{name}.views.now", lambda: at(DAY, 10))


def read(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    assert_sound(page, language="fr")
    return page


def test_letters_are_prepared_and_posted(company, planned, collector):
    planned("letter")
    assert "1 courrier attend" in read(collector, reverse("post:list"))
    answer = collector.post(reverse("post:print"))
    batch = LetterBatch.objects.get()
    assert answer["Location"] == reverse("post:show", args=[batch.pk])
    page = read(collector, answer["Location"])
    assert "Menuiserie Lefèvre SAS" in page
    whole = b"".join(collector.get(reverse("post:pdf", args=[batch.pk])).streaming_content)
    assert whole.startswith(b"%PDF")
    collector.post(reverse("post:posted", args=[batch.pk]), {"posted_date": DAY.isoformat()})
    assert Message.objects.get().state == "sent"
    assert "Remis" in read(collector, reverse("post:list"))


def test_a_letter_paid_since_is_told_and_taken_out(company, planned, fa1, lefevre, collector):
    from encours.actions.allocate import allocate
    from encours.core.ledger import Portion

    message = planned("letter")
    batch = print_letters(company=company, now=at(DAY), on=DAY, actor="user:1").batch
    money = cast.receipt(company, lefevre, amount_cents=120_000, received_date=DAY)
    allocate(company=company, payment_id=money.pk, portions=[Portion(fa1.pk, 120_000)], on=DAY, actor="t")
    page = read(collector, reverse("post:show", args=[batch.pk]))
    assert "Réglé depuis" in page
    collector.post(reverse("post:take_out", args=[batch.pk, message.pk]))
    message.refresh_from_db()
    assert message.state == "cancelled"


def test_a_task_is_found_and_completed(company, planned, collector):
    planned("task")
    send(company, DAY)
    task = Task.objects.get()
    assert "Appeler Menuiserie" in read(collector, reverse("tasks:list"))
    assert "FA-1" in read(collector, reverse("tasks:show", args=[task.pk]))
    refused = collector.post(reverse("tasks:complete", args=[task.pk]), {"outcome": ""})
    assert refused.status_code == 200
    collector.post(reverse("tasks:complete", args=[task.pk]), {"outcome": "promised", "note": "jeudi"})
    task.refresh_from_db()
    assert (task.state, task.outcome, task.outcome_note) == ("done", "promised", "jeudi")
    assert "Paiement promis" in read(collector, reverse("tasks:list") + "?shown=ended")


def test_a_service_is_connected_tried_rested_and_revoked(company, admin):
    add = reverse("settings:add_channel") + "?kind=twilio"
    assert_sound(admin.get(add).content.decode(), language="fr")
    given = {"name": "SMS", "account_sid": SID, "auth_token": TOKEN, "sender": "Lumen"}
    assert "auth_token" in admin.post(add, {**given, "auth_token": ""}).content.decode()
    admin.post(add, given)
    connection = ChannelConnection.objects.get()
    show = reverse("settings:channel", args=[connection.pk])
    page = read(admin, show)
    assert TOKEN not in page
    assert connection.hook_key in page
    with FakeTwilio() as fake:
        ChannelConnection.objects.update(settings=connection.settings | {"base_url": fake.url})
        change = reverse("settings:change_channel", args=[connection.pk])
        assert "Le service répond" in admin.post(change, {"do": "try"}, follow=True).content.decode()
        fake.troubles = [401]
        assert "trouble" in admin.post(change, {"do": "try"}, follow=True).content.decode()
    admin.post(change, {"do": "rest"})
    assert ChannelConnection.objects.get().state == "paused"
    admin.post(change, {"do": "use"})
    admin.post(reverse("settings:revoke_channel", args=[connection.pk]))
    connection.refresh_from_db()
    assert (connection.state, connection.sealed) == ("revoked", "")
    assert admin.get(show).status_code == 404


def test_costs_and_copies_are_set(company, admin):
    url = reverse("settings:channels")
    read(admin, url)
    admin.post(reverse("settings:change_sending"), {"cost_email": "0", "cost_sms": "0,07", "copies": "blind"})
    company.refresh_from_db()
    assert (company.channel_costs, company.account_manager_copy) == ({"email": 0, "sms": 7}, "blind")
    assert 'value="0,07"' in read(admin, url)


def test_a_notice_at_our_address(company, admin, settings):
    url = reverse("settings:add_channel") + "?kind=twilio"
    admin.post(url, {"name": "SMS", "account_sid": SID, "auth_token": TOKEN, "sender": "Lumen"})
    connection = ChannelConnection.objects.get()
    address = reverse("report_notices:receive", args=[company.pk, connection.hook_key])
    stranger = Client()
    assert stranger.post(address, {"MessageSid": "SM1"}).status_code == 401
    told = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    body, headers = FakeTwilio.notice(f"http://testserver{address}", **told)
    answer = stranger.post(
        address, body, content_type=headers["content-type"],
        headers={"X-Twilio-Signature": headers["x-twilio-signature"]},
    )  # fmt: skip
    assert answer.status_code == 204
    assert stranger.get(address).status_code == 405


def test_the_sender_s_domain_is_looked_up_when_asked(company, lefevre, admin, settings):
    from tests.channels.test_mail_domain import GOOD, FakeDns

    page = reverse("settings:channel_domain")
    assert "Ce que dit la zone" not in read(admin, page)
    with FakeDns(GOOD) as fake:
        settings.NAMESERVER = fake.address
        assert "En ordre" in read(admin, page + "?check=1")


def test_a_consent_to_registered_mail_is_recorded_and_withdrawn(company, lefevre, collector):
    from encours.store.models import Customer

    Customer.objects.filter(pk=lefevre.pk).update(kind="person")
    url = reverse("customers:consent", args=[lefevre.pk])
    read(collector, url)
    collector.post(url, {"since": "2026-02-01", "note": ""})
    lefevre.refresh_from_db()
    assert lefevre.registered_consent_date is None, "a consent that cannot be proved is none"
    collector.post(url, {"since": "2026-02-01", "note": "contrat du 1er février"})
    lefevre.refresh_from_db()
    assert str(lefevre.registered_consent_date) == "2026-02-01"
    assert "01/02/2026" in read(collector, url)
    collector.post(url, {"do": "withdraw"})
    lefevre.refresh_from_db()
    assert lefevre.registered_consent_date is None
