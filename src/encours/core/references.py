"""Numbers and references as people and banks retype them, brought to one form.

A payer writes `fact. 2025 0012` for the invoice `FACT-2025-0012`, a bank drops the dash, a spreadsheet the
leading zeros. Two numbers are the same when their normalised forms are.
"""

import re
import unicodedata

import polars as pl

_RF = re.compile(r"RF\d\d[A-Z0-9]{1,21}")


def normalised_number(number: str) -> str:
    """Upper case letters and digits only, without accents, without leading zeros of each run of digits.

    >>> normalised_number("Fact-2025-0012"), normalised_number("FACT 2025/12"), normalised_number("000")
    ('FACT202512', 'FACT202512', '0')
    """
    return "".join(number_parts(number))


def number_parts(text: str) -> list[str]:
    """Runs of letters and runs of digits (without leading zeros), in order.

    >>> number_parts("n°F2025-0012")
    ['N', 'F', '2025', '12']
    """
    return [
        run.lstrip("0") or "0" if run.isdigit() else run for run in re.findall("[A-Z]+|[0-9]+", folded(text))
    ]


def folded(text: str) -> str:
    """Upper case without accents; everything else as it is."""
    if text.isascii():
        return text.upper()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if unicodedata.category(char)[0] != "M").upper()


def normalised_numbers(column: pl.Expr) -> pl.Expr:
    """`normalised_number` over a String column."""
    return (
        column.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_uppercase()
        .str.replace_all(r"(^|[^0-9])0+([0-9])", "${1}${2}")
        .str.replace_all("[^A-Z0-9]", "")
    )


def compact(reference: str) -> str:
    """Upper case letters and digits, zeros kept: the form of an ISO 11649 reference or an end-to-end id.

    >>> compact("RF18 5390 0754 7034")
    'RF18539007547034'
    """
    return re.sub("[^A-Z0-9]", "", folded(reference))


def compacted(column: pl.Expr) -> pl.Expr:
    """`compact` over a String column."""
    return (
        column.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_uppercase()
        .str.replace_all("[^A-Z0-9]", "")
    )


def is_creditor_reference(reference: str) -> bool:
    """Whether a compact reference is an ISO 11649 one (RF), check digits included.

    >>> is_creditor_reference("RF18539007547034"), is_creditor_reference("RF19539007547034")
    (True, False)
    """
    if not _RF.fullmatch(reference):
        return False
    return int("".join(str(int(char, 36)) for char in reference[4:] + reference[:4])) % 97 == 1


def creditor_reference(number: str) -> str:
    """The ISO 11649 reference built from a document's number, empty when the number is longer than it takes.

    >>> creditor_reference("539007547034")
    'RF18539007547034'
    """
    body = compact(number)
    if not 1 <= len(body) <= 21:
        return ""
    remainder = int("".join(str(int(char, 36)) for char in body + "RF00")) % 97
    return f"RF{98 - remainder:02d}{body}"
