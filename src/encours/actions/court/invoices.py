"""Readable copies of invoices: of an electronic original, or of what the books know."""

import re

from encours.actions.court import blocks
from encours.actions.court.blocks import Block, day, euros
from encours.core.court_files.facts import CourtFacts
from encours.core.einvoicing import PrintedInvoice, PrintedParty
from encours.core.letters import Party, grouped_iban
from encours.core.money import Rate
from encours.ports.einvoices import read_printed
from encours.ports.einvoices.lines import PrintedLine
from encours.ports.files import UnableToReadFile
from encours.queries.court_evidence import DocumentEvidence


def books_copy(document: DocumentEvidence, facts: CourtFacts) -> list[Block]:
    """Marked as what it is: a copy from the books, no original."""
    source = f" (fichier {document.file.name})" if document.file else ""
    rows = [("Total hors taxes", euros(document.net_cents))] if document.net_cents is not None else []
    rows += [("TVA", euros(document.tax_cents))] if document.tax_cents is not None else []
    rows += [("Total à payer", euros(document.payable_cents))]
    pages = [
        blocks.note(f"COPIE ÉTABLIE D’APRÈS LES LIVRES DU CRÉANCIER{source}. Elle en reprend les données et n’est pas l’original de la facture."),
        blocks.facts(
            [
                ("Facture", document.number),
                ("Émise le", day(document.issue_date)),
                ("Échéance", day(document.due_date)),
                ("Bon de commande", document.purchase_order),
                ("Vendeur", _party(facts.creditor)),
                ("Client", _party(facts.debtor)),
            ]
        ),
        blocks.sums(rows),
    ]  # fmt: skip
    if document.vat:
        pages.append(
            blocks.table(
                head=["Taux de TVA", "Base", "TVA"],
                align="lrr",
                columns=[1, 0, 0],
                rows=[
                    [Rate(row.rate_basis_points).format("fr"), euros(row.base_cents), euros(row.tax_cents)]
                    for row in document.vat
                ],
            )
        )
    return pages


def readable_copy(document: DocumentEvidence) -> list[Block]:
    """The electronic original in words a person can read; it is attached. Empty when the file cannot be read (again)."""
    if document.file is None or not document.file.path.is_file():
        return []
    try:
        printed, lines = read_printed(document.file.path.read_bytes())
    except UnableToReadFile:
        return []
    return [
        blocks.note(f"REPRÉSENTATION LISIBLE de la facture électronique {document.file.name} (SHA-256 {document.file.sha256}). L’original XML est joint à ce PDF et figure dans l’archive."),
        blocks.facts(
            [
                ("Facture", printed.number),
                ("Émise le", printed.issue_date),
                ("Échéance", ", ".join(term.due_date for term in printed.terms if term.due_date)),
                ("Conditions", printed.payment_terms),
                ("Bon de commande", printed.purchase_order),
                ("Vendeur", _printed_party(printed.seller)),
                ("Client", _printed_party(printed.buyer)),
                ("IBAN", grouped_iban(printed.payee_iban)),
            ]
        ),
        *_lines(lines),
        *_totals(printed),
    ]  # fmt: skip


def _lines(lines: tuple[PrintedLine, ...]) -> list[Block]:
    rows = [
        ["\n".join(filter(None, (line.name, line.description))), _number(line.quantity), _number(line.price), _number(line.vat_rate), _number(line.net)]
        for line in lines
    ]  # fmt: skip
    head = ["Désignation", "Quantité", "Prix", "TVA %", "Total HT"]
    return [blocks.table(head=head, align="lrrrr", columns=[1, 0, 0, 0, 0], rows=rows)] if rows else []


def _totals(printed: PrintedInvoice) -> list[Block]:
    rows = [
        (label, f"{_number(value)} {printed.currency}")
        for label, value in (
            ("Total hors taxes", printed.net), ("TVA", printed.tax), ("Total toutes taxes", printed.gross),
            ("Déjà payé", printed.prepaid), ("À payer", printed.payable),
        )
        if value
    ]  # fmt: skip
    vat = [[f"{_number(row.rate)} %", _number(row.base), _number(row.tax)] for row in printed.vat]
    tables = (
        [blocks.table(head=["Taux de TVA", "Base", "TVA"], align="lrr", columns=[1, 0, 0], rows=vat)]
        if vat
        else []
    )
    return [blocks.sums(rows), *tables]


def _printed_party(party: PrintedParty) -> str:
    place = f"{party.postcode} {party.city}".strip()
    siren = f"{party.legal_id[0]} {party.legal_id[1]}".strip() if party.legal_id[1] else ""
    return "\n".join(
        filter(
            None,
            (party.name, *party.address, place, f"Identifiant {siren}" if siren else "", party.vat_number),
        )
    )


def _party(party: Party) -> str:
    place = f"{party.postcode} {party.city}".strip()
    siren = f"SIREN {party.siren}" if party.siren else ""
    return "\n".join(
        filter(
            None, (f"{party.name} {party.legal_form}".strip(), party.street, place, siren, party.vat_number)
        )
    )


def _number(text: str) -> str:
    """A printed decimal as the French read it; anything else as it stands.

    >>> _number("1234.50"), _number("n/a")
    ('1\\u202f234,50', 'n/a')
    """
    found = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?", text)
    if not found:
        return text
    sign, whole, decimals = found.groups()
    grouped = f"{int(whole):,}".replace(",", "\u202f")
    return f"{sign}{grouped},{decimals}" if decimals else f"{sign}{grouped}"
