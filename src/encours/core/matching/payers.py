"""Which customers a bank line's payer may be, by what the bank tells of the payer."""

from collections.abc import Collection

import polars as pl

from encours.core.matching.frames import PAYER_CANDIDATES
from encours.core.matching.names import Found, NameIndex, plain

# Strongest first. An IBAN or a name that paid for the customer before; the customer's name (or SIREN) in full where
# the payer stands; its beginning there; the name anywhere in the text; a name that is nearly the customer's.
EVIDENCE: tuple[str, ...] = ("iban", "alias", "name", "name_cut", "name_inside", "name_like")
_RANK = {evidence: rank for rank, evidence in enumerate(EVIDENCE)}
_LABEL_LENGTH = 31
# FR, a key and a SIREN; a SIREN alone; a SIRET, which begins with one
_IDENTIFIER = r"\b(?:FR ?[0-9A-Z]{2} ?)?\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{5})?\b"
_SIREN = r"^(?:FR[0-9A-Z]{2})?(\d{9})(?:\d{5})?$"

# What every kind of evidence is told in. A group is the customers that one IBAN, name or number stands for.
_HITS = pl.Schema(
    {
        "line_id": pl.Int64,
        "customer_id": pl.Int64,
        "evidence": pl.String,
        "recognised": pl.String,
        "similarity": pl.Float64,
        "weight": pl.Int64,  # how often the payer paid for the customer
        "hidden": pl.Int64,  # customers of the group that are not listed
    }
)


def payer_candidates(
    *,
    lines: pl.DataFrame,
    customers: pl.DataFrame,
    payers: pl.DataFrame,
    own_names: Collection[str] = (),
    limit: int = 4,
) -> pl.DataFrame:
    """Customers the payers of lines may be (schema `PAYER_CANDIDATES`), best first, at most `limit` per line.

    `lines` as in `LINES`, `customers` as in `CUSTOMERS`, `payers` as in `PAYERS`; `own_names` are the company's: a
    text that names the company names no customer. A customer has one row per line, under the strongest evidence.
    A payer that was taken back for a customer as often as it was right is not proposed for it again. Customers whom
    the evidence does not tell apart all come, each with the number of its rivals, in the order of their ids.
    """
    trusted = _trusted(payers)
    by_name = _by_name(lines, customers, trusted, own_names, limit)
    hits = pl.concat([by_name, _by_siren(lines, customers, limit)])
    hits = pl.concat([_by_iban(lines, trusted, hits, limit), hits])
    return _ranked(hits, limit)


def _trusted(payers: pl.DataFrame) -> pl.DataFrame:
    """Payers of the past (`iban`, `name`, customer, weight), under their IBAN and under their name, without those taken back."""
    written = payers.with_columns(iban=_iban(pl.col("iban")), name=plain(pl.col("name")))
    by_iban = written.filter(pl.col("iban") != "").with_columns(name=pl.lit(""))
    by_name = written.filter(pl.col("name") != "").with_columns(iban=pl.lit(""))
    return (
        pl.concat([by_iban, by_name])
        .group_by("iban", "name", "customer_id", maintain_order=True)
        .agg(pl.col("confirmed_count").sum(), pl.col("undone_count").sum())
        .filter(pl.col("confirmed_count") > pl.col("undone_count"))
        .select("iban", "name", "customer_id", weight=pl.col("confirmed_count") - pl.col("undone_count"))
    )


def _by_iban(lines: pl.DataFrame, trusted: pl.DataFrame, others: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Customers an IBAN paid for. Of a factor's hundreds, those that something else on the line speaks for stay too."""
    known = trusted.filter(pl.col("iban") != "").drop("name")
    of_lines = lines.select("line_id", iban=_iban(pl.col("counterparty_iban"))).filter(pl.col("iban") != "")
    listed = of_lines.join(_groups(known, "iban", limit), on="iban")
    spoken_for = (
        of_lines.join(others.select("line_id", "customer_id").unique(maintain_order=True), on="line_id")
        .join(known, on=["iban", "customer_id"])
        .join(listed, on=["line_id", "customer_id"], how="anti")
    )
    # they are hidden customers of a group that is listed already
    return _hits(
        pl.concat([listed, spoken_for.with_columns(hidden=pl.lit(-1, dtype=pl.Int64))], how="diagonal"),
        evidence=pl.lit("iban"),
        recognised=pl.col("iban"),
    )


def _by_siren(lines: pl.DataFrame, customers: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Customers whose SIREN, SIRET or VAT number stands in the line."""
    known = customers.filter(pl.col("siren") != "").select(
        "customer_id", "siren", weight=pl.lit(0, dtype=pl.Int64)
    )
    text = pl.concat_str("counterparty_name", "remittance", separator=" | ").str.to_uppercase()
    found = (
        lines.select("line_id", recognised=text.str.extract_all(_IDENTIFIER))
        .explode("recognised")
        .drop_nulls()
        .with_columns(siren=pl.col("recognised").str.replace_all("[ .]", "").str.extract(_SIREN))
    )
    return _hits(found.join(_groups(known, "siren", limit), on="siren"), evidence=pl.lit("name"))


def _by_name(
    lines: pl.DataFrame,
    customers: pl.DataFrame,
    trusted: pl.DataFrame,
    own_names: Collection[str],
    limit: int,
) -> pl.DataFrame:
    """Customers whose name, or the name of somebody who paid for them, the line tells."""
    aliases = trusted.filter(pl.col("name") != "").drop("iban")
    own = pl.DataFrame({"name": list(own_names)}, schema={"name": pl.String}).select(plain(pl.col("name")))
    names = pl.concat(
        [
            customers.select(name=plain(pl.col("search_name")), customer_id="customer_id", is_alias=False, weight=pl.lit(0, dtype=pl.Int64)),
            aliases.select("name", "customer_id", is_alias=True, weight="weight"),
        ]
    ).filter(pl.col("name") != "")  # fmt: skip
    own_keys = own["name"].to_list()
    index = NameIndex(names["name"].unique().to_list(), own_names=own_keys)
    distinct = names.select(pl.col("name").unique())
    keys = pl.DataFrame(
        {"name": distinct["name"], "key": [index.key_of(name) for name in distinct["name"]]},
        schema={"name": pl.String, "key": pl.Int64},
    )
    # money from oneself is no customer's, even when one is called the same
    ours = {index.key_of(name) for name in own_keys}
    known = names.join(keys, on="name").drop("name").filter(~pl.col("key").is_in(list(ours)))
    members = pl.concat(
        [
            _groups(known.filter(pl.col("is_alias") == is_alias), "key", limit).with_columns(
                is_alias=pl.lit(is_alias)
            )
            for is_alias in (True, False)
        ]
    )
    found = _read(lines, index).join(members, on="key")
    evidence = (
        pl.when(pl.col("way") == "cut")
        .then(pl.lit("name_cut"))
        .when(pl.col("is_alias"))
        .then(pl.lit("alias"))
        .when(pl.col("way") == "whole")
        .then(pl.lit("name"))
        .when(pl.col("way") == "inside")
        .then(pl.lit("name_inside"))
        .otherwise(pl.lit("name_like"))
    )
    return _hits(found, evidence=evidence, similarity=pl.col("similarity"))


def _read(lines: pl.DataFrame, index: NameIndex) -> pl.DataFrame:
    """Known names in the lines: `line_id`, `key`, `way`, `recognised`, `similarity`. A text is read once."""
    name, text = pl.col("counterparty_name").str.strip_chars(), pl.col("remittance").str.strip_chars()
    # a label that fills its field is followed by a blank when further texts are put behind it
    label = pl.when(text.str.slice(_LABEL_LENGTH, 1).is_in(["", " "])).then(text.str.head(_LABEL_LENGTH)).otherwise(pl.lit(""))  # fmt: skip
    told = lines.select(
        "line_id", name=plain(name), length=name.str.len_chars(), text=plain(text), label=plain(label)
    )
    names = told.select("name", "length").unique(maintain_order=True)
    texts = told.select("text", "label").unique(maintain_order=True)
    of_names = [index.read_payer(name, length=length) for name, length in names.iter_rows()]
    of_texts = [index.read_text(text, label=label) for text, label in texts.iter_rows()]
    found = pl.concat(
        [
            told.join(names.hstack([_found(of_names)]), on=["name", "length"]).select("line_id", "found"),
            told.join(texts.hstack([_found(of_texts)]), on=["text", "label"]).select("line_id", "found"),
        ]
    )
    return found.explode("found").drop_nulls().unnest("found")


def _found(found: list[list[Found]]) -> pl.Series:
    fields = {"key": pl.Int64, "way": pl.String, "recognised": pl.String, "similarity": pl.Float64}
    flat = pl.DataFrame([each for of_text in found for each in of_text], schema=fields, orient="row")
    place = [place for place, of_text in enumerate(found) for _ in of_text]
    return (
        pl.DataFrame({"place": range(len(found))}, schema={"place": pl.Int64})
        .join(
            flat.select(pl.Series("place", place, dtype=pl.Int64), found=pl.struct(pl.all()))
            .group_by("place", maintain_order=True)
            .agg("found"),
            on="place",
            how="left",
            maintain_order="left",
        )
        .get_column("found")
    )


def _groups(known: pl.DataFrame, key: str, limit: int) -> pl.DataFrame:
    """The first `limit` customers of each group, those paid for most often first, and how many are left out."""
    return (
        known.unique([key, "customer_id"], maintain_order=True)
        .sort("weight", "customer_id", descending=[True, False])
        .with_columns(size=pl.len().over(key), place=pl.int_range(pl.len(), dtype=pl.Int64).over(key))
        .filter(pl.col("place") < limit)
        .with_columns(hidden=(pl.col("size").cast(pl.Int64) - limit).clip(lower_bound=0))
        .drop("size", "place")
    )


def _hits(found: pl.DataFrame, *, evidence: pl.Expr, **columns: pl.Expr) -> pl.DataFrame:
    given = {"similarity": pl.lit(1.0), "recognised": pl.col("recognised"), **columns}
    return found.with_columns(evidence=evidence, **given).select(_HITS.names())


def _ranked(hits: pl.DataFrame, limit: int) -> pl.DataFrame:
    """One row per line and customer, the strongest evidence first; of equals what more evidence speaks for."""
    rank = pl.col("evidence").replace_strict(_RANK, return_dtype=pl.Int64)
    # one row per kind of evidence: a name may stand in a line twice
    told = (
        hits.sort("line_id", "customer_id", rank, "similarity", descending=[False, False, False, True])
        .group_by("line_id", "customer_id", "evidence", maintain_order=True)
        .agg(pl.col("recognised", "similarity").first(), pl.col("weight", "hidden").max())
    )
    shown = pl.col("hidden") < 0  # counted among the hidden of its group
    rivals = told.group_by("line_id", "evidence").agg(
        rival_count=(~shown).sum().cast(pl.Int64) - 1 + pl.col("hidden").max().clip(lower_bound=0)
    )
    best = told.group_by("line_id", "customer_id", maintain_order=True).agg(
        pl.col("evidence", "recognised", "similarity", "weight").first(),
        rank=rank.first(),
        # a second kind of evidence, the strongest one
        second=rank.get(1, null_on_oob=True).fill_null(len(EVIDENCE)),
    )
    return (
        best.join(rivals, on=["line_id", "evidence"])
        .sort(
            "line_id", "rank", "similarity", "second", "weight", "customer_id",
            descending=[False, False, True, False, True, False],
        )
        .group_by("line_id", maintain_order=True)
        .head(limit)
        .select(PAYER_CANDIDATES.names())
    )  # fmt: skip


def _iban(column: pl.Expr) -> pl.Expr:
    return column.str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
