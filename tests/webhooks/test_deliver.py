"""How messages reach their address: signed, in order, again after trouble, never to somewhere inside the network."""

import asyncio
import socket
import ssl
from datetime import timedelta

import pytest
from django.db import connection

from encours.actions import deliver_webhooks as action
from encours.actions.change_credential_key import change_credential_key
from encours.actions.change_webhook import (
    UnableToAddWebhook,
    add_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    resend_webhook,
    try_webhook,
)
from encours.actions.deliver_webhooks import deliver_webhooks, due_endpoints, forget_old_events
from encours.core.webhooks import RETRY_AFTER, next_attempt_at
from encours.jobs.deliver_webhooks import deliver_waiting
from encours.ports import webhooks as port
from encours.ports.webhooks import is_public, post_webhook, url_problem
from encours.queries.jobs import jobs_waiting
from encours.store.models import JournalEntry, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from encours.store.tenancy import company_scope
from tests.webhooks.receiver import Receiver


@pytest.fixture
def say(company, endpoint, clock):
    """`say(3)`: so many messages wait."""

    def run(count: int = 1) -> list[WebhookDelivery]:
        for _ in range(count):
            assert try_webhook(company=company, endpoint_id=endpoint.pk, now=clock())
        return list(WebhookDelivery.objects.order_by("pk"))[-count:]

    return run


def test_a_message_arrives_signed_as_the_standard_says(added, receiver, deliver, say, clock):
    (delivery,) = say()
    assert deliver().delivered == 1
    (received,) = receiver.received
    assert received.is_signed_with(added.secret)
    assert not received.is_signed_with("whsec_" + "A" * 43 + "=")
    assert received.path == "/hooks?for=encours"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-timestamp"] == str(int(clock.now.timestamp()))
    assert (received.webhook_id, received.told["type"]) == (delivery.event.webhook_id, "webhook.test")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.delivered_at) == ("delivered", clock.now)
    assert WebhookAttempt.objects.get().status == 200


def test_messages_arrive_in_the_order_they_happened_and_once(receiver, deliver, say):
    said = say(5)
    assert deliver().delivered == 5
    assert deliver().delivered == 0
    assert [each.webhook_id for each in receiver.received] == [each.event.webhook_id for each in said]


@pytest.mark.parametrize("trouble", [500, 503, 429, 408, "slow", "cut"])
def test_an_address_in_trouble_gets_the_same_message_again_and_the_next_wait(
    added, receiver, deliver, say, clock, endpoint, trouble
):
    receiver.answers = [trouble]
    said = say(2)
    assert (deliver().failed, len(receiver.received)) == (1, 1)
    endpoint.refresh_from_db()
    assert endpoint.problem["code"] in ("webhook.answered", "webhook.too_slow", "webhook.not_reached")
    assert deliver() == action.Delivered(0, 0, is_unfinished=False)
    clock.wait(seconds=6)
    assert deliver().delivered == 2
    first, again, second = receiver.received
    assert (again.webhook_id, again.body) == (first.webhook_id, first.body)
    assert again.headers["webhook-timestamp"] > first.headers["webhook-timestamp"]
    assert again.is_signed_with(added.secret)
    assert second.webhook_id == said[1].event.webhook_id
    endpoint.refresh_from_db()
    assert (endpoint.problem, endpoint.failing_since, endpoint.failure_count) == (None, None, 0)


def test_a_message_that_is_refused_does_not_hold_the_others_up(receiver, deliver, say, clock):
    receiver.answers = [422]
    refused, fine = say(2)
    deliver()
    assert [each.webhook_id for each in receiver.received] == [
        refused.event.webhook_id,
        fine.event.webhook_id,
    ]
    clock.wait(seconds=6)
    assert deliver().delivered == 1
    assert receiver.received[2].webhook_id == refused.event.webhook_id


def test_a_message_is_given_up_after_three_days_and_may_be_sent_again(
    company, receiver, deliver, say, clock, endpoint
):
    receiver.answers = [422] * (len(RETRY_AFTER) + 1)
    (delivery,) = say()
    for pause in (*RETRY_AFTER, timedelta(days=9)):
        deliver()
        clock.wait(seconds=pause.total_seconds() + 1)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.failure_count) == ("failed", len(RETRY_AFTER) + 1)
    assert deliver().delivered == 0
    assert resend_webhook(company=company, endpoint_id=endpoint.pk, delivery_id=delivery.pk)
    assert deliver().delivered == 1
    assert {each.webhook_id for each in receiver.received} == {delivery.event.webhook_id}
    assert WebhookAttempt.objects.count() == len(RETRY_AFTER) + 2


def test_an_address_that_is_gone_is_switched_off_at_once(company, receiver, deliver, say, endpoint):
    receiver.answers = [410]
    say(2)
    deliver()
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.problem["code"]) == ("disabled", "webhook.gone")
    assert JournalEntry.objects.filter(action="webhook_endpoint.disabled", actor="worker").count() == 1
    assert len(receiver.received) == 1
    assert not try_webhook(company=company, endpoint_id=endpoint.pk, now=endpoint.created_at)


def test_an_address_that_fails_for_days_is_switched_off_and_what_waits_is_kept(
    company, receiver, deliver, say, clock, endpoint
):
    receiver.answers = [500] * 100
    say(3)
    for _ in range(40):
        deliver()
        clock.wait(hours=6)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.problem["code"]) == ("disabled", "webhook.failed_long")
    asked = len(receiver.received)
    assert asked < 16
    receiver.answers = []
    assert enable_webhook(company=company, endpoint_id=endpoint.pk, actor="user:1")
    assert not enable_webhook(company=company, endpoint_id=endpoint.pk, actor="user:1")
    deliver()
    assert WebhookDelivery.objects.filter(state="delivered").count() == 2  # the first was given up


def test_a_worker_that_died_after_sending_sends_it_again_under_the_same_id(
    company, receiver, deliver, say, clock, monkeypatch
):
    (delivery,) = say()

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(action, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert deliver().delivered == 0  # the claim holds
    clock.wait(seconds=121)
    assert deliver().delivered == 1
    first, again = receiver.received
    assert first.webhook_id == again.webhook_id == delivery.event.webhook_id
    assert [attempt.status for attempt in WebhookAttempt.objects.order_by("pk")] == [None, 200]


def test_a_redirect_is_not_followed(receiver, deliver, say, endpoint):
    receiver.answers = [(302, {"location": f"http://127.0.0.1:{receiver.port}/elsewhere"})]
    say()
    deliver()
    assert [each.path for each in receiver.received] == ["/hooks?for=encours"]
    assert WebhookAttempt.objects.get().status == 302
    assert WebhookDelivery.objects.get().state == "waiting"


@pytest.fixture
def stands_for(monkeypatch):
    """`stands_for("10.0.0.7", port=443)`: what every name is from now on."""

    def say(*addresses: str, port: int = 443) -> None:
        async def resolved(*_, **__):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolved)

    return say


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"], ["fe80::1"]])
def test_a_name_that_stands_for_something_inside_is_not_called(stands_for, addresses):
    stands_for(*addresses)
    outcome = post_webhook(
        url="https://erp.example/hook", body=b"{}", headers={}, may_be_inside=False, seconds=1
    )
    assert outcome.problem is not None
    assert outcome.problem.code == "webhook.not_public"


def test_the_address_that_was_checked_is_the_one_that_is_called(receiver, stands_for):
    """A name is resolved once: what it stands for a moment later plays no part."""
    stands_for("127.0.0.1", port=receiver.port)
    url = f"http://no-such-name.invalid:{receiver.port}/hook"
    outcome = post_webhook(url=url, body=b"{}", headers={}, may_be_inside=True, seconds=5)
    assert outcome.status == 200
    assert receiver.received[0].headers["host"] == f"no-such-name.invalid:{receiver.port}"


def test_the_certificate_must_be_that_of_the_name(stands_for, monkeypatch, tmp_path):
    """Calling the address itself does not mean believing whoever answers there."""
    with Receiver(certificate_for="erp.example", folder=tmp_path) as receiver:
        stands_for("127.0.0.1", port=receiver.port)
        trusted = ssl.create_default_context(cafile=str(tmp_path / "erp.example.pem"))
        monkeypatch.setattr(port, "_trusted", lambda: trusted)
        said = {
            name: post_webhook(
                url=f"https://{name}:{receiver.port}/hook",
                body=b"{}",
                headers={},
                may_be_inside=True,
                seconds=5,
            )
            for name in ("erp.example", "other.example")
        }
    assert said["erp.example"].status == 200
    assert said["other.example"].status is None
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("::", False),
        ("fe80::1%eth0", False), ("fc00::1", False), ("ff02::1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("64:ff9b::5db8:d822", True),
    ],
)  # fmt: skip
def test_which_addresses_are_the_internet(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://erp.example/hook", "webhook.bad_url"),
        ("ftp://erp.example/hook", "webhook.bad_url"),
        ("https:///hook", "webhook.bad_url"),
        ("https://erp.example:99999/", "webhook.bad_url"),
        ("https://user:pass@erp.example/", "webhook.bad_url"),
        ("https://erp.example/#part", "webhook.bad_url"),
        ("https://erp.example/a b", "webhook.bad_url"),
        ("https://erp.example/\r\nx: y", "webhook.bad_url"),
        ("https://erp.example/" + "x" * 500, "webhook.bad_url"),
        ("https://localhost/", "webhook.not_public"),
        ("https://127.0.0.1/", "webhook.not_public"),
        ("https://[::1]/", "webhook.not_public"),
        ("https://169.254.169.254/latest", "webhook.not_public"),
    ],
)
def test_addresses_that_are_not_taken(company, url, code):
    with pytest.raises(UnableToAddWebhook) as refused:
        add_webhook(company=company, url=url, events=["receipt.allocated"], may_be_inside=False, actor="cli")
    assert refused.value.sentence.code == code
    assert not WebhookEndpoint.objects.exists()
    assert url_problem("https://erp.example:8443/hook?for=encours", may_be_inside=False) is None


@pytest.mark.parametrize(
    ("events", "code"), [([], "webhook.no_event"), (["everything"], "webhook.unknown_event")]
)
def test_events_that_are_not_taken(company, events, code):
    with pytest.raises(UnableToAddWebhook) as refused:
        add_webhook(
            company=company, url="https://erp.example/", events=events, may_be_inside=False, actor="cli"
        )
    assert refused.value.sentence.code == code


def test_the_secret_is_sealed(added, endpoint):
    assert added.secret.startswith("whsec_")
    assert added.secret[6:] not in endpoint.sealed
    assert added.secret not in str(list(JournalEntry.objects.values_list("data", flat=True)))


def test_an_address_whose_key_is_lost_is_switched_off_and_holds_nobody_up(
    company, added, receiver, say, deliver, endpoint
):
    add_webhook(
        company=company, url=receiver.url, events=["receipt.allocated"], may_be_inside=True, actor="user:1"
    )
    say()
    other = WebhookEndpoint.objects.exclude(pk=endpoint.pk).get()
    assert try_webhook(company=company, endpoint_id=other.pk, now=endpoint.created_at)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed=other.sealed)  # sealed for another row
    assert deliver().delivered == 1
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.problem["code"]) == ("disabled", "webhook.secret_lost")


def test_a_new_credential_key_keeps_every_secret(
    company, added, receiver, say, deliver, endpoint, settings, tmp_path
):
    first = endpoint.sealed
    keys = tmp_path / "credential_keys"
    keys.write_bytes(settings.CREDENTIAL_KEYS_FILE.read_bytes())
    settings.CREDENTIAL_KEYS_FILE = keys
    for _ in range(2):  # the second forgets the key the secret was first sealed with
        assert change_credential_key(companies=[company], actor="cli") == 1
    endpoint.refresh_from_db()
    assert endpoint.sealed.split(".")[1] != first.split(".")[1]
    say()
    assert deliver().delivered == 1
    assert receiver.received[0].is_signed_with(added.secret)


def test_another_company_cannot_touch_an_address(company, other_company, endpoint, say, receiver, clock):
    (delivery,) = say()
    with company_scope(other_company.pk):
        for each in (company, other_company):
            named = {"company": each, "endpoint_id": endpoint.pk}
            assert not disable_webhook(**named, actor="user:2")
            assert not remove_webhook(**named, actor="user:2")
            assert not try_webhook(**named, now=clock())
            assert not resend_webhook(**named, delivery_id=delivery.pk)
            assert due_endpoints(company=each, now=clock()) == []
            assert deliver_webhooks(company=each, clock=clock, may_be_inside=True).delivered == 0
    assert not receiver.received
    endpoint.refresh_from_db()
    assert endpoint.state == "active"


def test_a_removed_address_leaves_nothing(company, endpoint, say, deliver, receiver):
    say(2)
    assert remove_webhook(company=company, endpoint_id=endpoint.pk, actor="user:1")
    assert deliver().delivered == 0
    assert not WebhookDelivery.objects.exists()
    assert not receiver.received


def test_old_messages_are_forgotten_unless_they_wait(company, say, deliver, clock, endpoint):
    say()
    deliver()
    say()
    later = clock.now + timedelta(days=31)
    assert forget_old_events(company=company, now=clock.now) == 0
    assert forget_old_events(company=company, now=later) > 0
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.filter(state="waiting").count() == 1


def test_a_round_ends_in_time_and_says_that_more_waits(deliver, say, monkeypatch):
    monkeypatch.setattr(action, "BUDGET", timedelta(0))
    say(2)
    assert deliver() == action.Delivered(1, 0, is_unfinished=True)


def test_every_minute_a_round_is_asked_for_where_something_is_due(
    company, other_company, say, deliver, clock
):
    def rounds_asked_for(at: float) -> int:
        deliver_waiting(timestamp=int(at))
        asked = jobs_waiting(company_id=company.pk)
        assert jobs_waiting(company_id=other_company.pk) == 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        return asked

    now = clock.now.timestamp()
    assert rounds_asked_for(now) == 0
    say()
    assert rounds_asked_for(now) == 1
    deliver()
    assert rounds_asked_for(now) == 0


def test_waiting_times_grow_and_end(clock):
    waits = [next_attempt_at(failures=number, now=clock.now) for number in range(1, len(RETRY_AFTER) + 2)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1])
    assert sum(RETRY_AFTER, timedelta()) > timedelta(days=3)
