"""Cross Industry Invoice (UN/CEFACT D16B to D22B): where each business term stands (CEN/TS 16931-3-3).

The XML inside a Factur-X PDF is the same, whatever its profile.
"""

from lxml import etree

from encours.core.einvoicing import PrintedInvoice, PrintedParty, PrintedTerm, PrintedVat
from encours.ports.einvoices.xml import attribute_at, each, first, lines_at, text_at, text_of

FAMILY = "urn:un:unece:uncefact:data:"
ROOT = "CrossIndustryInvoice"
OLD_ROOT = "CrossIndustryDocument"
STATUS_ROOT = "CrossDomainAcknowledgementAndResponse"

_AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
_SETTLEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
_TOTALS = "SpecifiedTradeSettlementHeaderMonetarySummation"
_LINES = {
    "number": "ExchangedDocument/ID",
    "issue_date": "ExchangedDocument/IssueDateTime/DateTimeString",
    "type": "ExchangedDocument/TypeCode",
    "currency": f"{_SETTLEMENT}/InvoiceCurrencyCode",
    "due_date": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms",
    "instalments": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms",
    "buyer": f"{_AGREEMENT}/BuyerTradeParty",
    "vat": f"{_SETTLEMENT}/ApplicableTradeTax",
    "net_cents": f"{_SETTLEMENT}/{_TOTALS}/TaxBasisTotalAmount",
    "tax_cents": f"{_SETTLEMENT}/{_TOTALS}/TaxTotalAmount",
    "gross_cents": f"{_SETTLEMENT}/{_TOTALS}/GrandTotalAmount",
    "prepaid_cents": f"{_SETTLEMENT}/{_TOTALS}/TotalPrepaidAmount",
    "payable_cents": f"{_SETTLEMENT}/{_TOTALS}/DuePayableAmount",
}


def printed(root: etree._Element) -> PrintedInvoice:
    """The terms of a `CrossIndustryInvoice` as they are printed."""
    document = first(root, "ExchangedDocument")
    agreement = first(root, _AGREEMENT)
    settlement = first(root, _SETTLEMENT)
    totals = first(settlement, _TOTALS)
    currency = text_at(settlement, "InvoiceCurrencyCode")
    account = "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"
    terms = each(settlement, "SpecifiedTradePaymentTerms")
    return PrintedInvoice(
        number=text_at(document, "ID"),
        issue_date=text_at(document, "IssueDateTime/DateTimeString"),
        type_code=text_at(document, "TypeCode"),
        currency=currency,
        payable_currency=attribute_at(totals, "DuePayableAmount", "currencyID"),
        purchase_order=text_at(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID"),
        sales_order=text_at(agreement, "SellerOrderReferencedDocument/IssuerAssignedID"),
        preceding_invoices=tuple(
            text_at(each_one, "IssuerAssignedID")
            for each_one in each(settlement, "InvoiceReferencedDocument")
        ),
        preceding_invoice=text_at(settlement, "InvoiceReferencedDocument/IssuerAssignedID"),
        payment_reference=text_at(settlement, "PaymentReference"),
        payee_iban=text_at(settlement, f"{account}/IBANID"),
        payment_terms=next((text for term in terms if (text := text_at(term, "Description"))), ""),
        terms=tuple(_term(term) for term in terms),
        seller=_party(first(agreement, "SellerTradeParty")),
        buyer=_party(first(agreement, "BuyerTradeParty")),
        line_total=text_at(totals, "LineTotalAmount"),
        net=text_at(totals, "TaxBasisTotalAmount"),
        tax=_tax_total(totals, currency),
        gross=text_at(totals, "GrandTotalAmount"),
        prepaid=text_at(totals, "TotalPrepaidAmount"),
        rounding=text_at(totals, "RoundingAmount"),
        payable=text_at(totals, "DuePayableAmount"),
        vat=tuple(_vat(row) for row in each(settlement, "ApplicableTradeTax")),
        lines=lines_at(root, _LINES),
    )


def _term(term: etree._Element) -> PrintedTerm:
    return PrintedTerm(
        due_date=text_at(term, "DueDateDateTime/DateTimeString"),
        amount=text_at(term, "PartialPaymentAmount"),
        discounted=first(term, "ApplicableTradePaymentDiscountTerms") is not None,
    )


def _party(party: etree._Element | None) -> PrintedParty:
    legal = first(party, "SpecifiedLegalOrganization")
    address = first(party, "PostalTradeAddress")
    contact = first(party, "DefinedTradeContact")
    numbers = {attribute_at(tax, "ID", "schemeID"): text_at(tax, "ID")
               for tax in reversed(each(party, "SpecifiedTaxRegistration"))}  # fmt: skip
    identifiers = [*each(party, "ID"), *each(party, "GlobalID")]
    return PrintedParty(
        name=text_at(party, "Name"),
        trading_name=text_at(legal, "TradingBusinessName"),
        identifiers=tuple((node.get("schemeID") or "", text_of(node)) for node in identifiers),
        legal_id=(attribute_at(legal, "ID", "schemeID"), text_at(legal, "ID")),
        vat_number=numbers.get("VA", ""),
        endpoint=(
            attribute_at(party, "URIUniversalCommunication/URIID", "schemeID"),
            text_at(party, "URIUniversalCommunication/URIID"),
        ),
        address=tuple(text_at(address, name) for name in ("LineOne", "LineTwo", "LineThree")),
        city=text_at(address, "CityName"),
        postcode=text_at(address, "PostcodeCode"),
        country=text_at(address, "CountryID"),
        contact=text_at(contact, "PersonName") or text_at(contact, "DepartmentName"),
        phone=text_at(contact, "TelephoneUniversalCommunication/CompleteNumber"),
        email=text_at(contact, "EmailURIUniversalCommunication/URIID"),
    )


def _tax_total(totals: etree._Element | None, currency: str) -> str:
    """BT-110, in the invoice's currency; a second total may be in the accounting currency (BT-111)."""
    for total in each(totals, "TaxTotalAmount"):
        if (total.get("currencyID") or currency) == currency:
            return text_of(total)
    return ""


def _vat(row: etree._Element) -> PrintedVat:
    return PrintedVat(
        category=text_at(row, "CategoryCode"),
        rate=text_at(row, "RateApplicablePercent"),
        base=text_at(row, "BasisAmount"),
        tax=text_at(row, "CalculatedAmount"),
    )
