"""The lines of a FEC as a typed frame, whatever its dialect.

Seen in the wild and taken: TAB, `|` or `;`, a trailing separator, fixed-width padding, CR CR LF line ends, BOM,
every encoding French software writes, other capitals in the names, Montant/Sens instead of Debit/Credit,
optional last columns left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from encours.core.problems import Problem
from encours.core.references import folded
from encours.core.wording import Wording
from encours.ports.files import EMPTY_FILE, UnableToReadFile
from encours.ports.tables.encodings import guess_encoding

MISSING_COLUMNS = Wording(
    "fec_columns_missing",
    fr="Ce n'est pas un FEC complet : il manque les colonnes {columns} (LPF art. A47 A-1).",
    en="This is no complete FEC: the columns {columns} are missing (LPF art. A47 A-1).",
)
MALFORMED = Wording(
    "fec_mostly_malformed",
    fr="{count} lignes sur {total} n'ont pas les colonnes de l'en-tête : le fichier est abîmé ou n'est pas un FEC.",
    en="{count} lines of {total} do not have the header's columns: the file is damaged or no FEC.",
)
WRONG_COLUMNS = Wording(
    "fec_wrong_column_count",
    fr="La ligne a {found} colonnes au lieu de {expected} : elle est coupée ou contient un séparateur.",
    en="The line has {found} columns instead of {expected}: it is cut or holds a separator.",
)

# Canonical name: names in the header, folded. The law fixes them; capitals and accents vary.
_COLUMNS = {
    "journal": "JOURNALCODE",
    "journal_name": "JOURNALLIB",
    "entry_number": "ECRITURENUM",
    "entry_date": "ECRITUREDATE",
    "account": "COMPTENUM",
    "account_name": "COMPTELIB",
    "auxiliary": "COMPAUXNUM",
    "auxiliary_name": "COMPAUXLIB",
    "piece": "PIECEREF",
    "piece_date": "PIECEDATE",
    "label": "ECRITURELIB",
    "lettering": "ECRITURELET",
    "client": "IDCLIENT",  # only in the files of non-commercial professions (22 columns)
    "debit": "DEBIT",
    "credit": "CREDIT",
    "amount": "MONTANT",
    "side": "SENS",
}
_REQUIRED = ("journal", "entry_number", "entry_date", "account", "piece", "label")
_PRINTED = {"journal": "JournalCode", "entry_number": "EcritureNum", "entry_date": "EcritureDate",
            "account": "CompteNum", "piece": "PieceRef", "label": "EcritureLib", "debit": "Debit",
            "credit": "Credit"}  # fmt: skip
_LONGEST_RAW = 2000
# how programs write the side of an amount (Sens)
DEBIT_SIGNS, CREDIT_SIGNS = ("D", "+1", "+", "1"), ("C", "-1", "-")


def is_fec(head: bytes) -> bool:
    """Whether the first line names the columns the law prescribes."""
    sample = head[:4096]
    # in UTF-16 every other byte of these names is a zero
    first = sample.replace(b"\0", b"").decode("latin-1").lstrip("ï»¿þÿ \r\n").split("\n")[0]
    names = {_name(text) for text in re.split(r"[\t|;]", first)}
    return {"JOURNALCODE", "ECRITURENUM", "ECRITUREDATE", "COMPTENUM"} <= names


@dataclass(frozen=True)
class FecLines:
    """The readable lines of a FEC, what is wrong with the others, and how its columns are laid out."""

    frame: pl.DataFrame
    problems: list[Problem]
    separator: str
    header: tuple[str, ...]  # names of the columns, folded, without blanks


def read_lines(path: Path) -> FecLines:
    """Every readable line and the problems of the others. Raises `UnableToReadFile`.

    Columns of the frame: line, the names of `_COLUMNS` as stripped text (without amounts), `date` and `piece_day` (null
    when no date), `cents` (debit - credit; null when the amount is none), `raw`.
    """
    raw = _raw_lines(path)
    if raw.is_empty():
        raise UnableToReadFile(EMPTY_FILE())
    header_line, header = raw.row(0)
    separator = max("\t|;", key=header.count)
    places = _places(header.split(separator), header_line)
    width = len(header.rstrip(separator + " ").split(separator))
    body = raw.slice(1).with_columns(
        found=pl.col("raw").str.count_matches(separator, literal=True) + 1,
        # a trailing separator adds an empty column
        trailing=pl.col("raw").str.strip_chars_end(" ").str.ends_with(separator).cast(pl.UInt32),
    )
    # optional last columns may be left out, never one that is read
    complete = (pl.col("found") > max(places.values())) & (pl.col("found") - pl.col("trailing") <= width)
    malformed = body.filter(~complete)
    if malformed.height * 2 > body.height:
        raise UnableToReadFile(MALFORMED(count=malformed.height, total=body.height), line=header_line)
    problems = [
        Problem(WRONG_COLUMNS(found=found, expected=width), line=line, raw=text[:_LONGEST_RAW])
        for line, text, found in malformed.select("line", "raw", "found").iter_rows()
    ]
    frame = _typed(body.filter(complete), places, separator)
    return FecLines(frame, problems, separator, tuple(_name(text) for text in header.split(separator)))


def _raw_lines(path: Path) -> pl.DataFrame:
    """(line, raw) of every line with something on it, numbered as an editor does."""
    text = path.read_bytes().decode(guess_encoding(path), "replace").lstrip("\ufeff").replace("\0", "")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    frame = pl.Series("raw", [text], dtype=pl.String).str.split("\n").explode().to_frame()
    return (
        frame.with_columns(pl.col("raw").str.strip_chars_end("\r"))
        .with_row_index("line", offset=1)
        .filter(pl.col("raw").str.contains(r"\S"))
        .with_columns(pl.col("line").cast(pl.Int64))
    )


def _places(header: Sequence[str], line: int) -> dict[str, int]:
    names = [_name(text) for text in header]
    places = {field: names.index(name) for field, name in _COLUMNS.items() if name in names}
    wanted = [*_REQUIRED, *(() if {"amount", "side"} <= places.keys() else ("debit", "credit"))]
    missing = [_PRINTED[field] for field in wanted if field not in places]
    if missing:
        raise UnableToReadFile(MISSING_COLUMNS(columns=", ".join(missing)), line=line)
    return places


def _name(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", folded(text))


def _typed(body: pl.DataFrame, places: dict[str, int], separator: str) -> pl.DataFrame:
    cells = body.select("line", "raw", cells=pl.col("raw").str.split(separator))
    texts = cells.select(
        "line",
        "raw",
        *(
            pl.col("cells").list.get(place).str.strip_chars(' "').str.replace_all(r"\s+", " ").alias(field)
            for field, place in places.items()
        ),
    )
    absent = [pl.lit("").alias(field) for field in _COLUMNS if field not in places]
    return (
        texts.with_columns(absent)
        .with_columns(
            _cents(by_side="side" in places and "amount" in places),
            date=fec_date(pl.col("entry_date")),
            piece_day=fec_date(pl.col("piece_date")),
            # the 22 columns of non-commercial professions name the customer apart
            auxiliary=pl.when(pl.col("auxiliary") == "").then("client").otherwise("auxiliary"),
        )
        .drop("debit", "credit", "amount", "side", "client", "piece_date")
    )


def _cents(*, by_side: bool) -> pl.Expr:
    if not by_side:
        return (fec_amount(pl.col("debit")) - fec_amount(pl.col("credit"))).alias("cents")
    side = pl.col("side").str.to_uppercase()
    sign = pl.when(side.is_in(DEBIT_SIGNS)).then(1).when(side.is_in(CREDIT_SIGNS)).then(-1)
    return (fec_amount(pl.col("amount")) * sign).alias("cents")


def fec_amount(cell: pl.Expr) -> pl.Expr:
    """Cents of a French amount, exactly; null when it is none or has more than two decimals. Empty is zero."""
    text = cell.str.replace_all(r"[\s\x{a0}\x{202f}]", "")
    # with a comma, points separate thousands
    plain = (
        pl.when(text.str.contains(",", literal=True))
        .then(text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(text)
    )
    whole = plain.str.extract(r"^[+-]?0*(\d{0,13})(?:\.\d{0,2}0*)?$")
    fraction = plain.str.extract(r"\.(\d{1,2})").fill_null("0").str.pad_end(2, "0")
    cents = (
        pl.when(whole == "").then(pl.lit("0")).otherwise(whole).cast(pl.Int64) * 100
        + fraction.cast(pl.Int64, strict=False)
    )  # fmt: skip
    signed = pl.when(plain.str.starts_with("-")).then(-cents).otherwise(cents)
    return pl.when(plain == "").then(0).when(plain.str.contains(r"\d")).then(signed)


def fec_date(text: pl.Expr) -> pl.Expr:
    """`AAAAMMJJ` as the law wants it, or the two forms software writes instead; null for anything else."""
    formats = {r"^\d{8}$": "%Y%m%d", r"^\d{4}-\d\d-\d\d$": "%Y-%m-%d", r"^\d\d/\d\d/\d{4}$": "%d/%m/%Y"}
    read = pl.coalesce(
        pl.when(text.str.contains(pattern)).then(text).str.to_date(form, strict=False)
        for pattern, form in formats.items()
    )
    return pl.when(read.dt.year().is_between(1950, 2150)).then(read)
