"""Scores of customers: how well a source expects them to pay, from 0 to 100, the best payers 100."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from encours.core.invoices import empty
from encours.core.problems import Problem

# the program's own; no file may use this name
OWN_SOURCE = "encours"
BEST = 100

SCORES = pl.Schema(
    {
        "line": pl.Int64,
        "code": pl.String,  # of the customer in the company's books; "" where only the SIREN is said
        "siren": pl.String,
        "source": pl.String,
        "value": pl.Int64,
        "given_date": pl.Date,
        "valid_until_date": pl.Date,  # the last day it is valid; null: until another comes
    }
)


@dataclass(frozen=True)
class ScoreBatch:
    """What a reader found in a file of scores. Refused lines are in `problems` only."""

    scores: pl.DataFrame = field(default_factory=lambda: empty(SCORES))
    problems: tuple[Problem, ...] = ()
    mapping: tuple[str, Mapping[str, str]] | None = None
