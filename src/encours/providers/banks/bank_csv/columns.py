"""Reads a bank's columns: what each line's date, amount and currency are, with the whole column deciding.

The result keeps one row per line of the table, in the order of the file, as plain values.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from encours.core.fields import field_name
from encours.core.problems import Problem
from encours.core.wording import Sentence
from encours.ports.files import UnableToReadFile
from encours.ports.tables import Rows, Table, raw_lines
from encours.ports.tables.cells import Evidence, cents, dates, gather
from encours.providers.banks.bank_csv import problems
from encours.providers.banks.bank_csv.notes import Notes, Record, read_notes, speaks_of_balance
from encours.providers.banks.bank_csv.vocabulary import FIELDS

_TWO_PART_DATE = r"^\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}"
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "EURO": "EUR", "EUROS": "EUR"}
_MOVED = ("amount", "debit", "credit")
_AMOUNTS = (*_MOVED, "balance", "foreign_amount")


@dataclass(frozen=True)
class Columns:
    """`frame` has a row per transaction: "line", "raw", "date", "value_date", "currency", the amounts as
    `…_cents` (null where the cell is empty or unreadable), and the texts. `notes` is what stood around it.
    """

    frame: pl.DataFrame
    texts: tuple[str, ...]
    others: tuple[str, ...]
    notes: Notes
    currency: str
    problems: tuple[Problem, ...]


def read_columns(table: Table, default_currency: str) -> Columns:
    """Raises `UnableToReadFile` when the dates of the file contradict each other."""
    frame, ragged = _all_rows(table)
    found: list[Problem] = []
    around: list[Record] = list(table.preamble)
    for problem in ragged:
        cells = tuple(problem.raw.split(table.delimiter or ";"))
        if problem.code == "ragged_line" and speaks_of_balance(cells):
            around.append((cells, problem.line or 0))
        else:
            found.append(problem)
    evidence = gather([frame[name] for name in _MOVED if name in frame.columns])
    frame, order = _with_dates(frame, table, evidence, found)
    frame, notes_below = _without_notes(frame, order, found)
    notes = read_notes([*around, *notes_below], default_currency)
    currency = _account_currency(frame, evidence) or notes.currency or default_currency
    frame = _with_currency(frame, currency, found)
    frame = _with_cents(frame, evidence, found)
    others = tuple(name for name in frame.columns if name.startswith("other:"))
    texts = tuple(name for name in FIELDS if name in frame.columns and name not in _AMOUNTS)
    return Columns(frame, texts, others, notes, currency, tuple(found))


def _all_rows(table: Table) -> tuple[pl.DataFrame, list[Problem]]:
    """Canonical fields, the raw line, and the columns nobody asked for as `other:header`."""
    parts, found = [], []
    for rows in table.batches():
        found.extend(rows.problems)
        parts.append(_renamed(rows, table))
    return (pl.concat(parts) if parts else _no_rows(table.columns)), found


def _renamed(rows: Rows, table: Table) -> pl.DataFrame:
    others = [name for name in rows.frame.columns if name not in rows.columns and name != "line"]
    raw = pl.Series("raw", raw_lines(rows.frame, table.delimiter), dtype=pl.String)
    return rows.fields().with_columns(
        raw, *(rows.frame[name].str.strip_chars().alias(f"other:{name}") for name in others)
    )


def _no_rows(columns: Mapping[str, str]) -> pl.DataFrame:
    names = dict.fromkeys([*columns.values(), "raw"], pl.String)
    return pl.DataFrame(schema={"line": pl.Int64, **names})


def _with_dates(
    frame: pl.DataFrame, table: Table, amounts: Evidence, found: list[Problem]
) -> tuple[pl.DataFrame, Sentence]:
    """The date columns read, and the order of their days and months."""
    evidence = gather([frame["date"]])
    if evidence.day_first and evidence.month_first:
        raise _mixed(frame)
    ambiguous = frame.filter(pl.col("date").str.contains(_TWO_PART_DATE))
    if ambiguous.height and not (evidence.day_first or evidence.month_first):
        french = amounts.comma_decimals or table.delimiter == ";"
        chosen = None if french else _order_in_time(ambiguous["date"])
        evidence = replace(evidence, month_first=chosen == "month", day_first=chosen != "month")
        if not french and chosen is None and _reads_both_ways(ambiguous["date"]):
            found.append(_assumed(ambiguous, evidence))
    order = problems.MONTH_DAY() if evidence.reads_month_first else problems.DAY_MONTH()
    frame = frame.rename({"date": "date_text"}).with_columns(dates("date_text", evidence).alias("date"))
    if "value_date" in frame.columns:
        own = gather([frame["value_date"]])
        own = own if own.day_first or own.month_first else evidence
        frame = frame.with_columns(dates("value_date", own).alias("value_date"))
    else:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Date).alias("value_date"))
    return frame, order


def _order_in_time(texts: pl.Series) -> str | None:
    """ "day" or "month" when only one of the two readings has the lines in the order of time."""
    frame = pl.DataFrame({"t": texts})
    running = {}
    for name, evidence in (("day", Evidence(day_first=True)), ("month", Evidence(month_first=True))):
        read = frame.select(dates("t", evidence))["t"].drop_nulls()
        running[name] = read.is_sorted() or read.is_sorted(descending=True)
    if running["day"] == running["month"]:
        return None
    return "day" if running["day"] else "month"


def _reads_both_ways(texts: pl.Series) -> bool:
    frame = pl.DataFrame({"t": texts})
    day = frame.select(dates("t", Evidence(day_first=True)))["t"]
    month = frame.select(dates("t", Evidence(month_first=True)))["t"]
    return not day.equals(month)


def _assumed(ambiguous: pl.DataFrame, evidence: Evidence) -> Problem:
    read = ambiguous.with_columns(dates("date", evidence).alias("day")).filter(pl.col("day").is_not_null())
    line, text, day = read.select("line", "date", "day").row(0)
    sentence = problems.DATES_ASSUMED(order=problems.DAY_MONTH(), text=text, day=day)
    return Problem(sentence, line=line, field="date", severity="warning")


def _mixed(frame: pl.DataFrame) -> UnableToReadFile:
    first = pl.col("date").str.extract(r"^(\d{1,2})[/.\- ]").cast(pl.Int32)
    second = pl.col("date").str.extract(r"^\d{1,2}[/.\- ](\d{1,2})").cast(pl.Int32)
    day = frame.filter((first > 12) & (second <= 12)).row(0, named=True)
    month = frame.filter((second > 12) & (first <= 12)).row(0, named=True)
    line = max(day["line"], month["line"])
    return UnableToReadFile(
        problems.MIXED_DATES(one=day["date"], other=month["date"]), line=line, field="date"
    )


def _without_notes(
    frame: pl.DataFrame, order: Sentence, found: list[Problem]
) -> tuple[pl.DataFrame, list[Record]]:
    """Transactions only. Lines about a balance are set apart, lines that go on with a label are joined to the
    one above, and the rest is refused.
    """
    undated = frame.filter(pl.col("date").is_null())
    if undated.is_empty():
        return frame, []
    notes: list[Record] = []
    going_on: dict[int, str] = {}
    texts = [name for name in ("label", "detail", "short_label") if name in frame.columns]
    amounts = [name for name in _AMOUNTS if name in frame.columns]
    dated = frame.filter(pl.col("date").is_not_null())["line"].to_list()
    for row in undated.iter_rows(named=True):
        cells = tuple(_filled(row))
        above = bisect_left(dated, row["line"])
        text = " ".join(row[name] for name in texts if row[name])
        if speaks_of_balance(cells):
            notes.append((cells, row["line"]))
        elif not row["date_text"] and text and above and not any(row[name] for name in amounts):
            line = dated[above - 1]
            going_on[line] = f"{going_on.get(line, '')} {text}".strip()
        else:
            written = row["date_text"][:40]
            sentence = (
                problems.BAD_DATE(field=field_name("date"), text=written, order=order)
                if written
                else problems.NO_DATE()
            )
            found.append(Problem(sentence, line=row["line"], field="date", raw=row["raw"]))
    frame = frame.filter(pl.col("date").is_not_null())
    if going_on and texts:
        more = pl.col("line").replace_strict(going_on, default="", return_dtype=pl.String)
        frame = frame.with_columns((pl.col(texts[0]) + " " + more).str.strip_chars().alias(texts[0]))
    return frame, notes


def _filled(row: Mapping[str, object]) -> list[str]:
    return [str(value) for name, value in row.items() if value and name not in ("line", "raw", "date")]


def _account_currency(frame: pl.DataFrame, evidence: Evidence) -> str:
    """The account's currency in a table that gives foreign amounts: the one of the lines without any.

    "Currency" then says what the foreign amount is in, and "Amount" is in the account's own currency.
    """
    if not {"currency", "foreign_amount"} <= set(frame.columns):
        return ""
    foreign = cents("foreign_amount", _own_evidence(frame["foreign_amount"], evidence))
    plain = foreign.is_null() | (foreign == 0)
    if "amount" in frame.columns:
        plain = plain | (foreign == cents("amount", evidence))
    named = {_code(text) for text in frame.filter(plain)["currency"].to_list() if _is_code(_code(text))}
    return named.pop() if len(named) == 1 else ""


def _code(text: str) -> str:
    upper = text.strip().upper()
    return _SYMBOLS.get(upper, upper)


def _is_code(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha()


def _with_currency(frame: pl.DataFrame, currency: str, found: list[Problem]) -> pl.DataFrame:
    """ "currency" of each line's amount. With foreign amounts it is the account's, and the original one is kept."""
    if "currency" not in frame.columns:
        own = pl.lit(currency)
        return frame.with_columns(own.alias("currency"), own.alias("original_currency"))
    codes = pl.Series(
        "currency", [_code(text) or currency for text in frame["currency"].to_list()], dtype=pl.String
    )
    sound = pl.Series([_is_code(code) for code in codes.to_list()], dtype=pl.Boolean)
    for line, raw, code in frame.filter(~sound).select("line", "raw", "currency").iter_rows():
        sentence = problems.BAD_CURRENCY(text=code[:20])
        found.append(Problem(sentence, line=line, field="currency", raw=raw))
    frame = frame.with_columns(codes).filter(sound)
    if "foreign_amount" in frame.columns:
        frame = frame.with_columns(
            pl.col("currency").alias("original_currency"), pl.lit(currency).alias("currency")
        )
    return frame


def _with_cents(frame: pl.DataFrame, evidence: Evidence, found: list[Problem]) -> pl.DataFrame:
    """Every amount column as `…_cents`; a filled cell that is no amount refuses its line."""
    names = [name for name in _AMOUNTS if name in frame.columns]
    frame = frame.with_columns(*(_cents_of(name, frame, evidence) for name in names))
    bad = {name: (pl.col(name) != "") & pl.col(f"{name}_cents").is_null() for name in names}
    if not names or not frame.select(pl.any_horizontal(bad.values()).any()).item():
        return frame
    for name in names:
        found.extend(_bad_cell(name, row) for row in frame.filter(bad[name]).iter_rows(named=True))
    refused = [bad[name] for name in names if name in _MOVED]
    return frame.filter(~pl.any_horizontal(refused)) if refused else frame


def _cents_of(name: str, frame: pl.DataFrame, evidence: Evidence) -> pl.Expr:
    of = "original_currency" if name == "foreign_amount" else "currency"
    own = evidence if name in _MOVED else _own_evidence(frame[name], evidence)
    return cents(name, own, pl.col(of)).alias(f"{name}_cents")


def _own_evidence(column: pl.Series, evidence: Evidence) -> Evidence:
    """What a column says itself, since a bank may write its balances otherwise than its amounts."""
    own = gather([column])
    return own if own.comma_decimals or own.dot_decimals else evidence


def _bad_cell(name: str, row: Mapping[str, str | int]) -> Problem:
    text, line, raw = str(row[name])[:40], int(row["line"]), str(row["raw"])
    if name in ("balance", "foreign_amount"):
        return Problem(problems.BAD_BALANCE(text=text), line=line, field=name, raw=raw, severity="warning")
    sentence = problems.BAD_AMOUNT(field=field_name(name), text=text, currency=row["currency"])
    return Problem(sentence, line=line, field=name, raw=raw)
