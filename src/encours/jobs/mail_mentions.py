"""Tells people that a note calls them, as soon as it is written."""

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.mail_mentions import mail_mentions as mail_company_mentions
from encours.jobs.scope import RETRY, company_job


@app.task(name="mail_mentions", retry=RETRY)
def mail_mentions(*, company_id: int) -> None:
    """Again it mails what is missing."""
    with company_job(company_id) as company:
        mail_company_mentions(company=company, now=timezone.now())
