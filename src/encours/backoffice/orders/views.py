"""Commandes: the list, and what is delivered and not invoiced."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from encours.backoffice.clock import today
from encours.backoffice.exports import cents_cell, date_cell, stream_csv, text_cell
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.orders.forms import FLAG_NAMES, KIND_NAMES, STATE_NAMES, FilterForm
from encours.backoffice.permissions import Role, needs
from encours.queries.customers import customer_name
from encours.queries.orders import orders_page, proposal_count
from encours.queries.paging import COUNT_LIMIT, Page
from encours.queries.unbilled import unbilled_rows, unbilled_sums

NAMES = {"flag_names": FLAG_NAMES, "kind_names": KIND_NAMES, "state_names": STATE_NAMES}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company, on = request.company, today(request.company)
    form = FilterForm(request.GET)
    wanted = form.wanted()
    page = orders_page(company=company, wanted=wanted, on=on, number=page_number(request), size=PAGE_SIZE)
    named = customer_name(company=company, customer_id=wanted.customer_id) if wanted.customer_id else ""
    return render_list(
        request,
        "orders/list.html",
        "orders/results.html",
        {
            "form": form,
            "page": page,
            "customer_name": named,
            "proposals": proposal_count(company=company),
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def unbilled(request: Any) -> HttpResponse:
    """Delivered and not invoiced, the oldest delivery first."""
    company, on = request.company, today(request.company)
    is_forgotten = request.GET.get("seulement") == "oubliees"
    number = page_number(request)
    rows = unbilled_rows(company=company, on=on, is_forgotten=is_forgotten, limit=COUNT_LIMIT + 1)
    start = (number - 1) * PAGE_SIZE
    page = Page(
        rows=rows[start : start + PAGE_SIZE], number=number, has_next=len(rows) > start + PAGE_SIZE,
        count=min(len(rows), COUNT_LIMIT), count_is_capped=len(rows) > COUNT_LIMIT,
    )  # fmt: skip
    return render_list(
        request,
        "orders/unbilled.html",
        "orders/unbilled_results.html",
        {
            "page": page,
            "sums": unbilled_sums(company=company, on=on),
            "is_forgotten": is_forgotten,
            "on": on,
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def export_unbilled(request: Any) -> HttpResponseBase:
    company, on = request.company, today(request.company)
    header = [
        _("Sales order"), _("Customer order"), _("Code"), _("Customer"), _("Currency"), _("Ordered"), _("Delivered so far"), _("Invoiced"),
        _("To invoice"), _("Oldest delivery"), _("Days"), _("Forgotten"),
    ]  # fmt: skip
    return stream_csv(
        name="encours-non-facture",
        company_id=company.pk,
        header=header,
        blocks=lambda last: [] if last else unbilled_rows(company=company, on=on),
        cells=lambda row: (
            text_cell(row.number),
            text_cell(row.purchase_order),
            text_cell(row.customer_code),
            text_cell(row.customer_name),
            row.currency,
            cents_cell(row.payable_cents, row.currency),
            cents_cell(row.delivered_cents, row.currency),
            cents_cell(row.invoiced_cents, row.currency),
            cents_cell(row.unbilled_cents, row.currency),
            date_cell(row.oldest_delivery),
            str(row.unbilled_days or 0),
            _("yes") if row.forgotten else _("no"),
        ),
    )
