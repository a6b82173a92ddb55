"""A comparison of rules is made by the worker; one that was given up is left alone."""

from datetime import date

from encours.actions.create_company import create_company
from encours.actions.preview_matching_rules import ask_for_preview, discard_preview
from encours.queries.rules_previews import rules_preview
from encours.store.tenancy import company_scope
from tests import cast
from tests.jobs.test_worker import jobs, work_until_idle


def test_the_worker_compares_what_was_asked_for_and_nothing_that_was_given_up(committed_db):
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        customer = cast.good_payer(company)
        cast.invoice(company, customer, "FA-2026-0102", payable_cents=1_234_500, issue_date=date(2026, 1, 5))
        cast.bank_line(company, 1_209_810, "VIR FA-2026-0102 DUBOIS")
        ask_for_preview(company=company, values={"fee_cents": 0}, actor="test")
        discard_preview(company=company)
        ask_for_preview(company=company, values={"automatic": ["discount"]}, actor="test")
        work_until_idle()
        preview = rules_preview(company=company)
    assert jobs("preview_matching_rules") == [("succeeded", 1), ("succeeded", 1)]
    assert preview is not None
    assert (preview.state, preview.change_counts["matched_more"]) == ("done", 1)
    assert preview.done_units == preview.total_units > 0
