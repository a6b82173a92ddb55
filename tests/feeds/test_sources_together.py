"""The same account told by files and feeds: each amount counts once, in any order of arrival.

The account is Atelier Lumen's at a bank that Bridge reads as well; some of the tests connect it twice.
"""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.actions.import_statements import StatementsImported, import_statements
from encours.actions.keep_file import keep_file
from encours.core.deliveries import AccountBook
from encours.core.statements import Statement, Transaction, identities
from encours.queries.doctor import examine
from encours.store.models import BankConnection, Company, ImportBatch
from encours.store.models import Transaction as Row
from encours.store.tenancy import company_scope
from tests.feeds.conftest import Connect, ask, books
from tests.feeds.fake_bridge import IBAN, FakeBridge
from tests.feeds.fake_qonto import FakeQonto

D1, D2, D3, D4 = (date(2026, 3, day) for day in (1, 2, 3, 4))


def line(cents: int, text: str, on: date = D2) -> Transaction:
    return Transaction(booked_date=on, amount_cents=cents, currency="EUR", remittance=text)


def statement(
    *lines: Transaction, opening_cents: int = 100_000, opening: date = D1, closing: date = D2
) -> Statement:
    """A final statement that adds up."""
    return Statement(
        account=IBAN, currency="EUR", transactions=lines, opening_cents=opening_cents, opening_date=opening,
        closing_cents=opening_cents + sum(t.amount_cents for t in lines), closing_date=closing,
    )  # fmt: skip


def bring(company: Company, *statements: Statement, kind: str = "cfonb120") -> StatementsImported:
    content = f"{ImportBatch.objects.count()}".encode()
    file = keep_file(company=company, name="releve.txt", media_type="text/plain", content=content)
    batch = ImportBatch.objects.create(
        company=company, file=file, file_name="releve.txt", kind=kind, imported_by="test"
    )  # fmt: skip
    return import_statements(company=company, batch=batch, statements=statements, actor="test")


def assert_sound(company: Company) -> None:
    """What doctor finds of the whole company."""
    assert [check.name for check in examine(company=company) if not check.ok] == []


def counted() -> list[tuple[str, int]]:
    return [(day, cents) for day, cents, _ in books()]


@pytest.mark.parametrize("first", ["feed", "file"])
def test_a_line_told_by_a_feed_and_a_file_counts_once(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, first: str
):
    for _ in range(2):
        bridge.tell(100, "VIR DUBOIS FA-1")
    bridge.tell(-5, "FRAIS")
    day = statement(line(10000, "VIREMENT DUBOIS"), line(10000, "VIREMENT DUBOIS"), line(-500, "FRAIS TENUE"))
    if first == "feed":
        ask(company, bridge_connection)
    bring(company, day)
    ask(company, bridge_connection)
    bring(company, day)
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", -500), ("2026-03-02", 10000), ("2026-03-02", 10000)]
    assert_sound(company)


@pytest.mark.parametrize("first", ["feed", "file"])
@pytest.mark.parametrize("shift", [-1, 1, 3])
def test_a_feed_may_date_a_line_otherwise_than_the_statement(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, first: str, shift: int
):
    """The statements tell every day of the week to its end."""
    told = D4 + timedelta(days=shift)
    bridge.tell(100, "VIR DUBOIS", day=told.isoformat())
    week = statement(line(10000, "VIREMENT DUBOIS", D4), opening=date(2026, 2, 28), closing=date(2026, 3, 9))
    if first == "feed":
        ask(company, bridge_connection)
    bring(company, week)
    ask(company, bridge_connection)
    bring(company, week)
    assert [cents for _, cents in counted()] == [10000]
    assert_sound(company)


def test_a_line_after_the_last_statement_is_another_payment(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    """The statement ends before it: that it has the same amount the day before says nothing."""
    bring(company, statement(line(10000, "VIREMENT DUBOIS")))
    bridge.tell(100, "VIR DUBOIS", day="2026-03-02")
    bridge.tell(100, "VIR DUBOIS", day="2026-03-03")
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000), ("2026-03-03", 10000)]
    bring(
        company, statement(line(10000, "VIREMENT DUBOIS", D3), opening_cents=110_000, opening=D2, closing=D3)
    )
    assert counted() == [("2026-03-02", 10000), ("2026-03-03", 10000)]


def test_an_account_connected_twice_counts_once(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    """Access given anew: the aggregator gives the account and its lines new ids."""
    old = [bridge.tell(100, "VIR DUBOIS") for _ in range(2)]
    ask(company, bridge_connection)
    bridge.add_account(99)
    for each in old:
        bridge.tell(100, "VIR DUBOIS", account_id=99, day=bridge.lines[each]["date"])
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000)] * 2
    bridge.tell(100, "VIR DUBOIS", account_id=99)
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000)] * 3


def test_two_feeds_and_a_file_of_one_account(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, qonto: FakeQonto,
    qonto_connection: BankConnection,
):  # fmt: skip
    qonto.accounts[0]["iban"] = IBAN
    bridge.tell(100, "VIR DUBOIS")
    qonto.tell(10000, "DUBOIS")
    qonto.tell(4000, "MARTIN")
    ask(company, bridge_connection)
    ask(company, qonto_connection)
    bring(company, statement(line(10000, "VIREMENT DUBOIS"), line(4000, "VIREMENT MARTIN")))
    bridge.tell(40, "VIR MARTIN")
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 4000), ("2026-03-02", 10000)]


def test_a_line_a_statement_tells_too_does_not_leave_with_the_feed(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    told = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bring(company, statement(line(10000, "VIREMENT DUBOIS")))
    bridge.delete(told)
    synced = ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000)]
    assert synced.feed.removed == 0
    bridge.tell(100, "VIR DUBOIS")  # the aggregator tells it anew
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000)]


def test_a_sum_gives_way_to_its_details(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    """The feed tells one credit, the bank's notification the transfers in it."""
    told = bridge.tell(150, "REMISE 2 VIREMENTS")
    ask(company, bridge_connection)
    batch = {"batch": "1", "batch_cents": "15000", "batch_reference": "R1"}
    details = [
        Transaction(booked_date=D2, amount_cents=cents, currency="EUR", remittance=text, extra=batch)
        for cents, text in ((10000, "DUBOIS"), (5000, "MARTIN"))
    ]
    bring(company, Statement(account=IBAN, currency="EUR", transactions=tuple(details)), kind="camt054")
    assert counted() == [("2026-03-02", 5000), ("2026-03-02", 10000)]
    bridge.change(told, provider_description="REMISE")
    ask(company, bridge_connection)
    bridge.delete(told)
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 5000), ("2026-03-02", 10000)]


def test_another_company_s_account_of_the_same_number_is_its_own(
    company: Company, other_company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    with company_scope(other_company.pk):
        bring(other_company, statement(line(10000, "VIREMENT DUBOIS")))
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    assert counted() == [("2026-03-02", 10000)]
    with company_scope(other_company.pk):
        assert Row.objects.count() == 1
        assert not BankConnection.objects.exists()


# What can happen to a bank account of a few lines, and who tells it when.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from([10000, 20000]), st.integers(0, 2)),
        st.tuples(st.just("delete"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("change"), st.integers(0, 5), st.sampled_from([10000, 20000, -10000])),
        st.tuples(st.just("ask"), st.just(0), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_untouched_books_say_what_the_bank_says(
    company: Company, bridge: FakeBridge, connect: Connect, bridge_connection: BankConnection, steps
):
    """Whatever is told, changed and deleted between rounds, in the end the books are the bank's."""
    bridge.lines.clear()
    bridge.add_account(1000 + len(bridge.accounts), iban=f"XX{len(bridge.accounts)}")
    account = bridge.accounts[-1]["id"]
    for verb, first, second in steps:
        lines = sorted(bridge.lines)
        if verb == "tell":
            bridge.tell(first / 100, "VIR", day=(D1 + timedelta(days=second)).isoformat(), account_id=account)
        elif verb == "ask":
            ask(company, bridge_connection)
        elif first < len(lines):
            if verb == "delete":
                bridge.delete(lines[first])
            elif not bridge.lines[lines[first]]["deleted"]:
                bridge.change(lines[first], amount=second / 100)
    ask(company, bridge_connection)
    rows = Row.objects.filter(account__identifier=bridge.accounts[-1]["iban"]).exclude(state="removed")
    told = Counter(
        (each["date"], round(each["amount"] * 100)) for each in bridge.lines.values() if not each["deleted"]
    )
    assert Counter((f"{row.booked_date}", row.amount_cents) for row in rows) == told


DAYS = st.sampled_from([D1, D2, D3])
PAYMENTS = st.lists(st.tuples(st.sampled_from([10000, 20000]), DAYS), max_size=5)


@settings(max_examples=200)
@given(
    payments=PAYMENTS,
    cut=st.integers(0, 5),
    order=st.permutations(["feed 1", "feed 2", "file", "file again"]),
)
def test_any_order_of_a_feed_and_a_statement_gives_the_same_lines(payments, cut, order):
    """One bank account, told in two parts by a feed and whole by a statement, each line once."""
    lines = [
        Transaction(booked_date=day, amount_cents=cents, currency="EUR", remittance=f"{place}")
        for place, (cents, day) in enumerate(payments)
    ]
    named = [
        Transaction(
            booked_date=t.booked_date,
            amount_cents=t.amount_cents,
            currency="EUR",
            bank_reference=f"id-{place}",
        )
        for place, t in enumerate(lines)
    ]
    whole = statement(*lines, opening=date(2026, 2, 28), closing=D4)
    deliveries = {
        "feed 1": (Statement(IBAN, "EUR", tuple(named[:cut])), "bridge", "1"),
        "feed 2": (Statement(IBAN, "EUR", tuple(named[cut:])), "bridge", "1"),
        "file": (whole, "cfonb120", ""),
        "file again": (whole, "cfonb120", ""),
    }
    book = AccountBook(IBAN)
    for name in order:
        told, kind, feed = deliveries[name]
        book.take(told, kind=kind, feed=feed)
    held = Counter(
        (each.booked_date, each.amount_cents) for group in book.by_amount.values() for each in group
    )
    assert held == Counter((t.booked_date, t.amount_cents) for t in lines)
    assert len(identities(IBAN, lines)) == len(lines)
