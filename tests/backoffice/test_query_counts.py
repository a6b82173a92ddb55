"""How many SQL queries a page costs: a golden number that does not grow with the data.

Re-record after a change that is meant: `ENCOURS_RECORD=1 pytest tests/backoffice/test_query_counts.py`.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import cast
from tests.backoffice.conftest import House, SignIn
from tests.backoffice.routes import NOT_A_PAGE, all_routes

GOLDEN = Path(__file__).with_name("query_counts.json")


def counts(client: Client, house: House) -> dict[str, int]:
    """Queries of each page's GET, by route."""
    found = {}
    for route in all_routes():
        if route.needed_role == "anybody" or route.name in NOT_A_PAGE:
            continue
        url = route.url(house)
        client.get(url)  # what is loaded once per process does not count
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(url)
            if response.streaming:
                b"".join(response)
        if response.status_code == 200:
            found[route.name] = len(captured)
    return found


def grow(house: House) -> None:
    """Ten times as much of everything."""
    on = date.today()  # noqa: DTZ011 (the pages show today)
    for number in range(20):
        customer = cast.customer(
            house.company, f"G{number:03d}", f"Client {number}", email=f"c{number}@c.example"
        )
        for who in (customer, house.customer):
            cast.invoice(
                house.company,
                who,
                f"G-{number}-{who.pk}",
                payable_cents=10_000,
                issue_date=on - timedelta(days=60),
            )
            cast.invoice(
                house.company, who, f"P-{number}-{who.pk}", payable_cents=20_000, issue_date=on - timedelta(days=60),
                instalments=[(on - timedelta(days=9), 10_000), (on, 10_000)],
            )  # fmt: skip
            cast.receipt(house.company, who, amount_cents=700, received_date=on)
        cast.bank_line(house.company, 100 + number, "VIREMENT", booked_date=on)


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    assert house.paid.charge  # payments are in no house that nobody looks for them in
    return sign_in(house.company, "admin")


def test_pages_cost_the_recorded_number_of_queries(client: Client, house: House):
    found = counts(client, house)
    if os.environ.get("ENCOURS_RECORD"):
        GOLDEN.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    assert found == json.loads(GOLDEN.read_text())


def test_the_number_of_queries_does_not_grow_with_the_data(client: Client, house: House):
    before = counts(client, house)
    grow(house)
    after = counts(client, house)
    # one count more when a list has several pages, one read more when its export has several blocks
    grown = {name: (before[name], after[name]) for name in before if after[name] > before[name] + 1}
    assert grown == {}
