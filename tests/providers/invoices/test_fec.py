"""FEC: the two real files worked out with awk, the dialects, and what the entries mean."""

import random
from collections import Counter, defaultdict
from datetime import date
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encours.ports.files import ReadContext
from encours.providers.invoices.fec import FecSource
from tests.providers.invoices.samples import (
    FEC_COLUMNS,
    Taken,
    fec,
    fec_line,
    opened,
    receipt,
    refusal,
    sale,
    take,
    written,
)

SOURCE = FecSource()


def read(tmp_path, *lines, name="732829320FEC20261231.txt", **options) -> Taken:
    return take(SOURCE, written(tmp_path, name, fec(*lines, **options)))


def signed(documents: pl.DataFrame) -> int:
    """What the documents add to what customers owe."""
    sign = pl.when(pl.col("type") == "credit_note").then(-1).otherwise(1)
    return documents.select((pl.col("payable_cents") * sign).sum()).item()


def receipts(taken: Taken) -> pl.DataFrame:
    return taken.settlements.filter(pl.col("credit_note_line").is_null()).unique("settlement")


def by_number(taken: Taken, number: str) -> dict:
    return taken.documents.row(by_predicate=pl.col("number") == number, named=True)


# -- the real files ------------------------------------------------------------------------------------


def test_the_padded_file_with_pipes(shared_data):
    """151 lines on 411: 100 debits of 53,638.78 and 51 credits of 39,222.26, 34 auxiliary accounts.

    117 lines are lettered in 45 groups that all balance, 38,738.24 on each side. The other 34 are 14,900.54 of
    debits, one opening credit of 56.03 and three receipts of 371.94, 56.04 and 0.01.
    """
    path = shared_data / "fec" / "111111111FEC20221231.TXT"
    assert SOURCE.identify(opened(path)) == "fec"
    taken = take(SOURCE, path)
    documents = taken.documents
    assert taken.frame("parties").height == 34
    # VE: 85 debits, 3 credits; AN: 13 debits, 1 credit; OD: 2 debits of a cent
    assert Counter(documents["type"]) == {"invoice": 100, "credit_note": 4}
    # 74.06 + 102.59 + 93.09 of credit notes and the 56.03 of the opening
    assert documents.filter(type="credit_note")["payable_cents"].sum() == 32577
    assert documents.filter(type="invoice")["payable_cents"].sum() == 5363878
    money = receipts(taken)
    assert (money.height, money["amount_cents"].sum()) == (47, 3889649)
    settled = taken.settlements.filter(pl.col("line").is_not_null())
    assert settled["allocated_cents"].sum() == 3873824
    assert signed(documents) - money["amount_cents"].sum() == 5363878 - 3922226
    unallocated = taken.settlements.filter(pl.col("line").is_null())["allocated_cents"]
    assert sorted(unallocated) == [1, 5604, 37194]
    # the fourteen opening items are all called "sans"
    (problem,) = taken.problems
    assert (problem.code, problem.line, problem.severity) == ("fec_opening_without_piece", 734, "warning")
    assert problem.sentence.params["count"] == 14


def test_the_first_invoice_of_the_padded_file_line_by_line(shared_data):
    """Lines 2 to 6: 69.60 + 1.21 without VAT, 3.83 + 0.06 of VAT, 74.70 on 411, lettered AA with line 680."""
    taken = take(SOURCE, shared_data / "fec" / "111111111FEC20221231.TXT")
    row = taken.documents.row(by_predicate=pl.col("line") == 6, named=True)
    # the piece is the journal and the month, which 87 other invoices share: the entry names it
    assert row["number"] == "VE-20230109-00000001"
    assert (row["type"], row["issue_date"], row["due_date"]) == ("invoice", date(2023, 1, 9), None)
    assert (row["net_cents"], row["tax_cents"], row["payable_cents"]) == (7081, 389, 7470)
    assert (row["party"], row["buyer"]) == ("41101590", "E.LECLERC CARPENTR")
    assert taken.frame("vat").filter(line=6).rows() == [(6, "S", 550, 7081, 389)]
    settled = taken.settlements.filter(line=6).row(0, named=True)
    assert (settled["received_date"], settled["amount_cents"], settled["allocated_cents"]) == (
        date(2023, 2, 9), 7470, 7470,
    )  # fmt: skip
    assert (settled["label"], settled["lettering"]) == ("VIR AUZON VENTOUX", "AA")


def test_one_transfer_for_ten_invoices_of_the_padded_file(shared_data):
    """Line 718: 9,483.03 of JARDIN DES PAPES, lettered AA with the ten invoices of VE that sum to it."""
    taken = take(SOURCE, shared_data / "fec" / "111111111FEC20221231.TXT")
    rows = taken.settlements.filter((pl.col("party") == "41102430") & (pl.col("amount_cents") == 948303))
    assert rows["settlement"].n_unique() == 1
    assert rows.sort("line")["allocated_cents"].to_list() == [
        94645, 247297, 127636, 31623, 41058, 26058, 67192, 137, 65292, 247365,
    ]  # fmt: skip
    # AB: 1008.86 + 893.19 + 485.75 = the credit note of 102.59 + the transfer of 2285.21
    group = taken.settlements.filter((pl.col("party") == "41102430") & (pl.col("lettering") == "AB"))
    by_note = group.filter(pl.col("credit_note_line") == 350)
    assert by_note["allocated_cents"].sum() == 10259
    assert group["allocated_cents"].sum() == 238780


def test_the_padded_file_says_how_its_journals_were_understood(shared_data):
    batch, _entries = take(SOURCE, shared_data / "fec" / "111111111FEC20221231.TXT").batches
    assert {note.code: note.params["journals"] for note in batch.notes} == {
        "fec_read_as_sales": "VE (88)",
        "fec_read_as_receipts": "C1 (34), CIC (12)",
        "fec_read_as_opening": "AN (14)",
        "fec_read_as_other": "OD (3)",
    }


def test_the_file_with_doubled_carriage_returns(shared_data):
    """Four lines on 411, no auxiliary: 77 opens 2,153.38, 7635 takes it back, 8980 and 8983 are sales in OD."""
    path = shared_data / "fec" / "123456789FEC20500930.txt"
    assert SOURCE.identify(opened(path)) == "fec"
    taken = take(SOURCE, path)
    rows = taken.documents.select(
        "line", "number", "type", "issue_date", "payable_cents", "party", "buyer"
    ).rows()
    assert rows == [
        (77, "5", "invoice", date(2022, 4, 1), 215338, "411100000", "CLIENTS"),
        (7635, "EXT 5", "credit_note", date(2022, 4, 1), 215338, "411100000", "CLIENTS"),
        (8980, "OD000000095", "invoice", date(2023, 4, 26), 7578450, "411100000", "CLIENTS"),
        (8983, "OD000000096", "invoice", date(2023, 4, 26), 5241600, "411100000", "CLIENTS"),
    ]
    assert taken.settlements.select("line", "credit_note_line", "allocated_cents", "lettering").rows() == [
        (77, 7635, 215338, "AAAF")
    ]
    assert taken.problems == []


# -- what entries mean ----------------------------------------------------------------------------------


def test_an_invoice_of_a_customer_with_its_vat(tmp_path):
    taken = read(tmp_path, *sale(1, "FA-1", 12000, name="Boulangerie Martin"))
    row = taken.only
    assert (row["number"], row["type"], row["payable_cents"]) == ("FA-1", "invoice", 12000)
    assert (row["net_cents"], row["tax_cents"], row["seller_siren"]) == (10000, 2000, "732829320")
    assert taken.frame("vat").rows() == [(2, "S", 2000, 10000, 2000)]
    assert (taken.customer["code"], taken.customer["name"]) == ("C1", "Boulangerie Martin")
    assert taken.settlements.is_empty()


@pytest.mark.parametrize(
    ("counterparts", "debit_type", "credit_type"),
    [
        (["706000", "445710"], "invoice", "credit_note"),
        (["445710"], "invoice", "credit_note"),
        (["419100", "445710"], "deposit", "credit_note"),
        (["512000"], "invoice", None),
        (["530000"], "invoice", None),
        (["511200"], "invoice", None),
        (["654000"], "invoice", None),
        (["758000"], "invoice", None),
        (["401000"], "invoice", None),
    ],
)
def test_the_accounts_against_it_say_what_a_line_is(tmp_path, counterparts, debit_type, credit_type):
    for side, expected in ((1, debit_type), (-1, credit_type)):
        share = 12000 // len(counterparts)
        lines = [
            fec_line("X", 1, "20260115", account, share if side < 0 else 0, share if side > 0 else 0)
            for account in counterparts
        ]
        total = share * len(counterparts)
        own = fec_line("X", 1, "20260115", "411000", total if side > 0 else 0, total if side < 0 else 0,
                       auxiliary="C1", piece="P-77")  # fmt: skip
        # an older entry, so that this day opens no year
        older = sale(9, "FA-0", 600, customer="C0", day="20260101")
        taken = read(tmp_path, *older, own, *lines)
        found = taken.documents.filter(party="C1")["type"].to_list()
        assert found == ([expected] if expected else [])
        assert receipts(taken)["amount_cents"].to_list() == ([] if expected else [total])


def test_names_of_journals_are_not_believed(tmp_path):
    """A sale in the bank's journal is a sale, money in the journal of sales is money."""
    lines = [[*line] for line in (*sale(1, "FA-1", 12000), *receipt(2, (12000, "")))]
    for line in lines:
        line[0], line[1] = ("BQ", "Banque") if line[0] == "VE" else ("VE", "Ventes")
    taken = read(tmp_path, *lines)
    assert taken.only["number"] == "FA-1"
    assert receipts(taken)["amount_cents"].to_list() == [12000]


def test_a_cash_sale_is_an_invoice_and_its_receipt(tmp_path):
    paid = [
        fec_line("VE", 1, "20260115", "411000", 0, 12000, auxiliary="C1", lettering="A"),
        fec_line("VE", 1, "20260115", "530000", 12000, 0),
    ]
    taken = read(tmp_path, *sale(1, "FA-1", 12000, lettering="A"), *paid)
    assert (taken.only["type"], taken.only["net_cents"]) == ("invoice", 10000)
    assert taken.settlements.select("line", "amount_cents", "allocated_cents").rows() == [(2, 12000, 12000)]


def test_a_negative_debit_is_a_credit(tmp_path):
    """Some software writes a credit note as an invoice below zero."""
    lines = sale(1, "AV-1", 12000)
    for line in lines:
        line[11:13] = [
            f"-{line[11]}" if line[11] != "0,00" else "0,00",
            f"-{line[12]}" if line[12] != "0,00" else "",
        ]
    row = read(tmp_path, *lines).only
    assert (row["type"], row["net_cents"], row["tax_cents"], row["payable_cents"]) == (
        "credit_note",
        10000,
        2000,
        12000,
    )


def test_vat_due_on_receipts_does_not_make_a_receipt_a_credit_note(tmp_path):
    moved = [
        fec_line("BQ", 2, "20260210", "445740", 2000, 0),
        fec_line("BQ", 2, "20260210", "445710", 0, 2000),
    ]
    taken = read(tmp_path, *sale(1, "FA-1", 12000, lettering="A"), *receipt(2, (12000, "A")), *moved)
    assert taken.documents["type"].to_list() == ["invoice"]
    assert receipts(taken)["amount_cents"].to_list() == [12000]


def test_a_deposit_and_the_final_invoice_that_takes_it_off(tmp_path):
    """120.00 asked before the work, then 600.00 less the deposit."""
    deposit = [
        fec_line("VE", 1, "20260115", "411000", 12000, 0, auxiliary="C1", piece="AC-1"),
        fec_line("VE", 1, "20260115", "419100", 0, 10000),
        fec_line("VE", 1, "20260115", "445710", 0, 2000),
    ]
    final = [
        fec_line("VE", 2, "20260315", "411000", 48000, 0, auxiliary="C1", piece="FA-1"),
        fec_line("VE", 2, "20260315", "419100", 10000, 0),
        fec_line("VE", 2, "20260315", "706000", 0, 50000),
        fec_line("VE", 2, "20260315", "445710", 0, 8000),
    ]
    taken = read(tmp_path, *deposit, *final)
    assert taken.documents.select("number", "type", "net_cents", "tax_cents", "payable_cents").rows() == [
        ("AC-1", "deposit", 10000, 2000, 12000),
        ("FA-1", "invoice", 40000, 8000, 48000),
    ]


def test_doubtful_receivables_are_told(tmp_path):
    """Moved from 411 to 416 they look settled: somebody must know that they are not."""
    moved = [
        fec_line("OD", 2, "20260601", "411000", 0, 12000, auxiliary="C1", lettering="A"),
        fec_line("OD", 2, "20260601", "416000", 12000, 0, auxiliary="C1"),
    ]
    taken = read(tmp_path, *sale(1, "FA-1", 12000, lettering="A"), *moved)
    (problem,) = taken.problems
    assert (problem.code, problem.severity, problem.line) == ("fec_doubtful_not_taken", "warning", None)
    assert "120,00" in problem.sentence.say("fr")


def test_several_lines_of_one_piece_are_one_invoice(tmp_path):
    own = [
        fec_line("VE", 1, "20260115", "411000", cents, 0, auxiliary="C1", piece="FA-1")
        for cents in (7000, 5000)
    ]
    against = fec_line("VE", 1, "20260115", "706000", 0, 12000, piece="FA-1")
    taken = read(tmp_path, *own, against)
    assert (taken.only["payable_cents"], taken.only["net_cents"], taken.only["line"]) == (12000, 12000, 2)


def test_instalments_lettered_apart_settle_the_one_invoice(tmp_path):
    own = [
        fec_line("VE", 1, "20260115", "411000", cents, 0, auxiliary="C1", piece="FA-1", lettering=code)
        for cents, code in ((7000, "A"), (5000, ""))
    ]
    against = fec_line("VE", 1, "20260115", "706000", 0, 12000, piece="FA-1")
    taken = read(tmp_path, *own, against, *receipt(2, (7000, "A")))
    assert taken.settlements.select("line", "allocated_cents", "lettering").rows() == [(2, 7000, "A")]


def test_a_number_is_used_once_and_later_ones_get_their_own(tmp_path):
    taken = read(
        tmp_path,
        *sale(1, "FA-1", 12000),
        *sale(2, "FA-1", 24000, customer="C2"),
        *sale(3, "FA-1", -12000),
        *sale(4, "", 6000),
        *sale(5, "sans", 7200),
    )
    assert taken.documents.select("number", "type", "party").rows() == [
        ("FA-1", "invoice", "C1"),
        ("FA-1/VE-20260115-2", "invoice", "C2"),
        ("FA-1", "credit_note", "C1"),
        ("VE-20260115-4", "invoice", "C1"),
        ("VE-20260115-5", "invoice", "C1"),
    ]


@pytest.mark.parametrize("piece", ["VE0126", "VE 01/2026", "202601", "0126", "VE20260115", "15012026"])
def test_a_piece_that_is_a_period_names_no_invoice(tmp_path, piece):
    taken = read(tmp_path, *sale(1, piece, 12000))
    assert taken.only["number"] == "VE-20260115-1"


def test_numbers_do_not_change_when_the_year_goes_on(tmp_path):
    """The export of March holds that of February: what was there keeps its number and key."""
    first = [*sale(1, "FA-1", 12000), *sale(2, "", 6000), *receipt(3, (12000, ""))]
    later = [*sale(4, "FA-1", 3600), *sale(5, "", 6000), *receipt(6, (6000, ""))]
    february, march = read(tmp_path, *first), read(tmp_path, *first, *later)
    assert march.documents.head(2).equals(february.documents)
    assert set(receipts(february)["settlement"]) < set(receipts(march)["settlement"])


def test_two_years_do_not_share_numbers_or_receipts(tmp_path):
    """Numbers of entries begin again each year."""
    years = [
        read(tmp_path, *sale(1, "", 6000, day=f"{y}0115"), *receipt(2, (600, ""), day=f"{y}0210"))
        for y in (2025, 2026)
    ]
    assert years[0].only["number"] != years[1].only["number"]
    assert set(receipts(years[0])["settlement"]).isdisjoint(receipts(years[1])["settlement"])


def test_opening_items_stay_what_they_are(tmp_path):
    opening = [
        fec_line(
            "RAN", 1, "20260101", "411000", 12000, 0, auxiliary="C1", piece="FA-25-9", piece_day="20251120"
        ),
        fec_line("RAN", 1, "20260101", "411000", 3600, 0, auxiliary="C1"),
        fec_line(
            "RAN", 1, "20260101", "411000", 0, 5000, auxiliary="C2", piece="AV-25-3", piece_day="20251203"
        ),
        fec_line("RAN", 1, "20260101", "512000", 50000, 0),
        fec_line("RAN", 1, "20260101", "101000", 0, 60600),
    ]
    taken = read(tmp_path, *opening, *receipt(2, (12000, "")))
    assert taken.documents.select("number", "type", "issue_date", "payable_cents").rows() == [
        ("FA-25-9", "invoice", date(2025, 11, 20), 12000),
        ("RAN-20260101-1-2", "invoice", date(2026, 1, 1), 3600),
        ("AV-25-3", "credit_note", date(2025, 12, 3), 5000),
    ]
    assert receipts(taken)["amount_cents"].to_list() == [12000]
    # nobody could tell the second from what last year's file holds
    assert [(problem.code, problem.line) for problem in taken.problems] == [("fec_opening_without_piece", 3)]


def test_money_given_back_is_owed_again(tmp_path):
    """A direct debit comes back: the receipt it undoes is lettered with it, the invoice is open again."""
    taken = read(
        tmp_path,
        *sale(1, "FA-1", 12000),
        *receipt(2, (12000, "R")),
        *receipt(3, (-12000, "R"), day="20260215"),
    )
    back = by_number(taken, "BQ-20260215-3")
    assert (back["type"], back["payable_cents"]) == ("invoice", 12000)
    assert taken.settlements.select("line", "allocated_cents").rows() == [(back["line"], 12000)]


# -- lettrage ------------------------------------------------------------------------------------------


def test_the_oldest_credit_settles_the_oldest_debit_first(tmp_path):
    taken = read(
        tmp_path,
        *sale(1, "FA-2", 6000, day="20260120", lettering="B"),
        *sale(2, "FA-1", 12000, day="20260110", lettering="B"),
        *receipt(3, (10000, "B"), day="20260201"),
        *sale(4, "AV-1", -3000, day="20260125", lettering="B"),
        *receipt(5, (5000, "B"), day="20260301"),
    )
    lines = {row["number"]: row["line"] for row in taken.documents.iter_rows(named=True)}
    rows = (
        taken.settlements.sort("received_date", "line")
        .select("line", "credit_note_line", "allocated_cents")
        .rows()
    )
    # FA-1 120.00 = credit note 30 + 90 of the first transfer; FA-2 60.00 = its other 10 + 50 of the second
    assert sorted(rows, key=str) == sorted(
        [
            (lines["FA-1"], lines["AV-1"], 3000),
            (lines["FA-1"], None, 9000),
            (lines["FA-2"], None, 1000),
            (lines["FA-2"], None, 5000),
        ],
        key=str,
    )


def test_a_group_that_does_not_balance_is_a_warning_and_goes_as_far_as_it_goes(tmp_path):
    taken = read(tmp_path, *sale(1, "FA-1", 12000, lettering="A"), *receipt(2, (9000, "A")))
    (problem,) = taken.problems
    assert (problem.code, problem.severity, problem.line) == ("fec_lettering_unbalanced", "warning", 2)
    assert taken.settlements["allocated_cents"].to_list() == [9000]
    # more money than invoices: the rest stays the customer's credit
    more = read(tmp_path, *sale(1, "FA-1", 12000, lettering="A"), *receipt(2, (15000, "A")))
    assert more.settlements.select("line", "allocated_cents", "amount_cents").rows() == [
        (2, 12000, 15000), (None, 3000, 15000),
    ]  # fmt: skip
    # small letters say that the lettrage is partial
    partial = read(tmp_path, *sale(1, "FA-1", 12000, lettering="a"), *receipt(2, (9000, "a")))
    assert partial.problems == []


def test_the_same_code_of_two_customers_is_two_groups(tmp_path):
    taken = read(
        tmp_path,
        *sale(1, "FA-1", 12000, lettering="A"),
        *sale(2, "FA-2", 6000, customer="C2", lettering="A"),
        *receipt(3, (6000, "A"), customer="C2"),
        *receipt(4, (12000, "A")),
    )
    assert taken.problems == []
    assert taken.settlements.select("party", "line", "allocated_cents").sort("party").rows() == [
        ("C1", 2, 12000), ("C2", 5, 6000),
    ]  # fmt: skip


# -- dialects -------------------------------------------------------------------------------------------


def dialects():
    lines = [
        *sale(1, "FA-é1", 12000, lettering="A", name="Société Générale d'Œuvres"),
        *receipt(2, (12000, "A")),
    ]
    text = fec(*lines)
    padded = fec(*[[f"{cell:<14}" for cell in line] for line in lines], separator="|")
    quoted = "\n".join("\t".join(f'"{cell}"' for cell in line.split("\t")) for line in text.splitlines())
    by_side = [[*line[:11], euros_of(line), "D" if line[12] == "0,00" else "C", *line[13:]] for line in lines]
    plus = [[*line[:12], "+1" if line[12] == "D" else "-1", *line[13:]] for line in by_side]
    amounts = [*FEC_COLUMNS[:11], "Montant", "Sens", *FEC_COLUMNS[13:]]
    bnc = [*FEC_COLUMNS, "DateRglt", "ModeRglt", "NatOp", "IdClient"]
    return {
        "tabs": text.encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "latin-9": text.encode("iso-8859-15"),
        "cp1252": text.encode("cp1252"),
        "utf-16": text.encode("utf-16"),
        "crlf": text.replace("\n", "\r\n").encode(),
        "crcrlf": text.replace("\n", "\r\r\n").encode(),
        "old mac": text.replace("\n", "\r").encode(),
        "padded": padded.encode(),
        "trailing": fec(*lines, separator="|").replace("\n", "|\n").encode(),
        "trailing lines only": (
            text.split("\n")[0] + "\n" + text.split("\n", 1)[1].replace("\n", "\t\n")
        ).encode(),
        "semicolons": fec(*lines, separator=";").encode(),
        "capitals": (text.split("\n")[0].upper() + "\n" + text.split("\n", 1)[1]).encode(),
        "quoted": quoted.encode(),
        "sides": fec(*by_side, columns=amounts).encode(),
        "signs": fec(*plus, columns=amounts).encode(),
        "22 columns": fec(*[[*line, "", "", "", ""] for line in lines], columns=bnc).encode(),
        "cut columns": "\n".join("\t".join(line.split("\t")[:14]) for line in text.splitlines()).encode(),
        "blank lines": text.replace("\n", "\n\n").encode(),
        "points": text.replace(",", ".").encode(),
        "thousands": text.replace("120,00", "0 120,00").encode(),
        "dates": text.replace("20260115", "15/01/2026").replace("20260210", "2026-02-10").encode(),
    }


def euros_of(line: list[str]) -> str:
    return line[11] if line[11] != "0,00" else line[12]


@pytest.mark.parametrize("dialect", dialects())
def test_every_dialect_gives_the_same_frames(tmp_path, dialect):
    path = written(tmp_path, "f.txt", dialects()[dialect])
    assert SOURCE.identify(opened(path)) == "fec"
    taken = take(SOURCE, path)
    assert taken.problems == []
    row = taken.only
    assert (row["number"], row["buyer"], row["issue_date"]) == (
        "FA-é1",
        "Société Générale d'Œuvres",
        date(2026, 1, 15),
    )
    assert (row["net_cents"], row["tax_cents"], row["payable_cents"]) == (10000, 2000, 12000)
    settled = taken.settlements.select("received_date", "amount_cents", "allocated_cents").rows()
    assert settled == [(date(2026, 2, 10), 12000, 12000)]


def test_numbers_that_begin_again_each_month_are_kept_apart(tmp_path):
    taken = read(
        tmp_path,
        *sale(1, "FA-1", 12000, day="20260115"),
        *sale(1, "FA-2", 6000, day="20260215"),
        *receipt(1, (6000, ""), day="20260301"),
    )
    assert taken.documents["net_cents"].to_list() == [10000, 5000]


def test_a_number_on_every_line_is_no_number_of_an_entry(tmp_path):
    lines = [*sale(1, "FA-1", 12000), *sale(2, "FA-2", 6000, day="20260116"), *receipt(3, (12000, ""))]
    for place, line in enumerate(lines):
        line[2] = str(place + 1)
    taken = read(tmp_path, *lines)
    assert taken.documents["net_cents"].to_list() == [10000, 5000]
    assert receipts(taken)["amount_cents"].to_list() == [12000]
    assert taken.problems == []


def test_the_currency_is_the_companys(tmp_path):
    path = written(tmp_path, "f.txt", fec(*sale(1, "FA-1", 12000)))
    assert take(SOURCE, path, ReadContext(currency="XPF")).only["currency"] == "XPF"


def test_a_siren_that_is_none_is_not_taken_from_the_name(tmp_path):
    """Anonymised files are called 111111111FEC…, which is nobody's number."""
    assert read(tmp_path, *sale(1, "FA-1", 12000), name="111111111FEC20221231.TXT").only["seller_siren"] == ""


# -- refusals -------------------------------------------------------------------------------------------


def test_an_entry_that_does_not_balance_is_refused_with_its_line(tmp_path):
    lines = [*sale(1, "FA-1", 12000), *sale(2, "FA-2", 6000)]
    lines[1][12] = "99,99"
    taken = read(tmp_path, *lines)
    (problem,) = taken.problems
    assert (problem.code, problem.line, problem.severity) == ("fec_entry_unbalanced", 2, "error")
    assert problem.raw.startswith("VE\t")
    assert "0,01" in problem.sentence.say("fr")
    assert taken.only["number"] == "FA-2"


@pytest.mark.parametrize("amount", ["abc", "12,345", "1,2,3", "12,00 EUR", "--5", "9" * 20])
def test_an_amount_that_is_none_refuses_its_entry(tmp_path, amount):
    lines = [*sale(1, "FA-1", 12000), *sale(2, "FA-2", 6000)]
    lines[1][12] = amount
    taken = read(tmp_path, *lines)
    assert [(p.code, p.line) for p in taken.problems] == [("fec_amount_unreadable", 3)]
    assert taken.only["number"] == "FA-2"


@pytest.mark.parametrize("day", ["20260231", "2026", "", "15.01.26", "00010101", "99991231"])
def test_a_date_that_is_none_refuses_its_line(tmp_path, day):
    lines = [*sale(1, "FA-1", 12000), *sale(2, "FA-2", 6000)]
    for line in lines[:3]:
        line[3] = day
    taken = read(tmp_path, *lines)
    assert [(p.code, p.line) for p in taken.problems] == [
        ("fec_date_unreadable", 2),
        ("fec_lines_not_kept", 3),  # what stands against it has no date either
    ]
    assert taken.only["number"] == "FA-2"


def test_a_line_that_is_cut_is_refused_and_its_entry_with_it(tmp_path):
    text = fec(*sale(1, "FA-1", 12000), *sale(2, "FA-2", 6000), *sale(3, "FA-3", 7200)).splitlines()
    text[2] = text[2][:30]
    taken = take(SOURCE, written(tmp_path, "f.txt", "\n".join(text)))
    assert [(p.code, p.line) for p in taken.problems] == [
        ("fec_entry_unbalanced", 2),
        ("fec_wrong_column_count", 3),
    ]
    assert taken.documents["number"].to_list() == ["FA-2", "FA-3"]


def test_other_entries_that_do_not_balance_are_told_once(tmp_path):
    wages = [fec_line("OD", 8 + n, "20260131", "641000", 100, 0) for n in range(2)]
    taken = read(tmp_path, *sale(1, "FA-1", 12000), *sale(2, "FA-2", 12000), *sale(3, "FA-3", 12000), *wages)
    (problem,) = taken.problems
    assert (problem.code, problem.line, problem.severity) == ("fec_other_entries_unbalanced", 11, "warning")
    assert problem.sentence.params["count"] == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n \r\n", "empty_file"),
        (fec(fec_line("OD", 1, "20260131", "641000", 0, 0)).encode(), "fec_without_customers"),
        (fec().encode(), "fec_without_customers"),
        ("\t".join(FEC_COLUMNS[:11]).encode(), "fec_columns_missing"),
        (b"a\tb\nc\td\n", "fec_columns_missing"),
        ((fec() + "x\n" * 10).encode(), "fec_mostly_malformed"),
        ((fec() + "x\t" * 100_000).encode(), "fec_mostly_malformed"),
        (b"\x00\x01\x02\xff" * 100, "not_a_text_file"),
    ],
)
def test_what_is_no_fec_is_refused_whole(tmp_path, content, code):
    assert refusal(SOURCE, written(tmp_path, "f.txt", content)).code == code


def test_the_missing_columns_are_named(tmp_path):
    problem = refusal(
        SOURCE, written(tmp_path, "f.txt", fec(columns=[c for c in FEC_COLUMNS if c != "Credit"]))
    )
    assert "Credit" in problem.sentence.say("en")


# -- properties -----------------------------------------------------------------------------------------


@st.composite
def ledgers(draw):
    """A year of sales, credit notes, transfers and returned transfers of a few customers, lettered at random."""
    lines: list[list[str]] = []
    balance: dict[str, int] = defaultdict(int)
    for entry in range(1, draw(st.integers(1, 14)) + 1):
        customer = draw(st.sampled_from(["C1", "C2", ""]))
        cents = draw(st.integers(1, 50_000)) * draw(st.sampled_from([1, 1, 1, -1]))
        code = draw(st.sampled_from(["", "A", "B"]))
        day = f"2026{draw(st.integers(1, 12)):02d}{draw(st.integers(1, 28)):02d}"
        if draw(st.booleans()):
            piece = draw(st.sampled_from(["", "FA-1", "FA-2", f"FA-{entry + 10}", "VE0126"]))
            lines += sale(entry, piece, cents, customer=customer, day=day, lettering=code)
            balance[customer or "411000"] += cents
        else:
            other = draw(st.integers(1, 900))
            lines += receipt(entry, (cents, code), (other, ""), customer=customer, day=day)
            balance[customer or "411000"] -= cents + other
    return lines, dict(balance)


@settings(max_examples=60, deadline=None)
@given(ledgers())
def test_documents_less_receipts_are_the_balance_of_411(tmp_path_factory, ledger):
    lines, balance = ledger
    taken = read(tmp_path_factory.mktemp("fec"), *lines)
    owed = {
        party: signed(taken.documents.filter(party=party))
        - receipts(taken).filter(party=party)["amount_cents"].sum()
        for party in balance
    }
    assert owed == balance
    assert_nothing_is_settled_twice(taken)


def assert_nothing_is_settled_twice(taken: Taken) -> None:
    """Rows of a receipt sum to it; no document is settled beyond what it says; numbers are unique."""
    documents, rows = taken.documents, taken.settlements
    for _, group in groupby(rows.filter(pl.col("credit_note_line").is_null()).sort("settlement").iter_rows(named=True),
                            key=lambda row: row["settlement"]):  # fmt: skip
        parts = list(group)
        assert sum(row["allocated_cents"] for row in parts) == parts[0]["amount_cents"]
        assert len({row["amount_cents"] for row in parts}) == 1
    payable = dict(documents.select("line", "payable_cents").iter_rows())
    settled: Counter[int] = Counter()
    for line, note, cents in rows.select("line", "credit_note_line", "allocated_cents").iter_rows():
        assert cents > 0
        for place in (line, note):
            if place is not None:
                settled[place] += cents
    assert all(cents <= payable[line] for line, cents in settled.items())
    assert documents.select("type", "number").is_unique().all()


def test_a_large_file_comes_in_batches_of_whole_customers(tmp_path, monkeypatch):
    from importlib import import_module

    monkeypatch.setattr(import_module("encours.providers.invoices.fec.batches"), "_BATCH_LINES", 50)
    generator = random.Random(7)
    lines: list[list[str]] = []
    for entry in range(300):
        lines += sale(
            entry, f"FA-{entry}", generator.randrange(1, 99_999), customer=f"C{entry % 20}", lettering="A"
        )
    taken = read(tmp_path, *lines, *receipt(900, (5000, "A"), customer="C3"))
    assert len(taken.batches) > 3
    seen = [set(batch.documents["party"]) | set(batch.settlements["party"]) for batch in taken.batches]
    assert sum(len(parties) for parties in seen) == 20
    assert taken.documents.height == 300
