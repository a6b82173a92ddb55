"""What happened in the ledger, as the accountant reads it in the books."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from encours.actions.allocate import allocate
from encours.actions.export_entries import UnableToExport, export_entries
from encours.actions.post_movements import post
from encours.actions.reconcile import reconcile
from encours.actions.undo_allocation import undo_allocation
from encours.actions.undo_match import undo_match
from encours.actions.write_off import undo_write_off, write_off
from encours.core.ledger import NewMovement, Portion
from encours.store.models import Allocation, EntryLine, JournalEntry, Match, VatLine
from tests import cast
from tests.accounting.conftest import told

JAN, FEB, MAR = date(2026, 1, 5), date(2026, 2, 10), date(2026, 3, 2)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def taxed(company, customer, number, *, payable_cents=12_000, issue_date=JAN, **details):
    """An invoice at 20 %, or with `rates` of (basis points, base, tax)."""
    rates = details.pop("rates", [(2000, payable_cents * 5 // 6, payable_cents - payable_cents * 5 // 6)])
    document = cast.invoice(
        company, customer, number, payable_cents=payable_cents, issue_date=issue_date,
        net_cents=sum(rate[1] for rate in rates), tax_cents=sum(rate[2] for rate in rates), **details,
    )  # fmt: skip
    for points, base, tax in rates:
        VatLine.objects.create(
            company=company, document=document, rate_basis_points=points, base_cents=base, tax_cents=tax
        )
    return document


def settle(company, document, cents, *, on=FEB, payment=None):
    """A receipt for it (or more of `payment`), allocated; the id of the allocation."""
    paid = payment or cast.receipt(company, document.customer, amount_cents=cents, received_date=on)
    (allocation,) = allocate(
        company=company, portions=[Portion(document.pk, cents)], on=on, actor="test", payment_id=paid.pk
    )
    return allocation


def move(company, document, kind, cents, *, on=FEB):
    post(
        company=company,
        movements=[
            NewMovement(
                customer_id=document.customer_id, document_id=document.pk, kind=kind, amount_cents=cents,
                currency="EUR", booked_date=on,
            )
        ],
    )  # fmt: skip


def test_sales_are_booked_elsewhere_unless_asked_for(company, export):
    settle(company, taxed(company, cast.good_payer(company), "FA-1"), 12_000)
    assert told(export(*YEAR)) == [
        ("BQ", 1, "512000", "", 12_000, ""),
        ("BQ", 1, "411000", "C0001", -12_000, ""),
    ]


def test_an_invoice_and_its_receipt_are_lettered_together(company, export, settle_accounts):
    settle_accounts(sales_entries=True, vat_by_rate={"2000": "445712"})
    dubois = cast.good_payer(company)
    settle(company, taxed(company, dubois, "FA-1"), 12_000)
    taxed(company, dubois, "FA-2", payable_cents=6_000)
    exported = export(*YEAR)
    assert told(exported) == [
        ("VE", 1, "411000", "C0001", 12_000, "A"),
        ("VE", 1, "707000", "", -10_000, ""),
        ("VE", 1, "445712", "", -2_000, ""),
        ("VE", 2, "411000", "C0001", 6_000, ""),
        ("VE", 2, "707000", "", -5_000, ""),
        ("VE", 2, "445712", "", -1_000, ""),
        ("BQ", 1, "512000", "", 12_000, ""),
        ("BQ", 1, "411000", "C0001", -12_000, "A"),
    ]
    assert exported.file_name == "732829320FEC20261231.txt"
    assert (exported.debit_cents, exported.credit_cents, exported.entry_count) == (30_000, 30_000, 3)
    assert JournalEntry.objects.filter(action="accounting.exported").count() == 1


def test_a_part_payment_bears_a_small_letter_and_a_capital_one_when_it_is_whole(
    company, export, settle_accounts
):
    settle_accounts(sales_entries=True)
    invoice = taxed(company, cast.late_payer(company), "FA-1")
    settle(company, invoice, 5_000)
    codes = [row[5] for row in told(export(*YEAR, is_draft=True)) if row[3]]
    assert codes == ["a", "a"]
    settle(company, invoice, 7_000, on=MAR)
    assert [row[5] for row in told(export(*YEAR)) if row[3]] == ["A", "A", "A"]
    settle_accounts(sales_entries=True, partial_lettering="none")
    settle(
        company,
        taxed(company, invoice.customer, "FA-2", issue_date=date(2027, 1, 2)),
        100,
        on=date(2027, 1, 3),
    )
    later = export(date(2027, 1, 1), date(2027, 1, 31))
    assert {row[5] for row in told(later)} == {""}


def test_a_credit_note_takes_away_from_sales_and_letters_with_its_invoice(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    dubois = cast.good_payer(company)
    invoice = taxed(company, dubois, "FA-1")
    note = taxed(company, dubois, "AV-1", payable_cents=2_400, issue_date=FEB, type="credit_note")
    allocate(
        company=company, portions=[Portion(invoice.pk, 2_400)], on=FEB, actor="test", credit_note_id=note.pk
    )
    settle(company, invoice, 9_600, on=MAR)
    lines = told(export(*YEAR))
    assert lines[3:6] == [
        ("VE", 2, "707000", "", 2_000, ""),
        ("VE", 2, "445710", "", 400, ""),
        ("VE", 2, "411000", "C0001", -2_400, "A"),
    ]
    assert [row[5] for row in lines if row[3]] == ["A", "A", "A"]


def test_a_deposit_is_no_revenue_and_a_final_invoice_takes_it_off(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    dubois = cast.good_payer(company)
    taxed(company, dubois, "AC-1", payable_cents=3_600, type="deposit")
    taxed(company, dubois, "FA-1", payable_cents=8_400, issue_date=FEB, rates=[(2000, 10_000, 2_000)])
    assert [(row[2], row[4]) for row in told(export(*YEAR))] == [
        ("411000", 3_600), ("419100", -3_000), ("445710", -600),
        ("411000", 8_400), ("419100", 3_600), ("707000", -10_000), ("445710", -2_000),
    ]  # fmt: skip


def test_an_invoice_whose_vat_is_unknown_waits_on_471(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    cast.invoice(company, cast.good_payer(company), "FA-1", payable_cents=12_000, issue_date=JAN)
    assert [(row[2], row[4]) for row in told(export(*YEAR))] == [("411000", 12_000), ("471000", -12_000)]


def test_what_settles_without_money(company, export, settle_accounts):
    settle_accounts(sales_entries=True, bank_fee="622700")
    invoice = taxed(company, cast.good_payer(company), "FA-1")
    settle(company, invoice, 11_500)
    move(company, invoice, "discount", -240)
    move(company, invoice, "bank_fee", -250)
    move(company, invoice, "rounding_difference", -10)
    lines = told(export(*YEAR))
    assert [(row[0], row[2], row[4]) for row in lines[5:]] == [
        ("OD", "445710", 40), ("OD", "665000", 200), ("OD", "411000", -240),
        ("OD", "622700", 250), ("OD", "411000", -250),
        ("OD", "658000", 10), ("OD", "411000", -10),
    ]  # fmt: skip
    assert {row[5] for row in lines if row[3]} == {"A"}


def test_vat_of_a_loss_is_given_back_when_the_company_recovers_it_and_goes_back_to_the_cent(
    company, export, settle_accounts
):
    settle_accounts(recover_vat_on_write_off=True)
    invoice = taxed(
        company,
        cast.late_payer(company),
        "FA-1",
        payable_cents=10_001,
        rates=[(2000, 5_000, 1_000), (550, 3_793, 208)],
    )
    for cents in (3_333, 3_333):
        write_off(
            company=company,
            document_id=invoice.pk,
            amount_cents=cents,
            reason="Liquidation",
            on=FEB,
            actor="t",
        )
    undo_write_off(company=company, document_id=invoice.pk, on=MAR, actor="test")
    write_off(
        company=company, document_id=invoice.pk, amount_cents=10_001, reason="Liquidation", on=MAR, actor="t"
    )
    lines = told(export(*YEAR))
    assert sum(row[4] for row in lines if row[2] == "445710") == 1_208
    assert sum(row[4] for row in lines if row[2] == "654000") == 8_793


def test_money_beyond_what_is_owed(company, export, settle_accounts):
    """30.00 too much: it stays on 411, or lies on 4191 until it is given back."""
    dubois = cast.good_payer(company)
    settle_accounts(overpayments="advance")
    payment = cast.receipt(company, dubois, amount_cents=3_000, received_date=JAN)
    assert [(row[2], row[4], row[5]) for row in told(export(date(2026, 1, 1), date(2026, 1, 31)))] == [
        ("512000", 3_000, ""), ("411000", -3_000, "A"), ("411000", 3_000, "A"), ("419100", -3_000, ""),
    ]  # fmt: skip
    post(
        company=company,
        movements=[
            NewMovement(customer_id=dubois.pk, payment_id=payment.pk, kind="refunded", amount_cents=3_000,
                        currency="EUR", booked_date=FEB)
        ],
    )  # fmt: skip
    assert [(row[2], row[4], row[5]) for row in told(export(date(2026, 2, 1), date(2026, 2, 28)))] == [
        ("411000", 3_000, "B"), ("512000", -3_000, ""), ("419100", 3_000, ""), ("411000", -3_000, "B"),
    ]  # fmt: skip


def test_a_bank_account_has_its_own_account_and_journal(company, export, settle_accounts):
    settle_accounts(banks={cast.IBAN: {"account": "512100", "journal": "CIC"}})
    cast.invoice(company, cast.good_payer(company), "FACT-2026-0001", payable_cents=5_000, issue_date=JAN)
    cast.bank_line(company, 5_000, "FACT-2026-0001", bank_reference="BK9")
    reconcile(company=company, on=MAR, actor="test")
    assert told(export(*YEAR)) == [
        ("CIC", 1, "512100", "", 5_000, ""),
        ("CIC", 1, "411000", "C0001", -5_000, ""),
    ]


def test_what_was_exported_never_changes(company, export, settle_accounts):
    """January leaves. A receipt of January comes to light in February: it is booked on 1 February."""
    settle_accounts(sales_entries=True)
    dubois = cast.good_payer(company)
    taxed(company, dubois, "FA-1")
    january = export(date(2026, 1, 1), date(2026, 1, 31), on=date(2026, 2, 3))
    cast.receipt(company, dubois, amount_cents=500, received_date=date(2026, 1, 20))
    again = export(date(2026, 1, 1), date(2026, 1, 31), on=date(2026, 2, 4))
    assert again.content == january.content
    february = export(date(2026, 2, 1), date(2026, 2, 28), on=date(2026, 3, 4))
    assert [(row[1], row[4]) for row in told(february)] == [(1, 500), (1, -500)]
    assert list(EntryLine.objects.filter(journal_code="BQ").values_list("entry_date", "piece_date").distinct()) == [
        (date(2026, 2, 1), date(2026, 1, 20))
    ]  # fmt: skip


def test_a_period_that_still_runs_is_closed_up_to_yesterday(company, export):
    dubois = cast.good_payer(company)
    cast.receipt(company, dubois, amount_cents=500, received_date=date(2026, 6, 14))
    first = export(*YEAR, on=date(2026, 6, 15))
    assert first.closed_until_date == date(2026, 6, 14)
    cast.receipt(company, dubois, amount_cents=700, received_date=date(2026, 6, 15))
    assert [row[4] for row in told(export(*YEAR, on=date(2026, 6, 16)))] == [500, -500, 700, -700]


def test_a_draft_leaves_no_trace(company, export):
    cast.receipt(company, cast.good_payer(company), amount_cents=500, received_date=JAN)
    draft = export(*YEAR, is_draft=True)
    assert (draft.line_count, draft.export_id, draft.closed_until_date) == (2, None, None)
    assert not EntryLine.objects.exists()
    assert told(draft) == told(export(*YEAR))


def test_an_allocation_undone_after_the_export_is_opened_again_by_an_entry(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    invoice = taxed(company, cast.good_payer(company), "FA-1")
    allocation = settle(company, invoice, 12_000)
    export(date(2026, 1, 1), date(2026, 2, 28), on=date(2026, 3, 1))
    undo_allocation(company=company, allocation_id=allocation, on=MAR, actor="test")
    march = export(date(2026, 3, 1), date(2026, 3, 31), on=date(2026, 4, 2))
    assert told(march) == [
        ("OD", 1, "411000", "C0001", 12_000, ""),
        ("OD", 1, "411000", "C0001", -12_000, ""),
    ]
    # the invoice is paid by another receipt, the first one is used for another invoice
    settle(company, invoice, 12_000, on=date(2026, 4, 5))
    other = taxed(company, invoice.customer, "FA-2", issue_date=date(2026, 4, 1))
    first = Allocation.objects.get(pk=allocation).payment
    settle(company, other, 12_000, on=date(2026, 4, 6), payment=first)
    everything = export(*YEAR)
    assert sorted(row[5] for row in told(everything) if row[3]) == ["A", "A", "B", "B", "C", "C"]
    assert export(*YEAR).content == everything.content  # nothing is opened twice


def test_a_match_undone_after_the_export_takes_its_receipt_back(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    taxed(company, cast.good_payer(company), "FACT-2026-0001")
    cast.bank_line(company, 12_000, "FACT-2026-0001", booked_date=FEB)
    reconcile(company=company, on=FEB, actor="test")
    export(date(2026, 1, 1), date(2026, 2, 28), on=date(2026, 3, 1))
    undo_match(company=company, match_id=Match.objects.get().pk, on=MAR, actor="test")
    march = export(date(2026, 3, 1), date(2026, 3, 31), on=date(2026, 4, 2))
    assert told(march) == [
        ("BQ", 2, "411000", "C0001", 12_000, "B"),
        ("BQ", 2, "512000", "", -12_000, ""),
        ("OD", 1, "411000", "C0001", 12_000, ""),
        ("OD", 1, "411000", "C0001", -12_000, "B"),
    ]


def test_undone_before_the_export_nothing_was_ever_lettered(company, export, settle_accounts):
    settle_accounts(sales_entries=True)
    invoice = taxed(company, cast.good_payer(company), "FA-1")
    undo_allocation(company=company, allocation_id=settle(company, invoice, 12_000), on=MAR, actor="test")
    assert [row[5] for row in told(export(*YEAR)) if row[3]] == ["", ""]


def test_other_currencies_are_told_and_not_booked(company, export):
    cast.receipt(company, cast.good_payer(company), amount_cents=500, received_date=JAN, currency="USD")
    exported = export(*YEAR)
    assert exported.line_count == 0
    assert [(p.code, p.severity) for p in exported.problems] == [("export_foreign_currency", "error")]


def test_nothing_of_another_company_is_exported(company, other_company, export):
    from encours.store.tenancy import company_scope

    with company_scope(other_company.pk):
        cast.receipt(other_company, cast.good_payer(other_company), amount_cents=900, received_date=JAN)
        export_entries(
            company=other_company, format="fec", from_date=YEAR[0], to_date=YEAR[1], on=MAR, actor="test"
        )
    cast.receipt(company, cast.good_payer(company), amount_cents=500, received_date=JAN)
    assert told(export(*YEAR)) == [("BQ", 1, "512000", "", 500, ""), ("BQ", 1, "411000", "C0001", -500, "")]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [(YEAR[1], YEAR[0], "export_wrong_period"), (date(2030, 1, 1), date(2030, 2, 1), "export_not_yet")],
)
def test_a_period_that_cannot_be(company, start, end, code):
    with pytest.raises(UnableToExport) as refused:
        export_entries(company=company, format="fec", from_date=start, to_date=end, on=MAR, actor="test")
    assert refused.value.problem.code == code


def test_the_database_refuses_an_entry_that_changes(company, export):
    cast.receipt(company, cast.good_payer(company), amount_cents=500, received_date=JAN)
    export(*YEAR)
    for change in (EntryLine.objects.all().delete, lambda: EntryLine.objects.update(label="autre")):
        with pytest.raises(DatabaseError, match="denied"), transaction.atomic():
            change()


def test_the_database_refuses_an_entry_that_does_not_balance(company, export):
    cast.receipt(company, cast.good_payer(company), amount_cents=500, received_date=JAN)
    export(*YEAR)
    line = EntryLine.objects.get(account="512000")
    line.pk, line.entry_id = None, 10**9
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        line.save(force_insert=True)
