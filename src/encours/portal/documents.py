"""What can be downloaded: invoices as they were issued, the statement of account."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase

from encours.actions.portal_statement import portal_statement
from encours.portal.visit import Visit, portal_page
from encours.queries.portal import original_of


@portal_page()
def original(request: Any, visit: Visit, document_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Always a download: a file must not run in our pages."""
    found = original_of(company=visit.company, customer_id=visit.customer.pk, document_id=document_id)
    if found is None or not found[0].path.is_file():
        raise Http404
    file, media_type = found
    return FileResponse(file.path.open("rb"), as_attachment=True, filename=file.name, content_type=media_type)


@portal_page(is_costly=True)
def statement(request: Any, visit: Visit, currency: str) -> HttpResponseBase:  # noqa: ARG001
    """Everything open today in one currency, as PDF."""
    made = portal_statement(
        company=visit.company,
        customer=visit.customer,
        contact=visit.link.contact,
        currency=currency,
        language=visit.language,
        on=visit.on,
    )
    if made is None:
        raise Http404
    return HttpResponse(
        made.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )
