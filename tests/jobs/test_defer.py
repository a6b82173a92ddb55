"""Asking for work: in the caller's transaction, once while it waits."""

from datetime import date

from django.db import connection, transaction

from encours.actions.defer_job import defer
from encours.queries.jobs import companies_planned, jobs_waiting


def _names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def test_a_job_waits_for_its_worker(company):
    assert defer("reconcile", company_id=company.pk)
    assert jobs_waiting(company_id=company.pk) == 1
    assert _names() == ["reconcile"]


def test_the_same_job_is_asked_for_once(company):
    assert defer("import_file", company_id=company.pk, batch_id=1)
    assert not defer("import_file", company_id=company.pk, batch_id=1)
    assert defer("import_file", company_id=company.pk, batch_id=2)
    assert _names() == ["import_file", "import_file"]


def test_jobs_of_two_companies_are_two(company, other_company):
    assert defer("reconcile", company_id=company.pk)
    assert defer("reconcile", company_id=other_company.pk)
    assert jobs_waiting(company_id=other_company.pk) == 1


def test_what_runs_beside_waits_for_none_of_the_companys_other_work(company):
    defer("reconcile", company_id=company.pk)
    defer("deliver_webhooks", company_id=company.pk, beside="webhooks")
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [(f"company:{company.pk}",), (f"webhooks:{company.pk}",)]
    assert not defer("deliver_webhooks", company_id=company.pk, beside="webhooks")


def test_work_that_was_rolled_back_was_never_asked_for(company):
    with transaction.atomic():
        assert defer("reconcile", company_id=company.pk)
        transaction.set_rollback(True)
    assert _names() == []


def test_a_refusal_leaves_the_transaction_usable(company):
    with transaction.atomic():
        defer("reconcile", company_id=company.pk)
        defer("reconcile", company_id=company.pk)
        assert defer("send_messages", company_id=company.pk)


def test_which_companies_have_their_plan(company, other_company):
    defer("plan_day", company_id=company.pk, on="2026-03-18")
    defer("plan_day", company_id=other_company.pk, on="2026-03-17")
    assert companies_planned(days=[date(2026, 3, 18)]) == {(company.pk, date(2026, 3, 18))}
    assert companies_planned(days=[]) == set()
