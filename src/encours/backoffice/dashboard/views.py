"""Pilotage: where the company's receivables stand today."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from encours.backoffice.clock import today
from encours.backoffice.documents.forms import BUCKET_NAMES
from encours.backoffice.language import language_of_reader
from encours.backoffice.permissions import Role, needs
from encours.core.money import decimals_of, format_cents
from encours.core.wording import format_date
from encours.queries.cash import cash_by_week
from encours.queries.customers import CustomerFilter, customers_page
from encours.queries.dashboard import desk, known_accounts
from encours.queries.metrics import metrics_on
from encours.queries.unbilled import unbilled_sums

LARGEST_SHOWN = 6
WEEKS = 26


@needs(Role.VIEWER)
def show(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    metrics = metrics_on(company=company, on=on)
    largest_bucket = max((bucket.amount_cents for bucket in metrics.ageing), default=0)
    weeks = cash_by_week(company=company, on=on, weeks=WEEKS)
    largest = customers_page(
        company=company, wanted=CustomerFilter(state="owing"), on=on, number=1, size=LARGEST_SHOWN
    )
    accounts = known_accounts(company=company, on=on)
    return render(
        request,
        "dashboard/show.html",
        {
            "on": on,
            "metrics": metrics,
            "largest_bucket": largest_bucket,
            "bucket_names": BUCKET_NAMES,
            "weeks": weeks,
            "received_cents": sum(week.amount_cents for week in weeks),
            "chart": _chart(weeks, company.currency),
            "desk": desk(company=company, on=on),
            "largest": largest.rows,
            "unbilled": unbilled_sums(company=company, on=on),
            "accounts": accounts,
            "has_old_bank_data": any(account.is_too_old for account in accounts),
            "is_empty": not (metrics.outstanding_cents or largest_bucket or largest.rows or accounts),
        },
    )


def _chart(weeks: Any, currency: str) -> dict[str, Any]:
    """The bars as the chart draws them: labels and amounts already in the reader's language."""
    language = language_of_reader()
    unit = 10 ** decimals_of(currency)
    return {
        "labels": [format_date(week.monday, language) for week in weeks],
        "axis": [f"{week.monday:%d/%m}" if language == "fr" else f"{week.monday:%d %b}" for week in weeks],
        "values": [week.amount_cents / unit for week in weeks],
        "texts": [format_cents(week.amount_cents, currency, language) for week in weeks],
        "language": language,
        "currency": currency,
    }
