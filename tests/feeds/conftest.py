"""Connections to banks' data, and a moment to ask them at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from encours.actions.connect_bank import connect_bank
from encours.store.models import BankConnection, Company

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
