"""Signed notices (webhooks): who may post, how fast it is answered, and that none of them changes the books by itself."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from encours.actions.change_connection import pause_connection, replace_secrets
from encours.actions.receive_notice import forget_old_notices
from encours.actions.revoke_bank import revoke_bank
from encours.ports.connections import ConnectionKind
from encours.store.models import BankConnection, BankNotice, Company, Transaction
from tests.feeds.fake_bridge import FakeBridge
from tests.feeds.fake_qonto import FakeQonto

Post = Callable[..., int]


def asked() -> int:
    """Rounds that wait in the queue."""
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sync_bank'")
        return cursor.fetchall()[0][0]


@pytest.fixture
def post(company: Company) -> Post:
    """`post(connection, body, header)`: the status the other side sees."""
    client = Client(enforce_csrf_checks=True)

    def posted(connection: BankConnection, body: bytes, signature: str, **more: str) -> int:
        address = more.get("address") or reverse(
            "bank_notices:receive", args=[company.pk, connection.hook_key]
        )
        name = "BridgeApi-Signature" if connection.provider == "bridge" else "X-Qonto-Signature"
        answer = client.post(address, body, content_type="application/json", headers={name: signature})
        assert answer.content == b""
        return answer.status_code

    return posted


def now() -> datetime:
    return datetime.now(UTC)


def test_a_genuine_notice_is_kept_and_a_round_asked_for(
    bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    bridge.tell(100, "VIR DUBOIS")
    requests = len(bridge.asked)
    body, signature = bridge.notice("whsec-bridge", at=now())
    assert post(bridge_connection, body, signature) == 204
    assert BankNotice.objects.get().body == body.decode()
    assert asked() == 1
    assert Transaction.objects.count() == 0
    assert len(bridge.asked) == requests  # nobody is asked while the sender waits


def test_the_same_notice_counts_once(bridge: FakeBridge, bridge_connection: BankConnection, post: Post):
    body, signature = bridge.notice("whsec-bridge", at=now())
    assert [post(bridge_connection, body, signature) for _ in range(3)] == [204] * 3
    assert (BankNotice.objects.count(), asked()) == (1, 1)


def test_many_notices_ask_for_one_round(bridge: FakeBridge, bridge_connection: BankConnection, post: Post):
    for seconds in range(5):
        body, signature = bridge.notice("whsec-bridge", at=now() - timedelta(seconds=seconds))
        assert post(bridge_connection, body, signature) == 204
    assert (BankNotice.objects.count(), asked()) == (5, 1)


def test_wrong_signatures_are_refused_without_a_trace(
    bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    body, good = bridge.notice("whsec-bridge", at=now())
    _, other = bridge.notice("another secret", at=now())
    digest = good.removeprefix("v1=")
    for signature in (
        "", other, digest, f"v0={digest}", f"v2={digest}", f"v1={digest[:-1]}", f"v1={digest}0", "v1=", "v1=é", good[:-2] + "zz",
    ):  # fmt: skip
        assert post(bridge_connection, body, signature) == 401, signature
    assert post(bridge_connection, body + b" ", good) == 401
    assert (BankNotice.objects.count(), asked()) == (0, 0)


def test_while_the_secret_changes_either_signature_will_do(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    replace_secrets(
        kind=ConnectionKind.BANK, company=company, connection_id=bridge_connection.pk, given={"hook_secret": "new, whsec-bridge"}, actor="test"
    )  # fmt: skip
    for secret in ("new", "whsec-bridge"):
        body, signature = bridge.notice(secret, at=now() - timedelta(seconds=len(secret)))
        assert post(bridge_connection, body, signature) == 204
        wrong = "v1=" + "0" * 64
        body, signature = bridge.notice(secret, at=now() - timedelta(seconds=60 + len(secret)))
        assert post(bridge_connection, body, f"{wrong},{signature}") == 204


def test_an_old_notice_is_refused(
    bridge: FakeBridge, bridge_connection: BankConnection, qonto: FakeQonto, qonto_connection: BankConnection,
    post: Post,
):  # fmt: skip
    for age, status in (
        (timedelta(minutes=4), 204),
        (timedelta(minutes=6), 401),
        (-timedelta(minutes=6), 401),
    ):
        body, signature = qonto.notice("whsec-qonto", at=now() - age)
        assert post(qonto_connection, body, signature) == status, age
    for age, status in ((timedelta(hours=23), 204), (timedelta(hours=25), 401)):
        body, signature = bridge.notice("whsec-bridge", at=now() - age)
        assert post(bridge_connection, body, signature) == status, age


def test_the_time_is_part_of_what_is_signed(qonto: FakeQonto, qonto_connection: BankConnection, post: Post):
    body, signature = qonto.notice("whsec-qonto", at=now() - timedelta(hours=1))
    replayed = f"t={int(time.time())},{signature.partition(',')[2]}"
    assert post(qonto_connection, body, replayed) == 401
    for malformed in (
        "t=,v1=ab",
        "t=now,v1=ab",
        f"t=1,t={int(time.time())},v1=ab",
        "v1=ab",
        "t=٣,v1=ab",
        f"t={'9' * 400},v1=ab",
    ):
        assert post(qonto_connection, body, malformed) == 401, malformed


def test_a_body_that_is_no_json_is_refused_even_when_signed(
    bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    import hmac
    from hashlib import sha256

    for body in (b"", b"{", b"[]", b'"x"', b'{"timestamp": "now"}', b'{"timestamp": 1e400}', b"\xff\xfe"):
        signature = "v1=" + hmac.new(b"whsec-bridge", body, sha256).hexdigest()
        assert post(bridge_connection, body, signature) == 401, body


def test_no_secret_no_notices(company: Company, bridge: FakeBridge, connect, post: Post):
    connection = connect("bridge", client_id="x", client_secret="y", base_url=bridge.base_url)
    body, signature = bridge.notice("", at=now())
    assert post(connection, body, signature) == 401


def test_unknown_addresses_and_other_companies(
    company: Company,
    other_company: Company,
    bridge: FakeBridge,
    bridge_connection: BankConnection,
    connect,
    post: Post,
):
    body, signature = bridge.notice("whsec-bridge", at=now())
    for address in (
        reverse("bank_notices:receive", args=[company.pk, "x" * 43]),
        reverse("bank_notices:receive", args=[other_company.pk, bridge_connection.hook_key]),
        reverse("bank_notices:receive", args=[company.pk + 10_000, bridge_connection.hook_key]),
        f"/notifications/banques/{'9' * 40}/{bridge_connection.hook_key}/",
    ):
        assert post(bridge_connection, body, signature, address=address) == 401, address
    folder = connect("folder", folder="/srv")
    assert post(folder, body, signature) == 401


def test_only_small_posts(company: Company, bridge_connection: BankConnection, post: Post):
    address = reverse("bank_notices:receive", args=[company.pk, bridge_connection.hook_key])
    assert Client().get(address).status_code == 405
    large = json.dumps({"timestamp": 1, "x": "y" * (1 << 16)}).encode()
    assert post(bridge_connection, large, "v1=00") == 413


def test_a_paused_connection_keeps_notices_and_a_revoked_one_takes_none(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    pause_connection(
        kind=ConnectionKind.BANK, company=company, connection_id=bridge_connection.pk, actor="test"
    )
    body, signature = bridge.notice("whsec-bridge", at=now())
    assert post(bridge_connection, body, signature) == 204
    assert (BankNotice.objects.count(), asked()) == (1, 0)
    revoke_bank(company=company, connection_id=bridge_connection.pk, actor="test")
    body, signature = bridge.notice("whsec-bridge", at=now() - timedelta(seconds=9))
    assert post(bridge_connection, body, signature) == 401


def test_an_answer_takes_far_less_than_the_second_senders_wait(
    qonto: FakeQonto, qonto_connection: BankConnection, post: Post
):
    """Measured in our own time, so that a busy machine does not count."""
    post(qonto_connection, *qonto.notice("whsec-qonto", at=now()))
    begun = time.process_time()
    for seconds in range(1, 21):
        assert (
            post(qonto_connection, *qonto.notice("whsec-qonto", at=now() - timedelta(seconds=seconds))) == 204
        )
    assert (time.process_time() - begun) / 20 < 0.1


def test_old_notices_are_forgotten(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, post: Post
):
    post(bridge_connection, *bridge.notice("whsec-bridge", at=now()))
    assert forget_old_notices(company=company, now=now() + timedelta(days=29)) == 0
    assert forget_old_notices(company=company, now=now() + timedelta(days=31)) == 1
