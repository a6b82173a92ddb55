"""Reading electronic invoices: hardened XML and the bindings of its syntaxes to `core.einvoicing`.

The bindings live here and not in a provider because a hybrid PDF carries the same XML as a bare file.
"""

from dataclasses import replace

from lxml import etree

from encours.core.einvoicing import PrintedInvoice, UnableToInterpret, document_batch, interpret
from encours.core.invoices import DocumentBatch
from encours.core.orders.references import references
from encours.core.wording import Wording
from encours.ports.einvoices import cii, ubl
from encours.ports.einvoices.lines import PrintedLine, lines_of
from encours.ports.einvoices.xml import MAX_XML_BYTES, TOO_LARGE, Root, parse, root_of, sniff_root
from encours.ports.files import ImportFile, UnableToReadFile

NOT_AN_INVOICE = Wording(
    "einvoice_not_an_invoice",
    fr="Ce fichier XML n'est pas une facture UBL ou CII : son élément racine est « {root} ».",
    en="This XML file is no UBL or CII invoice: its root element is “{root}”.",
)
IS_LIFE_CYCLE_MESSAGE = Wording(
    "einvoice_is_life_cycle_message",
    fr="C'est un message de cycle de vie (CDAR) de la réforme de la facture électronique, pas une facture :"
    " les statuts ne sont pas encore repris.",
    en="This is a life-cycle message (CDAR) of the e-invoicing reform, not an invoice: statuses are not taken yet.",
)
IS_ORDER = Wording(
    "einvoice_is_order",
    fr="C'est une commande ou un autre message commercial ({root}), pas une facture : rien n'est dû.",
    en="This is an order or another trade message ({root}), not an invoice: nothing is owed.",
)
IS_OLD_ZUGFERD = Wording(
    "einvoice_is_zugferd_1",
    fr="C'est une facture ZUGFeRD 1.0 (2014), un format abandonné. Demandez un Factur-X (ZUGFeRD 2).",
    en="This is a ZUGFeRD 1.0 invoice (2014), a format given up. Ask for Factur-X (ZUGFeRD 2).",
)

__all__ = ["MAX_XML_BYTES", "identify", "read_file", "read_invoice", "read_printed"]


def identify(head: bytes) -> str:
    """`ubl` or `cii` for a file of that family of standards, "" for anything else. Looks at the root only.

    Messages of the family that are no invoices are recognised too: reading them says what they are.
    """
    root = sniff_root(head)
    if root.namespace.startswith(ubl.FAMILY):
        return "ubl"
    return "cii" if root.namespace.startswith(cii.FAMILY) or root.name == cii.OLD_ROOT else ""


def read_file(file: ImportFile) -> DocumentBatch:
    """The one document of a bare XML file, with the lines of its problems. Raises `UnableToReadFile`."""
    if file.size > MAX_XML_BYTES:
        raise UnableToReadFile(TOO_LARGE(limit=MAX_XML_BYTES // 1024 // 1024))
    return read_invoice(file.path.read_bytes())


def read_invoice(content: bytes, *, with_lines: bool = True) -> DocumentBatch:
    """The one document in the XML. `with_lines`: False when line numbers mean nothing to the reader (a PDF).

    Raises `UnableToReadFile`: broken or hostile XML, another kind of message, a document nothing can be
    asked for.
    """
    tree = parse(content)
    printed = _printed(root_of(tree), tree)
    try:
        invoice, problems = interpret(printed)
    except UnableToInterpret as error:
        line = error.line if with_lines else None
        raise UnableToReadFile(error.sentence, line=line, field=error.field) from error
    if not with_lines:
        problems = tuple(replace(problem, line=None) for problem in problems)
    said = references(
        sales_order=printed.sales_order,
        preceding=printed.preceding_invoices,
        prepaid=printed.prepaid,
        lines=[
            (f"{line.name} {line.description}".strip(), line.net, line.vat_rate) for line in lines_of(tree)
        ],
        currency=invoice.currency,
    )
    return replace(document_batch(invoice, problems), references=said)


def read_printed(content: bytes) -> tuple[PrintedInvoice, tuple[PrintedLine, ...]]:
    """The terms and the lines of the invoice as they are printed, to be shown to a person. Raises `UnableToReadFile`."""
    tree = parse(content)
    return _printed(root_of(tree), tree), lines_of(tree)


def _printed(root: Root, tree: etree._Element) -> PrintedInvoice:
    if root.namespace in ubl.NAMESPACES and root.name in ubl.ROOTS:
        return ubl.printed(tree)
    if root.namespace.startswith(cii.FAMILY) and root.name == cii.ROOT:
        return cii.printed(tree)
    if root.name == cii.STATUS_ROOT:
        raise UnableToReadFile(IS_LIFE_CYCLE_MESSAGE())
    if root.name == cii.OLD_ROOT:
        raise UnableToReadFile(IS_OLD_ZUGFERD())
    if root.namespace.startswith((ubl.FAMILY, cii.FAMILY)):
        raise UnableToReadFile(IS_ORDER(root=root.name))
    raise UnableToReadFile(NOT_AN_INVOICE(root=root.name))
