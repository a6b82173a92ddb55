"""Several rows with one number: what they may mean, decided the same way for every file.

1. Rows alike in every column are one (exports repeat lines): kept once, with a warning.
2. Rows that differ in their VAT rate are the VAT breakdown of one document: their amounts add up. When each
   row repeats the same total and nets and VATs add up to it, that total is the document's.
3. Rows that differ in their due date are instalments of one document: their amounts add up. When a column of
   its own tells each instalment's amount, the total that the rows repeat must be their sum.
4. Anything else (another customer, currency, date, or amounts nobody explains) cannot be told apart from a
   mistake: every row of the number is refused.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from encours.core.fields import field_name
from encours.core.money import Money
from encours.core.problems import Problem
from encours.providers.invoices.invoices_csv import problems as said
from encours.providers.invoices.invoices_csv.rows import vat_rows

KEY = ["number", "declared"]
# these are the document's, not the row's
_SHARED = ("party", "currency", "issue_date")
_AMOUNTS = ("total_cents", "net_cents", "tax_cents", "balance_cents")


@dataclass(frozen=True)
class Grouped:
    """`rows` has one row per document, `line` being the first of its lines."""

    rows: pl.DataFrame
    instalments: pl.DataFrame
    vat: pl.DataFrame
    refused: pl.DataFrame
    problems: list[Problem]


def grouped(rows: pl.DataFrame) -> Grouped:
    """Typed rows of numbers that occur more than once, as documents."""
    rows = rows.sort("line")
    content = [name for name in rows.columns if name != "line"]
    rows = rows.with_columns(pl.col("line").first().over(content).alias("same_as"))
    copies = rows.filter(pl.col("same_as") != pl.col("line"))
    warnings = [
        Problem(said.REPEATED(first=first), line=line, severity="warning")
        for line, first in copies.select("line", "same_as").iter_rows()
    ]
    rows = rows.filter(pl.col("same_as") == pl.col("line")).drop("same_as")
    rows = _each_its_instalment(rows.with_columns(pl.col("line").first().over(KEY).alias("document")))
    facts = rows.group_by("document", maintain_order=True).agg(
        pl.len().alias("count"),
        *(pl.col(name).n_unique().alias(f"{name}_kinds") for name in (*_SHARED, "due_date", "total_cents")),
        pl.col("rate_basis_points").drop_nulls().n_unique().alias("rates"),
        pl.col("due_date").null_count().alias("undated"),
        (pl.col("total_cents").first() == pl.col("net_cents").sum() + pl.col("tax_cents").sum()).alias(
            "adds_up"
        ),
        (pl.col("net_cents").null_count() + pl.col("tax_cents").null_count() == 0).alias("has_parts"),
        pl.col("one_missing").first(),
    )
    one = pl.col("count") == 1
    agree = pl.all_horizontal(pl.col(f"{name}_kinds") == 1 for name in _SHARED)
    repeats_total = (pl.col("total_cents_kinds") == 1) & pl.col("has_parts") & pl.col("adds_up") & ~one
    instalments = agree & (pl.col("due_date_kinds") > 1) & (pl.col("undated") == 0) & ~repeats_total
    breakdown = agree & (pl.col("due_date_kinds") == 1) & (pl.col("rates") == pl.col("count"))
    facts = facts.with_columns(
        instalments=instalments & ~one,
        repeats_total=repeats_total & breakdown,
        sound=(one | instalments | breakdown) & ~pl.col("one_missing"),
    )
    rows = rows.join(
        facts.select("document", "instalments", "repeats_total", "sound"),
        on="document",
        maintain_order="left",
    )
    refused = rows.filter(~pl.col("sound"))
    sound = rows.filter(pl.col("sound"))
    return Grouped(
        rows=_merged(sound),
        instalments=_instalments(sound.filter("instalments")),
        vat=_breakdown(sound),
        refused=refused,
        problems=warnings + _why(refused),
    )


def _each_its_instalment(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that tell their instalment beside the document's total: the instalment becomes the row's amount, and
    what the rows repeat of the document (net, VAT, balance) stays on the first of them. `one_missing` when the
    instalments do not make the total.
    """
    whole = (
        (pl.col("instalment_cents").null_count() == 0)
        & (pl.col("due_date").n_unique() == pl.len())
        & (pl.len() > 1)
        & (pl.col("total_cents").n_unique() == 1)
    ).over("document")
    adds_up = (pl.col("instalment_cents").sum() == pl.col("total_cents").first()).over("document")
    # equal instalments with the total left out repeat themselves, not a total
    told = pl.col("total_cents") != pl.col("instalment_cents")
    rows = rows.with_columns(
        split=(whole & adds_up).fill_null(False),
        one_missing=(whole & ~adds_up & told.any().over("document")).fill_null(False),
    )
    first = pl.col("line") == pl.col("document")
    repeated = {
        "net_cents": (pl.col("net_cents").n_unique() == 1).over("document"),
        "tax_cents": (pl.col("tax_cents").n_unique() == 1).over("document"),
        "balance_cents": (
            (pl.col("balance_cents").n_unique() == 1)
            & (pl.col("balance_cents") != pl.col("instalment_cents")).any()
        ).over("document"),
    }
    return rows.with_columns(
        *(
            pl.when(pl.col("split") & again & ~first & pl.col(name).is_not_null())
            .then(0)
            .otherwise(pl.col(name))
            .alias(name)
            for name, again in repeated.items()
        ),
        total_cents=pl.when("split").then("instalment_cents").otherwise("total_cents"),
    ).drop("split")


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    plain = [
        n
        for n in rows.columns
        if n
        not in (*_AMOUNTS, "document", "instalments", "repeats_total", "sound", "one_missing", "due_date")
    ]
    return (
        rows.group_by("document", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in plain),
            pl.col("due_date").max(),
            pl.when(pl.col("repeats_total").first())
            .then(pl.col("total_cents").first())
            .otherwise(pl.col("total_cents").sum())
            .alias("total_cents"),
            *(_sum_or_null(name) for name in ("net_cents", "tax_cents")),
            # a row without a balance is open for all of its amount
            pl.when(pl.col("balance_cents").null_count() == pl.len())
            .then(None)
            .when(pl.col("repeats_total").first())
            .then(pl.col("balance_cents").first())
            .otherwise(pl.coalesce("balance_cents", "total_cents").sum())
            .alias("balance_cents"),
        )
        .drop("document")
    )


def _sum_or_null(name: str) -> pl.Expr:
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)


def _instalments(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("document", "due_date", maintain_order=True)
        .agg(pl.col("total_cents").sum().alias("amount_cents"))
        .sort("document", "due_date")
        .with_columns(pl.int_range(1, pl.len() + 1).over("document").alias("position"))
        .rename({"document": "line"})
    )


def _breakdown(rows: pl.DataFrame) -> pl.DataFrame:
    rates = vat_rows(rows).join(rows.select("line", "document"), on="line", maintain_order="left")
    return (
        rates.group_by("document", "category", "rate_basis_points", maintain_order=True)
        .agg(pl.col("base_cents").sum(), pl.col("tax_cents").sum())
        .rename({"document": "line"})
    )


def _why(refused: pl.DataFrame) -> list[Problem]:
    """One problem per refused row, naming the first field that its number's rows disagree on."""
    problems = []
    for (_,), rows in refused.group_by("document", maintain_order=True):
        if rows["one_missing"][0]:
            problems += _instalments_differ(rows)
            continue
        field = next(
            (
                name
                for name in (*_SHARED, "total_text", "net_text", "tax_text", "due_date_text")
                if rows[name].n_unique() > 1
            ),
            "total_text",
        )
        first = rows.row(0, named=True)
        other = next((row for row in rows.iter_rows(named=True) if row[field] != first[field]), first)
        name = "customer" if field == "party" else field.removesuffix("_text")
        for line, number in rows.select("line", "number").iter_rows():
            sentence = said.REPEATED_DIFFERENTLY(
                number=number,
                field=field_name(name),
                one=_written(first, field),
                other=_written(other, field),
            )
            problems.append(Problem(sentence, line=line, field=name))
    return problems


def _written(row: dict[str, Any], field: str) -> Any:
    """What a row says in a field, as a person reads it."""
    if field != "party":
        return row[field]
    return " ".join(filter(None, (row["code"] or row["siren"] or row["vat_number"], row["name"])))


def _instalments_differ(rows: pl.DataFrame) -> list[Problem]:
    currency = rows["currency"][0]
    sentence = said.INSTALMENTS_DIFFER(
        number=rows["number"][0],
        sum=Money(int(rows["instalment_cents"].sum()), currency),
        total=Money(rows["total_cents"][0], currency),
    )
    return [Problem(sentence, line=line, field="instalment") for line in rows["line"]]
