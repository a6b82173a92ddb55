"""UN/CEFACT Cross Industry Invoice after EN 16931: the XML inside a Factur-X PDF."""

from datetime import date
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from encours.demo.characters import Customer
from encours.demo.company import DemoCompany
from encours.demo.files.amounts import with_point
from encours.demo.files.ubl import REVERSE_CHARGE, TYPE_CODES
from encours.demo.invoices import Invoice

_UN = "urn:un:unece:uncefact:data:standard:"
RSM, RAM, UDT = f"{_UN}CrossIndustryInvoice:100", f"{_UN}ReusableAggregateBusinessInformationEntity:100", f"{_UN}UnqualifiedDataType:100"  # fmt: skip
_NAMES = {"rsm": RSM, "ram": RAM, "udt": UDT}
_S: Any = ElementMaker(namespace=RSM, nsmap=_NAMES)
_R: Any = ElementMaker(namespace=RAM, nsmap=_NAMES)
_U: Any = ElementMaker(namespace=UDT, nsmap=_NAMES)


def cii(invoice: Invoice, company: DemoCompany) -> bytes:
    """The document as XML, UTF-8, in the order the schema asks for."""
    transaction = _S.SupplyChainTradeTransaction(
        *(_line(invoice, position) for position in range(1, len(invoice.lines) + 1)),
        _agreement(invoice, company),
        _R.ApplicableHeaderTradeDelivery(),
        _settlement(invoice, company),
    )
    root = _S.CrossIndustryInvoice(
        _S.ExchangedDocumentContext(
            _R.GuidelineSpecifiedDocumentContextParameter(_R.ID("urn:cen.eu:en16931:2017"))
        ),
        _S.ExchangedDocument(
            _R.ID(invoice.number),
            _R.TypeCode(TYPE_CODES[invoice.type]),
            _R.IssueDateTime(_date(invoice.issue_date)),
        ),
        transaction,
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _line(invoice: Invoice, position: int) -> Any:
    line = invoice.lines[position - 1]
    return _R.IncludedSupplyChainTradeLineItem(
        _R.AssociatedDocumentLineDocument(_R.LineID(str(position))),
        _R.SpecifiedTradeProduct(_R.Name(line.label)),
        _R.SpecifiedLineTradeAgreement(
            _R.NetPriceProductTradePrice(_R.ChargeAmount(with_point(line.unit_price_cents)))
        ),
        _R.SpecifiedLineTradeDelivery(
            _R.BilledQuantity(with_point(line.quantity_hundredths), unitCode=line.unit)
        ),
        _R.SpecifiedLineTradeSettlement(
            _R.ApplicableTradeTax(
                _R.TypeCode("VAT"),
                _R.CategoryCode(invoice.vat_category),
                _R.RateApplicablePercent(with_point(invoice.rate_basis_points)),
            ),
            _R.SpecifiedTradeSettlementLineMonetarySummation(_R.LineTotalAmount(with_point(line.net_cents))),
        ),
    )


def _agreement(invoice: Invoice, company: DemoCompany) -> Any:
    agreement = _R.ApplicableHeaderTradeAgreement(
        _R.SellerTradeParty(
            _R.Name(company.name),
            _R.SpecifiedLegalOrganization(_R.ID(company.siren, schemeID="0002")),
            _address(company.street, company.postcode, company.city, "FR"),
            _R.SpecifiedTaxRegistration(_R.ID(company.vat_number, schemeID="VA")),
        ),
        _buyer(invoice.customer),
    )
    if invoice.order:
        agreement.append(_R.BuyerOrderReferencedDocument(_R.IssuerAssignedID(invoice.order)))
    return agreement


def _buyer(buyer: Customer) -> Any:
    party = _R.BuyerTradeParty(_R.ID(buyer.code), _R.Name(buyer.name))
    if buyer.siren:
        party.append(_R.SpecifiedLegalOrganization(_R.ID(buyer.siren, schemeID="0002")))
    party.append(
        _R.DefinedTradeContact(
            _R.PersonName(buyer.contact),
            _R.TelephoneUniversalCommunication(_R.CompleteNumber(buyer.phone)),
            _R.EmailURIUniversalCommunication(_R.URIID(buyer.email)),
        )
    )
    party.append(_address(buyer.street, buyer.postcode, buyer.city, buyer.country))
    party.append(_R.SpecifiedTaxRegistration(_R.ID(buyer.vat_number, schemeID="VA")))
    return party


def _settlement(invoice: Invoice, company: DemoCompany) -> Any:
    settlement = _R.ApplicableHeaderTradeSettlement()
    if invoice.reference:
        settlement.append(_R.PaymentReference(invoice.reference))
    settlement.append(_R.InvoiceCurrencyCode("EUR"))
    settlement.append(
        _R.SpecifiedTradeSettlementPaymentMeans(
            _R.TypeCode("30"),
            _R.PayeePartyCreditorFinancialAccount(_R.IBANID(company.account(invoice.customer.account).iban)),
        )
    )
    tax = _R.ApplicableTradeTax(_R.CalculatedAmount(with_point(invoice.tax_cents)), _R.TypeCode("VAT"))
    if invoice.vat_category == "AE":
        tax.append(_R.ExemptionReason(REVERSE_CHARGE))
    tax.extend(
        [
            _R.BasisAmount(with_point(invoice.net_cents)),
            _R.CategoryCode(invoice.vat_category),
            _R.RateApplicablePercent(with_point(invoice.rate_basis_points)),
        ]
    )
    settlement.append(tax)
    settlement.append(_R.SpecifiedTradePaymentTerms(_R.DueDateDateTime(_date(invoice.due_date))))
    settlement.append(
        _R.SpecifiedTradeSettlementHeaderMonetarySummation(
            _R.LineTotalAmount(with_point(invoice.net_cents)),
            _R.TaxBasisTotalAmount(with_point(invoice.net_cents)),
            _R.TaxTotalAmount(with_point(invoice.tax_cents), currencyID="EUR"),
            _R.GrandTotalAmount(with_point(invoice.payable_cents)),
            _R.DuePayableAmount(with_point(invoice.payable_cents)),
        )
    )
    if invoice.corrects:
        settlement.append(_R.InvoiceReferencedDocument(_R.IssuerAssignedID(invoice.corrects)))
    return settlement


def _address(street: str, postcode: str, city: str, country: str) -> Any:
    return _R.PostalTradeAddress(
        _R.PostcodeCode(postcode), _R.LineOne(street), _R.CityName(city), _R.CountryID(country)
    )


def _date(day: date) -> Any:
    return _U.DateTimeString(f"{day:%Y%m%d}", format="102")
