"""One bank account, however a file calls it.

camt and CFONB call a French account by its IBAN or by what the IBAN is made of; MT940 by an IBAN, a RIB, or bank and
number between slashes; OFX by bank, branch and number apart. The RIB is the national part of the IBAN (Relevé d'identité
bancaire: bank 5, branch 5, number 11, key 2), so a RIB whose key is right is its IBAN. What has no check digits and does
not stand in the places of a RIB is left as it is: no account is guessed.
"""

import re

# RIB key: letters count as these digits
_RIB_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_RIB = re.compile(r"\d{10}[0-9A-Z]{11}\d{2}")
_RIB_IN_PARTS = re.compile(r"(\d{5})[ /.-](\d{5})[ /.-]([0-9A-Z]{11})(?:[ /.-]?(\d{2}))?")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
_CURRENCY = re.compile(r"(?<=\d)\s?[A-Z]{3}$")
# the RIB of Monaco is that of France; only its IBAN says which of the two it is
_FRENCH_LENGTH = 27
_WITH_RIB = ("FR", "MC")


def is_iban(text: str) -> bool:
    """Whether a text without spaces is an IBAN, check digits included (ISO 13616)."""
    return bool(_IBAN.fullmatch(text)) and _remainder(text[4:] + text[:4]) == 1


def rib_key(bank: str, branch: str, number: str) -> int:
    """The two digits a RIB ends with: 97 less the remainder of the number (Comité français d'organisation et de normalisation
    bancaires, norme RIB).

    >>> rib_key("30004", "00003", "12345678901")
    43
    """
    digits = f"{bank}{branch}{number}".upper().translate(_RIB_DIGITS)
    return 97 - (89 * int(digits[:5]) + 15 * int(digits[5:10]) + 3 * int(digits[10:])) % 97


def french_iban(bank: str, branch: str, number: str) -> str:
    """The IBAN of an account by the parts of its RIB; empty when these are no parts of a RIB.

    >>> french_iban("30004", "00003", "12345678901")
    'FR7630004000031234567890143'
    """
    plain = f"{bank}{branch}{number}".upper()
    if not re.fullmatch(r"\d{10}[0-9A-Z]{11}", plain):
        return ""
    rib = f"{plain}{rib_key(bank, branch, number):02d}"
    return f"FR{98 - _remainder(rib + 'FR00'):02d}{rib}"


def iban_of(text: str) -> str:
    """The IBAN that a text says an account is, if it surely does; else empty.

    An IBAN, alone or behind the bank's BIC and with a currency after it; a RIB of 23 characters with the right key; bank,
    branch and number of a RIB set apart, whose key is right when it stands there.

    >>> iban_of("BNPAFRPP/FR76 3000 4000 0312 3456 7890 143"), iban_of("30004000031234567890143"), iban_of("30004/00003/12345678901")
    ('FR7630004000031234567890143', 'FR7630004000031234567890143', 'FR7630004000031234567890143')
    >>> iban_of("30004000031234567890144"), iban_of("70011110/4005287001"), iban_of("12345678901")
    ('', '', '')
    """
    whole = " ".join(text.upper().split())
    for reading in dict.fromkeys((whole, whole.rpartition("/")[2], _CURRENCY.sub("", whole))):
        found = _iban_of(reading) or _iban_of(_CURRENCY.sub("", reading))
        if found:
            return found
    return ""


def account_identifier(text: str) -> str:
    """How the books call an account that a file calls so: by its IBAN where that is sure, else as the file does."""
    return iban_of(text) or text.strip()


def national_number(iban: str) -> str:
    """What two IBANs of one account share: the RIB in France and Monaco, else the IBAN itself.

    Monaco's accounts have French RIBs, so that a RIB alone does not say whether its IBAN begins with FR or MC.
    """
    return iban[4:] if iban.startswith(_WITH_RIB) and is_iban(iban) else iban


def _iban_of(text: str) -> str:
    compact = re.sub(r"[ ./-]", "", text)
    # with a currency behind it, one in 97 passes the check as well
    if is_iban(compact) and (len(compact) == _FRENCH_LENGTH or not compact.startswith(_WITH_RIB)):
        return compact
    if _RIB.fullmatch(compact) and int(compact[21:]) == rib_key(compact[:5], compact[5:10], compact[10:21]):
        return french_iban(compact[:5], compact[5:10], compact[10:21])
    parts = _RIB_IN_PARTS.fullmatch(text)
    if parts and (not parts[4] or int(parts[4]) == rib_key(parts[1], parts[2], parts[3])):
        return french_iban(parts[1], parts[2], parts[3])
    return ""


def _remainder(text: str) -> int:
    """Modulo 97 of ISO 7064, letters as two digits."""
    return int("".join(str(int(character, 36)) for character in text)) % 97
