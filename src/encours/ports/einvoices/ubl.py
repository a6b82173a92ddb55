"""UBL 2.x invoices and credit notes: where each business term stands (CEN/TS 16931-3-2)."""

from lxml import etree

from encours.core.einvoicing import PrintedInvoice, PrintedParty, PrintedTerm, PrintedVat
from encours.ports.einvoices.xml import attribute_at, each, first, lines_at, text_at

FAMILY = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOTS = ("Invoice", "CreditNote")
NAMESPACES = (f"{FAMILY}Invoice-2", f"{FAMILY}CreditNote-2")

_TOTALS = "LegalMonetaryTotal"
_LINES = {
    "number": "ID",
    "issue_date": "IssueDate",
    "currency": "DocumentCurrencyCode",
    "due_date": "DueDate",
    "buyer": "AccountingCustomerParty",
    "net_cents": f"{_TOTALS}/TaxExclusiveAmount",
    "tax_cents": "TaxTotal",
    "vat": "TaxTotal",
    "gross_cents": f"{_TOTALS}/TaxInclusiveAmount",
    "prepaid_cents": f"{_TOTALS}/PrepaidAmount",
    "payable_cents": f"{_TOTALS}/PayableAmount",
}


def printed(root: etree._Element) -> PrintedInvoice:
    """The terms of an `Invoice` or `CreditNote` as they are printed."""
    credit_note = etree.QName(root).localname == "CreditNote"
    type_path = "CreditNoteTypeCode" if credit_note else "InvoiceTypeCode"
    currency = text_at(root, "DocumentCurrencyCode")
    totals = first(root, _TOTALS)
    tax = _tax_total(root, currency)
    purchase_order = text_at(root, "OrderReference/ID")
    return PrintedInvoice(
        number=text_at(root, "ID"),
        issue_date=text_at(root, "IssueDate"),
        # UBL leaves the code out when the root says it all
        type_code=text_at(root, type_path) or ("381" if credit_note else "380"),
        currency=currency,
        payable_currency=attribute_at(totals, "PayableAmount", "currencyID"),
        # Peppol wants an order reference or a buyer reference; issuers without one write n/a
        purchase_order="" if purchase_order.casefold() in ("n/a", "na", "-") else purchase_order,
        sales_order=text_at(root, "OrderReference/SalesOrderID"),
        preceding_invoices=tuple(
            text_at(each_one, "InvoiceDocumentReference/ID") for each_one in each(root, "BillingReference")
        ),
        preceding_invoice=text_at(root, "BillingReference/InvoiceDocumentReference/ID"),
        payment_reference=text_at(root, "PaymentMeans/PaymentID"),
        payee_iban=text_at(root, "PaymentMeans/PayeeFinancialAccount/ID"),
        payment_terms=text_at(root, "PaymentTerms/Note"),
        terms=_terms(root),
        seller=_party(first(root, "AccountingSupplierParty/Party")),
        buyer=_party(first(root, "AccountingCustomerParty/Party")),
        line_total=text_at(totals, "LineExtensionAmount"),
        net=text_at(totals, "TaxExclusiveAmount"),
        tax=text_at(tax, "TaxAmount"),
        gross=text_at(totals, "TaxInclusiveAmount"),
        prepaid=text_at(totals, "PrepaidAmount"),
        rounding=text_at(totals, "PayableRoundingAmount"),
        payable=text_at(totals, "PayableAmount"),
        vat=tuple(_vat(row) for row in each(tax, "TaxSubtotal")),
        lines=lines_at(root, _LINES | {"type": type_path}),
    )


def _terms(root: etree._Element) -> tuple[PrintedTerm, ...]:
    """BT-9 of an invoice, or the dates of its payment terms; a credit note has it with the payment means."""
    terms = tuple(
        PrintedTerm(
            due_date=text_at(term, "InstallmentDueDate") or text_at(term, "PaymentDueDate"),
            amount=text_at(term, "Amount"),
        )
        for term in each(root, "PaymentTerms")
    )
    dated = tuple(term for term in terms if term.due_date)
    if len(dated) > 1:
        return dated
    header = PrintedTerm(due_date=text_at(root, "DueDate"))
    if header.due_date:
        return (header,)
    return dated or tuple(
        PrintedTerm(due_date=text_at(means, "PaymentDueDate")) for means in each(root, "PaymentMeans")
    )


def _party(party: etree._Element | None) -> PrintedParty:
    legal = first(party, "PartyLegalEntity")
    address = first(party, "PostalAddress")
    contact = first(party, "Contact")
    vat_numbers = [
        text_at(scheme, "CompanyID")
        for scheme in each(party, "PartyTaxScheme")
        if text_at(scheme, "TaxScheme/ID").upper() in ("VAT", "")
    ]
    return PrintedParty(
        name=text_at(legal, "RegistrationName"),
        trading_name=text_at(party, "PartyName/Name"),
        identifiers=tuple(
            (attribute_at(identifier, "ID", "schemeID"), text_at(identifier, "ID"))
            for identifier in each(party, "PartyIdentification")
        ),
        legal_id=(attribute_at(legal, "CompanyID", "schemeID"), text_at(legal, "CompanyID")),
        vat_number=next((number for number in vat_numbers if number), ""),
        endpoint=(attribute_at(party, "EndpointID", "schemeID"), text_at(party, "EndpointID")),
        address=(
            text_at(address, "StreetName"),
            text_at(address, "AdditionalStreetName"),
            text_at(address, "AddressLine/Line"),
        ),
        city=text_at(address, "CityName"),
        postcode=text_at(address, "PostalZone"),
        country=text_at(address, "Country/IdentificationCode"),
        contact=text_at(contact, "Name"),
        phone=text_at(contact, "Telephone"),
        email=text_at(contact, "ElectronicMail"),
    )


def _tax_total(root: etree._Element, currency: str) -> etree._Element | None:
    """The VAT total in the invoice's currency; a second one may be in the accounting currency (BT-111)."""
    totals = each(root, "TaxTotal")
    own = [total for total in totals if attribute_at(total, "TaxAmount", "currencyID") in (currency, "")]
    return next((total for total in own if first(total, "TaxSubtotal") is not None), own[0] if own else None)


def _vat(row: etree._Element) -> PrintedVat:
    return PrintedVat(
        category=text_at(row, "TaxCategory/ID"),
        rate=text_at(row, "TaxCategory/Percent"),
        base=text_at(row, "TaxableAmount"),
        tax=text_at(row, "TaxAmount"),
    )
