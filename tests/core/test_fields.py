"""Refusals name a field as people call it, in their language; scripts are told its canonical name."""

import pytest

from encours.core.fields import FIELD_NAMES
from encours.core.wording import Sentence, Wording
from encours.ports.registry import bank_feeds, invoice_sources, vocabularies
from tests.providers.invoices.test_invoices_csv import read

HEADER = "N° facture;Date facture;Échéance;Code client;Client;TTC;Devise;Reste dû\n"


@pytest.mark.parametrize(
    ("row", "field", "french", "english"),
    [
        (";2026-01-10;;C1;X;10;EUR;", "number", "« Numéro de facture »", '"Invoice number"'),
        ("F1;;;C1;X;10;EUR;", "issue_date", "« Date d’émission »", '"Date of issue"'),
        ("F1;2026-01-10;31/02/2026;C1;X;10;EUR;", "due_date", "Date d’échéance :", "Due date:"),
        ("F1;2026-01-10;;C1;X;dix;EUR;", "total", "Total TTC :", "Total with VAT:"),
        ("F1;2026-01-10;;C1;X;10;EUR;peu", "balance", "Solde :", "Balance:"),
        ("F1;2026-01-10;;C1;X;;EUR;", "total", "« Total TTC »", '"Total with VAT"'),
    ],
)
def test_a_refused_line_says_which_field(tmp_path, row, field, french, english):
    (problem,) = read(tmp_path, f"{HEADER}{row}\n").problems
    assert problem.field == field
    assert french in problem.sentence.say("fr")
    assert english in problem.sentence.say("en")


def test_every_column_a_table_may_have_has_a_name():
    for vocabulary in vocabularies().values():
        assert set(vocabulary.fields) <= set(FIELD_NAMES), vocabulary.kind


def test_names_are_no_canonical_names():
    assert {*bank_feeds(), *invoice_sources()}  # their wordings are loaded
    for name, wording in FIELD_NAMES.items():
        assert wording.fr[0].isupper()
        assert wording.en[0].isupper()
        assert "_" not in wording.fr + wording.en, name


def test_a_sentence_stored_before_its_wording_had_a_parameter_is_still_said():
    Wording("test.newer", fr="{field} : « {value} »", en='{field}: "{value}"')
    assert Sentence("test.newer", {"value": "x"}).say("fr") == "… : « x »"
