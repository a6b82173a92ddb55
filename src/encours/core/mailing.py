"""Letters that leave through a mailing house: where an envelope's lines come from, and what the house's words mean.

Houses tell in files what became of letters, each in words of its own; those of the French ones are known here, and the same
in English. What a word does not say is not guessed: the line is told to a person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from encours.core.delivery_reports import ReportKind
from encours.core.references import folded

# NF Z 10-011: an address has at most six lines
ADDRESS_LINES = 6

# folded words -> what they mean; the longest that a status contains wins
_STATUSES: Mapping[str, ReportKind] = {
    "TAKEN": "taken", "ACCEPTED": "taken", "ACCEPTE": "taken", "RECEIVED": "taken", "RECU": "taken",
    "PRIS EN CHARGE": "taken", "PRISE EN CHARGE": "taken", "EN PRODUCTION": "taken", "IN PRODUCTION": "taken",
    "VALIDE": "taken",
    "PRINTED": "printed", "IMPRIME": "printed", "ENCLOSED": "printed", "MIS SOUS PLI": "printed", "EDITE": "printed",
    "POSTED": "deposited", "POSTE": "deposited", "DEPOSE": "deposited", "REMIS A LA POSTE": "deposited",
    "REMIS EN POSTE": "deposited", "EXPEDIE": "deposited", "DISPATCHED": "deposited", "SENT": "deposited",
    "MAILED": "deposited", "AFFRANCHI": "deposited", "ENVOYE": "deposited",
    "DELIVERED": "delivered", "DISTRIBUE": "delivered",
    "NPAI": "bounced", "PND": "bounced", "RETURNED": "bounced", "RETOUR": "bounced", "RETOURNE": "bounced",
    "NON DISTRIBUABLE": "bounced", "NON DISTRIBUE": "bounced", "UNDELIVERABLE": "bounced",
    "N HABITE PAS A L ADRESSE INDIQUEE": "bounced", "DESTINATAIRE INCONNU": "bounced",
    "DEFAUT D ACCES OU D ADRESSAGE": "bounced", "BAD ADDRESS": "bounced", "ADRESSE INVALIDE": "bounced",
    "REFUSE PAR LE DESTINATAIRE": "bounced", "ADRESSE INCORRECTE": "bounced", "ADRESSE REFUSEE": "bounced", "INVALID ADDRESS": "bounced",
    "REJECTED": "rejected", "REJETE": "rejected", "REFUSE": "rejected", "REFUSED": "rejected", "ERROR": "rejected",
    "ERREUR": "rejected", "KO": "rejected", "CANCELLED": "rejected", "ANNULE": "rejected",
}  # fmt: skip


@dataclass(frozen=True)
class Envelope:
    """The lines of an address, the name first, at most ADDRESS_LINES; an own line for a country that is not the sender's."""

    lines: tuple[str, ...]
    postcode: str
    town: str


def envelope(address: str) -> Envelope | None:
    """An address of several lines, the last of them with postcode and town, as `actions.address_message` writes it, or a
    country below it; None where no postman would find anybody.

    >>> envelope("Menuiserie Lefèvre\\n1 rue du Bois\\n35000 RENNES").town
    'RENNES'
    >>> envelope("Menuiserie Lefèvre\\nRENNES") is None
    True
    """
    lines = tuple(line.strip() for line in address.splitlines() if line.strip())
    if not 3 <= len(lines) <= ADDRESS_LINES:
        return None
    for line in lines[:-3:-1]:
        found = _TOWN.fullmatch(line)
        if found:
            return Envelope(lines, found["postcode"], found["town"])
    return None


_NO_SIGN = re.compile(r"[^A-Z0-9]+")
_NOT = frozenset({"NON", "PAS", "NOT", "NO", "JAMAIS", "NEVER", "AVANT", "BEFORE"})
# a postcode before its town: French, and as most countries of Europe write it
_TOWN = re.compile(r"(?P<postcode>(?:[A-Z]{1,2}-?)?\d[\dA-Z -]{2,8}) (?P<town>\D.*)")


def meaning(status: str) -> ReportKind | None:
    """What a house's status says of a letter; None for words not known here, and for those that say several things.

    >>> meaning("Remis à La Poste"), meaning("NPAI - retour"), meaning("non imprimé")
    ('deposited', 'bounced', None)
    """
    said = f" {_NO_SIGN.sub(' ', folded(status)).strip()} "
    found: dict[str, ReportKind] = {word: kind for word, kind in _STATUSES.items() if f" {word} " in said}
    # a word within a longer one says nothing of its own: "non distribué" is not "distribué"
    own: dict[str, ReportKind] = {
        word: kind for word, kind in found.items()
        if not any(f" {word} " in f" {longer} " for longer in found if longer != word)
    }  # fmt: skip
    for word in own:
        said = said.replace(f" {word} ", " ")
    is_denied = not _NOT.isdisjoint(said.split())
    kinds: list[ReportKind] = list(dict.fromkeys(own.values()))
    return kinds[0] if len(kinds) == 1 and not is_denied else None
