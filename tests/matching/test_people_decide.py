"""What a person does with a bank line, and that it can be taken back to the cent."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from encours.actions.allocate import allocate
from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.create_company import create_company
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.set_aside import set_aside, take_back
from encours.actions.undo_match import undo_match
from encours.actions.write_off import write_off
from encours.core.ledger import Portion
from encours.store.models import Allocation, CustomerBalance, Document, JournalEntry, Match, Movement, Payment
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH, APRIL = date(2026, 1, 5), date(2026, 3, 2), date(2026, 4, 7)


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


@pytest.fixture
def invoice(company, dubois):
    return cast.invoice(company, dubois, "FACT-2025-0012", payable_cents=120_000, issue_date=JAN)


def run(company):
    return reconcile(company=company, on=MARCH, actor="cli")


def balances() -> list[object]:
    return [
        list(Document.objects.order_by("pk").values_list("pk", "open_cents")),
        list(
            CustomerBalance.objects.order_by("pk").values("owed_cents", "credit_cents", "unallocated_cents")
        ),
    ]


def test_a_confirmed_proposal_is_applied_once(company, dubois, invoice):
    line = cast.bank_line(company, 50_000, "FACT-2025-0012")
    run(company)
    match = Match.objects.get()
    confirm_match(company=company, match_id=match.pk, actor="user:1")
    confirm_match(company=company, match_id=match.pk, actor="user:1")
    for row in (line, invoice, match):
        row.refresh_from_db()
    assert (line.state, invoice.open_cents, match.state, match.decided_by) == (
        "matched",
        70_000,
        "applied",
        "user:1",
    )
    assert Payment.objects.get().unallocated_cents == 0
    assert not run(company).matched


def test_a_confirmed_overpayment_leaves_the_customers_credit(company, dubois, invoice):
    cast.bank_line(company, 130_000, "FACT-2025-0012")
    run(company)
    confirm_match(company=company, match_id=Match.objects.get().pk, actor="user:1")
    assert Payment.objects.get().unallocated_cents == 10_000


def test_a_proposal_whose_document_was_settled_meanwhile_is_refused(company, dubois, invoice):
    cast.bank_line(company, 50_000, "FACT-2025-0012")
    run(company)
    write_off(
        company=company,
        document_id=invoice.pk,
        amount_cents=100_000,
        reason="geste",
        on=MARCH,
        actor="user:2",
    )
    with pytest.raises(UnableToMatch) as refused:
        confirm_match(company=company, match_id=Match.objects.get().pk, actor="user:1")
    assert refused.value.sentence.code == "match.documents_moved"
    assert not Payment.objects.exists()


def test_a_rejected_proposal_is_not_brought_up_again(company, dubois, invoice):
    line = cast.bank_line(company, 50_000, "FACT-2025-0012")
    run(company)
    match_id = Match.objects.get().pk
    reject_match(company=company, match_id=match_id, actor="user:1")
    reject_match(company=company, match_id=match_id, actor="user:1")
    assert JournalEntry.objects.filter(action="match.rejected").count() == 1
    assert [answer.reason.code for answer in run(company).unmatched] == ["match.refused_before"]
    line.refresh_from_db()
    assert line.state == "new"
    with pytest.raises(UnableToMatch):
        confirm_match(company=company, match_id=match_id, actor="user:1")


def test_a_person_chooses_documents_and_a_credit_note(company, dubois, invoice):
    note = cast.credit_note(company, dubois, "AV-1", payable_cents=20_000, issue_date=JAN)
    line = cast.bank_line(company, 100_500, "VIREMENT DUBOIS")
    portions = [Portion(invoice.pk, 120_000), Portion(note.pk, 20_000)]
    chosen = {"company": company, "transaction_id": line.pk, "customer_id": dubois.pk, "portions": portions}
    match_id = match_by_hand(**chosen, actor="user:1")
    assert match_by_hand(**chosen, actor="user:1") == match_id
    for row in (invoice, note, line):
        row.refresh_from_db()
    assert (invoice.open_cents, note.open_cents, line.state) == (0, 0, "matched")
    assert Payment.objects.get().unallocated_cents == 500


def test_a_receipt_without_a_document_is_the_customers_credit(company, dubois):
    line = cast.bank_line(company, 9_900, "VIREMENT DUBOIS")
    match_by_hand(company=company, transaction_id=line.pk, customer_id=dubois.pk, portions=[], actor="user:1")
    assert CustomerBalance.objects.get().unallocated_cents == 9_900


@pytest.mark.parametrize("cents", [0, -5, 100_001])
def test_by_hand_never_more_than_the_line_or_the_document(company, dubois, invoice, cents):
    line = cast.bank_line(company, 100_000, "VIREMENT DUBOIS")
    with pytest.raises(UnableToMatch):
        match_by_hand(
            company=company, transaction_id=line.pk, customer_id=dubois.pk, portions=[Portion(invoice.pk, cents)],
            actor="user:1",
        )  # fmt: skip
    assert not Match.objects.exists()


def test_by_hand_only_documents_of_the_customer_chosen(company, dubois, invoice):
    line = cast.bank_line(company, 100_000, "VIREMENT")
    with pytest.raises(UnableToMatch):
        match_by_hand(
            company=company, transaction_id=line.pk, customer_id=cast.late_payer(company).pk,
            portions=[Portion(invoice.pk, 1)], actor="user:1",
        )  # fmt: skip


def test_a_line_set_aside_waits_no_longer_until_taken_back(company, dubois, invoice):
    line = cast.bank_line(company, 50_000, "FACT-2025-0012")
    run(company)
    with pytest.raises(UnableToMatch):
        set_aside(company=company, transaction_id=line.pk, reason="", actor="user:1")
    set_aside(company=company, transaction_id=line.pk, reason="virement interne", actor="user:1")
    line.refresh_from_db()
    assert line.state == "set_aside"
    assert Match.objects.get().state == "superseded"
    assert not run(company).proposed
    take_back(company=company, transaction_id=line.pk, actor="user:1")
    assert len(run(company).proposed) == 1


def test_undoing_a_match_restores_every_balance(company, dubois, invoice):
    second = cast.invoice(company, dubois, "FACT-2025-0013", payable_cents=30_000, issue_date=JAN)
    cast.credit_note(company, dubois, "AV-2025-1", payable_cents=20_000, issue_date=JAN)
    line = cast.bank_line(company, 105_000, "FACT-2025-0012 AV-2025-1")
    before = balances()
    run(company)
    match = Match.objects.get()
    confirm_match(company=company, match_id=match.pk, actor="user:1")
    payment = Payment.objects.get()
    allocate(
        company=company, payment_id=payment.pk, portions=[Portion(second.pk, 5_000)], on=MARCH, actor="user:1"
    )
    assert balances() != before
    assert undo_match(company=company, match_id=match.pk, on=APRIL, actor="user:2")
    assert not undo_match(company=company, match_id=match.pk, on=APRIL, actor="user:2")
    assert balances() == before
    for row in (line, match, payment):
        row.refresh_from_db()
    assert (line.state, match.state, match.decided_by, payment.unallocated_cents) == (
        "new",
        "undone",
        "user:2",
        0,
    )
    assert payment.reversed_at is not None
    assert not Allocation.objects.filter(undone_at=None).exists()
    assert sum(Movement.objects.filter(payment=payment).values_list("amount_cents", flat=True)) == 0
    # a person undid it: it does not come back by itself, but by hand it may
    assert [answer.reason.code for answer in run(company).unmatched] == ["match.refused_before"]
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=dubois.pk, portions=[Portion(invoice.pk, 105_000)],
        actor="user:2",
    )  # fmt: skip
    line.refresh_from_db()
    assert line.state == "matched"


def test_two_people_who_confirm_at_once_make_one_receipt(committed_db):
    lumen = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(lumen.pk):
        customer = cast.good_payer(lumen)
        cast.invoice(lumen, customer, "FACT-2025-0012", payable_cents=100_000, issue_date=JAN)
        cast.bank_line(lumen, 40_000, "FACT-2025-0012")
        cast.bank_line(lumen, 70_000, "FACT-2025-0012 SOLDE")
        reconcile(company=lumen, on=MARCH, actor="cli")
        proposals = list(Match.objects.order_by("pk").values_list("pk", flat=True))
    start, refusals = Barrier(4), []

    def person(match_id: int) -> None:
        try:
            with company_scope(lumen.pk):
                start.wait()
                confirm_match(company=lumen, match_id=match_id, actor="user:1")
        except UnableToMatch as refused:
            refusals.append(refused.sentence.code)
        finally:
            connection.close()

    people = [Thread(target=person, args=[match_id]) for match_id in proposals * 2]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    with company_scope(lumen.pk):
        assert Payment.objects.count() == 1
        assert set(refusals) == {"match.documents_moved"}
        assert Document.objects.get().open_cents == 100_000 - Payment.objects.get().amount_cents


def test_what_a_person_calls_a_receipt_is_not_set_aside_again(company, dubois):
    line = cast.bank_line(company, 4_200, "VIREMENT INTERNE")
    run(company)
    line.refresh_from_db()
    assert line.state == "set_aside"
    take_back(company=company, transaction_id=line.pk, actor="user:1")
    run(company)
    line.refresh_from_db()
    assert line.state == "new"
