"""The address payment services report to: who may post, what is kept, and that nothing posted there breaks it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.actions.change_connection import pause_connection, revoke_connection
from encours.ports.connections import ConnectionKind
from encours.store.models import Company, GatewayConnection, GatewayEvent
from tests.gateways.conftest import Connect
from tests.gateways.fake_stripe import FakeStripe, objects

Post = Callable[..., int]
# what the address may answer, whatever comes: taken, not to be trusted, too large, not a POST
ANSWERS = {204, 401, 405, 413}


@pytest.fixture
def post() -> Post:
    """`post(connection, body, headers)`: the status the service sees."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=True)

    def posted(
        connection: GatewayConnection, body: bytes, headers: dict[str, str], *, address: str = ""
    ) -> int:
        where = address or reverse(
            "payment_notices:receive", args=[connection.company_id, connection.hook_key]
        )
        answer = client.post(where, body, content_type="application/json", headers=headers)
        assert answer.content == b""
        return answer.status_code

    return posted


@pytest.fixture
def event(fake: FakeStripe) -> dict[str, Any]:
    """That a payment of ours succeeded; the fake's clock is today's, as the page's is."""
    fake.now = datetime.now(UTC)
    customer, method, _ = fake.saved("card")
    intent = fake.keep(
        objects.intent(
            amount=500, customer=customer, payment_method=method, metadata={"encours_reference": "ENC-1"}
        )
    )
    fake.confirm(intent)
    return fake.of("event", type="payment_intent.succeeded")[0]


def test_a_genuine_event_is_kept_as_it_came_and_once(connect: Connect, fake: FakeStripe, event: dict[str, Any], post: Post):  # fmt: skip
    connection = connect()
    asked = len(fake.asked)
    body, headers = fake.notice(event)
    assert [post(connection, body, headers) for _ in range(3)] == [204] * 3
    kept = GatewayEvent.objects.get()
    assert (kept.body, kept.external_id, kept.kind) == (
        body.decode(),
        event["id"],
        "payment_intent.succeeded",
    )
    assert kept.object_id == event["data"]["object"]["id"]
    assert len(fake.asked) == asked  # nobody is asked while the service waits


def test_all_that_is_not_genuine_is_refused_alike(
    company: Company,
    other_company: Company,
    connect: Connect,
    fake: FakeStripe,
    event: dict[str, Any],
    post: Post,
):
    connection = connect()
    body, headers = fake.notice(event)
    _, forged = fake.notice(event, secrets=("whsec_other",))
    _, old = fake.notice(event, at=datetime.now(UTC) - timedelta(minutes=6))
    for told, given_headers in (
        (body, {}),
        (body, forged),
        (body, old),
        (body + b" ", headers),
        (b"", headers),
    ):
        assert post(connection, told, given_headers) == 401
    for company_id, key in (
        (company.pk, "x" * 43), (other_company.pk, connection.hook_key), (company.pk + 10_000, connection.hook_key),
    ):  # fmt: skip
        address = reverse("payment_notices:receive", args=[company_id, key])
        assert post(connection, body, headers, address=address) == 401
    assert not GatewayEvent.objects.exists()


def test_only_small_posts(connect: Connect, post: Post):
    connection = connect()
    assert post(connection, b"x" * (600 << 10), {}) == 413
    address = reverse("payment_notices:receive", args=[connection.company_id, connection.hook_key])
    client = Client()
    assert {client.get(address).status_code, client.put(address).status_code, client.delete(address).status_code} == {405}  # fmt: skip


def test_a_paused_service_is_heard_and_a_revoked_one_is_not(company: Company, connect: Connect, fake: FakeStripe, event: dict[str, Any], post: Post):  # fmt: skip
    connection = connect()
    which = {
        "kind": ConnectionKind.GATEWAY,
        "company": company,
        "connection_id": connection.pk,
        "actor": "test",
    }
    pause_connection(**which)
    body, headers = fake.notice(event)
    assert post(connection, body, headers) == 204
    revoke_connection(**which)
    assert post(connection, body, headers) == 401


def test_the_same_event_in_two_forms_counts_once(connect: Connect, fake: FakeStripe, event: dict[str, Any], post: Post):  # fmt: skip
    connection = connect()
    for delivery in (event, event | {"pending_webhooks": 0}):
        assert post(connection, *fake.notice(delivery)) == 204
    assert GatewayEvent.objects.count() == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = {
    "object": st.just("event") | _JSON,
    "id": st.just("evt_1") | st.text(max_size=300) | _JSON,
    "livemode": st.just(False) | _JSON,
    "type": st.sampled_from(["payout.paid", "charge.refunded", "checkout.session.completed", "mandate.updated", "."]) | st.text(max_size=100) | _JSON,
    "created": st.integers(min_value=0, max_value=1 << 34) | _JSON,
    "account": st.none() | _JSON,
    "data": st.fixed_dictionaries({"object": st.dictionaries(st.sampled_from(["id", "metadata", "payment_intent", "payment_method", "mode"]), _JSON, max_size=5)}) | _JSON,
}  # fmt: skip
_EVENTS = st.fixed_dictionaries({}, optional=_FIELDS)
_HEADERS = st.dictionaries(
    st.sampled_from(["Stripe-Signature", "Content-Encoding", "X-Forwarded-For"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120)
    | st.sampled_from(["t=1,v1=0", "t=,v1=", "t=1", "v1=00", "t=1,t=2,v1=é", ",,,", "t=9999999999999,v1=1"]),
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=st.binary(max_size=200) | _EVENTS.map(lambda each: json.dumps(each).encode()), headers=_HEADERS)
def test_nothing_unsigned_breaks_it_or_is_kept(connection: GatewayConnection, post: Post, body: bytes, headers: dict[str, str]):  # fmt: skip
    assert post(connection, body, headers) == 401
    assert not GatewayEvent.objects.exists()


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(event=_EVENTS)
def test_nothing_signed_breaks_it(
    connection: GatewayConnection, fake: FakeStripe, post: Post, event: dict[str, Any]
):
    """Whoever has the secret and sends nonsense gets an answer that is documented, and the books stay as they are."""
    before = GatewayEvent.objects.count()
    status = post(connection, *fake.notice(event, at=datetime.now(UTC)))
    assert status in ANSWERS
    assert GatewayEvent.objects.count() - before in ((0, 1) if status == 204 else (0,))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    method=st.sampled_from(["get", "post", "put", "patch", "delete", "options", "head"]),
    company_id=st.integers(min_value=0, max_value=10**40),
    key=st.text(st.characters(codec="utf-8", exclude_characters="/?#\\\0\r\n"), min_size=1, max_size=80),
)
def test_no_address_below_it_breaks(connection: GatewayConnection, method: str, company_id: int, key: str):
    if key in (".", ".."):  # the test client would walk up
        return
    address = reverse("payment_notices:receive", args=[company_id, key])
    assert getattr(Client(), method)(address).status_code in ANSWERS


@pytest.fixture
def connection(connect: Connect) -> GatewayConnection:
    return connect()
