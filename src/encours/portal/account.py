"""What a customer owes and what it has paid."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from encours.core.payments.owed import OwedInCurrency, OwedLine
from encours.portal.visit import Visit, portal_page, render
from encours.queries.portal import owed_by, paid_by

PAGE_SIZE = 50
AGE_NAMES = {
    "not_due": _("Not yet due"),
    "1_30": _("1 to 30 days late"),
    "31_60": _("31 to 60 days late"),
    "61_90": _("61 to 90 days late"),
    "91_plus": _("More than 90 days late"),
}
STATE_NAMES = {
    "pending": _("payment on its way"),
    "disputed": _("contested"),
    "planned": _("in a payment plan"),
    "promised": _("promised"),
    "overdue": _("overdue"),
    "upcoming": _("not yet due"),
}
# what a person who comes to pay most likely comes for
CHOSEN_STATES = ("overdue",)


@dataclass(frozen=True)
class Age:
    """A piece of the bar, in thousandths of its width."""

    code: str
    name: Any
    amount_cents: int
    start: int
    width: int


@dataclass(frozen=True)
class Row:
    line: OwedLine
    state: str
    state_name: Any
    days_late: int
    is_chosen: bool


@dataclass(frozen=True)
class Shown:
    """A customer's account in one currency, as its page shows it."""

    account: OwedInCurrency
    overdue_cents: int
    upcoming_cents: int
    ages: tuple[Age, ...]
    rows: tuple[Row, ...]
    page: int
    page_count: int


@portal_page()
def owed(request: Any, visit: Visit) -> HttpResponseBase:
    """The page a link opens: all that is open, and a form to choose what to pay."""
    accounts = owed_by(company=visit.company, customer_id=visit.customer.pk)
    number = _page_number(request)
    shown = [_shown(account, visit.on, number) for account in accounts]
    return render(visit, "portal/owed.html", {"shown": shown, "room": "owed"})


@portal_page()
def paid(request: Any, visit: Visit) -> HttpResponseBase:  # noqa: ARG001
    rows = paid_by(company=visit.company, customer_id=visit.customer.pk, on=visit.on)
    return render(visit, "portal/paid.html", {"rows": rows, "room": "paid"})


def _page_number(request: Any) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1


def _shown(account: OwedInCurrency, on: date, number: int) -> Shown:
    page_count = max(1, -(-len(account.lines) // PAGE_SIZE))
    number = min(max(1, number), page_count)
    lines = account.lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Shown(
        account=account,
        overdue_cents=account.overdue_cents(on),
        upcoming_cents=account.upcoming_cents(on),
        ages=tuple(_ages(account, on)),
        rows=tuple(_row(line, on) for line in lines),
        page=number,
        page_count=page_count,
    )


def _row(line: OwedLine, on: date) -> Row:
    state = line.state(on)
    return Row(line, state, STATE_NAMES[state], line.days_late(on), state in CHOSEN_STATES)


def _ages(account: OwedInCurrency, on: date) -> list[Age]:
    """Pieces side by side; none that is owed is too narrow to be seen."""
    found, start = [], 0
    ageing = [age for age in account.ageing(on) if age.amount_cents]
    total = sum(age.amount_cents for age in ageing)
    for rank, age in enumerate(ageing, start=1):
        width = max(12, 1000 * age.amount_cents // total) if rank < len(ageing) else max(12, 1000 - start)
        found.append(Age(age.code, AGE_NAMES[age.code], age.amount_cents, start, width))
        start += width
    return found
