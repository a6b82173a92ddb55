"""The visitor's own link, kept by its browser while it is away at a payment service: the address it comes back to does not
carry it."""

from typing import Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse

from encours.core.portal_tokens import RETURN_MARK
from encours.portal.visit import Visit

COOKIE_NAME = "encours_retour"
_GOOD_FOR = 24 * 3600


def return_path(*, company_id: int) -> str:
    """Where a service sends payers back to; `RETURN_MARK` takes the payment when it is asked for."""
    path = reverse("portal:returning", kwargs={"company_id": company_id, "reference": "R", "token": "T"})
    return path.replace("R/T/", f"{RETURN_MARK}/")


def with_link(response: Any, visit: Visit) -> HttpResponseBase:
    """For the way back alone, and unreadable by any script. Lax: the way back begins at the service's page."""
    response.set_cookie(
        COOKIE_NAME, visit.token, max_age=_GOOD_FOR, httponly=True, samesite="Lax", secure=settings.HTTPS,
        path=return_path(company_id=visit.company.pk).removesuffix(f"{RETURN_MARK}/"),
    )  # fmt: skip
    return response


def known_link(request: Any) -> str:
    """The token of the link this browser left by; "" when it is another browser."""
    return request.COOKIES.get(COOKIE_NAME, "")[:40]
