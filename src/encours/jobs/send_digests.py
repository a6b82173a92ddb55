"""The forewarning of what leaves next, once every working day from the company's hour on."""

from datetime import UTC, date, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from encours.actions.defer_job import defer
from encours.actions.send_digest import send_digests as send_company_digests
from encours.jobs.scope import ACTOR, RETRY, company_job, local_now
from encours.queries.companies import companies
from encours.queries.jobs import digests_asked


@app.task(name="send_digests", retry=RETRY)
def send_digests(*, company_id: int, on: str) -> None:
    """Again it sends what is missing: a digest is unique per person and day."""
    with company_job(company_id) as company:
        send_company_digests(company=company, on=date.fromisoformat(on), now=timezone.now(), actor=ACTOR)


@app.periodic(cron="*/15 * * * *")
@app.task(name="ask_for_digests")
def ask_for_digests(timestamp: int) -> None:
    """Asks for the digests of each company whose hour has come, once a day."""
    now = datetime.fromtimestamp(timestamp, UTC)
    here = {company: local_now(company, now) for company in companies()}
    asked = digests_asked(days={moment.date() for moment in here.values()})
    for company, moment in here.items():
        if moment.hour >= company.digest_hour and (company.pk, moment.date()) not in asked:
            defer("send_digests", company_id=company.pk, on=moment.date().isoformat())
