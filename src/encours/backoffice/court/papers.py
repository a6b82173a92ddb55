"""Papers of customers and invoices: attached, downloaded, taken out."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.attach_paper import UnableToAttachPaper, attach_paper, remove_paper
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now
from encours.backoffice.court.forms import PaperForm
from encours.backoffice.downloads import download
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import row_id
from encours.backoffice.permissions import Role, needs
from encours.core.court_files.papers import KINDS, MAX_BYTES, PAPER_TOO_LARGE
from encours.queries.customers import customer_of
from encours.queries.papers import paper_file, papers_of


@needs(Role.COLLECTOR)
@require_POST
def attach(request: Any, customer_id: int) -> HttpResponse:
    """Keeps a paper; what is wrong with it is said on the page one comes back to."""
    if customer_of(company=request.company, customer_id=customer_id) is None:
        raise Http404
    language = language_of_reader()
    document_id = row_id(request.POST.get("document", ""))
    form = PaperForm(
        request.POST, request.FILES, language=language, documents=[(document_id, "")] if document_id else []
    )
    if getattr(request, "refused_uploads", []):
        messages.error(request, PAPER_TOO_LARGE(limit=MAX_BYTES >> 20).say(language))
    elif not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    else:
        file = form.cleaned_data["file"]
        try:
            attach_paper(
                company=request.company, customer_id=customer_id, document_id=document_id,
                kind=form.cleaned_data["kind"], name=file.name, content=file.read(MAX_BYTES + 1),
                title=form.cleaned_data["title"], paper_date=form.cleaned_data["paper_date"], actor=actor_of(request),
            )  # fmt: skip
        except UnableToAttachPaper as error:
            messages.error(request, f"{file.name}: {error.sentence.say(language)}")
        else:
            messages.success(request, _("%(name)s is attached.") % {"name": file.name})
    return HttpResponseRedirect(_back(request, customer_id, document_id))


@needs(Role.VIEWER)
def show(request: Any, paper_id: int) -> HttpResponseBase:
    """Always a download, under the name it came by."""
    found = paper_file(company=request.company, paper_id=paper_id)
    return download(found[0] if found else None, content_type=found[1] if found else "")


@needs(Role.COLLECTOR)
@require_POST
def remove(request: Any, paper_id: int) -> HttpResponse:
    customer_id, document_id = (
        row_id(request.POST.get("customer", "")),
        row_id(request.POST.get("document", "")),
    )
    if not remove_paper(company=request.company, paper_id=paper_id, now=now(), actor=actor_of(request)):
        raise Http404
    messages.success(request, _("The paper is taken out. Files that hold it keep it."))
    return HttpResponseRedirect(_back(request, customer_id, document_id))


def papers_panel(
    company: Any,
    customer_id: int,
    *,
    document_id: int | None = None,
    documents: Sequence[tuple[int, str]] = (),
) -> dict[str, Any]:
    """What `court/papers.html` shows on the page of a customer or of a document; `documents` may be chosen from there."""
    language = language_of_reader()
    return {
        "papers": papers_of(company=company, customer_id=customer_id, document_id=document_id),
        "paper_form": PaperForm(auto_id="paper_%s", language=language, documents=documents),
        "paper_names": {code: name().say(language) for code, name in KINDS.items()},
    }


def _back(request: Any, customer_id: int | None, document_id: int | None) -> str:
    """Where the person was: an invoice's page, the page a file is prepared on, or the customer's."""
    where = request.POST.get("from", "")
    if where == "document" and document_id:
        return reverse("documents:show", args=[document_id])
    if customer_id is None:
        return reverse("customers:list")
    return reverse("court:prepare" if where == "court" else "customers:show", args=[customer_id])
