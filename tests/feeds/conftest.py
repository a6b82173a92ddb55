"""Connections to banks' data, and a moment to ask them at."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from encours.actions.connect_bank import ask_for_consent, connect_bank
from encours.actions.sync_bank import BankSynced, sync_bank
from encours.ports.http import BankApi
from encours.store.models import BankConnection, Company, Transaction
from tests.feeds.fake_bridge import CLIENT_ID, CLIENT_SECRET, FakeBridge
from tests.feeds.fake_qonto import LOGIN, SECRET_KEY, FakeQonto

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

Connect = Callable[..., BankConnection]


@pytest.fixture
def connect(company: Company) -> Connect:
    """`connect("folder", folder=…)`: a connection as an operator adds it."""

    def connected(provider: str, **given: Any) -> BankConnection:
        return connect_bank(
            company=company, provider=provider, name=f"{provider} de test", given=given, is_operator=True, actor="test"
        )  # fmt: skip

    return connected


def lines_table(*lines: tuple[str, str, str]) -> str:
    """A bank's table of (day, text, amount)."""
    rows = "".join(f"{day};{text};{amount}\n" for day, text, amount in lines)
    return "Date;Libellé;Montant(EUROS)\n" + rows


@pytest.fixture
def bridge() -> Iterator[FakeBridge]:
    with FakeBridge() as fake:
        fake.add_account()
        yield fake


@pytest.fixture
def qonto() -> Iterator[FakeQonto]:
    with FakeQonto() as fake:
        yield fake


@pytest.fixture
def bridge_connection(company: Company, bridge: FakeBridge, connect: Connect) -> BankConnection:
    """A connection a person has given consent to."""
    connection = connect(
        "bridge", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, hook_secret="whsec-bridge", base_url=bridge.base_url
    )  # fmt: skip
    ask_for_consent(
        company=company, connection_id=connection.pk, return_url="https://encours.example/", email="a@lumen.example",
        actor="test",
    )  # fmt: skip
    connection.refresh_from_db()
    return connection


@pytest.fixture
def qonto_connection(company: Company, qonto: FakeQonto, connect: Connect) -> BankConnection:
    connection = connect(
        "qonto", login=LOGIN, secret_key=SECRET_KEY, hook_secret="whsec-qonto", base_url=qonto.base_url
    )  # fmt: skip
    ask_for_consent(
        company=company, connection_id=connection.pk, return_url="", email="a@lumen.example", actor="test"
    )  # fmt: skip
    connection.refresh_from_db()
    return connection


def ask(company: Company, connection: BankConnection, *, now: datetime = NOW) -> BankSynced:
    """One round, which must have been answered."""
    synced = sync_bank(company=company, connection_id=connection.pk, now=now, actor="test")
    assert synced.problem is None, synced.problem.say("en") if synced.problem else ""
    return synced


def books() -> list[tuple[str, int, str]]:
    """(day, cents, text) of every line that counts."""
    rows = Transaction.objects.exclude(state="removed").order_by("booked_date", "amount_cents", "pk")
    return [(f"{row.booked_date}", row.amount_cents, row.remittance) for row in rows]


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries are noted instead of waited for, and patience is short."""
    waited: list[float] = []
    original = BankApi.__init__

    def impatient(self: BankApi, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **(kwargs | {"sleep": waited.append, "timeout_seconds": 0.6}))

    monkeypatch.setattr(BankApi, "__init__", impatient)
    return waited
