"""What PostgreSQL upholds whatever the code above does."""

import pytest
from django.db import DatabaseError, connection, transaction

from encours.actions.journal import record
from encours.store.models import Company, Customer, JournalEntry
from encours.store.tenancy import as_owner, company_scope


def test_the_product_works_as_a_role_that_row_level_security_binds(company):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("encours_app", False, False)


def test_every_table_with_a_company_has_its_policy(company):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relkind = 'r' AND a.attname = 'company_id' AND c.relname LIKE 'store_%'
                 AND c.relname <> 'store_membership'
                 AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"""
        )
        assert cursor.fetchall() == []


def test_rows_of_another_company_do_not_exist(company, other_company):
    Customer.objects.create(company=company, code="C1", name="Dupont")
    with company_scope(other_company.pk):
        assert not Customer.objects.exists()
        assert Customer.objects.filter(company=company).update(name="Durand") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Customer.objects.create(company=company, code="C2", name="Intrus")
    assert Customer.objects.get().name == "Dupont"


def test_outside_a_scope_there_are_no_rows_at_all(company):
    Customer.objects.create(company=company, code="C1", name="Dupont")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('encours.company', '', false)")
    assert not Customer.objects.exists()


def test_the_journal_is_chained_and_cannot_be_changed(company):
    for number in range(3):
        record(
            company=company, actor="test", action="thing.happened", subject_type="thing", subject_id=number
        )
    entries = list(JournalEntry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    for before, after in zip(entries, entries[1:], strict=False):
        assert after.previous_hash == before.hash
    for statement in ("UPDATE store_journalentry SET actor = 'x'", "DELETE FROM store_journalentry"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_trigger_holds_for_the_owner_too(committed_db):
    company = Company.objects.create(slug="lumen", name="Atelier Lumen SAS")
    with company_scope(company.pk):
        record(company=company, actor="test", action="thing.happened", subject_type="thing")
    with as_owner(), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE store_journalentry SET actor = 'x'")
