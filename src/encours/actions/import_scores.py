"""Brings scores of customers into the books: a source's score of a day is added, or corrected by what is said now.

Customers are those of the books: a score adds none. A SIREN that several customers have is the score of each. In the
caller's transaction, set-based.
"""

from dataclasses import dataclass

import polars as pl
from django.db import connection

from encours.actions.import_documents import quarantine
from encours.actions.journal import record
from encours.core.imports import refused_lines
from encours.core.problems import Problem
from encours.core.scores import ScoreBatch
from encours.core.wording import Wording
from encours.store.frames import read_frame, staged
from encours.store.models import Company, ImportBatch

UNKNOWN_CUSTOMER = Wording(
    "score.unknown_customer",
    fr="Aucun client « {customer} » : faites entrer les clients d’abord.",
    en='There is no customer "{customer}": bring the customers in first.',
)
TOLD_OTHERWISE = Wording(
    "score.told_otherwise",
    fr="La ligne {first} donne à ce client un autre score de la même source et du même jour : elle l’emporte.",
    en="Line {first} gives this customer another score of the same source and day: it wins.",
)
# the code of the books first: a SIREN is looked at only where no code is said
_FIND = """
SELECT s.line, c.id, p.value, p.valid_until_date
FROM {staged} s
JOIN store_customer c ON c.company_id = %s
  AND (CASE WHEN s.code <> '' THEN c.code = s.code ELSE c.siren = s.siren AND s.siren <> '' END)
LEFT JOIN store_score p ON p.company_id = c.company_id AND p.customer_id = c.id AND p.source = s.source
  AND p.given_date = s.given_date
"""
_FOUND = {"line": pl.Int64, "customer_id": pl.Int64, "k_value": pl.Int64, "k_until": pl.Date}
_SAVE = """
INSERT INTO store_score (company_id, customer_id, source, value, given_date, valid_until_date, batch_id, created_at)
SELECT %s, customer_id, source, value, given_date, valid_until_date, %s, now() FROM {staged}
ORDER BY line, customer_id
ON CONFLICT (company_id, customer_id, source, given_date) DO UPDATE
SET value = excluded.value, valid_until_date = excluded.valid_until_date, batch_id = excluded.batch_id
"""


_SAID = ["code", "siren", "value", "given_date", "source"]


@dataclass(frozen=True)
class ScoresImported:
    """What came of a file, in scores; `refused` in lines."""

    created: int
    updated: int
    unchanged: int
    refused: int
    problems: tuple[Problem, ...]


def import_scores(*, company: Company, batch: ImportBatch, found: ScoreBatch, actor: str) -> ScoresImported:
    """Everything of a file that may be taken, with its quarantine and one journal event. In the caller's transaction."""
    assert connection.in_atomic_block, "a file is taken whole or not at all"
    with staged(found.scores) as table:
        known = read_frame(_FIND.format(staged=table), [company.pk], _FOUND)
    rows = found.scores.join(known, on="line", how="left", maintain_order="left")
    problems = [
        *found.problems,
        *(
            Problem(UNKNOWN_CUSTOMER(customer=code or siren), line=line, field="code", raw=raw)
            for line, code, siren, raw in rows.filter(pl.col("customer_id").is_null())
            .select("line", "code", "siren", raw=pl.concat_str(_SAID, separator=";"))
            .iter_rows()
        ),
    ]
    rows, repeated = _first_of_each(rows.filter(pl.col("customer_id").is_not_null()))
    problems += repeated
    is_new = pl.col("k_value").is_null()
    is_same = (pl.col("k_value") == pl.col("value")) & pl.col("k_until").eq_missing(
        pl.col("valid_until_date")
    )
    changed = rows.filter(is_new | ~is_same)
    created = rows.filter(is_new).height
    if changed.height:
        with staged(changed.drop("k_value", "k_until")) as table, connection.cursor() as cursor:
            cursor.execute(_SAVE.format(staged=table), [company.pk, batch.pk])
    taken = ScoresImported(
        created=created, updated=changed.height - created, unchanged=rows.height - changed.height,
        refused=refused_lines(tuple(problems)), problems=tuple(problems),
    )  # fmt: skip
    quarantine(company=company, batch=batch, problems=taken.problems)
    record(
        company=company,
        actor=actor,
        action="scores.imported",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={
            "file": batch.file_name, "created": taken.created, "updated": taken.updated, "unchanged": taken.unchanged,
            "refused": taken.refused,
        },
    )  # fmt: skip
    return taken


def _first_of_each(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """A customer's first score by a source and day, and what is said of the others that say something else."""
    key = ["customer_id", "source", "given_date"]
    marked = rows.with_columns(
        first=pl.col("line").first().over(key), first_value=pl.col("value").first().over(key)
    )
    others = marked.filter((pl.col("first") != pl.col("line")) & (pl.col("first_value") != pl.col("value")))
    problems = [
        Problem(TOLD_OTHERWISE(first=first), line=line, field="score")
        for line, first in others.select("line", "first").unique(maintain_order=True).iter_rows()
    ]
    return rows.unique(key, keep="first", maintain_order=True), problems
