"""A fake Stripe, a connection to it, and a patience that suits tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from encours.actions.connect_gateway import connect_gateway
from encours.providers.gateways.stripe import calls
from encours.store.models import Company, GatewayConnection
from tests.backoffice.conftest import sign_in  # noqa: F401 (a fixture)
from tests.gateways.fake_stripe import HOOK_SECRET, SECRET_KEY, FakeStripe

Connect = Callable[..., GatewayConnection]


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_READ_SECONDS", 1.0)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0.01)


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with FakeStripe() as made:
        yield made


@pytest.fixture
def connect(company: Company, fake: FakeStripe) -> Connect:
    """`connect()`: Stripe as an administrator connects it, but for where it is."""

    def connected(**given: Any) -> GatewayConnection:
        return connect_gateway(
            company=given.pop("company", company), provider="stripe", name="Stripe", actor="test", may_set_hidden=True,
            given={"secret_key": SECRET_KEY, "hook_secret": HOOK_SECRET, "base_url": fake.url} | given,
        )  # fmt: skip

    return connected
