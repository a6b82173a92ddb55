"""The lines of an invoice (BG-25), as they are printed: for a person to read, never to compute with."""

from dataclasses import dataclass

from lxml import etree

from encours.ports.einvoices.xml import attribute_at, each, first, text_at


@dataclass(frozen=True)
class PrintedLine:
    id: str = ""  # BT-126
    name: str = ""  # BT-153
    description: str = ""  # BT-154
    quantity: str = ""  # BT-129
    unit: str = ""  # BT-130
    price: str = ""  # BT-146
    net: str = ""  # BT-131
    vat_rate: str = ""  # BT-152


def lines_of(root: etree._Element) -> tuple[PrintedLine, ...]:
    """Of a UBL invoice or credit note, or of a Cross Industry Invoice; none in profiles without lines."""
    match etree.QName(root).localname:
        case "Invoice":
            return tuple(_ubl(line, "InvoicedQuantity") for line in each(root, "InvoiceLine"))
        case "CreditNote":
            return tuple(_ubl(line, "CreditedQuantity") for line in each(root, "CreditNoteLine"))
        case _:
            path = "SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem"
            return tuple(_cii(line) for line in each(root, path))


def _ubl(line: etree._Element, quantity: str) -> PrintedLine:
    return PrintedLine(
        id=text_at(line, "ID"),
        name=text_at(line, "Item/Name"),
        description=text_at(line, "Item/Description"),
        quantity=text_at(line, quantity),
        unit=attribute_at(line, quantity, "unitCode"),
        price=text_at(line, "Price/PriceAmount"),
        net=text_at(line, "LineExtensionAmount"),
        vat_rate=text_at(line, "Item/ClassifiedTaxCategory/Percent"),
    )


def _cii(line: etree._Element) -> PrintedLine:
    delivery = first(line, "SpecifiedLineTradeDelivery")
    settlement = first(line, "SpecifiedLineTradeSettlement")
    price = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount"
    return PrintedLine(
        id=text_at(line, "AssociatedDocumentLineDocument/LineID"),
        name=text_at(line, "SpecifiedTradeProduct/Name"),
        description=text_at(line, "SpecifiedTradeProduct/Description"),
        quantity=text_at(delivery, "BilledQuantity"),
        unit=attribute_at(delivery, "BilledQuantity", "unitCode"),
        price=text_at(line, price),
        net=text_at(settlement, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"),
        vat_rate=text_at(settlement, "ApplicableTradeTax/RateApplicablePercent"),
    )
