"""Says which payment plans are kept and which are broken, from what came in until now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import transaction

from encours.actions.store_verdicts import store_verdicts
from encours.core.cases.plans import judge_plan
from encours.queries.case_facts import plans_to_judge
from encours.queries.dunning import bank_known_until
from encours.store.models import Company, PaymentPlan

# A plan that ended in the meantime stays so; one that fell due as a whole does not come back into force where
# another was agreed for the same documents.
_UPDATE = """
UPDATE store_paymentplan p
SET state = j.state, settled_cents = j.settled_cents, missed_date = j.missed_date,
    judged_date = CASE WHEN j.state = 'agreed' THEN NULL WHEN j.state = j.known_state THEN p.judged_date ELSE %s END
FROM {staged} j
WHERE p.id = j.id AND p.company_id = %s AND p.state = j.known_state
  AND NOT (j.known_state = 'broken' AND j.state = 'agreed' AND EXISTS (
    SELECT FROM store_plandocument mine
    JOIN store_plandocument other ON other.document_id = mine.document_id AND other.plan_id <> mine.plan_id
    JOIN store_paymentplan q ON q.id = other.plan_id
    WHERE mine.plan_id = p.id AND mine.company_id = p.company_id AND other.company_id = p.company_id
      AND q.state = 'agreed'))
RETURNING p.id
"""
_CHANGES = pl.Schema(
    {
        "id": pl.Int64,
        "customer_id": pl.Int64,
        "known_state": pl.String,
        "state": pl.String,
        "settled_cents": pl.Int64,
        "missed_date": pl.Date,
        "planned_cents": pl.Int64,
    }
)


@dataclass(frozen=True)
class PlansJudged:
    """How many plans changed to each state; `mended` are those in force again."""

    kept: int = 0
    broken: int = 0
    mended: int = 0


@transaction.atomic
def judge_plans(*, company: Company, on: date, actor: str) -> PlansJudged:
    """Judges every plan that runs, and again those of the last 13 months whose money may have come back. Running again
    changes nothing.
    """
    count = store_verdicts(
        company=company,
        changes=_changes(company, on),
        update=_UPDATE,
        action="plan.judged",
        data=_told,
        on=on,
        actor=actor,
    )
    state = PaymentPlan.State
    return PlansJudged(kept=count[state.KEPT], broken=count[state.BROKEN], mended=count[state.AGREED])


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "plan": row["id"],
        "verdict": row["state"],
        "planned_cents": row["planned_cents"],
        "settled_cents": row["settled_cents"],
        "missed_date": row["missed_date"].isoformat() if row["missed_date"] else None,
    }


def _changes(company: Company, on: date) -> pl.DataFrame:
    """Plans of which something is to be said anew."""
    known_until = bank_known_until(company=company)
    rows = []
    for found in plans_to_judge(company=company, on=on):
        judged = judge_plan(plan=found.plan, account=found.account, on=on, bank_known_until=known_until)
        known = found.known
        said = (judged.verdict, judged.settled_cents)
        if said != (known.state, known.settled_cents):
            rows.append(
                (
                    judged.plan_id,
                    known.customer_id,
                    known.state,
                    *said,
                    judged.missed_date,
                    found.plan.planned_cents,
                )
            )
    return pl.DataFrame(rows, schema=_CHANGES, orient="row")
