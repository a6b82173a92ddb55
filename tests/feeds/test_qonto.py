"""Qonto, asked with the organisation's key."""

from datetime import timedelta

import pytest

from encours.actions.connect_bank import ask_for_consent
from encours.actions.sync_bank import sync_bank
from encours.ports.connections import UnableToAsk
from encours.store.models import BankAccount, BankConnection, Company, Statement, Transaction
from tests.feeds.conftest import NOW, Connect, ask, books
from tests.feeds.fake_bank import Refusal
from tests.feeds.fake_qonto import IBAN, LOGIN, FakeQonto

LATER = NOW + timedelta(hours=1)


def test_a_wrong_key_is_refused_when_it_is_given(company: Company, qonto: FakeQonto, connect: Connect):
    connection = connect("qonto", login=LOGIN, secret_key="wrong", base_url=qonto.base_url)
    with pytest.raises(UnableToAsk) as refused:
        ask_for_consent(company=company, connection_id=connection.pk, return_url="", email="", actor="test")
    assert refused.value.sentence.code == "bank_connection.not_let_in"
    connection.refresh_from_db()
    assert connection.state == "pending"


def test_a_line_brings_all_the_bank_knows(
    company: Company, qonto: FakeQonto, qonto_connection: BankConnection
):
    qonto.tell(120000, "BOULANGERIE DUBOIS", "FA-2026-0001")
    ask(company, qonto_connection)
    row = Transaction.objects.get()
    assert (row.amount_cents, row.counterparty_name, row.remittance) == (
        120000,
        "BOULANGERIE DUBOIS",
        "FA-2026-0001",
    )
    assert (row.counterparty_iban, row.operation_code) == ("FR7630006000011234567890189", "income")
    assert BankAccount.objects.get().identifier == IBAN
    told = Statement.objects.get()
    assert (told.closing_cents, f"{told.known_until_date}") == (123456, "2026-03-02")


def test_days_are_those_of_paris(company: Company, qonto: FakeQonto, qonto_connection: BankConnection):
    qonto.tell(100, "A", settled_at="2026-03-02T23:30:00.000Z")
    qonto.tell(200, "B", settled_at="2026-07-02T22:30:00.000Z")
    ask(company, qonto_connection)
    assert [(day, cents) for day, cents, _ in books()] == [("2026-03-03", 100), ("2026-07-03", 200)]


def test_only_completed_lines_count(company: Company, qonto: FakeQonto, qonto_connection: BankConnection):
    pending = qonto.tell(100, "A", status="pending", settled_at=None)
    qonto.tell(200, "B", status="declined", settled_at=None)
    kept = qonto.tell(300, "C")
    ask(company, qonto_connection)
    assert [cents for _, cents, _ in books()] == [300]
    qonto.change(pending, status="completed", settled_at="2026-03-02T08:00:00.000Z")
    qonto.change(kept, status="declined")
    ask(company, qonto_connection, now=LATER)
    assert [cents for _, cents, _ in books()] == [100]


def test_all_pages_of_all_accounts(company: Company, qonto: FakeQonto, qonto_connection: BankConnection):
    qonto.page_size = 10
    qonto.accounts.append(qonto.account("acc-2", "FR7630006000011234567890189"))
    qonto.accounts.append(qonto.account("acc-3", "FR7630004000031234567890143", status="closed"))
    for number in range(25):
        qonto.tell(100 + number, f"CLIENT {number}")
    for number in range(3):
        qonto.tell(-500 - number, "FOURNISSEUR", bank_account_id="acc-2")
    ask(company, qonto_connection)
    assert len(books()) == 28
    assert len(qonto.asked_for("/transactions")) == 4
    qonto.tell(1, "NOUVEAU")
    ask(company, qonto_connection, now=LATER)
    assert qonto.asked_for("/transactions")[-1]["updated_at_from"] == ["2026-03-01T06:00:28.000Z"]
    assert len(books()) == 29


def test_a_line_that_changes_while_pages_are_turned_is_found(
    company: Company, qonto: FakeQonto, qonto_connection: BankConnection
):
    qonto.page_size = 2
    lines = [qonto.tell(100 + number, f"CLIENT {number}") for number in range(5)]

    def meanwhile(path: str) -> None:
        if len(qonto.asked_for("/transactions")) == 2 and "BIS" not in qonto.lines[lines[0]]["reference"]:
            qonto.change(lines[0], reference="BIS")

    qonto.before_answer = meanwhile
    ask(company, qonto_connection)
    ask(company, qonto_connection, now=LATER)
    assert sorted(cents for _, cents, _ in books()) == [100, 101, 102, 103, 104]
    assert Transaction.objects.get(amount_cents=100).remittance == "BIS"


def test_a_bank_that_asks_to_wait_is_left_alone(
    company: Company, qonto: FakeQonto, qonto_connection: BankConnection
):
    qonto.troubles = [
        Refusal(429, Retry_After="Mon, 02 Mar 2026 10:10:00 GMT", Date="Mon, 02 Mar 2026 10:00:00 GMT")
    ]
    synced = sync_bank(company=company, connection_id=qonto_connection.pk, now=NOW, actor="test")
    assert synced.problem.code == "bank_connection.busy"
    qonto_connection.refresh_from_db()
    assert qonto_connection.next_check_at == NOW + timedelta(minutes=10)


def test_a_recalled_transfer_waits_to_be_told_apart(
    company: Company, qonto: FakeQonto, qonto_connection: BankConnection
):
    qonto.tell(-10000, "DUBOIS", operation_type="recall")
    qonto.tell(-10000, "FOURNISSEUR")
    ask(company, qonto_connection)
    assert set(Transaction.objects.values_list("operation_code", "state")) == {
        ("recall", "new"), ("transfer", "set_aside"),
    }  # fmt: skip
