"""Which of the two languages a sentence is in, by its small words: a customer may answer in both."""

import re
from typing import Literal

Language = Literal["fr", "en"]

_WORD = re.compile(r"[a-z]+")
_FRENCH_WORDS = """
le la les un une des du de et est sont a au aux ce cette ces je j nous vous il elle on ne pas plus que qui dans
pour par sur avec sans votre vos notre nos mon ma mes bonjour merci cordialement bien sera ete avons avez ai
etes suis mais ou donc car si tres deja fait tout facture paiement virement reglement lundi mardi mercredi
jeudi vendredi oui non d l n c s qu sous fin mois semaine jours
"""
_FRENCH = frozenset(_FRENCH_WORDS.split())
_ENGLISH_WORDS = """
the an of and is are was were be been to in on at by for with from this that these those i we you he she they
it not no do does did will would can could have has had your our my please thanks thank hello hi dear regards
but or so because if very already yes invoice payment transfer monday tuesday wednesday thursday friday don t
ll ve m re s week month days paid pay
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


def language_of(text: str) -> Language | None:
    """Of a plain text; None when its words tell neither.

    >>> language_of("nous paierons vendredi"), language_of("we will pay"), language_of("ok")
    ('fr', 'en', None)
    """
    words = _WORD.findall(text[:2000])
    french, english = sum(word in _FRENCH for word in words), sum(word in _ENGLISH for word in words)
    if french == english:
        return None
    return "fr" if french > english else "en"
