"""References checked by statement (migrations 0013 and 0047) refuse what a foreign key would, and another company's rows."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from encours.actions.reconcile import reconcile
from encours.store.models import Allocation, Payment
from encours.store.tenancy import company_scope
from tests import cast

JAN = date(2026, 1, 5)


@pytest.fixture
def books(company):
    customer = cast.good_payer(company)
    return company, customer, cast.invoice(company, customer, "F-1", payable_cents=1_000, issue_date=JAN)


def refused(statement: str, *params: object, role: str = "encours_app") -> str:
    with pytest.raises(IntegrityError) as error:
        run(statement, *params, role=role)
    return str(error.value)


def run(statement: str, *params: object, role: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement, params)


COPY = """
INSERT INTO store_document (company_id, customer_id, type, number, search_number, issue_date, due_date, currency,
  payable_cents, open_cents, instalment_count, purchase_order, corrects, payment_reference, product_type, salesperson)
SELECT company_id, %s, type, 'F-2', 'F2', issue_date, due_date, currency, 0, 0, 0, '', '', '', '', ''
FROM store_document WHERE id = %s
"""
RECEIVE = """
INSERT INTO store_movement (company_id, customer_id, payment_id, allocation_id, kind, reversed_kind, amount_cents, currency,
  booked_date)
SELECT company_id, customer_id, %s, %s, 'allocated', '', 1, currency, issue_date FROM store_document WHERE id = %s
"""
MOVE = """
INSERT INTO store_movement (company_id, customer_id, document_id, kind, reversed_kind, amount_cents, currency, booked_date)
SELECT company_id, customer_id, %s, 'invoiced', '', 1, currency, issue_date FROM store_document WHERE id = %s
"""


def test_a_document_has_a_customer_of_its_company(books, other_company):
    _, customer, invoice = books
    with company_scope(other_company.pk):
        stranger = cast.late_payer(other_company)
    assert "customer 0," in refused(COPY, 0, invoice.pk)
    assert f"customer {stranger.pk}," in refused(COPY, stranger.pk, invoice.pk)
    change = "UPDATE store_document SET customer_id = %s WHERE id = %s"
    assert "customer 0," in refused(change, 0, invoice.pk)
    assert f"customer {stranger.pk}," in refused(change, stranger.pk, invoice.pk)
    with connection.cursor() as cursor:
        cursor.execute(COPY, [customer.pk, invoice.pk])


def test_a_movement_has_a_document_of_its_company(books, other_company):
    company, _, invoice = books
    with company_scope(other_company.pk):
        foreign = cast.invoice(
            other_company, cast.late_payer(other_company), "X-1", payable_cents=5, issue_date=JAN
        )
    with company_scope(company.pk):
        assert "document 0," in refused(MOVE, 0, invoice.pk)
        assert f"document {foreign.pk}," in refused(MOVE, foreign.pk, invoice.pk)


def receipt(company, customer) -> tuple[Payment, Allocation]:
    """Money for an invoice, and where it went."""
    invoice = cast.invoice(company, customer, "FACT-2025-0011", payable_cents=1_000, issue_date=JAN)
    line = cast.bank_line(company, 1_000, f"VIR {invoice.number}")
    reconcile(company=company, on=JAN, actor="test")
    payment = Payment.objects.get(transaction=line)
    return payment, Allocation.objects.get(payment=payment)


def test_a_movement_has_a_receipt_and_an_allocation_of_its_company(books, other_company):
    company, customer, invoice = books
    with company_scope(other_company.pk):
        foreign, allocated = receipt(other_company, cast.late_payer(other_company))
    with company_scope(company.pk):
        own, _ = receipt(company, customer)
        for wrong in (0, foreign.pk):
            assert f"receipt {wrong}," in refused(RECEIVE, wrong, None, invoice.pk)
        for wrong in (0, allocated.pk):
            assert f"allocation {wrong}," in refused(RECEIVE, own.pk, wrong, invoice.pk)


def test_a_receipt_and_an_allocation_with_movements_stay(books):
    company, customer, _ = books
    payment, allocation = receipt(company, customer)
    assert f"allocation {allocation.pk} still has" in refused(
        "DELETE FROM store_allocation WHERE id = %s", allocation.pk
    )
    assert f"receipt {payment.pk} still has" in refused("DELETE FROM store_payment WHERE id = %s", payment.pk)


def test_what_is_referred_to_stays(books):
    company, customer, invoice = books
    assert f"document {invoice.pk} still has" in refused(
        "DELETE FROM store_document WHERE id = %s", invoice.pk
    )
    assert f"customer {customer.pk} still has" in refused(
        "DELETE FROM store_customer WHERE id = %s", customer.pk
    )
    # whoever asks: the company has documents even where row-level security shows none
    assert "still has documents" in refused(
        "DELETE FROM store_company WHERE id = %s", company.pk, role="NONE"
    )
