"""What a visitor does beyond paying, once it has shown a code: promise a date, contest an invoice."""

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404
from django.http.response import HttpResponseBase

from encours.actions.dispute_by_portal import (
    MAX_BYTES,
    MAX_FILES,
    TOO_LARGE,
    SentFile,
    UnableToDisputeByPortal,
    dispute_by_portal,
)
from encours.actions.promise_by_portal import UnableToPromiseByPortal, promise_by_portal
from encours.portal.asking import chosen_account, form_page
from encours.portal.forms import DisputeForm, PromiseForm
from encours.portal.pay import GoOn
from encours.portal.proving import needs_code
from encours.portal.templatetags.portal import said
from encours.portal.visit import Visit, portal_page
from encours.queries.portal import owed_by
from encours.queries.portal_acts import last_promise_date

# what a form weighs beside its files
_FORM_BYTES = 1 << 20


@portal_page("GET", "POST", is_costly=True)
@needs_code
def promise(request: Any, visit: Visit) -> HttpResponseBase:
    """Nothing is reminded before the day that is promised."""
    if not visit.settings.allows_promise:
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    accounts = owed_by(company=visit.company, customer_id=visit.customer.pk)
    account = chosen_account(given, accounts)
    last = last_promise_date(company=visit.company, customer_id=visit.customer.pk, on=visit.on)
    form = PromiseForm(
        request.POST if request.method == "POST" else None, account=account, on=visit.on, last=last
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            promise_by_portal(
                company=visit.company, customer_id=visit.customer.pk, document_ids=values["documents"],
                promised_date=values["promised_date"], amount_cents=values["amount_cents"], on=visit.on,
                actor=visit.actor,
            )  # fmt: skip
        except UnableToPromiseByPortal as error:
            form.add_error(None, said(error.sentence))
        else:
            return GoOn(visit.url("asks"))
    return form_page(visit, "portal/promise.html", form, account=account, accounts=accounts, last=last)


@portal_page("GET", "POST", is_costly=True)
@needs_code
def dispute(request: Any, visit: Visit) -> HttpResponseBase:
    """Nobody asks for what is contested until a person has answered."""
    if not visit.settings.allows_dispute:
        raise Http404
    accounts = owed_by(company=visit.company, customer_id=visit.customer.pk)
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + _FORM_BYTES:
        # not read at all
        form = DisputeForm(None, accounts=accounts)
        return form_page(visit, "portal/dispute.html", form, refused=TOO_LARGE(limit=MAX_BYTES >> 20))
    if request.method == "POST":
        request.upload_handlers = _handlers(request)
    form = DisputeForm(request.POST if request.method == "POST" else None, accounts=accounts)
    if form.is_bound and form.is_valid():
        try:
            dispute_by_portal(
                company=visit.company, customer_id=visit.customer.pk, files=_files(request), on=visit.on,
                actor=visit.actor, **form.cleaned_data,
            )  # fmt: skip
        except UnableToDisputeByPortal as error:
            form.add_error(None, said(error.sentence))
        else:
            return GoOn(visit.url("asks"))
    return form_page(visit, "portal/dispute.html", form, most=MAX_FILES, limit=MAX_BYTES >> 20)


def _handlers(request: Any) -> list[Any]:
    """Files land on the disk while they come: the back office's handler takes none of a visitor."""
    return [TemporaryFileUploadHandler(request)]


def _files(request: Any) -> list[SentFile]:
    """One more than is taken says that there are too many."""
    sent = request.FILES.getlist("files")[: MAX_FILES + 1]
    return [SentFile(each.name or "", each.read()) for each in sent if each.size]
