"""Telephone numbers as people write them, and as services want them (E.164)."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

# Numbers of the French overseas are dialled 06… at home like those of the mainland, and have country codes of their own.
_OVERSEAS = {
    "0690": "GP", "0691": "GP", "0590": "GP", "0694": "GF", "0594": "GF", "0696": "MQ", "0697": "MQ", "0596": "MQ",
    "0692": "RE", "0693": "RE", "0262": "RE", "0263": "RE", "0639": "YT", "0269": "YT",
}  # fmt: skip
_TEXTED = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def e164(text: str, *, country: str) -> str:
    """The number in E.164, "" when it is none. `country` is where its owner lives (two letters), for numbers written
    without their country's code.

    >>> e164("06 12 34 56 78", country="FR"), e164("0692 12 34 56", country="FR"), e164("0033 6 12345678", country="BE")
    ('+33612345678', '+262692123456', '+33612345678')
    >>> e164("poste 12", country="FR")
    ''
    """
    number = _parsed(text, country)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else ""


def takes_texts(number: str) -> bool:
    """Whether a number in E.164 is a mobile one."""
    found = _parsed(number, "")
    return found is not None and phonenumbers.number_type(found) in _TEXTED


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    bare = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    regions = [country]
    if country == "FR" or country in _OVERSEAS.values():
        # written as at home: overseas, then on the mainland
        regions = [_OVERSEAS.get(bare[:4], country), "FR"]
    for region in regions:
        try:
            found = phonenumbers.parse(bare, region or None)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(found):
            return found
    return None
