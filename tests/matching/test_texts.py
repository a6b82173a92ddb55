"""Numbers as payers write them lead to the numbers as the company prints them, and noise does not."""

from datetime import date

import polars as pl
import pytest

from encours.core.matching.frames import LINES
from encours.core.matching.texts import is_iban, keys_of_lines
from encours.core.references import (
    compact,
    creditor_reference,
    is_creditor_reference,
    normalised_number,
    normalised_numbers,
)

OWN = ["732829320", "FR7630004000031234567890143"]


def line(remittance: str = "", end_to_end_id: str = "", structured_reference: str = "") -> pl.DataFrame:
    row = {
        "line_id": 1, "booked_date": date(2026, 3, 2), "amount_cents": 1000, "currency": "EUR",
        "bank_reference": "", "end_to_end_id": end_to_end_id, "structured_reference": structured_reference,
        "remittance": remittance, "counterparty_name": "", "operation_code": "", "return_reason": "", "state": "new",
    }  # fmt: skip
    return pl.DataFrame([row], schema=LINES)


def strong_keys(text: str) -> set[str]:
    keys = keys_of_lines(line(text), own_identifiers=OWN)
    return set(keys.filter(~pl.col("is_weak"))["key"])


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (
            "FACT-2025-0012",
            ["FACT-2025-0012", "fact 2025 0012", "VIR DUBOIS FACT2025-0012", "Réf. FACT/2025/12", "FACT20250012",
             "FACT_2025_012 MERCI", "REGLT FACT.2025.0012", "FACT 2025-0010 ET 0012", "FACT 2025-0010,0012"],
        ),
        ("2025-0012", ["FACT2025-0012", "facture n°2025-0012", "20250012"]),
        ("FA-202501-0012", ["FA202501-12", "FA2025010012"]),
        ("F000123", ["F123", "F 000123", "F-000123"]),
        ("Avoir n° 88123", ["AVOIR N 88123"]),
        ("É-10234", ["E10234"]),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(number, texts):
    for text in texts:
        keys = keys_of_lines(line(text), own_identifiers=OWN)
        assert normalised_number(number) in set(keys["key"]), text


@pytest.mark.parametrize(
    "text",
    [
        "VIR DU 12/03/2025", "LE 12032025", "LE 20250312", "LOYER MARS 2025", "44000 NANTES",
        "SIREN 443061841", "MONTANT 1 234,56", "IBAN FR76 3000 4000 0312 3456 7890 143", "SIRET 73282932000074",
        "BE71096123456769",
    ],
)  # fmt: skip
def test_dates_years_amounts_and_identifiers_do_not_count_by_themselves(text):
    digits_only = {key for key in strong_keys(text) if key.isdigit()}
    assert digits_only == set()


def test_a_comma_ends_a_number():
    assert "FACT202512" not in strong_keys("FACT 2025, 7")
    assert "A1B2" not in set(keys_of_lines(line("A1, B2"), own_identifiers=OWN)["key"])


def test_a_creditor_reference_leads_to_the_number_it_was_built_from():
    reference = creditor_reference("FACT-2025-0012")
    assert is_creditor_reference(reference)
    grouped = " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))
    for text in (
        line(structured_reference=reference),
        line(end_to_end_id=reference),
        line(f"VIR {grouped} DUBOIS"),
    ):
        own = keys_of_lines(text, own_identifiers=OWN).filter(pl.col("source") == "own_key")
        assert reference in set(own["key"])
        assert "FACT202512" in set(own["key"])


def test_a_wrong_creditor_reference_is_only_text():
    reference = creditor_reference("FACT-2025-0012")
    wrong = reference[:2] + f"{(int(reference[2:4]) + 1) % 97:02d}" + reference[4:]
    own = keys_of_lines(line(f"VIR {wrong}"), own_identifiers=OWN).filter(pl.col("source") == "own_key")
    assert own.is_empty()


def test_an_absent_end_to_end_id_says_nothing():
    assert keys_of_lines(line(end_to_end_id="NOTPROVIDED"), own_identifiers=OWN).is_empty()


def test_normalising_a_column_and_a_number_agree():
    numbers = [
        "FACT-2025-0012",
        "n°000",
        "0",
        "é à ç 007",
        "A0B00C000",
        "Straße 01",
        "1-0-01",
        "",
        "—",
        "ﬁ-01",
        "00",
    ]
    frame = pl.DataFrame({"n": numbers}).select(normalised_numbers(pl.col("n")))
    assert frame["n"].to_list() == [normalised_number(number) for number in numbers]


def test_ibans_are_recognised_by_their_check_digits():
    assert is_iban(compact("FR76 3000 4000 0312 3456 7890 143"))
    assert not is_iban(compact("FR77 3000 4000 0312 3456 7890 143"))
