"""Stages: functions from what the texts hold to mentions, which line names which document and how."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from encours.core.matching.frames import MENTIONS
from encours.core.references import compacted, number_parts

OWN_KEY, REFERENCE = "own_key", "reference"


@dataclass(frozen=True)
class Frames:
    """What a stage may look at: `lines` (LINES), `documents` (DOCUMENTS) that the keys led to, `keys` (KEYS)."""

    lines: pl.DataFrame
    documents: pl.DataFrame
    keys: pl.DataFrame


Stage = Callable[[Frames], pl.DataFrame]


def own_keys(frames: Frames) -> pl.DataFrame:
    """References the company itself gave out: a payment reference, or an ISO 11649 one made of a document's number or id."""
    keys = frames.keys.filter(pl.col("source") == "own_key")
    documents = frames.documents
    by_reference = documents.filter(pl.col("payment_reference") != "").select(
        "document_id", key=compacted(pl.col("payment_reference"))
    )
    by_id = documents.select("document_id", key=pl.col("document_id").cast(pl.String))
    by_number = documents.select("document_id", "number", "type", key="search_number")
    found = pl.concat(
        [
            keys.filter(pl.col("kind") == "reference").join(by_reference, on="key"),
            keys.filter(pl.col("kind") == "document").join(by_id, on="key"),
            _bearers(keys.filter(pl.col("kind") == "number").join(by_number, on="key")),
        ]
    )
    once = _mentions(found, OWN_KEY).unique(["line_id", "document_id"], keep="first", maintain_order=True)
    return once.sort("line_id", "start", "stop", descending=[False, True, True], maintain_order=True)


def _bearers(found: pl.DataFrame) -> pl.DataFrame:
    """Of the documents a reference may be made of, the one it was given to (`core.payments.transfer_reference`): written
    with just these letters and digits, no credit note, and the first of them. Where none is, all whose number differs by
    zeros."""
    is_written_so = compacted(pl.col("number")) == compacted(pl.col("written")).str.slice(4)
    exact = (
        found.filter(is_written_so & (pl.col("type") != "credit_note"))
        .sort("document_id")
        .unique(["line_id", "written"], keep="first")
    )
    others = found.join(exact, on=["line_id", "written"], how="anti")
    return pl.concat([exact, others]).sort("line_id", "document_id").drop("number", "type")


def references(frames: Frames) -> pl.DataFrame:
    """Numbers found in the text, each place read once: the longest reading that leads to a document counts."""
    keys = frames.keys.filter((pl.col("source") == "text") & (pl.col("kind") == "number"))
    documents = frames.documents.select("document_id", "number", key="search_number")
    found = keys.join(documents, on="key").sort("line_id", "start", "stop", "document_id")
    kept: list[dict[str, Any]] = []
    for _, of_line in groupby(found.iter_rows(named=True), key=itemgetter("line_id")):
        kept.extend(_best_readings(list(of_line)))
    return _mentions(pl.DataFrame(kept, schema=found.schema), REFERENCE)


def _best_readings(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hits of one line without those inside a longer hit, and where a place has several, those that are written so."""
    spans = {(hit["start"], hit["stop"]) for hit in hits}
    outer = {
        span
        for span in spans
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in spans)
    }
    best: list[dict[str, Any]] = []
    for span in sorted(outer):
        at_place = [hit for hit in hits if (hit["start"], hit["stop"]) == span]
        exact = [hit for hit in at_place if number_parts(hit["number"]) == number_parts(hit["written"])]
        best.extend(exact or at_place)
    return best


STAGES: tuple[Stage, ...] = (own_keys, references)


def mentions(frames: Frames) -> pl.DataFrame:
    """What every stage found (schema `MENTIONS`), in the order of the stages."""
    return pl.concat([stage(frames) for stage in STAGES])


def _mentions(found: pl.DataFrame, rule: str) -> pl.DataFrame:
    return found.with_columns(pl.lit(rule).alias("rule")).select(MENTIONS.names())
