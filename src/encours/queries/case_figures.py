"""How long disputes take and how many promises are kept: what the page of cases says first."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from encours.store.frames import read_frame
from encours.store.models import Company

# What the shares and times are about.
WINDOW_DAYS = 365

_OPEN = """
SELECT 'dispute', d.currency, count(*),
       sum(CASE WHEN p.is_whole THEN greatest(d.open_cents, 0)
                ELSE least(p.disputed_cents, greatest(d.open_cents, 0)) END)::bigint,
       count(*) FILTER (WHERE p.deadline < %(on)s)
FROM store_dispute p JOIN store_document d ON d.id = p.document_id AND d.company_id = p.company_id
WHERE p.company_id = %(company)s AND p.resolved_date IS NULL GROUP BY 2
UNION ALL
SELECT 'promise', currency, count(*), sum(amount_cents - settled_cents)::bigint,
       count(*) FILTER (WHERE promised_date < %(on)s)
FROM store_promise WHERE company_id = %(company)s AND state = 'open' GROUP BY 2
UNION ALL
SELECT 'plan', currency, count(*), sum(planned_cents - settled_cents)::bigint, count(*) FILTER (WHERE state = 'broken')
FROM store_paymentplan WHERE company_id = %(company)s AND state IN ('agreed', 'broken') GROUP BY 2
"""
_RESOLVED = """
SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_date - opened_date),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY resolved_date - opened_date)
FROM store_dispute WHERE company_id = %s AND resolved_date > %s AND outcome <> 'withdrawn'
"""
_JUDGED = """
SELECT count(*), count(*) FILTER (WHERE state = 'kept'), count(*) FILTER (WHERE state = 'partly')
FROM store_promise WHERE company_id = %s AND promised_date > %s AND state IN ('kept', 'partly', 'broken')
"""


@dataclass(frozen=True)
class OpenCases:
    """Cases of one kind (dispute, promise, plan) and currency that are open: what they hold, promise or plan that is still
    to come, and how many are past their day (plans: broken)."""

    kind: str
    currency: str
    count: int
    cents: int
    late_count: int


@dataclass(frozen=True)
class CaseFigures:
    """`resolved_days` is how many days half of the disputes of the last year took at most, `slow_days` nine of ten; None
    without any. Promises are those of the last year whose day has passed."""

    open: list[OpenCases]
    resolved_count: int
    resolved_days: int | None
    slow_days: int | None
    judged_count: int
    kept_count: int
    partly_count: int

    @property
    def kept_percent(self) -> int | None:
        return 100 * self.kept_count // self.judged_count if self.judged_count else None

    def of(self, kind: str) -> list[OpenCases]:
        return [each for each in self.open if each.kind == kind]


def case_figures(*, company: Company, on: date) -> CaseFigures:
    """Three queries over what is open and over the last year."""
    since = on - timedelta(days=WINDOW_DAYS)
    open_ = read_frame(
        _OPEN,
        {"company": company.pk, "on": on},
        {"kind": pl.String, "currency": pl.String, "count": pl.Int64, "cents": pl.Int64, "late": pl.Int64},
    )
    resolved, half, most = read_frame(
        _RESOLVED, [company.pk, since], {"count": pl.Int64, "half": pl.Float64, "most": pl.Float64}
    ).row(0)
    judged, kept, partly = read_frame(
        _JUDGED, [company.pk, since], {"judged": pl.Int64, "kept": pl.Int64, "partly": pl.Int64}
    ).row(0)
    return CaseFigures(
        open=[OpenCases(*row) for row in open_.sort("kind", "currency").iter_rows()],
        resolved_count=resolved,
        resolved_days=None if half is None else round(half),
        slow_days=None if most is None else round(most),
        judged_count=judged,
        kept_count=kept,
        partly_count=partly,
    )
