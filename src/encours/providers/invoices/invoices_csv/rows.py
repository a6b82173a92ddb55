"""From the cells of a list of invoices to typed rows, and from typed rows to documents.

Everything works on whole columns; only refused lines are looked at one by one.

Signs: an amount is negative, or a column says so, when the document takes away from what the customer owes.
Either makes it a credit note, whose amounts are positive from there on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from encours.core.fields import field_name
from encours.core.invoices import DOCUMENTS, INSTALMENTS, SETTLEMENTS, VAT, DocumentBatch, empty
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.references import folded
from encours.core.terms import due_dates
from encours.core.wording import Sentence
from encours.ports.tables import cells
from encours.ports.tables.parties import parties_of, per_distinct, with_parties
from encours.providers.invoices.invoices_csv import problems as said
from encours.providers.invoices.invoices_csv.columns import CURRENCIES, FIELDS, TYPES

_TYPE_OF = {word: name for name, words in TYPES.items() for word in words}
AMOUNTS = ("total", "net", "tax", "instalment", "balance", "paid")
# what people write beside an amount
_WRITTEN = r"(?i)(€|\$|£|\b(?:EUR|USD|GBP|CHF)\b)"
DATES = ("issue_date", "due_date", "settled_date")


@dataclass(frozen=True)
class _Check:
    """Rows for which `refused` holds are refused; `say` is given the row as a dict."""

    field: str
    refused: pl.Expr
    say: Callable[[dict[str, Any]], Sentence]


def typed(
    fields: pl.DataFrame, evidence: dict[str, cells.Evidence], currency: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[tuple[int, str, Sentence]]]:
    """(typed rows, refused rows, (line, field, why) of each refused row).

    Typed rows keep every text column and gain `declared` (a document type or ""), dates as `*_date`, amounts as
    `*_cents` signed as in the file (null when empty), `rate_basis_points`, and `balance_cents`.
    """
    has = set(fields.columns)
    rows = with_parties(
        fields.with_columns(pl.lit("").alias(name) for name in FIELDS if name not in has)
    ).with_columns(
        *_currencies(fields, currency),
        _declared() if "type" in has else pl.lit("").alias("declared"),
    )
    amounts = [name for name in AMOUNTS if name in has]
    dates = [name for name in DATES if name in has]
    texts = rows.select(pl.col(name).alias(f"{name}_text") for name in (*DATES, *AMOUNTS))
    rows = rows.with_columns(
        *(cells.dates(name, evidence[name]) for name in dates),
        *(pl.lit(None, dtype=pl.Date).alias(name) for name in DATES if name not in dates),
        *(cells.cents(name, evidence[name], pl.col("currency")).alias(f"{name}_cents") for name in amounts),
        *(pl.lit(None, dtype=pl.Int64).alias(f"{name}_cents") for name in AMOUNTS if name not in amounts),
        _rate(),
    ).hstack(texts)
    rows = rows.with_columns(
        pl.coalesce("total_cents", _from_net(), "instalment_cents", "balance_cents").alias("total_cents")
    )
    rows = rows.with_columns(_from_paid())
    if "payment_terms" in has:
        # a line's own terms make its due date, whatever its customer's other lines say
        own = due_dates(pl.col("issue_date"), pl.col("payment_terms"))
        rows = rows.with_columns(
            due_date=pl.when(pl.col("due_date_text") == "").then(own).otherwise("due_date")
        )
    return _checked(rows, _checks(amounts))


def _checks(amounts: list[str]) -> list[_Check]:
    text = pl.col
    return [
        _Check("", _is_total(), lambda _: said.TOTAL_LINE()),
        _Check("number", text("number") == "", lambda _: said.MISSING(column=field_name("number"))),
        _Check("customer", text("party") == "", lambda _: said.MISSING_CUSTOMER()),
        _Check(
            "currency",
            ~text("currency").str.contains("^[A-Z]{3}$"),
            lambda row: said.UNKNOWN_CURRENCY(value=row["currency"]),
        ),
        _Check(
            "currency",
            text("written_currency") != "",
            lambda row: said.ANOTHER_CURRENCY(written=row["written_currency"], currency=row["currency"]),
        ),
        _Check("type", text("declared") == "?", lambda row: said.UNKNOWN_TYPE(value=row["type"])),
        *(
            _Check(
                name,
                text(name).is_null() & (text(f"{name}_text") != ""),
                lambda row, name=name: said.NOT_A_DATE(field=field_name(name), value=row[f"{name}_text"]),
            )
            for name in DATES
        ),
        _Check(
            "issue_date",
            text("issue_date").is_null(),
            lambda _: said.MISSING(column=field_name("issue_date")),
        ),
        *(
            _Check(
                name,
                (text(f"{name}_text") != "") & text(f"{name}_cents").is_null(),
                lambda row, name=name: said.NOT_AN_AMOUNT(
                    field=field_name(name), value=row[f"{name}_text"], currency=row["currency"]
                ),
            )
            for name in amounts
        ),
        _Check("total", text("total_cents").is_null(), lambda _: said.MISSING(column=field_name("total"))),
        _Check(
            "balance",
            _beyond(),
            lambda row: said.BALANCE_BEYOND_TOTAL(
                balance=Money(row["balance_cents"], row["currency"]),
                total=Money(row["total_cents"], row["currency"]),
            ),
        ),
    ]


def _is_total() -> pl.Expr:
    """A line below the invoices that adds them up: it says so, or has an amount and nothing else."""
    named = pl.concat_str("number", "code", "name", separator=" ").str.contains(r"(?i)\btota(l|ux)\b")
    alone = (pl.col("number") == "") & (pl.col("party") == "") & pl.col("total_cents").is_not_null()
    return (pl.col("issue_date_text") == "") & (named | alone)


def _checked(
    rows: pl.DataFrame, checks: list[_Check]
) -> tuple[pl.DataFrame, pl.DataFrame, list[tuple[int, str, Sentence]]]:
    first = pl.coalesce(
        pl.when(check.refused.fill_null(False)).then(pl.lit(position, dtype=pl.Int32))
        for position, check in enumerate(checks)
    )
    rows = rows.with_columns(first.alias("check"))
    refused = rows.filter(pl.col("check").is_not_null())
    why = [
        (row["line"], checks[row["check"]].field, checks[row["check"]].say(row))
        for row in refused.iter_rows(named=True)
    ]
    return rows.filter(pl.col("check").is_null()).drop("check"), refused, why


def _currencies(fields: pl.DataFrame, default: str) -> tuple[pl.Expr, pl.Expr]:
    """ "currency" of each row, and "written_currency" when an amount is written in another one ("" when none is).

    The currency's own column decides, then what is written beside an amount ("CHF 120", "120 €"), then the default.
    """

    def code(text: str) -> str:
        return CURRENCIES.get(text.upper(), text.upper())

    names = [name for name in AMOUNTS if name in fields.columns and fields[name].str.contains(_WRITTEN).any()]
    written = [per_distinct(pl.col(name).str.extract(_WRITTEN, 1).fill_null(""), code) for name in names]
    told = per_distinct(pl.col("currency"), code) if "currency" in fields.columns else pl.lit("")
    own = told
    for beside in written:
        own = pl.when(own == "").then(beside).otherwise(own)
    own = pl.when(own == "").then(pl.lit(default)).otherwise(own)
    other = pl.lit("")
    for name, beside in zip(names, written, strict=True):
        # there are other dollars
        same = (beside == own) | (pl.col(name).str.contains("$", literal=True) & own.str.ends_with("D"))
        other = pl.when((beside != "") & ~same).then(beside).otherwise(other)
    return own.alias("currency"), other.alias("written_currency")


def _declared() -> pl.Expr:
    def named(text: str) -> str:
        word = " ".join(re.findall("[A-Z0-9]+", folded(text)))
        return _TYPE_OF.get(word, "?") if text else ""

    return per_distinct(pl.col("type"), named).alias("declared")


def _rate() -> pl.Expr:
    """VAT rate in basis points: "20", "20,00 %", "TVA 5.5", or a spreadsheet's 0.2."""
    number = pl.col("rate").str.replace(",", ".").str.extract(r"(\d+(?:\.\d+)?)", 1).cast(pl.Decimal(12, 6))
    percent = pl.when((number > 0) & (number < 1)).then(number * 100).otherwise(number)
    points = (percent * 100).round().cast(pl.Int64)
    return pl.when(points <= 10_000).then(points).alias("rate_basis_points")


def _from_net() -> pl.Expr:
    net, points = pl.col("net_cents"), pl.col("rate_basis_points")
    computed = net + (net * points + 5_000 * net.sign()) // 10_000
    return pl.coalesce(net + pl.col("tax_cents"), computed)


def _from_paid() -> pl.Expr:
    paid = pl.col("paid_cents").abs() * pl.col("total_cents").sign()
    return pl.coalesce("balance_cents", pl.col("total_cents") - paid).alias("balance_cents")


def _beyond() -> pl.Expr:
    balance, total = pl.col("balance_cents"), pl.col("total_cents")
    other_sign = (balance.sign() * total.sign() < 0) & (pl.col("declared") != "credit_note")
    return (balance.abs() > total.abs()) | other_sign


def documents(
    rows: pl.DataFrame, instalments: pl.DataFrame | None = None, vat: pl.DataFrame | None = None
) -> DocumentBatch:
    """Documents of typed rows, one each. `instalments` and `vat` (signed as in the file) replace what a row says."""
    sign = pl.when(pl.col("total_cents") < 0).then(-1).otherwise(1)
    credit = (pl.col("total_cents") < 0) | (pl.col("declared") == "credit_note")
    payable = pl.col("total_cents").abs()
    unsaid_balance = pl.col("balance_cents").is_null()
    settled = (
        pl.when(unsaid_balance & pl.col("settled_date").is_not_null())
        .then(payable)
        .otherwise(payable - pl.coalesce(pl.col("balance_cents").abs(), payable))
    )
    rows = rows.with_columns(
        sign=sign,
        document_type=pl.when(credit)
        .then(pl.lit("credit_note"))
        .when(pl.col("declared") == "deposit")
        .then(pl.lit("deposit"))
        .otherwise(pl.lit("invoice")),
        payable_cents=payable,
        settled_cents=settled,
    )
    # money with its date is a receipt; without, only the amount is known
    dated = pl.col("settled_date").is_not_null() & (pl.col("settled_cents") > 0) & ~credit
    settlements = rows.filter(dated).select(
        settlement=pl.col("document_type").str.slice(0, 1) + ":" + pl.col("number").str.slice(0, 78),
        party="party",
        received_date="settled_date",
        amount_cents="settled_cents",
        currency="currency",
        label="number",
        line="line",
        allocated_cents="settled_cents",
        lettering=pl.lit(""),
        credit_note_line=pl.lit(None, dtype=pl.Int64),
    )
    frame = rows.select(
        "line",
        "number",
        pl.col("document_type").alias("type"),
        "issue_date",
        "due_date",
        "currency",
        (pl.col("net_cents") * pl.col("sign")).alias("net_cents"),
        (pl.col("tax_cents") * pl.col("sign")).alias("tax_cents"),
        "payable_cents",
        pl.when(dated).then(0).otherwise(pl.col("settled_cents")).cast(pl.Int64).alias("settled_cents"),
        "party",
        "seller",
        pl.col("seller_siren").str.replace_all(r"\D", "").alias("seller_siren"),
        pl.col("name").alias("buyer"),
        *DOCUMENTS.names()[14:],
    )
    return DocumentBatch(
        documents=frame.match_to_schema(DOCUMENTS),
        parties=parties_of(rows),
        vat=_vat(rows) if vat is None else _signed_vat(vat, rows),
        instalments=empty(INSTALMENTS) if instalments is None else _signed_instalments(instalments, rows),
        settlements=settlements.match_to_schema(SETTLEMENTS),
    )


def vat_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """VAT breakdown of rows that state a rate, signed as in the file; what is missing follows from the rate."""
    points, total = pl.col("rate_basis_points"), pl.col("total_cents")
    computed = (total * 10_000 + (10_000 + points) // 2 * total.sign()) // (10_000 + points)
    base = pl.coalesce("net_cents", total - pl.col("tax_cents"), computed)
    return rows.filter(points.is_not_null()).select(
        "line",
        category=pl.when(points > 0).then(pl.lit("S")).otherwise(pl.lit("Z")),
        rate_basis_points=points,
        base_cents=base,
        tax_cents=pl.coalesce("tax_cents", total - base),
    )


def _vat(rows: pl.DataFrame) -> pl.DataFrame:
    if rows["rate_basis_points"].null_count() == rows.height:
        return empty(VAT)
    return _signed_vat(vat_rows(rows), rows)


def _signed_vat(vat: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    signs = rows.select("line", "sign")
    return (
        vat.join(signs, on="line", maintain_order="left")
        .with_columns(pl.col("base_cents") * pl.col("sign"), pl.col("tax_cents") * pl.col("sign"))
        .select(VAT.names())
        .match_to_schema(VAT)
    )


def _signed_instalments(instalments: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return (
        instalments.join(rows.select("line", "sign"), on="line", maintain_order="left")
        .with_columns(pl.col("amount_cents") * pl.col("sign"))
        .select(INSTALMENTS.names())
        .match_to_schema(INSTALMENTS)
    )


def totals_that_differ(rows: pl.DataFrame) -> list[Problem]:
    """One warning for all rows whose net and VAT do not make their total (beyond rounding)."""
    gap = (pl.col("net_cents") + pl.col("tax_cents") - pl.col("total_cents")).abs()
    off = rows.filter((gap > 2).fill_null(False))
    if off.is_empty():
        return []
    line = int(off["line"][0])
    sentence = said.TOTALS_DIFFER(count=off.height, line=line)
    return [Problem(sentence, line=line, field="total", severity="warning")]
