"""Interest that is kept: accrued while nobody says so, claimed by a formal notice, waived by a person, never twice."""

from datetime import date

import pytest

from encours.actions.allocate import allocate
from encours.actions.claim_interest import accrue_interest, claim_interest
from encours.actions.update_letter_settings import update_letter_settings
from encours.actions.waive_interest import UnableToWaive, waive_interest
from encours.core.interest import InterestTerms, PartPayment
from encours.core.interest_claims import DecidedInterest, LateReceivable, accruals, settled_in_order
from encours.core.ledger import Portion
from encours.core.letters import claim_of
from encours.queries.interest import (
    claim_rows,
    claimed_document_ids,
    customer_accruals,
    interest_sums,
    interest_terms,
)
from encours.store.models import Document, InterestClaim, JournalEntry, Message
from tests import cast

COMPANY = InterestTerms("company")
DUE = date(2026, 1, 31)
NOTICE = date(2026, 3, 2)


def late(amount_cents=100_000, *payments, open_cents=None, due_date=DUE, position=0) -> LateReceivable:
    paid = tuple(PartPayment(day, cents) for day, cents in payments)
    left = amount_cents - sum(each.cents for each in paid)
    return LateReceivable(
        1, position, "FA-1", due_date, amount_cents, left if open_cents is None else open_cents, paid
    )


def accrued(*receivables, on, decided=(), imputation="principal", terms=COMPANY):
    return accruals(receivables=receivables, decided=decided, on=on, terms=terms, imputation=imputation)


class TestWhatHasAccrued:
    def test_by_hand(self):
        """1,000 € from 1 to 10 February 2026 at 12.15 %: 3.33 €, and 40 €."""
        [found] = accrued(late(), on=date(2026, 2, 10))
        assert (found.interest_cents, found.indemnity_cents) == (333, 4_000)
        assert (found.from_date, found.to_date) == (date(2026, 2, 1), date(2026, 2, 10))

    def test_erpnext_58220_interest_does_not_vanish_when_the_principal_is_paid(self):
        """Paid on 10 February: the ten days stay owed, whenever somebody looks."""
        paid = late(100_000, (date(2026, 2, 10), 100_000))
        for on in (date(2026, 2, 11), date(2026, 6, 30)):
            [found] = accrued(paid, on=on)
            assert (found.interest_cents, found.indemnity_cents) == (333, 4_000)

    def test_erpnext_36279_the_order_of_imputation_is_a_setting(self):
        """600 € on 10 February. Principal first: 20 days on 400 €. Interest first: 3.33 € of it are interest, the principal
        left is 403.33 €."""
        part = late(100_000, (date(2026, 2, 10), 60_000))
        on = date(2026, 3, 2)
        [principal] = accrued(part, on=on)
        [interest] = accrued(part, on=on, imputation="interest")
        assert [piece.principal_cents for piece in principal.pieces] == [100_000, 40_000]
        assert [piece.principal_cents for piece in interest.pieces] == [100_000, 40_333]
        assert (principal.interest_cents, interest.interest_cents) == (333 + 266, 333 + 269)

    def test_what_was_decided_is_not_accrued_again(self):
        claimed = DecidedInterest(1, 0, date(2026, 2, 10), 333, 4_000, "claimed")
        [found] = accrued(late(), on=date(2026, 2, 20), decided=[claimed])
        assert found.from_date == date(2026, 2, 11)
        assert (found.interest_cents, found.indemnity_cents) == (333, 0)
        assert (found.claimed_interest_cents, found.claimed_indemnity_cents) == (333, 4_000)

    def test_what_was_waived_is_gone_and_later_days_bear_again(self):
        waived = DecidedInterest(1, 0, date(2026, 2, 10), 333, 4_000, "waived")
        assert accrued(late(), on=date(2026, 2, 10), decided=[waived]) == []
        [found] = accrued(late(), on=date(2026, 2, 11), decided=[waived])
        assert (found.interest_cents, found.indemnity_cents, found.claimed_interest_cents) == (33, 0, 0)

    def test_a_consumer_and_who_paid_in_time_owe_nothing(self):
        assert accrued(late(), on=NOTICE, terms=InterestTerms("person")) == []
        assert accrued(late(100_000, (DUE, 100_000)), on=NOTICE) == []

    def test_instalments_are_settled_from_the_earliest_on_and_share_one_indemnity(self):
        parts = [late(50_000, due_date=date(2026, 2, 28), position=2), late(50_000, due_date=DUE, position=1)]
        first, second = settled_in_order(instalments=parts, payments=[PartPayment(date(2026, 2, 10), 60_000)])
        assert [each.cents for each in first.payments] == [50_000]
        assert [each.cents for each in second.payments] == [10_000]
        found = accrued(first, second, on=date(2026, 3, 10))
        assert [each.indemnity_cents for each in found] == [4_000, 0]
        # 500 € for 10 days, and 400 € for 10 days: 100 € of the second were paid before it fell due
        assert [each.interest_cents for each in found] == [166, 133]


@pytest.fixture
def menuiserie(company):
    return cast.late_payer(company)


@pytest.fixture
def invoice(company, menuiserie):
    return cast.invoice(
        company, menuiserie, "FA-2026-0001", payable_cents=100_000, issue_date=date(2026, 1, 1), due_date=DUE
    )


def pay(company, customer, invoice, cents, on):
    receipt = cast.receipt(company, customer, amount_cents=cents, received_date=on)
    allocate(
        company=company, payment_id=receipt.pk, portions=[Portion(invoice.pk, cents)], on=on, actor="test"
    )


def notice(company, customer, invoice, on) -> Message:
    """A formal notice that has left, with what it claims written as the sender writes it."""
    message = Message.objects.create(
        company=company, customer=customer, channel="email", template="formal_notice", step_code="R+15", currency="EUR",
        amount_cents=invoice.open_cents, planned_date=on, state=Message.State.CLAIMED, sent_date=on,
        reason={"code": "message.by_hand", "params": {"note": ""}},
    )  # fmt: skip
    terms, _ = interest_terms(company=company, customer=customer)
    ids = {invoice.pk} | claimed_document_ids(company=company, customer=customer)
    found = customer_accruals(company=company, customer=customer, on=on, document_ids=ids)
    accrue_interest(company=company, message=message, claim=claim_of(accruals=found, terms=terms))
    return message


def left(company, message) -> None:
    Message.objects.filter(pk=message.pk).update(state=Message.State.SENT)
    claim_interest(company=company, actor="test")


def test_a_notice_claims_when_it_has_left_and_not_before(company, menuiserie, invoice):
    message = notice(company, menuiserie, invoice, NOTICE)
    assert InterestClaim.objects.get().state == "accrued"
    assert interest_sums(company=company, customer_id=menuiserie.pk).claimed_cents == 0
    left(company, message)
    claim = InterestClaim.objects.get()
    # 1,000 € for 30 days at 12.15 %: 9.99 €
    assert (claim.state, claim.interest_cents, claim.indemnity_cents) == ("claimed", 999, 4_000)
    assert (claim.from_date, claim.to_date, claim.message) == (date(2026, 2, 1), NOTICE, message)
    assert claim.terms == {"debtor": "company", "agreed_basis_points": None, "day_count": "actual/365", "imputation": "interest"}  # fmt: skip
    assert claim.pieces == [
        {"from": "2026-02-01", "to": "2026-03-02", "days": 30, "principal_cents": 100_000, "rate_basis_points": 1215, "interest_cents": 999}
    ]  # fmt: skip
    assert JournalEntry.objects.filter(action="interest.claimed").count() == 1


def test_invoiceninja_2330_a_claim_is_never_an_edit_of_the_invoice_nor_made_twice(
    company, menuiserie, invoice
):
    left(company, notice(company, menuiserie, invoice, NOTICE))
    for _ in range(3):  # a scheduler that runs too often
        assert claim_interest(company=company, actor="test") == 0
    again = notice(company, menuiserie, invoice, NOTICE)
    assert not InterestClaim.objects.filter(message=again).exists()
    later = notice(company, menuiserie, invoice, date(2026, 3, 12))
    left(company, later)
    claims = list(InterestClaim.objects.order_by("from_date"))
    assert [(claim.from_date, claim.to_date, claim.interest_cents) for claim in claims] == [
        (date(2026, 2, 1), NOTICE, 999), (date(2026, 3, 3), date(2026, 3, 12), 333),
    ]  # fmt: skip
    assert [claim.indemnity_cents for claim in claims] == [4_000, 0]
    kept = Document.objects.get(pk=invoice.pk)
    assert (kept.payable_cents, kept.open_cents) == (100_000, 100_000)


def test_what_is_paid_late_after_a_notice_is_claimed_with_the_next_one(company, menuiserie, invoice):
    left(company, notice(company, menuiserie, invoice, NOTICE))
    pay(company, menuiserie, invoice, 100_000, date(2026, 3, 12))
    other = cast.invoice(
        company,
        menuiserie,
        "FA-2026-0002",
        payable_cents=50_000,
        issue_date=date(2026, 2, 1),
        due_date=NOTICE,
    )
    left(company, notice(company, menuiserie, other, date(2026, 4, 1)))
    rows = {
        row.number: row
        for row in claim_rows(company=company, customer_id=menuiserie.pk)
        if row.to_date > NOTICE
    }
    # ten days more on the 1,000 € until they were paid; 500 € for 30 days
    assert rows["FA-2026-0001"].interest_cents == 333
    assert (rows["FA-2026-0002"].interest_cents, rows["FA-2026-0002"].indemnity_cents) == (499, 4_000)


def test_a_letter_that_does_not_leave_claims_nothing(company, menuiserie, invoice):
    message = notice(company, menuiserie, invoice, NOTICE)
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED)
    assert claim_interest(company=company, actor="test") == 0
    [found] = customer_accruals(company=company, customer=menuiserie, on=NOTICE)
    assert (found.interest_cents, found.indemnity_cents, found.claimed_interest_cents) == (999, 4_000, 0)


def test_waiving_is_an_act_with_a_reason(company, menuiserie, invoice):
    left(company, notice(company, menuiserie, invoice, NOTICE))
    options = {"company": company, "customer_id": menuiserie.pk, "on": date(2026, 3, 12), "actor": "user:1"}
    with pytest.raises(UnableToWaive):
        waive_interest(reason="  ", **options)
    # claimed 9.99 + 40 €, accrued since 3.33 €
    assert waive_interest(reason="Geste commercial", **options) == 999 + 4_000 + 333
    sums = interest_sums(company=company, customer_id=menuiserie.pk)
    assert (sums.claimed_cents, sums.waived_cents) == (0, 5_332)
    told = JournalEntry.objects.get(action="interest.waived")
    assert (told.actor, told.data["reason"], told.data["amount_cents"]) == (
        "user:1",
        "Geste commercial",
        5_332,
    )
    with pytest.raises(UnableToWaive):
        waive_interest(reason="encore", **options)
    # what stays unpaid bears again from the next day on, without a second indemnity
    [found] = customer_accruals(company=company, customer=menuiserie, on=date(2026, 3, 22))
    assert (found.interest_cents, found.indemnity_cents) == (333, 0)


def test_an_agreed_rate_holds_between_companies_only(company, menuiserie, invoice):
    update_letter_settings(company=company, agreed_basis_points=1_000, on=NOTICE, actor="test")
    [found] = customer_accruals(company=company, customer=menuiserie, on=NOTICE)
    assert found.interest_cents == 822  # 1,000 € x 10 % x 30 / 365
    town = cast.public_buyer(company)
    cast.invoice(company, town, "FA-9", payable_cents=100_000, issue_date=date(2026, 1, 1), due_date=DUE)
    [found] = customer_accruals(company=company, customer=town, on=NOTICE)
    assert found.pieces[0].span.rate_basis_points == 1_015


def test_another_companys_claims_are_its_own(company, other_company, menuiserie, invoice):
    left(company, notice(company, menuiserie, invoice, NOTICE))
    assert claim_rows(company=other_company) == []
