"""Books that were brought in go out again as they were, with what has happened since."""

from datetime import date

import pytest

from encours.actions.import_file import receive_file, run_import
from encours.actions.reconcile import reconcile
from encours.store.models import BookLine, Document
from encours.store.tenancy import company_scope
from tests import cast
from tests.accounting.books import rows
from tests.accounting.conftest import told
from tests.providers.invoices.samples import FEC_COLUMNS, fec, fec_line, receipt, sale, written

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
REAL = {
    "111111111FEC20221231.TXT": (date(2022, 1, 1), date(2024, 12, 31)),
    "123456789FEC20500930.txt": (date(2022, 4, 1), date(2023, 12, 31)),
}


def bring_in(company, path):
    batch = receive_file(company=company, source=path, actor="test")
    outcome = run_import(company=company, batch_id=batch.pk)
    assert outcome.state == "done"
    return outcome


@pytest.fixture
def books(company, tmp_path):
    def brought(*lines: list[str]):
        lines = tuple([*line] for line in lines)
        for line in lines:
            line[FEC_COLUMNS.index("EcritureLib")] = "Saisie"
        return bring_in(company, written(tmp_path, "732829320FEC20261231.txt", fec(*lines)))

    return brought


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_comes_out_as_it_went_in(company, shared_data, export, name):
    path = shared_data / "fec" / name
    bring_in(company, path)
    for _ in range(2):  # a second import changes nothing
        exported = export(*REAL[name], is_draft=True)
        assert rows(exported.content) == rows(path.read_bytes())
        assert exported.problems == ()
        bring_in(company, path)


def test_a_real_file_is_whole_in_the_database(company, shared_data):
    for name in REAL:
        bring_in(company, shared_data / "fec" / name)
    assert BookLine.objects.count() == 934 + 10_756
    assert (
        BookLine.objects.exclude(document_number="").count() + BookLine.objects.exclude(settlement="").count()
        > 100
    )


def test_a_receipt_of_ours_is_lettered_with_an_invoice_of_the_books(company, books, export, settle_accounts):
    """The books know FA-26-1 and not that it was paid; the bank does. AA is taken in the books already."""
    settle_accounts(bank_journal="ENC")
    books(
        *sale(1, "FA-26-1", 12_000),
        *sale(2, "FA-26-2", 6_000, lettering="AA"),
        *receipt(3, (6_000, "AA")),
    )
    cast.bank_line(company, 12_000, "VIR C1 FA-26-1", booked_date=date(2026, 3, 2), bank_reference="BK1")
    reconcile(company=company, on=date(2026, 3, 3), actor="test")
    assert Document.objects.get(number="FA-26-1").open_cents == 0
    exported = export(*YEAR)
    assert [(row[0], row[2], row[4], row[5]) for row in told(exported) if row[2] == "411000"] == [
        ("VE", "411000", 12_000, "AB"),
        ("VE", "411000", 6_000, "AA"),
        ("BQ", "411000", -6_000, "AA"),
        ("ENC", "411000", -12_000, "AB"),
    ]
    assert exported.problems == ()


def test_a_journal_of_ours_that_is_one_of_the_books_too_is_told(company, books, export):
    books(*sale(1, "FA-26-1", 12_000), *receipt(2, (12_000, "")))
    cast.receipt(company, cast.late_payer(company), amount_cents=500, received_date=YEAR[0])
    problems = export(*YEAR, is_draft=True).problems
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("export_shared_journal", "warning")
    ]


def test_what_the_books_hold_is_not_booked_again(company, books, export, settle_accounts):
    settle_accounts(sales_entries=True)
    books(*sale(1, "FA-26-1", 12_000, lettering="A"), *receipt(2, (12_000, "A")), *sale(3, "FA-26-2", -600))
    assert len(told(export(*YEAR))) == 8


def test_a_later_file_replaces_the_entries_it_holds_and_leaves_the_others(company, books, export):
    books(*sale(1, "FA-26-1", 12_000), *sale(2, "FA-26-2", 6_000))
    books(*sale(2, "FA-26-2", 6_000, lettering="A"), *receipt(3, (6_000, "A")))
    assert [(row[0], row[1], row[5]) for row in told(export(*YEAR)) if row[3]] == [
        ("VE", 1, ""),
        ("VE", 2, "A"),
        ("BQ", 3, "A"),
    ]


def test_our_lettering_stays_when_a_later_file_says_the_same_entry_again(company, books, export):
    books(*sale(1, "FA-26-1", 12_000))
    cast.bank_line(company, 12_000, "VIR C1 FA-26-1", booked_date=date(2026, 3, 2))
    reconcile(company=company, on=date(2026, 3, 3), actor="test")
    first = told(export(*YEAR))
    books(*sale(1, "FA-26-1", 12_000), *sale(2, "FA-26-2", 6_000))
    assert [row[5] for row in told(export(*YEAR)) if row[3]] == ["A", "", "A"]
    assert [row[5] for row in first if row[3]] == ["A", "A"]


def test_an_entry_without_customers_is_kept_as_well(company, books, export):
    salary = [
        fec_line("OD", 9, "20260131", "641000", 250_000, 0, piece="PAIE"),
        fec_line("OD", 9, "20260131", "421000", 0, 250_000, piece="PAIE"),
    ]
    books(*sale(1, "FA-26-1", 12_000), *salary)
    assert [(row[2], row[4]) for row in told(export(*YEAR))][-2:] == [
        ("641000", 250_000),
        ("421000", -250_000),
    ]


def test_books_of_another_company_stay_there(company, other_company, books, export):
    books(*sale(1, "FA-26-1", 12_000))
    with company_scope(other_company.pk):
        assert not BookLine.objects.exists()


@pytest.mark.parametrize(
    ("later", "codes"),
    [
        (sale(1, "FA-26-1", 12_000, lettering="Z"), ["Z", "A"]),  # lettered there as well by now
        (sale(1, "FA-26-1", 12_600), ["A", "A"]),  # corrected there
    ],
)
def test_books_that_say_otherwise_later_make_no_entry_of_ours(
    company, books, export, settle_accounts, later, codes
):
    settle_accounts(bank_journal="ENC")
    books(*sale(1, "FA-26-1", 12_000))
    cast.bank_line(company, 12_000, "VIR C1 FA-26-1", booked_date=date(2026, 3, 2))
    reconcile(company=company, on=date(2026, 3, 3), actor="test")
    assert len(told(export(date(2026, 1, 1), date(2026, 6, 30), on=date(2026, 7, 1)))) == 5
    books(*later)
    assert [row[5] for row in told(export(date(2026, 1, 1), date(2026, 9, 30))) if row[3]] == codes
