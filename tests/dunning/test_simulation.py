"""A simulation says what really planning, approving and sending day by day would do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import hypothesis.strategies as st
import polars as pl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from encours.actions import open_channel, prepare_message
from encours.actions import send_messages as sending
from encours.actions.allocate import Portion, allocate
from encours.actions.allow_hold_out import allow_hold_out
from encours.actions.approve_messages import approve_messages
from encours.actions.assign_policy import assign_policy
from encours.actions.hold_receivable import hold_receivable
from encours.actions.run_dunning import run_dunning
from encours.actions.save_policy import save_policy
from encours.actions.simulate_dunning import simulate_dunning
from encours.actions.write_message import Written
from encours.core.dunning import DEFAULT_POLICY
from encours.core.dunning import simulation as simulations
from encours.core.dunning.conditions import Comparison
from encours.core.dunning.policy import FORMAL_NOTICE, Step, Window
from encours.core.dunning.simulation import simulate
from encours.core.dunning.situation import next_business_day
from encours.core.dunning.waking import Calendar
from encours.ports.channels import HandedOver, OutgoingMessage
from encours.queries.business_days import company_days_off
from encours.queries.dunning import situation
from encours.store.models import Document, HeldOutReminder, Message, Reminder
from tests import cast

START = date(2026, 4, 27)  # holidays come soon: 1, 8 and 14 May
DAYS = 24

POLICIES = (
    DEFAULT_POLICY,
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(2, "reminder_1", approval="automatic", channels=("sms", "email")),
            Step(6, "reminder_2", clock="previous_step"),
            Step(5, FORMAL_NOTICE, clock="previous_step", approval="person"),
        ),
        min_gap_days=3,
        max_contacts_per_week=1,
    ),
    replace(
        DEFAULT_POLICY,
        steps=(
            Step(-3, "courtesy", condition=Comparison("overdue_total", "at_least", 50_000)),
            Step(1, "reminder_1", window=Window(("tuesday", "thursday"))),
            Step(9, "reminder_2", condition=Comparison("days_late", "at_least", 12), min_amount_cents=30_000),
            Step(10, FORMAL_NOTICE, clock="end_of_month", approval="person"),
        ),
        level="amount",
    ),
)


class Post:
    """A channel that takes everything."""

    name = "email"

    class Config:
        pass

    def __init__(self, config: object) -> None: ...

    def accepts(self, recipient_address: str) -> bool:
        return True

    def open(self) -> None: ...

    def close(self) -> None: ...

    def send(self, message: OutgoingMessage) -> HandedOver:
        return HandedOver("accepted")


@pytest.fixture
def post(monkeypatch, settings, tmp_path):
    settings.FILES_FOLDER, settings.CHANNELS = tmp_path, {"email": {}}
    monkeypatch.setattr(open_channel, "channels", lambda: {"email": Post})
    monkeypatch.setattr(prepare_message, "write_message", lambda **_: Written("words", "words"))


INVOICES = st.lists(
    st.tuples(
        st.integers(0, 2),  # customer
        st.integers(-25, 20),  # due, from the start
        st.sampled_from([400, 9_000, 40_000, 70_000]),
        st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    ),
    min_size=1,
    max_size=7,
)
COMPANIES = st.fixed_dictionaries(
    {
        "invoices": INVOICES,
        "policy": st.integers(0, len(POLICIES) - 1),
        "own_policy": st.booleans(),
        "credit": st.sampled_from([0, 0, 30_000]),
        "hold": st.one_of(st.none(), st.tuples(st.integers(-3, 10), st.integers(0, 12))),
        "promise": st.one_of(st.none(), st.tuples(st.integers(0, 6), st.integers(1, 12))),
        "paid": st.lists(st.tuples(st.integers(0, 6), st.integers(1, DAYS)), max_size=3),
        "approval_days": st.integers(0, 2),
        "lived_before": st.integers(0, 6),
        "hold_out": st.sampled_from([0, 0, 50]),
    }
)


class Lived:
    """A small company, and the days it really lives through."""

    def __init__(self, company, given) -> None:
        self.company, self.given = company, given
        self.customers = [
            cast.customer(company, f"S{rank}", f"Client {rank}", email=f"c{rank}@client.example")
            for rank in range(3)
        ]
        self.documents = [
            cast.invoice(
                company, self.customers[who], f"S-{rank}", payable_cents=cents, currency=currency,
                issue_date=START - timedelta(60), due_date=START + timedelta(days),
            )
            for rank, (who, days, cents, currency) in enumerate(given["invoices"])
        ]  # fmt: skip
        save_policy(company=company, policy=POLICIES[given["policy"]], actor="t")
        if given["own_policy"]:
            own = replace(POLICIES[1], slug="own", steps=(Step(4, "reminder_1"), Step(12, "reminder_2")))
            save_policy(company=company, policy=own, actor="t")
            assign_policy(company=company, slug="own", document="S-0", actor="t")
        if given["credit"]:
            cast.credit_note(
                company, self.customers[0], "AV-1", payable_cents=given["credit"], issue_date=START
            )
        if given["hold"]:
            begins, lasts = given["hold"]
            hold_receivable(
                company=company, customer_id=self.customers[1].pk, reason="Pause", actor="t",
                from_date=START + timedelta(begins), until_date=START + timedelta(begins + lasts),
            )  # fmt: skip
        allow_hold_out(company=company, percent=given["hold_out"], max_amount_cents=50_000, seed=7, actor="t")
        self.planned_on: dict[int, date] = {}

    def expected(self) -> pl.DataFrame:
        rows = [
            (self.documents[rank].pk, 0, START + timedelta(days))
            for rank, days in self.given["paid"]
            if rank < len(self.documents)
        ]
        schema = {"document_id": pl.Int64, "position": pl.Int64, "expected_date": pl.Date}
        return pl.DataFrame(rows, schema=schema, orient="row").unique(
            "document_id", keep="first", maintain_order=True
        )

    def live(self, day: date, *, expected: pl.DataFrame) -> None:
        for (document_id,) in (
            expected.filter(pl.col("expected_date") == day).select("document_id").iter_rows()
        ):
            self.pay(document_id, day)
        run_dunning(company=self.company, on=day, actor="t")
        self.approve(day)
        now = datetime.combine(day, time(8), UTC)
        sending.send_messages(company=self.company, now=now, on=day, actor="t", accept_bank_age=True)

    def pay(self, document_id: int, day: date) -> None:
        document = Document.objects.get(pk=document_id)
        receipt = cast.receipt(
            self.company, document.customer, amount_cents=document.open_cents, received_date=day,
            currency=document.currency,
        )  # fmt: skip
        portion = Portion(document_id=document_id, amount_cents=document.open_cents)
        allocate(company=self.company, portions=[portion], payment_id=receipt.pk, on=day, actor="t")

    def approve(self, day: date) -> None:
        for key in Message.objects.filter(state="waiting").values_list("pk", flat=True):
            self.planned_on.setdefault(key, day)
        ready = [key for key, planned in self.planned_on.items() if self.approved_by(planned) <= day]
        if ready:
            approve_messages(company=self.company, message_ids=ready, actor="user:1")

    def approved_by(self, planned: date) -> date:
        off = company_days_off(company=self.company, on=START)
        for _ in range(self.given["approval_days"]):
            planned = next_business_day(on=planned + timedelta(1), days_off=off)
        return planned

    def sent(self) -> list[tuple]:
        found = Message.objects.filter(state="sent", sent_date__gte=START).order_by(
            "sent_date", "customer_id", "currency"
        )
        return [
            (
                each.sent_date, each.customer_id, each.currency, each.step_code, each.channel, each.amount_cents,
                sorted(Reminder.objects.filter(message=each, counts=True).values_list("document_id", "step_code")),
            )
            for each in found
        ]  # fmt: skip


def foretold(found) -> list[tuple]:
    lines: dict[int, list] = {}
    for message, document_id, step_code in found.lines.select(
        "message", "document_id", "step_code"
    ).iter_rows():
        lines.setdefault(message, []).append((document_id, step_code))
    return [
        (
            row["sent_date"], row["customer_id"], row["currency"], row["step_code"], row["channel"],
            row["amount_cents"], sorted(lines[row["message"]]),
        )
        for row in found.messages.sort("sent_date", "customer_id", "currency").iter_rows(named=True)
    ]  # fmt: skip


@given(given=COMPANIES)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_simulation_is_what_really_living_through_the_days_does(company, post, given):
    point = transaction.savepoint()
    try:
        lived = Lived(company, given)
        nobody = lived.expected().clear()
        for days in range(given["lived_before"], 0, -1):
            lived.live(START - timedelta(days), expected=nobody)
        expected = lived.expected()
        # what waits when the simulation begins is approved after the same delay as what is planned on its first day
        lived.planned_on = dict.fromkeys(lived.planned_on, START)
        found = simulate_dunning(
            company=company, on=START, days=DAYS, expected=expected, approval_days=given["approval_days"]
        )
        held_before = HeldOutReminder.objects.count()
        for days in range(DAYS):
            lived.live(START + timedelta(days), expected=expected)
        assert foretold(found) == lived.sent()
        assert found.simulation.held_out == HeldOutReminder.objects.count() - held_before
    finally:
        transaction.savepoint_rollback(point)


class Awake(Calendar):
    """Plans everybody every day."""

    everybody: pl.Series

    def __init__(self, *, situation, **rest) -> None:
        super().__init__(situation=situation, **rest)
        self.everybody = situation.customers["customer_id"]

    def awake(self, day: date) -> pl.Series:
        super().awake(day)
        return self.everybody


@pytest.fixture
def two_hundred(company) -> Callable[[], object]:
    """Two hundred invoices of twenty customers, due around the start."""
    for rank in range(20):
        debtor = cast.customer(company, f"D{rank}", f"Débiteur {rank}", email=f"d{rank}@debiteur.example")
        for number in range(10):
            cast.invoice(
                company, debtor, f"D-{rank}-{number}", payable_cents=5_000 + 7 * rank, issue_date=START - timedelta(90),
                due_date=START + timedelta((rank * 13 + number * 17) % 90 - 40),
            )  # fmt: skip
    return lambda: situation(company=company, on=START)


@pytest.mark.parametrize("policy", POLICIES)
def test_days_that_can_bring_nothing_are_skipped_without_a_difference(
    company, two_hundred, monkeypatch, policy
):
    save_policy(company=company, policy=policy, actor="t")
    found = two_hundred()
    off = company_days_off(company=company, on=START)
    quick = simulate(situation=found, on=START, days=70, days_off=off)
    monkeypatch.setattr(simulations, "Calendar", Awake)
    slow = simulate(situation=found, on=START, days=70, days_off=off)
    assert len(quick.messages) > 20
    key = ["sent_date", "customer_id", "currency", "step_code", "channel", "amount_cents"]
    assert quick.messages.select(key).sort(key).equals(slow.messages.select(key).sort(key))


def test_those_who_pay_as_late_as_usual_get_fewer_reminders(company):
    late = cast.late_payer(company)
    for rank in range(3):  # ten days late, three times
        paid = cast.invoice(
            company, late, f"P-{rank}", payable_cents=10_000, issue_date=date(2025, 9 + rank, 1), due_date=date(2025, 10 + rank, 1)
        )  # fmt: skip
        receipt = cast.receipt(company, late, amount_cents=10_000, received_date=date(2025, 10 + rank, 11))
        portion = Portion(document_id=paid.pk, amount_cents=10_000)
        allocate(company=company, portions=[portion], payment_id=receipt.pk, on=START, actor="t")
    cast.invoice(
        company, late, "F-1", payable_cents=10_000, issue_date=date(2026, 4, 1), due_date=date(2026, 5, 4)
    )
    nobody = simulate_dunning(company=company, on=START, days=60, approval_days=0)
    habits = simulate_dunning(company=company, on=START, days=60, approval_days=0, pays="habits")
    assert nobody.messages["step_code"].to_list() == ["J-7", "R+1", "R+8", "R+15"]
    assert habits.messages["step_code"].to_list() == ["J-7", "R+1", "R+8"], "paid on the tenth day"


def test_a_simulation_writes_nothing(company, other_company):
    cast.invoice(
        company, cast.good_payer(company), "F-1", payable_cents=10_000, issue_date=START - timedelta(60)
    )
    found = simulate_dunning(company=company, on=START, days=30)
    assert len(found.messages) == 2
    assert not Message.objects.exists()
    assert not Reminder.objects.exists()
