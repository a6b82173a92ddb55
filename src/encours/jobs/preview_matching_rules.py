"""Tries rules of matching before they are saved."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.preview_matching_rules import make_preview
from encours.jobs.scope import RETRY, company_job, local_now


@app.task(name="preview_matching_rules", retry=RETRY)
def preview_matching_rules(*, company_id: int, preview_id: int) -> None:
    """A preview is made again from the start: it keeps nothing until it is done."""
    with company_job(company_id) as company:
        on = local_now(company, timezone.now()).date()
        make_preview(company=company, preview_id=preview_id, on=on)
