"""Webhooks from the command line, delivered by the real worker to a real receiver."""

import json

import pytest
from django.db import transaction
from typer.testing import CliRunner

from encours.actions.create_company import create_company
from encours.actions.match_by_hand import match_by_hand
from encours.cli import webhooks
from encours.core.ledger import Portion
from encours.store.models import Company
from encours.store.tenancy import company_scope
from tests import cast
from tests.jobs.test_worker import work_until_idle
from tests.webhooks.conftest import JAN
from tests.webhooks.receiver import Receiver


@pytest.fixture
def lumen(committed_db, settings) -> Company:
    settings.WEBHOOKS_INSIDE = True
    return create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")


def answer(*args: str) -> tuple[int, dict]:
    result = CliRunner().invoke(webhooks.app, [*args, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_an_address_added_here_is_told_by_the_worker(lumen):
    with Receiver() as receiver:
        told = answer("add", "--url", receiver.url, "--event", "receipt.allocated")[1]["webhook"]
        assert answer("test", str(told["id"]))[0] == 0
        with company_scope(lumen.pk), transaction.atomic():
            customer = cast.good_payer(lumen)
            invoice = cast.invoice(lumen, customer, "FA-1", payable_cents=500, issue_date=JAN)
            line = cast.bank_line(lumen, 500, "FA-1")
            match_by_hand(
                company=lumen, transaction_id=line.pk, customer_id=customer.pk, portions=[Portion(invoice.pk, 500)],
                actor="test",
            )  # fmt: skip
        work_until_idle()
        assert receiver.events == ["webhook.test", "receipt.allocated"]
        assert all(each.is_signed_with(told["secret"]) for each in receiver.received)
    (row,) = answer("list")[1]["webhooks"]
    assert (row["state"], row["waiting_count"], row["problem"]) == ("active", 0, None)
    assert told["secret"] not in json.dumps(row)
    for verb in ("disable", "enable", "remove"):
        assert answer(verb, str(told["id"]))[0] == 0
    code, refused = answer("remove", str(told["id"]))
    assert (code, refused["problems"][0]["code"]) == (2, "webhook.unknown")


def test_an_address_that_cannot_be_written_to_is_wrong_usage(lumen):
    code, told = answer("add", "--url", "ftp://erp.example", "--event", "receipt.allocated")
    assert (code, told["problems"][0]["code"]) == (2, "webhook.bad_url")
