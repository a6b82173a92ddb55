"""Balances are sums of movements, from the first one on."""

from contextlib import suppress
from datetime import date
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from encours.actions.create_company import create_company
from encours.actions.post_movements import post
from encours.core.ledger import NewMovement
from encours.store.models import CustomerBalance, DailyFlow, Document, Movement, OpenByDueDate
from encours.store.tenancy import company_scope
from tests import cast

JAN = date(2026, 1, 5)


def test_an_invoice_a_credit_note_and_a_receipt_enter_the_account(company):
    dubois = cast.good_payer(company)
    invoice = cast.invoice(company, dubois, "FA-1", payable_cents=120_000, issue_date=JAN)
    note = cast.credit_note(company, dubois, "AV-1", payable_cents=20_000, issue_date=JAN)
    payment = cast.receipt(company, dubois, amount_cents=50_000, received_date=JAN)
    assert (invoice.open_cents, note.open_cents, payment.unallocated_cents) == (120_000, -20_000, 50_000)
    assert sum(Movement.objects.values_list("amount_cents", flat=True)) == 120_000 - 20_000 - 50_000
    balance = CustomerBalance.objects.get()
    assert (balance.owed_cents, balance.credit_cents, balance.unallocated_cents) == (120_000, -20_000, 50_000)
    assert OpenByDueDate.objects.count() == 2
    assert {(flow.kind, flow.amount_cents) for flow in DailyFlow.objects.all()} == {
        ("invoiced", 120_000),
        ("credited", -20_000),
        ("paid", -50_000),
    }


def test_instalments_are_receivables_of_their_own(company):
    invoice = cast.invoice(
        company, cast.late_payer(company), "FA-1", payable_cents=90_000, issue_date=JAN,
        instalments=[(date(2026, 2, 5), 30_000), (date(2026, 3, 5), 60_000)],
    )  # fmt: skip
    assert invoice.due_date == date(2026, 3, 5)
    assert not OpenByDueDate.objects.exists()


def test_more_than_is_open_is_refused_by_the_database(company):
    dubois = cast.good_payer(company)
    invoice = cast.invoice(company, dubois, "FA-1", payable_cents=100, issue_date=JAN)
    too_much = NewMovement(
        customer_id=dubois.pk,
        document_id=invoice.pk,
        kind="written_off",
        amount_cents=-101,
        currency="EUR",
        booked_date=JAN,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        post(company=company, movements=[too_much])
    assert Movement.objects.count() == 1


def test_a_bank_line_lies_on_a_statement_of_the_company(company):
    line = cast.bank_line(company, 120_000, "VIR DUBOIS FA-1")
    assert line.statement.account.identifier == cast.IBAN
    assert line.state == "new"


def test_adjustments_settle_what_was_not_paid_and_a_refund_uses_up_a_receipt(company):
    dubois = cast.good_payer(company)
    invoice = cast.invoice(company, dubois, "FA-1", payable_cents=10_000, issue_date=JAN)
    payment = cast.receipt(company, dubois, amount_cents=300, received_date=JAN)
    post(
        company=company,
        movements=[
            NewMovement(
                customer_id=dubois.pk, kind=kind, amount_cents=cents, currency="EUR", booked_date=JAN, **target
            )
            for kind, cents, target in (
                ("discount", -200, {"document_id": invoice.pk}),
                ("bank_fee", -150, {"document_id": invoice.pk}),
                ("rounding_difference", -2, {"document_id": invoice.pk}),
                ("rounding_difference", 1, {"payment_id": payment.pk}),
                ("refunded", 299, {"payment_id": payment.pk}),
            )
        ],
    )  # fmt: skip
    invoice.refresh_from_db()
    payment.refresh_from_db()
    assert (invoice.open_cents, payment.unallocated_cents) == (9_648, 0)
    assert {(flow.kind, flow.target): flow.amount_cents for flow in DailyFlow.objects.all()} == {
        ("invoiced", "document"): 10_000,
        ("paid", "payment"): -300,
        ("discount", "document"): -200,
        ("bank_fee", "document"): -150,
        ("rounding_difference", "document"): -2,
        ("rounding_difference", "payment"): 1,
        ("refunded", "payment"): 299,
    }


def test_two_that_post_twice_each_never_wait_for_each_other_in_a_circle(committed_db):
    """Their invoices have nothing in common but the days they are due on."""
    lumen = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(lumen.pk):
        dubois, lefevre = cast.good_payer(lumen), cast.late_payer(lumen)
        due = [
            [
                cast.invoice(lumen, customer, f"FA-{customer.code}-{month}", payable_cents=5_000, issue_date=date(2026, month, 5))
                for month in months
            ]
            for customer, months in ((dubois, (1, 2)), (lefevre, (2, 1)))
        ]  # fmt: skip
    both_posted, failures = Barrier(2), []

    def loses(invoices: list[Document]) -> None:
        try:
            with company_scope(lumen.pk), transaction.atomic():
                for rank, invoice in enumerate(invoices):
                    loss = NewMovement(
                        customer_id=invoice.customer.pk, document_id=invoice.pk, kind="written_off", amount_cents=-5_000,
                        currency="EUR", booked_date=JAN,
                    )  # fmt: skip
                    post(company=lumen, movements=[loss])
                    if rank == 0:
                        with suppress(BrokenBarrierError):  # the other one waits for us: as it should
                            both_posted.wait(timeout=0.5)
        except OperationalError as error:
            failures.append(error)
        finally:
            connection.close()

    writers = [Thread(target=loses, args=[invoices]) for invoices in due]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert failures == []
    with company_scope(lumen.pk):
        assert {row.owed_cents for row in OpenByDueDate.objects.all()} == {0}
