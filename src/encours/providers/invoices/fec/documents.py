"""Documents, customers and VAT of the lines on 411."""

import polars as pl

from encours.core.invoices import DOCUMENTS, PARTIES, VAT
from encours.providers.invoices.fec.classification import OPENING, SALE

_LONGEST_NUMBER = 80
# Rates of French VAT, mainland and overseas, in force since 1995: basis points
_RATES = (2000, 1960, 2060, 1000, 850, 700, 550, 210, 175, 105, 90)
# how far a VAT amount may be off base x rate: software rounds per line
_ROUNDING_CENTS = 5


def with_documents(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines on 411 with `document_type` (null: a receipt or other credit), `number` and `document`,
    the line that stands for the whole document."""
    debit = pl.col("cents") > 0
    sale = pl.col("nature") == SALE
    opening = pl.col("nature") == OPENING
    lines = lines.with_columns(
        document_type=pl.when(debit & sale & pl.col("deposit"))
        .then(pl.lit("deposit"))
        .when(debit)
        .then(pl.lit("invoice"))
        .when(sale | opening)
        .then(pl.lit("credit_note")),
        # the piece of a bank statement or of a correction is not the number of an invoice
        named=_names_one_piece() & (sale | opening),
    )
    lines = lines.with_columns(
        number=pl.when("named").then("piece").otherwise(_own_number()),
        # without a name, lines of one sale are one invoice; each opening item stands alone
        part=pl.when("named")
        .then(pl.lit(""))
        .when(sale)
        .then(pl.lit(" "))
        .otherwise(pl.col("line").cast(pl.String)),
    ).with_columns(
        document=pl.col("line")
        .min()
        .over("entry", "party", "document_type", "part", pl.when("named").then("piece"))
    )
    # two lines of one unnamed sale have one number: that of the first
    lines = lines.with_columns(number=pl.col("number").sort_by("line").first().over("document"))
    return lines.with_columns(_unique_number())


def documents(lines: pl.DataFrame, *, currency: str, seller_siren: str) -> pl.DataFrame:
    """DOCUMENTS of the lines `with_documents` gave. The due date is null: the FEC has none."""
    whole = lines.filter(pl.col("document_type").is_not_null()).sort("line")
    whole = whole.with_columns(sale_lines=pl.len().over("entry", "nature"))
    # net and VAT are the entry's: they are this document's when it is the only sale in it and they add up
    derivable = (
        (pl.col("nature").first() == SALE)
        & (pl.col("sale_lines").first() == pl.len())
        & (pl.col("net_cents").first() + pl.col("tax_cents").first() == pl.col("cents").sum())
    )
    sign = pl.when(pl.col("cents").sum() < 0).then(-1).otherwise(1)
    grouped = whole.group_by("document", maintain_order=True).agg(
        pl.col("number", "party", "buyer").first(),
        type=pl.col("document_type").first(),
        issue_date=_issue_date().first(),
        payable_cents=pl.col("cents").sum().abs(),
        net_cents=pl.when(derivable).then(pl.col("net_cents").first() * sign),
        tax_cents=pl.when(derivable).then(pl.col("tax_cents").first() * sign),
    )
    constant = {name: pl.lit("") for name in DOCUMENTS if name not in grouped.columns}
    return grouped.with_columns(
        **constant
        | {
            "line": pl.col("document"),
            "due_date": pl.lit(None, dtype=pl.Date),
            "currency": pl.lit(currency),
            "settled_cents": pl.lit(0, dtype=pl.Int64),
            "seller_siren": pl.lit(seller_siren),
        }
    ).select(pl.col(name).cast(kind) for name, kind in DOCUMENTS.items())


def parties(lines: pl.DataFrame) -> pl.DataFrame:
    """PARTIES: one customer per auxiliary account, under the last name the books give it."""
    grouped = (
        lines.sort("line")
        .group_by("party", maintain_order=True)
        .agg(line=pl.col("line").first(), name=pl.col("buyer").last())
    )
    constant = {name: pl.lit("") for name in PARTIES if name not in grouped.columns}
    return grouped.with_columns(**constant | {"code": pl.col("party")}).select(
        pl.col(name).cast(kind) for name, kind in PARTIES.items()
    )


def vat(documents: pl.DataFrame) -> pl.DataFrame:
    """VAT rows of the documents whose VAT one French rate explains; several rates cannot be told apart."""
    known = documents.filter((pl.col("tax_cents").abs() > 0) & (pl.col("net_cents").abs() > 0))
    net, tax = pl.col("net_cents").cast(pl.Float64), pl.col("tax_cents")
    off = {points: (net * points / 10_000 - tax).abs() for points in _RATES}
    least = pl.min_horizontal(off.values())
    rate = pl.coalesce(
        pl.when((error == least) & (least <= _ROUNDING_CENTS)).then(points) for points, error in off.items()
    )
    return (
        known.with_columns(rate_basis_points=rate)
        .filter(pl.col("rate_basis_points").is_not_null())
        .select(
            "line",
            pl.lit("S").alias("category"),
            pl.col("rate_basis_points").cast(pl.Int64),
            pl.col("net_cents").alias("base_cents"),
            "tax_cents",
        )
        .select(pl.col(name).cast(kind) for name, kind in VAT.items())
    )


def _names_one_piece() -> pl.Expr:
    """Whether PieceRef names one piece: it has a digit and is no period of the journal.

    Several programs write the journal and the month there (`VE  0323`): dozens of invoices share it.
    """
    compact = pl.col("piece").str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    journal = pl.col("journal").str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    rest = (
        pl.when(compact.str.starts_with(journal)).then(compact.str.strip_prefix(journal)).otherwise(compact)
    )
    day = pl.col("date").dt
    periods = [day.to_string(form) for form in
               ("%m%y", "%m%Y", "%y%m", "%Y%m", "%Y", "%d%m%y", "%d%m%Y", "%y%m%d", "%Y%m%d")]  # fmt: skip
    is_period = pl.any_horizontal(rest == period for period in periods)
    return compact.str.contains(r"\p{N}") & ~is_period & (pl.col("piece").str.len_chars() <= _LONGEST_NUMBER)


def _own_number() -> pl.Expr:
    """Number made of journal, day, entry and, when the entry has several lines on 411, the place in it.

    The day keeps apart the entries of two years or months, whose numbers begin again.
    """
    entry = (
        pl.when(pl.col("entry_number") == "")
        .then(pl.concat_str(pl.lit("L"), pl.col("line").cast(pl.String)))
        .otherwise("entry_number")
    )
    place = (
        pl.when(pl.col("receivable_lines") > 1)
        .then(pl.concat_str(pl.lit("-"), pl.col("rank").cast(pl.String)))
        .otherwise(pl.lit(""))
    )
    day = pl.col("date").dt.to_string("%Y%m%d")
    return pl.concat_str(pl.concat_str("journal", day, entry, separator="-"), place)


def _unique_number() -> pl.Expr:
    """A number is used once per type: the first document keeps it, later ones add their own number."""
    first = pl.col("document").min().over("document_type", "number")
    longer = pl.concat_str(pl.col("number").str.head(40), _own_number().str.tail(39), separator="/")
    alone = pl.col("document_type").is_null() | (pl.col("document") == first)
    return pl.when(alone).then(pl.col("number").str.tail(_LONGEST_NUMBER)).otherwise(longer).alias("number")


def _issue_date() -> pl.Expr:
    """PieceDate when it can be the date of the piece: not after the entry, not ten years before."""
    age = (pl.col("date") - pl.col("piece_day")).dt.total_days()
    return pl.when(age.is_between(0, 3650)).then("piece_day").otherwise("date")
