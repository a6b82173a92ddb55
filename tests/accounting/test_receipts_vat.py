"""VAT of receipts per rate, as e-reporting will tell it: by day, negative when an allocation is undone."""

from datetime import date

from encours.actions.allocate import allocate
from encours.actions.undo_allocation import undo_allocation
from encours.core.ledger import Portion
from encours.queries.accounting import receipts_vat
from tests import cast
from tests.accounting.test_export import settle, taxed

JAN, FEB, MAR = date(2026, 1, 5), date(2026, 2, 10), date(2026, 3, 2)
TWO_RATES = [(2000, 5_000, 1_000), (550, 3_793, 208)]


def told(company, start, end):
    found = receipts_vat(company=company, from_date=start, to_date=end)
    return found.select("booked_date", "rate_basis_points", "base_cents", "tax_cents").rows()


def test_parts_of_an_invoice_share_its_rates_and_lose_no_cent(company):
    invoice = taxed(company, cast.late_payer(company), "FA-1", payable_cents=10_001, rates=TWO_RATES)
    settle(company, invoice, 3_333)
    settle(company, invoice, 6_668, on=MAR)
    february, march = told(company, FEB, FEB), told(company, MAR, MAR)
    assert sum(row[2] + row[3] for row in february) == 3_333
    assert sum(row[2] + row[3] for row in march) == 6_668
    by_rate = {rate: (base, tax) for _, rate, base, tax in february}
    for _, rate, base, tax in march:
        by_rate[rate] = (by_rate[rate][0] + base, by_rate[rate][1] + tax)
    assert by_rate == {2000: (5_000, 1_000), 550: (3_793, 208)}


def test_what_is_undone_comes_back_negative_on_its_own_day(company):
    invoice = taxed(company, cast.good_payer(company), "FA-1")
    allocation = settle(company, invoice, 6_000)
    undo_allocation(company=company, allocation_id=allocation, on=MAR, actor="test")
    assert told(company, JAN, MAR) == [(FEB, 2000, 5_000, 1_000), (MAR, 2000, -5_000, -1_000)]
    assert told(company, MAR, MAR) == [(MAR, 2000, -5_000, -1_000)]


def test_a_credit_note_is_no_receipt_and_an_unknown_rate_is_left_out(company):
    dubois = cast.good_payer(company)
    invoice = taxed(company, dubois, "FA-1")
    note = taxed(company, dubois, "AV-1", payable_cents=2_400, type="credit_note")
    allocate(
        company=company, portions=[Portion(invoice.pk, 2_400)], on=FEB, actor="t", credit_note_id=note.pk
    )
    settle(company, cast.invoice(company, dubois, "FA-2", payable_cents=500, issue_date=JAN), 500)
    assert told(company, JAN, MAR) == []
