"""The books of a year, brought in again and again as the year goes on."""

from pathlib import Path

import pytest

from encours.actions.import_file import receive_file, run_import
from encours.core.imports import ImportOutcome
from encours.store.models import Allocation, Company, Document, Payment
from tests.providers.invoices.samples import fec, fec_line, receipt, sale, written


@pytest.fixture
def year(company, tmp_path):
    def bring_in(*lines: list[str]) -> ImportOutcome:
        path: Path = written(tmp_path, "732829320FEC20261231.txt", fec(*lines))
        batch = receive_file(company=company, source=path, actor="test")
        return run_import(company=company, batch_id=batch.pk)

    return bring_in


def open_by_number(company: Company) -> dict[str, int]:
    return dict(Document.objects.filter(company=company).values_list("number", "open_cents"))


def test_a_later_export_adds_what_is_new_and_what_was_lettered_since(company, year):
    """Opening: C1 owes 36.00 of last year. January: 120.00 invoiced, 50.00 paid and not lettered yet."""
    opening = [
        fec_line(
            "RAN",
            1,
            "20260101",
            "411000",
            3600,
            0,
            auxiliary="C1",
            name="Martin",
            piece="FA-25-9",
            lettering="A",
        ),
        fec_line("RAN", 1, "20260101", "101000", 0, 3600),
    ]

    def january(code: str) -> list[list[str]]:
        return [*sale(2, "FA-26-1", 12000, lettering=code), *receipt(3, (5000, code))]

    year(*opening, *january(""))
    assert open_by_number(company) == {"FA-25-9": 3600, "FA-26-1": 12000}
    assert list(Payment.objects.filter(company=company).values_list("unallocated_cents", flat=True)) == [5000]

    february = [
        *receipt(4, (3600, "A"), (7000, "B")),  # one transfer for both
        *sale(5, "FA-26-2", 6000, day="20260211", lettering="C"),
        *sale(6, "AV-26-1", -2400, day="20260212", lettering="c"),
    ]
    first = year(*opening, *january("B"), *february)
    assert (first.created, first.unchanged, first.refused) == (2, 2, 0)
    assert open_by_number(company) == {"FA-25-9": 0, "FA-26-1": 0, "FA-26-2": 6000, "AV-26-1": -2400}
    assert sorted(
        Payment.objects.filter(company=company).values_list("amount_cents", "unallocated_cents")
    ) == [
        (5000, 0),
        (10600, 0),
    ]
    allocations = Allocation.objects.filter(company=company).count()

    again = year(*opening, *january("B"), *february, *sale(7, "FA-26-3", 1200, day="20260301"))
    assert (again.created, again.unchanged) == (1, 4)
    assert Allocation.objects.filter(company=company).count() == allocations


def test_a_credit_note_lettered_with_its_invoice_settles_it(company, year):
    year(
        *sale(1, "FA-1", 12000, lettering="A"),
        *sale(2, "AV-1", -2000, lettering="A", day="20260120"),
        *receipt(3, (10000, "A")),
    )
    assert open_by_number(company) == {"FA-1": 0, "AV-1": 0}
    used = Allocation.objects.get(company=company, credit_note__number="AV-1")
    assert (used.document.number, used.amount_cents, used.lettering) == ("FA-1", 2000, "A")


def test_next_year_opens_with_what_is_known_already(company, year):
    """The opening of 2027 repeats the open invoice of 2026 under its own number and date."""
    year(*sale(1, "FA-26-1", 12000, day="20261120"))
    opening = [
        fec_line(
            "RAN", 1, "20270101", "411000", 12000, 0, auxiliary="C1", piece="FA-26-1", piece_day="20261120"
        ),
        fec_line("RAN", 1, "20270101", "101000", 0, 12000),
    ]
    outcome = year(*opening, *receipt(2, (12000, ""), day="20270115"))
    assert (outcome.created, outcome.unchanged) == (0, 1)
    assert Document.objects.filter(company=company).count() == 1
