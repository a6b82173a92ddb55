"""What is certain is settled, what is likely is proposed, the rest is left, each with its reason.

| who | document | open | due |
| --- | --- | --- | --- |
| Dubois | FACT-2025-0012 | 1,200.00 | 4 Feb |
| Dubois | FACT-2025-0013 | 345.67 | 9 Feb |
| Lefèvre | FACT-2025-0014 | 800.00 | 9 Feb |
"""

from datetime import date
from types import SimpleNamespace

import pytest

from encours.actions.apply_credit_notes import apply_credit_notes
from encours.actions.reconcile import Reconciliation, reconcile
from encours.actions.undo_match import undo_match
from encours.core.parties import bank_name
from encours.core.references import creditor_reference
from encours.store.models import (
    Allocation,
    CustomerBalance,
    JournalEntry,
    Match,
    Movement,
    Payment,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


@pytest.fixture
def books(company):
    dubois, lefevre = cast.good_payer(company), cast.late_payer(company)
    return SimpleNamespace(
        dubois=dubois,
        lefevre=lefevre,
        twelve=cast.invoice(company, dubois, "FACT-2025-0012", payable_cents=120_000, issue_date=JAN),
        thirteen=cast.invoice(
            company, dubois, "FACT-2025-0013", payable_cents=34_567, issue_date=date(2026, 1, 10)
        ),
        fourteen=cast.invoice(
            company, lefevre, "FACT-2025-0014", payable_cents=80_000, issue_date=date(2026, 1, 10)
        ),
    )


def known_by_name(customer) -> None:
    customer.search_name = bank_name(customer.name)
    customer.save()


def run(company, **options) -> Reconciliation:
    return reconcile(company=company, on=MARCH, actor="test", **options)


def codes(answers) -> list[str]:
    return [answer.reason.code for answer in answers]


def test_a_reference_and_its_exact_amount_settle_the_invoice(company, books):
    line = cast.bank_line(company, 120_000, "VIR SEPA BOULANGERIE DUBOIS fact 2025 12", bank_reference="BK1")
    outcome = run(company)
    (matched,) = outcome.matched
    assert matched.as_json("fr") == {
        "bank_reference": "BK1",
        "booked_date": "2026-03-02",
        "amount_cents": 120_000,
        "currency": "EUR",
        "documents": [{"number": "FACT-2025-0012", "allocated_cents": 120_000}],
        "adjustments": [],
        "reason": "Le libellé cite FACT-2025-0012 et le montant 1\u202f200,00\xa0€ est exactement ce qui reste dû.",
        "confidence": 0.9999,
    }
    for row in (line, books.twelve):
        row.refresh_from_db()
    assert (line.state, books.twelve.open_cents) == ("matched", 0)
    payment = Payment.objects.get()
    assert (payment.customer_id, payment.unallocated_cents, payment.received_date) == (
        books.dubois.pk,
        0,
        MARCH,
    )
    match = Match.objects.get()
    assert (match.state, match.decided_by, match.transaction_id) == ("applied", "test", line.pk)
    assert sum(Movement.objects.filter(document=books.twelve).values_list("amount_cents", flat=True)) == 0
    assert JournalEntry.objects.get(action="match.applied").customer_id == books.dubois.pk
    assert JournalEntry.objects.get(action="reconciliation.run").data["matched"] == 1


def test_several_numbers_in_one_transfer(company, books):
    cast.bank_line(company, 154_567, "FACT2025-0012 et FACT 2025 0013")
    assert [answer.documents for answer in run(company).matched] == [
        (("FACT-2025-0012", 120_000), ("FACT-2025-0013", 34_567))
    ]


def test_a_list_that_repeats_only_the_end_of_the_number(company, books):
    cast.bank_line(company, 154_567, "REGLT FACT 2025-0012/0013")
    assert len(run(company).matched) == 1


def test_a_credit_note_named_in_the_text_is_deducted(company, books):
    note = cast.credit_note(company, books.dubois, "AV-2025-0001", payable_cents=20_000, issue_date=JAN)
    cast.bank_line(company, 100_000, "FACT-2025-0012 MOINS AV-2025-0001")
    (matched,) = run(company).matched
    assert set(matched.documents) == {("FACT-2025-0012", 120_000), ("AV-2025-0001", -20_000)}
    for document in (books.twelve, note):
        document.refresh_from_db()
        assert document.open_cents == 0
    assert {(a.credit_note_id, a.amount_cents) for a in Allocation.objects.all()} == {
        (None, 100_000),
        (note.pk, 20_000),
    }


def test_references_the_company_gave_out(company, books):
    asked = cast.invoice(
        company,
        books.dubois,
        "D-1",
        payable_cents=5_000,
        issue_date=JAN,
        payment_reference="RF18 5390 0754 7034",
    )
    ours = cast.invoice(
        company, books.dubois, "D-2", payable_cents=6_000, issue_date=JAN, payment_reference="ENC-77-x"
    )
    cast.bank_line(company, 5_000, structured_reference="RF18539007547034")
    cast.bank_line(company, 6_000, end_to_end_id="enc77X")
    cast.bank_line(company, 80_000, structured_reference=creditor_reference("FACT-2025-0014"))
    outcome = run(company)
    assert codes(outcome.matched) == ["match.own_key"] * 3
    assert [answer.confidence for answer in outcome.matched] == [0.9999] * 3
    for document in (asked, ours, books.fourteen):
        document.refresh_from_db()
        assert document.open_cents == 0


def test_a_part_payment_that_says_so_is_one(company, books):
    cast.bank_line(company, 50_000, "ACOMPTE FACT-2025-0012", counterparty_name="BOULANGERIE DUBOIS")
    (matched,) = run(company).matched
    assert matched.documents == (("FACT-2025-0012", 50_000),)
    books.twelve.refresh_from_db()
    assert books.twelve.open_cents == 70_000


def test_part_payments_and_overpayments_wait_for_a_person(company, books):
    part = cast.bank_line(company, 50_000, "FACT-2025-0012")
    over = cast.bank_line(company, 90_000, "FACT-2025-0014")
    outcome = run(company)
    assert not outcome.matched
    assert codes(outcome.proposed) == ["match.part_payment", "match.overpayment"]
    assert [answer.documents for answer in outcome.proposed] == [
        (("FACT-2025-0012", 50_000),),
        (("FACT-2025-0014", 80_000),),
    ]
    for line in (part, over):
        line.refresh_from_db()
        assert line.state == "proposed"
    assert not Payment.objects.exists()


def test_an_instalment_paid_exactly_is_no_part_payment(company, books):
    plan = cast.invoice(
        company, books.dubois, "FACT-2025-0020", payable_cents=90_000, issue_date=JAN,
        instalments=[(date(2026, 2, 5), 30_000), (date(2026, 3, 5), 60_000)],
    )  # fmt: skip
    cast.bank_line(company, 30_000, "FACT-2025-0020")
    assert codes(run(company).matched) == ["match.instalment"]
    plan.refresh_from_db()
    assert plan.open_cents == 60_000


def test_paid_twice_goes_to_a_person(company, books):
    cast.bank_line(company, 120_000, "FACT-2025-0012")
    run(company)
    cast.bank_line(company, 120_000, "FACT-2025-0012")
    outcome = run(company)
    assert not outcome.matched
    assert codes(outcome.proposed) == ["match.already_settled"]


@pytest.mark.parametrize("apply", [True, False])
def test_two_lines_that_claim_one_invoice_are_never_both_automatic(company, books, apply):
    first = cast.bank_line(company, 120_000, "FACT-2025-0012", booked_date=MARCH)
    cast.bank_line(company, 120_000, "FACT-2025-0012 DUBOIS", booked_date=date(2026, 3, 3))
    outcome = run(company, apply=apply)
    assert [answer.line_id for answer in outcome.matched] == [first.pk]
    assert codes(outcome.proposed) == ["match.already_settled"]


def test_of_unequal_claims_the_one_that_explains_both_lines_wins(company, books):
    """Paying 12 alone leaves the other transfer without an explanation: together only the set makes sense."""
    single = cast.bank_line(company, 120_000, "FACT-2025-0012")
    both = cast.bank_line(company, 154_567, "FACT-2025-0012 FACT-2025-0013")
    outcome = run(company)
    assert [answer.line_id for answer in outcome.matched] in ([both.pk], [])
    assert single.pk not in [answer.line_id for answer in outcome.matched]


def test_documents_of_several_customers_are_settled_when_the_sum_is_exact(company, books):
    line = cast.bank_line(company, 200_000, "FACT-2025-0012 FACT-2025-0014")
    (matched,) = run(company).matched
    assert dict(matched.documents) == {"FACT-2025-0012": 120_000, "FACT-2025-0014": 80_000}
    # each customer has its own receipt: nobody's account holds another's money
    assert {(p.customer_id, p.amount_cents, p.unallocated_cents) for p in Payment.objects.all()} == {
        (books.dubois.pk, 120_000, 0),
        (books.lefevre.pk, 80_000, 0),
    }
    undo_match(company=company, match_id=Match.objects.get().pk, on=MARCH, actor="user:1")
    for row in (line, books.twelve, books.fourteen):
        row.refresh_from_db()
    assert (line.state, books.twelve.open_cents, books.fourteen.open_cents) == ("new", 120_000, 80_000)


def test_documents_of_several_customers_without_their_sum_are_left_to_a_person(company, books):
    cast.bank_line(company, 190_000, "FACT-2025-0012 FACT-2025-0014")
    outcome = run(company)
    assert not outcome.matched
    assert codes(outcome.unmatched) == ["match.several_customers"]
    assert "Boulangerie Dubois" in outcome.unmatched[0].reason.say("fr")


def test_another_currency_never_settles(company, books):
    cast.bank_line(company, 120_000, "FACT-2025-0012", currency="USD")
    assert codes(run(company).unmatched) == ["match.currency"]


def test_short_numbers_need_more_than_themselves(company, books):
    short = cast.invoice(company, books.lefevre, "12", payable_cents=7_700, issue_date=JAN)
    cast.bank_line(company, 7_800, "FACTURE 12")  # not its amount
    cast.bank_line(company, 7_700, "LE 12 MARS")  # its amount, but no announced number
    outcome = run(company)
    assert codes(outcome.unmatched) == ["match.nothing_fits"]
    assert codes(outcome.proposed) == ["match.short_number"]
    cast.bank_line(company, 7_700, "FACTURE 12")
    assert [answer.documents for answer in run(company).matched] == [(("12", 7_700),)]
    short.refresh_from_db()
    assert short.open_cents == 0


def test_a_number_written_with_its_zeros_is_not_short(company, books):
    cast.invoice(company, books.lefevre, "FA-001", payable_cents=7_700, issue_date=JAN)
    cast.invoice(company, books.lefevre, "FA-002", payable_cents=7_700, issue_date=JAN)
    cast.bank_line(company, 7_700, "VIR LEFEVRE FA-001")
    assert [answer.documents for answer in run(company).matched] == [(("FA-001", 7_700),)]


def test_an_announced_short_number_comes_before_others_of_its_amount(company, books):
    cast.invoice(company, books.lefevre, "12", payable_cents=7_700, issue_date=JAN)
    cast.invoice(company, books.lefevre, "87", payable_cents=7_700, issue_date=JAN)
    cast.bank_line(company, 7_700, "FACTURE 12")
    (proposed,) = run(company).proposed
    assert proposed.documents == (("12", 7_700),)


def test_a_longer_number_wins_over_the_shorter_one_inside_it(company, books):
    cast.invoice(company, books.lefevre, "2025-0012", payable_cents=120_000, issue_date=JAN)
    cast.bank_line(company, 120_000, "FACT-2025-0012")
    assert [answer.documents for answer in run(company).matched] == [(("FACT-2025-0012", 120_000),)]


def test_numbers_that_read_alike_are_told_apart_by_how_they_are_written_or_by_the_amount(company, books):
    cast.invoice(company, books.lefevre, "FAC-1-123", payable_cents=11_100, issue_date=JAN)
    cast.invoice(company, books.lefevre, "FAC-11-23", payable_cents=22_200, issue_date=JAN)
    cast.bank_line(company, 22_200, "FAC1123")
    cast.bank_line(company, 11_100, "FAC 1 123")
    assert sorted(answer.documents for answer in run(company).matched) == [
        (("FAC-1-123", 11_100),),
        (("FAC-11-23", 22_200),),
    ]


def test_debits_are_set_aside_and_a_return_of_nothing_known_is_left_to_a_person(company, books):
    fee = cast.bank_line(company, -1_250, "FRAIS DE TENUE DE COMPTE")
    back = cast.bank_line(
        company, -80_000, "REJET PRLV FACT-2025-0014", operation_code="B3", return_reason="AM04"
    )
    outcome = run(company)
    assert codes(outcome.unmatched) == ["return.no_origin"]
    assert len(outcome.set_aside) == 1
    for line in (fee, back):
        line.refresh_from_db()
    assert (fee.state, fee.reason["code"]) == ("set_aside", "nature.fee")
    assert (back.state, back.reason["code"]) == ("new", "return.no_origin")


def test_reconciling_twice_is_reconciling_once(company, books):
    for amount, text in ((120_000, "FACT-2025-0012"), (10, "FACT-2025-0013"), (5, "RIEN"), (-5, "FRAIS")):
        cast.bank_line(company, amount, text)
    run(company)
    state = [
        list(table.objects.order_by("pk").values())
        for table in (Match, Payment, Allocation, Movement, Transaction, CustomerBalance, JournalEntry)
    ]
    again = run(company)
    assert not again.matched
    assert again.changed_count == 0
    assert state == [
        list(table.objects.order_by("pk").values())
        for table in (Match, Payment, Allocation, Movement, Transaction, CustomerBalance, JournalEntry)
    ]


def test_a_dry_run_says_what_would_be_and_writes_nothing(company, books):
    line = cast.bank_line(company, 120_000, "FACT-2025-0012")
    before = JournalEntry.objects.count()
    assert len(run(company, apply=False).matched) == 1
    line.refresh_from_db()
    assert (line.state, line.reason) == ("new", None)
    assert not Match.objects.exists()
    assert JournalEntry.objects.count() == before


def test_a_proposal_is_judged_anew_when_the_books_change(company, books):
    note = cast.credit_note(
        company, books.dubois, "AV-1", payable_cents=20_000, issue_date=JAN, corrects="FACT-2025-0012"
    )
    line = cast.bank_line(company, 100_000, "FACT-2025-0012")
    (proposed,) = run(company).proposed
    assert [candidate.documents for candidate in proposed.candidates] == [
        (("FACT-2025-0012", 120_000), ("AV-1", -20_000)),
        (("FACT-2025-0012", 100_000),),
    ]
    apply_credit_notes(company=company, on=MARCH, actor="test")
    assert codes(run(company).matched) == ["match.reference"]
    note.refresh_from_db()
    line.refresh_from_db()
    assert (note.open_cents, line.state) == (0, "matched")
    assert Match.objects.get().state == "applied"


def test_another_company_is_never_touched(company, other_company, books):
    with company_scope(other_company.pk):
        theirs = cast.invoice(
            other_company,
            cast.good_payer(other_company),
            "FACT-2025-0012",
            payable_cents=120_000,
            issue_date=JAN,
        )
        cast.bank_line(other_company, 120_000, "FACT-2025-0012")
    cast.bank_line(company, 120_000, "FACT-2025-0012")
    assert len(run(company).matched) == 1
    with company_scope(other_company.pk):
        theirs.refresh_from_db()
        assert theirs.open_cents == 120_000
        assert Transaction.objects.get().state == "new"
        assert not Match.objects.exists()


def test_money_under_our_own_name_that_cites_and_pays_an_invoice_is_no_transfer_of_ours(company, books):
    """A customer may be called as the company is: such a line is proposed, not set aside."""
    cast.bank_line(company, 80_000, "PRLV FACT-2025-0014", counterparty_name="ATELIER LUMEN")
    cast.bank_line(company, 70_000, "TRESORERIE", counterparty_name="ATELIER LUMEN")
    outcome = run(company)
    assert [answer.documents for answer in outcome.proposed + outcome.matched] == [
        (("FACT-2025-0014", 80_000),)
    ]
    assert [answer.amount.cents for answer in outcome.set_aside] == [70_000]


def test_two_transfers_without_a_word_pay_one_invoice_when_they_sum_to_it(company, books):
    """512.34 and 687.66 of Dubois are the 1,200.00 of the first invoice; neither is anything by itself."""
    known_by_name(books.dubois)
    first = cast.bank_line(
        company, 51_234, "", counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 2, 2)
    )
    second = cast.bank_line(
        company, 68_766, "", counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 2, 9)
    )
    outcome = run(company)
    assert {answer.line_id: answer.documents for answer in outcome.matched} == {
        first.pk: (("FACT-2025-0012", 51_234),),
        second.pk: (("FACT-2025-0012", 68_766),),
    }
    books.twelve.refresh_from_db()
    assert books.twelve.open_cents == 0


def test_round_sums_that_happen_to_add_up_are_left_to_a_person(company, books):
    """Payments on account are round: 500 and 700 make 1,200 more easily than 512.34 and 687.66 do."""
    known_by_name(books.dubois)
    cast.bank_line(company, 50_000, "", counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 2, 2))
    cast.bank_line(company, 70_000, "", counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 2, 9))
    outcome = run(company)
    assert not outcome.matched
    assert len(outcome.proposed) == 2


@pytest.mark.parametrize(
    "text", ["FACT-2025-0012 + FACT-20", "VIREMENT DE DUBOIS FACT 2025 0012 ET FACT-2025-0"]
)
def test_a_list_cut_by_the_bank_is_no_overpayment_of_its_beginning(company, books, text):
    """What 12 leaves over pays documents that the text no longer names."""
    known_by_name(books.dubois)
    line = cast.bank_line(company, 130_000, text, counterparty_name="BOULANGERIE DUBOIS")
    assert not run(company).matched
    Transaction.objects.filter(pk=line.pk).update(remittance="REGLEMENT FACT-2025-0012 MERCI")
    assert len(run(company).matched) == 1


def test_money_of_a_stranger_is_a_persons_to_judge_whoever_else_wants_the_invoice(company, books):
    """The amount alone is never sure, and no surer when another line could pay a part of the same invoice."""
    known_by_name(books.lefevre)
    cast.bank_line(company, 80_000, "TROP VERSE", counterparty_name="SCI LES MIMOSAS")
    cast.bank_line(company, 30_000, "", counterparty_name="MENUISERIE LEFEVRE")
    outcome = run(company)
    assert not outcome.matched
    assert max(answer.confidence for answer in outcome.proposed) <= 0.9


def test_three_transfers_that_pair_in_two_ways_are_left_to_a_person(company, books):
    known_by_name(books.dubois)
    for cents, day in ((51_234, 2), (68_766, 9), (68_766, 10)):
        cast.bank_line(
            company, cents, "", counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 2, day)
        )
    assert not run(company).matched


def test_an_instant_transfer_received_is_no_return(company, books):
    cast.bank_line(company, 120_000, "FACT-2025-0012", operation_code="PMNT-RRCT-ESCT")
    assert len(run(company).matched) == 1


def test_a_mangled_number_in_the_transfer_of_another_customer_is_left_to_a_person(company, books):
    known_by_name(books.dubois)
    cast.bank_line(company, 80_000, "FACT-2025-0041", counterparty_name="BOULANGERIE DUBOIS")
    outcome = run(company)
    assert not outcome.matched
    assert [answer.documents for answer in outcome.proposed] == [(("FACT-2025-0014", 80_000),)]
