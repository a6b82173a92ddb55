"""Papers: what is taken, what is refused, whose they are."""

import pikepdf
import pytest
from django.utils import timezone

from encours.actions.attach_paper import UnableToAttachPaper, attach_paper, remove_paper
from encours.core.court_files.papers import MAX_BYTES
from encours.queries.papers import paper_file, papers_of
from encours.store.models import JournalEntry, Paper
from encours.store.tenancy import company_scope
from tests import cast
from tests.court.papers import pdf_of, png


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


def attach(company, customer, content, **details):
    given = {"kind": "contract", "name": "contrat.pdf", "actor": "test"} | details
    return attach_paper(company=company, customer_id=customer.pk, content=content, **given)


def test_a_paper_is_kept_by_its_content_and_told_in_the_journal(company, dubois):
    content = pdf_of("CONTRAT")
    paper = attach(company, dubois, content, title="Contrat cadre 2025")
    [row] = papers_of(company=company, customer_id=dubois.pk)
    assert (row.title, row.kind, row.size) == ("Contrat cadre 2025", "contract", len(content))
    assert row.file.path.read_bytes() == content
    assert attach(company, dubois, content).pk == paper.pk
    assert JournalEntry.objects.filter(action="paper.added").count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "paper.empty"),
        (b"<html><script>alert(1)</script></html>", "paper.not_a_paper"),
        (b"MZ\x90\x00 program", "paper.not_a_paper"),
        (b"%PDF-1.7 but nothing of one", "paper.unreadable"),
        (b"\x89PNG\r\n\x1a\n cut", "paper.unreadable"),
        (b"\xff\xd8\xff cut", "paper.unreadable"),
        (b"%PDF-" + b"0" * MAX_BYTES, "paper.too_large"),
    ],
)
def test_what_a_court_could_not_read_is_refused_whatever_its_name(company, dubois, content, code):
    with pytest.raises(UnableToAttachPaper) as refused:
        attach(company, dubois, content, name="contrat.pdf")
    assert refused.value.sentence.code == code
    assert not Paper.objects.exists()


def test_a_locked_pdf_is_refused(company, dubois, tmp_path):
    locked = tmp_path / "locked.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(locked, encryption=pikepdf.Encryption(user="x", owner="y"))
    with pytest.raises(UnableToAttachPaper):
        attach(company, dubois, locked.read_bytes())


def test_a_paper_belongs_to_an_invoice_of_its_own_customer(company, dubois):
    own = cast.invoice(company, dubois, "FA-1", payable_cents=1_000, issue_date=cast.date(2026, 1, 1))
    other = cast.invoice(
        company, cast.late_payer(company), "FA-2", payable_cents=1_000, issue_date=cast.date(2026, 1, 1)
    )
    attach(company, dubois, png(), kind="delivery_note", name="bl.png", document_id=own.pk)
    assert [row.number for row in papers_of(company=company, customer_id=dubois.pk, document_id=own.pk)] == [
        "FA-1"
    ]
    with pytest.raises(UnableToAttachPaper):
        attach(company, dubois, png(), document_id=other.pk)


def test_a_paper_taken_out_is_shown_no_more_and_stays_kept(company, dubois):
    paper = attach(company, dubois, pdf_of("X"))
    assert remove_paper(company=company, paper_id=paper.pk, now=timezone.now(), actor="test")
    assert papers_of(company=company, customer_id=dubois.pk) == []
    assert not remove_paper(company=company, paper_id=paper.pk, now=timezone.now(), actor="test")
    found = paper_file(company=company, paper_id=paper.pk)
    assert found is not None
    assert found[0].path.is_file()


def test_another_company_has_none_of_it(company, dubois, other_company):
    paper = attach(company, dubois, pdf_of("X"))
    with company_scope(other_company.pk):
        assert paper_file(company=other_company, paper_id=paper.pk) is None
        assert papers_of(company=other_company, customer_id=dubois.pk) == []
        with pytest.raises(UnableToAttachPaper):
            attach(other_company, dubois, pdf_of("Y"))
