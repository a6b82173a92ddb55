"""What a bank writes into :86:, the information to the account owner, in the dialects seen.

- numbered sub-fields of the German banks: `166?00GUTSCHRIFT?20EREF+…?21SVWZ+…?31IBAN?32NAME`
- code words between slashes (Dutch, Belgian and French banks, SWIFT's own): `/EREF/…/ORDP//NAME/…/REMI/…`
- French labels: `VIR SEPA RECU /DE DUPONT SARL /MOTIF FACTURE 12 /REF 34`
- `:NS:`, the non-SWIFT field of the MultiCash format: two-digit keys, one per line
- free text
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from encours.providers.banks.mt940.fields import joined

IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")
_NONE = {"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOTAVAILABLE", "KREF+", "KREF", "EREF", "EREF+"}

_NUMBERED = re.compile(r"^(\d{3})\?(?=\d\d)")
_SEPA_WORD = re.compile(
    r"(?:^|(?<=\s)|(?<=[^A-Z]))(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|MDAT|SQTP"
    r"|ORCR|ORMR|DDAT)\+|(MTLG):"
)
_SLASH_WORD = re.compile(
    r"/(ACCW|ADDR|BENM|BIC|BREF|CHGS|CNTP|CSID|EREF|EXCH|IBAN|INFO|IREF|ISDT|MARF|NAME|NRTX|OAMT|OCMT|ORDP"
    r"|PREF|PURP|REMI|RTRN|RTYP|SVCL|TRCD|TRTP|TYPE|ULTB|ULTC|ULTD)/"
)
_FRENCH = re.compile(r"\s/\s?(DE|POUR|MOTIF|REF)\s", re.IGNORECASE)
_DUTCH = re.compile(r"\bREK: *(?P<iban>[A-Z0-9]+) */ *NAAM: *(?P<name>.+)$")
_ISO_11649 = re.compile(r"\bRF\d{2}[A-Z0-9]{1,21}\b")


@dataclass
class Details:
    remittance: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    structured_reference: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    operation_code: str = ""
    return_reason: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def given(reference: str) -> str:
    """A reference, or nothing when the bank only says that there is none."""
    return "" if reference.strip().upper() in _NONE else reference.strip()


def read_details(value: str, *, supplement: str = "", non_swift: str = "") -> Details:
    """The parts of an :86: value; `supplement` is the second line of :61:, `non_swift` the :NS: after it."""
    if numbered := _NUMBERED.match(_unwrapped(value)):
        details = _numbered(numbered[1], _unwrapped(value)[numbered.end() - 1 :])
    elif _SLASH_WORD.search(_unwrapped(value)):
        details = _slashed(_unwrapped(value))
    else:
        details = _free(value, supplement)
    if non_swift:
        _add_non_swift(details, non_swift)
    if supplement and not details.counterparty_iban and IBAN.fullmatch(supplement):
        details.counterparty_iban = supplement
    if supplement and supplement not in (details.counterparty_name, details.counterparty_iban):
        details.extra.setdefault("supplement", supplement)
    if not details.structured_reference and (found := _ISO_11649.search(details.remittance)):
        details.structured_reference = found[0]
    return details


def _unwrapped(value: str) -> str:
    """Structured text is wrapped anywhere, so line breaks mean nothing."""
    return value.replace("\n", "")


def _words(text: str) -> str:
    return " ".join(text.split())


def _sections(text: str, found: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], str]]:
    """Each code word with the text up to the next one."""
    for match, following in zip_longest(found, found[1:]):
        yield match, _words(text[match.end() : following.start() if following else len(text)])


def _numbered(code: str, text: str) -> Details:
    pieces = [(piece[:2], piece[2:]) for piece in re.split(r"\?(?=\d\d)", text)[1:]]

    def joined_pieces(first: int, last: int, width: int = 27) -> str:
        chosen = [value for key, value in pieces if first <= int(key) <= last]
        return "".join(value if len(value) >= width else value + " " for value in chosen)

    def one(key: int) -> str:
        return _words(joined_pieces(key, key))

    words = _sepa_words(joined_pieces(20, 29) + joined_pieces(60, 63))
    details = Details(
        remittance=_words(" ".join(filter(None, (words.get("", ""), words.get("SVWZ"), words.get("MTLG"))))),
        end_to_end_id=given(words.get("EREF", "")),
        mandate_id=given(words.get("MREF", "")),
        counterparty_name=_words(joined_pieces(32, 33)),
        operation_code=code,
    )
    account = one(31) or words.get("IBAN", "")
    if IBAN.fullmatch(account):
        details.counterparty_iban = account
    # a text key extension from 900 on is the reason of a return
    if one(34).startswith("9"):
        details.return_reason = one(34)
    kept = {
        "posting_text": one(0), "entry_number": one(10), "counterparty_bic": one(30),
        "counterparty_account": "" if details.counterparty_iban else account,
        "customer_reference": given(words.get("KREF", "")), "creditor_id": words.get("CRED", ""),
        "ultimate_debtor": words.get("ABWA", ""), "ultimate_creditor": words.get("ABWE", ""),
        "purpose": words.get("PURP", ""), "original_amount": words.get("OAMT", ""),
        "recipient_name": _words(joined_pieces(70, 79)),
    }  # fmt: skip
    details.extra = {key: text for key, text in kept.items() if text}
    return details


def _sepa_words(text: str) -> dict[str, str]:
    """`EREF+a SVWZ+b` as {word: text}; what stands before the first word is under ""."""
    found = list(_SEPA_WORD.finditer(text))
    words = {"": _words(text[: found[0].start()] if found else text)}
    for match, value in _sections(text, found):
        word = match[1] or match[2]
        words[word] = _words(f"{words[word]} {value}") if word in words else value
    return words


def _slashed(text: str) -> Details:
    found = list(_SLASH_WORD.finditer(text))
    words: dict[str, str] = {}
    for match, value in _sections(text, found):
        words.setdefault(match[1], value.strip("/ "))
    lead = _words(text[: found[0].start()])
    remittance, structured = _remittance(words.get("REMI", ""))
    details = Details(
        remittance=_words(f"{lead} {remittance or words.get('NRTX', '')}"),
        end_to_end_id=given(words.get("EREF", "")),
        mandate_id=given(words.get("MARF", "")),
        structured_reference=structured,
        counterparty_name=words.get("NAME", ""),
        operation_code=words.get("TRCD", ""),
        return_reason=words.get("RTRN", "").split("/")[0],
    )
    if IBAN.fullmatch(words.get("IBAN", "")):
        details.counterparty_iban = words["IBAN"]
    if "CNTP" in words:  # account/BIC/name/city
        account, _, rest = words["CNTP"].partition("/")
        if IBAN.fullmatch(account):
            details.counterparty_iban = account
        parts = rest.split("/")
        details.counterparty_name = details.counterparty_name or (parts[1] if len(parts) > 1 else "")
    for word in ("TRTP", "PREF", "CSID", "PURP", "BIC", "ULTD", "ULTC", "OAMT", "BREF"):
        if words.get(word):
            details.extra[word.lower()] = words[word]
    return details


def _remittance(text: str) -> tuple[str, str]:
    """Free text and structured reference of /REMI/: `USTD//text` or `STRD/CUR/reference`."""
    kind, _, rest = text.partition("/")
    if kind == "USTD":
        return rest.strip("/ "), ""
    if kind == "STRD":
        return rest.strip("/ "), rest.strip("/ ").rpartition("/")[2]
    return text, ""


def _free(value: str, supplement: str) -> Details:
    text = joined(value)
    details = Details(remittance=text)
    if dutch := _DUTCH.search(text):
        details.counterparty_iban, details.counterparty_name = dutch["iban"], dutch["name"].strip()
    elif parts := _french_label(text):
        details.counterparty_name = parts.get("DE") or parts.get("POUR", "")
        details.end_to_end_id = given(parts.get("REF", ""))
    first_line = " ".join(value.split("\n")[0].split())
    if supplement and first_line.endswith(supplement):  # `account name` as the Dutch ASN and SNS write it
        details.counterparty_name = supplement
    if found := IBAN.match(first_line):
        details.counterparty_iban = details.counterparty_iban or found[0]
    return details


def _french_label(text: str) -> dict[str, str]:
    """`VIREMENT /DE a /MOTIF b /REF c` as {"DE": "a", "MOTIF": "b", "REF": "c"}."""
    found = list(_FRENCH.finditer(text))
    return {match[1].upper(): value for match, value in _sections(text, found)}


def _add_non_swift(details: Details, text: str) -> None:
    rows = re.findall(r"^(\d{2})(.*)$", text, re.MULTILINE)
    if not rows:
        details.remittance = details.remittance or joined(text)
        return

    def keys(first: int, last: int) -> str:
        return _words(" ".join(value for key, value in rows if first <= int(key) <= last))

    details.remittance = details.remittance or keys(1, 14)
    details.counterparty_name = (
        details.counterparty_name or "".join(value for key, value in rows if key in ("15", "16")).strip()
    )
    for key, name in (("17", "posting_text"), ("18", "entry_number"), ("33", "counterparty_bank"),
                      ("34", "counterparty_account")):  # fmt: skip
        if kept := keys(int(key), int(key)):
            details.extra[name] = kept
