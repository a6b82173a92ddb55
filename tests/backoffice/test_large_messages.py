"""A message to a customer who owes more documents than a page shows."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse

from encours.actions.run_dunning import run_dunning
from encours.core.money import format_cents
from encours.queries.messages import ASKED_SHOWN
from encours.store.models import Hold, Message
from tests import cast

MORE = 7
COUNT = ASKED_SHOWN + MORE


@pytest.fixture
def message(company) -> Message:
    """To Lefèvre, who owes `COUNT` invoices; FA-0001 is the longest due."""
    on = date.today()  # noqa: DTZ011 (the pages show today)
    lefevre = cast.late_payer(company)
    for number in range(1, COUNT + 1):
        cast.invoice(
            company, lefevre, f"FA-{number:04d}", payable_cents=10_000, issue_date=on - timedelta(400),
            due_date=on - timedelta(300 - number),
        )  # fmt: skip
    run_dunning(company=company, on=on, actor="test")
    return Message.objects.get(company=company)


@pytest.fixture
def collector(company, sign_in):
    return sign_in(company, "collector")


def seen(client, url: str) -> str:
    return unescape(client.get(url).content.decode())


def test_the_longest_due_are_shown_and_the_rest_is_one_click_away(collector, message):
    page = seen(collector, reverse("messages:show", args=[message.pk]))
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert re.findall(r"FA-\d{4}", table) == [f"FA-{number:04d}" for number in range(1, ASKED_SHOWN + 1)]
    link = re.search(rf'href="([^"]+)">et {MORE} autres<', page)
    assert link
    found = seen(collector, f"{link[1]}&page=2")
    assert len(set(re.findall(r"FA-\d{4}", found))) == MORE


def test_the_letter_sums_all(collector, message):
    letter = seen(collector, reverse("messages:letter", args=[message.pk]))
    assert "FA-0001" in letter
    assert format_cents(COUNT * 10_000, "EUR", "fr") in letter


def test_any_of_them_is_held_by_its_number(collector, message):
    url = reverse("dunning:hold", args=[message.pk])
    page = seen(collector, url)
    assert f"FA-{ASKED_SHOWN:04d}" in page
    assert f"FA-{ASKED_SHOWN + 1:04d}" not in page
    said = {"document": "number", "kind": "manual", "reason": "Litige", "until_date": ""}
    refused = collector.post(url, said | {"number": "FA-9999"})
    assert refused.status_code == 200
    assert not Hold.objects.exists()
    collector.post(url, said | {"number": f"fa {COUNT}"})
    assert Hold.objects.get().document.number == f"FA-{COUNT:04d}"


def test_one_of_those_shown_or_all_of_them_are_held(collector, message):
    url = reverse("dunning:hold", args=[message.pk])
    said = {"kind": "pause", "reason": "Congés", "until_date": ""}
    asked = message.reminders.order_by("due_date")[0].document
    collector.post(url, said | {"document": str(asked.pk)})
    collector.post(url, said | {"document": ""})
    assert [hold.document for hold in Hold.objects.order_by("pk")] == [asked, None]


def test_a_document_of_somebody_else_holds_nothing(company, collector, message):
    other = cast.invoice(
        company, cast.good_payer(company), "FA-X", payable_cents=1, issue_date=date(2026, 1, 1)
    )
    said = {"kind": "pause", "reason": "Congés", "until_date": "", "document": str(other.pk)}
    assert collector.post(reverse("dunning:hold", args=[message.pk]), said).status_code == 200
    assert not Hold.objects.exists()
