"""Réglages → API and Webhooks: keys are made, shown once, and taken back by an administrator only."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from encours.core.wording import Sentence
from encours.queries.jobs import jobs_waiting
from encours.store.models import ApiToken, JournalEntry, WebhookAttempt, WebhookDelivery, WebhookEndpoint


def test_a_token_is_shown_once_and_opens_the_api(company, sign_in):
    admin = sign_in(company, "admin", "en")
    form = {"name": "ERP", "scopes": ["receipts:read", "reconcile"], "last_day": "2099-12-31"}
    response = admin.post(reverse("settings:api"), form)
    (text,) = re.findall(r"encours_\d+_[\w-]{43}", response.content.decode())
    assert "no-store" in response["Cache-Control"]
    assert text not in admin.get(reverse("settings:api")).content.decode()
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/bank-lines", headers=headers).status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("ERP", ["receipts:read", "reconcile"])
    assert JournalEntry.objects.filter(action="api_token.created", actor=token.created_by).exists()
    admin.post(reverse("settings:revoke_token", args=[token.pk]))
    assert Client().get("/api/v1/bank-lines", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "ERP"}, "Choose at least one scope"),
        ({"name": "ERP", "scopes": ["x"]}, "Select a valid choice"),
        ({"scopes": ["reconcile"]}, "This field is required"),
        ({"name": "ERP", "scopes": ["reconcile"], "last_day": "2001-01-01"}, "choose a day to come"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(company, sign_in, form, why):
    page = sign_in(company, "admin", "en").post(reverse("settings:api"), form).content.decode()
    assert why in page
    assert not ApiToken.objects.exists()


def test_an_address_is_added_with_a_secret_shown_once(company, sign_in):
    admin = sign_in(company, "admin", "en")
    form = {"url": "https://erp.example/hook", "events": ["receipt.allocated"]}
    response = admin.post(reverse("settings:webhooks"), form)
    (secret,) = re.findall(r"whsec_[\w+/=]{44}", response.content.decode())
    assert "no-store" in response["Cache-Control"]
    page = admin.get(reverse("settings:webhooks")).content.decode()
    assert secret not in page
    assert "https://erp.example/hook" in page


def test_an_address_inside_the_network_is_refused_in_words(company, sign_in):
    form = {"url": "https://169.254.169.254/", "events": ["receipt.allocated"]}
    page = sign_in(company, "admin", "en").post(reverse("settings:webhooks"), form).content.decode()
    assert "is an address of the internal network" in page
    assert not WebhookEndpoint.objects.exists()


def test_an_address_is_tried_switched_and_removed(company, sign_in, house):
    admin, endpoint = sign_in(company, "admin", "en"), house.endpoint
    where = reverse("settings:change_webhook", args=[endpoint.pk])
    admin.post(where, {"do": "try"})
    assert WebhookDelivery.objects.filter(endpoint=endpoint).count() == 2
    assert jobs_waiting(company_id=company.pk) > 0
    for wanted, state in (("disable", "disabled"), ("enable", "active")):
        admin.post(where, {"do": wanted})
        endpoint.refresh_from_db()
        assert endpoint.state == state
    asked = admin.get(reverse("settings:remove_webhook", args=[endpoint.pk])).content.decode()
    assert "https://lumen.example/hook" in asked
    admin.post(reverse("settings:remove_webhook", args=[endpoint.pk]))
    assert not WebhookEndpoint.objects.exists()


def test_what_an_address_answered_is_seen_and_sent_again(company, sign_in, house):
    WebhookAttempt.objects.create(
        company=company, delivery=house.delivery, started_at="2026-03-02T10:00:00Z", status=503
    )
    WebhookAttempt.objects.create(
        company=company, delivery=house.delivery, started_at="2026-03-02T10:05:00Z",
        problem=Sentence("webhook.too_slow", {"host": "lumen.example", "seconds": 15}).as_json(),
    )  # fmt: skip
    house.delivery.state = "failed"
    house.delivery.save()
    admin = sign_in(company, "admin", "en")
    page = admin.get(reverse("settings:webhook", args=[house.endpoint.pk])).content.decode()
    assert "503" in page
    assert "lumen.example did not answer within 15 s." in page
    admin.post(reverse("settings:resend_webhook", args=[house.endpoint.pk, house.delivery.pk]))
    house.delivery.refresh_from_db()
    assert house.delivery.state == "waiting"


def test_the_journal_names_the_token(company, sign_in, house):
    JournalEntry.objects.create(
        company=company, actor=f"token:{house.token.pk}", action="match.rejected", subject_type="match"
    )
    page = sign_in(company, "viewer").get(reverse("journal:list")).content.decode()
    assert "ERP de Lumen" in page
