"""Bank lines known already say what was told of them since: the payer, the text, the references that they lacked."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from django.db import connection

from encours.actions.line_words import WORDS, words_of
from encours.core.deliveries import BookedLine
from encours.core.matching.reasons import BY_PERSON
from encours.core.statements import TAKEN_BACK, Transaction
from encours.core.tellings import BATCH, BATCH_CENTS, BATCH_REFERENCE, TELLINGS
from encours.store.frames import staged
from encours.store.models import Company

# what matching reads: all but when and under which number the bank booked it
_READ = tuple(name for name in WORDS if name not in {"value_date", "bank_reference"})
_LINES = pl.Schema(
    {
        "id": pl.Int64,
        **WORDS,
        "extra": pl.String,
        "waits": pl.Boolean,  # it is a receipt or a return, by what is told now
    }
)
_LOCK = "SELECT FROM store_transaction WHERE company_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE"
# What matching reads has changed: a line that waits was not looked at like this, and one that a rule set aside waits
# again. What a person decided, and what is matched, stays.
_COMPLETE = f"""
WITH told AS (
  SELECT c.*, ({", ".join(f"t.{name}" for name in _READ)}) IS DISTINCT FROM ({", ".join(f"c.{name}" for name in _READ)})
           AS says_more,
         t.state = 'set_aside' AND c.waits AND t.reason ->> 'code' IS DISTINCT FROM %(by_person)s AS is_set_aside
  FROM {{staged}} c JOIN store_transaction t ON t.id = c.id WHERE t.company_id = %(company)s
)
UPDATE store_transaction t
SET {", ".join(f"{name} = c.{name}" for name in WORDS)},
    extra = c.extra::jsonb || (SELECT coalesce(jsonb_object_agg(key, value), '{{{{}}}}') FROM jsonb_each(t.extra)
                               WHERE key = ANY(%(own)s)),
    state = CASE WHEN says_more AND is_set_aside THEN 'new' ELSE t.state END,
    reason = CASE WHEN says_more AND (is_set_aside OR t.state = 'new') THEN NULL ELSE t.reason END
FROM told c WHERE t.id = c.id AND t.company_id = %(company)s
"""
_OWN = [TAKEN_BACK, BATCH, BATCH_CENTS, BATCH_REFERENCE]


def complete_lines(*, company: Company, completed: Sequence[tuple[BookedLine, Transaction]]) -> None:
    """Writes what each line says now with all its tellings (`core.tellings`), in one statement. In the caller's transaction.

    A match stays, and what a person set aside. What waits is looked at anew by the next reconciliation.
    """
    if not completed:
        return
    rows = [
        (
            line.row,
            *words_of(words),
            json.dumps(words.extra | _tellings(line), ensure_ascii=False),
            words.waits,
        )
        for line, words in completed
    ]
    with staged(pl.DataFrame(rows, schema=_LINES, orient="row")) as table, connection.cursor() as cursor:
        # in the order in which reconciliation locks them: else each could wait for the other
        cursor.execute(_LOCK, [company.pk, [line.row for line, _ in completed]])
        cursor.execute(
            _COMPLETE.format(staged=table),
            {"company": company.pk, "own": _OWN, "by_person": BY_PERSON.code},
        )


def completed_line(line: BookedLine, words: Transaction) -> Transaction:
    """A line not yet saved, as it is to be saved: with what was told of it since."""
    own = {key: line.said.extra[key] for key in _OWN if key in line.said.extra}
    return replace(
        words,
        booked_date=line.booked_date,
        amount_cents=line.amount_cents,
        extra=words.extra | own | _tellings(line),
    )


def _tellings(line: BookedLine) -> dict[str, Any]:
    return {TELLINGS: [telling.as_json() for telling in line.in_order]}
