"""Which customers a bank line's payer may be, by what the bank tells of the payer."""

from collections.abc import Collection
from functools import cached_property

import polars as pl

from encours.core.matching.frames import PAYER_CANDIDATES
from encours.core.matching.names import NameIndex, name_words, plain, without_accented_letters
from encours.core.matching.near_names import NearNames
from encours.core.matching.told_payers import names_in_lines
from encours.core.parties import LEGAL_FORMS

# Strongest first. An IBAN or a name that paid for the customer before; the customer's name (or SIREN) in full where
# the payer stands; its beginning there, cut by the bank; the name anywhere in the text; a name that is nearly the
# customer's.
EVIDENCE: tuple[str, ...] = ("iban", "alias", "name", "name_cut", "name_inside", "name_like")
_RANK = {evidence: rank for rank, evidence in enumerate(EVIDENCE)}
# A name without its accented letters may be another's.
_LOST_SIMILARITY = 0.95
_FORMS = "|".join(LEGAL_FORMS)
_FORM = rf"^(?:(?<before>{_FORMS}) .*)?.*?(?: (?<behind>{_FORMS}))?$"
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
    text that names the company names no customer. Who has many batches of lines makes a `PayerBook` once.
    """
    book = PayerBook(customers=customers, payers=payers, own_names=own_names, limit=limit)
    return book.candidates(lines=lines)


class PayerBook:
    """Customers and payers of the past, ready to be recognised in any number of lines."""

    def __init__(
        self,
        *,
        customers: pl.DataFrame,
        payers: pl.DataFrame,
        own_names: Collection[str] = (),
        limit: int = 4,
    ) -> None:
        """`customers` as in `CUSTOMERS`, `payers` as in `PAYERS`, `own_names` those of the company; at most `limit`
        customers are found per line."""
        self._limit = limit
        trusted = _trusted(payers)
        self._known_ibans = trusted.filter(pl.col("iban") != "").drop("name")
        self._iban_groups = _groups(self._known_ibans, "iban", limit)
        sirens = customers.filter(pl.col("siren") != "").select(
            "customer_id", "siren", weight=pl.lit(0, dtype=pl.Int64)
        )
        self._siren_groups = _groups(sirens, "siren", limit)
        own = pl.Series("name", list(own_names), dtype=pl.String).to_frame().select(plain(pl.col("name")))
        names = _names(customers, trusted)
        distinct = names["name"].unique()
        self._index = NameIndex(distinct, own_names=own["name"])
        keys = {name: self._index.key_of(name) for name in distinct}
        key = pl.col("name").replace_strict(keys, default=None, return_dtype=pl.Int64)
        # money from oneself is no customer's, even when one is called the same
        ours = [self._index.key_of(name) for name in own["name"]]
        names = names.with_columns(key=key).filter(~pl.col("key").is_in(ours))
        self._name_groups = pl.concat(
            _groups(names.filter(pl.col("kind") == kind), "key", limit) for kind in ("name", "lost", "alias")
        )

    def candidates(self, *, lines: pl.DataFrame) -> pl.DataFrame:
        """Customers the payers of lines may be (schema `PAYER_CANDIDATES`), best first, at most `limit` per line.

        A customer has one row per line, under the strongest evidence. A payer that was taken back for a customer as
        often as it was right is not proposed for it again. Customers whom the evidence does not tell apart all come,
        each with the number of its rivals, in the order of their ids.
        """
        hits = pl.concat([self._by_name(lines), self._by_siren(lines)])
        return _ranked(pl.concat([self._by_iban(lines, hits), hits]), self._limit)

    @cached_property
    def _near(self) -> NearNames:
        return NearNames(self._index.words)

    def _by_iban(self, lines: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
        """Customers an IBAN paid for. Of a factor's hundreds, those that something else on the line speaks for stay too."""
        of_lines = lines.select("line_id", iban=_iban(pl.col("counterparty_iban"))).filter(
            pl.col("iban") != ""
        )
        listed = of_lines.join(self._iban_groups, on="iban")
        spoken_for = (
            of_lines.join(others.select("line_id", "customer_id").unique(maintain_order=True), on="line_id")
            .join(self._known_ibans, on=["iban", "customer_id"])
            .join(listed, on=["line_id", "customer_id"], how="anti")
        )
        # they are hidden customers of a group that is listed already
        return _hits(
            pl.concat([listed, spoken_for.with_columns(hidden=pl.lit(-1, dtype=pl.Int64))], how="diagonal"),
            evidence=pl.lit("iban"),
            recognised=pl.col("iban"),
        )

    def _by_siren(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Customers whose SIREN, SIRET or VAT number stands in the line."""
        text = pl.concat_str("counterparty_name", "remittance", separator=" | ").str.to_uppercase()
        found = (
            lines.select("line_id", recognised=text.str.extract_all(_IDENTIFIER))
            .explode("recognised")
            .drop_nulls()
            .with_columns(siren=pl.col("recognised").str.replace_all("[ .]", "").str.extract(_SIREN))
        )
        return _hits(found.join(self._siren_groups, on="siren"), evidence=pl.lit("name"))

    def _by_name(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Customers whose name, or the name of somebody who paid for them, the line tells."""
        found = names_in_lines(
            lines=lines, index=self._index, near=lambda payers: self._near.find(payers)
        ).join(self._name_groups, on="key")
        way, kind = pl.col("way"), pl.col("kind")
        evidence = (
            pl.when((way == "like") | (kind == "lost")).then(pl.lit("name_like"))
            .when(way == "cut").then(pl.lit("name_cut"))
            .when(kind == "alias").then(pl.lit("alias"))
            .when(way == "whole").then(pl.lit("name"))
            .otherwise(pl.lit("name_inside"))
        )  # fmt: skip
        similarity = pl.when(kind == "lost").then(_LOST_SIMILARITY).otherwise(pl.col("similarity"))
        # of customers with the same name the one with the legal form that was written comes first
        has_form = (pl.col("form") != "") & (pl.col("form") == pl.col("form_right"))
        found = found.with_columns(weight=pl.col("weight") + has_form.cast(pl.Int64))
        return _hits(found, evidence=evidence, similarity=similarity)


def _trusted(payers: pl.DataFrame) -> pl.DataFrame:
    """Payers of the past (`iban`, `name`, customer, weight), under their IBAN and under their name, without those taken back."""
    written = payers.with_columns(iban=_iban(pl.col("iban")), name=_spoken(pl.col("name")))
    by_iban = written.filter(pl.col("iban") != "").with_columns(name=pl.lit(""))
    by_name = written.filter(pl.col("name") != "").with_columns(iban=pl.lit(""))
    return (
        pl.concat([by_iban, by_name])
        .group_by("iban", "name", "customer_id", maintain_order=True)
        .agg(pl.col("confirmed_count").sum(), pl.col("undone_count").sum())
        .filter(pl.col("confirmed_count") > pl.col("undone_count"))
        .select("iban", "name", "customer_id", weight=pl.col("confirmed_count") - pl.col("undone_count"))
    )


def _names(customers: pl.DataFrame, trusted: pl.DataFrame) -> pl.DataFrame:
    """Every name to look for (`name`, `customer_id`, `kind`, `weight`, `form`).

    Names of customers, the same as banks leave them that lose accents, and names of payers of the past.
    """
    new = pl.lit(0, dtype=pl.Int64)
    form = plain(pl.col("name")).str.extract_groups(_FORM).struct
    form = pl.coalesce(form["behind"], form["before"], pl.lit(""))
    own = customers.select(
        "customer_id", name=plain(pl.col("search_name")), kind=pl.lit("name"), weight=new, form=form
    )
    lost = customers.select(
        "customer_id",
        name=without_accented_letters(pl.col("name")),
        kind=pl.lit("lost"),
        weight=new,
        form=form,
    )
    alias = trusted.select("customer_id", "name", kind=pl.lit("alias"), weight="weight", form=pl.lit(""))
    return pl.concat([own, lost, alias]).filter(pl.col("name") != "")


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
        hits.sort(
            "line_id",
            "customer_id",
            rank,
            "similarity",
            "recognised",
            descending=[False, False, False, True, False],
        )
        .group_by("line_id", "customer_id", "evidence", maintain_order=True)
        .agg(pl.col("recognised", "similarity").first(), pl.col("weight", "hidden").max())
    )
    shown = pl.col("hidden") < 0  # counted among the hidden of its group
    # a payer that is a customer itself may have paid for itself: its own name rivals whom it paid for before
    by_name = told.filter(pl.col("evidence").is_in(["alias", "name"])).unique(["line_id", "customer_id"])
    rivals = (
        pl.concat(
            [told.filter(pl.col("evidence") != "alias"), by_name.with_columns(evidence=pl.lit("alias"))]
        )
        .group_by("line_id", "evidence")
        .agg(rival_count=(~shown).sum().cast(pl.Int64) - 1 + pl.col("hidden").max().clip(lower_bound=0))
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


def _spoken(column: pl.Expr) -> pl.Expr:
    """Names as their words tell them apart, legal forms at the ends left out."""

    def spoken(names: pl.Series) -> pl.Series:
        distinct = names.unique()
        words = [" ".join(name_words(name)) for name in distinct]
        return names.replace_strict(distinct, words, default=None, return_dtype=pl.String)

    return plain(column).map_batches(spoken, return_dtype=pl.String())
