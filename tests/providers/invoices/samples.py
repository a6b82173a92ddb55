"""Invoices written here, in each format, and how a test reads one.

An invoice of Atelier Lumen to Boulangerie Martin: 100.00 without VAT, 20.00 VAT, due 3 March 2026.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import polars as pl
import pytest

from encours.core.invoices import DocumentBatch
from encours.core.problems import Problem
from encours.ports.files import ImportFile, InvoiceSource, ReadContext, UnableToReadFile
from tests.accounting.books import FIELDS as FEC_COLUMNS


@dataclass(frozen=True)
class Expected:
    """What a person reads on a document of one file."""

    number: str
    type: str
    issue_date: date
    due_date: date | None
    currency: str
    payable_cents: int
    seller: str
    buyer: str


@dataclass(frozen=True)
class Refused:
    code: str


@dataclass
class Taken:
    """All batches of one file together."""

    batches: list[DocumentBatch] = field(default_factory=list)

    def frame(self, name: str) -> pl.DataFrame:
        # a table without a row has no batch
        return pl.concat([getattr(batch, name) for batch in (DocumentBatch(), *self.batches)])

    @property
    def documents(self) -> pl.DataFrame:
        return self.frame("documents")

    @property
    def settlements(self) -> pl.DataFrame:
        return self.frame("settlements")

    @property
    def problems(self) -> list[Problem]:
        return [problem for batch in self.batches for problem in batch.problems]

    @property
    def only(self) -> dict[str, Any]:
        return self.documents.row(0, named=True) if self.documents.height == 1 else {}

    @property
    def customer(self) -> dict[str, Any]:
        return self.frame("parties").row(0, named=True)

    def printed(self) -> Expected:
        row = self.only
        return Expected(**{name: row[name] for name in Expected.__dataclass_fields__})


def opened(path: Path) -> ImportFile:
    content = path.read_bytes()
    return ImportFile(path, path.name, len(content), content[:65536])


def take(source: InvoiceSource, path: Path, context: ReadContext | None = None) -> Taken:
    return Taken(list(source.read(opened(path), context or ReadContext())))


def refusal(source: InvoiceSource, path: Path) -> Problem:
    """Why the file is refused, said in both languages; fails when it is not."""
    with pytest.raises(UnableToReadFile) as caught:
        take(source, path)
    problem = caught.value.problem
    assert problem.sentence.say("fr") != problem.sentence.say("en")
    return problem


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ubl(
    *,
    root: str = "Invoice",
    type_code: str = "380",
    number: str = "F-2026-001",
    due: str = "<cbc:DueDate>2026-03-03</cbc:DueDate>",
    currency: str = "EUR",
    payable: str = '<cbc:PayableAmount currencyID="EUR">120.00</cbc:PayableAmount>',
    gross: str = "120.00",
    tax: str = "20.00",
    extra_totals: str = "",
    terms: str = "",
    references: str = "",
    buyer_ids: str = "",
    buyer_legal: str = '<cbc:CompanyID schemeID="0002">552100554</cbc:CompanyID>',
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> str:
    family = "urn:oasis:names:specification:ubl:schema:xsd"
    type_element = f"{root}TypeCode"
    return f"""{prolog}
<{root} xmlns="{family}:{root}-2" xmlns:cac="{family}:CommonAggregateComponents-2" xmlns:cbc="{family}:CommonBasicComponents-2">
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>2026-02-01</cbc:IssueDate>
  {due}
  <cbc:{type_element}>{type_code}</cbc:{type_element}>
  <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
  {references}
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyLegalEntity><cbc:RegistrationName>Atelier Lumen</cbc:RegistrationName>
      <cbc:CompanyID schemeID="0002">732829320</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    {buyer_ids}
    <cac:PostalAddress><cbc:StreetName>2 rue du Four</cbc:StreetName><cbc:CityName>Lyon</cbc:CityName>
      <cbc:PostalZone>69002</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Boulangerie Martin</cbc:RegistrationName>
      {buyer_legal}</cac:PartyLegalEntity>
    <cac:Contact><cbc:Name>Luc Martin</cbc:Name><cbc:ElectronicMail>luc@martin.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingCustomerParty>
  {terms}
  <cac:TaxTotal><cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="{currency}">100.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="{currency}">20.00</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="{currency}">100.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="{currency}">{gross}</cbc:TaxInclusiveAmount>
    {extra_totals}
    {payable}
  </cac:LegalMonetaryTotal>
</{root}>
"""


def cii(
    *,
    root: str = "CrossIndustryInvoice",
    type_code: str = "380",
    number: str = "F-2026-001",
    terms: str = "",
    payable: str = "120.00",
    totals: str = "",
    buyer: str = "",
    settlement: str = "",
) -> str:
    data = "urn:un:unece:uncefact:data:standard"
    due = terms or _cii_term("20260303")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:{root} xmlns:rsm="{data}:{root}:100" xmlns:udt="{data}:UnqualifiedDataType:100"
  xmlns:ram="{data}:ReusableAggregateBusinessInformationEntity:100">
  <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20260201</udt:DateTimeString></ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty><ram:Name>Atelier Lumen</ram:Name>
        <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">732829320</ram:ID></ram:SpecifiedLegalOrganization>
      </ram:SellerTradeParty>
      <ram:BuyerTradeParty>{
        buyer
        or '''<ram:Name>Boulangerie Martin</ram:Name>
        <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">552100554</ram:ID></ram:SpecifiedLegalOrganization>'''
    }
      </ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      {settlement}
      <ram:ApplicableTradeTax><ram:CalculatedAmount>20.00</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
        <ram:BasisAmount>100.00</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
        <ram:RateApplicablePercent>20.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
      {due}
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="EUR">20.00</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>120.00</ram:GrandTotalAmount>{totals}
        <ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:{root}>
"""


def cii_terms(*terms: tuple[str, str]) -> str:
    """Payment terms of (date, amount); an amount `skonto` marks a date up to which a discount is granted."""
    return "".join(_cii_term(day, amount) for day, amount in terms)


def _cii_term(day: str, amount: str = "") -> str:
    partial = "<ram:ApplicableTradePaymentDiscountTerms/>" if amount == "skonto" else ""
    if amount and not partial:
        partial = f"<ram:PartialPaymentAmount>{amount}</ram:PartialPaymentAmount>"
    return (
        '<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format="102">'
        f"{day}</udt:DateTimeString></ram:DueDateDateTime>{partial}</ram:SpecifiedTradePaymentTerms>"
    )


def pdf(path: Path, attachments: dict[str, bytes], *, af_only: bool = False, password: str = "") -> Path:
    """A PDF of one blank page with attachments; `af_only`: listed by /AF and not in the tree of names."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, content in attachments.items():
        if af_only:
            stream = document.make_stream(content)
            stream.Type = pikepdf.Name.EmbeddedFile
            specification = pikepdf.Dictionary(
                Type=pikepdf.Name.Filespec, F=name, UF=name, EF=pikepdf.Dictionary(F=stream)
            )
            document.Root.AF = pikepdf.Array([document.make_indirect(specification)])
        else:
            document.attachments[name] = content
    encryption = pikepdf.Encryption(owner=password, user=password) if password else None
    document.save(path, encryption=encryption or False)
    return path


def euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def fec_line(
    journal: str,
    entry: str | int,
    day: str,
    account: str,
    debit_cents: int,
    credit_cents: int,
    *,
    auxiliary: str = "",
    name: str = "",
    piece: str = "",
    piece_day: str = "",
    label: str = "",
    lettering: str = "",
) -> list[str]:
    return [
        journal, f"Journal {journal}", str(entry), day, account, f"Compte {account}", auxiliary, name, piece,
        piece_day or day, label, euros(debit_cents), euros(credit_cents), lettering, day if lettering else "", day,
        "", "",
    ]  # fmt: skip


def fec(*lines: list[str], separator: str = "\t", columns: list[str] = FEC_COLUMNS) -> str:
    return "\n".join(separator.join(cells) for cells in [columns, *lines]) + "\n"


def sale(
    entry: int,
    piece: str,
    gross: int,
    *,
    customer: str = "C1",
    day: str = "20260115",
    lettering: str = "",
    name="",
) -> list[list[str]]:
    """An invoice at 20 %; a negative amount is a credit note."""
    net = round(gross / 1.2)
    sides = [(gross, "411000", customer), (-net, "706000", ""), (net - gross, "445710", "")]
    return [
        fec_line("VE", entry, day, account, max(cents, 0), max(-cents, 0), auxiliary=auxiliary, piece=piece,
                 name=(name or f"Client {auxiliary}") if auxiliary else "",
                 lettering=lettering if auxiliary else "")
        for cents, account, auxiliary in sides
    ]  # fmt: skip


def receipt(
    entry: int, *parts: tuple[int, str], customer: str = "C1", day: str = "20260210"
) -> list[list[str]]:
    """Money on the bank for (cents, lettering) of one customer; a negative one is money given back."""
    total = sum(cents for cents, _ in parts)
    bank = fec_line("BQ", entry, day, "512000", max(total, 0), max(-total, 0), piece=f"REL{entry}")
    return [bank, *(
        fec_line("BQ", entry, day, "411000", max(-cents, 0), max(cents, 0), auxiliary=customer,
                 name=f"Client {customer}", piece=f"REL{entry}", lettering=code, label="VIR")
        for cents, code in parts
    )]  # fmt: skip
