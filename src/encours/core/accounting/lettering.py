"""Lettering: which lines of a customer's account belong together (EcritureLet, DateLet).

What the ledger allocates to each other, and all that happened to the same document or receipt, is one group. Its
lines that bear no code yet get one when they sum to zero: A … Z, AA …, per auxiliary account, each used once. A code
that was given stays. When the ledger knows better afterwards (a match was undone), the group is found to hold lines
that belong elsewhere: what they amount to is opened again by an entry (`transfers`), whose lines then take part
like any other. So

    what is open of a group = its lines without a code,    opened again in it = its lines with one.

A group that does not sum to zero is settled in part: small letters, counted anew in each file.
"""

import polars as pl

# Lines on receivable accounts. A node is a document or a receipt: the lines of one node always go together
LINES = pl.Schema(
    {
        "line": pl.Int64,  # key
        "node": pl.String,
        "auxiliary": pl.String,
        "cents": pl.Int64,  # debit - credit
        "entry_date": pl.Date,
        "is_lettered": pl.Boolean,
        "is_reopened": pl.Boolean,  # it opens again what a lettering holds
    }
)
LINKS = pl.Schema({"node": pl.String, "other": pl.String})


def grouped(lines: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The lines (schema `LINES`) with `group`: nodes joined by links (schema `LINKS`), directly or through others.

    Labels spread along the links and through the labels found so far, so that long chains end as soon as short ones.
    """
    names = pl.concat([lines["node"], links["node"], links["other"]]).unique().sort()
    group = pl.Series("group", range(names.len()), dtype=pl.Int64)
    nodes = pl.DataFrame({"node": names, "place": group, "group": group})
    ends = (
        links.join(nodes.select("node", one="place"), on="node")
        .join(nodes.select(other="node", two="place"), on="other")
        .select("one", "two")
    )
    both = pl.concat([ends, ends.select(one="two", two="one")])
    labels = nodes["group"]
    while True:
        reached = (
            both.select("one", label=labels.gather(both["two"])).group_by("one").agg(pl.col("label").min())
        )
        spread = nodes.select("place").join(
            reached, left_on="place", right_on="one", how="left", maintain_order="left"
        )
        lower = pl.select(pl.min_horizontal(labels, spread["label"].fill_null(labels))).to_series()
        # a node takes the label of the node its label names
        lower = lower.gather(lower)
        if lower.equals(labels):
            break
        labels = lower
    found = nodes.select("node", group=labels)
    return lines.join(found, on="node", maintain_order="left")


def to_reopen(lines: pl.DataFrame) -> pl.DataFrame:
    """What to open again where a group holds lettered lines that no longer belong together: `node`, `auxiliary`,
    `cents`.

    `lines` have schema `LINES` and `group`. The amounts of an auxiliary account sum to zero. Of the nodes of a group,
    the one that most of the amount comes from is opened: the receipt that has money left again, the invoice unpaid.
    """
    of_group, of_node = ["auxiliary", "group"], ["auxiliary", "group", "node"]
    held = pl.col("cents").filter("is_lettered").sum() - pl.col("cents").filter("is_reopened").sum()
    nodes = lines.group_by(of_node).agg(of_node=held)
    return (
        nodes.join(lines.group_by(of_group).agg(cents=held), on=of_group)
        .filter(pl.col("cents") != 0)
        .sort(pl.col("of_node") * pl.col("cents").sign(), "node", descending=[True, False])
        .unique(of_group, keep="first", maintain_order=True)
        # books that were brought in again with other amounts are no matter of ours
        .filter(pl.col("cents").sum().over("auxiliary") == 0)
        .select("node", "auxiliary", "cents")
        .sort("auxiliary", "node")
    )


def complete(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines without a code whose group, within one auxiliary account, sums to zero: `line`, `auxiliary`,
    `group`, `lettered_date` (the day of the last of them)."""
    return _without_code(lines, (pl.col("cents").sum() == 0) & (pl.len() > 1))


def partial(lines: pl.DataFrame) -> pl.DataFrame:
    """As `complete`, of groups settled in part: debits and credits that do not sum to zero."""
    has_both = (pl.col("cents") > 0).any() & (pl.col("cents") < 0).any()
    return _without_code(lines, has_both & (pl.col("cents").sum() != 0))


def _without_code(lines: pl.DataFrame, wanted: pl.Expr) -> pl.DataFrame:
    of_group = ["auxiliary", "group"]
    return (
        lines.filter(~pl.col("is_lettered"))
        .filter(wanted.over(of_group))
        .with_columns(lettered_date=pl.col("entry_date").max().over(of_group))
        .select("line", "auxiliary", "group", "lettered_date")
        .sort("auxiliary", "lettered_date", "group", "line")
    )


def with_codes(found: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Lines of `complete` or `partial` with `code`, counted on per auxiliary account from its `last` rank.

    `last` has `auxiliary` and `last_rank` (`code_rank` of the last code used); accounts it does not name begin at A.
    """
    ranked = found.with_columns(
        place=pl.struct("lettered_date", "group").rank("dense").over("auxiliary").cast(pl.Int64)
    ).join(last, on="auxiliary", how="left", maintain_order="left")
    ranks = (ranked["place"] + ranked["last_rank"].fill_null(0)).to_list()
    names = {rank: code_of(rank) for rank in set(ranks)}
    codes = pl.Series("code", [names[rank] for rank in ranks], dtype=pl.String)
    return ranked.drop("place", "last_rank").with_columns(codes)


def code_of(rank: int) -> str:
    """
    >>> [code_of(rank) for rank in (1, 26, 27, 52, 53, 702, 703)]
    ['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']
    """
    code = ""
    while rank:
        rank, letter = divmod(rank - 1, 26)
        code = chr(ord("A") + letter) + code
    return code


def code_rank(code: str) -> int:
    """The rank of a code of capital letters; 0 for anything else (numbers, small letters of a partial lettering).

    >>> [code_rank(code) for code in ("A", "ZZ", "AAUK", "a", "12", "")]
    [1, 702, 18809, 0, 0, 0]
    """
    if not code.isascii() or not code.isalpha() or not code.isupper() or len(code) > _LONGEST_CODE:
        return 0
    rank = 0
    for letter in code:
        rank = rank * 26 + ord(letter) - ord("A") + 1
    return rank


_LONGEST_CODE = 8
