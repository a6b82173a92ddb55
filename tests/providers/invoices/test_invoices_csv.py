"""Lists of invoices as accounting packages export them."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from encours.core.invoices import DocumentBatch
from encours.ports.files import ImportFile, ReadContext, UnableToReadFile
from encours.ports.tables import delimited
from encours.providers.invoices.invoices_csv import InvoicesCsvSource
from encours.providers.invoices.invoices_csv.columns import VOCABULARY

SOURCE = InvoicesCsvSource()


def file_of(path: Path) -> ImportFile:
    content = path.read_bytes()
    return ImportFile(path, path.name, len(content), content[: 1 << 16])


def read(
    tmp_path: Path, text: str, *, encoding: str = "utf-8", context: ReadContext | None = None
) -> DocumentBatch:
    """All batches of a list as one."""
    path = tmp_path / "invoices.csv"
    path.write_bytes(text.encode(encoding))
    batches = list(SOURCE.read(file_of(path), context or ReadContext()))
    return DocumentBatch(
        documents=pl.concat([b.documents for b in batches]),
        parties=pl.concat([b.parties for b in batches]),
        vat=pl.concat([b.vat for b in batches]),
        instalments=pl.concat([b.instalments for b in batches]),
        settlements=pl.concat([b.settlements for b in batches]),
        problems=tuple(p for b in batches for p in b.problems),
    )


def rows(batch: DocumentBatch, *names: str) -> list[tuple]:
    return batch.documents.select(names).rows()


def test_a_french_export(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Date d'échéance;Code client;Raison sociale;SIRET;CP;Ville;Montant HT;TVA;Montant TTC;Devise\n"
        "FA-001;31/01/2026;02/03/2026;C1;Hôtel de l'Épée;732 829 320 00074;44000;Nantes;1 000,00;200,00;1 200,00;EUR\n"
        "FA-002;01/02/2026;;C2;Dupont SA;;35000;Rennes;10,50;2,10;12,60;€\n",
        encoding="cp1252",
    )
    assert batch.problems == ()
    assert rows(batch, "line", "number", "type", "issue_date", "due_date", "currency", "net_cents", "tax_cents", "payable_cents", "buyer") == [
        (2, "FA-001", "invoice", date(2026, 1, 31), date(2026, 3, 2), "EUR", 100000, 20000, 120000, "Hôtel de l'Épée"),
        (3, "FA-002", "invoice", date(2026, 2, 1), None, "EUR", 1050, 210, 1260, "Dupont SA"),
    ]  # fmt: skip
    assert batch.parties.select("party", "code", "siren", "siret", "city").rows() == [
        ("code:C1", "C1", "732829320", "73282932000074", "Nantes"),
        ("code:C2", "C2", "", "", "Rennes"),
    ]


def test_an_english_export_with_american_dates(tmp_path):
    batch = read(
        tmp_path,
        "Invoice Number,Invoice Date,Due Date,Customer,VAT Number,Total Amount,Balance Due,Terms\n"
        'INV-1,01/15/2026,02/14/2026,Acme Ltd,GB123456789,"1,234.56","1,000.00",Net 30\n'
        "INV-2,03/04/2026,,Acme Ltd,GB123456789,99.00,0.00,Net 30\n",
    )
    assert batch.problems == ()
    assert rows(batch, "issue_date", "due_date", "payable_cents", "settled_cents") == [
        (date(2026, 1, 15), date(2026, 2, 14), 123456, 23456),
        (date(2026, 3, 4), date(2026, 4, 3), 9900, 9900),
    ]
    assert batch.parties.select("party", "payment_terms").rows() == [("vat:GB123456789", "Net 30")]


def test_credit_notes_by_sign_and_by_type(tmp_path):
    batch = read(
        tmp_path,
        "Numéro;Type;Date;Client;Montant HT;TVA;TTC\n"
        "A1;Avoir;2026-01-01;X;100;20;120\nA2;AV;2026-01-01;X;-100;-20;-120\nA3;Facture;2026-01-01;X;-100;-20;-120\n"
        "D1;Facture d'acompte;2026-01-01;X;100;20;120\nF1;FA;2026-01-01;X;100;20;120\nR1;Règlement;2026-01-01;X;100;20;120\n",
    )
    assert rows(batch, "number", "type", "net_cents", "tax_cents", "payable_cents") == [
        ("A1", "credit_note", 10000, 2000, 12000), ("A2", "credit_note", 10000, 2000, 12000),
        ("A3", "credit_note", 10000, 2000, 12000), ("D1", "deposit", 10000, 2000, 12000),
        ("F1", "invoice", 10000, 2000, 12000),
    ]  # fmt: skip
    assert [(p.code, p.line, p.field) for p in batch.problems] == [("unknown_document_type", 7, "type")]


def test_refused_lines_say_where_and_why_and_keep_what_came(tmp_path):
    batch = read(
        tmp_path,
        "N° pièce;Date;Échéance;Client;Montant TTC;Devise;Reste dû\n"
        "F1;2026-01-01;;X;10,00;EUR;\n"
        "F2;31/02/2026;;X;10,00;EUR;\n"
        "F3;2026-01-01;bientôt;X;10,00;EUR;\n"
        "F4;2026-01-01;;X;dix;EUR;\n"
        ";2026-01-01;;X;10,00;EUR;\n"
        "F6;2026-01-01;;;10,00;EUR;\n"
        "F7;2026-01-01;;X;10,00;EURO5;\n"
        "F8;2026-01-01;;X;;EUR;\n"
        "F9;2026-01-01;;X;10,00;EUR;11,00\n"
        "F10;;;X;10,00;EUR;\n"
        "F11;2026-01-01;;X;10,00\n"
        "F12;2026-01-01;;X;10,00;JPY;\n",
    )
    assert rows(batch, "number", "currency", "payable_cents") == [("F1", "EUR", 1000), ("F12", "JPY", 10)]
    assert {p.line: (p.code, p.field) for p in batch.problems} == {
        3: ("not_a_date", "issue_date"), 4: ("not_a_date", "due_date"), 5: ("not_an_amount", "total"),
        6: ("missing_value", "number"), 7: ("missing_customer", "customer"), 8: ("unknown_currency", "currency"),
        9: ("missing_value", "total"), 10: ("balance_beyond_total", "balance"), 11: ("missing_value", "issue_date"),
        12: ("ragged_line", ""),
    }  # fmt: skip
    raw = {p.line: p.raw for p in batch.problems}
    assert raw[3] == "F2;31/02/2026;;X;10,00;EUR;"
    for problem in batch.problems:
        assert problem.sentence.say("fr") != problem.sentence.say("en")


def test_rows_of_one_number_with_other_rates_are_its_vat_breakdown(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;HT;Taux TVA;Montant TVA;TTC\n"
        "F1;2026-01-01;X;100,00;20 %;20,00;120,00\n"
        "F2;2026-01-01;X;10,00;20 %;2,00;12,00\n"
        "F1;2026-01-01;X;200,00;5,5 %;11,00;211,00\n",
    )
    assert batch.problems == ()
    assert sorted(rows(batch, "line", "number", "net_cents", "tax_cents", "payable_cents")) == [
        (2, "F1", 30000, 3100, 33100), (3, "F2", 1000, 200, 1200),
    ]  # fmt: skip
    assert sorted(batch.vat.rows()) == [
        (2, "S", 550, 20000, 1100),
        (2, "S", 2000, 10000, 2000),
        (3, "S", 2000, 1000, 200),
    ]


def test_a_total_repeated_on_each_rate_is_counted_once(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;HT;Taux TVA;Montant TVA;TTC;Reste dû\n"
        "F1;2026-01-01;X;100,00;20;20,00;331,00;31,00\nF1;2026-01-01;X;200,00;5.5;11,00;331,00;31,00\n",
    )
    assert rows(batch, "payable_cents", "net_cents", "settled_cents") == [(33100, 30000, 30000)]


def test_rows_of_one_number_with_other_due_dates_are_instalments(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Échéance;Client;TTC;Reste dû\n"
        "F1;2026-01-01;2026-03-31;X;100,00;100,00\nF1;2026-01-01;2026-01-31;X;50,00;0,00\n",
    )
    assert rows(batch, "payable_cents", "due_date", "settled_cents") == [(15000, date(2026, 3, 31), 5000)]
    assert batch.instalments.rows() == [(2, 1, date(2026, 1, 31), 5000), (2, 2, date(2026, 3, 31), 10000)]


INSTALMENTS = "N° facture;Client;Date facture;Échéance;Montant échéance;Montant HT;TVA;Total TTC;Reste dû\n"


def test_a_column_of_instalments_beside_the_total_that_every_row_repeats(tmp_path):
    batch = read(
        tmp_path,
        INSTALMENTS + "F-1;Petit;10/03/2026;09/04/2026;100,00;250,00;50,00;300,00;120,00\n"
        "F-1;Petit;10/03/2026;09/05/2026;100,00;250,00;50,00;300,00;120,00\n"
        "F-1;Petit;10/03/2026;09/06/2026;100,00;250,00;50,00;300,00;120,00\n",
    )
    assert batch.problems == ()
    assert rows(batch, "payable_cents", "net_cents", "tax_cents", "settled_cents", "due_date") == [
        (30000, 25000, 5000, 18000, date(2026, 6, 9))
    ]
    assert batch.instalments.select("due_date", "amount_cents").rows() == [
        (date(2026, 4, 9), 10000),
        (date(2026, 5, 9), 10000),
        (date(2026, 6, 9), 10000),
    ]


def test_instalments_that_do_not_make_the_total_are_refused(tmp_path):
    batch = read(
        tmp_path,
        INSTALMENTS + "F-2;Petit;10/03/2026;09/04/2026;100,00;250,00;50,00;300,00;\n"
        "F-2;Petit;10/03/2026;09/05/2026;100,00;250,00;50,00;300,00;\n",
    )
    assert batch.documents.is_empty()
    assert [(p.line, p.field, p.code) for p in batch.problems] == [
        (2, "instalment", "instalments_differ"),
        (3, "instalment", "instalments_differ"),
    ]


def test_each_line_is_due_by_its_own_terms(tmp_path):
    batch = read(
        tmp_path,
        "Numéro;Client;Date de facture;Échéance;Conditions de paiement;TTC\n"
        "T-1;Martin;15/01/2026;;45 jours fin de mois;10,00\n"
        "T-2;Martin;15/01/2026;;30 jours;10,00\n"
        "T-3;Martin;15/01/2026;20/01/2026;30 jours;10,00\n"
        "T-4;Martin;15/01/2026;;comme convenu;10,00\n",
    )
    assert rows(batch, "number", "due_date") == [
        ("T-1", date(2026, 3, 31)),
        ("T-2", date(2026, 2, 14)),
        ("T-3", date(2026, 1, 20)),
        ("T-4", None),
    ]


def test_a_breakdown_that_makes_the_repeated_total_is_no_difference(tmp_path):
    batch = read(
        tmp_path,
        "Numéro facture;Client;Date facture;Échéance;Base HT;Taux TVA;Montant TVA;Total TTC\n"
        "V-1;Leroy;10/03/2026;09/04/2026;100,00;20;20,00;225,50\n"
        "V-1;Leroy;10/03/2026;09/04/2026;100,00;5,5;5,50;225,50\n",
    )
    assert batch.problems == ()
    assert rows(batch, "payable_cents", "net_cents", "tax_cents") == [(22550, 20000, 2550)]


def test_columns_without_a_line_are_told(tmp_path):
    batch = read(tmp_path, "N° facture;Client;Date facture;Total TTC\n")
    assert [(p.line, p.code, p.severity) for p in batch.problems] == [(1, "invoices_csv_no_lines", "warning")]


def test_a_line_of_totals_is_refused_for_what_it_is(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Échéance;Client;Libellé;TTC\n"
        "F1;2026-01-01;;Total Énergies;;10\nTOTAL;;;;;10\n;;;Sous-total;;10\n;;;;Total général;10\nF2;;;X;;5\n",
    )
    assert rows(batch, "number", "buyer") == [("F1", "Total Énergies")]
    assert [(p.line, p.code) for p in batch.problems] == [
        (3, "total_line"), (4, "total_line"), (5, "total_line"), (6, "missing_value"),
    ]  # fmt: skip


def test_the_currency_may_stand_beside_the_amount(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;HT;TVA;TTC\nF1;05/01/2026;X;100;20;CHF 1’200.00\nF2;05/01/2026;X;;;$ 12.50\n"
        "F3;05/01/2026;X;;;12,50\nF4;05/01/2026;X;100 €;20 €;120 £\nF5;05/01/2026;Eurochef;;;12,50 €\n",
    )
    told = [("F1", "CHF", 120_000), ("F2", "USD", 1250), ("F3", "EUR", 1250), ("F5", "EUR", 1250)]
    assert rows(batch, "number", "currency", "payable_cents") == told
    assert [(p.line, p.code) for p in batch.problems if p.severity == "error"] == [
        (5, "amount_in_another_currency")
    ]


def test_an_amount_in_another_currency_than_its_column_says_is_refused(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;Devise;TTC\nF1;05/01/2026;X;EUR;CHF 12\nF2;05/01/2026;X;CAD;$ 12\nF3;05/01/2026;X;;12 £\n",
    )
    assert rows(batch, "number", "currency") == [("F2", "CAD"), ("F3", "GBP")]
    (problem,) = batch.problems
    assert (problem.line, problem.field, problem.code) == (2, "currency", "amount_in_another_currency")


def test_headers_that_occur_twice_are_said(tmp_path):
    batch = read(tmp_path, "N° facture;Date;Client;Montant;montant\nF1;05/01/2026;X;100,00;120,00\n")
    assert rows(batch, "number", "payable_cents") == [("F1", 10_000)]
    (problem,) = batch.problems
    assert (problem.line, problem.field, problem.code, problem.severity) == (
        1,
        "total",
        "repeated_header",
        "warning",
    )


def test_a_name_of_several_lines_is_one_text(tmp_path):
    batch = read(
        tmp_path,
        'N° facture;Date;Client;Adresse;TTC\nF1;05/01/2026;"Dubois\nSARL";"1 rue\r\n Bât. B";1,00\n',
    )
    assert batch.parties.select("name", "street").rows() == [("Dubois SARL", "1 rue Bât. B")]


def test_identical_rows_are_one_and_unexplained_ones_are_refused(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;TTC\nF1;2026-01-01;X;10\nF1;2026-01-01;X;10\nF2;2026-01-01;X;10\n"
        "F2;2026-01-01;X;20\nF3;2026-01-01;X;30\nF3;2026-01-01;Y;30\nF4;2026-01-01;Y;40\n",
    )
    assert sorted(rows(batch, "number", "payable_cents")) == [("F1", 1000), ("F4", 4000)]
    assert [(p.line, p.code, p.field, p.severity) for p in batch.problems] == [
        (3, "repeated_line", "", "warning"),
        (4, "number_repeated_differently", "total", "error"), (5, "number_repeated_differently", "total", "error"),
        (6, "number_repeated_differently", "customer", "error"), (7, "number_repeated_differently", "customer", "error"),
    ]  # fmt: skip


def test_repeated_numbers_meet_across_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK_CHARACTERS", 64)
    body = "".join(f"F{i};2026-01-01;X;10;20\n" for i in range(20))
    batch = read(tmp_path, f"N° facture;Date facture;Client;TTC;Taux TVA\n{body}F0;2026-01-01;X;5;5,5\n")
    assert batch.documents.height == 20
    assert batch.documents.filter(number="F0")["payable_cents"].to_list() == [1500]


def test_a_payment_date_is_a_receipt(tmp_path):
    batch = read(
        tmp_path,
        "invoiceNumber,InvoiceDate,DueDate,customerID,InvoiceAmount,SettledDate\n"
        "1,1/2/2013,2/1/2013,A,55.94,1/15/2013\n2,1/26/2013,2/25/2013,A,61.74,\n",
    )
    assert rows(batch, "payable_cents", "settled_cents") == [(5594, 0), (6174, 0)]
    assert batch.settlements.select("settlement", "received_date", "amount_cents", "line").rows() == [
        ("i:1", date(2013, 1, 15), 5594, 2)
    ]


def test_a_spreadsheet(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"), {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["N° facture", "Date facture", "Client", "SIREN", "Montant TTC", "Taux TVA"])
    sheet.write_row(1, 0, ["F1", date(2026, 1, 31), "X", 732829320, 1481.4, 0.2])
    sheet.write_row(2, 0, [20260002, 46053, "X", "732829320", "1 481,40", 0.055])
    book.close()
    batches = list(SOURCE.read(file_of(tmp_path / "f.xlsx"), ReadContext()))
    assert [b.problems for b in batches] == [()]
    assert rows(batches[0], "number", "issue_date", "payable_cents") == [
        ("F1", date(2026, 1, 31), 148140), ("20260002", date(2026, 1, 31), 148140),
    ]  # fmt: skip
    assert batches[0].vat["rate_basis_points"].to_list() == [2000, 550]
    assert batches[0].parties["siren"].to_list() == ["732829320"]


def test_totals_that_do_not_follow_are_said_once(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;Client;HT;TVA;TTC\nF1;2026-01-01;X;10;2;12\nF2;2026-01-01;X;10;2;13\nF3;2026-01-01;X;10;2;14\n",
    )
    assert batch.documents.height == 3
    assert [(p.code, p.line, p.severity) for p in batch.problems] == [("totals_differ", 3, "warning")]


def test_the_customer_is_known_by_the_best_identity_there_is(tmp_path):
    batch = read(
        tmp_path,
        "N° facture;Date facture;TTC;Code client;SIREN;N° TVA;Client\n"
        "1;2026-01-01;1;C1;732829320;;X\n2;2026-01-01;1;;732829320;;X\n3;2026-01-01;1;;;FR44732829320;X\n4;2026-01-01;1;;;;X SARL\n",
    )
    assert batch.documents["party"].to_list() == ["code:C1", "siren:732829320", "vat:FR44732829320", "name:X"]


@pytest.mark.parametrize(
    "header",
    [
        "Date;Libellé;Montant", "Date opération;Libellé;Montant;N° facture;Client", "foo;bar", "Client;Email;Ville",
        "JournalCode;EcritureNum;Date;Montant;Client;N° pièce",
    ],
)  # fmt: skip
def test_other_tables_are_left_to_others(tmp_path, header):
    path = tmp_path / "t.csv"
    path.write_text(header + "\n" + ";".join("x" for _ in header.split(";")) + "\n")
    assert SOURCE.identify(file_of(path)) is None


def test_unknown_columns_are_refused_with_a_way_out(tmp_path):
    with pytest.raises(UnableToReadFile) as error:
        read(tmp_path, "Ref;Quand;Combien;Qui\nF1;2026-01-01;10;X\n")
    assert error.value.problem.code == "unknown_columns"
    mapping = {"*": {"Ref": "number", "Quand": "issue_date", "Combien": "total", "Qui": "name"}}
    batch = read(
        tmp_path, "Ref;Quand;Combien;Qui\nF1;2026-01-01;10;X\n", context=ReadContext(mappings=mapping)
    )
    assert rows(batch, "number", "payable_cents") == [("F1", 1000)]


@pytest.mark.parametrize("name", sorted(VOCABULARY.fields))
def test_no_header_means_two_things(name):
    from encours.ports.tables import folded

    mine = {folded(header) for header in VOCABULARY.fields[name]}
    for other, headers in VOCABULARY.fields.items():
        if other != name:
            assert not mine & {folded(header) for header in headers}, (name, other)


def test_real_histories_add_up(shared_data):
    path = shared_data / "ledgers" / "ibm_late_payment_histories.csv"
    batches = list(SOURCE.read(file_of(path), ReadContext()))
    # counted and summed in the file itself
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    cents = sum(round(float(line[6]) * 100) for line in lines)
    assert sum(b.documents.height for b in batches) == len(lines) == 2466
    assert sum(b.documents["payable_cents"].sum() for b in batches) == cents
    assert sum(b.settlements["amount_cents"].sum() for b in batches) == cents
