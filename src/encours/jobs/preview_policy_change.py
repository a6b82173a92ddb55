"""Compares the day under other dunning policies before they take effect."""

from procrastinate.contrib.django import app

from encours.actions.preview_policy_change import make_policy_preview
from encours.jobs.scope import RETRY, company_job


@app.task(name="preview_policy_change", retry=RETRY)
def preview_policy_change(*, company_id: int, preview_id: int) -> None:
    """A preview is made again from the start: it keeps nothing until it is done."""
    with company_job(company_id) as company:
        make_policy_preview(company=company, preview_id=preview_id)
