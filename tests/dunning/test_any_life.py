"""Whatever happens in whatever order, policies that change among it: what is paid or held is not reminded, no step is
done twice, and nobody is contacted twice within the gap."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from encours.actions import send_messages as sending
from encours.actions.allocate import Portion, UnableToAllocate, allocate
from encours.actions.approve_messages import approve_messages
from encours.actions.assign_policy import assign_policy
from encours.actions.hold_receivable import hold_receivable
from encours.actions.record_contact import record_contact
from encours.actions.release_hold import release_hold
from encours.actions.resolve_unknown import resolve_unknown
from encours.actions.run_dunning import plan_dunning, run_dunning
from encours.actions.save_policy import save_policy
from encours.core.dunning import DEFAULT_POLICY
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.policy import FORMAL_NOTICE, Step
from encours.ports.channels import HandedOver, OutgoingMessage
from encours.store.models import Document, Hold, Message, Reminder
from tests import cast

START = date(2026, 3, 2)
GAP = DEFAULT_POLICY.min_gap_days


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
    settings.FILES_FOLDER, settings.CHANNELS = tmp_path, {}
    monkeypatch.setattr(sending, "channels", lambda: {"email": Notebook})
    # the look of letters is told elsewhere; here only who gets one
    from encours.actions import prepare_message, render_message

    def plain(*, letter):
        words = f"{letter.asked_cents}"
        return render_message.Rendered(words, words, "", "s.pdf")

    monkeypatch.setattr(prepare_message, "render_message", plain)
    monkeypatch.setattr(prepare_message, "render_statement", lambda *, letter, lines: b"%PDF")
    return Notebook


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("days pass"), st.integers(1, 9)),
        st.tuples(st.just("plan"), st.integers(1, 3)),
        st.tuples(st.just("approve and send"), st.sampled_from(["", "", "", "before", "after", "refuses"])),
        st.tuples(st.just("pay"), st.tuples(st.integers(0, 3), st.integers(1, 60_000))),
        st.tuples(st.just("money arrives"), st.integers(1, 60_000)),
        st.tuples(st.just("hold"), st.integers(0, 3)),
        st.tuples(st.just("release"), st.none()),
        st.tuples(st.just("call"), st.none()),
        st.tuples(st.just("resolve"), st.booleans()),
        st.tuples(st.just("change policy"), st.sampled_from(range(4))),
        st.tuples(st.just("choose policy"), st.tuples(st.integers(0, 3), st.sampled_from(["", "own"]))),
    ),
    max_size=40,
)


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
    ),
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(1, "reminder_1", approval="automatic", channels=("sms", "email")),
            Step(3, "reminder_1", clock="previous_step", condition=Comparison("amount", "below", 30_000)),
            Step(5, FORMAL_NOTICE, clock="previous_step", approval="person"),
        ),
    ),
)


class Life:
    def __init__(self, company, notebook) -> None:
        self.company, self.notebook, self.on, self.minutes = company, notebook, START, 0
        notebook.taken, notebook.breaks = [], ""
        self.debtor = cast.customer(company, "V1", "Vivant SARL", email="v@vivant.example")
        self.documents = [
            cast.invoice(
                company, self.debtor, f"V-{rank}", payable_cents=40_000, issue_date=START - timedelta(30),
                due_date=START + timedelta(3 * rank - 2),
            )
            for rank in range(4)
        ]  # fmt: skip
        self.contact_days: list[tuple[date, bool]] = []  # (day, by hand)
        own = replace(DEFAULT_POLICY, slug="own", steps=(Step(4, "reminder_1"), Step(12, "reminder_2")))
        save_policy(company=company, policy=own, actor="t")

    @property
    def now(self) -> datetime:
        return datetime.combine(self.on, time(8), UTC) + timedelta(minutes=self.minutes)

    def live(self, event: str, value) -> None:
        getattr(self, event.replace(" ", "_"))(value)

    def days_pass(self, days: int) -> None:
        self.on, self.minutes = self.on + timedelta(days), 0

    def plan(self, times: int) -> None:
        for _ in range(times):
            run_dunning(company=self.company, on=self.on, actor="t")
        assert plan_dunning(company=self.company, on=self.on).actions.is_empty(), (
            "planning twice added something"
        )

    def approve_and_send(self, breaks: str) -> None:
        ids = list(Message.objects.filter(state="waiting").values_list("pk", flat=True))
        approve_messages(company=self.company, message_ids=ids, actor="user:1")
        self.notebook.breaks, before = breaks, len(self.notebook.taken)
        self.minutes += 20
        owed = {
            document.pk: document.open_cents
            for document in Document.objects.filter(customer=self.debtor, open_cents__gt=0)
        }
        held = set(
            Hold.objects.filter(released_at=None, from_date__lte=self.on).values_list(
                "document_id", flat=True
            )
        )
        with suppress(Crash):
            sending.send_messages(
                company=self.company, now=self.now, on=self.on, actor="t", accept_bank_age=True
            )
        self.notebook.breaks = ""
        for message in self.notebook.taken[before:]:
            self.contact_days.append((self.on, False))
            stored = Message.objects.get(attempts__idempotency_key=message.idempotency_key)
            for reminder in stored.reminders.filter(counts=True):
                assert 0 < reminder.amount_cents <= owed.get(reminder.document_id, 0), "reminded what is paid"
                assert reminder.document_id not in held, "reminded what is on hold"

    def pay(self, what: tuple[int, int]) -> None:
        rank, cents = what
        receipt = cast.receipt(self.company, self.debtor, amount_cents=cents, received_date=self.on)
        portion = Portion(document_id=self.documents[rank].pk, amount_cents=cents)
        try:
            with transaction.atomic():
                allocate(
                    company=self.company, portions=[portion], payment_id=receipt.pk, on=self.on, actor="t"
                )
        except UnableToAllocate:
            pass  # more than is open: the money stays the customer's credit

    def money_arrives(self, cents: int) -> None:
        cast.receipt(self.company, self.debtor, amount_cents=cents, received_date=self.on)

    def hold(self, rank: int) -> None:
        hold_receivable(
            company=self.company, customer_id=self.debtor.pk, document_id=self.documents[rank].pk,
            reason="Litige", from_date=self.on, actor="t",
        )  # fmt: skip

    def release(self, _: None) -> None:
        hold = Hold.objects.filter(released_at=None).first()
        if hold:
            release_hold(company=self.company, hold_id=hold.pk, now=self.now, actor="t")

    def call(self, _: None) -> None:
        record_contact(
            company=self.company, customer_id=self.debtor.pk, on=self.on, now=self.now, note="x", actor="t"
        )
        self.contact_days.append((self.on, True))

    def resolve(self, was_sent: bool) -> None:
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

    def change_policy(self, rank: int) -> None:
        save_policy(company=self.company, policy=POLICIES[rank], actor="t")

    def choose_policy(self, what: tuple[int, str]) -> None:
        rank, slug = what
        number = self.documents[rank].number
        assign_policy(company=self.company, slug=slug, document=number, actor="t")

    def check(self) -> None:
        keys = [message.idempotency_key for message in self.notebook.taken]
        assert len(keys) == len(set(keys)), "a message left twice"
        done = list(
            Reminder.objects.filter(counts=True).values_list("document_id", "position", "step_code", "cycle")
        )
        assert len(done) == len(set(done)), "a step was done twice"
        for (earlier, _), (later, by_hand) in zip(self.contact_days, self.contact_days[1:], strict=False):
            # a person may call whenever they think it right; the product keeps its distance
            assert by_hand or (later - earlier).days >= GAP, "contacted again within the gap"


@given(events=EVENTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_life(company, notebook, events):
    point = transaction.savepoint()
    try:
        life = Life(company, notebook)
        for event, value in events:
            life.live(event, value)
        life.check()
    finally:
        transaction.savepoint_rollback(point)
