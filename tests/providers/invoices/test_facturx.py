"""Factur-X: the published samples in three profiles each, and PDFs that are none."""

import zlib
from dataclasses import replace
from datetime import date

import pikepdf
import pytest

from encours.ports.einvoices import MAX_XML_BYTES
from encours.ports.files import UnableToReadFile
from encours.providers.invoices.facturx import FacturXSource
from tests.providers.invoices.samples import Expected, cii, opened, pdf, refusal, take, ubl, written

SOURCE = FacturXSource()
PROFILES = ("BASIC_WL", "EN_16931", "EXTENDED")

# Read off the XML inside (unpacked with qpdf): header, parties, DuePayableAmount.
F23 = Expected(
    "F20260023", "invoice", date(2026, 1, 31), date(2026, 3, 2), "EUR", 10490, "LE FOURNISSEUR", "LE CLIENT"
)
EXPECTED = {
    "Facture_F20260023-LE_FOURNISSEUR-POUR-LE_CLIENT": F23,
    "Facture_F20260024-LE_FOURNISSEUR-POUR-LE_CLIENT": replace(F23, number="F20260024", payable_cents=10800),
    # 120.00 with VAT, 20.00 paid before
    "Facture_F20260025-LE_FOURNISSEUR-POUR-LE_CLIENT": replace(F23, number="F20260025", payable_cents=10000),
    # 100.00, 10.00 paid before
    "Facture_F20260026-LE_FOURNISSEUR-POUR-LE_CLIENT": replace(F23, number="F20260026", payable_cents=9000),
    # code 393: a factored invoice
    "Facture_UC1_2023020_AFF-LE_FOURNISSEUR-POUR-LACHETEUR": Expected(
        "UC1_2023020_AFF",
        "invoice",
        date(2023, 1, 1),
        date(2023, 1, 31),
        "EUR",
        21600,
        "LE FOURNISSEUR",
        "L'ACHETEUR",
    ),
}
# net, tax, buyer's SIREN, reference asked of the payer, order
FACTS = {
    "F20260023": (10000, 490, "987654321", "F20260023BUYER", "PO201925478"),
    "F20260024": (10000, 800, "987654321", "F20260024BUYER", "PO201925478"),
    "F20260025": (10000, 2000, "987654321", "F20260025BUYER", "PO201925478"),
    "F20260026": (10000, 0, "987654321", "F20260026BUYER", "PO201925478"),
    "UC1_2023020_AFF": (18000, 3600, "200000008", "200000008_UC1_2023020_AFF", "ACHETEUR_BC001"),
}


def test_every_sample_has_an_expectation(shared_data):
    names = {path.name for path in (shared_data / "einvoice" / "facturx").iterdir()}
    assert names == {f"{stem}_{profile}.pdf" for stem in EXPECTED for profile in PROFILES}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stem", EXPECTED)
def test_the_published_samples_are_read_as_a_person_reads_them(shared_data, stem, profile):
    path = shared_data / "einvoice" / "facturx" / f"{stem}_{profile}.pdf"
    assert SOURCE.identify(opened(path)) == "facturx"
    taken = take(SOURCE, path)
    assert taken.printed() == EXPECTED[stem]
    row = taken.only
    facts = (
        row["net_cents"],
        row["tax_cents"],
        row["party"],
        row["payment_reference"],
        row["purchase_order"],
    )
    assert facts == FACTS[row["number"]]
    assert taken.problems == []


@pytest.mark.parametrize("stem", EXPECTED)
def test_the_three_profiles_of_an_invoice_say_the_same(shared_data, stem):
    folder = shared_data / "einvoice" / "facturx"
    first, *others = (take(SOURCE, folder / f"{stem}_{profile}.pdf") for profile in PROFILES)
    for other in others:
        assert other.only == first.only
        assert other.frame("vat").sort("base_cents").equals(first.frame("vat").sort("base_cents"))


@pytest.mark.parametrize(
    "name",
    [
        "factur-x.xml",
        "ZUGFeRD-invoice.xml",
        "zugferd-invoice.xml",
        "xrechnung.xml",
        "FACTUR-X.XML",
        "f123.xml",
    ],
)
@pytest.mark.parametrize("af_only", [False, True])
def test_the_xml_is_found_under_every_name_it_was_given(tmp_path, name, af_only):
    path = pdf(tmp_path / "f.pdf", {name: cii().encode()}, af_only=af_only)
    assert take(SOURCE, path).only["payable_cents"] == 12000


def test_the_standard_name_wins_over_another_xml(tmp_path):
    path = pdf(tmp_path / "f.pdf", {"a-delivery.xml": b"<delivery/>", "factur-x.xml": cii().encode()})
    assert take(SOURCE, path).only["number"] == "F-2026-001"


def test_ubl_inside_a_pdf_is_read_too(tmp_path):
    path = pdf(tmp_path / "f.pdf", {"xrechnung.xml": ubl().encode()})
    assert take(SOURCE, path).only["number"] == "F-2026-001"


@pytest.mark.parametrize(
    ("attachments", "code"),
    [
        ({}, "facturx_no_xml"),
        ({"delivery.pdf": b"%PDF-1.4"}, "facturx_other_attachment"),
        ({"data.xml": b"<data/>"}, "einvoice_not_an_invoice"),
        ({"factur-x.xml": b""}, "empty_file"),
        ({"factur-x.xml": b"<rsm:Cross"}, "xml_broken"),
        ({"order-x.xml": cii(root="SCRDMCCBDACIOMessageStructure").encode()}, "einvoice_is_order"),
        (
            {"cdar.xml": cii(root="CrossDomainAcknowledgementAndResponse").encode()},
            "einvoice_is_life_cycle_message",
        ),
        ({"factur-x.xml": cii(payable="x").encode()}, "einvoice_term_unreadable"),
    ],
)
def test_a_pdf_without_an_invoice_says_what_it_is(tmp_path, attachments, code):
    problem = refusal(SOURCE, pdf(tmp_path / "f.pdf", attachments))
    assert problem.code == code
    # a line of the XML inside means nothing to somebody who has a PDF
    assert problem.line is None or code.startswith("xml_")


def test_an_encrypted_pdf_is_refused(tmp_path):
    path = pdf(tmp_path / "f.pdf", {"factur-x.xml": cii().encode()}, password="secret")
    assert refusal(SOURCE, path).code == "pdf_encrypted"


def test_a_pdf_cut_short_is_refused_or_read_whole(tmp_path, shared_data):
    """What stands before the cut is found again without the table of contents: whole, or not at all."""
    path = (
        shared_data / "einvoice" / "facturx" / "Facture_F20260024-LE_FOURNISSEUR-POUR-LE_CLIENT_BASIC_WL.pdf"
    )
    content, whole = path.read_bytes(), take(SOURCE, path).only
    for share in range(5, 100, 5):
        cut = written(tmp_path, "cut.pdf", content[: len(content) * share // 100])
        try:
            assert take(SOURCE, cut).only == whole
        except UnableToReadFile as error:
            refused = error.problem.code
            assert refused in {"pdf_broken", "facturx_no_xml", "pdf_attachment_unreadable"}, share
    assert refusal(SOURCE, written(tmp_path, "cut.pdf", content[:2000])).code in {
        "pdf_broken",
        "facturx_no_xml",
    }


def test_a_bomb_is_not_unpacked(tmp_path):
    document = pikepdf.new()
    document.add_blank_page()
    stream = pikepdf.Stream(document, zlib.compress(b" " * (MAX_XML_BYTES + 1000)))
    stream.Filter = pikepdf.Name.FlateDecode
    specification = pikepdf.Dictionary(F="factur-x.xml", EF=pikepdf.Dictionary(F=stream))
    document.Root.AF = pikepdf.Array([document.make_indirect(specification)])
    document.save(tmp_path / "bomb.pdf", compress_streams=False)
    assert refusal(SOURCE, tmp_path / "bomb.pdf").code == "pdf_attachment_too_large"


def test_rubbish_where_attachments_belong_is_no_crash(tmp_path):
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.AF = pikepdf.Array(
        [1, pikepdf.Name.X, pikepdf.Dictionary(EF=3), pikepdf.Dictionary(EF=pikepdf.Dictionary(F=1))]
    )
    document.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array(["a", 1])))
    document.save(tmp_path / "odd.pdf")
    assert refusal(SOURCE, tmp_path / "odd.pdf").code in ("facturx_no_xml", "pdf_broken")
