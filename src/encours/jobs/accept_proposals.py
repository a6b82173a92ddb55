"""Accepts the proposals of a bulk acceptance, a part at a time."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.accept_proposals import accept_part
from encours.jobs.scope import RETRY, company_job


@app.task(name="accept_proposals", retry=RETRY)
def accept_proposals(*, company_id: int, acceptance_id: int) -> None:
    """Each part is a transaction that says how far it came, so a second run goes on and repeats nothing."""
    with company_job(company_id) as company:
        while accept_part(company=company, acceptance_id=acceptance_id, now=timezone.now()):
            pass
