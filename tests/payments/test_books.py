"""What payment services receive waits on a clearing account until they pay it out, less their fees; entries balance."""

from collections import Counter
from datetime import timedelta

import pytest

from encours.actions.book_payouts import book_payouts
from encours.actions.follow_charge import follow_charge
from encours.actions.post_entries import post_entries
from encours.queries.doctor import examine
from encours.store.models import EntryLine
from tests import cast
from tests.payments.conftest import NOW, TODAY, begin, charge_of, invoices

pytestmark = pytest.mark.django_db
MONTH_END = TODAY + timedelta(days=20)


def balances() -> Counter[str]:
    found: Counter[str] = Counter()
    for line in EntryLine.objects.all():
        found[line.account] += line.debit_cents - line.credit_cents
    return Counter({account: cents for account, cents in found.items() if cents})


def test_from_the_clearing_account_to_the_bank(company, dubois, connection, service) -> None:
    opened = [begin(company, dubois, [document]) for document in invoices(company, dubois, 100_00, 50_00)]
    for each in opened:
        service.pay(charge_of(each).reference)
        follow_charge(company=company, charge_id=each.charge_id, now=NOW)
    post_entries(company=company, until=MONTH_END, on=MONTH_END)
    assert balances() == {"411000": -150_00, "511500": 150_00}
    assert set(EntryLine.objects.values_list("journal_code", flat=True)) == {"OD"}

    service.give_back(charge_of(opened[0]).reference, 20_00)
    follow_charge(company=company, charge_id=opened[0].charge_id, now=NOW)
    service.pay_out(TODAY, other_cents=-3_00)
    cast.bank_line(company, 125_50, "PAYOUT", booked_date=TODAY, counterparty_name="SCRIPTED PAYMENTS LTD")
    book_payouts(company=company, now=NOW, actor="worker")
    post_entries(company=company, until=MONTH_END, on=MONTH_END)
    assert balances() == {"411000": -130_00, "512000": 125_50, "627000": 1_50, "471000": 3_00}
    entry = EntryLine.objects.filter(payout__isnull=False)
    assert {line.journal_code for line in entry} == {"BQ"}
    assert {line.label for line in entry} == {"Versement Service d’essai po_1"}
    count = EntryLine.objects.count()
    post_entries(company=company, until=MONTH_END, on=MONTH_END)
    assert EntryLine.objects.count() == count
    assert [check.name for check in examine(company=company) if not check.ok] == []


def test_a_return_leaves_the_clearing_account(company, dubois, connection, service) -> None:
    [document] = invoices(company, dubois, 100_00)
    opened = begin(company, dubois, [document])
    service.pay(charge_of(opened).reference)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    service.contest(charge_of(opened).reference, 40_00)
    follow_charge(company=company, charge_id=opened.charge_id, now=NOW)
    post_entries(company=company, until=MONTH_END, on=MONTH_END)
    assert balances() == {"411000": -60_00, "511500": 60_00}
    assert [check.name for check in examine(company=company) if not check.ok] == []
