"""CSV exports of the company's invoicing program, in the two dialects it had over the years."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from encours.demo.characters import Customer
from encours.demo.files.amounts import with_comma
from encours.demo.invoices import Invoice

if TYPE_CHECKING:
    from encours.demo.orders import DemoDelivery, DemoOrder

OLD, NEW = "cp1252", "utf-8-sig"  # the program was replaced after the first year

_CUSTOMERS = (
    "Code client;Raison sociale;SIREN;SIRET;N° TVA;Adresse;Code postal;Ville;Pays;Langue;Type de client;Segment;"
    "Secteur;Conditions de règlement;Contact;E-mail;Téléphone;Commercial"
)
_INVOICES = (
    "N° facture;Type;Date facture;Date échéance;Code client;Client;Montant HT;Montant TVA;Montant TTC;Devise;"
    "Bon de commande;Facture d'origine;Référence de paiement;Famille;Commercial"
)
_ORDERS = "N° commande;Date commande;Code client;Client;Réf commande client;Objet;Montant HT;Montant TTC;% acompte;Devise"
_DELIVERIES = "N° BL;N° commande;Date livraison;Désignation;Montant HT"
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


def write_orders(path: Path, orders: Iterable["DemoOrder"]) -> None:
    rows = (
        (
            o.number, f"{o.ordered_date:%d/%m/%Y}", o.customer.code, o.customer.name, o.purchase_order, o.label,
            with_comma(o.net_cents), with_comma(o.payable_cents), str(o.deposit_percent or ""), "EUR",
        )
        for o in orders
    )  # fmt: skip
    _write(path, _ORDERS, rows, encoding=NEW)


def write_deliveries(path: Path, deliveries: Iterable["DemoDelivery"]) -> None:
    rows = ((d.number, d.order, f"{d.day:%d/%m/%Y}", d.label, with_comma(d.net_cents)) for d in deliveries)
    _write(path, _DELIVERIES, rows, encoding=NEW)


def _write(path: Path, header: str, rows: Iterable[tuple[str, ...]], *, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header.split(";"))
        writer.writerows(rows)
