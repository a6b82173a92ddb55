"""Which encoding a text file is in. French files of banks and accounting packages rarely say."""

import codecs
from itertools import pairwise
from pathlib import Path

from encours.core.wording import Wording
from encours.ports.files import UnableToReadFile

NOT_TEXT = Wording(
    "not_a_text_file",
    fr="Ce fichier n'est ni du texte ni un classeur Excel.",
    en="This file is neither text nor an Excel workbook.",
)
UNDECODABLE = Wording(
    "undecodable_text",
    fr="La ligne contient des caractères illisibles (encodage abîmé). Enregistrez le fichier en UTF-8.",
    en="The line holds characters that cannot be read (damaged encoding). Save the file as UTF-8.",
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Windows first: where two give the same text the first is named
_SINGLE_BYTE = ("cp1252", "iso-8859-15", "cp850", "mac_roman")
_EXPECTED = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒÆ€£°’“”«»–—…§ñáíóúãõßÑÁÍÓÚ\u00a0")
_BLOCK = 1 << 20


def guess_encoding(path: Path) -> str:
    """Python's name of the encoding. A byte-order mark decides, then UTF-8 if all of the file is, then
    the single-byte encoding that makes the most of the accented characters French is written with.

    A file that is UTF-8 but for a few broken bytes is "utf-8": its broken lines are refused one by one.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        wide = _wide(head)
        if wide:
            return wide
        if b"\0" in head:
            raise UnableToReadFile(NOT_TEXT())
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        sample = b""
        while block := file.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                sample = block
                break
        else:
            try:
                decoder.decode(b"", final=True)
                return "utf-8"
            except UnicodeDecodeError:
                return "utf-8"  # cut in the middle of a character: its last line is refused
    return single_byte(sample)


def single_byte(sample: bytes) -> str:
    """The encoding of bytes that are not all UTF-8."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(1 for c in text if c in _EXPECTED) > broken:
        return "utf-8"

    def score(name: str) -> int:
        decoded = sample.decode(name, "replace")
        return sum(_likelihood(before, c) for before, c in pairwise(" " + decoded) if ord(c) > 127)

    return max(_SINGLE_BYTE, key=score)


def _likelihood(before: str, character: str) -> int:
    if character not in _EXPECTED or (character.isupper() and before.islower()):
        return -2
    return 3 if character == "é" else 1


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of ordinary text is zero."""
    sample = head[:4096]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    return ""
