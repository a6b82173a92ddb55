"""Text messages: how long they are and what they cost, when they may be sent, and what means STOP.

Lengths are those of GSM 03.38 (3GPP TS 23.038): 160 characters of its own alphabet, 70 of any other; a longer text is sent in
parts of 153 or 67. A few characters count twice.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€")

# What the telephone's alphabet has not, written with what it has.
_WRITTEN = {
    "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-", "œ": "oe", "Œ": "OE",
    "°": "o", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
}  # fmt: skip

# Nobody is texted at night, on a Sunday or a holiday, whatever a policy says.
FROM_TIME, UNTIL_TIME = "08:00", "20:00"

# French territories that live by another clock than Paris.
TIME_ZONES: Mapping[str, str] = {
    "GP": "America/Guadeloupe",
    "MQ": "America/Martinique",
    "GF": "America/Cayenne",
    "RE": "Indian/Reunion",
    "YT": "Indian/Mayotte",
    "PM": "America/Miquelon",
    "BL": "America/St_Barthelemy",
    "MF": "America/Marigot",
    "NC": "Pacific/Noumea",
    "PF": "Pacific/Tahiti",
    "WF": "Pacific/Wallis",
}

# The territories that a postcode of 97… or 98… is of.
POSTCODES: Mapping[str, str] = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip

# What people answer to get no more of them: the word the operators know, and what French speakers write instead.
STOP_WORDS = frozenset(
    {"stop", "stopsms", "arret", "arreter", "desabonner", "desinscription", "desinscrire", "unsubscribe",
     "end", "quit", "cancel", "stopall"}
)  # fmt: skip


def telephone_text(text: str) -> str:
    """The text in the telephone's own alphabet where only accents and typography stand in the way; else as it is.

    >>> telephone_text("Reste dû : 1\\u202f200,00\\u00a0€, merci d’avance")
    "Reste du : 1 200,00 €, merci d'avance"
    """
    written = "".join(_plain(letter) for letter in text)
    return written if is_gsm(written) else text


def _plain(letter: str) -> str:
    if letter in GSM_BASIC or letter in GSM_TWICE:
        return letter
    if letter in _WRITTEN:
        return _WRITTEN[letter]
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare if bare in GSM_BASIC else letter


def is_gsm(text: str) -> bool:
    return all(letter in GSM_BASIC or letter in GSM_TWICE for letter in text)


def parts_of(text: str) -> int:
    """How many text messages a text is.

    >>> parts_of("a" * 160), parts_of("a" * 161), parts_of("€" * 80), parts_of("ê" * 70), parts_of("ê" * 71)
    (1, 2, 1, 1, 2)
    """
    if is_gsm(text):
        length = sum(2 if letter in GSM_TWICE else 1 for letter in text)
        one, each = 160, 153
    else:
        length = len(text.encode("utf-16-le")) // 2
        one, each = 70, 67
    return 1 if length <= one else -(-length // each)


def may_text(*, now: datetime, time_zone: str) -> bool:
    """Whether it is an hour to text somebody who lives by this clock; days off are looked at elsewhere."""
    here = now.astimezone(ZoneInfo(time_zone))
    return here.weekday() != 6 and FROM_TIME <= f"{here:%H:%M}" < UNTIL_TIME


def sleeping_territories(*, now: datetime) -> list[str]:
    """Codes of the French territories overseas where it is too early, too late or Sunday."""
    return [code for code, zone in TIME_ZONES.items() if not may_text(now=now, time_zone=zone)]


def is_stop(text: str) -> bool:
    """Whether an answer asks for no more text messages.

    >>> is_stop("STOP"), is_stop(" Arrêt! "), is_stop("Arrêtez, j'ai payé hier")
    (True, True, False)
    """
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", text.lower())
        if letter.isalpha() and letter.isascii()
    )
    return bare in STOP_WORDS
