"""A file of direct debits is being made when its process dies by -9: nothing of it is there, and the next one holds all of it once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from lxml import etree

from encours.actions.change_creditor import change_creditor
from encours.actions.create_company import create_company
from encours.actions.make_direct_debit_files import make_direct_debit_files
from encours.queries.direct_debits import direct_debit_file_content
from encours.store.models import (
    Charge,
    ChargeNotice,
    Company,
    DirectDebitFile,
    Message,
    Payout,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.crash.collector import POINTS
from tests.direct_debit.conftest import CREDITOR, DUE, MADE, TOLD, owed, sign
from tests.dunning.conftest import at, bank_known

pytestmark = pytest.mark.crash


@pytest.fixture
def company(committed_db) -> Company:
    """Dubois was told of two debits, two weeks before."""
    company = create_company(name="Atelier Lumen", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        change_creditor(company=company, given=CREDITOR, actor="t")
        customer = cast.good_payer(company)
        bank_known(company, DUE)
        mandate = sign(company, customer)
        for number, cents in (("FA-1", 50_000), ("FA-2", 30_000)):
            document = owed(company, customer, number, cents)
            message = Message.objects.create(
                company=company, customer=customer, channel="email", template="charge_notice", currency="EUR",
                amount_cents=cents, document_count=1, planned_date=TOLD, state="sent", sent_date=TOLD, reason={},
            )  # fmt: skip
            ChargeNotice.objects.create(
                company=company, customer=customer, mandate=mandate, document=document, message=message, origin="autopay",
                currency="EUR", amount_cents=cents, announced_date=TOLD, charge_date=DUE,
            )  # fmt: skip
    return company


@pytest.fixture
def collector(company):
    program = Path(__file__).with_name("collector.py")
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "ENCOURS_HOME": str(django_settings.DATA_FOLDER), "ENCOURS_LOG_LEVEL": "CRITICAL", "PYTHONPATH": str(root),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=root,
    )  # fmt: skip

    def run(**order: object) -> int:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(
            json.dumps({"company": company.pk, "on": MADE.isoformat(), "after": 0, **order}) + "\n"
        )
        process.stdin.flush()
        process.stdout.readline()
        return int(process.stdout.readline())

    yield run
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


def test_killed_at_every_point_it_loses_and_doubles_nothing(company, collector):
    for point in POINTS:
        assert collector(die_at=point) == -signal.SIGKILL, f"{point} was not reached"
        with company_scope(company.pk):
            assert not DirectDebitFile.objects.exists(), point
            assert not Charge.objects.exists(), point
            assert not Payout.objects.exists(), point
            assert set(ChargeNotice.objects.values_list("state", flat=True)) == {"announced"}, point
    assert collector() == 0
    assert collector() == 0
    with company_scope(company.pk):
        [found] = DirectDebitFile.objects.all()
        told = direct_debit_file_content(company=company, file_id=found.pk)
        assert told is not None
        root = etree.fromstring(told[1].path.read_bytes())
        written = sorted(each.text or "" for each in root.iter("{*}EndToEndId"))
        assert written == sorted(Charge.objects.values_list("reference", flat=True))
        assert (found.total_cents, found.charge_count, len(written)) == (80_000, 2, 2)
        again = make_direct_debit_files(
            company=company, on=MADE, now=at(MADE), actor="t", accept_bank_age=True
        )
        assert again.file_ids == ()
