"""The words of the request and of its schedule, compared with files a person has read (ENCOURS_RECORD=1 writes them anew)."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from encours.core.court_files.bordereau import Piece, as_csv, cited
from encours.core.court_files.checking import check
from encours.core.court_files.claim import Credit
from encours.core.court_files.facts import Notice
from encours.core.court_files.procedures import court_of
from encours.core.court_files.request import Cited, as_text, request_of
from encours.core.interest import InterestTerms
from tests.court.cases import LEFEVRE, debt, facts

GOLDEN = Path(__file__).parent / "golden"
NOTICE = Notice(7, date(2026, 3, 16), "registered", has_proof=True)
TWO = (debt(paid=((date(2026, 3, 2), 40_000),)), debt(2, "FA-2", cents=55_550, due=date(2026, 2, 28)))
JEANNE = replace(LEFEVRE, kind="person", name="Jeanne Morel", siren="")
CITED = Cited(
    statement=1, interest=2, agreements=(3, 4), invoices=(5, 7), deliveries=(6,), reminders=(8, 9), notices=(10,),
    replies=(11,), cases=(12,),
)  # fmt: skip
STORIES = {
    "injonction": ("injonction", facts(*TWO, notices={1: NOTICE, 2: NOTICE})),
    "injonction_with_credit": ("injonction", facts(*TWO, credits=(Credit("Avoir AV-1", 10_000),))),
    "injonction_without_rate": ("injonction", facts(*TWO, debt(3, "FA-3", due=date(2026, 8, 31)), on=date(2026, 11, 20))),
    "injonction_of_a_person": (
        "injonction", facts(*TWO, debtor=JEANNE, terms=InterestTerms("person"), notices={1: NOTICE}),
    ),
    "agreed_rate": ("injonction", facts(*TWO, terms=InterestTerms("company", agreed_basis_points=1_500))),
    "petites_creances": ("petites_creances", facts(*TWO, notices={1: NOTICE})),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_the_request_reads_as_recorded(name):
    procedure, given = STORIES[name]
    claim = check(facts=given, procedure=procedure).claim
    blocks = request_of(
        facts=given, claim=claim, procedure=procedure, court=court_of(given.debtor), pieces=CITED,
        iban="FR7630004000031234567890143", account_holder="Atelier Lumen",
    )  # fmt: skip
    compared(f"{name}.txt", as_text(blocks))


def test_the_schedule_reads_as_recorded():
    pieces = [
        Piece(1, "statement", "Relevé de compte", date(2026, 5, 15)),
        Piece(2, "invoice", "Facture FA-1", date(2026, 1, 1), "Original électronique (UBL), joint"),
        Piece(3, "other", "=cmd|' /C calc'!A0", None, "piège.pdf"),
    ]
    compared("bordereau.csv", as_csv(pieces, {1: (4, 2), 2: (6, 3), 3: (9, 1)}))


def test_pieces_are_cited_by_runs():
    assert cited([1]) == "pièce n° 1"
    assert cited([1, 2]) == "pièces n° 1 et 2"
    assert cited([1, 2, 3, 7, 9, 10, 11]) == "pièces n° 1 à 3, 7 et 9 à 11"


def compared(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("ENCOURS_RECORD"):
        path.write_text(text, "utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as recorded:
        assert text == recorded.read()
