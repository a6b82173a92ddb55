"""Which customers a bank line's payer may be, by what the bank tells of the payer."""

from collections.abc import Collection

import polars as pl

from encours.core.matching.frames import PAYER_CANDIDATES
from encours.core.matching.names import Found, NameIndex, Reading, plain, without_accented_letters
from encours.core.matching.near_names import NearNames
from encours.core.matching.usual_words import HEADS
from encours.core.parties import LEGAL_FORMS

# Strongest first. An IBAN or a name that paid for the customer before; the customer's name (or SIREN) in full where
# the payer stands; its beginning there; the name anywhere in the text; a name that is nearly the customer's.
EVIDENCE: tuple[str, ...] = ("iban", "alias", "name", "name_cut", "name_inside", "name_like")
_RANK = {evidence: rank for rank, evidence in enumerate(EVIDENCE)}
_LABEL_LENGTH = 31
# Lengths at which banks cut names: columns of 24 to 32 in labels and tables, SEPA's 35 and 70; one less where a
# blank stood at the end.
_CUT_LENGTHS = (23, 24, 26, 27, 30, 31, 32, 34, 35, 69, 70)
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
    own = pl.Series("name", list(own_names), dtype=pl.String).to_frame().select(plain(pl.col("name")))
    names = _names(customers, trusted)
    index = NameIndex(names["name"].unique(), own_names=own["name"])
    keys = {name: index.key_of(name) for name in names["name"].unique()}
    known = names.with_columns(key=pl.col("name").replace_strict(keys, default=None, return_dtype=pl.Int64))
    # money from oneself is no customer's, even when one is called the same
    ours = [index.key_of(name) for name in own["name"]]
    known = known.filter(~pl.col("key").is_in(ours))
    members = pl.concat(
        [_groups(known.filter(pl.col("kind") == kind), "key", limit) for kind in ("name", "lost", "alias")]
    )
    found = _read(lines, index).join(members, on="key")
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


def _read(lines: pl.DataFrame, index: NameIndex) -> pl.DataFrame:
    """Known names in the lines: `line_id`, `key`, `way`, `recognised`, `similarity`. A text is read once."""
    name, text = pl.col("counterparty_name").str.strip_chars(), pl.col("remittance").str.strip_chars()
    told = lines.select(
        "line_id",
        name=plain(name),
        name_is_cut=name.str.len_chars().is_in(_CUT_LENGTHS),
        # no name holds a long number: texts that differ in their numbers only are read as one
        text=plain(text).str.replace_all(r"\d{5,}", "00000"),
        text_is_cut=text.str.len_chars().is_in(_CUT_LENGTHS),
        label=plain(_label(text)),
    ).with_columns(
        label=pl.when(pl.col("label").str.extract(r"^(\w+)").is_in(HEADS)).then("label").otherwise(pl.lit(""))
    )
    names = told.select("name", "name_is_cut").unique(maintain_order=True)
    texts = told.select("text", "text_is_cut", "label").unique(maintain_order=True)
    of_names = [index.read_payer(name, is_cut=is_cut) for name, is_cut in names.iter_rows()]
    of_texts = [
        index.read_text(text, is_cut=is_cut, label=label) for text, is_cut, label in texts.iter_rows()
    ]
    near = _near({reading.unread for reading in (*of_names, *of_texts) if reading.unread}, index)
    found = pl.concat(
        told.join(read, on=read.columns[:-1]).select("line_id", "found")
        for read in (names.hstack([_found(of_names, near)]), texts.hstack([_found(of_texts, near)]))
    )
    return found.explode("found").drop_nulls().unnest("found")


def _label(text: pl.Expr) -> pl.Expr:
    """The beginning of a text where a label of CFONB ends that fills its field; other texts come behind a blank."""
    full, trimmed = text.str.slice(_LABEL_LENGTH, 1), text.str.slice(_LABEL_LENGTH - 1, 1)
    length = text.str.len_chars()
    return (
        pl.when((length >= _LABEL_LENGTH) & full.is_in(["", " "])).then(text.str.head(_LABEL_LENGTH))
        .when((length >= _LABEL_LENGTH - 1) & trimmed.is_in(["", " "])).then(text.str.head(_LABEL_LENGTH - 1))
        .otherwise(pl.lit(""))
    )  # fmt: skip


def _near(unread: Collection[tuple[str, ...]], index: NameIndex) -> dict[tuple[str, ...], list[Found]]:
    """For payers whose name is not known as it is, the known names that are nearly the same."""
    payers = sorted(unread)
    found = NearNames(index.words).find(payers) if payers else []
    return {
        payer: [Found(near.key, "like", " ".join(payer), near.similarity) for near in of_payer]
        for payer, of_payer in zip(payers, found, strict=True)
    }


def _found(readings: list[Reading], near: dict[tuple[str, ...], list[Found]]) -> pl.Series:
    fields = {
        "key": pl.Int64,
        "way": pl.String,
        "recognised": pl.String,
        "similarity": pl.Float64,
        "form": pl.String,
    }
    rows = [
        (place, *each)
        for place, reading in enumerate(readings)
        for each in (*reading.found, *near.get(reading.unread, ()))
    ]
    flat = pl.DataFrame(rows, schema={"place": pl.Int64, **fields}, orient="row")
    listed = (
        flat.select("place", found=pl.struct(*fields)).group_by("place", maintain_order=True).agg("found")
    )
    places = pl.int_range(len(readings), dtype=pl.Int64, eager=True).alias("place").to_frame()
    return places.join(listed, on="place", how="left", maintain_order="left").get_column("found")


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
