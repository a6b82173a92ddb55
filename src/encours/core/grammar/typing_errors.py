"""Words people mistype in replies, put right when one letter is wrong, missing, doubled or swapped.

Only words that carry meaning here are known; any other word is left alone, and so is a word of fewer than six letters
(too many words are one letter from each other).
"""

from functools import lru_cache

_WORDS = """
lundi mardi mercredi jeudi vendredi samedi dimanche monday tuesday wednesday thursday friday saturday sunday
janvier fevrier avril juillet septembre octobre novembre decembre january february august september october november december
aujourd semaine semaines prochain prochaine dernier derniere demain tomorrow yesterday quinzaine huitaine
facture factures virement virements paiement paiements reglement reglements cheque prelevement versement echeance echeancier
payment payments transfer invoice invoices settled settle cheque
effectue effectuee programme programmee proceder procederons procedons regler reglerons reglerai reglee
solder solderons payerons paierons paierai verserai verserons
commande commandee commandes livraison livre livree marchandise marchandises prestation prestations conteste contestons contestation
litige avoir remise erreur defectueux defectueuse endommage endommagee conforme conformes
dispute disputed damaged delivery delivered ordered missing cancelled quality
absent absente conges vacances bureau retour office vacation holiday returning
desinscrire desabonner unsubscribe adresse destinataire personne comptabilite comptable
"""
_KNOWN = frozenset(word for word in _WORDS.split() if len(word) >= 6)
# right words that are one letter from a known one
_RIGHT_WORDS = """
effectuer effectues livrer livrent factured contester contestes proceder procede procedez regles reglez
prochains remises reglements disputes settles delivers cancelled canceled returning retours absents personnes
bureaux officer offices payments payement versements transfers ordered disputer commander adressee adresser
adresses solders ordeal programmer conformer retourne retournes deliver delivers dominance dimanches lundis
mardis mercredis jeudis vendredis samedis comptables litiges erreurs avoirs cheques livraisons contestations
echeances vacance destinataires checque qualify missings invoiced holidays personnel personal effectif
effective procedes retard reporte conformed facturer regleront paieront payerons verserons settler augusta
programmes comptabilites livrees livres commandes prelevements
"""
_RIGHT = frozenset(_RIGHT_WORDS.split())


def _with_one_letter_less(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _index() -> dict[str, str]:
    found: dict[str, str] = {}
    for word in sorted(_KNOWN):
        for shorter in (word, *_with_one_letter_less(word)):
            found.setdefault(shorter, word)
    return found


_BY_SHORTER = _index()


@lru_cache(maxsize=8192)
def corrected(word: str) -> str:
    """The known word that a misspelt one stands for, else the word itself.

    >>> corrected("vendrdi"), corrected("paimeent"), corrected("reglemment"), corrected("chaise")
    ('vendredi', 'paiement', 'reglement', 'chaise')
    """
    if len(word) < 6 or word in _KNOWN or word in _RIGHT:
        return word
    for shorter in (word, *sorted(_with_one_letter_less(word))):
        known = _BY_SHORTER.get(shorter)
        if known and abs(len(known) - len(word)) <= 1 and known[0] == word[0] and _one_change(word, known):
            return known
    return word


def _one_change(word: str, known: str) -> bool:
    """Whether one letter put in, left out, exchanged, or swapped with its neighbour makes the one out of the other."""
    start = 0
    while start < min(len(word), len(known)) and word[start] == known[start]:
        start += 1
    rest, right = word[start:], known[start:]
    if rest[1:] == right[1:] or rest[1:] == right or rest == right[1:]:
        # another ending is another word (regler, reglez), not a mistake
        return len(rest) > 1 or len(right) > 1
    return rest[:2] == right[:2][::-1] and rest[2:] == right[2:]
