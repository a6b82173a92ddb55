"""Paying what was chosen: which lines, how much of them, by which means."""

from typing import Any

from django.http.response import HttpResponseBase

from encours.portal.visit import Visit, portal_page, render


@portal_page()
def pay(request: Any, visit: Visit) -> HttpResponseBase:
    return render(visit, "portal/pay.html")
