"""The FEC as a file (LPF art. A47 A-1): its name, its header, its lines."""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Literal

import polars as pl

from encours.core.accounting.lines import ENTRY_LINES

Separator = Literal["tab", "pipe"]
SEPARATORS: dict[str, str] = {"tab": "\t", "pipe": "|"}
# the encodings the article allows beside ASCII
ENCODINGS = ("utf-8", "iso-8859-15")

# our name of each field -> its name in the law, in the order of the law
FIELDS = {
    "journal_code": "JournalCode",
    "journal_name": "JournalLib",
    "entry_number": "EcritureNum",
    "entry_date": "EcritureDate",
    "account": "CompteNum",
    "account_name": "CompteLib",
    "auxiliary": "CompAuxNum",
    "auxiliary_name": "CompAuxLib",
    "piece": "PieceRef",
    "piece_date": "PieceDate",
    "label": "EcritureLib",
    "debit_cents": "Debit",
    "credit_cents": "Credit",
    "lettering": "EcritureLet",
    "lettered_date": "DateLet",
    "valid_date": "ValidDate",
    "foreign_amount": "Montantdevise",
    "foreign_currency": "Idevise",
}
# four more in the files of non-commercial professions (BNC)
EXTRA_FIELDS = ("DateRglt", "ModeRglt", "NatOp", "IdClient")
_SLICE = 100_000


def file_name(*, siren: str, closing_date: date) -> str:
    """`SirenFECAAAAMMJJ.txt`. A company without SIREN gets nine zeros: the file is no lawful one yet."""
    return f"{siren or '0' * 9}FEC{closing_date:%Y%m%d}.txt"


def fec_blocks(
    lines: pl.DataFrame, *, separator: Separator = "tab", encoding: str = "utf-8"
) -> Iterator[bytes]:
    """The file in parts: header, then lines (schema `ENTRY_LINES`, `extra` as in `BOOK_LINES`) in the order given.

    A separator inside a text becomes a blank. A character the encoding does not have becomes its plain letter.
    """
    assert encoding in ENCODINGS, encoding
    sign = SEPARATORS[separator]
    extra = "extra" in lines.columns and bool((lines["extra"] != "").any())
    names = [*FIELDS.values(), *(EXTRA_FIELDS if extra else ())]
    yield (sign.join(names) + "\r\n").encode(encoding)
    for part in lines.iter_slices(_SLICE):
        columns = [*_cells(sign), *(_extra_cells(part) if extra else ())]
        written = part.select(pl.concat_str(columns, separator=sign)).to_series()
        yield _encoded("\r\n".join(written.to_list()) + "\r\n", encoding)


def _cells(sign: str) -> list[pl.Expr]:
    return [_cell(name, kind, sign) for name, kind in ENTRY_LINES.items()]


def _cell(name: str, kind: object, sign: str) -> pl.Expr:
    if kind == pl.Date:
        return pl.col(name).dt.to_string("%Y%m%d").fill_null("")
    if kind == pl.Int64:
        return decimal_comma(name)
    return pl.col(name).str.replace_all(rf"[{re.escape(sign)}\r\n]", " ")


def decimal_comma(name: str) -> pl.Expr:
    """Cents as the FEC writes an amount: `-1234,05`, without thousands."""
    cents = pl.col(name).abs()
    return pl.concat_str(
        pl.when(pl.col(name) < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (cents // 100).cast(pl.String),
        pl.lit(","),
        (cents % 100).cast(pl.String).str.zfill(2),
    )


def _extra_cells(part: pl.DataFrame) -> list[pl.Series]:
    rows = [json.loads(text) if text else {} for text in part["extra"]]
    return [pl.Series(name, [row.get(name, "") for row in rows], dtype=pl.String) for name in EXTRA_FIELDS]


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_writable(each, encoding) for each in text).encode(encoding)


def _writable(char: str, encoding: str) -> str:
    """The character, or its letter without marks, or a question mark."""
    for form in (char, unicodedata.normalize("NFKD", char)):
        if kept := form.encode(encoding, "ignore").decode(encoding):
            return kept
    return "?"
