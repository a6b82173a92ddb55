"""Reminders held back at random: the company's rule, and what was held back."""

import polars as pl

from encours.core.dunning.policy import OFFSET_IN_CODE
from encours.core.dunning.situation import HELD_OUT
from encours.core.dunning.situation import HoldOut as HoldOutValue
from encours.store.frames import read_frame
from encours.store.models import Company, HoldOut

# the highest such step of each receivable that is still open
_HELD_OUT = """
SELECT h.document_id, h.position, max(substring(h.step_code FROM %s)::bigint)
FROM store_heldoutreminder h JOIN store_document d ON d.id = h.document_id
WHERE h.company_id = %s AND d.company_id = %s AND d.open_cents > 0 GROUP BY 1, 2
"""


def hold_out_rule(*, company: Company) -> HoldOutValue | None:
    """None when the company never allowed one."""
    row = HoldOut.objects.filter(company=company).first()
    return HoldOutValue(row.percent, row.max_amount_cents, row.seed) if row else None


def held_out_steps(*, company: Company) -> pl.DataFrame:
    """HELD_OUT: receivables that are open and of which a step was held back."""
    return read_frame(_HELD_OUT, [OFFSET_IN_CODE, company.pk, company.pk], dict(HELD_OUT))
