"""Which document numbers and references a bank line may hold, as keys to look up.

A remittance text is free: `VIR DUBOIS FACT 2025 0012`, `fact2025-0012/0013`, `REGLT F20250012`. It is cut into
runs of letters and runs of digits; every stretch of a few runs that is not broken by a comma is a possible
number. What the text holds besides (the company's own account and SIREN, IBANs) is masked first, what looks
like a date, a year, an amount or a SIREN is kept but weak.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import polars as pl

from encours.core.matching.frames import KEYS
from encours.core.payments.transfer_reference import document_id_of, number_forms
from encours.core.references import compact, folded, is_creditor_reference

MAX_PARTS = 6
MAX_KEY_LENGTH = 40
# Banks cut and pad: a text longer than this is no remittance text.
MAX_TEXT = 2_000
# Words that announce a number: what follows them is meant as one, however short.
_INTRODUCING = frozenset(
    {"FACTURE", "FACTURES", "FACT", "FAC", "FA", "F", "INVOICE", "INVOICES", "INV", "NO", "N", "NR", "NUM"}
    | {"NUMERO", "REF", "REFERENCE", "AVOIR"}
)
_AND = frozenset({"ET", "AND"})
_UNTIL = frozenset({"A", "AU", "TO", "JUSQU"})
# A shorter payment reference is found only where banks keep references, not in free text.
MIN_REFERENCE = 8
_EMPTY_IDS = frozenset({"", "NOTPROVIDED", "NOTPROVIDD", "NONREF", "NONE", "NA", "0"})
_ANY_DIGIT = str.maketrans("123456789", "000000000")
_PART = re.compile("[A-Z]+|[0-9]+")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Z0-9])")
# words may be glued to its end, and what a bank calls it (`REF`, `/RFB/`) to its beginning
_RF = re.compile(r"RF[\s\-./_]?\d\d(?:[\s\-./_]{0,2}[A-Z0-9]){1,21}")
# what may stand between the parts of one number
_JOINT = re.compile(r"[\s\-/._#°:*]{0,3}")
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})(?!\d)")
_GLUED_DATE = re.compile(
    r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])((19|20)\d\d|[0-4]\d)"  # 12032025, 120325
    r"|((19|20)\d\d|[0-4]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"  # 20250312, 250312
)
_AMOUNT = re.compile(r"(?<!\d)\d{1,3}(?:[ .]?\d{3})*[.,]\d{2}(?!\d)")
# A glued number lost the place where leading zeros begin: after the year, after the month, at the last zeros.
_GLUED = (
    re.compile(r"((?:19|20)\d\d)0*([1-9]\d*)"),
    re.compile(r"((?:19|20)\d\d(?:0[1-9]|1[0-2]))0*([1-9]\d*)"),
    re.compile(r"(\d*[1-9])0+([1-9]\d*)"),
)


class Masks:
    """How a company's document numbers look: letters as they are, every digit alike. What has no such form is none.

    `references` are compact payment references it gives out, found in free text by their form alone.

    >>> masks = Masks(["FACT202512", "AV7"])
    >>> masks.allow("FACT202499"), masks.allow("FACT2"), masks.allow("AV1")
    (True, False, True)
    """

    def __init__(self, numbers: Collection[str], *, references: Collection[str] = ()) -> None:
        self._numbers = frozenset(number.translate(_ANY_DIGIT) for number in numbers)
        self._references = frozenset(
            reference.translate(_ANY_DIGIT) for reference in references if len(reference) >= MIN_REFERENCE
        )

        beginnings = [re.match("[A-Z]*", shape) for shape in self._numbers | self._references]
        letters = {found.group() for found in beginnings if found}
        self._begins_with_digit = "" in letters
        self._beginnings = frozenset(whole[:stop] for whole in letters for stop in range(1, len(whole) + 1))

    def may_begin(self, part: str) -> bool:
        """Whether a number or a reference may begin with a run of letters or of digits."""
        return self._begins_with_digit if part.isdigit() else part in self._beginnings

    def allow(self, key: str) -> bool:
        return key.translate(_ANY_DIGIT) in self._numbers

    def is_reference(self, compact_text: str) -> bool:
        return compact_text.translate(_ANY_DIGIT) in self._references


class _Part(NamedTuple):
    text: str  # leading zeros dropped
    raw: str
    start: int
    stop: int
    is_joined: bool  # may continue the part before it


def keys_of_lines(
    lines: pl.DataFrame, *, own_identifiers: Collection[str], masks: Masks | None = None
) -> pl.DataFrame:
    """Keys (schema `KEYS`) of lines (schema `LINES`).

    `own_identifiers` are the company's SIREN, VAT number, IBANs …: they never are a document's number. With `masks`
    only what looks like one of the company's numbers is a key.
    """
    # an account may be called by a word: only what has digits can be taken for a number
    own = {compact(each) for each in own_identifiers if re.search(r"\d", each) and len(compact(each)) >= 6}
    hidden = [
        re.compile(r"[ .\-]?".join(map(re.escape, identifier)))
        for identifier in sorted(own, key=len, reverse=True)
    ]
    rows: list[tuple[object, ...]] = []
    columns = ("line_id", "end_to_end_id", "structured_reference", "remittance")
    for line_id, end_to_end_id, structured, remittance in lines.select(columns).iter_rows():
        found = {}
        for key in _keys(end_to_end_id, structured, remittance[:MAX_TEXT], hidden, masks):
            found.setdefault(key[:5], key)
        rows.extend((line_id, *key) for key in found.values())
    return pl.DataFrame(rows, schema=KEYS, orient="row")


def spans_of(text: str, numbers: Collection[str]) -> list[tuple[int, int]]:
    """Where a text names documents, as slices of it in order; `numbers` are normalised.

    >>> spans_of("Vir. fact 2025-0012, 0013", {"FACT202512", "FACT202513"})
    [(5, 19), (21, 25)]
    """
    # one character for one, so that places in what is compared are places in the text
    line = "".join(one if len(one := folded(char)) == 1 else " " for char in text[:MAX_TEXT])
    parts = _parts(line)
    found: list[tuple[int, int]] = []
    for first in range(len(parts)):
        for stretch in _stretches(parts, first):
            if any(reading in numbers for reading in _readings(stretch)):
                found.append((stretch[0].start, stretch[-1].stop))
            continued = _continued(parts, stretch, first + len(stretch))
            found.extend((parts[key[3]].start, parts[key[3]].stop) for key in continued if key[0] in numbers)
    longest_first = sorted(set(found), key=lambda span: (span[0] - span[1], span[0]))
    kept: list[tuple[int, int]] = []
    for start, stop in longest_first:
        if all(stop <= other[0] or other[1] <= start for other in kept):
            kept.append((start, stop))
    return sorted(kept)


_Key = tuple[str, str, str, int, int, str, bool, bool]


def _keys(
    end_to_end_id: str, structured: str, remittance: str, hidden: list[re.Pattern[str]], masks: Masks | None
) -> Iterator[_Key]:
    ranks: dict[str, int] = {}
    for given in (end_to_end_id, structured):
        reference = compact(given)
        if reference not in _EMPTY_IDS:
            yield from _reference_keys(reference, given, masks, ranks)
    # an end-to-end id is the payer's to choose: many put the number of the invoice there
    for text in (remittance, structured, end_to_end_id):
        if compact(text) not in _EMPTY_IDS:
            yield from _text_keys(text, hidden, masks, ranks)


def _reference_keys(
    reference: str, written: str, masks: Masks | None, ranks: dict[str, int]
) -> Iterator[_Key]:
    """A structured reference is looked up as it is, and an ISO 11649 one by what it was made of too. Each of these, ranked
    as they come in a line, is a place of its own: a payer of several documents gives several."""
    if not is_creditor_reference(reference):
        yield reference, "reference", "own_key", -1, 0, written, False, False
        return
    place = -ranks.setdefault(reference, len(ranks))
    yield reference, "reference", "own_key", -1, place, written, False, False
    document_id = document_id_of(reference)
    if document_id is not None:
        yield str(document_id), "document", "own_key", -1, place, written, False, False
    for form in _forms(reference, masks):
        yield form, "number", "own_key", -1, place, written, False, False


def _forms(reference: str, masks: Masks | None) -> Iterator[str]:
    """Normalised numbers that an ISO 11649 reference may be made of; some banks pad its body with zeros on the left."""
    for body in dict.fromkeys((reference[4:], reference[4:].lstrip("0"))):
        for form in number_forms(body) or (*_readings(_parts(body)),):
            if masks is None or masks.allow(form):
                yield form


def _text_keys(
    text: str, hidden: list[re.Pattern[str]], masks: Masks | None, ranks: dict[str, int]
) -> Iterator[_Key]:
    line = masked(text, hidden)
    place = line.find("RF")
    while place >= 0:
        found = _RF.match(line, place)
        written = _creditor_reference(found.group(), masks) if found else ""
        if written:
            yield from _reference_keys(compact(written), written, masks, ranks)
            line = line[:place] + "," * len(written) + line[place + len(written) :]
        place = line.find("RF", place + max(len(written), 1))
    doubtful = [found.span() for pattern in (_DATE, _AMOUNT) for found in pattern.finditer(line)]
    parts = _parts(line)
    for first in range(len(parts)):
        if masks is not None and not masks.may_begin(parts[first].text):
            continue
        for stretch in _stretches(parts, first):
            stop = first + len(stretch)
            readings = [reading for reading in _readings(stretch) if masks is None or masks.allow(reading)]
            if readings:
                key = "".join([part.text for part in stretch])
                written = line[stretch[0].start : stretch[-1].stop]
                inside = any(low <= stretch[0].start and stretch[-1].stop <= high for low, high in doubtful)
                weak = inside or is_weak(key, written)
                introduced = first > 0 and parts[first - 1].raw in _INTRODUCING
                for reading in readings:
                    yield reading, "number", "text", first, stop, written, weak, introduced
            if masks is not None:
                raw = "".join([part.raw for part in stretch])
                if masks.is_reference(raw):
                    written = line[stretch[0].start : stretch[-1].stop]
                    yield raw, "reference", "own_key", -1 - first, 0, written, False, False
            for key in _continued(parts, stretch, stop):
                if masks is None or masks.allow(key[0]):
                    yield key


def masked(text: str, hidden: Collection[re.Pattern[str]] = ()) -> str:
    """A text in upper case without accents; what it holds of the company's own identifiers and of IBANs is blanked."""
    line = folded(text)
    for identifier in hidden:
        line = identifier.sub(_blank, line)
    return _IBAN.sub(lambda found: _blank(found) if is_iban(compact(found.group())) else found.group(), line)


def _continued(parts: list[_Part], stretch: list[_Part], stop: int) -> Iterator[_Key]:
    """`2025-0012, 0013 et 0014`: what follows a number with as many digits continues its beginning."""
    last = stretch[-1]
    if len(stretch) < 2 or not last.text.isdigit() or len(last.raw) < 2:
        return
    head = "".join([part.text for part in stretch[:-1]])
    for place in range(stop, len(parts)):
        part = parts[place]
        # `2025-0012 à 0015` names both ends; what lies between is the customer's to know (`cited.ranged_items`)
        if part.raw in _AND or (part.raw in _UNTIL and place == stop):
            continue
        if not part.raw.isdigit() or len(part.raw) != len(last.raw):
            return
        key = head + part.text
        yield key, "number", "text", place, place + 1, part.raw, is_weak(key, key), False


def _stretches(parts: list[_Part], first: int) -> Iterator[list[_Part]]:
    """Runs of parts from one on, as long as nothing breaks them; with a digit, since every number has one."""
    length = 0
    for last in range(first, min(first + MAX_PARTS, len(parts))):
        if last > first and not parts[last].is_joined:
            return
        length += len(parts[last].text)
        if length > MAX_KEY_LENGTH:
            return
        stretch = parts[first : last + 1]
        if any(part.text.isdigit() for part in stretch):
            yield stretch


def _readings(stretch: list[_Part]) -> Iterator[str]:
    """The key of a stretch, and where digits are glued the keys of what they may stand for."""
    key = "".join(part.text for part in stretch)
    yield key
    last = stretch[-1]
    if last.text.isdigit() and len(last.text) >= 5:
        head = "".join(part.text for part in stretch[:-1])
        for pattern in _GLUED:
            glued = pattern.fullmatch(last.text)
            if glued and glued.group(1) + glued.group(2) != last.text:
                yield head + glued.group(1) + glued.group(2)


def _parts(line: str) -> list[_Part]:
    parts: list[_Part] = []
    for found in _PART.finditer(line):
        raw = found.group()
        joined = bool(parts) and _JOINT.fullmatch(line, parts[-1].stop, found.start()) is not None
        text = raw.lstrip("0") or "0" if raw.isdigit() else raw
        parts.append(_Part(text, raw, found.start(), found.end(), joined))
    return parts


def _blank(found: re.Match[str]) -> str:
    return "," * len(found.group())


def _creditor_reference(written: str, masks: Masks | None) -> str:
    """The beginning of the text that is a valid ISO 11649 reference: banks put words right after it. Where several are, by
    chance, the longest that the company may have given out."""
    valid = [
        written[:stop]
        for stop in range(len(written), 5, -1)
        if written[stop - 1].isalnum() and is_creditor_reference(compact(written[:stop]))
    ]
    if masks is not None and len(valid) > 1:
        valid = [each for each in valid if _is_ours(compact(each), masks)] or valid
    return valid[0] if valid else ""


def _is_ours(reference: str, masks: Masks) -> bool:
    return (
        masks.is_reference(reference)
        or document_id_of(reference) is not None
        or any(_forms(reference, masks))
    )


def is_weak(key: str, written: str) -> bool:
    """Whether a key is too short, or may as well be a year, a date or a SIREN.

    >>> [is_weak(key, key) for key in ("12", "2025", "44000", "12032025", "732829320", "F12")]
    [True, True, True, True, True, True]
    >>> [is_weak(key, key) for key in ("FACT202512", "F2025", "104233")]
    [False, False, False]

    A number written in full counts with its zeros: FA-001 is no shorter than F1042.

    >>> is_weak("FA1", "FA-001"), is_weak("FA1", "FA 1")
    (False, True)
    """
    if not key.isdigit():
        return len(compact(written)) < 5
    digits = re.sub(r"\D", "", written)
    return len(key) < 6 or bool(_GLUED_DATE.fullmatch(written)) or (len(digits) == 9 and _luhn(digits))


def is_iban(candidate: str) -> bool:
    """Whether a compact text is an IBAN, check digits included (ISO 13616). RF is no country: a creditor reference is checked
    in the same way."""
    if not re.fullmatch(r"(?!RF)[A-Z]{2}\d\d[A-Z0-9]{11,30}", candidate):
        return False
    return int("".join(str(int(char, 36)) for char in candidate[4:] + candidate[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    doubled = [int(char) * (2 if rank % 2 else 1) for rank, char in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
