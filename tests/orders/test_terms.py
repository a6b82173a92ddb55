"""Payment terms of customers: the caps of the law, revisions with their day and reason, what others would change."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from encours.actions.import_file import receive_file, run_import
from encours.actions.revise_terms import UnableToReviseTerms, apply_terms, change_caps, revise_terms
from encours.core.terms import read_terms
from encours.core.terms_caps import Caps, SectorCap, beyond_cap
from encours.core.terms_what_if import INVOICES, impacts
from encours.queries.terms import customers_beyond_caps, what_if
from encours.store.models import Document, JournalEntry
from tests import cast

JAN, MARCH, APRIL = date(2026, 1, 5), date(2026, 3, 1), date(2026, 4, 1)
RATES = {(2025, 2): 215, (2026, 1): 215}


def said(terms: str, *, kind="company", sector="", is_periodic=False, caps=Caps()) -> str:
    found = beyond_cap(terms=read_terms(terms), kind=kind, sector=sector, is_periodic=is_periodic, caps=caps)
    return found.code if found else ""


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ("60", ""), ("61", "terms.beyond_the_cap"), ("45 FDM", ""), ("FDM 45", ""), ("30 FDM", ""),
        ("46 FDM", "terms.beyond_the_cap"), ("60 FDM", "terms.beyond_the_cap"), ("45 FDM le 10", "terms.beyond_the_cap"),
        ("30 le 10", ""), ("à réception", ""),
    ],
)  # fmt: skip
def test_between_companies(terms, code):
    assert said(terms) == code


def test_periodic_invoices_public_buyers_and_persons():
    assert said("45", is_periodic=True) == ""
    assert said("46", is_periodic=True) == "terms.beyond_the_periodic_cap"
    assert said("45 FDM", is_periodic=True) == "terms.beyond_the_periodic_cap"
    assert said("31", kind="public_buyer") == "terms.beyond_the_public_cap"
    assert said("90", kind="person") == ""


def test_a_sector_has_a_cap_of_its_own():
    caps = Caps(sectors=(SectorCap("Transport", "30", "L441-11 II 5°"),))
    assert said("45", sector="TRANSPORT", caps=caps) == "terms.beyond_the_sector_cap"
    assert said("30", sector="Transport", caps=caps) == ""
    assert said("45", sector="Commerce", caps=caps) == ""
    assert Caps.from_json(caps.as_json()) == caps
    assert Caps().as_json() == {}


def test_the_sentence_names_the_article():
    found = beyond_cap(terms=read_terms("90"), kind="company", sector="", is_periodic=False, caps=Caps())
    assert found is not None
    assert "L441-10 I" in found.say("fr")
    assert "90 jours" in found.say("fr")


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


def revised(
    company, customer, terms: str, from_date: date, *, on: date, reason="Négociation annuelle", **more
):
    return revise_terms(
        company=company, customer_id=customer.pk, terms=terms, from_date=from_date, reason=reason, on=on, actor="test", **more
    )  # fmt: skip


def invoiced(company, tmp_path: Path, *days: date) -> dict[date, date]:
    """Due dates of invoices brought in without one, by their day of issue."""
    path = tmp_path / "factures.csv"
    rows = "".join(f"T-{day:%Y%m%d};{day:%d/%m/%Y};C0001;100,00\n" for day in days)
    path.write_text("N° facture;Date facture;Code client;Montant TTC\n" + rows, "utf-8")
    run_import(company=company, batch_id=receive_file(company=company, source=path, actor="test").pk)
    return dict(
        Document.objects.filter(issue_date__in=days, number__startswith="T-").values_list(
            "issue_date", "due_date"
        )
    )


def test_a_revision_holds_from_its_day_on_and_not_before(company, dubois, tmp_path):
    revised(company, dubois, "45 fin de mois", MARCH, on=MARCH)
    due = invoiced(company, tmp_path, date(2026, 2, 28), MARCH)
    assert due == {date(2026, 2, 28): date(2026, 3, 30), MARCH: date(2026, 4, 30)}


def test_a_revision_to_come_waits_for_its_day(company, dubois, tmp_path):
    revised(company, dubois, "60", APRIL, on=MARCH)
    dubois.refresh_from_db()
    assert dubois.payment_terms == ""
    # an invoice of that day is due by them even before anybody looked
    assert invoiced(company, tmp_path, MARCH, APRIL) == {MARCH: date(2026, 3, 31), APRIL: date(2026, 5, 31)}
    apply_terms(company=company, on=APRIL)
    dubois.refresh_from_db()
    assert dubois.payment_terms == "60"
    assert invoiced(company, tmp_path, date(2026, 3, 2)) == {date(2026, 3, 2): APRIL}


def test_issued_invoices_are_never_edited(company, dubois):
    issued = cast.invoice(company, dubois, "FA-1", payable_cents=10_000, issue_date=JAN)
    revised(company, dubois, "60", date(2025, 1, 1), on=MARCH)
    issued.refresh_from_db()
    assert issued.due_date == date(2026, 2, 4)


def test_the_journal_keeps_from_what_to_what_and_why(company, dubois):
    beyond = revised(company, dubois, "90 jours", MARCH, on=MARCH, reason="Client stratégique")
    assert beyond is not None
    entry = JournalEntry.objects.get(action="terms.revised")
    assert {name: entry.data[name] for name in ("before", "after", "from_date", "reason")} == {
        "before": "", "after": "90", "from_date": "2026-03-01", "reason": "Client stratégique",
    }  # fmt: skip
    assert [row.name for row in customers_beyond_caps(company=company)] == [dubois.name]


@pytest.mark.parametrize(
    ("terms", "reason", "code"),
    [("bientôt", "x", "terms.bad"), ("60", " ", "terms.no_reason"), ("", "x", "terms.same")],
)
def test_what_cannot_be_agreed(company, dubois, terms, reason, code):
    with pytest.raises(UnableToReviseTerms) as refused:
        revised(company, dubois, terms, MARCH, on=MARCH, reason=reason)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_caps_are_the_company_s_to_change(company, dubois):
    revised(company, dubois, "75", MARCH, on=MARCH)
    change_caps(company=company, caps=Caps(net_days=75), forgotten_after_days=15, actor="test")
    assert customers_beyond_caps(company=company) == []
    assert (company.terms_caps, company.forgotten_after_days) == ({"net_days": 75}, 15)


def invoices(*rows: tuple) -> pl.DataFrame:
    """(issue, due, payable, open, paid) in euros of one company."""
    return pl.DataFrame(
        [(rank, 1, "company", "EUR", *row) for rank, row in enumerate(rows)], schema=INVOICES, orient="row"
    )


def test_what_longer_terms_would_change():
    rows = invoices(
        (date(2026, 1, 1), date(2026, 1, 31), 1_000_000, 0, date(2026, 2, 10)),  # 10 days late
        (date(2026, 3, 20), date(2026, 4, 19), 500_000, 500_000, None),
    )
    (found,) = impacts(
        invoices=rows, to=read_terms("60"), on=APRIL, ecb_rates=RATES, financing_basis_points=365
    )
    assert (found.invoice_count, found.moved_count, found.later_count, found.earlier_count) == (2, 2, 2, 0)
    assert (found.term_days_before, found.term_days_after) == (30, 60)
    # paid 10 days late as it is: on 10 February and 29 April; then 30 days later each
    assert [(f"{m.month:%m}", m.before_cents, m.after_cents) for m in found.months] == [
        ("02", 1_000_000, 0), ("03", 0, 1_000_000), ("04", 500_000, 0), ("05", 0, 500_000),
    ]  # fmt: skip
    # 30 days of 15,000.00 a year
    assert found.tied_up_cents == round(1_500_000 * 30 / 365)
    assert found.financing_cents == round(found.tied_up_cents * 0.0365)
    # 10 days at 12.15 %; none when the invoice was due on 2 March
    assert (found.late_interest_before_cents, found.late_interest_after_cents) == (
        round(1_000_000 * 0.1215 * 10 / 365),
        0,
    )


def test_shorter_terms_bring_cash_earlier():
    rows = invoices((date(2026, 1, 1), date(2026, 3, 2), 1_000_000, 0, date(2026, 3, 2)))
    (found,) = impacts(
        invoices=rows, to=read_terms("30"), on=APRIL, ecb_rates=RATES, financing_basis_points=215
    )
    assert (found.earlier_count, found.tied_up_cents) == (1, -round(1_000_000 * 30 / 365))
    assert found.late_interest_after_cents == round(1_000_000 * 0.1215 * 30 / 365)


def test_a_half_year_without_a_rate_is_told_and_bears_nothing():
    rows = invoices((date(2026, 6, 1), date(2026, 7, 1), 1_000_000, 1_000_000, None))
    (found,) = impacts(
        invoices=rows, to=read_terms("60"), on=date(2026, 8, 1), ecb_rates=RATES, financing_basis_points=215
    )
    assert found.unknown_halves == ((2026, 2),)
    assert found.late_interest_before_cents == 0


def test_the_same_terms_change_nothing():
    rows = invoices((date(2026, 1, 1), date(2026, 1, 31), 1_000_000, 1_000_000, None))
    (found,) = impacts(
        invoices=rows, to=read_terms("30"), on=APRIL, ecb_rates=RATES, financing_basis_points=215
    )
    assert (found.moved_count, found.tied_up_cents) == (0, 0)
    assert all(month.change_cents == 0 for month in found.months)


def test_for_a_customer_a_segment_or_all(company, dubois):
    late = cast.late_payer(company)
    for rank, customer in enumerate((dubois, late)):
        cast.invoice(company, customer, f"FA-{rank}", payable_cents=10_000, issue_date=MARCH)
    asked = {"company": company, "to": "60", "on": APRIL}
    assert what_if(**asked).customer_count == 2
    assert what_if(**asked, customer_id=late.pk).customer_count == 1
    assert what_if(**asked, segment="inconnu").impacts == ()
