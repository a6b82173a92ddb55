"""Encaissements: every bank line with what explains it, made for going through many of them fast.

A button of a line answers htmx with that line alone, as it stands now; without JavaScript it leads back to the
list it was pressed on. What was said no to, is said in words, in the line or above the page.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from encours.actions.confirm_match import NO_PROPOSAL, UnableToMatch, confirm_match
from encours.actions.confirm_matches import confirm_matches
from encours.actions.defer_job import defer
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reject_match import reject_match
from encours.actions.set_aside import set_aside, take_back
from encours.actions.undo_match import undo_match
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import today
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list, row_id, row_ids
from encours.backoffice.permissions import Role, needs
from encours.backoffice.receipts.forms import (
    MATCH_NAMES,
    STATE_NAMES,
    TABS,
    USUAL_REASONS,
    Chosen,
    FilterForm,
    chosen,
)
from encours.backoffice.templatetags.encours import sentence
from encours.queries.bank_lines import (
    LineDetail,
    bank_accounts,
    candidate_documents,
    line_detail,
    lines_page,
)
from encours.queries.customers import customer_name
from encours.queries.receipts import candidate_customers, cash_position, chosen_documents, waiting_counts

# documents of one line
CHOSEN_AT_MOST = 100
NAMES = {"state_names": STATE_NAMES, "match_names": MATCH_NAMES, "usual_reasons": USUAL_REASONS}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    tab = request.GET.get("state", "proposed")
    if tab not in TABS:
        tab = "proposed"
    form = FilterForm(request.GET, accounts=bank_accounts(company=company))
    page = lines_page(company=company, wanted=form.wanted(tab), number=page_number(request), size=PAGE_SIZE)
    return render_list(
        request,
        "receipts/list.html",
        "receipts/results.html",
        {
            "tab": tab,
            "tabs": TABS,
            "counts": waiting_counts(company=company),
            "form": form,
            "page": page,
            "position": cash_position(company=company, on=today(company)),
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "is_folded_open": any(request.GET.get(name) for name in ("since", "until", "min", "max")),
            "back": request.get_full_path(),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def show(request: Any, line_id: int) -> HttpResponse:
    """One line with all its bank said, its history, and the documents to choose from while it waits."""
    detail = _line(request, line_id)
    return _render_line_page(request, detail, given=request.GET)


@needs(Role.ACCOUNTANT)
@require_POST
def match(request: Any, line_id: int) -> HttpResponse:
    """What a person chose: documents of one customer with amounts, the rest on the customer's account."""
    detail = _line(request, line_id)
    choice = _chosen(request, detail, request.POST)
    customer_id = _customer_of(request, choice)
    if choice.has_bad_amounts:
        told = _("An amount cannot be read: write it as 1234.56, above zero.")
    elif len(choice.customer_ids) > 1:
        told = _("These documents are of several customers: a line is one customer's receipt.")
    elif customer_id is None:
        told = _("Choose the documents it pays, or a customer to put it on account.")
    else:
        try:
            match_by_hand(
                company=request.company, transaction_id=line_id, customer_id=customer_id,
                portions=choice.portions, actor=actor_of(request),
            )  # fmt: skip
        except UnableToMatch as error:
            told = sentence(error.sentence)
        else:
            messages.success(request, _("The line is matched."))
            return HttpResponseRedirect(reverse("receipts:show", args=[line_id]))
    messages.error(request, told)
    return _render_line_page(request, _line(request, line_id), given=request.POST, status=409)


@needs(Role.ACCOUNTANT)
@require_POST
def confirm(request: Any, line_id: int, match_id: int) -> HttpResponse:
    def act(detail: LineDetail) -> str:
        if _state_of(detail, match_id) == "applied":
            return _("Somebody has accepted this proposal already: it is settled once.")
        confirm_match(company=request.company, match_id=match_id, actor=actor_of(request))
        return _("Matched.")

    return _act(request, line_id, act, match_id=match_id)


@needs(Role.ACCOUNTANT)
@require_POST
def reject(request: Any, line_id: int, match_id: int) -> HttpResponse:
    def act(detail: LineDetail) -> str:
        if _state_of(detail, match_id) == "rejected":
            return _("Somebody has rejected this proposal already.")
        reject_match(company=request.company, match_id=match_id, actor=actor_of(request))
        return _("Rejected: this proposal is not made again.")

    return _act(request, line_id, act, match_id=match_id)


@needs(Role.ACCOUNTANT)
@require_POST
def undo(request: Any, line_id: int, match_id: int) -> HttpResponse:
    def act(_detail: LineDetail) -> str:
        undone = undo_match(
            company=request.company, match_id=match_id, on=today(request.company), actor=actor_of(request)
        )
        if not undone:
            return _("Somebody has undone this match already.")
        return _("Undone: what it had settled is open again.")

    return _act(request, line_id, act, match_id=match_id)


@needs(Role.ACCOUNTANT)
@require_POST
def set_line_aside(request: Any, line_id: int) -> HttpResponse:
    def act(detail: LineDetail) -> str:
        if detail.row.state == "set_aside":
            return _("Somebody has set this line aside already.")
        reason = request.POST.get("reason", "")[:200]
        set_aside(company=request.company, transaction_id=line_id, reason=reason, actor=actor_of(request))
        return _("Set aside.")

    return _act(request, line_id, act)


@needs(Role.ACCOUNTANT)
@require_POST
def take_line_back(request: Any, line_id: int) -> HttpResponse:
    def act(_detail: LineDetail) -> str:
        take_back(company=request.company, transaction_id=line_id, actor=actor_of(request))
        return _("The line waits again.")

    return _act(request, line_id, act)


@needs(Role.ACCOUNTANT)
@require_POST
def confirm_chosen(request: Any) -> HttpResponse:
    """The ticked proposals of a page."""
    ids = row_ids(request.POST.getlist("match")[:PAGE_SIZE])
    if not ids:
        messages.warning(request, _("Choose the proposals to accept first."))
        return HttpResponseRedirect(_back(request))
    confirmed = confirm_matches(company=request.company, match_ids=ids, actor=actor_of(request))
    if confirmed.count:
        told = ngettext("%(count)s line is matched.", "%(count)s lines are matched.", confirmed.count)
        messages.success(request, told % {"count": confirmed.count})
    for reason in dict.fromkeys(sentence(refused) for refused in confirmed.refused):
        messages.warning(request, _("Not matched: %(reason)s") % {"reason": reason})
    return HttpResponseRedirect(_back(request))


@needs(Role.ACCOUNTANT)
@require_POST
def reconcile(request: Any) -> HttpResponse:
    """Asking twice is asking once, so the button may be pressed at any time."""
    if defer("reconcile", company_id=request.company.pk):
        messages.success(request, _("The lines are being matched. What is found appears here in a moment."))
    else:
        messages.info(request, _("Matching has been asked for already and begins in a moment."))
    return HttpResponseRedirect(_back(request))


def _act(
    request: Any, line_id: int, act: Callable[[LineDetail], str], match_id: int | None = None
) -> HttpResponse:
    """Does it and shows the line as it stands then, with what happened in words."""
    detail = _line(request, line_id)
    is_refused = False
    try:
        if match_id is not None and not _state_of(detail, match_id):
            raise UnableToMatch(NO_PROPOSAL())
        told = act(detail)
    except UnableToMatch as error:
        told, is_refused = sentence(error.sentence), True
    if not request.htmx:
        (messages.error if is_refused else messages.success)(request, told)
        return HttpResponseRedirect(f"{_back(request)}#line-{line_id}")
    return render(
        request,
        "receipts/acted.html",
        {
            "row": _line(request, line_id).row,
            "told": told,
            "is_refused": is_refused,
            "back": _back(request),
            "counts": waiting_counts(company=request.company),
            "tabs": TABS,
            **NAMES,
        },
    )


def _render_line_page(request: Any, detail: LineDetail, *, given: Any, status: int = 200) -> HttpResponse:
    row = detail.row
    text = given.get("q", "").strip()[:100]
    choice = _chosen(request, detail, given) if row.may_be_matched else None
    customer_id = _customer_of(request, choice) if choice else None
    known = choice.document_ids if choice else set()
    candidates, customers = [], []
    if row.may_be_matched:
        found = candidate_documents(
            company=request.company, line_id=row.id, text=text, customer_id=customer_id
        )
        candidates = [document for document in found if document.id not in known]
        customers = candidate_customers(company=request.company, text=text) if customer_id is None else []
    return render(
        request,
        "receipts/show.html",
        {
            "detail": detail,
            "row": row,
            "q": text,
            "choice": choice,
            "candidates": candidates,
            "customers": customers,
            "customer_id": customer_id,
            "customer_name": customer_name(company=request.company, customer_id=customer_id)
            if customer_id
            else "",
            "back": reverse("receipts:show", args=[row.id]),
            **NAMES,
        },
        status=status,
    )


def _chosen(request: Any, detail: LineDetail, given: Any) -> Chosen:
    """The ticked documents; before anybody ticked, those of the proposal that waits."""
    row, ids = detail.row, row_ids(given.getlist("document")[:CHOSEN_AT_MOST])
    amounts = {name: value for name, value in given.items() if name.startswith("amount_")}
    if not given and row.explanation and row.explanation.state == "proposed":
        ids = [settled.document_id for settled in row.explanation.documents]
    documents = (
        chosen_documents(company=request.company, document_ids=ids, currency=row.currency) if ids else []
    )
    return chosen(given=amounts, documents=documents, amount_cents=row.amount_cents, currency=row.currency)


def _customer_of(request: Any, choice: Chosen) -> int | None:
    """The one customer of the chosen documents, or the customer picked for the line's whole amount."""
    if len(choice.customer_ids) == 1:
        return next(iter(choice.customer_ids))
    text = (request.POST if request.method == "POST" else request.GET).get("customer", "")
    picked = None if choice.choices else row_id(text)
    return picked if picked and customer_name(company=request.company, customer_id=picked) else None


def _line(request: Any, line_id: int) -> LineDetail:
    detail = line_detail(company=request.company, line_id=line_id)
    if detail is None:
        raise Http404
    return detail


def _state_of(detail: LineDetail, match_id: int) -> str:
    """State of one of the line's own matches, empty when it has none of this id."""
    return next((each.state for each in detail.history if each.match_id == match_id), "")


def _back(request: Any) -> str:
    """The list as it was filtered, or the line's page; never an address outside."""
    address = request.POST.get("back", "")
    if address.startswith(reverse("receipts:list")) and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    ):
        return address
    return reverse("receipts:list")
