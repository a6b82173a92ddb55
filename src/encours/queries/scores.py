"""What sources think of customers: the score that counts on a day, and all of one customer's."""

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Case, Q, When

from encours.core.scores import OWN_SOURCE
from encours.store.frames import read_frame
from encours.store.models import Company, Score

# our own before those of others; then the latest; of two of one day the one that came last
_VALID = """
SELECT DISTINCT ON (customer_id) customer_id, value::bigint FROM store_score
WHERE company_id = %s AND given_date <= %s AND (valid_until_date IS NULL OR valid_until_date >= %s)
ORDER BY customer_id, source = %s DESC, given_date DESC, id DESC
"""
SHOWN = 12


def valid_scores(*, company: Company, on: date) -> pl.DataFrame:
    """customer_id, score: of each customer the score that counts on a day; who has none is not there.

    Of the scores given by that day and not past their last day, the program's own (`core.scores.OWN_SOURCE`) counts before
    any of others, however recent these are; among equals the latest given.
    """
    schema = {"customer_id": pl.Int64, "score": pl.Int64}
    return read_frame(_VALID, [company.pk, on, on, OWN_SOURCE], schema)


@dataclass(frozen=True)
class ScoreRow:
    """A score as it was given. `counts` for the one that conditions look at on the day asked about."""

    value: int
    source: str
    given_date: date
    valid_until_date: date | None
    is_valid: bool
    counts: bool

    @property
    def is_own(self) -> bool:
        return self.source == OWN_SOURCE


def scores_of_customer(*, company: Company, customer_id: int, on: date) -> list[ScoreRow]:
    """The latest SHOWN that were given by the day, the one that counts first. One query."""
    valid = Q(valid_until_date=None) | Q(valid_until_date__gte=on)
    # as _VALID orders them, with those that count no more behind
    order = Case(When(valid & Q(source=OWN_SOURCE), then=0), When(valid, then=1), default=2)
    found = Score.objects.filter(company=company, customer_id=customer_id, given_date__lte=on)
    ordered = found.annotate(rank=order).order_by("rank", "-given_date", "-id")[:SHOWN]
    return [
        ScoreRow(
            value=each.value,
            source=each.source,
            given_date=each.given_date,
            valid_until_date=each.valid_until_date,
            is_valid=each.rank < 2,
            counts=place == 0 and each.rank < 2,
        )
        for place, each in enumerate(ordered)
    ]
