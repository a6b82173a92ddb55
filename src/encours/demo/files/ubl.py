"""UBL 2.1 invoices and credit notes after EN 16931."""

from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from encours.demo.characters import Customer
from encours.demo.company import DemoCompany
from encours.demo.files.amounts import with_point
from encours.demo.invoices import Invoice

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CBC, CAC = f"{_UBL}CommonBasicComponents-2", f"{_UBL}CommonAggregateComponents-2"
_B: Any = ElementMaker(namespace=CBC, nsmap={"cbc": CBC})
_A: Any = ElementMaker(namespace=CAC, nsmap={"cac": CAC})
TYPE_CODES = {"invoice": "380", "deposit": "386", "credit_note": "381"}  # UNTDID 1001
REVERSE_CHARGE = "Autoliquidation, art. 283-2 du CGI / Reverse charge"


def ubl(invoice: Invoice, company: DemoCompany) -> bytes:
    """The document as XML, UTF-8."""
    kind = "CreditNote" if invoice.type == "credit_note" else "Invoice"
    namespace = f"{_UBL}{kind}-2"
    root = etree.Element(f"{{{namespace}}}{kind}", nsmap={None: namespace, "cac": CAC, "cbc": CBC})
    root.extend(_head(invoice, kind))
    root.append(_A.AccountingSupplierParty(_seller(company)))
    root.append(_A.AccountingCustomerParty(_buyer(invoice.customer)))
    root.append(_payment_means(invoice, company))
    root.append(_tax_total(invoice))
    root.append(_totals(invoice))
    root.extend(_line(invoice, kind, position) for position in range(1, len(invoice.lines) + 1))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["cac", "cbc"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(invoice: Invoice, kind: str) -> list[Any]:
    head = [
        _B.CustomizationID("urn:cen.eu:en16931:2017"),
        _B.ID(invoice.number),
        _B.IssueDate(invoice.issue_date.isoformat()),
    ]
    if kind == "Invoice":
        head.append(_B.DueDate(invoice.due_date.isoformat()))
    head += [getattr(_B, f"{kind}TypeCode")(TYPE_CODES[invoice.type]), _B.DocumentCurrencyCode("EUR")]
    if invoice.order:
        head.append(_A.OrderReference(_B.ID(invoice.order)))
    if invoice.corrects:
        head.append(_A.BillingReference(_A.InvoiceDocumentReference(_B.ID(invoice.corrects))))
    return head


def _seller(company: DemoCompany) -> Any:
    return _A.Party(
        _B.EndpointID(company.siren, schemeID="0225"),
        _A.PartyName(_B.Name(company.name)),
        _address(company.street, company.postcode, company.city, "FR"),
        _A.PartyTaxScheme(_B.CompanyID(company.vat_number), _A.TaxScheme(_B.ID("VAT"))),
        _A.PartyLegalEntity(_B.RegistrationName(company.name), _B.CompanyID(company.siren, schemeID="0002")),
        _A.Contact(_B.Telephone(company.phone), _B.ElectronicMail(company.email)),
    )


def _buyer(buyer: Customer) -> Any:
    party = _A.Party()
    if buyer.siren:
        party.append(_B.EndpointID(buyer.siren, schemeID="0225"))
    party.append(_A.PartyIdentification(_B.ID(buyer.code)))
    party.append(_address(buyer.street, buyer.postcode, buyer.city, buyer.country))
    party.append(_A.PartyTaxScheme(_B.CompanyID(buyer.vat_number), _A.TaxScheme(_B.ID("VAT"))))
    legal = _A.PartyLegalEntity(_B.RegistrationName(buyer.name))
    if buyer.siren:
        legal.append(_B.CompanyID(buyer.siren, schemeID="0002"))
    party.append(legal)
    party.append(
        _A.Contact(_B.Name(buyer.contact), _B.Telephone(buyer.phone), _B.ElectronicMail(buyer.email))
    )
    return party


def _address(street: str, postcode: str, city: str, country: str) -> Any:
    return _A.PostalAddress(
        _B.StreetName(street),
        _B.CityName(city),
        _B.PostalZone(postcode),
        _A.Country(_B.IdentificationCode(country)),
    )


def _payment_means(invoice: Invoice, company: DemoCompany) -> Any:
    means = _A.PaymentMeans(_B.PaymentMeansCode("30"))
    if invoice.type == "credit_note":  # where UBL puts the due date of a credit note
        means.append(_B.PaymentDueDate(invoice.due_date.isoformat()))
    if invoice.reference:
        means.append(_B.PaymentID(invoice.reference))
    means.append(_A.PayeeFinancialAccount(_B.ID(company.account(invoice.customer.account).iban)))
    return means


def _tax_total(invoice: Invoice) -> Any:
    category = _A.TaxCategory(_B.ID(invoice.vat_category), _B.Percent(with_point(invoice.rate_basis_points)))
    if invoice.vat_category == "AE":
        category.append(_B.TaxExemptionReason(REVERSE_CHARGE))
    category.append(_A.TaxScheme(_B.ID("VAT")))
    subtotal = _A.TaxSubtotal(
        _amount("TaxableAmount", invoice.net_cents), _amount("TaxAmount", invoice.tax_cents), category
    )
    return _A.TaxTotal(_amount("TaxAmount", invoice.tax_cents), subtotal)


def _totals(invoice: Invoice) -> Any:
    return _A.LegalMonetaryTotal(
        _amount("LineExtensionAmount", invoice.net_cents),
        _amount("TaxExclusiveAmount", invoice.net_cents),
        _amount("TaxInclusiveAmount", invoice.payable_cents),
        _amount("PayableAmount", invoice.payable_cents),
    )


def _line(invoice: Invoice, kind: str, position: int) -> Any:
    line = invoice.lines[position - 1]
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    category = _A.ClassifiedTaxCategory(
        _B.ID(invoice.vat_category),
        _B.Percent(with_point(invoice.rate_basis_points)),
        _A.TaxScheme(_B.ID("VAT")),
    )
    return getattr(_A, f"{kind}Line")(
        _B.ID(str(position)),
        getattr(_B, quantity)(with_point(line.quantity_hundredths), unitCode=line.unit),
        _amount("LineExtensionAmount", line.net_cents),
        _A.Item(_B.Name(line.label), category),
        _A.Price(_amount("PriceAmount", line.unit_price_cents)),
    )


def _amount(name: str, cents: int) -> Any:
    return getattr(_B, name)(with_point(cents), currencyID="EUR")
