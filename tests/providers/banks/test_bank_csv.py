"""Banks' own tables: every real sample, the dialects of French banks, and files that are damaged or hostile.

The expectations were read off the files. The dialects are written here as the banks export them, with invented
lines.
"""

import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from encours.core.statements import check_balance
from encours.ports.files import ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.providers.banks.bank_csv import BankCsvFeed
from tests.providers.banks.expectations import (
    Account,
    Refused,
    doubts,
    only_statement,
    opened,
    outcome,
    refused_lines,
    written,
)

# Accounts without a number are called after the headers of their table.
EXPECTED: dict[str, list[Account]] = {
    # 10.00 before the first line: its balance is -23.50 after a debit of 33.50
    "debit_credit.csv": [Account("csv-c1b3809f", "EUR", 2, 153350, 3350, 1000, 151000)],
    "empty_statement_en.csv": [],
    "meta_data_separated_credit_debit.csv": [
        Account("08088804068", "EUR", 4, 130000, 23068, 3000077, 3107011)
    ],
    "multi_currency.csv": [
        Account("csv-23ecee48", "USD", 1, 0, 3350, None, None),
        Account("csv-23ecee48", "EUR", 1, 152500, 0, None, None),
    ],
    # the first line has no foreign amount, so the account is in dollars, and the euros of the second are foreign
    "sample_statement_en.csv": [Account("csv-30dff863", "USD", 2, 152500, 3350, None, None)],
    "sample_statement_en.xlsx": [Account("csv-30dff863", "USD", 2, 152500, 3350, None, None)],
}

FEED = BankCsvFeed()


def read(tmp_path, text, encoding="utf-8", name="releve.csv", context=None) -> StatementFile:
    file = written(tmp_path, text, name, encoding)
    assert FEED.identify(file) == "bank_csv"
    return FEED.read(file, context or ReadContext())


def refusal(file: ImportFile, context=None) -> Refused:
    result = outcome(FEED, file, context)
    assert isinstance(result, Refused)
    return result


def amounts(result: StatementFile) -> list[int]:
    return [t.amount_cents for t in only_statement(result).transactions]


def test_every_sample_has_an_expectation(shared_data):
    assert {path.name for path in (shared_data / "bank" / "csv").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_is_read(shared_data, name):
    file = opened(shared_data / "bank" / "csv" / name)
    assert FEED.identify(file) == "bank_csv"
    assert outcome(FEED, file) == EXPECTED[name]


def test_american_dates_and_the_other_party_in_real_files(shared_data):
    for name in ("sample_statement_en.csv", "sample_statement_en.xlsx"):
        first, second = only_statement(
            FEED.read(opened(shared_data / "bank" / "csv" / name), ReadContext())
        ).transactions
        assert first.booked_date == date(2018, 12, 15)
        assert (first.counterparty_name, first.extra["counterparty_account"]) == ("John Doe", "123456789")
        assert second.extra["original_currency"] == "EUR"
        assert first.line == 2


def test_an_empty_table_says_so(shared_data):
    result = FEED.read(opened(shared_data / "bank" / "csv" / "empty_statement_en.csv"), ReadContext())
    assert doubts(result) == [(1, "bank_csv_no_lines")]


def test_balances_above_and_below_the_table_are_held_against_its_lines(shared_data):
    statement = only_statement(
        FEED.read(
            opened(shared_data / "bank" / "csv" / "meta_data_separated_credit_debit.csv"), ReadContext()
        )
    )
    # the file's own balances are two cents apart from its lines
    problem = check_balance(statement)
    assert problem is not None
    assert problem.sentence.params["gap"].cents == 2
    assert statement.transactions[0].bank_reference == "UNIQUE OP 1"


BNP = """Compte de chèques;Compte de chèques;****1234;31/01/2025;;-17,00
Date operation;Libelle court;Type operation;Libelle operation;Montant operation en euro
31/01/2025;VIR SEPA RECU;Virement reçu;"VIR SEPA RECU /DE DUPONT SARL /MOTIF F-2025-001 /REF E1";1 200,00
30/01/2025;PRLV SEPA;Prélèvement;PRLV SEPA EDF ECH/300125;-84,25
"""
SG = """="0000012345678901";01/01/2025;31/01/2025;2;31/01/2025;1 115,75 EUR
Date de l'opération;Libellé;Détail de l'écriture;Montant de l'opération;Devise
31/01/2025;VIR RECU    12345;VIR RECU    1234567890S DE: DUPONT SARL MOTIF: F-2025-001;1200,00;EUR
30/01/2025;PRELEVEMENT EUROP;PRELEVEMENT EUROPEEN 555 DE: EDF ID: FR11;-84,25;EUR
"""
CREDIT_AGRICOLE = """Téléchargement du 02/02/2025;

Messieurs ATELIER LUMEN;
Compte Courant n° 12345678901 ;
Solde au 02/02/2025 1 115,75 €;

Liste des opérations du compte entre le 01/01/2025 et le 31/01/2025;

Date;Libellé;Débit euros;Crédit euros;
31/01/2025;"VIREMENT EN VOTRE FAVEUR
DUPONT SARL
F-2025-001";;1 200,00;
30/01/2025;"PRELEVEMENT
EDF";84,25;;
"""
BPCE = """Date de comptabilisation;Libelle simplifie;Libelle operation;Reference;Informations complementaires;Type operation;Categorie;Sous categorie;Debit;Credit;Date operation;Date de valeur;Pointage operation
31/01/2025;DUPONT SARL;VIR INST DUPONT SARL;2610617I40111024;F-2025-001;Virement recu;Revenus;Virement;;+1200,00;30/01/2025;31/01/2025;0
30/01/2025;EDF;PRLV EDF;A1;;Prelevement;Logement;Energie;-84,25;;29/01/2025;30/01/2025;0
"""
BPCE_OLD = """Code de la banque : 12345;Code de l'agence : 00001;Date de début de téléchargement : 01/01/2025;Date de fin de téléchargement : 31/01/2025;
Numéro de compte : 12345678901;Nom du compte : COMPTE COURANT;Devise : EUR;
;
Solde en fin de période;;;;1115,75
Date;Numéro d'opération;Libellé;Débit;Crédit;Détail
31/01/25;OP2;VIR DUPONT SARL;;1200,00;F-2025-001
30/01/25;OP1;PRLV EDF;-84,25;;
Solde en début de période;;;;0,00
"""
CIC = """Date;Date de valeur;Débit;Crédit;Libellé;Solde
30/01/2025;30/01/2025;-84,25;;PRLV SEPA EDF;-84,25
31/01/2025;31/01/2025;;1200,00;VIR DUPONT SARL F-2025-001;1115,75
"""
CREDIT_MUTUEL = """Date;Date de valeur;Montant;Libellé;Solde
30/01/2025;30/01/2025;-84,25;PRLV SEPA EDF;-84,25
31/01/2025;31/01/2025;1200,00;VIR DUPONT SARL F-2025-001;1115,75
"""
BANQUE_POSTALE = """Numéro Compte   ;1234567A012
Type         ;CCP
Compte tenu en  ;euros
Date            ;31/01/2025
Solde (EUROS)   ;1115,75
Solde (FRANCS)  ;7318,84

Date;Libellé;Montant(EUROS);Montant(FRANCS)
31/01/2025;VIREMENT DE DUPONT SARL F-2025-001;1200,00;7871,48
30/01/2025;PRELEVEMENT DE EDF;-84,25;-552,64
"""
BOURSORAMA = """dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance
2025-01-31;2025-01-31;"VIR SEPA F-2025-001";Virements;Virements;dupont sarl;1200,00;;00012345678;BOURSO;1115.75
2025-01-30;2025-01-30;"PRLV EDF";Energie;Logement;edf;-84,25;;00012345678;BOURSO;1115.75
"""
QONTO_FR = """Statut;Date de la valeur (UTC);Date de l'opération (UTC);Montant total (TTC);Débit;Crédit;Solde;Devise;Nom de la contrepartie;IBAN de la contrepartie;Méthode de paiement;Identifiant de transaction;Référence;Catégorie de trésorerie
Exécuté;31-01-2025 10:00:00;31-01-2025 09:00:00;1200,00;;1200,00;1115,75;EUR;DUPONT SARL;FR7630006000011234567890189;Virement;atelier-1-transaction-2;F-2025-001;Ventes
Refusé;31-01-2025 08:00:00;31-01-2025 08:00:00;-9,99;9,99;;;EUR;CAFE;;Carte;atelier-1-transaction-3;;
Exécuté;30-01-2025 10:00:00;30-01-2025 09:00:00;-84,25;84,25;;-84,25;EUR;EDF;;Prélèvement;atelier-1-transaction-1;ECH 300125;Energie
"""
QONTO_EN = """Status,Settlement date (UTC),Operation date (UTC),Total amount (incl. VAT),Currency,Counterparty name,Payment method,Transaction ID,IBAN,Reference,Category
Settled,2025-01-31 10:00:00,2025-01-31 09:00:00,1200.00,EUR,DUPONT SARL,Transfer,tx-2,FR7630006000011234567890189,F-2025-001,sales
Declined,2025-01-31 08:00:00,2025-01-31 08:00:00,-9.99,EUR,CAFE,Card,tx-3,,,
Settled,2025-01-30 10:00:00,2025-01-30 09:00:00,-84.25,EUR,EDF,Direct debit,tx-1,,ECH 300125,energy
"""
GENERIC = """Date;Libellé;Sens;Montant;Devise
31/01/2025;VIR DUPONT SARL F-2025-001;Crédit;1.200,00;EUR
30/01/2025;PRLV EDF;Débit;84,25;EUR
"""
# dialect -> (text, account or "" for a made one, opening, closing)
DIALECTS: dict[str, tuple[str, str, int | None, int | None]] = {
    "BNP Paribas": (BNP, "****1234", None, None),
    "Société Générale": (SG, "0000012345678901", None, None),
    "Crédit Agricole": (CREDIT_AGRICOLE, "12345678901", None, 111575),
    "BPCE": (BPCE, "", None, None),
    "BPCE, older": (BPCE_OLD, "12345678901", 0, 111575),
    "CIC": (CIC, "", 0, 111575),
    "Crédit Mutuel": (CREDIT_MUTUEL, "", 0, 111575),
    "La Banque Postale": (BANQUE_POSTALE, "1234567A012", None, None),
    "Boursorama": (BOURSORAMA, "00012345678", None, None),
    "Qonto, French": (QONTO_FR, "", 0, 111575),
    "Qonto, English": (QONTO_EN, "", None, None),
    "any other": (GENERIC, "", None, None),
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("bank", DIALECTS)
def test_a_french_banks_own_table(tmp_path, bank, encoding):
    text, account, opening, closing = DIALECTS[bank]
    if encoding == "cp1252":
        text = text.replace("\n", "\r\n")
    result = read(tmp_path, text, encoding)
    assert refused_lines(result) == []
    statement = only_statement(result)
    assert statement.account == account or (not account and statement.account.startswith("csv-"))
    assert (statement.currency, statement.credit_cents, statement.debit_cents) == ("EUR", 120000, 8425)
    assert (statement.opening_cents, statement.closing_cents) == (opening, closing)
    assert check_balance(statement) is None
    received = next(t for t in statement.transactions if t.amount_cents > 0)
    assert received.booked_date == date(2025, 1, 31)
    assert "F-2025-001" in received.remittance
    assert "DUPONT SARL" in f"{received.remittance} {received.counterparty_name}".upper()


def test_a_label_of_several_lines_is_one_text(tmp_path):
    received = only_statement(read(tmp_path, CREDIT_AGRICOLE, "cp1252")).transactions[0]
    assert received.remittance == "VIREMENT EN VOTRE FAVEUR DUPONT SARL F-2025-001"


def test_a_label_that_goes_on_in_rows_of_its_own(tmp_path):
    text = "Date;Libellé;Débit;Crédit\n31/01/2025;VIR DUPONT;;10,00\n;F-2025-001;;\n;suite;;\n"
    result = read(tmp_path, text)
    assert only_statement(result).transactions[0].remittance == "VIR DUPONT F-2025-001 suite"
    assert result.problems == ()


def test_what_the_bank_has_not_booked_is_left_out_aloud(tmp_path):
    result = read(tmp_path, QONTO_FR)
    assert doubts(result) == [(3, "bank_csv_not_booked")]
    transaction = only_statement(result).transactions[0]
    assert transaction.bank_reference == "atelier-1-transaction-2"
    assert transaction.counterparty_iban == "FR7630006000011234567890189"
    assert transaction.extra["Catégorie de trésorerie"] == "Ventes"


def test_the_dates_of_booking_and_of_value(tmp_path):
    second = only_statement(read(tmp_path, BPCE)).transactions[1]
    assert (second.booked_date, second.value_date) == (date(2025, 1, 30), date(2025, 1, 30))
    assert second.extra["Date operation"] == "29/01/2025"
    assert second.bank_reference == "A1"


TABLE = "Date,Label,Amount,Balance\n"


def test_the_whole_column_decides_on_month_first(tmp_path):
    result = read(tmp_path, "Date,Label,Amount\n01/02/2025,a,1.00\n01/13/2025,b,2.00\n")
    assert [t.booked_date for t in only_statement(result).transactions] == [
        date(2025, 1, 2),
        date(2025, 1, 13),
    ]


def test_the_order_of_the_lines_decides_where_no_date_does(tmp_path):
    result = read(tmp_path, "Date,Label,Amount\n01/12/2025,a,1.00\n02/03/2025,b,2.00\n03/07/2025,c,3.00\n")
    assert [t.booked_date.month for t in only_statement(result).transactions] == [1, 2, 3]
    assert result.problems == ()


def test_undecided_dates_are_read_as_in_france_aloud(tmp_path):
    result = read(tmp_path, "Date,Label,Amount\n01/04/2025,a,1.00\n02/04/2025,b,2.00\n")
    assert [t.booked_date for t in only_statement(result).transactions] == [
        date(2025, 4, 1),
        date(2025, 4, 2),
    ]
    assert doubts(result) == [(2, "bank_csv_dates_assumed")]


def test_a_column_that_contradicts_itself_is_refused(tmp_path):
    file = written(tmp_path, "Date,Label,Amount\n13/01/2025,a,1.00\n01/14/2025,b,2.00\n", "a.csv")
    assert refusal(file) == Refused("bank_csv_mixed_dates", 3)


@pytest.mark.parametrize(
    ("cells", "cents"),
    [
        (["1,234.56", "-1,000.00", "5"], [123456, -100000, 500]),
        (["1.234,56", "-1.000", "5"], [123456, -100000, 500]),
        (["1 234,56", "-0,10", "(12,00)"], [123456, -10, -1200]),
        (["+31070,11", "12,00-", "3 €"], [3107011, -1200, 300]),
        (["1'234.50", "0.05", "-7.1"], [123450, 5, -710]),
    ],
)
def test_amounts_with_thousands_and_decimals(tmp_path, cells, cents):
    rows = "".join(f'31/01/2025;x;"{cell}"\n' for cell in cells)
    assert amounts(read(tmp_path, "Date;Libellé;Montant\n" + rows)) == cents


def test_an_amount_nothing_in_the_column_explains_is_refused(tmp_path):
    result = read(tmp_path, 'Date,Label,Amount\n31/01/2025,x,"1,234"\n30/01/2025,y,12\n')
    assert refused_lines(result) == [(2, "bank_csv_bad_amount")]
    assert amounts(result) == [1200]


def test_flags_decide_the_sign(tmp_path):
    rows = "31/01/2025,a,10.00,D\n31/01/2025,b,-20.00,C\n31/01/2025,c,30.00,CR\n31/01/2025,d,40.00,?\n"
    result = read(tmp_path, "Date,Label,Amount,D/C\n" + rows)
    assert amounts(result) == [-1000, 2000, 3000]
    assert refused_lines(result) == [(5, "bank_csv_bad_direction")]


def test_reversals_in_columns_of_debit_and_credit(tmp_path):
    rows = "31/01/2025;a;10,00;\n31/01/2025;b;-4,00;\n31/01/2025;c;;7,00\n31/01/2025;d;0,00;5,00\n31/01/2025;e;1,00;2,00\n"
    result = read(tmp_path, "Date;Libellé;Débit;Crédit\n" + rows)
    assert amounts(result) == [-1000, 400, 700, 500]
    assert refused_lines(result) == [(6, "bank_csv_debit_and_credit")]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_running_balance_gives_both_balances_whichever_way_it_runs(tmp_path, newest_first):
    rows = ["29/01/2025,a,10.00,110.00", "30/01/2025,b,-5.00,105.00", "30/01/2025,c,1.00,106.00"]
    lines = rows[::-1] if newest_first else rows
    statement = only_statement(read(tmp_path, TABLE + "\n".join(lines)))
    assert (statement.opening_cents, statement.closing_cents) == (10000, 10600)
    assert (statement.opening_date, statement.closing_date) == (date(2025, 1, 29), date(2025, 1, 30))
    assert check_balance(statement) is None


def test_a_balance_given_now_and_then(tmp_path):
    rows = "29/01/2025,a,10.00,\n30/01/2025,b,-5.00,105.00\n31/01/2025,c,1.00,106.00\n31/01/2025,d,2.00,\n"
    statement = only_statement(read(tmp_path, TABLE + rows))
    assert (statement.opening_cents, statement.closing_cents) == (10000, 10800)


def test_balances_may_be_written_otherwise_than_amounts(tmp_path):
    rows = '29/01/2025;a;"1.200,00";1,300.00\n30/01/2025;b;1.000;2,300\n'
    statement = only_statement(read(tmp_path, "Date;Libellé;Montant;Solde\n" + rows))
    assert (statement.opening_cents, statement.closing_cents) == (10000, 230000)


def test_a_missing_line_shows_in_the_running_balance(tmp_path):
    rows = "29/01/2025,a,10.00,110.00\n30/01/2025,c,1.00,106.00\n31/01/2025,d,2.00,108.00\n"
    result = read(tmp_path, TABLE + rows)
    assert doubts(result) == [(3, "bank_csv_balance_jumps")]
    assert check_balance(only_statement(result)) is not None


def test_several_accounts_in_one_table(tmp_path):
    rows = "FR76 3000 6000 0112 3456 7890 189;31/01/2025;a;1,00\n00099;31/01/2025;b;2,00\n"
    result = read(tmp_path, "Numéro de compte;Date;Libellé;Montant\n" + rows)
    assert [s.account for s in result.statements] == ["FR7630006000011234567890189", "00099"]


def test_yen_has_no_decimals(tmp_path):
    result = read(tmp_path, "Date;Libellé;Montant;Devise\n31/01/2025;a;1500;JPY\n31/01/2025;b;15,50;JPY\n")
    assert amounts(result) == [1500]
    assert refused_lines(result) == [(3, "bank_csv_bad_amount")]


def test_a_currency_that_is_no_code_refuses_its_line(tmp_path):
    rows = "31/01/2025;a;1,00;EUR\n31/01/2025;b;2,00;EU?\n31/01/2025;c;3,00;€\n31/01/2025;d;4,00;\n"
    result = read(tmp_path, "Date;Libellé;Montant;Devise\n" + rows)
    assert amounts(result) == [100, 300, 400]
    assert refused_lines(result) == [(3, "bank_csv_bad_currency")]


def test_bad_lines_are_refused_one_by_one_with_their_text(tmp_path):
    rows = "31/01/2025;a;1,00\n31/02/2025;b;2,00\n30/01/2025;c;abc\n30/01/2025;d;\n30/01/2025;e;1,00;extra\n29/01/2025;f;3,00\n"
    result = read(tmp_path, "Date;Libellé;Montant\n" + rows)
    assert amounts(result) == [100, 300]
    assert refused_lines(result) == [
        (3, "bank_csv_bad_date"), (4, "bank_csv_bad_amount"), (5, "bank_csv_no_amount"), (6, "ragged_line"),
    ]  # fmt: skip
    assert result.problems[0].raw == "31/02/2025;b;2,00"


def test_totals_below_the_table_are_no_transactions(tmp_path):
    text = "Date;Libellé;Débit;Crédit\n31/01/2025;a;;5,00\nTotal;;0,00;5,00\nSolde final;;;15,00\nAncien solde;10,00\n"
    result = read(tmp_path, text)
    assert result.problems == ()
    statement = only_statement(result)
    assert (statement.opening_cents, statement.closing_cents) == (1000, 1500)


def test_an_amount_without_a_date_is_no_transaction(tmp_path):
    result = read(tmp_path, "Date;Libellé;Montant\n31/01/2025;a;5,00\n;;5,00\n")
    assert amounts(result) == [500]
    assert refused_lines(result) == [(3, "bank_csv_no_date")]


def test_unknown_columns_are_listed(tmp_path):
    file = written(tmp_path, "Wann;Was;Wieviel\n31/01/2025;x;1,00\n", "a.csv")
    assert FEED.identify(file) is None
    with pytest.raises(UnableToReadFile) as caught:
        FEED.read(file, ReadContext())
    assert "Wann, Was, Wieviel" in caught.value.problem.sentence.say("fr")
    assert caught.value.problem.line == 1


def test_a_remembered_mapping_reads_unknown_columns(tmp_path):
    text = "Wann;Was;Wieviel\n31/01/2025;x;1,00\n"
    known = read(tmp_path, text.replace("Wann;Was;Wieviel", "Date;Libellé;Montant"))
    assert known.mapping is not None
    file = written(tmp_path, text, "a.csv")
    context = ReadContext(mappings={"*": {"Wann": "date", "Was": "label", "Wieviel": "amount"}})
    first = FEED.read(file, context)
    assert first.mapping is not None
    fingerprint, columns = first.mapping
    again = FEED.read(file, ReadContext(mappings={fingerprint: columns}))
    assert [t.remittance for t in only_statement(again).transactions] == ["x"]


@pytest.mark.parametrize(
    "headers",
    [
        "N° facture;Date;Libellé;Montant;Échéance",
        "Invoice number,Date,Description,Amount,Due date",
        "Client;Date;Libellé;Débit;Crédit;Solde",
        "JournalCode;JournalLib;EcritureNum;EcritureDate;CompteNum;CompteLib;Debit;Credit",
        "Code client;Raison sociale;SIREN;IBAN",
        "Numéro;Date d'émission;Date;Libellé;Montant TTC",
    ],
)
def test_invoices_customers_and_ledgers_are_left_alone(tmp_path, headers):
    row = "".join(char if char in ";," else "" for char in headers)
    assert FEED.identify(written(tmp_path, f"{headers}\n{row}\n", "a.csv")) is None


def test_such_a_table_is_read_when_somebody_says_that_it_is_a_banks(tmp_path):
    file = written(tmp_path, "Numéro;Date;Libellé;Montant\n7;31/01/2025;x;1,00\n", "a.csv")
    assert FEED.identify(file) is None
    transaction = only_statement(FEED.read(file, ReadContext())).transactions[0]
    assert (transaction.amount_cents, transaction.extra["Numéro"]) == (100, "7")


def test_real_files_of_others_are_left_alone(shared_data):
    for folder in ("fec", "ledgers", "einvoice", "bank/camt", "bank/cfonb", "bank/ofx", "bank/mt940"):
        for path in (shared_data / folder).rglob("*"):
            if path.is_file():
                assert FEED.identify(opened(path)) is None, path


# --- workbooks


def workbook(path: Path, rows: list[list[object]]) -> ImportFile:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(r, c, cell, day)
            else:
                sheet.write(r, c, cell)
    book.close()
    return opened(path)


def test_a_workbook_with_real_dates_and_numbers(tmp_path):
    rows: list[list[object]] = [
        ["Compte n° 12345678901"],
        [],
        ["Date", "Libellé", "Débit", "Crédit", "Solde"],
        [date(2025, 1, 2), "PRLV EDF", 84.25, None, -84.25],
        [date(2025, 2, 1), "VIR DUPONT", None, 1200, 1115.75],
    ]
    file = workbook(tmp_path / "a.xlsx", rows)
    assert FEED.identify(file) == "bank_csv"
    assert outcome(FEED, file) == [Account("12345678901", "EUR", 2, 120000, 8425, 0, 111575)]
    statement = only_statement(FEED.read(file, ReadContext()))
    assert [(t.line, t.booked_date) for t in statement.transactions] == [
        (4, date(2025, 1, 2)),
        (5, date(2025, 2, 1)),
    ]


def test_formulas_count_as_what_they_showed_last(tmp_path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for c, header in enumerate(("Date", "Libellé", "Montant")):
        sheet.write(0, c, header)
    sheet.write(1, 0, "31/01/2025")
    sheet.write(1, 1, "x")
    sheet.write_formula(1, 2, "=1+1", value=2)
    book.close()
    assert amounts(FEED.read(opened(path), ReadContext())) == [200]


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    result = read(tmp_path, 'Date;Libellé;Montant\n31/01/2025;"=HYPERLINK(""http://x"")";1,00\n')
    assert only_statement(result).transactions[0].remittance == '=HYPERLINK("http://x")'


def test_a_zip_bomb_is_not_opened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\0" * (1 << 24)) + packer.flush(
        zlib.Z_FULL_FLUSH
    )  # stands for itself, so it repeats
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        sheet = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        archive.writestr(sheet, block * 192 + b"\3\0")
        sheet.compress_type, sheet.file_size = zipfile.ZIP_DEFLATED, 3 << 30
    assert path.stat().st_size < 4_000_000
    assert FEED.identify(opened(path)) is None
    assert refusal(opened(path)) == Refused("zip_bomb")


def test_a_workbook_that_is_none(tmp_path):
    file = written(tmp_path, b"PK\x03\x04 no archive [Content_Types]", "a.xlsx")
    assert refusal(file) == Refused("broken_workbook")


def test_a_truncated_workbook(tmp_path, shared_data):
    content = (shared_data / "bank" / "csv" / "sample_statement_en.xlsx").read_bytes()
    assert refusal(written(tmp_path, content[: len(content) // 2], "a.xlsx")) == Refused("broken_workbook")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n \n", "empty_file"),
        (bytes(range(256)) * 20, "not_a_text_file"),
        (b"%PDF-1.7\n", "not_a_text_file"),
        (b"Date;Libell", "unknown_columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(tmp_path, content, code):
    file = written(tmp_path, content, "a.csv")
    assert FEED.identify(file) is None
    assert refusal(file).code == code


def test_broken_bytes_cost_their_line_only(tmp_path):
    text = "Date;Libellé;Montant\n31/01/2025;é è à ç;1,00\n".encode()
    content = text + b"30/01/2025;\xff\xfe;2,00\n" + "29/01/2025;ôûî;3,00\n".encode()
    result = FEED.read(written(tmp_path, content, "a.csv"), ReadContext())
    assert amounts(result) == [100, 300]
    assert refused_lines(result) == [(3, "undecodable_text")]


def test_a_file_cut_in_its_last_line(tmp_path):
    result = read(tmp_path, "Date;Libellé;Montant\n31/01/2025;a;1,00\n30/01/2025;b")
    assert amounts(result) == [100]
    assert refused_lines(result) == [(3, "ragged_line")]
