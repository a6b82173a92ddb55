"""Versements: what payment services send to the bank, of which payments, less what, and the bank line it came as."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.names import names
from encours.backoffice.permissions import Role, needs
from encours.queries.payouts import payout_detail, payouts_page


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    page = payouts_page(company=request.company, number=page_number(request), size=PAGE_SIZE)
    return render_list(
        request, "payments/payouts.html", "payments/payout_results.html", {"page": page, **names()}
    )


@needs(Role.VIEWER)
def show(request: Any, payout_id: int) -> HttpResponse:
    detail = payout_detail(company=request.company, payout_id=payout_id)
    if detail is None:
        raise Http404
    return render(request, "payments/payout.html", {"detail": detail, "row": detail.row, **names()})
