"""After a large import an index alone answers: the visibility map is there without waiting for autovacuum."""

from datetime import date

from django.db import connection

from encours.actions.create_company import create_company
from encours.actions.tidy_store import tidy_store
from encours.store.statistics import MANY_ROWS
from encours.store.tenancy import company_scope
from tests import cast


def visible_pages() -> tuple[int, int]:
    """Pages of the table of documents, and how many of them everybody sees whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_relation_size('store_document') / current_setting('block_size')::int, relallvisible
               FROM pg_class WHERE relname = 'store_document'"""
        )
        return cursor.fetchone()


def test_much_was_written(committed_db: None):
    company = create_company(name="Lumen", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        for number in range(60):
            cast.invoice(
                company, cast.good_payer(company) if number == 0 else cast.Customer.objects.get(), f"FA-{number}",
                payable_cents=100, issue_date=date(2026, 1, 5),
            )  # fmt: skip
        tidy_store(changed_rows=MANY_ROWS - 1)
        pages, visible = visible_pages()
        assert visible < pages
        tidy_store(changed_rows=MANY_ROWS)
        assert visible_pages() == (pages, pages)
