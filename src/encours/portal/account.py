"""What a customer owes and what it has paid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from encours.core.money import format_cents
from encours.core.payments.owed import OwedInCurrency, OwedLine
from encours.core.wording import format_date
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
    """A line in words: a page has many, and each template tag costs more than a line of Python. `line` is for who adds
    links to it."""

    line: OwedLine
    id: str
    key: str
    cents: str
    number: str
    state: str
    pill: str
    note: str
    amount: str
    is_chosen: bool
    original_url: str


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
    shown = [_shown(account, visit, number) for account in accounts]
    return render(visit, "portal/owed.html", {"shown": shown, "room": "owed"})


@portal_page()
def paid(request: Any, visit: Visit) -> HttpResponseBase:  # noqa: ARG001
    rows = paid_by(company=visit.company, customer_id=visit.customer.pk, on=visit.on)
    return render(visit, "portal/paid.html", {"rows": rows, "room": "paid"})


def _page_number(request: Any) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else 1


def _shown(account: OwedInCurrency, visit: Visit, number: int) -> Shown:
    on = visit.on
    page_count = max(1, -(-len(account.lines) // PAGE_SIZE))
    number = min(max(1, number), page_count)
    lines = account.lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Shown(
        account=account,
        overdue_cents=account.overdue_cents(on),
        upcoming_cents=account.upcoming_cents(on),
        ages=tuple(_ages(account, on)),
        rows=tuple(_rows(lines, visit)),
        page=number,
        page_count=page_count,
    )


def _rows(lines: Sequence[OwedLine], visit: Visit) -> Iterator[Row]:
    """The sentences are looked up once for all of them."""
    language, on = visit.language, visit.on
    dated, part, on_its_way = (
        _("of %(issued)s, due %(due)s"),
        _("out of %(amount)s"),
        _("%(amount)s on its way"),
    )
    dated, part, on_its_way, deposit = str(dated), str(part), str(on_its_way), str(_("Deposit invoice"))
    names = {state: str(name) for state, name in STATE_NAMES.items()}
    for line in lines:
        state = line.state(on)
        notes = [deposit] * (line.type == "deposit")
        notes.append(
            dated
            % {"issued": format_date(line.issue_date, language), "due": format_date(line.due_date, language)}
        )
        if line.open_cents != line.amount_cents:
            notes.append(part % {"amount": format_cents(line.amount_cents, line.currency, language)})
        if line.pending_cents and line.payable_cents:
            notes.append(on_its_way % {"amount": format_cents(line.pending_cents, line.currency, language)})
        yield Row(
            line=line,
            id=f"d-{line.document_id}-{line.position}",
            key=line.key,
            cents=str(line.payable_cents),
            number=f"{line.number} ({line.position})" if line.position else line.number,
            state=state,
            pill=_pill(line, state, names, visit),
            note=" · ".join(notes),
            amount=format_cents(line.open_cents, line.currency, language),
            is_chosen=state in CHOSEN_STATES,
            original_url=visit.url("original", document_id=line.document_id) if line.has_original else "",
        )


def _pill(line: OwedLine, state: str, names: dict[str, str], visit: Visit) -> str:
    if state == "overdue":
        days = line.days_late(visit.on)
        return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}
    if state == "promised" and line.promised_date is not None:
        return _("promised for %(day)s") % {"day": format_date(line.promised_date, visit.language)}
    return names[state]


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
