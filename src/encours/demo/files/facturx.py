"""Factur-X invoices: a PDF/A-3 a person reads, with the CII document a machine reads attached."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import typst

from encours.core.money import Money
from encours.core.wording import format_date
from encours.demo.company import DemoCompany
from encours.demo.files.cii import cii
from encours.demo.files.ubl import REVERSE_CHARGE
from encours.demo.invoices import Invoice

_TEMPLATE = Path(__file__).with_name("invoice.typ")
_TITLES = {
    "fr": {"invoice": "Facture", "credit_note": "Avoir", "deposit": "Facture d'acompte"},
    "en": {"invoice": "Invoice", "credit_note": "Credit note", "deposit": "Deposit invoice"},
}
_FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
# Factur-X 1.0, section 6: the schema is described in the file itself, as PDF/A asks
_XMP = f"""<rdf:Description rdf:about="" xmlns:fx="{_FX}"><fx:DocumentType>INVOICE</fx:DocumentType>\
<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName><fx:Version>1.0</fx:Version>\
<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema\
</pdfaSchema:schema><pdfaSchema:namespaceURI>{_FX}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq>{{properties}}</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag>\
</pdfaExtension:schemas></rdf:Description>"""
_PROPERTIES = {
    "DocumentFileName": "name of the embedded XML invoice file",
    "DocumentType": "INVOICE",
    "Version": "version of the Factur-X standard",
    "ConformanceLevel": "conformance level of the embedded data",
}


class FacturxWriter:
    """Keeps one compiler: fonts are found once, not once per invoice."""

    def __init__(self, company: DemoCompany) -> None:
        self._company = company
        self._compiler = typst.Compiler(str(_TEMPLATE), root=str(_TEMPLATE.parent), ignore_system_fonts=True)

    def write(self, path: Path, invoice: Invoice) -> None:
        inputs = {
            "data": json.dumps(_printed(invoice, self._company), ensure_ascii=False),
            "xml": cii(invoice, self._company).decode(),
        }
        compiled = self._compiler.compile(
            format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=0
        )
        assert isinstance(compiled, bytes)  # a PDF is one file
        path.write_bytes(_declared(compiled))


def _declared(pdf: bytes) -> bytes:
    """The PDF whose metadata says that it is a Factur-X invoice."""
    properties = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text'
        f"</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>"
        f"{description}</pdfaProperty:description></rdf:li>"
        for name, description in _PROPERTIES.items()
    )
    with pikepdf.open(BytesIO(pdf)) as document:
        packet = document.Root.Metadata.read_bytes().decode()
        declared = re.sub(
            "</rdf:RDF>", lambda end: _XMP.format(properties=properties) + end[0], packet, count=1
        )
        document.Root.Metadata = document.make_stream(
            declared.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        written = BytesIO()
        document.save(written, deterministic_id=True, fix_metadata_version=False)
    return written.getvalue()


def _printed(invoice: Invoice, company: DemoCompany) -> dict[str, Any]:
    customer, language = invoice.customer, invoice.customer.language
    fr = language == "fr"

    def money(cents: int) -> str:
        return Money(cents).format(language)

    facts = [
        ("Date", format_date(invoice.issue_date, language)),
        ("Échéance" if fr else "Due date", format_date(invoice.due_date, language)),
        ("Client" if fr else "Customer", customer.code),
    ]
    if invoice.order:
        facts.append(("Commande" if fr else "Order", invoice.order))
    if invoice.corrects:
        facts.append(("Facture d'origine" if fr else "Corrects", invoice.corrects))
    return {
        "title": _TITLES[language][invoice.type],
        "number": invoice.number,
        "language": language,
        "year": invoice.issue_date.year,
        "month": invoice.issue_date.month,
        "day": invoice.issue_date.day,
        "seller": {
            "name": company.name,
            "lines": [company.street, f"{company.postcode} {company.city}", company.phone, company.email],
        },
        "buyer": [
            customer.name,
            customer.street,
            f"{customer.postcode} {customer.city}",
            customer.vat_number,
        ],
        "facts": facts,
        "head": ["Désignation", "Quantité", "Prix unitaire", "Montant HT"]
        if fr
        else ["Description", "Quantity", "Unit price", "Net"],
        "lines": [
            (
                line.label,
                _quantity(line.quantity_hundredths, fr),
                money(line.unit_price_cents),
                money(line.net_cents),
            )
            for line in invoice.lines
        ],
        "totals": [
            ("Total HT" if fr else "Net total", money(invoice.net_cents)),
            (f"{'TVA' if fr else 'VAT'} {invoice.rate_basis_points // 100} %", money(invoice.tax_cents)),
            (_due_label(invoice, fr=fr), money(invoice.payable_cents)),
        ],
        "payment": _payment(invoice, company, fr=fr),
        "terms": _terms(invoice, fr=fr),
        "footer": f"{company.name} {company.legal_form} · SIREN {company.siren} · TVA {company.vat_number}",
    }


def _due_label(invoice: Invoice, *, fr: bool) -> str:
    if invoice.type == "credit_note":
        return "Montant de l'avoir" if fr else "Amount credited"
    return "Net à payer" if fr else "Amount due"


def _payment(invoice: Invoice, company: DemoCompany, *, fr: bool) -> list[str]:
    if invoice.type == "credit_note":
        return ["À déduire de votre prochain règlement." if fr else "To be deducted from your next payment."]
    account, reference = company.account(invoice.customer.account), invoice.reference or invoice.number
    return [
        f"{account.bank} · IBAN {_grouped(account.iban)}",
        f"{'Titulaire : ' if fr else 'Account holder: '}{company.name}",
        f"{'Référence à rappeler : ' if fr else 'Please quote: '}{reference}",
    ]


def _terms(invoice: Invoice, *, fr: bool) -> str:
    """What art. L441-9 of the Code de commerce wants on an invoice between companies."""
    exemption = f"{REVERSE_CHARGE}. " if invoice.vat_category == "AE" else ""
    if fr:
        return exemption + (
            "Pénalités de retard : taux de la Banque centrale européenne majoré de 10 points."
            " Indemnité forfaitaire pour frais de recouvrement : 40 €. Pas d'escompte pour paiement anticipé."
        )
    return exemption + (
        "Late payment interest: main refinancing rate of the European Central Bank plus 10 points."
        " Fixed recovery costs: €40. No discount for early payment."
    )


def _quantity(hundredths: int, fr: bool) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    text = f"{whole}{',' if fr else '.'}{rest:02d}".rstrip("0").rstrip(",.") if rest else str(whole)
    return f"-{text}" if hundredths < 0 else text


def _grouped(iban: str) -> str:
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
