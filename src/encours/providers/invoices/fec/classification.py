"""What each line on 411 is, decided by the accounts that stand against it in its entry.

| against it | debit | credit |
| --- | --- | --- |
| revenue (70) or VAT collected (4457) | invoice | credit note |
| deposits received (4191), no revenue | deposit invoice | credit note |
| balance-sheet accounts only, on the first day or in a journal of openings | opening item | opening item |
| money (51, 53, 54, 58) | money given back | receipt |
| anything else | other debit | other credit |
"""

import polars as pl

# What a line on 411 may be
SALE, OPENING, MONEY, OTHER = "sale", "opening", "money", "other"

_REVENUE = r"^(70|4457)"
_DEPOSITS_RECEIVED = r"^4191"
_MONEY = r"^5[1348]"
_PROFIT_AND_LOSS = r"^[67]"
# capital, reserves, result, loans … and the opening balance itself
_BALANCE_SHEET = r"^(1|89)"
_OPENING_JOURNAL = r"(?i)NOUVEAU|OUVERTURE"
_RECEIVABLE = "411"
_BETWEEN = "\x1f"


def classified(lines: pl.DataFrame) -> pl.DataFrame:
    """Every line of the entries that touch 411, with `entry` (key), and per entry:

    `gap` (debit - credit in cents, 0 in sound books), `unreadable` (an amount is none), `nature`, `deposit`
    (4191 stands against it and no revenue), `net_cents` and `tax_cents` (revenue and VAT, positive for a
    sale), `receivable_lines` (how many lines on 411), `is_receivable` and `rank` (place in its entry).
    Also the entries that touch no 411 and do not balance, with `nature` null: somebody should know.
    """
    keyed = lines.with_columns(
        entry=_entry(lines), is_receivable=pl.col("account").str.starts_with(_RECEIVABLE)
    ).with_columns(rank=pl.int_range(pl.len()).over("entry") + 1)
    first_day = lines["date"].min()
    account, cents = pl.col("account"), pl.col("cents").fill_null(0)

    def has(pattern: str) -> pl.Expr:
        return account.str.contains(pattern).any()

    def total(pattern: str) -> pl.Expr:
        return cents.filter(account.str.contains(pattern)).sum()

    on_first_day = pl.col("date").min() == pl.lit(first_day, dtype=pl.Date)
    opens = ~has(_PROFIT_AND_LOSS) & (
        (on_first_day & has(_BALANCE_SHEET)) | pl.col("journal_name").first().str.contains(_OPENING_JOURNAL)
    )
    entries = keyed.group_by("entry").agg(
        gap=cents.sum(),
        unreadable=pl.col("cents").is_null().any(),
        receivable_lines=pl.col("is_receivable").sum().cast(pl.Int64),
        nature=pl.when(opens)
        .then(pl.lit(OPENING))
        .when(has(_REVENUE) | (has(_DEPOSITS_RECEIVED) & ~has(_MONEY)))
        .then(pl.lit(SALE))
        .when(has(_MONEY))
        .then(pl.lit(MONEY))
        .otherwise(pl.lit(OTHER)),
        money_came=total(_MONEY) > 0,
        deposit=has(_DEPOSITS_RECEIVED) & ~has(r"^70"),
        # a final invoice takes the deposits off its revenue, a deposit invoice has nothing else
        net_cents=-total(r"^(7|4191)"),
        tax_cents=-total(r"^4457"),
    )
    concerned = entries.filter((pl.col("receivable_lines") > 0) | (pl.col("gap") != 0))
    return keyed.join(concerned, on="entry").with_columns(
        nature=pl.when(pl.col("receivable_lines") == 0)
        .then(None)
        # a cash sale is booked and paid in one entry: its credit is the receipt
        .when((pl.col("nature") == SALE) & (pl.col("cents") < 0) & pl.col("money_came"))
        .then(pl.lit(MONEY))
        .otherwise("nature")
    )


def _entry(lines: pl.DataFrame) -> pl.Series:
    """Key of each line's entry: journal and number, with the date where each date balances by itself.

    Some software restarts its numbers every month or day, some gives every line a number: where most entries
    do not balance so, the lines of one journal, day and piece are taken as the entry.
    """
    number = (
        pl.when(pl.col("entry_number") == "")
        .then(pl.concat_str("entry_date", "piece", separator=" "))
        .otherwise("entry_number")
    )
    keys = lines.select(
        "cents",
        number=pl.concat_str("journal", number, separator=_BETWEEN),
        day=pl.concat_str("journal", number, "entry_date", separator=_BETWEEN),
        piece=pl.concat_str("journal", "entry_date", "piece", separator=_BETWEEN),
    )
    # one window at a time: polars works a nested one group by group
    keys = keys.with_columns(day_gap=pl.col("cents").sum().over("day"))
    each_day_balances = (pl.col("day_gap") == 0).all().over("number")
    keys = keys.with_columns(key=pl.when(each_day_balances).then("day").otherwise("number"))
    numbers_fail = _unbalanced_share(keys, "key") > 0.5 > _unbalanced_share(keys, "piece")
    return keys["piece" if numbers_fail else "key"]


def _unbalanced_share(frame: pl.DataFrame, key: str) -> float:
    gaps = frame.group_by(key).agg(pl.col("cents").sum()).filter(pl.col("cents") != 0)
    return gaps.height / max(frame[key].n_unique(), 1)
