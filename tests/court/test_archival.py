"""What says that it is PDF/A-3b holds what the standard asks of its objects; and the check sees what does not."""

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from encours.actions.attach_paper import attach_paper
from encours.actions.court import archival as standard
from encours.actions.import_file import receive_file, run_import
from encours.queries.files import file_on_disk
from encours.store.models import Document, StoredFile
from tests.court.papers import png
from tests.court.test_building import (
    UBL,
    build,
    lefevre,  # noqa: F401 (a fixture)
)

pytestmark = pytest.mark.django_db


def faults_of(path: Path) -> list[str]:
    with pikepdf.open(path) as pdf:
        return standard.faults_of(pdf)


def path_of(file: StoredFile) -> Path:
    return file_on_disk(file).path


def test_a_court_file_of_archival_papers_and_pictures_is_archival(company, lefevre):  # noqa: F811
    archival = path_of(build(company, lefevre).pdf).read_bytes()
    for kind, name, content in (("delivery_note", "bl.png", png()), ("contract", "contrat.pdf", archival)):
        attach_paper(
            company=company, customer_id=lefevre.pk, kind=kind, name=name, content=content, actor="test"
        )
    built = build(company, lefevre)
    assert built.is_archival
    assert built.page_count > 4
    assert faults_of(path_of(built.pdf)) == []


def test_a_court_file_with_an_electronic_invoice_is_archival(company, tmp_path):
    source = tmp_path / "FE-7.xml"
    source.write_text(UBL)
    run_import(company=company, batch_id=receive_file(company=company, source=source, actor="test").pk)
    built = build(company, Document.objects.get(number="FE-7").customer)
    with pikepdf.open(path_of(built.pdf)) as pdf:
        assert len(pdf.attachments) == 1
    assert faults_of(path_of(built.pdf)) == []


@pytest.fixture
def archival(company, lefevre) -> Path:  # noqa: F811
    return path_of(build(company, lefevre).pdf)


def _javascript(pdf):
    action = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["a", pdf.make_indirect(action)])))


def _no_profile(pdf):
    del pdf.Root["/OutputIntents"]


def _a_font_elsewhere(pdf):
    font = next(each for each in pdf.objects if isinstance(each, Dictionary) and "/FontDescriptor" in each)
    for name in ("/FontFile2", "/FontFile3"):
        if name in font.FontDescriptor:
            del font.FontDescriptor[name]


def _cmyk(pdf):
    pdf.pages[0].contents_add(b"q 0 1 0 0 k Q\n")


def _an_attachment_without_purpose(pdf):
    pdf.attachments["a.txt"] = b"a"
    spec = pdf.attachments["a.txt"].obj
    if "/AFRelationship" in spec:
        del spec["/AFRelationship"]


def _an_annotation_unprinted(pdf):
    square = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([0, 0, 9, 9]))
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(square)])


def _a_blend_mode(pdf):
    pdf.pages[0].Resources["/ExtGState"] = Dictionary(X=Dictionary(BM=Name.Strange))


def _no_claim(pdf):
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        del metadata["pdfaid:part"]


@pytest.mark.parametrize(
    ("spoil", "clauses"),
    [
        (_javascript, {"6.5.1"}),
        (_no_profile, {"6.2.3"}),
        (_a_font_elsewhere, {"6.2.11.4"}),
        (_cmyk, {"6.2.4.3"}),
        (_an_attachment_without_purpose, {"6.8"}),
        (_an_annotation_unprinted, {"6.3.2", "6.3.3"}),
        (_a_blend_mode, {"6.2.10"}),
        (_no_claim, {"6.6.4"}),
    ],
)
def test_the_check_sees_what_is_not_archival(archival, tmp_path, spoil, clauses):
    spoilt = tmp_path / "spoilt.pdf"
    with pikepdf.open(archival) as pdf:
        spoil(pdf)
        pdf.save(spoilt)
    assert {each.partition(" ")[0] for each in faults_of(spoilt)} == clauses


def test_an_encrypted_file_is_none(archival, tmp_path):
    locked = tmp_path / "locked.pdf"
    with pikepdf.open(archival) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user=""))
    assert "6.1.3 encrypted" in faults_of(locked)


def test_a_paper_that_claims_what_it_is_not_makes_no_archival_file(company, lefevre, archival, tmp_path):  # noqa: F811
    spoilt = tmp_path / "spoilt.pdf"
    with pikepdf.open(archival) as pdf:
        _a_font_elsewhere(pdf)
        pdf.save(spoilt)
    attach_paper(
        company=company,
        customer_id=lefevre.pk,
        kind="contract",
        name="c.pdf",
        content=spoilt.read_bytes(),
        actor="test",
    )
    assert not build(company, lefevre).is_archival
