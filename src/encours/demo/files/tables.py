"""CSV exports of the company's invoicing program, in the two dialects it had over the years."""

import csv
from collections.abc import Iterable
from pathlib import Path

from encours.demo.characters import Customer
from encours.demo.files.amounts import with_comma
from encours.demo.invoices import Invoice

OLD, NEW = "cp1252", "utf-8-sig"  # the program was replaced after the first year

_CUSTOMERS = (
    "Code client;Raison sociale;SIREN;SIRET;N° TVA;Adresse;Code postal;Ville;Pays;Langue;Type de client;Segment;"
    "Secteur;Conditions de règlement;Contact;E-mail;Téléphone;Commercial"
)
_INVOICES = (
    "N° facture;Type;Date facture;Date échéance;Code client;Client;Montant HT;Montant TVA;Montant TTC;Devise;"
    "Bon de commande;Facture d'origine;Référence de paiement;Famille;Commercial"
)
_TYPES = {"invoice": "Facture", "credit_note": "Avoir", "deposit": "Acompte"}
_KINDS = {"company": "Entreprise", "public_buyer": "Public"}


def write_customers(path: Path, customers: Iterable[Customer]) -> None:
    rows = (
        (
            c.code, c.name, c.siren, c.siret, c.vat_number, c.street, c.postcode, c.city, c.country, c.language,
            _KINDS[c.kind], c.segment, c.sector, c.terms, c.contact, c.email, c.phone, c.salesperson,
        )
        for c in customers
    )  # fmt: skip
    _write(path, _CUSTOMERS, rows, encoding=NEW)


def write_invoices(path: Path, invoices: Iterable[Invoice], *, encoding: str) -> None:
    rows = (
        (
            i.number, _TYPES[i.type], f"{i.issue_date:%d/%m/%Y}", f"{i.due_date:%d/%m/%Y}", i.customer.code,
            i.customer.name, with_comma(i.net_cents), with_comma(i.tax_cents), with_comma(i.payable_cents), "EUR",
            i.order, i.corrects, i.reference, i.product, i.customer.salesperson,
        )
        for i in invoices
    )  # fmt: skip
    _write(path, _INVOICES, rows, encoding=encoding)


def _write(path: Path, header: str, rows: Iterable[tuple[str, ...]], *, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header.split(";"))
        writer.writerows(rows)
