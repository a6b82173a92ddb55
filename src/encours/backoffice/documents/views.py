"""Factures: the list of documents, one document with all that concerns it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from encours.backoffice.cases.names import NAMES as CASE_NAMES
from encours.backoffice.clock import today
from encours.backoffice.court.papers import papers_panel
from encours.backoffice.documents.forms import BUCKET_NAMES, STATE_NAMES, TYPE_NAMES, FilterForm
from encours.backoffice.downloads import download
from encours.backoffice.exports import cents_cell, date_cell, stream_csv, text_cell
from encours.backoffice.journal.wording import ACTION_NAMES
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.permissions import Role, needs
from encours.queries.cases import cases_of
from encours.queries.customers import customer_name
from encours.queries.documents import document_detail, documents_page, export_documents
from encours.queries.files import file_of_batch
from encours.queries.orders import order_of_document
from encours.queries.policy_choices import applied_to_document, policy_choices
from encours.queries.transfer_references import asked_reference

NAMES = {"type_names": TYPE_NAMES, "state_names": STATE_NAMES, "bucket_names": BUCKET_NAMES}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    form = FilterForm(request.GET)
    wanted = form.wanted(sort=request.GET.get("sort", ""))
    page = documents_page(
        company=request.company, wanted=wanted, on=today(request.company), number=page_number(request), size=PAGE_SIZE
    )  # fmt: skip
    customer = (
        customer_name(company=request.company, customer_id=wanted.customer_id) if wanted.customer_id else ""
    )
    return render_list(
        request,
        "documents/list.html",
        "documents/results.html",
        {
            "form": form,
            "page": page,
            "sort": wanted.order,
            "customer_name": customer,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "is_folded_open": any(request.GET.get(name) for name in ("since", "until", "min", "max")),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def export(request: Any) -> HttpResponseBase:
    company, on = request.company, today(request.company)
    wanted = FilterForm(request.GET).wanted(sort="")
    header = [
        _("Number"), _("Type"), _("Customer"), _("Issued"), _("Due"), _("Currency"), _("Total"), _("Open"), _("Days late"),
    ]  # fmt: skip
    return stream_csv(
        name="factures",
        company_id=company.pk,
        header=header,
        blocks=lambda last: export_documents(
            company=company, wanted=wanted, on=on, after_id=last.id if last else 0
        ),
        cells=lambda row: (
            text_cell(row.number),
            str(TYPE_NAMES[row.type]),
            text_cell(row.customer_name),
            date_cell(row.issue_date),
            date_cell(row.due_date),
            row.currency,
            cents_cell(row.signed_cents, row.currency),
            cents_cell(row.open_cents, row.currency),
            str(row.days_late),
        ),
    )


@needs(Role.VIEWER)
def show(request: Any, document_id: int) -> HttpResponse:
    detail = document_detail(company=request.company, document_id=document_id, on=today(request.company))
    if detail is None:
        raise Http404
    return render(
        request,
        "documents/show.html",
        {
            "detail": detail,
            "action_names": ACTION_NAMES,
            "order": order_of_document(
                company=request.company, document_id=document_id, on=today(request.company)
            ),
            **papers_panel(request.company, detail.row.customer_id, document_id=document_id),
            "cases": cases_of(company=request.company, document_id=document_id, on=today(request.company)),
            **CASE_NAMES,
            "applied": applied_to_document(company=request.company, document_id=document_id),
            "choices": policy_choices(company=request.company),
            "payment_reference": asked_reference(company=request.company, document_id=document_id),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def source_file(request: Any, document_id: int) -> HttpResponseBase:
    """The file the document came from, as it arrived."""
    detail = document_detail(company=request.company, document_id=document_id, on=today(request.company))
    stored = file_of_batch(company=request.company, batch_id=detail.document.batch_id) if detail else None
    return download(stored)
