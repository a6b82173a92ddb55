"""Builds a file for a court that somebody asked for."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.build_court_file import make_court_file
from encours.jobs.scope import RETRY, company_job


@app.task(name="build_court_file", retry=RETRY)
def build_court_file(*, company_id: int, court_file_id: int) -> None:
    """Made again from the start when it broke off: nothing is kept until it is done."""
    with company_job(company_id) as company:
        make_court_file(company=company, court_file_id=court_file_id, now=timezone.now())
