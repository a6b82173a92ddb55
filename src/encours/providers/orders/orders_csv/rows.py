"""From the cells of a list to typed rows. Everything works on whole columns; only refused lines are looked at one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from encours.core.fields import field_name
from encours.core.money import format_cents
from encours.core.orders.batches import DELIVERIES, ORDERS
from encours.core.problems import Problem, Severity
from encours.core.wording import Sentence
from encours.ports.tables import cells
from encours.ports.tables.parties import per_distinct, with_parties
from encours.providers.orders.orders_csv import problems as said
from encours.providers.orders.orders_csv.vocabulary import KINDS, STATES, looked_up

_AMOUNTS = ("total", "net", "tax", "deposit")
_SHARE = r"^\s*\d{1,3}(?:[.,]\d{1,2})?\s*%\s*$"


@dataclass(frozen=True)
class Check:
    """Rows for which `fails` holds are refused, or only noted when it is a warning; `say` is given the row as a dict."""

    field: str
    fails: pl.Expr
    say: Callable[[dict[str, Any]], Sentence]
    severity: Severity = "error"


def orders(fields: pl.DataFrame, currency: str, *, deposit_is_share: bool) -> pl.DataFrame:
    """ORDERS with `*_text` of what was written and the columns of a party, nothing refused yet."""
    rows = with_parties(_completed(fields, ORDER_FIELDS))
    deposits = rows["deposit"]
    share = pl.col("deposit").str.contains(_SHARE) if not deposit_is_share else pl.col("deposit") != ""
    rows = rows.with_columns(
        deposit_text="deposit",
        deposit_basis_points=pl.when(share).then(_basis_points(pl.col("deposit"))),
        deposit=pl.when(share).then(pl.lit("")).otherwise("deposit"),
    )
    rows = _with_amounts(rows, currency)
    dated = cells.gather([rows["ordered_date"].unique()])
    rows = rows.with_columns(
        ordered_date_text="ordered_date",
        ordered_date=cells.dates("ordered_date", dated),
        kind_told=per_distinct(pl.col("order_kind"), lambda text: looked_up(KINDS, text)),
        state_told=per_distinct(pl.col("order_state"), lambda text: looked_up(STATES, text)),
    )
    assert deposits.len() == rows.height
    return rows.with_columns(
        kind=pl.when(pl.col("kind_told").is_in(["quote", "order"]))
        .then("kind_told")
        .otherwise(pl.lit("order")),
        state=pl.when(pl.col("state_told") == "?").then(pl.lit("")).otherwise("state_told"),
        number="order_number",
        buyer="name",
        payable_cents="total_cents",
    )


def deliveries(fields: pl.DataFrame) -> pl.DataFrame:
    """DELIVERIES with `*_text`, nothing refused yet. One without a number is known by its day, its words and its rank."""
    rows = _with_amounts(_completed(fields, DELIVERY_FIELDS), "")
    dated = cells.gather([rows["delivered_date"].unique()])
    rows = rows.with_columns(
        delivered_date_text="delivered_date", delivered_date=cells.dates("delivered_date", dated)
    )
    like = ("order_number", "delivered_date", "description")
    rank = pl.int_range(pl.len()).over(like).cast(pl.String)
    made = pl.concat_str(
        pl.col("delivered_date").cast(pl.String).fill_null(""),
        pl.col("description").str.slice(0, 80),
        rank,
        separator="/",
    )
    return rows.with_columns(
        reference=pl.when(pl.col("delivery_number") != "").then("delivery_number").otherwise(made),
        amount_cents="total_cents",
    )


ORDER_FIELDS = (
    "order_number", "order_kind", "ordered_date", "purchase_order", "quote_number", "net", "tax", "rate", "total", "deposit",
    "currency", "label", "order_state",
)  # fmt: skip
DELIVERY_FIELDS = (
    "order_number", "delivery_number", "delivered_date", "description", "net", "tax", "rate", "total", "currency",
    "document_number",
)  # fmt: skip


def order_checks() -> list[Check]:
    """What makes a row no order, in the order it is told."""
    col = pl.col
    return [
        Check("order_number", col("number") == "", lambda _: said.NO_VALUE(field=field_name("order_number"))),
        Check("customer", col("party") == "", lambda _: said.NO_CUSTOMER()),
        _currency(),
        Check("order_kind", col("kind_told") == "?", lambda row: said.BAD_KIND(value=row["order_kind"])),
        *_dated("ordered_date"),
        *_amounts(_AMOUNTS),
        Check(
            "deposit",
            (col("deposit_text") != "") & col("deposit_cents").is_null() & col("deposit_basis_points").is_null(),
            lambda row: said.NO_AMOUNT(field=field_name("deposit"), value=row["deposit_text"]),
        ),
        Check("total", col("payable_cents").is_null(), lambda _: said.NO_TOTAL()),
        Check("total", col("payable_cents") <= 0, lambda row: said.NOT_POSITIVE(value=_shown(row))),
        Check(
            "deposit",
            (col("deposit_cents") > col("payable_cents")) | (col("deposit_basis_points") > 10_000),
            lambda row: said.DEPOSIT_TOO_LARGE(value=row["deposit_text"]),
        ),
        Check(
            "order_state", col("state_told") == "?", lambda row: said.BAD_STATE(value=row["order_state"]), "warning"
        ),
    ]  # fmt: skip


def delivery_checks() -> list[Check]:
    col = pl.col
    return [
        Check("order_number", col("order_number") == "", lambda _: said.NO_VALUE(field=field_name("order_number"))),
        _currency(),
        *_dated("delivered_date"),
        *_amounts(("total", "net", "tax")),
        Check(
            "total",
            col("amount_cents").is_null() & col("net_cents").is_null(),
            lambda _: said.NO_VALUE(field=field_name("total")),
        ),
    ]  # fmt: skip


def checked(
    rows: pl.DataFrame, checks: Sequence[Check], raw: Callable[[pl.Series], dict[int, str]]
) -> tuple[pl.DataFrame, list[Problem]]:
    """(rows that may be taken, what is wrong with the others and noted of these)."""
    marks = [check.fails.fill_null(False).alias(f"_check_{rank}") for rank, check in enumerate(checks)]
    rows = rows.with_columns(marks)
    refusing = [f"_check_{rank}" for rank, check in enumerate(checks) if check.severity == "error"]
    wrong = rows.filter(pl.any_horizontal(f"_check_{rank}" for rank in range(len(checks))))
    texts = raw(wrong["line"]) if wrong.height else {}
    problems = []
    for row in wrong.iter_rows(named=True):
        check = next(c for r, c in enumerate(checks) if row[f"_check_{r}"])
        problems.append(
            Problem(
                check.say(row),
                line=row["line"],
                field=check.field,
                raw=texts.get(row["line"], ""),
                severity=check.severity,
            )
        )
    return rows.filter(~pl.any_horizontal(refusing)).select(pl.exclude("^_check_.*$")), problems


def first_of_each(
    rows: pl.DataFrame, keys: Sequence[str], number: str, raw: Callable[[pl.Series], dict[int, str]]
) -> tuple[pl.DataFrame, list[Problem]]:
    """One row a key: the first. The others are refused."""
    rows = rows.with_columns(_first=pl.col("line").first().over(keys))
    again = rows.filter(pl.col("_first") != pl.col("line"))
    texts = raw(again["line"]) if again.height else {}
    problems = [
        Problem(
            said.REPEATED(number=value, first=first), line=line, field="order_number", raw=texts.get(line, "")
        )
        for line, value, first in again.select("line", number, "_first").iter_rows()
    ]
    return rows.filter(pl.col("_first") == pl.col("line")).drop("_first"), problems


def typed(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The columns of ORDERS or DELIVERIES."""
    assert schema in (ORDERS, DELIVERIES)
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _completed(fields: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return fields.with_columns(pl.lit("").alias(name) for name in names if name not in fields.columns)


def _with_amounts(rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """`*_cents` of what is written, the total worked out from what is without VAT where the file says how."""
    names = [name for name in _AMOUNTS if name in rows.columns]
    evidence = cells.gather([rows[name] for name in names])
    code = (
        pl.col("currency")
        .str.to_uppercase()
        .replace({"": currency, "€": "EUR", "EUROS": "EUR", "EURO": "EUR"})
    )
    rows = rows.with_columns(code.alias("currency"))
    spelled = pl.when(pl.col("currency") == "").then(pl.lit("EUR")).otherwise("currency")
    rows = rows.with_columns(cells.cents(name, evidence, spelled).alias(f"{name}_cents") for name in names)
    points = _basis_points(pl.col("rate"))
    net = pl.col("net_cents")
    from_rate = net + (net * points + 5_000 * net.sign()) // 10_000
    return rows.with_columns(total_cents=pl.coalesce("total_cents", net + pl.col("tax_cents"), from_rate))


def _basis_points(text: pl.Expr) -> pl.Expr:
    """Of "30 %", "30", "5,5", or a spreadsheet's 0.3; null for anything else."""
    number = (
        text.str.replace(",", ".", literal=True)
        .str.extract(r"^\s*(\d+(?:\.\d+)?)\s*%?\s*$", 1)
        .cast(pl.Decimal(12, 6))
    )
    percent = pl.when((number > 0) & (number < 1)).then(number * 100).otherwise(number)
    return (percent * 100).round().cast(pl.Int64)


def _currency() -> Check:
    wrong = (pl.col("currency") != "") & ~pl.col("currency").str.contains("^[A-Z]{3}$")
    return Check("currency", wrong, lambda row: said.BAD_CURRENCY(value=row["currency"]))


def _dated(name: str) -> list[Check]:
    text = pl.col(f"{name}_text")
    return [
        Check(name, text == "", lambda _: said.NO_VALUE(field=field_name(name))),
        Check(
            name,
            pl.col(name).is_null(),
            lambda row: said.NO_DATE(field=field_name(name), value=row[f"{name}_text"]),
        ),
    ]


def _amounts(names: Sequence[str]) -> list[Check]:
    def check(name: str) -> Check:
        unread = (pl.col(name) != "") & pl.col(f"{name}_cents").is_null()
        if name == "total":  # it is worked out from the others too
            unread = unread & pl.col("total_cents").is_null()
        return Check(name, unread, lambda row: said.NO_AMOUNT(field=field_name(name), value=row[name]))

    return [check(name) for name in names]


def _shown(row: dict[str, Any]) -> str:
    return format_cents(row["payable_cents"], row["currency"], "fr")
