"""Each page of the back office over a million open invoices of 50,000 customers, with the past that goes with them.

Every route that answers a page is walked, as an administrator and for the customer who has most of everything; lists
with each of their filters, sorted, searched, on their first page and far behind. One process, no network: what is
measured is the page, its SQL and its rendering. Today is the day after the last plan, so that every age has its share.

`./dev bench pages` takes minutes; `python -m benchmarks.bench_pages clients releve` asks only for addresses with one
of these words, in the data folder that `ENCOURS_HOME` names.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from benchmarks.data import in_own_process, lived_database
from benchmarks.figures import Figure, measured, median

REQUESTS = 20
TARGET_MS = 150
NOW = datetime(2026, 1, 21, 9, tzinfo=UTC)
# Whole on purpose, for a printer: no page to wait for.
WITHOUT_TARGET = ("all=1",)
# Text that many customers have in their name, that one has, and that nobody has.
SEARCHES = ("Garnier", "C000001", "FA-00012345", "introuvable")


def run() -> list[Figure]:
    with lived_database() as home:
        pages = json.loads(in_own_process("benchmarks.bench_pages", home=home))
    return [
        Figure(
            page["url"],
            page["p95_ms"],
            "ms",
            None if any(mark in page["url"] for mark in WITHOUT_TARGET) else TARGET_MS,
            f"median {page['median_ms']:.0f}, first {page['first_ms']:.0f}, CPU {page['cpu_ms']:.0f} + "
            f"{page['postgres_ms']:.0f} of PostgreSQL, {page['queries']} queries",
        )
        for page in pages
    ]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    # all that the server loads before its first request
    from django.test import Client

    from encours.config import wsgi  # noqa: F401
    from encours.queries.companies import company_named
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    client = Client(SERVER_NAME="127.0.0.1")
    asked = sys.argv[1:]
    with patch("django.utils.timezone.now", lambda: NOW):
        with company_scope(company.pk):
            client.force_login(_administrator(company))
            largest = _largest(company)
            urls = dict.fromkeys([*_routes(largest), *_lists(largest)])
        measures = (_measure(client, url) for url in urls if not asked or any(part in url for part in asked))
        json.dump([page for page in measures if page is not None], sys.stdout)


def _administrator(company: Any) -> Any:
    from encours.actions.invite_user import invite_user
    from encours.store.models import User

    email = "admin@bench.example"
    found = User.objects.filter(email=email).first()
    if found is None:
        invited = invite_user(
            company=company, email=email, role="admin", name="Bench", language="fr",
            actor="bench",
        )  # fmt: skip
        found = User.objects.get(pk=invited.user_id)
    return found


Largest = dict[str, list[int]]


def _routes(largest: Largest) -> Iterator[str]:
    """The address of every route, with each of the things that have most to show where it asks for some."""
    from django.urls import URLPattern, URLResolver, reverse

    from encours.backoffice import urls

    def walk(patterns: Any, namespace: str) -> Iterator[tuple[str, list[str]]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, inner)
            elif isinstance(pattern, URLPattern):
                yield f"{namespace}{pattern.name}", list(pattern.pattern.regex.groupindex)

    for name, wanted in walk(urls.urlpatterns, ""):
        if not all(largest.get(key) for key in wanted):
            print(f"not measured, nothing to show: {name}", file=sys.stderr)
            continue
        for ids in product(*(largest[key] for key in wanted)):
            yield reverse(name, kwargs=dict(zip(wanted, ids, strict=True)))


def _largest(company: Any) -> Largest:
    """Ids by the names routes give them, of what has most to show; of messages one that left and one that waits."""
    from django.db import connection

    with connection.cursor() as cursor:

        def ids(query: str, *params: int) -> list[int]:
            cursor.execute(query, [company.pk, *params])
            return [row[0] for row in cursor.fetchall()]

        customers = ids(
            "SELECT customer_id FROM store_customerbalance WHERE company_id = %s ORDER BY document_count DESC LIMIT 1"
        )
        line, match = "SELECT transaction_id FROM store_match", "SELECT id FROM store_match"
        last_match = "WHERE company_id = %s AND state = 'applied' ORDER BY id DESC LIMIT 1"
        return {
            "customer_id": customers,
            "contact_id": ids(
                "SELECT id FROM store_contact WHERE company_id = %s AND customer_id = %s LIMIT 1", *customers
            ),
            "document_id": ids(
                "SELECT document_id FROM store_reminder WHERE company_id = %s AND customer_id = %s"
                " ORDER BY document_id LIMIT 1",
                *customers,
            ),
            "message_id": ids(
                "SELECT DISTINCT ON (state) id FROM store_message WHERE company_id = %s AND customer_id = %s"
                " ORDER BY state, id",
                *customers,
            ),
            "line_id": ids(f"{line} {last_match}"),
            "match_id": ids(f"{match} {last_match}"),
            "batch_id": ids(
                "SELECT id FROM store_importbatch WHERE company_id = %s ORDER BY created_count DESC LIMIT 2"
            ),
            "membership_id": ids("SELECT id FROM store_membership WHERE company_id = %s LIMIT 1"),
        }


def _lists(largest: Largest) -> Iterator[str]:
    """Lists as people use them: each filter and order their forms and headers offer, text, pages far behind."""
    yield from _of_the_largest(largest)
    offered = {
        "/clients/": {
            "state": ("owing", "overdue", "credit", "held", "unreachable"),
            "sort": ("name", "-name", "code", "-code", "owed", "-owed"),
        },
        "/factures/": {
            "state": ("open", "overdue", "paid"),
            "type": ("invoice", "credit_note", "deposit"),
            "bucket": ("not_due", "1_30", "31_60", "61_90", "91_plus"),
            "since": ("2025-06-01",),
            "min": ("1000",),
            "sort": ("issued", "-issued", "due", "-due", "amount", "-amount"),
        },
        "/encaissements/": {"state": ("new", "matched", "set_aside", "all"), "min": ("1000",)},
        "/relances/": {"tab": ("waiting", "approved", "held"), "step": ("R+1", "R+8", "R+15")},
        "/envois/": {"state": ("sent", "failed", "unknown", "cancelled"), "since": ("2026-01-05",)},
        "/journal/": {"action": ("match.applied", "dunning.planned"), "subject": ("document",)},
        "/imports/": {},
    }  # fmt: skip
    for address, filters in offered.items():
        yield address
        for page in (2, 200):
            yield f"{address}?page={page}"
        for text in SEARCHES if address not in ("/relances/", "/journal/", "/imports/") else ():
            yield f"{address}?q={text}"
        for name, values in filters.items():
            for value in values:
                yield f"{address}?{urlencode({name: value})}"
    # two at once: what the dashboard's bars and the column heads lead to
    for state in ("open", "overdue", "paid"):
        for sort in ("-amount", "amount", "due", "-due", "-issued"):
            yield f"/factures/?state={state}&sort={sort}"
        yield f"/factures/?state={state}&page=200"
        yield f"/factures/?state={state}&q={SEARCHES[0]}"
    for state in ("owing", "overdue"):
        for sort in ("name", "-owed"):
            yield f"/clients/?state={state}&sort={sort}"
        yield f"/clients/?state={state}&q={SEARCHES[0]}"


def _of_the_largest(largest: Largest) -> Iterator[str]:
    (customer_id,) = largest["customer_id"]
    for query in ("", "&state=open", "&state=overdue", "&state=paid", "&sort=-amount", "&sort=due&page=200"):
        yield f"/factures/?customer={customer_id}{query}"
    for message_id in largest["message_id"]:
        yield f"/factures/?customer={customer_id}&message={message_id}&sort=due"
        yield f"/factures/?customer={customer_id}&message={message_id}&page=100"
    statement = f"/clients/{customer_id}/releve/?since=2024-01-01&until=2026-12-31"
    for query in ("", "&page=100", "&all=1"):
        yield f"{statement}{query}"


def _measure(client: Any, url: str) -> dict[str, Any] | None:
    """None for what is no page: a button, a file, a form that wants a POST."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    started = time.perf_counter()
    answer = client.get(url)
    first = time.perf_counter() - started
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        answer.close()
        return None
    walls = []
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    queries = len(captured)  # the next request empties the log
    with measured() as cost:
        for _ in range(REQUESTS):
            started = time.perf_counter()
            client.get(url)
            walls.append(time.perf_counter() - started)
    return {
        "url": url,
        "median_ms": 1000 * median(walls),
        "p95_ms": 1000 * sorted(walls)[int(0.95 * REQUESTS)],
        "first_ms": 1000 * first,
        "cpu_ms": 1000 * cost.cpu_s / REQUESTS,
        "postgres_ms": 1000 * cost.postgres_cpu_s / REQUESTS,
        "queries": queries,
    }


if __name__ == "__main__":
    main()
