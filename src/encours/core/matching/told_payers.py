"""What bank lines tell of their payer: in the field of the name, in the label, in the remittance text."""

from collections.abc import Callable, Sequence

import polars as pl

from encours.core.matching.frames import PAYERS
from encours.core.matching.names import Found, NameIndex, Reading, payer_in_text, plain
from encours.core.matching.usual_words import HEADS
from encours.core.parties import bank_names

# For each payer's words the known names that are nearly the same, as (key, similarity).
Near = Callable[[Sequence[tuple[str, ...]]], list[list[tuple[int, float]]]]
_LABEL_LENGTH = 31
# Lengths at which banks cut names: columns of 24 to 32 in labels and tables, SEPA's 35 and 70; one less where a
# blank stood at the end.
_CUT_LENGTHS = (23, 24, 26, 27, 30, 31, 32, 34, 35, 69, 70)
_FOUND = {
    "key": pl.Int64,
    "way": pl.String,
    "recognised": pl.String,
    "similarity": pl.Float64,
    "form": pl.String,
}


def payer_names(*, lines: pl.DataFrame) -> pl.Series:
    """The names under which the payers of lines (`counterparty_name`, `remittance`) are remembered, empty for none.

    Where the bank gives no name apart, it is read from the label: `VIR SEPA DUBOIS ET FILS FACT 12` was paid by
    DUBOIS FILS.
    """
    told = lines.select(
        name=bank_names(pl.col("counterparty_name")), text=plain(pl.col("remittance")), label=_label()
    )
    names = [name or payer_in_text(text, label=label) for name, text, label in told.iter_rows()]
    return pl.Series("name", names, dtype=pl.String)


def payers_of_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Who paid for whom (schema `PAYERS`): of lines that were explained, each with the `customer_id`, and how often that
    was confirmed and undone (`confirmed_count`, `undone_count`)."""
    return (
        lines.with_columns(payer_names(lines=lines).alias("name"), iban="counterparty_iban")
        .group_by("iban", "name", "customer_id", maintain_order=True)
        .agg(pl.col("confirmed_count", "undone_count").sum())
        .select(PAYERS.names())
    )


def names_in_lines(*, lines: pl.DataFrame, index: NameIndex, near: Near) -> pl.DataFrame:
    """Known names that lines tell: `line_id` and the fields of `Found`. A text is read once, however often it occurs.

    `near` finds names that are nearly a payer's; it is asked only when some are not known as they are.
    """
    name, text = pl.col("counterparty_name").str.strip_chars(), pl.col("remittance").str.strip_chars()
    told = lines.select(
        "line_id",
        counterparty_name=name,
        name=plain(name),
        name_is_cut=name.str.len_chars().is_in(_CUT_LENGTHS),
        # no name holds a long number: texts that differ in their numbers only are read as one
        text=plain(text).str.replace_all(r"\d{5,}", "00000"),
        text_is_cut=text.str.len_chars().is_in(_CUT_LENGTHS),
        label=_label(),
    )
    names = told.select("name", "name_is_cut").unique(maintain_order=True)
    texts = told.select("text", "text_is_cut", "label").unique(maintain_order=True)
    of_names = [index.read_payer(name, is_cut=is_cut) for name, is_cut in names.iter_rows()]
    of_texts = [
        index.read_text(text, is_cut=is_cut, label=label) for text, is_cut, label in texts.iter_rows()
    ]
    payers = sorted({reading.unread for reading in (*of_names, *of_texts) if reading.unread})
    like = dict(zip(payers, near(payers), strict=True)) if payers else {}
    by_name = _joined(told, names, of_names, like).with_columns(recognised="counterparty_name")
    payers_told = told.join(_with_payers(names, of_names), on=names.columns).select(
        "line_id", told_apart="payer"
    )
    by_text = _joined(told, texts, of_texts, like).join(payers_told, on="line_id")
    # a label that cuts the name the bank gives apart tells less than that name
    is_beginning = (pl.col("payer") != pl.col("told_apart")) & pl.col("told_apart").str.starts_with(
        pl.col("payer")
    )
    cut_short = (pl.col("way") != "inside") & (pl.col("payer") != "") & is_beginning
    fields = ("line_id", *_FOUND)
    return pl.concat([by_name.select(fields), by_text.filter(~cut_short).select(fields)])


def _label() -> pl.Expr:
    """The beginning of a text where a label of CFONB ends that fills its field; other texts come behind a blank."""
    text = pl.col("remittance").str.strip_chars()
    full, trimmed = text.str.slice(_LABEL_LENGTH, 1), text.str.slice(_LABEL_LENGTH - 1, 1)
    length = text.str.len_chars()
    cut = (
        pl.when((length >= _LABEL_LENGTH) & full.is_in(["", " "])).then(text.str.head(_LABEL_LENGTH))
        .when((length >= _LABEL_LENGTH - 1) & trimmed.is_in(["", " "])).then(text.str.head(_LABEL_LENGTH - 1))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    label = plain(cut)
    return pl.when(label.str.extract(r"^(\w+)").is_in(HEADS)).then(label).otherwise(pl.lit(""))


def _joined(
    told: pl.DataFrame,
    texts: pl.DataFrame,
    readings: Sequence[Reading],
    like: dict[tuple[str, ...], list[tuple[int, float]]],
) -> pl.DataFrame:
    """What was read, on every line with that text."""
    rows = [
        (place, *found)
        for place, reading in enumerate(readings)
        for found in (*reading.found, *_alike(reading.unread, like))
    ]
    found = pl.DataFrame(rows, schema={"place": pl.Int64, **_FOUND}, orient="row")
    places = _with_payers(texts, readings).with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    lines = told.join(places, on=texts.columns).select("line_id", "counterparty_name", "payer", "place")
    return lines.join(found, on="place")


def _with_payers(texts: pl.DataFrame, readings: Sequence[Reading]) -> pl.DataFrame:
    return texts.with_columns(pl.Series("payer", [reading.payer for reading in readings], dtype=pl.String))


def _alike(payer: tuple[str, ...], like: dict[tuple[str, ...], list[tuple[int, float]]]) -> list[Found]:
    return [Found(key, "like", " ".join(payer), similarity) for key, similarity in like.get(payer, ())]
