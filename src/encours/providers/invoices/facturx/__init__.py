"""Factur-X and ZUGFeRD 2: a PDF/A-3 that carries its invoice as CII, in every profile."""

from collections.abc import Iterator
from typing import ClassVar

from encours.core.invoices import DocumentBatch
from encours.core.wording import Wording
from encours.ports import einvoices
from encours.ports.files import ImportFile, ReadContext, UnableToReadFile
from encours.providers.invoices.facturx.attachments import Attached, attachments

# Names the standards gave the invoice: Factur-X 1, ZUGFeRD 2.0, ZUGFeRD 1 (read far enough to say so), XRechnung.
INVOICE_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")

NO_ATTACHMENT = Wording(
    "facturx_no_xml",
    fr="Ce PDF ne contient pas de facture électronique : c'est une simple image de facture. Demandez un Factur-X,"
    " ou saisissez la facture par CSV.",
    en="This PDF holds no electronic invoice: it is only the picture of one. Ask for Factur-X, or bring the invoice"
    " in by CSV.",
)
OTHER_ATTACHMENT = Wording(
    "facturx_other_attachment",
    fr="Les pièces jointes de ce PDF ({names}) ne sont pas une facture électronique.",
    en="The attachments of this PDF ({names}) are no electronic invoice.",
)


class FacturXSource:
    """One document per file: the XML decides, the pages are never read."""

    kinds: ClassVar[tuple[str, ...]] = ("facturx",)

    def identify(self, file: ImportFile) -> str | None:
        # readers of PDF accept some bytes of rubbish before the signature
        return "facturx" if b"%PDF-" in file.head[:1024] else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:  # noqa: ARG002 (the port's signature)
        with attachments(file.path) as attached:
            content = _invoice_among(attached).content()
        return iter((einvoices.read_invoice(content, with_lines=False),))


def _invoice_among(attached: list[Attached]) -> Attached:
    """By its standard name; else the first XML: an invoice under a name of its own is an invoice all the same."""
    if not attached:
        raise UnableToReadFile(NO_ATTACHMENT())
    for name in INVOICE_NAMES:
        for one in attached:
            if one.name.casefold() == name:
                return one
    for one in attached:
        if one.name.casefold().endswith(".xml"):
            return one
    raise UnableToReadFile(OTHER_ATTACHMENT(names=", ".join(one.name[:60] for one in attached[:3])))
