"""Money finds its documents, exactly, once, and back again.

| who | document | open |
| --- | --- | --- |
| Dubois | FA-1 | 1,000.00 |
| Dubois | FA-2 | 500.00 |
| Dubois | receipt | 1,200.00 |
"""

from dataclasses import dataclass
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from encours.actions.allocate import UnableToAllocate, allocate
from encours.actions.apply_credit_notes import apply_credit_notes
from encours.actions.create_company import create_company
from encours.actions.undo_allocation import undo_allocation
from encours.actions.write_off import UnableToWriteOff, undo_write_off, write_off
from encours.core.ledger import Portion
from encours.store.models import Allocation, Customer, Document, JournalEntry, Movement, Payment
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


@dataclass
class Account:
    customer: Customer
    first: Document
    second: Document
    payment: Payment

    def balances(self) -> tuple[int, int, int]:
        for row in (self.first, self.second, self.payment):
            row.refresh_from_db()
        return self.first.open_cents, self.second.open_cents, self.payment.unallocated_cents


@pytest.fixture
def dubois(company) -> Account:
    customer = cast.good_payer(company)
    return Account(
        customer,
        cast.invoice(company, customer, "FA-1", payable_cents=100_000, issue_date=JAN),
        cast.invoice(company, customer, "FA-2", payable_cents=50_000, issue_date=JAN),
        cast.receipt(company, customer, amount_cents=120_000, received_date=MARCH),
    )


def test_a_receipt_settles_documents_and_the_rest_stays_the_customers_credit(company, dubois):
    allocate(
        company=company, payment_id=dubois.payment.pk, on=MARCH, actor="test",
        portions=[Portion(dubois.first.pk, 100_000), Portion(dubois.second.pk, 15_000)],
    )  # fmt: skip
    assert dubois.balances() == (0, 35_000, 5_000)
    for allocation in Allocation.objects.all():
        assert sum(allocation.movements.values_list("amount_cents", flat=True)) == 0
    told = JournalEntry.objects.get(action="payment.allocated")
    assert (told.actor, told.customer_id) == ("test", dubois.customer.pk)


@pytest.mark.parametrize(
    ("portions", "code"),
    [
        ([], "allocation_empty"),
        ([("first", 0)], "allocation_empty"),
        ([("first", 100_001)], "allocation_exceeds_document"),
        ([("first", 60_000), ("first", 60_000)], "allocation_exceeds_document"),
        ([("first", 100_000), ("second", 20_001)], "allocation_exceeds_source"),
    ],
)
def test_never_more_than_is_open_or_left(company, dubois, portions, code):
    chosen = [Portion(getattr(dubois, name).pk, cents) for name, cents in portions]
    with pytest.raises(UnableToAllocate) as refused:
        allocate(company=company, payment_id=dubois.payment.pk, portions=chosen, on=MARCH, actor="test")
    assert refused.value.sentence.code == code
    assert refused.value.sentence.say("fr") != refused.value.sentence.say("en")
    assert dubois.balances() == (100_000, 50_000, 120_000)


def test_customers_and_currencies_never_mix(company, dubois):
    lefevre = cast.late_payer(company)
    of_another = cast.invoice(company, lefevre, "FA-3", payable_cents=10_000, issue_date=JAN)
    in_dollars = cast.invoice(
        company, dubois.customer, "FA-4", payable_cents=10_000, issue_date=JAN, currency="USD"
    )
    for document, code in ((of_another, "allocation_customer"), (in_dollars, "allocation_currency")):
        with pytest.raises(UnableToAllocate) as refused:
            allocate(
                company=company, payment_id=dubois.payment.pk, portions=[Portion(document.pk, 1)], on=MARCH,
                actor="test",
            )  # fmt: skip
        assert refused.value.sentence.code == code


def test_a_form_sent_twice_counts_once(company, dubois):
    def send() -> None:
        allocate(
            company=company, payment_id=dubois.payment.pk, portions=[Portion(dubois.first.pk, 10_000)], on=MARCH,
            actor="test", seen_left_cents=120_000,
        )  # fmt: skip

    send()
    with pytest.raises(UnableToAllocate) as refused:
        send()
    assert refused.value.sentence.code == "allocation_source_changed"
    assert dubois.balances() == (90_000, 50_000, 110_000)


def test_an_allocation_is_undone_by_counter_movements_and_only_once(company, dubois):
    (made,) = allocate(
        company=company, payment_id=dubois.payment.pk, portions=[Portion(dubois.first.pk, 30_000)], on=MARCH,
        actor="test",
    )  # fmt: skip
    before = Movement.objects.count()
    assert undo_allocation(company=company, allocation_id=made, on=JAN, actor="test")
    assert not undo_allocation(company=company, allocation_id=made, on=JAN, actor="test")
    assert dubois.balances() == (100_000, 50_000, 120_000)
    reversals = Movement.objects.filter(kind="reversed")
    assert Movement.objects.count() == before + 2 == before + reversals.count()
    # never before what it takes back
    assert {movement.booked_date for movement in reversals} == {MARCH}
    assert Allocation.objects.get().undone_at is not None


def test_a_credit_note_is_set_against_the_invoice_it_corrects_when_asked(company, dubois):
    note = cast.credit_note(
        company, dubois.customer, "AV-1", payable_cents=120_000, issue_date=MARCH, corrects="FA-1"
    )
    second_note = cast.credit_note(
        company, dubois.customer, "AV-2", payable_cents=10_000, issue_date=MARCH, corrects="FA-1"
    )
    cast.credit_note(
        company, cast.late_payer(company), "AV-3", payable_cents=10, issue_date=MARCH, corrects="FA-2"
    )
    assert len(apply_credit_notes(company=company, on=MARCH, actor="test")) == 1
    note.refresh_from_db()
    second_note.refresh_from_db()
    assert dubois.balances() == (0, 50_000, 120_000)
    assert (note.open_cents, second_note.open_cents) == (-20_000, -10_000)
    assert apply_credit_notes(company=company, on=MARCH, actor="test") == []


def test_what_is_left_of_a_credit_note_settles_another_invoice(company, dubois):
    note = cast.credit_note(company, dubois.customer, "AV-1", payable_cents=20_000, issue_date=JAN)
    allocate(
        company=company, credit_note_id=note.pk, portions=[Portion(dubois.second.pk, 15_000)], on=MARCH,
        actor="test",
    )  # fmt: skip
    note.refresh_from_db()
    assert note.open_cents == -5_000
    assert dubois.balances() == (100_000, 35_000, 120_000)
    with pytest.raises(UnableToAllocate) as refused:
        allocate(
            company=company, credit_note_id=note.pk, portions=[Portion(dubois.second.pk, 5_001)], on=MARCH,
            actor="test",
        )  # fmt: skip
    assert refused.value.sentence.code == "allocation_exceeds_source"


def test_a_write_off_has_a_reason_and_can_be_taken_back(company, dubois):
    with pytest.raises(UnableToWriteOff):
        write_off(
            company=company, document_id=dubois.second.pk, amount_cents=10, reason=" ", on=MARCH, actor="test"
        )
    with pytest.raises(UnableToWriteOff):
        write_off(
            company=company,
            document_id=dubois.second.pk,
            amount_cents=50_001,
            reason="x",
            on=MARCH,
            actor="test",
        )
    write_off(
        company=company, document_id=dubois.second.pk, amount_cents=50_000, reason="Liquidation", on=MARCH,
        actor="test",
    )  # fmt: skip
    assert dubois.balances()[1] == 0
    assert JournalEntry.objects.get(action="document.written_off").data["reason"] == "Liquidation"
    assert undo_write_off(company=company, document_id=dubois.second.pk, on=MARCH, actor="test") == 50_000
    assert undo_write_off(company=company, document_id=dubois.second.pk, on=MARCH, actor="test") == 0
    assert dubois.balances()[1] == 50_000


def test_two_people_who_allocate_the_same_receipt_at_once_never_exceed_it(committed_db):
    lumen = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(lumen.pk):
        customer = cast.good_payer(lumen)
        invoices = [
            cast.invoice(lumen, customer, f"FA-{n}", payable_cents=100_000, issue_date=JAN) for n in range(4)
        ]
        payment = cast.receipt(lumen, customer, amount_cents=150_000, received_date=MARCH)
    start, refusals = Barrier(4), []

    def person(document: Document) -> None:
        try:
            with company_scope(lumen.pk):
                start.wait()
                allocate(
                    company=lumen, payment_id=payment.pk, portions=[Portion(document.pk, 60_000)], on=MARCH,
                    actor="test",
                )  # fmt: skip
        except UnableToAllocate as refused:
            refusals.append(refused.sentence.code)
        finally:
            connection.close()

    people = [Thread(target=person, args=[document]) for document in invoices]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    with company_scope(lumen.pk):
        payment.refresh_from_db()
        assert payment.unallocated_cents == 30_000
        assert refusals == ["allocation_exceeds_source"] * 2
        assert sum(Document.objects.values_list("open_cents", flat=True)) == 400_000 - 120_000
