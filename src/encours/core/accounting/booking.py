"""Entries of movements: what each one is in double entry.

| movement | debit | credit |
| --- | --- | --- |
| receipt | bank | receivable |
| refund | receivable | bank |
| the same through a payment service | clearing (511), until it is paid out: `payouts` | |
| invoice that came without books | receivable | sales, VAT (471 when its VAT is unknown) |
| deposit invoice | receivable | advances received, VAT |
| write-off | loss, VAT when it is recovered | receivable |
| discount | discounts granted, VAT | receivable |
| fee kept back by a bank | bank services | receivable |
| a few cents too few | other charges | receivable |
| a few cents too many, credit given up | receivable | other income |
| settled before it came here | suspense (471) | receivable |

Credit notes and everything taken back stand the other way round. An entry is made of the line on the customer's
account, the lines the document explains (sales, VAT) and one line for what is then missing: it balances whatever
comes. Labels are French: so are the books (C. com. art. L123-22).
"""

from collections.abc import Mapping, Sequence

import polars as pl

from encours.core.accounting.accounts import ACCOUNT_NAMES, JOURNAL_NAMES, Accounts
from encours.core.accounting.vat import VatShare, difference, shares

# Movements as they are booked: one row each
TO_BOOK = pl.Schema(
    {
        "movement_id": pl.Int64,
        "kind": pl.String,  # core.ledger.Kind; of a reversal, the kind it takes back
        "is_reversal": pl.Boolean,
        "amount_cents": pl.Int64,  # signed: positive when the customer owes more
        "booked_date": pl.Date,
        "entry_date": pl.Date,  # booked_date, or the first day that is still open
        "customer_id": pl.Int64,
        "auxiliary": pl.String,
        "auxiliary_name": pl.String,
        "document_id": pl.Int64,  # this or payment_id
        "payment_id": pl.Int64,
        "document_type": pl.String,
        "reference": pl.String,  # number of the document, reference of the receipt
        # identifier of the bank account, or `CLEARING`; "" when no bank line brought the money
        "bank": pl.String,
        "net_cents": pl.Int64,
        "tax_cents": pl.Int64,
        # of the same kind on the same document before this one, as positive cents: for VAT to the cent
        "before_cents": pl.Int64,
    }
)
VAT_LINES = pl.Schema(
    {"document_id": pl.Int64, "rate_basis_points": pl.Int64, "base_cents": pl.Int64, "tax_cents": pl.Int64}
)
# Lines of entries; those of one entry have the same `entry` and follow each other
BOOKED = pl.Schema(
    {
        "entry": pl.Int64,
        "role": pl.String,  # a field of `Accounts`: what the account is for
        "journal_code": pl.String,
        "journal_name": pl.String,
        "entry_date": pl.Date,
        "account": pl.String,
        "account_name": pl.String,
        "auxiliary": pl.String,
        "auxiliary_name": pl.String,
        "piece": pl.String,
        "piece_date": pl.Date,
        "label": pl.String,
        "cents": pl.Int64,  # debit - credit, never zero
        "movement_id": pl.Int64,
        "customer_id": pl.Int64,
        "document_id": pl.Int64,
        "payment_id": pl.Int64,
    }
)
_LABELS = {
    "invoiced": "Facture",
    "credited": "Avoir",
    "paid": "Règlement",
    "refunded": "Remboursement",
    "written_off": "Perte sur créance",
    "discount": "Escompte",
    "bank_fee": "Frais bancaires",
    "rounding_difference": "Différence de règlement",
}
_UNDONE = "Annulation : "
_LONGEST_LABEL = 200
# what is missing between an invoice's lines and what it asks for, and is no more than rounding
_ROUNDING_CENTS = 99
# stands for the bank account of money that a payment service has
CLEARING = "@clearing"
_IS_ISSUED = pl.col("kind").is_in(["invoiced", "credited"])
_IS_MONEY = pl.col("kind").is_in(["paid", "refunded"])
_BY_SERVICE = _IS_MONEY & (pl.col("bank") == CLEARING)
_BY_BANK = _IS_MONEY & ~pl.col("bank").is_in(["", CLEARING])


def booked(*, movements: pl.DataFrame, vat: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """Lines (schema `BOOKED`) of movements (schema `TO_BOOK`), by entry date and movement.

    `vat` (schema `VAT_LINES`) holds the rates of all documents of movements that need them.
    """
    if movements.is_empty():
        return pl.DataFrame(schema=BOOKED)
    rows = movements.with_columns(
        # what the movement, or the one it takes back, did to the customer's account
        owes_more=(pl.col("amount_cents") > 0) != pl.col("is_reversal"),
    )
    known = pl.concat([_of_customer(rows), _sales(rows, vat), _vat_given_back(rows, vat, accounts)])
    missing = known.group_by("movement_id").agg(-pl.col("cents").sum())
    lines = pl.concat([known, _counterparts(rows.join(missing, on="movement_id"))])
    return _as_lines(lines.filter(pl.col("cents") != 0), rows, accounts)


_PART = {"movement_id": pl.Int64, "rank": pl.Int64, "role": pl.String, "rate": pl.String, "cents": pl.Int64}


def _part(
    rows: pl.DataFrame, *, rank: int, role: pl.Expr, cents: pl.Expr, rate: pl.Expr | None = None
) -> pl.DataFrame:
    return rows.select(
        "movement_id",
        rank=pl.lit(rank, pl.Int64),
        role=role,
        rate=pl.lit("") if rate is None else rate,
        cents=cents,
    ).cast(_PART)  # type: ignore[arg-type]


def _of_customer(rows: pl.DataFrame) -> pl.DataFrame:
    return _part(rows, rank=0, role=pl.lit("receivable"), cents=pl.col("amount_cents"))


def _sales(rows: pl.DataFrame, vat: pl.DataFrame) -> pl.DataFrame:
    """Revenue and VAT of documents, by the rates they tell, or as one net and tax."""
    issued = rows.filter(_IS_ISSUED).with_columns(
        # a deposit is no revenue yet
        revenue=pl.when(pl.col("document_type") == "deposit").then(pl.lit("advance")).otherwise(pl.lit("sales")),
        sign=pl.when((pl.col("document_type") == "credit_note") != pl.col("is_reversal")).then(-1).otherwise(1),
    )  # fmt: skip
    by_rate = issued.drop("tax_cents").join(vat, on="document_id").with_columns(
        rate=pl.col("rate_basis_points").cast(pl.String)
    )  # fmt: skip
    whole = issued.join(vat, on="document_id", how="anti").filter(
        pl.col("net_cents").is_not_null() & pl.col("tax_cents").is_not_null()
    )
    return pl.concat(
        _part(each, rank=rank, role=role, cents=-pl.col("sign") * pl.col(cents), rate=rate)
        for each, net, rate in ((by_rate, "base_cents", pl.col("rate")), (whole, "net_cents", None))
        for rank, role, cents in ((1, pl.col("revenue"), net), (2, pl.lit("vat"), "tax_cents"))
    )


def _vat_given_back(rows: pl.DataFrame, vat: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    """VAT in what is written off or discounted, as the settings want it; per rate, to the cent over all parts."""
    kinds = [
        kind
        for kind, wanted in (
            ("written_off", accounts.recover_vat_on_write_off),
            ("discount", accounts.discount_lowers_vat),
        )
        if wanted
    ]
    given_up = rows.filter(pl.col("kind").is_in(kinds) & pl.col("document_id").is_not_null())
    rates = _rates(vat.filter(pl.col("document_id").is_in(given_up["document_id"].implode())))
    parts = [
        {
            "movement_id": row["movement_id"],
            "rank": 2,
            "role": "vat",
            "rate": str(share.rate_basis_points),
            "cents": share.tax_cents,
        }
        for row in given_up.iter_rows(named=True)
        for share in _given_back(row, rates.get(row["document_id"], ()))
    ]
    return pl.DataFrame(parts, schema=_PART)


def _given_back(row: Mapping[str, int], of: Sequence[VatShare]) -> tuple[VatShare, ...]:
    before = row["before_cents"]
    return difference(shares(before - row["amount_cents"], of), shares(before, of))


def _rates(vat: pl.DataFrame) -> dict[int, list[VatShare]]:
    rates: dict[int, list[VatShare]] = {}
    for document_id, *share in vat.select(VAT_LINES.names()).iter_rows():
        rates.setdefault(document_id, []).append(VatShare(*share))
    return rates


def _counterparts(rows: pl.DataFrame) -> pl.DataFrame:
    """The line that is missing for the entry to balance (`cents`)."""
    kind, more = pl.col("kind"), pl.col("owes_more")
    small = pl.col("cents").abs() <= _ROUNDING_CENTS
    role = (
        pl.when(_BY_BANK)
        .then(pl.lit("bank"))
        .when(_BY_SERVICE)
        .then(pl.lit("clearing"))
        .when(kind == "discount")
        .then(pl.lit("discount"))
        .when(kind == "bank_fee")
        .then(pl.lit("bank_fee"))
        .when((kind == "written_off") & ~more)
        .then(pl.lit("loss"))
        .when((kind == "rounding_difference") & ~more)
        .then(pl.lit("difference_loss"))
        .when(kind.is_in(["written_off", "rounding_difference"]))
        .then(pl.lit("difference_gain"))
        .when(_IS_ISSUED & small)
        .then(
            pl.when(pl.col("cents") > 0).then(pl.lit("difference_loss")).otherwise(pl.lit("difference_gain"))
        )
        # an invoice asks for less than it comes to: the rest was paid in advance
        .when((kind == "invoiced") & (pl.col("cents") > 0))
        .then(pl.lit("advance"))
        .otherwise(pl.lit("suspense"))
    )
    return _part(rows, rank=3, role=role, cents=pl.col("cents"))


def _as_lines(parts: pl.DataFrame, rows: pl.DataFrame, accounts: Accounts) -> pl.DataFrame:
    of_customer = pl.col("role") == "receivable"
    label = pl.concat_str(
        pl.when("is_reversal").then(pl.lit(_UNDONE)).otherwise(pl.lit("")),
        pl.col("kind").replace_strict(_LABELS, default="Opération"),
        pl.lit(" "),
        "reference",
        pl.lit(" "),
        "auxiliary_name",
    )
    return (
        parts.join(rows, on="movement_id")
        .with_columns(_account(accounts), *_journal(accounts))
        .with_columns(
            entry="movement_id",
            account_name=pl.col("role").replace_strict(ACCOUNT_NAMES),
            piece="reference",
            piece_date="booked_date",
            label=label.str.replace_all(r"\s+", " ").str.strip_chars().str.head(_LONGEST_LABEL),
            **{
                name: pl.when(of_customer).then(name).otherwise(pl.lit(""))
                for name in ("auxiliary", "auxiliary_name")
            },
            **{name: pl.when(of_customer).then(name) for name in ("document_id", "payment_id")},
        )
        .sort("entry_date", "movement_id", pl.col("cents") < 0, "rank", "rate", "role")
        .select(BOOKED.names())
        .match_to_schema(BOOKED)
    )


def _account(accounts: Accounts) -> pl.Expr:
    """The account of a line by its `role`, `rate` and `bank`."""
    found = pl.col("role").replace_strict(accounts.by_role)
    for role, by_rate in (("sales", accounts.sales_by_rate), ("vat", accounts.vat_by_rate)):
        for rate, number in by_rate.items():
            found = (
                pl.when((pl.col("role") == role) & (pl.col("rate") == rate))
                .then(pl.lit(number))
                .otherwise(found)
            )
    for identifier, books in accounts.banks.items():
        here = (pl.col("role") == "bank") & (pl.col("bank") == identifier)
        found = pl.when(here).then(pl.lit(books.account)).otherwise(found)
    return found.alias("account")


def _journal(accounts: Accounts) -> tuple[pl.Expr, pl.Expr]:
    which = pl.when(_IS_ISSUED).then(pl.lit("sales_journal")).when(_BY_BANK).then(pl.lit("bank_journal"))
    which = which.otherwise(pl.lit("general_journal"))
    code = which.replace_strict({name: getattr(accounts, name) for name in JOURNAL_NAMES})
    for identifier, books in accounts.banks.items():
        code = pl.when(_BY_BANK & (pl.col("bank") == identifier)).then(pl.lit(books.journal)).otherwise(code)
    return code.alias("journal_code"), which.replace_strict(JOURNAL_NAMES).alias("journal_name")
