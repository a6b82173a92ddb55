"""Which bank lines are customers' money, and which are something else."""

from datetime import date

import polars as pl
import pytest

from encours.core.matching.frames import LINES
from encours.core.matching.natures import NATURES, CustomerNames, natures, why

OWN = {"own_ibans": ["FR76 3000 4000 0312 3456 7890 143"], "own_names": ["Atelier Lumen SAS"]}


def line(line_id: int, cents: int, text: str = "", **known) -> dict[str, object]:
    empty = {name: "" for name, kind in LINES.items() if kind == pl.String}
    return empty | {
        "line_id": line_id, "booked_date": date(2026, 3, 2), "amount_cents": cents, "currency": "EUR",
        "remittance": text, "is_reversal": False, "state": "new",
    } | known  # fmt: skip


def told(*rows: dict[str, object], customers: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    frame = natures(lines=pl.DataFrame(list(rows), schema=LINES), customers=CustomerNames(customers), **OWN)
    assert frame.columns == ["line_id", "nature", "recognised"]
    assert frame["line_id"].to_list() == [row["line_id"] for row in rows]
    return frame.select("nature", "recognised").rows()


def nature(cents: int, text: str = "", *, customers: tuple[str, ...] = (), **known) -> str:
    return told(line(1, cents, text, **known), customers=customers)[0][0]


@pytest.mark.parametrize(
    "text",
    [
        "VIR SEPA RECU /DE BOULANGERIE DUBOIS /MOTIF FACT-2025-0012",
        "FACTURE 12 + FRAIS DE PORT",
        "FACT 12 ET INTERETS DE RETARD",
        "REGLEMENT FACTURE 44 TVA COMPRISE",
        "SOLDE APRES REJET PRELEVEMENT DE MARS",
        "PAIEMENT SALAIRES FORMATION FACT 7",
        "PAYE PAR STRIPE FACTURE 12",
        "REMISE CHEQUES 0001234",
        "VERSEMENT ESPECES",
        "VIR TRESORERIE DE NANTES MUNICIPALE MANDAT 123",
        "DGFIP FACTURE CHORUS FA-2026-001",
        "",
    ],
)
def test_money_of_a_customer_is_never_noise(text):
    assert nature(12_000, text) == "receipt"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("card_settlement", "REMISE CB 0123456 DU 02/03/26"),
        ("card_settlement", "REM CARTE 4 FACTURETTES"),
        ("psp_payout", "VIR SEPA RECU DE STRIPE TECHNOLOGY EUROPE"),
        ("psp_payout", "VIREMENT PAYPLUG 2026-03"),
        ("own_transfer", "VIREMENT INTERNE DEPUIS LIVRET"),
        ("fee", "Remboursement de frais de tenue de compte"),
        ("interest", "INTÉRÊTS CRÉDITEURS 1ER TRIMESTRE"),
        ("loan", "DEBLOCAGE DU PRET 0044"),
        ("tax", "REMB CREDIT DE TVA 3T2025"),
        ("refund", "INDEMNITE SINISTRE 2026-44"),
        ("refund", "IJSS PERIODE 02/2026"),
    ],
)
def test_credits_whose_words_mean_something_else(expected, text):
    assert nature(12_000, text) == expected


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("fee", "F COMMISSION D INTERVENTION"),
        ("fee", "FRAIS REJET PRLV IMPAYE"),
        ("fee", "Monthly fee March"),
        ("return", "PRLV SEPA IMPAYE DUBOIS"),
        ("return", "Returned direct debit"),
        ("salary", "VIR SALAIRES MARS"),
        ("tax", "PRLV SEPA URSSAF ILE DE FRANCE"),
        ("loan", "ECHEANCE PRET 0044"),
        ("interest", "INTERETS DEBITEURS"),
        ("own_transfer", "VIREMENT INTERNE VERS LIVRET"),
        ("other_debit", "PRLV SEPA OVH SAS"),
    ],
)
def test_debits_say_what_they_are_for(expected, text):
    assert nature(-12_000, text) == expected


@pytest.mark.parametrize(
    ("expected", "cents", "code"),
    [
        ("receipt", 1, "05"),
        ("receipt", 1, "C2"),
        ("receipt", 1, "02"),
        ("receipt", 1, "PMNT-RCDT-ESCT"),
        ("receipt", 1, "PMNT-RCDT-BOOK"),
        ("receipt", 1, "NTRF"),
        ("card_settlement", 1, "30"),
        ("card_settlement", 1, "PMNT-MCRD-POSP"),
        ("own_transfer", 1, "18"),
        ("own_transfer", 1, "CAMT-ACCB-ZABA"),
        ("own_transfer", -1, "NCMZ"),
        ("fee", -1, "62"),
        ("fee", -1, "PMNT-ICDT-CHRG"),
        ("fee", -1, "ACMT-MDOP-COMM"),
        ("fee", -1, "NCHG"),
        ("interest", 1, "NINT"),
        ("loan", 1, "LDAS-FTLN-PPAY"),
        ("return", -1, "B3"),
        ("return", -1, "12"),
        ("return", -1, "PMNT-IDDT-UPDD"),
        ("return", -1, "NRTI"),
        ("other_debit", -1, "B1"),
    ],
)
def test_the_banks_code_is_believed(expected, cents, code):
    assert nature(cents, operation_code=code) == expected


def test_a_reason_or_the_banks_word_for_a_reversal_makes_a_return():
    assert told(
        line(1, -100, "PRLV DUBOIS", return_reason="AM04"), line(2, 100, "EXTOURNE", is_reversal=True)
    ) == [("return", "AM04"), ("return", "reversal")]


def test_a_reason_of_zeros_is_none():
    assert nature(100, return_reason="00") == "receipt"


def test_own_accounts_are_known_by_iban_or_by_the_companys_own_name():
    assert nature(100, counterparty_iban="FR7630004000031234567890143") == "own_transfer"
    assert nature(100, counterparty_name="S.A.S. Atelier Lumen") == "own_transfer"
    assert nature(100, counterparty_name="Atelier Lumen Distribution") == "receipt"
    # banks name the company beside what came back
    assert nature(-100, "PRLV IMPAYE ATELIER LUMEN", counterparty_name="Atelier Lumen") == "return"
    # payers write whom they pay
    assert nature(100, "VIR ATELIER LUMEN") == "receipt"


def test_a_customer_who_is_called_like_a_provider_pays():
    assert nature(100, counterparty_name="PayPlug Conseil") == "psp_payout"
    assert nature(100, counterparty_name="PayPlug Conseil", customers=("PAYPLUG CONSEIL",)) == "receipt"
    # words of many names count only as the whole name
    assert nature(100, counterparty_name="Alma") == "psp_payout"
    assert nature(100, counterparty_name="Alma Boulangerie") == "receipt"


def test_a_customer_named_in_the_text_guards_the_money():
    text = "VIREMENT INTERNE MENUISERIE LEFEVRE FACT 12"
    assert nature(100, text) == "own_transfer"
    assert nature(100, text, customers=("MENUISERIE LEFEVRE",)) == "receipt"
    assert nature(100, text, customers=("MENUISERIE LEFEV",)) == "own_transfer"


def test_no_lines_no_natures():
    assert told() == []


def test_each_nature_but_a_receipt_says_itself_in_both_languages():
    for each in NATURES[1:]:
        sentence = why(nature=each, recognised="B3")
        assert sentence.say("fr") != sentence.say("en")
        assert "{" not in sentence.say("fr") + sentence.say("en")
