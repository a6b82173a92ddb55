"""One form of a text, and the way back to what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.grammar import plain
from encours.core.grammar.languages import language_of


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Réglé  L’été", "regle l'ete"),
        ("vendrdi", "vendredi"),
        ("le vir part", "le virement part"),
        ("we can't", "we can not"),
        ("dix-sept", "17"),
        ("le 15 sept", "le 15 sept"),
        ("une facture", "une facture"),
    ],
)
def test_a_text_comes_to_one_form(written: str, form: str):
    assert plain(written).text == form


def test_words_are_told_as_they_were_written():
    said = plain("Payé VENDRDI soir")
    place = said.text.index("vendredi")
    assert said.verbatim(place, place + len("vendredi")) == "VENDRDI"


@given(text=st.text(max_size=200))
def test_every_span_leads_back_to_the_text(text: str):
    said = plain(text)
    assert len(said.at) == len(said.until) == len(said.text)
    assert all(start < end <= len(text) for start, end in zip(said.at, said.until, strict=True))
    assert list(said.at) == sorted(said.at)


def test_a_customer_may_write_in_either_language():
    assert language_of("nous vous paierons la semaine prochaine") == "fr"
    assert language_of("we will pay you next week") == "en"
