"""Lists of customers."""

from pathlib import Path

import pytest

from encours.ports.files import ImportFile, ReadContext
from encours.providers.invoices.customers_csv import CustomersCsvSource

SOURCE = CustomersCsvSource()


def file_of(tmp_path: Path, text: str, encoding: str = "utf-8") -> ImportFile:
    path = tmp_path / "customers.csv"
    path.write_bytes(text.encode(encoding))
    return ImportFile(path, path.name, path.stat().st_size, path.read_bytes())


def test_a_french_list(tmp_path):
    file = file_of(
        tmp_path,
        "Code;Raison sociale;SIREN;Adresse;CP;Ville;Pays;Courriel;Tél;Interlocuteur;Conditions de règlement;Type client\n"
        "C1;Mairie de Vertou;212 301 730;1 place de la Mairie;44120;Vertou;FRANCE;Compta@Vertou.FR;02 40;Mme Noël;30 jours fin de mois;Collectivité\n",
        "cp1252",
    )
    assert SOURCE.identify(file) == "customers_csv"
    (batch,) = SOURCE.read(file, ReadContext())
    assert batch.documents.is_empty()
    assert batch.parties.select(
        "code", "siren", "country", "email", "contact", "kind", "payment_terms"
    ).rows() == [
        ("C1", "212301730", "FR", "compta@vertou.fr", "Mme Noël", "public_buyer", "30 jours fin de mois")
    ]


def test_doubles_are_put_together_and_the_nameless_refused(tmp_path):
    file = file_of(
        tmp_path, "Code,Name,Email,City\nC1,Acme,,Paris\nC1,Acme,a@acme.example,Lyon\nC2,,b@b.example,Metz\n"
    )
    (batch,) = SOURCE.read(file, ReadContext())
    assert batch.parties.select("code", "email", "city").rows() == [("C1", "a@acme.example", "Paris")]
    assert [(p.line, p.code, p.severity, p.raw) for p in batch.problems] == [
        (4, "customer_without_name", "error", "C2;;b@b.example;Metz".replace(";", ",")),
        (3, "repeated_customer", "warning", ""),
    ]


@pytest.mark.parametrize(
    "header", ["N° facture;Date;Client;TTC", "Date;Libellé;Débit;Crédit", "Client;Solde", "a;b"]
)
def test_other_tables_are_left_to_others(tmp_path, header):
    assert SOURCE.identify(file_of(tmp_path, f"{header}\nx;y;z;t\n")) is None
