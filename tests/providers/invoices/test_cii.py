"""Cross Industry Invoice: every official example, life-cycle messages, instalments."""

from datetime import date

import pytest

from encours.providers.invoices.cii import CiiSource
from tests.providers.invoices.samples import Expected, cii, cii_terms, opened, refusal, take, written

SOURCE = CiiSource()

TOSL108 = Expected("TOSL108", "invoice", date(2013, 6, 30), date(2013, 7, 20), "NOK", 80178,
                   "Salescompany ltd.", "The Buyercompany")  # fmt: skip
# Read off the files: ExchangedDocument, the parties, DuePayableAmount.
EXPECTED = {
    "CII_business_example_01.xml": TOSL108,
    # due before it was issued: as printed
    "CII_business_example_02.xml": Expected(
        "INV000013", "invoice", date(2013, 8, 25), date(2013, 5, 10), "EUR", 1190, "xxxx", "Buyercompany ltd"
    ),
    "CII_example1.xml": Expected(
        "12115118", "invoice", date(2015, 1, 9), date(2015, 1, 9), "EUR", 25033, "De Koksmaat", "ODIN 59"
    ),
    "CII_example2.xml": TOSL108,
    "CII_example3.xml": Expected(
        "TOSL108", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 112500,
        "SubscriptionSeller", "Buyercompany ltd",
    ),
    "CII_example4.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 467500, "SellerCompany", "Buyercompany ltd"
    ),
    "CII_example5.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 233750, "SellerCompany", "Buyercompany ltd"
    ),
    "CII_example6.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 467500, "SellerCompany", "Buyercompany ltd"
    ),
    "CII_example7.xml": Expected(
        "INVOICE_test_7", "invoice", date(2013, 5, 13), None, "SEK", 320000,
        "The Sellercompany Incorporated", "THe Buyercompany",
    ),
    "CII_example8.xml": Expected(
        "1100512149", "invoice", date(2014, 11, 10), date(2014, 11, 24), "EUR", 109978, "Enexis B.V.", "Klant"
    ),
    "CII_example9.xml": Expected(
        "20150483", "invoice", date(2015, 4, 1), date(2015, 4, 15), "EUR", 17787, "Bluem BV", "Provide Verzekeringen"
    ),
    "XRechnung-O.xml": Expected(
        "150377292", "invoice", date(2021, 1, 14), date(2021, 1, 1), "EUR", 38554460, "XX", "XX"
    ),
}  # fmt: skip


def test_every_sample_has_an_expectation(shared_data):
    assert {path.name for path in (shared_data / "einvoice" / "cii").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_official_examples_are_read_as_a_person_reads_them(shared_data, name):
    path = shared_data / "einvoice" / "cii" / name
    assert SOURCE.identify(opened(path)) == "cii"
    taken = take(SOURCE, path)
    assert taken.printed() == EXPECTED[name]
    assert taken.problems == []


def test_the_same_invoice_in_both_syntaxes_gives_the_same_document(shared_data):
    from encours.providers.invoices.ubl import UblSource

    for number in (1, 2, 4, 5, 6):
        in_cii = take(SOURCE, shared_data / "einvoice" / "cii" / f"CII_example{number}.xml")
        in_ubl = take(UblSource(), shared_data / "einvoice" / "ubl" / f"ubl-tc434-example{number}.xml")
        assert in_cii.only == in_ubl.only
        assert in_cii.frame("vat").equals(in_ubl.frame("vat"))


def test_life_cycle_messages_are_refused_by_name(shared_data):
    messages = sorted((shared_data / "einvoice" / "cdar").iterdir())
    assert len(messages) == 5
    for path in messages:
        assert SOURCE.identify(opened(path)) == "cii"
        assert refusal(SOURCE, path).code == "einvoice_is_life_cycle_message"


@pytest.mark.parametrize(
    ("root", "code"),
    [
        ("SCRDMCCBDACIOMessageStructure", "einvoice_is_order"),
        ("CrossIndustryDocument", "einvoice_is_zugferd_1"),
    ],
)
def test_other_messages_are_refused_by_name(tmp_path, root, code):
    path = written(tmp_path, "m.xml", cii(root=root))
    assert SOURCE.identify(opened(path)) == "cii"
    assert refusal(SOURCE, path).code == code


def test_instalments_of_several_payment_terms(tmp_path):
    text = cii(terms=cii_terms(("20260303", "40.00"), ("20260403", "80.00")))
    taken = take(SOURCE, written(tmp_path, "f.xml", text))
    assert taken.frame("instalments").rows() == [
        (1, 1, date(2026, 3, 3), 4000),
        (1, 2, date(2026, 4, 3), 8000),
    ]
    assert taken.only["due_date"] == date(2026, 4, 3)
    assert taken.problems == []


@pytest.mark.parametrize(
    ("terms", "due_date", "codes"),
    [
        # amounts that do not make the whole
        ([("20260303", "40.00"), ("20260403", "70.00")], date(2026, 4, 3), ["einvoice_instalments_disagree"]),
        ([("20260303", ""), ("20260403", "")], date(2026, 4, 3), ["einvoice_several_due_dates"]),
        # a discount until the 10th is no due date
        ([("20260210", "skonto"), ("20260303", "")], date(2026, 3, 3), []),
        ([("20260210", "skonto")], date(2026, 2, 10), []),
    ],
)
def test_dates_that_are_no_instalments(tmp_path, terms, due_date, codes):
    taken = take(SOURCE, written(tmp_path, "f.xml", cii(terms=cii_terms(*terms))))
    assert taken.only["due_date"] == due_date
    assert taken.frame("instalments").is_empty()
    assert [problem.code for problem in taken.problems] == codes


def test_a_second_vat_total_in_another_currency_is_not_the_tax(tmp_path):
    totals = '<ram:TaxTotalAmount currencyID="GBP">17.40</ram:TaxTotalAmount>'
    taken = take(SOURCE, written(tmp_path, "f.xml", cii(totals=totals)))
    assert taken.only["tax_cents"] == 2000


def test_a_buyer_without_a_name_is_called_by_its_siren_and_one_without_anything_is_refused(tmp_path):
    legal = '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">552100554</ram:ID></ram:SpecifiedLegalOrganization>'
    assert take(SOURCE, written(tmp_path, "a.xml", cii(buyer=legal))).only["buyer"] == "552100554"
    problem = refusal(SOURCE, written(tmp_path, "b.xml", cii(buyer="<ram:Description>?</ram:Description>")))
    assert (problem.code, problem.field) == ("einvoice_term_missing", "buyer")


def test_a_credit_note_names_the_invoice_it_corrects(tmp_path):
    reference = "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>F-2025-9</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"
    taken = take(SOURCE, written(tmp_path, "f.xml", cii(type_code="381", settlement=reference)))
    assert (taken.only["type"], taken.only["corrects"]) == ("credit_note", "F-2025-9")
