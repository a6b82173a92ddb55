"""UBL: every official example, read by hand first; then what issuers do beside the rules."""

from datetime import date

import pytest

from encours.providers.invoices.ubl import UblSource
from tests.providers.invoices.samples import Expected, opened, refusal, take, ubl, written

SOURCE = UblSource()

# Read off the files: header, parties, LegalMonetaryTotal/PayableAmount.
KOKSMAAT = Expected(
    "12115118", "invoice", date(2015, 1, 9), date(2015, 1, 9), "EUR", 25033, "De Koksmaat", "ODIN 59"
)
TOSL108 = Expected("TOSL108", "invoice", date(2013, 6, 30), date(2013, 7, 20), "NOK", 80178,
                   "Salescompany ltd.", "The Buyercompany")  # fmt: skip
EXPECTED = {
    "BIS3_Invoice_negativ.XML": Expected(
        "12345", "invoice", date(2019, 1, 25), date(2019, 2, 24), "DKK", -78217943, "Company A", "Company B"
    ),
    "BIS3_Invoice_positive.XML": Expected(
        "12345", "invoice", date(2019, 1, 25), date(2019, 2, 24), "DKK", 78217943, "Company A", "Company B"
    ),
    "guide-example1.xml": KOKSMAAT,
    # 1801.78 with VAT, 1000.00 prepaid
    "guide-example2.xml": TOSL108,
    "guide-example3.xml": Expected(
        "TOSL108", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 112500,
        "SubscriptionSeller", "Buyercompany ltd",
    ),
    "ubl-tc434-creditnote1.xml": Expected(
        "018304 / 28865", "credit_note", date(2019, 9, 23), None, "EUR", 10011,
        "My Supplier Company", "My Customer Company",
    ),
    "ubl-tc434-example1.xml": KOKSMAAT,
    # VAT once more in Swedish crowns: not a second tax
    "ubl-tc434-example10.xml": KOKSMAAT,
    "ubl-tc434-example2.xml": TOSL108,
    "ubl-tc434-example3.xml": Expected(
        "TOSL108", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 200500,
        "SubscriptionSeller", "Buyercompany ltd",
    ),
    "ubl-tc434-example4.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 467500, "SellerCompany", "Buyercompany ltd"
    ),
    # 4675.00 with VAT, half of it prepaid
    "ubl-tc434-example5.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 233750, "SellerCompany", "Buyercompany ltd"
    ),
    "ubl-tc434-example6.xml": Expected(
        "TOSL110", "invoice", date(2013, 4, 10), date(2013, 5, 10), "DKK", 467500, "SellerCompany", "Buyercompany ltd"
    ),
    # "Payment within 30 days" and no date: the customer's terms decide
    "ubl-tc434-example7.xml": Expected(
        "INVOICE_test_7", "invoice", date(2013, 3, 11), None, "SEK", 320000,
        "The Sellercompany Incorporated", "THe Buyercompany",
    ),
    "ubl-tc434-example8.xml": Expected(
        "1100512149", "invoice", date(2014, 11, 10), date(2014, 11, 24), "EUR", 109978, "Enexis B.V.", "Klant"
    ),
    "ubl-tc434-example9.xml": Expected(
        "20150483", "invoice", date(2015, 4, 1), date(2015, 4, 14), "EUR", 17787, "Bluem BV", "Provide Verzekeringen"
    ),
}  # fmt: skip
# (net, tax) and the rows (category, rate, base, tax) of some, read off TaxTotal
VAT = {
    "guide-example1.xml": (22960, 2073, [("S", 600, 18323, 1099), ("S", 2100, 4637, 974)]),
    "guide-example2.xml": (
        143650,
        36528,
        [("S", 2500, 146050, 36513), ("S", 1500, 100, 15), ("E", 0, -2500, 0)],
    ),
    "ubl-tc434-example10.xml": (22960, 2073, [("S", 600, 18323, 1099), ("S", 2100, 4637, 974)]),
    "ubl-tc434-creditnote1.xml": (10011, 0, [("E", 0, 10011, 0)]),
}


def test_every_sample_has_an_expectation(shared_data):
    assert {path.name for path in (shared_data / "einvoice" / "ubl").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_official_examples_are_read_as_a_person_reads_them(shared_data, name):
    path = shared_data / "einvoice" / "ubl" / name
    assert SOURCE.identify(opened(path)) == "ubl"
    taken = take(SOURCE, path)
    assert taken.printed() == EXPECTED[name]
    assert taken.problems == []


@pytest.mark.parametrize("name", VAT)
def test_the_vat_breakdown_is_read_in_the_invoices_currency(shared_data, name):
    taken = take(SOURCE, shared_data / "einvoice" / "ubl" / name)
    rows = taken.frame("vat").select("category", "rate_basis_points", "base_cents", "tax_cents").rows()
    assert (taken.only["net_cents"], taken.only["tax_cents"], rows) == VAT[name]


def test_references_and_identities_of_an_example(shared_data):
    taken = take(SOURCE, shared_data / "einvoice" / "ubl" / "ubl-tc434-example5.xml")
    assert taken.only["purchase_order"] == "PO4711"
    assert taken.only["corrects"] == "TOSL109"
    assert taken.only["payment_reference"] == "Payref1"
    assert taken.customer["vat_number"] == "DK16356607"
    assert taken.customer["contact"] == "John Hansen"
    # the only identifier the buyer of this one has is the seller's number for it
    koksmaat = take(SOURCE, shared_data / "einvoice" / "ubl" / "guide-example1.xml")
    assert koksmaat.customer["code"] == "10202"
    # n/a is what issuers write when there is no order
    assert (
        take(SOURCE, shared_data / "einvoice" / "ubl" / "BIS3_Invoice_positive.XML").only["purchase_order"]
        == ""
    )


def test_an_invoice_of_our_own_is_read_whole(tmp_path):
    taken = take(SOURCE, written(tmp_path, "f.xml", ubl()))
    assert taken.only == {
        "line": 1, "number": "F-2026-001", "type": "invoice", "issue_date": date(2026, 2, 1),
        "due_date": date(2026, 3, 3), "currency": "EUR", "net_cents": 10000, "tax_cents": 2000,
        "payable_cents": 12000, "settled_cents": 0, "party": "552100554", "seller": "Atelier Lumen",
        "seller_siren": "732829320", "buyer": "Boulangerie Martin", "purchase_order": "", "corrects": "",
        "payment_reference": "", "product_type": "", "salesperson": "",
    }  # fmt: skip
    customer = taken.customer
    assert (customer["street"], customer["postcode"], customer["city"], customer["country"]) == (
        "2 rue du Four", "69002", "Lyon", "FR",
    )  # fmt: skip
    assert (customer["contact"], customer["email"]) == ("Luc Martin", "luc@martin.example")


@pytest.mark.parametrize(
    ("root", "code", "expected"),
    [
        ("Invoice", "380", "invoice"),
        ("Invoice", "384", "invoice"),
        ("Invoice", "326", "invoice"),
        ("Invoice", "389", "invoice"),
        ("Invoice", "393", "invoice"),
        ("Invoice", "386", "deposit"),
        ("Invoice", "500", "deposit"),
        ("Invoice", "381", "credit_note"),
        ("CreditNote", "381", "credit_note"),
        ("CreditNote", "261", "credit_note"),
    ],
)
def test_the_type_follows_the_code(tmp_path, root, code, expected):
    due = "" if root == "CreditNote" else "<cbc:DueDate>2026-03-03</cbc:DueDate>"
    assert (
        take(SOURCE, written(tmp_path, "f.xml", ubl(root=root, type_code=code, due=due))).only["type"]
        == expected
    )


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"type_code": "325"}, "einvoice_is_proforma", "type"),
        ({"type_code": "999"}, "einvoice_type_unknown", "type"),
        ({"number": ""}, "einvoice_term_missing", "number"),
        ({"number": "F" * 81}, "einvoice_term_unreadable", "number"),
        ({"currency": ""}, "einvoice_term_missing", "currency"),
        ({"currency": "EURO"}, "einvoice_term_unreadable", "currency"),
        ({"payable": ""}, "einvoice_term_missing", "payable_cents"),
        (
            {"payable": "<cbc:PayableAmount>120,00</cbc:PayableAmount>"},
            "einvoice_term_unreadable",
            "payable_cents",
        ),
        (
            {"payable": "<cbc:PayableAmount>1E3</cbc:PayableAmount>"},
            "einvoice_term_unreadable",
            "payable_cents",
        ),
        (
            {"payable": "<cbc:PayableAmount>120.005</cbc:PayableAmount>"},
            "einvoice_amount_too_precise",
            "payable_cents",
        ),
        (
            {"payable": '<cbc:PayableAmount currencyID="USD">120.00</cbc:PayableAmount>'},
            "einvoice_payable_in_other_currency",
            "payable_cents",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_its_field(tmp_path, changes, code, field):
    problem = refusal(SOURCE, written(tmp_path, "f.xml", ubl(**changes)))
    assert (problem.code, problem.field) == (code, field)


def test_the_refused_amount_is_shown_at_its_line(tmp_path):
    text = ubl(payable="<cbc:PayableAmount>about 120</cbc:PayableAmount>")
    at = next(n for n, line in enumerate(text.splitlines(), start=1) if "about 120" in line)
    assert refusal(SOURCE, written(tmp_path, "f.xml", text)).line == at


def test_more_decimals_than_cents_are_taken_when_they_are_zeros(tmp_path):
    text = ubl(payable="<cbc:PayableAmount>120.0000</cbc:PayableAmount>")
    assert take(SOURCE, written(tmp_path, "f.xml", text)).only["payable_cents"] == 12000


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"gross": "121.00"}, {"einvoice_totals_disagree", "einvoice_payable_disagrees"}),
        ({"tax": "19.00"}, {"einvoice_totals_disagree", "einvoice_vat_disagrees"}),
        ({"extra_totals": "<cbc:PrepaidAmount>20.00</cbc:PrepaidAmount>"}, {"einvoice_payable_disagrees"}),
        ({"gross": "abc"}, {"einvoice_term_unreadable"}),
        ({"due": "<cbc:DueDate>2026-02-30</cbc:DueDate>"}, {"einvoice_term_unreadable"}),
    ],
)
def test_totals_that_disagree_are_a_warning_and_the_payable_amount_stays_as_printed(tmp_path, changes, codes):
    taken = take(SOURCE, written(tmp_path, "f.xml", ubl(**changes)))
    assert {problem.code for problem in taken.problems} == codes
    assert all(problem.severity == "warning" and problem.line for problem in taken.problems)
    assert taken.only["payable_cents"] == 12000


def test_prepaid_and_rounding_are_part_of_the_sum(tmp_path):
    text = ubl(
        extra_totals="<cbc:PrepaidAmount>20.01</cbc:PrepaidAmount><cbc:PayableRoundingAmount>0.01</cbc:PayableRoundingAmount>",
        payable="<cbc:PayableAmount>100.00</cbc:PayableAmount>",
    )
    taken = take(SOURCE, written(tmp_path, "f.xml", text))
    assert (taken.only["payable_cents"], taken.only["settled_cents"], taken.problems) == (10000, 0, [])


def test_instalments_each_have_their_date(tmp_path):
    terms = "".join(
        f"<cac:PaymentTerms><cbc:Amount currencyID='EUR'>{amount}</cbc:Amount>"
        f"<cbc:InstallmentDueDate>{day}</cbc:InstallmentDueDate></cac:PaymentTerms>"
        for day, amount in [("2026-04-03", "80.00"), ("2026-03-03", "40.00")]
    )
    taken = take(SOURCE, written(tmp_path, "f.xml", ubl(due="", terms=terms)))
    assert taken.frame("instalments").rows() == [
        (1, 1, date(2026, 3, 3), 4000),
        (1, 2, date(2026, 4, 3), 8000),
    ]
    assert taken.only["due_date"] == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("note", "due_date"),
    [
        ("30 jours fin de mois", date(2026, 2, 28)),
        ("Net 30. Escompte : néant ; pénalités au taux légal.", date(2026, 2, 4)),
        ("Selon nos conditions générales de 2026", None),  # the customer's terms decide
    ],
)
def test_terms_in_words_give_the_due_date_nothing_else_gives(tmp_path, note, due_date):
    terms = f"<cac:PaymentTerms><cbc:Note>{note}</cbc:Note></cac:PaymentTerms>"
    content = ubl(due="", terms=terms)
    issued = content.replace("<cbc:IssueDate>2026-02-01", "<cbc:IssueDate>2026-01-05")
    taken = take(SOURCE, written(tmp_path, "f.xml", issued))
    assert taken.only["issue_date"] == date(2026, 1, 5)
    assert taken.only["due_date"] == due_date


@pytest.mark.parametrize(
    ("identifiers", "legal", "siren", "siret", "code"),
    [
        # SIRET under its scheme gives the SIREN
        ('<cac:PartyIdentification><cbc:ID schemeID="0009">55210055400013</cbc:ID></cac:PartyIdentification>', "",
         "552100554", "55210055400013", ""),
        # a SIRET where the SIREN belongs
        ("", '<cbc:CompanyID schemeID="0002">55210055400013</cbc:CompanyID>', "552100554", "55210055400013", ""),
        # nine digits without a scheme are a SIREN in France when the check digit says so
        ("", "<cbc:CompanyID>552 100 554</cbc:CompanyID>", "552100554", "", ""),
        ("<cac:PartyIdentification><cbc:ID>123456789</cbc:ID></cac:PartyIdentification>", "", "", "", "123456789"),
        # a French VAT number holds the SIREN
        ("<cac:PartyTaxScheme><cbc:CompanyID>FR 03 552100554</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
         "</cac:TaxScheme></cac:PartyTaxScheme>", "", "552100554", "", ""),
        # so does the electronic address of the reform
        ('<cbc:EndpointID schemeID="0225">552100554_00013</cbc:EndpointID>', "", "552100554", "", ""),
    ],
)  # fmt: skip
def test_the_buyer_is_identified_by_whatever_says_who_it_is(tmp_path, identifiers, legal, siren, siret, code):
    taken = take(SOURCE, written(tmp_path, "f.xml", ubl(buyer_ids=identifiers, buyer_legal=legal)))
    customer = taken.customer
    assert (customer["siren"], customer["siret"], customer["code"]) == (siren, siret, code)


def test_other_messages_of_the_family_are_named(tmp_path):
    order = ubl().replace("Invoice", "Order")
    assert SOURCE.identify(opened(written(tmp_path, "order.xml", order))) == "ubl"
    assert refusal(SOURCE, tmp_path / "order.xml").code == "einvoice_is_order"
