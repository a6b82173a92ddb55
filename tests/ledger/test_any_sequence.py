"""Whatever people do in whatever order, no cent is lost and every proof of doctor holds.

A small company lives: invoices, credit notes, receipts and bank lines come, people allocate, undo, write off,
reconcile, confirm, reject and undo matches. Another company with the same numbers looks on.
"""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from encours.actions.allocate import UnableToAllocate, allocate
from encours.actions.apply_credit_notes import apply_credit_notes
from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.undo_allocation import undo_allocation
from encours.actions.undo_match import undo_match
from encours.actions.write_off import UnableToWriteOff, undo_write_off, write_off
from encours.core.ledger import OpenAmount, Portion, net_credit_notes, oldest_first, open_instalments
from encours.queries.doctor import examine
from encours.queries.metrics import metrics_on
from encours.store.models import (
    Allocation,
    CustomerBalance,
    Document,
    Match,
    Movement,
    Payment,
    Receivable,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests import cast

START = date(2026, 1, 1)
CENTS = st.integers(1, 500)
WHICH = st.integers(0, 30)
DAYS = st.integers(0, 120)
STEPS = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def number(rank: int) -> str:
    return f"FACT-2026-{rank:04d}"


class Life(RuleBasedStateMachine):
    """One company's life inside a savepoint. `day` only goes forward, as days do."""

    company = other = None  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.rank = 0

    @initialize()
    def open_the_books(self) -> None:
        self.savepoint = transaction.savepoint()
        self.day = START
        self.customers = [cast.good_payer(self.company), cast.late_payer(self.company)]

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def pick(self, table, which: int, **where):
        rows = list(table.objects.filter(**where).order_by("pk"))
        return rows[which % len(rows)] if rows else None

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        self.day += timedelta(days=days)

    @rule(cents=CENTS, who=WHICH, kind=st.sampled_from(["invoice", "deposit", "credit_note", "split"]))
    def a_document_is_issued(self, cents, who, kind):
        self.rank += 1
        customer = self.customers[who % 2]
        if kind == "split":
            cast.invoice(
                self.company, customer, number(self.rank), payable_cents=cents * 3, issue_date=self.day,
                instalments=[(self.day + timedelta(days=10), cents), (self.day + timedelta(days=40), cents * 2)],
            )  # fmt: skip
        else:
            cast.invoice(
                self.company, customer, number(self.rank), payable_cents=cents, issue_date=self.day, type=kind,
                corrects=number(max(self.rank - 1, 1)) if kind == "credit_note" else "",
            )  # fmt: skip

    @rule(cents=CENTS, who=WHICH)
    def money_comes(self, cents, who):
        cast.receipt(self.company, self.customers[who % 2], amount_cents=cents, received_date=self.day)

    @rule(cents=CENTS, which=WHICH, exact=st.booleans())
    def the_bank_books_a_line(self, cents, which, exact):
        document = self.pick(Document, which)
        if document and exact and document.open_cents > 0:
            cents = document.open_cents
        text = f"VIR {document.number}" if document else "VIR"
        cast.bank_line(self.company, cents, text, booked_date=self.day)

    @rule(source=WHICH, which=WHICH, cents=CENTS)
    def somebody_allocates(self, source, which, cents):
        payment, document = self.pick(Payment, source), self.pick(Document, which)
        if payment and document:
            left, open_cents = payment.unallocated_cents, document.open_cents
            try:
                allocate(
                    company=self.company, payment_id=payment.pk, portions=[Portion(document.pk, cents)],
                    on=self.day, actor="test",
                )  # fmt: skip
            except UnableToAllocate:
                assert cents > left or cents > open_cents or payment.customer_id != document.customer_id
            else:
                assert cents <= left
                assert cents <= open_cents

    @rule(which=WHICH)
    def somebody_undoes_an_allocation(self, which):
        allocation = self.pick(Allocation, which)
        if allocation:
            undo_allocation(company=self.company, allocation_id=allocation.pk, on=self.day, actor="test")

    @rule(which=WHICH, cents=CENTS)
    def somebody_writes_off(self, which, cents):
        document = self.pick(Document, which)
        if document:
            try:
                write_off(
                    company=self.company, document_id=document.pk, amount_cents=cents, reason="geste",
                    on=self.day, actor="test",
                )  # fmt: skip
            except UnableToWriteOff:
                assert cents > abs(document.open_cents)

    @rule(which=WHICH)
    def somebody_takes_write_offs_back(self, which):
        document = self.pick(Document, which)
        if document:
            undo_write_off(company=self.company, document_id=document.pk, on=self.day, actor="test")

    @rule()
    def credit_notes_are_set_against_invoices(self):
        apply_credit_notes(company=self.company, on=self.day, actor="test")

    @rule()
    def the_bank_is_reconciled(self):
        reconcile(company=self.company, on=self.day, actor="test")
        movements = Movement.objects.count()
        again = reconcile(company=self.company, on=self.day, actor="test")
        assert not again.matched
        assert again.changed_count == 0
        assert Movement.objects.count() == movements

    @rule(which=WHICH, accept=st.booleans())
    def somebody_answers_a_proposal(self, which, accept):
        match = self.pick(Match, which, state="proposed")
        if match:
            answer = confirm_match if accept else reject_match
            with suppress(UnableToMatch):  # its document may have been settled since
                answer(company=self.company, match_id=match.pk, actor="test")

    @rule(line=WHICH, which=WHICH, cents=CENTS)
    def somebody_matches_by_hand(self, line, which, cents):
        waiting = self.pick(Transaction, line, state="new")
        document = self.pick(Document, which)
        if waiting and document:
            cents = min(cents, waiting.amount_cents, max(document.open_cents, 0))
            match_by_hand(
                company=self.company, transaction_id=waiting.pk, customer_id=document.customer_id,
                portions=[Portion(document.pk, cents)] if cents else [], actor="test",
            )  # fmt: skip

    @rule(which=WHICH)
    def somebody_undoes_a_match(self, which):
        match = self.pick(Match, which, state="applied")
        if match:
            undo_match(company=self.company, match_id=match.pk, on=self.day, actor="test")
            assert Transaction.objects.get(pk=match.transaction_id).state == "new"

    @rule(days_ago=DAYS)
    @precondition(lambda self: self.rank > 0)
    def the_metrics_of_a_day_are_the_movements_until_then(self, days_ago):
        on = self.day - timedelta(days=days_ago)
        found = metrics_on(company=self.company, on=on)
        booked = Movement.objects.filter(booked_date__lte=on)
        assert found.outstanding_cents == sum(booked.values_list("amount_cents", flat=True))
        receipts = booked.filter(payment__isnull=False)
        assert found.unallocated_cents == -sum(receipts.values_list("amount_cents", flat=True))
        expected = ageing_from_movements(on)
        assert {
            bucket.code: bucket.amount_cents for bucket in found.ageing if bucket.amount_cents
        } == expected

    @invariant()
    def doctor_is_well(self):
        if hasattr(self, "day"):
            assert [check for check in examine(company=self.company) if not check.ok] == []

    @invariant()
    def every_cent_is_somewhere(self):
        if hasattr(self, "day"):
            assert sum(d.open_cents for d in Document.objects.all()) - sum(
                p.unallocated_cents for p in Payment.objects.all()
            ) == sum(Movement.objects.values_list("amount_cents", flat=True))


def ageing_from_movements(on: date) -> dict[str, int]:
    """The ageing computed the slow way: document by document, movement by movement, instalment by instalment."""
    buckets: dict[str, int] = {}
    for document in Document.objects.all():
        booked = document.movements.filter(booked_date__lte=on).values_list("amount_cents", flat=True)
        open_cents = sum(booked)
        parts = [(i.due_date, i.amount_cents) for i in document.instalments.order_by("due_date", "position")]
        still_open = (
            open_instalments(
                payable_cents=document.payable_cents, open_cents=open_cents, instalments=[c for _, c in parts]
            )
            if parts
            else [open_cents]
        )
        for due_date, cents in zip([day for day, _ in parts] or [document.due_date], still_open, strict=True):
            late = (on - due_date).days
            code = next(c for c, last in LAST_DAY.items() if late <= last)
            buckets[code] = buckets.get(code, 0) + cents
    return {code: cents for code, cents in buckets.items() if cents}


LAST_DAY = {"not_due": 0, "1_30": 30, "31_60": 60, "61_90": 90, "91_plus": 10**6}


def test_any_sequence_of_actions_leaves_doctor_well(company, other_company):
    with company_scope(other_company.pk):
        bystander = cast.good_payer(other_company)
        for rank in range(1, 6):
            cast.invoice(other_company, bystander, number(rank), payable_cents=100 * rank, issue_date=START)
            cast.bank_line(other_company, 100 * rank, f"VIR {number(rank)}", booked_date=START)
        before = snapshot()
    life = type("LifeOfLumen", (Life,), {"company": company, "other": other_company})
    with company_scope(company.pk):
        run_state_machine_as_test(life, settings=STEPS)
    with company_scope(other_company.pk):
        assert snapshot() == before


def snapshot() -> list[object]:
    return [list(table.objects.order_by("pk").values()) for table in
            (Document, Payment, Allocation, Movement, Match, Transaction, CustomerBalance)]  # fmt: skip


@pytest.mark.parametrize("settled", [0, 1, 299, 300, 301, 899, 900])
def test_the_view_and_the_rule_agree_on_what_is_open_of_each_instalment(company, settled):
    document = cast.invoice(
        company, cast.good_payer(company), "F-1", payable_cents=900, issue_date=START,
        instalments=[(date(2026, 3, 1), 600), (date(2026, 2, 1), 300)],
    )  # fmt: skip
    if settled:
        write_off(
            company=company, document_id=document.pk, amount_cents=settled, reason="x", on=START, actor="test"
        )
    seen = list(Receivable.objects.order_by("due_date").values_list("open_cents", flat=True))
    assert seen == open_instalments(payable_cents=900, open_cents=900 - settled, instalments=[300, 600])


AMOUNTS = st.lists(st.integers(-1000, 1000), max_size=8)


@given(amount=st.integers(0, 5000), amounts=AMOUNTS)
def test_splitting_an_amount_loses_no_cent(amount, amounts):
    documents = [OpenAmount(key, cents) for key, cents in enumerate(amounts)]
    portions = oldest_first(amount, documents)
    assert sum(portion.amount_cents for portion in portions) == min(amount, sum(max(c, 0) for c in amounts))
    assert all(0 < portion.amount_cents <= amounts[portion.document_id] for portion in portions)


@given(notes=AMOUNTS, invoices=AMOUNTS)
def test_netting_loses_no_cent(notes, invoices):
    nettings, left = net_credit_notes(
        [OpenAmount(key, cents) for key, cents in enumerate(notes)],
        [OpenAmount(key, cents) for key, cents in enumerate(invoices)],
    )
    used = sum(netting.amount_cents for netting in nettings)
    owed, credit = sum(max(c, 0) for c in invoices), sum(max(-c, 0) for c in notes)
    assert used == min(owed, credit)
    assert used + sum(left.values()) == owed
    for key, cents in enumerate(notes):
        assert sum(n.amount_cents for n in nettings if n.credit_note_id == key) <= max(-cents, 0)


@given(parts=st.lists(st.integers(1, 1000), min_size=1, max_size=6), share=st.floats(0, 1))
def test_instalments_open_what_the_document_has_open(parts, share):
    payable = sum(parts)
    open_cents = round(payable * share)
    opened = open_instalments(payable_cents=payable, open_cents=open_cents, instalments=parts)
    assert sum(opened) == open_cents
    assert all(0 <= still <= part for still, part in zip(opened, parts, strict=True))
