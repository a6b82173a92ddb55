"""Says which promises were kept, from what came in until now; what was broken is reminded again."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import transaction

from encours.actions.store_verdicts import store_verdicts
from encours.core.cases.promises import judge_promises as judged_promises
from encours.queries.case_facts import promises_to_judge
from encours.queries.dunning import bank_known_until
from encours.store.models import Company, Promise

# A person may have withdrawn or judged it in the meantime: the state that was looked at decides.
_UPDATE = """
UPDATE store_promise p
SET state = j.state, settled_cents = j.settled_cents,
    judged_date = CASE WHEN j.state = 'open' THEN NULL WHEN j.state = j.known_state THEN p.judged_date ELSE %s END
FROM {staged} j WHERE p.id = j.id AND p.company_id = %s AND p.state = j.known_state RETURNING p.id
"""
_CHANGES = pl.Schema(
    {
        "id": pl.Int64,
        "customer_id": pl.Int64,
        "known_state": pl.String,
        "state": pl.String,
        "settled_cents": pl.Int64,
        "amount_cents": pl.Int64,
    }
)


@dataclass(frozen=True)
class PromisesJudged:
    """How many promises changed to each state; `reopened` are those whose money was taken back before their day."""

    kept: int = 0
    partly: int = 0
    broken: int = 0
    reopened: int = 0


@transaction.atomic
def judge_promises(*, company: Company, on: date, actor: str) -> PromisesJudged:
    """Judges every open promise, and again those of the last 13 months: a receipt that came back, or was found late,
    changes the verdict. Running again changes nothing.
    """
    count = store_verdicts(
        company=company,
        changes=_changes(company, on),
        update=_UPDATE,
        action="promise.judged",
        data=_told,
        on=on,
        actor=actor,
    )
    state = Promise.State
    return PromisesJudged(
        kept=count[state.KEPT],
        partly=count[state.PARTLY],
        broken=count[state.BROKEN],
        reopened=count[state.OPEN],
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "promise": row["id"],
        "verdict": row["state"],
        "amount_cents": row["amount_cents"],
        "settled_cents": row["settled_cents"],
    }


def _changes(company: Company, on: date) -> pl.DataFrame:
    """Promises of which something is to be said anew."""
    known_until = bank_known_until(company=company)
    rows = []
    for found in promises_to_judge(company=company, on=on):
        amounts = {promise.promise_id: promise.amount_cents for promise in found.promises}
        for each in judged_promises(
            promises=found.promises, account=found.account, on=on, bank_known_until=known_until
        ):
            known = found.known[each.promise_id]
            said = (each.verdict, each.settled_cents)
            if said != (known.state, known.settled_cents):
                rows.append(
                    (each.promise_id, known.customer_id, known.state, *said, amounts[each.promise_id])
                )
    return pl.DataFrame(rows, schema=_CHANGES, orient="row")
