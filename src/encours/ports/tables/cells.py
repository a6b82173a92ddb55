"""What cells mean: dates of every usual kind and amounts of every usual spelling, a column at a time.

"03/04/2026" and "1,234" can be read in two ways. Not the cell but its whole column decides, over all of the
file: gather `Evidence` in a first pass, then read with what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from encours.core.money import MAX_CENTS, decimals_of

_MONTHS = {
    "jan": 1, "janv": 1, "janvier": 1, "january": 1, "feb": 2, "fev": 2, "fevr": 2, "fevrier": 2, "february": 2,
    "mar": 3, "mars": 3, "march": 3, "apr": 4, "avr": 4, "avril": 4, "april": 4, "may": 5, "mai": 5, "jun": 6,
    "juin": 6, "june": 6, "jul": 7, "juil": 7, "juillet": 7, "july": 7, "aug": 8, "aou": 8, "aout": 8, "august": 8,
    "sep": 9, "sept": 9, "septembre": 9, "september": 9, "oct": 10, "octobre": 10, "october": 10, "nov": 11,
    "novembre": 11, "november": 11, "dec": 12, "decembre": 12, "december": 12,
}  # fmt: skip
_TWO_PARTS = r"^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})$"
_TIME = r"[T ]\d{1,2}:\d{2}.*$"
# Excel counts days from here (its 29 February 1900 is before any invoice); serials of 1954 to 2119
_EXCEL_EPOCH = pl.date(1899, 12, 30)
_EXCEL_SERIALS = (20_000, 80_000)
_FIRST_YEAR, _LAST_YEAR = 1950, 2149


@dataclass(frozen=True)
class Evidence:
    """How a column must be read, from the cells that can only be read in one way."""

    day_first: bool = False  # a date like 31/12/2025 occurs
    month_first: bool = False  # a date like 12/31/2025 occurs
    comma_decimals: bool = False  # an amount like 12,5 or 1.234,50 occurs
    dot_decimals: bool = False

    def __or__(self, other: "Evidence") -> "Evidence":
        return Evidence(
            self.day_first or other.day_first,
            self.month_first or other.month_first,
            self.comma_decimals or other.comma_decimals,
            self.dot_decimals or other.dot_decimals,
        )

    @property
    def reads_month_first(self) -> bool:
        """The French order unless the column can only be American."""
        return self.month_first and not self.day_first


def gather(columns: list[pl.Series]) -> Evidence:
    """What columns (of dates or amounts) of one file say of the way they are written."""
    return reduce(lambda known, column: known | _evidence(column), columns, Evidence())


def _evidence(column: pl.Series) -> Evidence:
    # what most cells are is told by one look; the others get a careful one
    plain = [
        column.str.contains(pattern).fill_null(False)
        for pattern in (r"^-?\d*$", r"^-?\d+,\d{1,2}$", r"^-?\d+\.\d{1,2}$")
    ]
    known = Evidence(comma_decimals=bool(plain[1].any()), dot_decimals=bool(plain[2].any()))
    frame = column.filter(~(plain[0] | plain[1] | plain[2])).to_frame("c")
    if frame.is_empty():
        return known
    date = pl.col("c").str.replace(_TIME, "")
    first = date.str.extract(_TWO_PARTS, 1).cast(pl.Int32)
    second = date.str.extract(_TWO_PARTS, 2).cast(pl.Int32)
    digits = _bare_amount(pl.col("c"))
    comma = digits.str.contains(r"^\d*,(\d{1,2}|\d{4,})$|^\d{1,3}(\.\d{3})+,\d*$|^(0|\d{4,}),\d{3}$")
    dot = digits.str.contains(r"^\d*\.(\d{1,2}|\d{4,})$|^\d{1,3}(,\d{3})+\.\d*$|^(0|\d{4,})\.\d{3}$")
    found = frame.select(
        ((first > 12) & (second <= 12)).any().alias("day_first"),
        ((second > 12) & (first <= 12)).any().alias("month_first"),
        comma.any().alias("comma_decimals"),
        dot.any().alias("dot_decimals"),
    ).row(0, named=True)
    return known | Evidence(**{name: bool(value) for name, value in found.items()})


def dates(column: str | pl.Expr, evidence: Evidence) -> pl.Expr:
    """Dates of a String column, null for what is none (and for empty cells).

    31/12/2025, 31.12.25, 31-12-2025, 2025-12-31, 2025-12-31T10:00:00Z, 20251231, 31-déc-2025, 31 December 2025,
    Dec 31, 2025, Excel serials (45992). Years of two digits: 00 to 69 are 2000 to 2069.
    """
    text = (pl.col(column) if isinstance(column, str) else column).str.strip_chars()

    def read(cells: pl.Series) -> pl.Series:
        # a million invoices have a few thousand dates: each distinct text is read once
        distinct = pl.DataFrame({"text": cells.unique()})
        known = distinct.with_columns(date=_read_dates(pl.col("text"), evidence)).filter(
            pl.col("date").is_not_null()
        )
        return cells.replace_strict(known["text"], known["date"], default=None, return_dtype=pl.Date)

    return text.map_batches(read, return_dtype=pl.Date())


def _read_dates(text: pl.Expr, evidence: Evidence) -> pl.Expr:
    day_text = text.str.replace(_TIME, "").str.replace(r"[+-]\d\d:\d\d$|Z$", "")
    first = day_text.str.extract(_TWO_PARTS, 1).cast(pl.Int32)
    second = day_text.str.extract(_TWO_PARTS, 2).cast(pl.Int32)
    year = _whole_year(day_text.str.extract(_TWO_PARTS, 3))
    day, month = (second, first) if evidence.reads_month_first else (first, second)
    iso = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$"
    compact = r"^((?:19|20|21)\d{2})(\d{2})(\d{2})$"
    plain = (
        day_text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[.,\-/]", " ")
        .str.replace_all(r"\s+", " ")
        .str.replace(r"^(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)[a-z]* (\d)", "$1")
        .str.strip_chars()
    )
    worded = r"^(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+) (\d{2}|\d{4})$"
    american = r"^([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})$"
    serial = text.str.extract(r"^(\d{5})(?:\.\d+)?$", 1).cast(pl.Int32)
    return pl.coalesce(
        _date(day_text, iso),
        _date(day_text, compact),
        _made(year, month, day),
        _made(
            _whole_year(plain.str.extract(worded, 3)), _month(plain.str.extract(worded, 2)),
            plain.str.extract(worded, 1).cast(pl.Int32),
        ),
        _made(
            plain.str.extract(american, 3).cast(pl.Int32), _month(plain.str.extract(american, 1)),
            plain.str.extract(american, 2).cast(pl.Int32),
        ),
        pl.when(serial.is_between(*_EXCEL_SERIALS)).then(_EXCEL_EPOCH + pl.duration(days=serial)).cast(pl.Date),
    )  # fmt: skip


def _date(text: pl.Expr, pattern: str) -> pl.Expr:
    year, month, day = (text.str.extract(pattern, group).cast(pl.Int32) for group in (1, 2, 3))
    return _made(year, month, day)


def _made(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The date, null when there is none such."""
    sound = year.is_between(_FIRST_YEAR, _LAST_YEAR) & month.is_between(1, 12) & day.is_between(1, 31)
    text = pl.concat_str(year.cast(pl.String), month.cast(pl.String), day.cast(pl.String), separator="-")
    return pl.when(sound).then(text).str.to_date("%Y-%m-%d", strict=False)


def _month(names: pl.Expr) -> pl.Expr:
    return names.replace_strict(list(_MONTHS), list(_MONTHS.values()), default=None, return_dtype=pl.Int32)


def _whole_year(text: pl.Expr) -> pl.Expr:
    year = text.cast(pl.Int32)
    return (
        pl.when(text.str.len_chars() == 4).then(year).when(year < 70).then(year + 2000).otherwise(year + 1900)
    )


def cents(
    column: str | pl.Expr, evidence: Evidence, currency: pl.Expr | None = None, default_currency: str = "EUR"
) -> pl.Expr:
    """Minor units (Int64) of a String column of amounts, null for what is none, has more decimals than its
    currency, or is too large.

    1 234,56 €; 1,234.56; 1.234,56; 1'234.56; (12.00); 12-; -12; +12; EUR 12. A lone "," or "." before exactly
    three digits ("1,234") is what the column's other cells say, and no amount when they do not say.
    """
    text = pl.col(column) if isinstance(column, str) else column
    decimals = _decimals(currency, default_currency)

    def read(parts: Sequence[pl.Series]) -> pl.Series:
        cells, digits = parts
        if digits.len() == 1 != cells.len():
            digits = digits.new_from_index(0, cells.len())
        frame = pl.DataFrame({"text": cells, "decimals": digits})
        # nearly every cell of nearly every file is as plain as this
        plain = frame.select(
            (pl.col("text").str.contains(_PLAIN) & (pl.col("decimals") == 2)).fill_null(False)
        ).to_series()
        if plain.all():
            return _plain_cents(cells)
        rest = frame.filter(~plain).select(_careful_cents(evidence)).to_series()
        return _plain_cents(cells.set(~plain, None)).scatter((~plain).arg_true(), rest)

    # an expression of one name per call: columns that are told apart by position only would be one
    return pl.map_batches([text, decimals], read, return_dtype=pl.Int64()).alias(text.meta.output_name())


_PLAIN = r"^-?\d{1,12}(?:[.,]\d{1,2})?$"
# thousands in threes by one sign and decimals after the other: "1,234,56" may be 1,234.56 or 123,456
_NUMBER = r"(?:\d+(?:[.,]\d*)?|[.,]\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})+(?:,\d*)?)"
# one sign at most: a cell like 2026-01-31 is no amount
_WRITTEN = rf"^(?:[+\-]?{_NUMBER}|{_NUMBER}-|\({_NUMBER}\))$"


def _plain_cents(cells: pl.Series) -> pl.Series:
    decimal = cells.str.replace(",", ".", literal=True).cast(pl.Decimal(20, 2))
    return decimal.to_physical().cast(pl.Int64)


def _careful_cents(evidence: Evidence) -> pl.Expr:
    text, decimals = pl.col("text"), pl.col("decimals")
    kept = text.str.replace_all(r"(?i)[\s\u00a0\u202f'’€$£¥]|EUR|USD|GBP|CHF", "").str.replace("−", "-")
    negative = kept.str.contains(r"^-|^\(.*\)$|-$")
    digits = _bare_amount(text)
    last = digits.str.extract(r"([.,])[^.,]*$", 1)
    both = digits.str.contains(",", literal=True) & digits.str.contains(".", literal=True)
    decimal_sign, thousands_sign = _signs(evidence)
    plain = (
        pl.when(both & (last == ","))
        .then(digits.str.replace_all(".", "", literal=True))
        .when(both)
        .then(digits.str.replace_all(",", "", literal=True))
        .when(digits.str.count_matches("[.,]") > 1)
        .then(digits.str.replace_all("[.,]", ""))
        .when(digits.str.contains(r"^\d{1,3}[.,]\d{3}$") & (last == thousands_sign))
        .then(digits.str.replace("[.,]", ""))
        .otherwise(digits)
        .str.replace(",", ".", literal=True)
    )
    whole = plain.str.extract(r"^(\d*)(?:\.\d*)?$", 1)
    fraction = plain.str.extract(r"^\d*\.(\d*)$", 1).fill_null("").str.strip_chars_end("0")
    sound = kept.str.contains(_WRITTEN) & whole.is_not_null()
    ambiguous = digits.str.contains(r"^\d{1,3}[.,]\d{3}$") & ~last.is_in([decimal_sign, thousands_sign])
    sound = sound & (~ambiguous | (decimals == 3))
    sound = sound & (fraction.str.len_chars() <= decimals) & (whole.str.len_chars() <= 15)
    scaled = pl.when(whole == "").then(pl.lit("0")).otherwise(whole).cast(pl.Int64, strict=False) * _power(
        decimals
    ) + pl.when(fraction == "").then(pl.lit("0")).otherwise(fraction).cast(pl.Int64, strict=False) * _power(
        decimals - fraction.str.len_chars().cast(pl.Int64)
    )
    signed = pl.when(negative).then(-scaled).otherwise(scaled)
    return pl.when(sound & (scaled <= MAX_CENTS)).then(signed)


def _bare_amount(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"(?i)[\s\u00a0\u202f'’€$£¥()+\-−]|EUR|USD|GBP|CHF", "")


def _signs(evidence: Evidence) -> tuple[str, str]:
    """(decimal sign, thousands sign) of the column, empty when its cells do not say."""
    if evidence.comma_decimals and not evidence.dot_decimals:
        return ",", "."
    if evidence.dot_decimals and not evidence.comma_decimals:
        return ".", ","
    return "", ""


def _decimals(currency: pl.Expr | None, default_currency: str) -> pl.Expr:
    if currency is None:
        return pl.lit(decimals_of(default_currency), dtype=pl.Int64)

    def of(codes: pl.Series) -> pl.Series:
        distinct = codes.drop_nulls().unique()
        digits = [decimals_of(code) for code in distinct]
        return codes.replace_strict(distinct, digits, default=2, return_dtype=pl.Int64)

    return currency.map_batches(of, return_dtype=pl.Int64())


def _power(exponent: pl.Expr) -> pl.Expr:
    return exponent.replace_strict([0, 1, 2, 3], [1, 10, 100, 1000], default=0, return_dtype=pl.Int64)
