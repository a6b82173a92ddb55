"""Encaissements: every bank line with what explains it, made for going through many of them fast.

A button of a line answers htmx with that line alone, as it stands now; without JavaScript it leads back to the
list it was pressed on. What was said no to, is said in words, in the line or above the page.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from encours.actions.accept_proposals import accept_proposals
from encours.actions.confirm_match import confirm_match
from encours.actions.confirm_matches import confirm_matches
from encours.actions.defer_job import defer
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reject_match import reject_match
from encours.actions.retract_answer import retract_answer
from encours.actions.set_aside import set_aside, take_back
from encours.actions.unable_to_match import NO_PROPOSAL, UnableToMatch
from encours.actions.undo_match import undo_match
from encours.backoffice.actor import actor_of
from encours.backoffice.clock import now, today
from encours.backoffice.listing import page_number, render_list, row_id, row_ids
from encours.backoffice.permissions import Role, needs
from encours.backoffice.receipts.forms import (
    MATCH_NAMES,
    SCORES,
    STATE_NAMES,
    TABS,
    USUAL_REASONS,
    Chosen,
    FilterForm,
    ScoreForm,
    chosen,
)
from encours.backoffice.templatetags.encours import sentence
from encours.queries.bank_lines import (
    LineDetail,
    bank_accounts,
    candidate_documents,
    line_detail,
    lines_of_ids,
    lines_page,
)
from encours.queries.customers import customer_name
from encours.queries.proposals import acceptance_detail, least_sure, scores
from encours.queries.receipts import candidate_customers, chosen_documents, waiting_counts
from encours.queries.treasury import cash_accounts, cash_position, totals

# a line with its proposals is several rows of another list: half as many are drawn as fast
PAGE_LINES = 25
# documents of one line
CHOSEN_AT_MOST = 100
# accounts told one by one above the lines; of more, the totals
ACCOUNTS_SHOWN = 4
# lines a bulk acceptance left, told with their reasons
REFUSED_SHOWN = 50
NAMES = {"state_names": STATE_NAMES, "match_names": MATCH_NAMES, "usual_reasons": USUAL_REASONS}


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    company = request.company
    form = _filter(request, request.GET)
    position = cash_position(company=company, on=today(company))
    return render_list(
        request,
        "receipts/list.html",
        "receipts/results.html",
        {
            "tab": form.tab,
            "tabs": TABS,
            "counts": waiting_counts(company=company, wanted=form.wanted),
            "form": form,
            "page": lines_page(
                company=company,
                wanted=form.wanted,
                number=page_number(request),
                size=PAGE_LINES,
                order=form.order,
            ),
            "position": position if len(position) <= ACCOUNTS_SHOWN else [],
            "totals": totals(positions=position),
            "has_accounts": bool(position),
            "stale_count": sum(each.account.is_too_old for each in position),
            "is_folded_open": any(request.GET.get(name) for name in ("since", "until", "min", "max")),
            "back": request.get_full_path(),
            "query": request.GET.urlencode(),
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def cash(request: Any) -> HttpResponse:
    """All banks and accounts: what each holds, by its bank's last word, and what waits there."""
    company = request.company
    accounts = cash_accounts(company=company, on=today(company))
    return render(
        request,
        "receipts/cash.html",
        {
            "accounts": accounts,
            "totals": totals(positions=[each.position for each in accounts]),
            "stale_count": sum(each.position.account.is_too_old for each in accounts),
        },
    )


@needs(Role.VIEWER)
def show(request: Any, line_id: int) -> HttpResponse:
    """One line with all its bank said, its history, and the documents to choose from while it waits."""
    detail = _line(request, line_id)
    return _render_line_page(request, detail, given=request.GET)


@needs(Role.VIEWER)
def choose(request: Any, line_id: int) -> HttpResponse:
    """The documents to choose from, alone beneath the line in the list; without htmx on the line's page."""
    detail = _line(request, line_id)
    shown = _render_choice if request.htmx else _render_line_page
    return shown(request, detail, given=request.GET)


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
            if request.htmx:
                return _answer(request, line_id, _("The line is matched."), is_last=True)
            messages.success(request, _("The line is matched."))
            return HttpResponseRedirect(reverse("receipts:show", args=[line_id]))
    if request.htmx:
        response = _render_choice(request, _line(request, line_id), given=request.POST, told=told)
        return retarget(reswap(response, "innerHTML"), f"#line-{line_id} .bank-line-choose")
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
def retract(request: Any, line_id: int) -> HttpResponse:
    """Takes back the answer this person has just given: a slip is no correction."""

    def act(_detail: LineDetail) -> str:
        retract_answer(
            company=request.company,
            transaction_id=line_id,
            on=today(request.company),
            actor=actor_of(request),
        )
        return _("Taken back: the line stands as it did before.")

    return _act(request, line_id, act, is_answer=False)


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

    return _act(request, line_id, act, match_id=match_id, is_answer=False)


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

    return _act(request, line_id, act, is_answer=False)


@needs(Role.ACCOUNTANT)
@require_POST
def confirm_chosen(request: Any) -> HttpResponse:
    """The ticked proposals of a page."""
    ids = row_ids(request.POST.getlist("match")[:PAGE_LINES])
    if not ids:
        messages.warning(request, _("Choose the proposals to accept first."))
        return HttpResponseRedirect(_back(request))
    confirmed = confirm_matches(company=request.company, match_ids=ids, actor=actor_of(request))
    if confirmed.count:
        told = ngettext("%(count)s line is matched.", "%(count)s lines are matched.", confirmed.count)
        messages.success(request, told % {"count": confirmed.count})
    if confirmed.already_count:
        told = ngettext(
            "%(count)s line had been matched already.",
            "%(count)s lines had been matched already.",
            confirmed.already_count,
        )
        messages.info(request, told % {"count": confirmed.already_count})
    for reason in dict.fromkeys(sentence(refused.sentence) for refused in confirmed.refused):
        messages.warning(request, _("Not matched: %(reason)s") % {"reason": reason})
    return HttpResponseRedirect(_back(request))


@needs(Role.ACCOUNTANT)
def accept_by_score(request: Any) -> HttpResponse:
    """How many proposals of the filtered list lie at each score or above, and their acceptance, all of one score at once."""
    company = request.company
    form = _filter(request, request.GET, tab="proposed")
    if request.method == "POST":
        last_match_id = row_id(request.POST.get("last", ""))
        acceptance_id = accept_proposals(
            company=company, wanted=form.wanted, min_percent=ScoreForm(request.POST).percent,
            last_match_id=last_match_id or 0, actor=actor_of(request), now=now(),
        )  # fmt: skip
        return HttpResponseRedirect(reverse("receipts:acceptance", args=[acceptance_id]))
    score = ScoreForm(request.GET)
    found = scores(company=company, wanted=form.wanted)
    offered = [found.from_percent(percent) for percent in sorted({*SCORES, score.percent}, reverse=True)]
    query = request.GET.copy()
    query.pop("score", None)
    return render(
        request,
        "receipts/accept_by_score.html",
        {
            "form": form,
            "score": score,
            "chosen": found.from_percent(score.percent),
            # a score that adds nothing to the one above it is no choice
            "offered": [
                each
                for above, each in zip([None, *offered], offered, strict=False)
                if each.count
                and (above is None or above.count != each.count or each.percent == score.percent)
            ],
            "last_match_id": found.last_match_id,
            "least_sure": least_sure(company=company, wanted=form.wanted, min_percent=score.percent),
            "query": query.urlencode(),
            "hidden": [
                (name, value) for name, value in query.items() if name in form.fields or name == "state"
            ],
            **NAMES,
        },
    )


@needs(Role.VIEWER)
def acceptance(request: Any, acceptance_id: int) -> HttpResponse:
    """How far proposals accepted together have come, and which of them could not be."""
    detail = acceptance_detail(company=request.company, acceptance_id=acceptance_id)
    if detail is None:
        raise Http404
    reasons = {each["line_id"]: each["sentence"] for each in detail.refused[:REFUSED_SHOWN]}
    left = lines_of_ids(company=request.company, line_ids=list(reasons)) if detail.is_finished else []
    return render_list(
        request,
        "receipts/acceptance.html",
        "receipts/acceptance_outcome.html",
        {"detail": detail, "refused": [(row, reasons[row.id]) for row in left]},
    )


@needs(Role.ACCOUNTANT)
@require_POST
def reconcile(request: Any) -> HttpResponse:
    """Asking twice is asking once, so the button may be pressed at any time."""
    if defer("reconcile", company_id=request.company.pk):
        messages.success(request, _("The lines are being matched. What is found appears here in a moment."))
    else:
        messages.info(request, _("Matching has been asked for already and begins in a moment."))
    return HttpResponseRedirect(_back(request))


def _filter(request: Any, given: QueryDict, tab: str = "") -> FilterForm:
    """What a list is asked for; a tab that does not exist is the first."""
    tab = tab or given.get("state", "proposed")
    return FilterForm(
        given, accounts=bank_accounts(company=request.company), tab=tab if tab in TABS else "proposed"
    )


def _act(
    request: Any,
    line_id: int,
    act: Callable[[LineDetail], str],
    match_id: int | None = None,
    *,
    is_answer: bool = True,
) -> HttpResponse:
    """Does it and shows the line as it stands then, with what happened in words. After an answer one goes on."""
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
    return _answer(request, line_id, told, is_refused=is_refused, is_last=is_answer and not is_refused)


def _answer(
    request: Any, line_id: int, told: str, *, is_refused: bool = False, is_last: bool
) -> HttpResponse:
    """For htmx: the line alone, the numbers beside the tabs, and the words. `is_last` says that it can be taken back."""
    form = _filter(request, QueryDict(urlsplit(_back(request)).query))
    return render(
        request,
        "receipts/acted.html",
        {
            "row": _line(request, line_id).row,
            "told": told,
            "is_refused": is_refused,
            "is_last": is_last,
            "back": _back(request),
            "counts": waiting_counts(company=request.company, wanted=form.wanted),
            "tabs": TABS,
            **NAMES,
        },
    )


def _render_line_page(request: Any, detail: LineDetail, *, given: Any, status: int = 200) -> HttpResponse:
    return render(
        request,
        "receipts/show.html",
        {
            "detail": detail,
            "back": reverse("receipts:show", args=[detail.row.id]),
            **_choice(request, detail, given),
            **NAMES,
        },
        status=status,
    )


def _render_choice(request: Any, detail: LineDetail, *, given: Any, told: str = "") -> HttpResponse:
    return render(
        request,
        "receipts/choose.html",
        {
            "is_inline": True,
            "told": told,
            **_choice(request, detail, given),
        },
    )


def _choice(request: Any, detail: LineDetail, given: Any) -> dict[str, Any]:
    """The documents chosen for a line, and what else may be: what the form to choose from shows."""
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
    return {
        "row": row,
        "q": text,
        "choice": choice,
        "candidates": candidates,
        "customers": customers,
        "customer_id": customer_id,
        "customer_name": customer_name(company=request.company, customer_id=customer_id)
        if customer_id
        else "",
    }


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
    address = request.POST.get("back") or request.htmx.current_url_abs_path or ""
    if address.startswith(reverse("receipts:list")) and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    ):
        return address
    return reverse("receipts:list")
