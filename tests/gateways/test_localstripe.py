"""Stripe again, against a Stripe that others wrote: what both understand alike is not our own reading of it only.

localstripe has no pages, mandates, idempotency, disputes or decline codes, does not say what was received, and a debit
succeeds there at once.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest
import stripe

from encours.core.payments.failures import LATER
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import UnableToCharge
from encours.providers.gateways.stripe import Stripe, StripeConfig
from tests.gateways.conformance import PAYER, Conformance, Saved, Scene, a_charge, says_what_happens

pytest.importorskip("localstripe", reason="localstripe is not installed (development group)")

KEY, SECRET = "sk_test_12345", "whsec_localstripe"
CARDS = {"": "4242424242424242", "declined": "4000000000000341"}
IBANS = {"": "FR1420041010050500013M02606", "later declined": "DE62370400440532013001"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.gateways.localstripe_server"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    url = f"http://127.0.0.1:{port}"
    _until(lambda: _asked(f"{url}/v1/balance") is not None)
    yield url
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture
def posted() -> Iterator[tuple[str, list[tuple[bytes, dict[str, str]]]]]:
    """Where webhooks are taken, and what came."""
    came: list[tuple[bytes, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append((body, {"stripe-signature": self.headers["stripe-signature"]}))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", came
    server.shutdown()
    server.server_close()


class LocalScene(Scene):
    abilities = frozenset({"charge", "refund", "events", "event_list"})
    unknown_id = "pi_nothing"

    def __init__(self, address: str, posted: tuple[str, list[tuple[bytes, dict[str, str]]]]) -> None:
        self.gateway = Stripe(StripeConfig(secret_key=KEY, hook_secret=SECRET, base_url=address))
        self.v1 = stripe.StripeClient(KEY, base_addresses={"api": address}).v1
        self.came = posted[1]
        _asked(f"{address}/_config/data", method="DELETE")
        _asked(
            f"{address}/_config/webhooks/encours", body={"url": posted[0], "secret": SECRET}, method="POST"
        )

    def saved(self, method: str, *, outcome: str = "") -> Saved:
        customer = self.v1.customers.create({"email": PAYER.email})
        about: dict[str, Any] = {
            "card": {"card": {"number": CARDS.get(outcome), "exp_month": 8, "exp_year": 2030, "cvc": "123"}},
            "sepa_debit": {"sepa_debit": {"iban": IBANS.get(outcome)}},
        }[method]
        made = self.v1.payment_methods.create({"type": method, **about})
        self.v1.payment_methods.attach(made.id, {"customer": customer.id})
        return Saved(replace(PAYER, customer_external_id=customer.id), method, made.id)

    def notices(self) -> Sequence[tuple[bytes, dict[str, str]]]:
        """Without those of an earlier test: they are posted a second late."""
        _until(lambda: bool(self._own()))
        return self._own()

    def _own(self) -> list[tuple[bytes, dict[str, str]]]:
        known = {event.id for event in self.v1.events.list({"limit": 100}).data}
        return [(body, headers) for body, headers in self.came if json.loads(body)["id"] in known]

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def taken(self) -> int:
        return len(self.v1.payment_intents.list({"limit": 100}).data)


@pytest.fixture
def scene(address: str, posted: Any) -> Iterator[LocalScene]:
    made = LocalScene(address, posted)
    yield made
    made.gateway.close()


class TestConformance(Conformance):
    pass


def test_a_declined_card_is_a_failure_with_its_group(scene: LocalScene):
    with pytest.raises(UnableToCharge) as declined:
        scene.gateway.charge(a_charge(scene, scene.saved("card", outcome="declined")))
    assert declined.value.is_known
    assert declined.value.failure is not None
    assert declined.value.failure.group == LATER
    says_what_happens(declined.value.failure)


def test_a_debit_that_fails_later_was_pending_before(scene: LocalScene):
    told = scene.gateway.charge(a_charge(scene, scene.saved("sepa_debit", outcome="later declined")))
    assert (told.state, told.method, told.received_cents) == ("pending", "sepa_debit", 0)
    _until(lambda: scene.gateway.charge_told(told.external_id).state == "failed")
    after = scene.gateway.charge_told(told.external_id)
    assert after.failure is not None
    says_what_happens(after.failure)


def test_what_was_not_confirmed_can_be_canceled(scene: LocalScene):
    made = scene.v1.payment_intents.create(
        {"amount": 500, "currency": "eur", "metadata": {"encours_reference": "ENC-9"}}
    )
    told = scene.gateway.charge_told(made.id)
    assert (told.state, told.reference, told.amount_cents) == ("open", "ENC-9", 500)
    assert scene.gateway.cancel(made.id, key="cancel").state == "canceled"


def test_a_saved_card_is_told_and_forgotten(scene: LocalScene):
    saved = scene.saved("card")
    told = scene.gateway.mandate_told(saved.method_external_id)
    assert (told.state, told.kind, told.last_digits) == ("active", "card", "4242")
    scene.gateway.forget_method(saved.method_external_id)
    assert scene.gateway.mandate_told(saved.method_external_id).state == "revoked"


def test_a_payout_by_hand_is_one_line(scene: LocalScene):
    made = scene.v1.payouts.create({"amount": 5_000, "currency": "eur"})
    told = scene.gateway.payout_told(made.id)
    assert (told.amount_cents, told.state) == (5_000, "pending")
    assert [(line.kind, line.amount_cents) for line in told.lines] == [("other", 5_000)]


def test_what_it_does_not_know_needs_a_person(scene: LocalScene):
    with pytest.raises(UnableToAsk) as unknown:
        scene.gateway.charge_told("pi_nothing")
    assert unknown.value.needs_person
    assert list(scene.gateway.events_told(since=datetime.now(UTC) + timedelta(days=1))) == []


def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never was so")


def _asked(url: str, *, body: Any = None, method: str = "GET") -> bytes | None:
    content = json.dumps(body).encode() if body else None
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(url, data=content, headers=headers, method=method), timeout=10) as answer:  # noqa: S310
            return answer.read()
    except OSError:
        return None
