"""The entries of a FEC as they were written, to be kept whole: every account, not only 411."""

import json
from collections.abc import Collection, Iterator

import polars as pl

from encours.core.accounting.fec import EXTRA_FIELDS, FIELDS
from encours.core.accounting.lines import BOOK_LINES, ENTRY_LINES
from encours.core.problems import Problem
from encours.core.wording import Wording
from encours.providers.invoices.fec.lines import CREDIT_SIGNS, DEBIT_SIGNS, fec_amount, fec_date

_SLICE = 100_000
# our name of each text and date -> its column, folded. Amounts are read apart: some files give them a side
_TEXTS = {name: FIELDS[name].upper() for name, kind in ENTRY_LINES.items() if kind == pl.String}
_DATES = {name: FIELDS[name].upper() for name, kind in ENTRY_LINES.items() if kind == pl.Date}
NOT_KEPT = Wording(
    "fec_lines_not_kept",
    fr="{count} lignes n'ont pas de date ou de montant lisible et manquent aux écritures reprises ; la première est"
    " celle-ci.",
    en="{count} lines have no readable date or amount and are missing among the entries kept; this is the first.",
)


def book_lines(
    raw: pl.DataFrame,
    links: pl.DataFrame,
    *,
    separator: str,
    header: tuple[str, ...],
    told: Collection[int | None] = (),
) -> Iterator[tuple[pl.DataFrame, list[Problem]]]:
    """(frame in schema `BOOK_LINES`, problems) per part of the lines (`line`, `raw`), in the order of the file.

    `links` tells of the lines on 411 what they became: `line`, `document_type`, `document_number`, `settlement`.
    Nothing more is said of the lines in `told`.
    """
    places = {name: header.index(name) for name in header}
    for part in raw.iter_slices(_SLICE):
        cells = part.select("line", "raw", cells=pl.col("raw").str.split(separator))
        frame = cells.select(
            "line",
            "raw",
            *(_text(places, name).alias(field) for field, name in _TEXTS.items()),
            *(fec_date(_text(places, name)).alias(field) for field, name in _DATES.items()),
            *_amounts(places),
            _extra(places).alias("extra"),
        )
        kept = frame.join(links, on="line", how="left", maintain_order="left").with_columns(
            pl.col("document_type", "document_number", "settlement").fill_null("")
        )
        readable = pl.all_horizontal(pl.col("entry_date", "debit_cents", "credit_cents").is_not_null())
        lost = kept.filter(~readable & ~pl.col("line").is_in([line for line in told if line]))
        problems = [
            Problem(NOT_KEPT(count=lost.height), line=line, field="accounting_entry", severity="warning")
            for line in lost["line"].head(1)
        ]
        yield kept.filter(readable).select(BOOK_LINES.names()).match_to_schema(BOOK_LINES), problems


def _text(places: dict[str, int], name: str) -> pl.Expr:
    """Without the blanks and quotes around it, and blank inside as it was."""
    if name not in places:
        return pl.lit("")
    return pl.col("cells").list.get(places[name], null_on_oob=True).str.strip_chars(' "\t').fill_null("")


def _amounts(places: dict[str, int]) -> list[pl.Expr]:
    """Debit and credit as written; an amount with a side goes to its side."""
    if "DEBIT" in places and "CREDIT" in places:
        return [
            fec_amount(_text(places, name.upper())).alias(f"{name}_cents") for name in ("debit", "credit")
        ]
    amount = fec_amount(_text(places, "MONTANT"))
    side = _text(places, "SENS").str.to_uppercase()
    return [
        pl.when(side.is_in(own)).then(amount).when(side.is_in(other)).then(0).alias(name)
        for name, own, other in (
            ("debit_cents", DEBIT_SIGNS, CREDIT_SIGNS),
            ("credit_cents", CREDIT_SIGNS, DEBIT_SIGNS),
        )
    ]


def _extra(places: dict[str, int]) -> pl.Expr:
    """JSON of the filled columns of `EXTRA_FIELDS`; "" when there are none."""
    names = [name for name in EXTRA_FIELDS if name.upper() in places]
    if not names:
        return pl.lit("")
    cells = pl.struct(_text(places, name.upper()).alias(name) for name in names)
    return cells.map_elements(_as_json, return_dtype=pl.String)


def _as_json(cells: dict[str, str]) -> str:
    filled = {name: text for name, text in cells.items() if text}
    return json.dumps(filled, ensure_ascii=False) if filled else ""
