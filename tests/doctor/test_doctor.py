"""Doctor is well on a sound book, and names each thing that somebody broke behind the product's back."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from encours.actions.allocate import allocate
from encours.actions.apply_credit_notes import apply_credit_notes
from encours.actions.export_entries import export_entries
from encours.actions.reconcile import reconcile
from encours.actions.undo_allocation import undo_allocation
from encours.actions.update_accounting import update_accounting
from encours.core.ledger import Portion
from encours.queries.doctor import DATABASE_RULES, RULES, examine, examine_database
from encours.store.models import JournalEntry, Message, Reminder, Statement, StoredFile
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


@pytest.fixture
def books(company):
    dubois = cast.good_payer(company)
    first = cast.invoice(company, dubois, "FACT-2025-0001", payable_cents=100_000, issue_date=JAN)
    second = cast.invoice(
        company, dubois, "FACT-2025-0002", payable_cents=60_000, issue_date=JAN,
        instalments=[(date(2026, 2, 9), 20_000), (date(2026, 3, 11), 40_000)],
    )  # fmt: skip
    cast.invoice(company, dubois, "FACT-2025-0003", payable_cents=70_000, issue_date=JAN)
    cast.credit_note(company, dubois, "AV-1", payable_cents=10_000, issue_date=JAN, corrects="FACT-2025-0001")
    cast.statement(company, cast.bank_account(company), opening_cents=5_000, closing_cents=83_800)
    cast.bank_line(company, 80_000, "DUBOIS FACT-2025-0002 FACT-2025-0001")
    cast.bank_line(company, -1_200, "FRAIS")
    payment = cast.receipt(company, dubois, amount_cents=90_000, received_date=MARCH)
    made = allocate(
        company=company, payment_id=payment.pk, portions=[Portion(first.pk, 20_000), Portion(second.pk, 5_000)],
        on=MARCH, actor="test",
    )  # fmt: skip
    undo_allocation(company=company, allocation_id=made[0], on=MARCH, actor="test")
    apply_credit_notes(company=company, on=MARCH, actor="test")
    cast.bank_line(company, 70_000, "FACT-2025-0003")
    Statement.objects.update(closing_cents=5_000 + 80_000 - 1_200 + 70_000)
    reconcile(company=company, on=MARCH, actor="test")
    message = Message.objects.create(
        company=company, customer=dubois, channel="email", template="r1", step_code="R+1", currency="EUR",
        amount_cents=1, planned_date=MARCH, state=Message.State.CANCELLED, reason={"code": "x", "params": {}},
    )  # fmt: skip
    Reminder.objects.create(
        company=company,
        customer=dubois,
        message=message,
        document=first,
        due_date=first.due_date,
        step_code="R+1",
        amount_cents=1,
        counts=False,
    )
    update_accounting(company=company, actor="test", values={"sales_entries": True})
    export_entries(company=company, format="fec", from_date=JAN, to_date=MARCH, on=MARCH, actor="test")
    return company


def failing(company) -> dict[str, int]:
    checks = [*examine_database(), *examine(company=company)]
    return {check.name: len(check.rows) for check in checks if not check.ok}


def tamper(*statements: str) -> None:
    """As the superuser and with the triggers asleep, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE encours_app")


def test_a_sound_book_passes_every_check(books):
    assert failing(books) == {}
    assert {check.name for check in examine(company=books)} == {rule.name for rule in RULES}


BREAKAGES = {
    "document_balances": "UPDATE store_document SET open_cents = open_cents - 1 WHERE number = 'FACT-2025-0001'",
    "payment_balances": "UPDATE store_payment SET unallocated_cents = unallocated_cents - 1 WHERE unallocated_cents > 0",
    "customer_balances": "UPDATE store_customerbalance SET owed_cents = owed_cents + 1",
    "open_by_due_date": "DELETE FROM store_openbyduedate WHERE owed_cents > 0",
    "customer_totals": "UPDATE store_customerbalance SET document_count = document_count + 1",
    "daily_flows": "UPDATE store_dailyflow SET movement_count = movement_count + 1 WHERE kind = 'paid'",
    "allocation_pairs": "UPDATE store_movement SET amount_cents = amount_cents + 1 WHERE id = "
    "(SELECT max(id) FROM store_movement WHERE kind = 'allocated')",
    "allocations_within_source": "UPDATE store_allocation SET amount_cents = amount_cents * 50 WHERE undone_at IS NULL",
    "instalments": "DELETE FROM store_instalment WHERE position = 1",
    "matches": "UPDATE store_transaction SET state = 'matched' WHERE amount_cents < 0",
    "journal_chain": "UPDATE store_journalentry SET actor = 'nobody' WHERE sequence = 2",
    "reminders": "UPDATE store_reminder SET counts = true",
    "accounting_entries": "UPDATE store_entryline SET entry_number = '00000099' WHERE entry_id = "
    "(SELECT min(entry_id) FROM store_entryline)",
    "letterings": "DELETE FROM store_letteringpart WHERE id = (SELECT min(id) FROM store_letteringpart)",
    "statements_add_up": "UPDATE store_statement SET closing_cents = closing_cents + 1",
}


@pytest.mark.parametrize("name", sorted(BREAKAGES))
def test_each_broken_invariant_is_named(books, name):
    tamper(BREAKAGES[name])
    found = failing(books)
    assert found.get(name, 0) >= 1


def test_every_rule_is_broken_by_a_test():
    elsewhere = {"stored_files", "references_stay_inside", "row_level_security"}
    assert {rule.name for rule in (*RULES, *DATABASE_RULES)} == BREAKAGES.keys() | elsewhere


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM store_journalentry WHERE sequence = 2",
        "UPDATE store_journalentry SET data = '{\"a\": 1}' WHERE sequence = 1",
        "DELETE FROM store_journalentry WHERE sequence = 1",
    ],
)
def test_no_entry_of_the_journal_can_go_or_change(books, statement):
    assert JournalEntry.objects.count() > 3
    tamper(statement)
    assert "journal_chain" in failing(books)


@pytest.mark.parametrize("state", ["proposed", "new"])
def test_a_matched_line_cannot_lose_its_match(books, state):
    tamper(
        f"UPDATE store_match SET state = '{state if state == 'proposed' else 'undone'}' WHERE state = 'applied'"
    )
    assert "matches" in failing(books)


def test_a_step_counted_twice_is_named(books):
    tamper(
        "DROP INDEX one_reminder_per_step",
        "UPDATE store_message SET state = 'sent'",
        "UPDATE store_reminder SET counts = true",
        "INSERT INTO store_reminder (company_id, customer_id, message_id, document_id, position, due_date, step_code,"
        " cycle, amount_cents, counts, propensity_percent) SELECT company_id, customer_id, message_id, document_id, position, due_date,"
        " step_code, cycle, amount_cents, counts, 100 FROM store_reminder",
    )
    assert failing(books) == {"reminders": 1}


def test_rows_that_refer_to_another_company_are_named(books, other_company):
    tamper(f"UPDATE store_payment SET company_id = {other_company.pk} WHERE unallocated_cents > 0")
    assert "references_stay_inside" in failing(books)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store_document SET customer_id = 0 WHERE number = 'FACT-2025-0003'",
        "UPDATE store_document SET batch_id = 0 WHERE number = 'FACT-2025-0003'",
        "UPDATE store_movement SET customer_id = 0 WHERE payment_id IS NOT NULL",
        "UPDATE store_movement SET customer_id = 0 WHERE document_id IS NOT NULL",
        "UPDATE store_movement SET document_id = 0 WHERE document_id IS NOT NULL",
        "UPDATE store_customerbalance SET customer_id = 0",
        "UPDATE store_reminder SET document_id = 0",
        "UPDATE store_reminder SET message_id = 0",
        "UPDATE store_reminder SET customer_id = 0",
        "UPDATE store_entryline SET movement_id = 0 WHERE movement_id IS NOT NULL",
        "UPDATE store_entryline SET customer_id = 0",
    ],
)
def test_rows_without_what_they_refer_to_are_named(books, statement):
    """The database checks these references by statement or not at all (migrations 0004, 0007, 0008, 0013)."""
    tamper(statement)
    assert "references_stay_inside" in failing(books)


def test_a_file_that_is_gone_or_changed_is_named(books):
    file = StoredFile.objects.first()
    assert file is not None
    path = Path(settings.FILES_FOLDER) / file.sha256[:2] / file.sha256[2:]
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"!")
        assert failing(books) == {"stored_files": 1}
        path.unlink()
        assert failing(books) == {"stored_files": 1}
    finally:
        path.write_bytes(content)


def test_a_table_without_its_policy_is_named(books):
    tamper("DROP POLICY own_company ON store_hold")
    assert failing(books) == {"row_level_security": 1}


def test_a_check_shows_at_most_ten_rows_and_says_what_to_do(books):
    for number in range(15):
        cast.bank_line(books, -100 - number)
    tamper("UPDATE store_transaction SET state = 'matched' WHERE amount_cents < 0")
    (check,) = [check for check in examine(company=books) if check.name == "matches"]
    assert (len(check.rows), check.has_more) == (10, True)
    body = check.as_json("fr")
    assert body["detail"].startswith("Faux : une ligne de banque")
    assert "Encaissements" in body["detail"]


def test_a_statement_told_in_part_by_an_earlier_file_adds_up_by_its_days(books):
    account = cast.bank_account(books)
    cast.statement(
        books, account, opening_cents=5_000, closing_cents=5_000 + 80_000 - 1_200 + 70_000,
        opening_date=MARCH, closing_date=MARCH,
    )  # fmt: skip
    assert failing(books) == {}
