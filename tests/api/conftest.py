"""A program that speaks to the API of Atelier Lumen, and a small ledger for it to read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from encours.actions.create_token import create_token
from encours.core.scopes import SCOPES
from encours.store.models import Company, Document, Transaction
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


class Program:
    """Another program with a token; it speaks JSON and English."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._client = Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(
            f"/api/v1/{path}", {} if body is None else body, content_type="application/json",
            headers=self._headers() | named,
        )  # fmt: skip

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}


def token_of(company: Company, *scopes: str, last_day: date | None = None) -> str:
    """The text of a new token, with every scope unless some are named."""
    with company_scope(company.pk):
        created = create_token(
            company=company, name="ERP", scopes=scopes or tuple(SCOPES), last_day=last_day,
            now=datetime.now(UTC), actor="test",
        )  # fmt: skip
    return created.text


@pytest.fixture
def program(company) -> Program:
    return Program(token_of(company))


@pytest.fixture
def stranger(company, other_company) -> Program:
    """A program of another company, with every scope there."""
    return Program(token_of(other_company))


@pytest.fixture
def invoice(company) -> Document:
    dubois = cast.good_payer(company)
    return cast.invoice(company, dubois, "FA-2026-0001", payable_cents=120_000, issue_date=JAN)


@pytest.fixture
def paid_line(company, invoice) -> Transaction:
    """A transfer that cites the invoice and pays it exactly."""
    return cast.bank_line(
        company, 120_000, "VIR FA-2026-0001", counterparty_name="BOULANGERIE DUBOIS", bank_reference="REF/1"
    )  # fmt: skip
