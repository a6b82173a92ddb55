"""Whatever happens in whatever order: payments that come and go back, disputes, promises, plans, holds and calls by hand,
policies that change, missed days, a clock that jumps, senders that are killed and runs that are repeated.

Nothing is reminded that is paid, disputed, promised, planned or held when it leaves; no message leaves twice and no step is
done twice; nobody is contacted twice within the gap; each step that is due is on its way, or a reason says why not; and
once things calm down, it is sent.
"""

import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from encours.actions import open_channel, prepare_message
from encours.actions import send_messages as sending
from encours.actions.agree_plan import UnableToAgreePlan, agree_plan
from encours.actions.allocate import Portion, UnableToAllocate, allocate
from encours.actions.approve_messages import approve_messages
from encours.actions.assign_policy import assign_policy
from encours.actions.end_plan import end_plan
from encours.actions.hold_receivable import hold_receivable
from encours.actions.open_dispute import UnableToOpenDispute, open_dispute
from encours.actions.record_contact import record_contact
from encours.actions.record_promise import UnableToRecordPromise, record_promise
from encours.actions.release_hold import release_hold
from encours.actions.resolve_dispute import resolve_dispute
from encours.actions.resolve_unknown import resolve_unknown
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.actions.undo_allocation import undo_allocation
from encours.actions.withdraw_promise import withdraw_promise
from encours.actions.write_message import Written
from encours.core.cases.plans import even_instalments
from encours.core.dunning import DEFAULT_POLICY, held_sentence
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.policy import FORMAL_NOTICE, Step
from encours.ports.channels import HandedOver, OutgoingMessage
from encours.queries.policies import active_policy_values
from encours.store.models import (
    Allocation,
    Dispute,
    Document,
    Hold,
    Message,
    PaymentPlan,
    PlanDocument,
    Policy,
    PolicyAssignment,
    Promise,
    PromiseDocument,
    Reminder,
)
from tests import cast

START = date(2026, 3, 2)
GAP = DEFAULT_POLICY.min_gap_days
RANKS = range(4)
# After so many days with somebody at work every step of the default policy had its day, with gaps, caps and holidays between.
CALM_DAYS = 24
# Lives lived; more of them for a closer look.
LIVES = int(os.environ.get("ENCOURS_LIVES", "8"))


class Crash(BaseException):
    """As much of a kill as a test within one process can have: nothing of the product catches it."""


class Notebook:
    """A channel that keeps what it is handed, and breaks when told to."""

    name = "email"

    class Config:
        pass

    taken: list[OutgoingMessage] = []
    breaks = ""

    def __init__(self, config: object) -> None: ...

    def accepts(self, recipient_address: str) -> bool:
        return True

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, message: OutgoingMessage) -> HandedOver:
        how, Notebook.breaks = Notebook.breaks, ""
        if how == "before":
            raise Crash
        if how == "refuses":
            return HandedOver("failed", detail="451 later")
        Notebook.taken.append(message)
        if how == "after":
            raise Crash
        return HandedOver("accepted")


@pytest.fixture
def notebook(monkeypatch, settings, tmp_path):
    settings.FILES_FOLDER, settings.CHANNELS = tmp_path, {"email": {}}
    monkeypatch.setattr(open_channel, "channels", lambda: {"email": Notebook})
    # the look of letters is told elsewhere; here only who gets one
    monkeypatch.setattr(prepare_message, "write_message", lambda **_: Written("words", "words"))
    return Notebook


# What the company may change its mind to: other days, other clocks, conditions; the gap stays.
POLICIES = (
    DEFAULT_POLICY,
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(2, "reminder_1"),
            Step(6, "reminder_2", clock="previous_step"),
            Step(6, FORMAL_NOTICE, clock="previous_step", approval="person"),
        ),
    ),
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(-3, "courtesy", condition=Comparison("overdue_total", "at_least", 50_000)),
            Step(0, "reminder_1", clock="end_of_month", min_amount_cents=30_000),
            Step(40, FORMAL_NOTICE, approval="person"),
        ),
        level="amount",
    ),
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(1, "reminder_1", approval="automatic", channels=("sms", "email")),
            Step(3, "reminder_1", clock="previous_step", condition=Comparison("amount", "below", 30_000)),
            Step(5, FORMAL_NOTICE, clock="previous_step", approval="person"),
        ),
        max_contacts_per_week=1,
    ),
)
OWN = replace(DEFAULT_POLICY, slug="own", steps=(Step(4, "reminder_1"), Step(12, "reminder_2")))


class Life(RuleBasedStateMachine):
    """One customer with four invoices of 400 €, due three days apart."""

    company = None  # given by the test: hypothesis makes the machine
    notebook = Notebook

    def __init__(self) -> None:
        super().__init__()
        assert self.company is not None
        self.point = transaction.savepoint()
        self.on, self.minutes = START, 0
        self.latest = START
        self.notebook.taken, self.notebook.breaks = [], ""
        self.debtor = cast.customer(self.company, "V1", "Vivant SARL", email="v@vivant.example")
        self.documents = [
            cast.invoice(
                self.company, self.debtor, f"V-{rank}", payable_cents=40_000,
                issue_date=START - timedelta(30), due_date=START + timedelta(3 * rank - 2),
            )
            for rank in RANKS
        ]  # fmt: skip
        self.contact_days: list[tuple[date, bool]] = []  # (day, by hand)
        save_policy(company=self.company, policy=OWN, actor="t")

    def teardown(self) -> None:
        try:
            self.calm_down()
        finally:
            transaction.savepoint_rollback(self.point)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.on, time(8), UTC) + timedelta(minutes=self.minutes)

    # -- time

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.on, self.minutes = self.on + timedelta(days), 0
        self.latest = max(self.latest, self.on)

    @rule(days=st.sampled_from([-2, -1, 25]))
    def the_clock_jumps(self, days: int) -> None:
        self.days_pass(days)

    # -- what the product does

    @rule(times=st.integers(1, 3))
    def plan(self, times: int) -> None:
        for _ in range(times):
            run_dunning(company=self.company, on=self.on, actor="t")
        planned = plan_dunning(company=self.company, on=self.on)
        assert planned.actions.is_empty(), "planning twice added something"
        for row in planned.held.iter_rows(named=True):
            assert held_sentence(row).say("fr"), "held back without a word"
        self.each_due_step_is_on_its_way_or_told(planned.held["document_id"].to_list())

    def each_due_step_is_on_its_way_or_told(self, held: list[int]) -> None:
        """Of the steps that count from the due date for whoever: the others wait for these, or for a condition."""
        waiting = set(
            Reminder.objects.filter(
                counts=True, message__state__in=["waiting", "approved", "claimed", "unknown"]
            ).values_list("document_id", flat=True)
        )
        own = dict(PolicyAssignment.objects.values_list("document_id", "policy_id"))
        policies = active_policy_values(company=self.company)
        standard = Policy.objects.get(company=self.company, is_default=True).pk
        for document in Document.objects.filter(customer=self.debtor, open_cents__gt=0):
            days_late = (self.on - document.due_date).days
            done = self.highest_step_done(document.pk)
            due = [
                placed.code
                for placed in policies[own.get(document.pk, standard)].timeline
                if placed.step.clock == "due_date" and placed.step.condition is None
                if 0 <= placed.offset_days <= days_late and (done is None or placed.offset_days > done)
            ]
            assert not due or document.pk in waiting or document.pk in held, (
                f"{document.number} is due for {due}, and nobody says anything"
            )

    def highest_step_done(self, document_id: int) -> int | None:
        codes = Reminder.objects.filter(document_id=document_id, counts=True).values_list(
            "step_code", flat=True
        )
        return max((int(code.lstrip("RJFME")) for code in codes), default=None)

    @rule(breaks=st.sampled_from(["", "", "", "before", "after", "refuses"]))
    def approve_and_send(self, breaks: str) -> None:
        ids = list(Message.objects.filter(state="waiting").values_list("pk", flat=True))
        approve_messages(company=self.company, message_ids=ids, actor="user:1")
        self.notebook.breaks, before = breaks, len(self.notebook.taken)
        self.minutes += 20
        may_ask, why = self.what_may_be_asked()
        with suppress(Crash):
            sending.send_messages(
                company=self.company, now=self.now, on=self.on, actor="t", accept_bank_age=True
            )
        self.notebook.breaks = ""
        for message in self.notebook.taken[before:]:
            self.contact_days.append((self.on, False))
            stored = (
                Message.objects.filter(attempts__idempotency_key=message.idempotency_key).distinct().get()
            )
            for reminder in stored.reminders.filter(counts=True):
                allowed = may_ask[reminder.document_id]
                assert 0 < reminder.amount_cents <= allowed, (
                    f"reminded of {reminder.amount_cents} where {allowed} may be asked for: "
                    f"{why.get(reminder.document_id, 'paid')}"
                )

    def what_may_be_asked(self) -> tuple[dict[int, int], dict[int, str]]:
        """What a letter of today may ask for, document by document, as a person would work it out."""
        cents = dict.fromkeys((document.pk for document in self.documents), 0)
        why: dict[int, str] = {}
        cents |= dict(Document.objects.filter(customer=self.debtor).values_list("pk", "open_cents"))
        for dispute in Dispute.objects.filter(customer=self.debtor, resolved_date=None):
            left = 0 if dispute.is_whole else max(0, cents[dispute.document_id] - dispute.disputed_cents)
            cents[dispute.document_id], why[dispute.document_id] = left, "disputed"
        promised = PromiseDocument.objects.filter(
            promise__customer=self.debtor, promise__state="open", promise__promised_date__gte=self.on
        )
        planned = PlanDocument.objects.filter(plan__customer=self.debtor, plan__state="agreed")
        held = Hold.objects.filter(released_at=None, from_date__lte=self.on).exclude(until_date__lt=self.on)
        for word, ids in (
            ("promised", promised.values_list("document_id", flat=True)),
            ("planned", planned.values_list("document_id", flat=True)),
            ("held", held.filter(document__isnull=False).values_list("document_id", flat=True)),
        ):
            for document_id in ids:
                cents[document_id], why[document_id] = 0, word
        if held.filter(document=None).exists():
            cents, why = dict.fromkeys(cents, 0), dict.fromkeys(cents, "paused")
        return cents, why

    # -- money

    @rule(rank=st.sampled_from(RANKS), cents=st.integers(1, 60_000))
    def pay(self, rank: int, cents: int) -> None:
        receipt = cast.receipt(self.company, self.debtor, amount_cents=cents, received_date=self.on)
        portion = Portion(document_id=self.documents[rank].pk, amount_cents=cents)
        # more than is open: the money stays the customer's credit
        with suppress(UnableToAllocate), transaction.atomic():
            allocate(company=self.company, portions=[portion], payment_id=receipt.pk, on=self.on, actor="t")

    @rule(cents=st.integers(1, 60_000))
    def money_arrives(self, cents: int) -> None:
        cast.receipt(self.company, self.debtor, amount_cents=cents, received_date=self.on)

    @rule()
    def a_receipt_goes_back(self) -> None:
        allocation = Allocation.objects.filter(undone_at=None).last()
        if allocation is not None:
            undo_allocation(company=self.company, allocation_id=allocation.pk, on=self.on, actor="t")

    # -- what was said

    @rule(rank=st.sampled_from(RANKS), cents=st.none() | st.integers(1, 40_000))
    def dispute(self, rank: int, cents: int | None) -> None:
        with suppress(UnableToOpenDispute), transaction.atomic():
            open_dispute(
                company=self.company, customer_id=self.debtor.pk, document_id=self.documents[rank].pk,
                reason_code="PU_ERR", disputed_cents=cents, on=self.on, actor="t",
            )  # fmt: skip

    @rule(outcome=st.sampled_from(["rejected", "withdrawn"]))
    def resolve_a_dispute(self, outcome: str) -> None:
        # none that a clock gone wrong opened tomorrow
        dispute = Dispute.objects.filter(resolved_date=None, opened_date__lte=self.on).first()
        if dispute is not None:
            resolve_dispute(
                company=self.company, dispute_id=dispute.pk, outcome=outcome, on=self.on, now=self.now, actor="t"
            )  # fmt: skip

    @rule(
        ranks=st.none() | st.sets(st.sampled_from(RANKS), min_size=1),
        days=st.integers(0, 20),
        cents=st.none() | st.integers(1, 80_000),
    )
    def promise(self, ranks: set[int] | None, days: int, cents: int | None) -> None:
        with suppress(UnableToRecordPromise), transaction.atomic():
            record_promise(
                company=self.company, customer_id=self.debtor.pk,
                document_ids=None if ranks is None else [self.documents[rank].pk for rank in ranks],
                promised_date=self.on + timedelta(days), amount_cents=cents, on=self.on, actor="t",
            )  # fmt: skip

    @rule()
    def take_a_promise_back(self) -> None:
        promise = Promise.objects.filter(state="open").first()
        if promise is not None:
            withdraw_promise(company=self.company, promise_id=promise.pk, on=self.on, actor="t")

    @rule(
        ranks=st.sets(st.sampled_from(RANKS), min_size=1),
        count=st.integers(1, 3),
        days=st.integers(0, 10),
        when_broken=st.sampled_from(["all_due", "missed_due"]),
    )
    def agree_on_a_plan(self, ranks: set[int], count: int, days: int, when_broken: str) -> None:
        chosen = Document.objects.filter(pk__in=[self.documents[rank].pk for rank in ranks], open_cents__gt=0)
        total = sum(document.open_cents for document in chosen)
        if total < count:
            return
        parts = even_instalments(
            total_cents=total, count=count, first_date=self.on + timedelta(days), every="week"
        )
        with suppress(UnableToAgreePlan), transaction.atomic():
            agree_plan(
                company=self.company, customer_id=self.debtor.pk, document_ids=[each.pk for each in chosen],
                instalments=parts, when_broken=when_broken, on=self.on, actor="t",
            )  # fmt: skip

    @rule()
    def end_a_plan(self) -> None:
        plan = PaymentPlan.objects.filter(state__in=["agreed", "broken"]).first()
        if plan is not None:
            end_plan(company=self.company, plan_id=plan.pk, on=self.on, actor="t")

    # -- what people do

    @rule(rank=st.none() | st.sampled_from(RANKS), days=st.none() | st.integers(0, 15))
    def hold(self, rank: int | None, days: int | None) -> None:
        hold_receivable(
            company=self.company, customer_id=self.debtor.pk,
            document_id=None if rank is None else self.documents[rank].pk,
            reason="Litige", from_date=self.on, actor="t",
            until_date=None if days is None else self.on + timedelta(days),
        )  # fmt: skip

    @rule()
    def release(self) -> None:
        hold = Hold.objects.filter(released_at=None).first()
        if hold:
            release_hold(company=self.company, hold_id=hold.pk, now=self.now, actor="t")

    @rule()
    def call(self) -> None:
        record_contact(
            company=self.company, customer_id=self.debtor.pk, on=self.on, now=self.now, note="x", actor="t"
        )
        self.contact_days.append((self.on, True))

    @rule(was_sent=st.booleans())
    def resolve_what_is_unknown(self, was_sent: bool) -> None:
        message = Message.objects.filter(state="unknown").first()
        if message is not None:
            key = message.attempts.order_by("-number")[0].idempotency_key
            truth = any(taken.idempotency_key == key for taken in self.notebook.taken)
            resolve_unknown(
                company=self.company,
                message_id=message.pk,
                was_sent=truth or was_sent,
                now=self.now,
                actor="t",
            )

    @rule(rank=st.sampled_from(range(len(POLICIES))))
    def change_policy(self, rank: int) -> None:
        save_policy(company=self.company, policy=POLICIES[rank], actor="t")

    @rule(rank=st.sampled_from(RANKS), slug=st.sampled_from(["", "own"]))
    def choose_policy(self, rank: int, slug: str) -> None:
        assign_policy(company=self.company, slug=slug, document=self.documents[rank].number, actor="t")

    # -- what always holds

    @invariant()
    def nothing_leaves_twice(self) -> None:
        keys = [message.idempotency_key for message in self.notebook.taken]
        assert len(keys) == len(set(keys)), "a message left twice"

    @invariant()
    def no_step_is_done_twice(self) -> None:
        done = list(
            Reminder.objects.filter(counts=True).values_list("document_id", "position", "step_code", "cycle")
        )
        assert len(done) == len(set(done)), "a step was done twice"

    @invariant()
    def nobody_is_contacted_twice_within_the_gap(self) -> None:
        for place, (day, by_hand) in enumerate(self.contact_days):
            # a person may call whenever they think it right; the product keeps its distance
            earlier = [known for known, _ in self.contact_days[:place]]
            assert by_hand or all(abs((day - known).days) >= GAP for known in earlier), "within the gap"

    # -- and then

    def calm_down(self) -> None:
        """Everything is cleared up and the days go by as they should: what is owed has had its last step."""
        self.on = self.latest
        for dispute in Dispute.objects.filter(resolved_date=None):
            resolve_dispute(
                company=self.company, dispute_id=dispute.pk, outcome="rejected", on=self.on, now=self.now,
                actor="t",
            )  # fmt: skip
        for promise in Promise.objects.filter(state="open"):
            withdraw_promise(company=self.company, promise_id=promise.pk, on=self.on, actor="t")
        for plan in PaymentPlan.objects.filter(state__in=["agreed", "broken"]):
            end_plan(company=self.company, plan_id=plan.pk, on=self.on, actor="t")
        for hold in Hold.objects.filter(released_at=None):
            release_hold(company=self.company, hold_id=hold.pk, now=self.now, actor="t")
        save_policy(company=self.company, policy=DEFAULT_POLICY, actor="t")
        for document in self.documents:
            assign_policy(company=self.company, slug="", document=document.number, actor="t")
        for _ in range(CALM_DAYS):
            self.days_pass(3)  # so that each day of the week comes
            run_dunning(company=self.company, on=self.on, actor="t")
            self.approve_and_send("")
            self.resolve_what_is_unknown(was_sent=True)
            self.nobody_is_contacted_twice_within_the_gap()
        self.nothing_leaves_twice()
        self.no_step_is_done_twice()
        covered = {
            row["document_id"]
            for row in plan_dunning(company=self.company, on=self.on).held.iter_rows(named=True)
        }
        last = DEFAULT_POLICY.timeline[-1].offset_days
        for document in Document.objects.filter(customer=self.debtor, open_cents__gt=0):
            done = self.highest_step_done(document.pk)
            assert document.pk in covered or (done is not None and done >= last), (
                f"{document.number} owes {document.open_cents} and had no more than {done}"
            )


def test_any_life(company, notebook):
    class ThisLife(Life):
        pass

    ThisLife.company, ThisLife.notebook = company, notebook
    run_state_machine_as_test(
        ThisLife,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
