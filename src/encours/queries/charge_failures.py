"""Why money did not come through payment services: by cause, method, bank and amount, and what was received since."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from encours.core.payments.failures import GROUPS
from encours.core.wording import Sentence
from encours.store.frames import read_frame
from encours.store.models import Company

# lower bounds of the bands of amounts but the first, in cents
BANDS = (10_000, 50_000, 100_000, 500_000, 1_000_000)
CAUSE, METHOD, BANK, BAND, ALL = "cause", "method", "bank", "band", "all"

# An attempt is a charge that got as far as the payer's bank. What a document brought since it failed counts once, for its
# latest failure: an allocation of a receipt, from that day on, up to what was asked.
_COUNTED = """
WITH attempt AS (
  SELECT c.id, c.amount_cents, c.method, g.name AS service, c.state IN ('failed', 'returned') AS is_failed,
    c.failure_group, c.failure_code, c.failure::text AS failure,
    coalesce(nullif(m.brand, ''), nullif(m.bic, ''), nullif(m.bank_country, ''), '') AS bank,
    width_bucket(c.amount_cents, %s::bigint[]) AS band,
    (coalesce(CASE WHEN c.state = 'returned' THEN c.told_at END, c.ended_at, c.created_at) AT TIME ZONE %s)::date AS failed_date
  FROM store_charge c
  JOIN store_gatewayconnection g ON g.id = c.connection_id
  LEFT JOIN store_paymentmandate m ON m.id = c.mandate_id
  WHERE c.company_id = %s AND c.currency = %s AND c.requested_date BETWEEN %s AND %s
    AND c.state IN ('pending', 'succeeded', 'failed', 'returned')
), latest AS (
  SELECT DISTINCT ON (d.document_id) d.document_id, d.amount_cents, a.id AS charge_id, a.failed_date
  FROM attempt a JOIN store_chargedocument d ON d.charge_id = a.id
  WHERE a.is_failed ORDER BY d.document_id, a.id DESC
), brought AS (
  SELECT l.charge_id, l.document_id, least(l.amount_cents, sum(x.amount_cents)) AS cents
  FROM latest l JOIN store_allocation x ON x.document_id = l.document_id
  WHERE x.company_id = %s AND x.payment_id IS NOT NULL AND x.undone_at IS NULL AND x.allocated_date >= l.failed_date
  GROUP BY l.charge_id, l.document_id, l.amount_cents
), recovered AS (SELECT charge_id, sum(cents) AS cents FROM brought GROUP BY charge_id)
SELECT CASE WHEN grouping(a.failure_code) = 0 THEN 'cause' WHEN grouping(a.method) = 0 THEN 'method'
    WHEN grouping(a.bank) = 0 THEN 'bank' WHEN grouping(a.band) = 0 THEN 'band' ELSE 'all' END AS by,
  coalesce(a.failure_group, '') AS failure_group, coalesce(a.failure_code, '') AS failure_code, coalesce(a.method, '') AS method,
  coalesce(a.service, '') AS service, coalesce(a.bank, '') AS bank, coalesce(a.band, 0) AS band,
  count(*) AS attempts, count(*) FILTER (WHERE a.is_failed) AS failures,
  coalesce(sum(a.amount_cents) FILTER (WHERE a.is_failed), 0)::bigint AS failed_cents,
  coalesce(sum(r.cents), 0)::bigint AS recovered_cents, max(a.failure) FILTER (WHERE a.is_failed) AS failure
FROM attempt a LEFT JOIN recovered r ON r.charge_id = a.id
GROUP BY GROUPING SETS ((a.failure_group, a.failure_code), (a.method), (a.service, a.bank), (a.band), ())
"""
_SCHEMA: dict[str, Any] = {
    "by": pl.String, "failure_group": pl.String, "failure_code": pl.String, "method": pl.String, "service": pl.String,
    "bank": pl.String, "band": pl.Int64, "attempts": pl.Int64, "failures": pl.Int64, "failed_cents": pl.Int64,
    "recovered_cents": pl.Int64, "failure": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class FailureRow:
    """Failures of one cause, method, bank or band. `of_attempts` is what they are a share of: all attempts for a cause, else
    the attempts of that method, bank or band. `said` is the cause in words, where there is one."""

    by: str
    failure_group: str
    failure_code: str
    method: str
    service: str
    bank: str
    band: int
    of_attempts: int
    failures: int
    failed_cents: int
    recovered_cents: int
    said: Sentence | None

    @property
    def share(self) -> float:
        """Of 1."""
        return self.failures / self.of_attempts if self.of_attempts else 0.0


@dataclass(frozen=True)
class Failures:
    """A period's failures, in the company's currency; each list the costliest first, bands in their order."""

    total: FailureRow
    causes: tuple[FailureRow, ...]
    methods: tuple[FailureRow, ...]
    banks: tuple[FailureRow, ...]
    bands: tuple[FailureRow, ...]

    @property
    def groups(self) -> tuple[tuple[str, int, int], ...]:
        """(group, failures, cents) of each of the four groups, and of "" where failures have none."""
        found: dict[str, tuple[int, int]] = dict.fromkeys(GROUPS, (0, 0))
        for each in self.causes:
            count, cents = found.get(each.failure_group, (0, 0))
            found[each.failure_group] = (count + each.failures, cents + each.failed_cents)
        return tuple((code, count, cents) for code, (count, cents) in found.items())

    @property
    def rows(self) -> tuple[FailureRow, ...]:
        """All, as tables of one list."""
        return (*self.causes, *self.methods, *self.banks, *self.bands)


def charge_failures(*, company: Company, since: date, until: date) -> Failures:
    """What failed of the charges asked for in a period, both days in it. One query."""
    found = read_frame(
        _COUNTED,
        [list(BANDS), company.time_zone, company.pk, company.currency, since, until, company.pk],
        _SCHEMA,
    )
    total = found.filter(pl.col("by") == ALL)
    attempts = int(total["attempts"].sum())
    parts: dict[str, list[FailureRow]] = {name: [] for name in (CAUSE, METHOD, BANK, BAND, ALL)}
    for row in found.sort("failed_cents", "failures", descending=True).iter_rows(named=True):
        if row["failures"] or row["by"] == ALL:
            parts[row["by"]].append(_row(row, attempts))
    return Failures(
        total=parts[ALL][0] if parts[ALL] else _row({**dict.fromkeys(_SCHEMA, ""), **_NOTHING}, 0),
        causes=tuple(parts[CAUSE]),
        methods=tuple(parts[METHOD]),
        banks=tuple(parts[BANK]),
        bands=tuple(sorted(parts[BAND], key=lambda each: each.band)),
    )


_NOTHING = {"by": ALL, "band": 0, "attempts": 0, "failures": 0, "failed_cents": 0, "recovered_cents": 0}


def _row(found: dict[str, Any], attempts: int) -> FailureRow:
    names = (
        "by",
        "failure_group",
        "failure_code",
        "method",
        "service",
        "bank",
        "band",
        "failures",
        "failed_cents",
    )
    return FailureRow(
        **{name: found[name] for name in names},
        recovered_cents=found["recovered_cents"],
        of_attempts=attempts if found["by"] == CAUSE else found["attempts"],
        said=Sentence.from_json(json.loads(found["failure"]))
        if found["by"] == CAUSE and found["failure"]
        else None,
    )
