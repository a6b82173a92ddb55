"""Sentences are said in both languages, stored and said again later."""

import importlib
import pkgutil
import string
from datetime import date

import pytest

import encours
from encours.core.money import Money
from encours.core.wording import Sentence, Wording, all_wordings, typeset

LATE = Wording(
    "test.late",
    fr="{number} : {amount} dus depuis le {due}, {detail}",
    en="{number}: {amount} due since {due}, {detail}",
)
WHY = Wording("test.why", fr="sans réponse", en="no answer")


def test_a_sentence_speaks_the_reader_s_language():
    said = LATE(number="F-1", amount=Money(123456), due=date(2026, 3, 5), detail=WHY())
    assert said.say("fr") == "F-1 : 1\u202f234,56\u00a0€ dus depuis le 05/03/2026, sans réponse"
    assert said.say("en") == "F-1: €1,234.56 due since 5 Mar 2026, no answer"


def test_a_stored_sentence_says_the_same():
    said = LATE(number="F-1", amount=Money(-5, "USD"), due=date(2026, 3, 5), detail=WHY())
    again = Sentence.from_json(said.as_json())
    assert [again.say(language) for language in ("fr", "en")] == [
        said.say(language) for language in ("fr", "en")
    ]


def test_every_sentence_of_the_product_is_whole_in_both_languages():
    for module in pkgutil.walk_packages(encours.__path__, "encours."):
        if module.name.split(".")[1] in ("core", "ports", "providers", "actions", "queries", "store", "cli"):
            importlib.import_module(module.name)
    wordings = all_wordings()
    assert len(wordings) > 100
    for wording in wordings:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in (wording.fr, wording.en)
        ]
        assert fields[0] == fields[1], f"{wording.code}: the languages tell different things"
        assert wording.fr.strip(), wording.code
        assert wording.en.strip(), wording.code


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Motif : litige", "Motif\u00a0: litige"),
        ("Payé ; vraiment ?", "Payé\u00a0; vraiment\u00a0?"),
        ("« vu »", "«\u00a0vu\u00a0»"),
        ("taux de 20 %, puis %(rate)s", "taux de 20\u00a0%, puis %(rate)s"),
        ("12:30 à http://lieu", "12:30 à http://lieu"),
    ],
)
def test_a_sign_of_french_never_begins_a_line(written: str, shown: str):
    assert typeset(written) == shown
