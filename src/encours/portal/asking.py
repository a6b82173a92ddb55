"""What a visitor says beside paying: that it has paid already, or a question."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase

from encours.actions.take_portal_message import (
    UnableToTakePortalMessage,
    take_claim_of_payment,
    take_question,
)
from encours.core.payments.owed import OwedInCurrency
from encours.core.wording import Sentence
from encours.portal.forms import PaidForm, QuestionForm
from encours.portal.pay import GoOn
from encours.portal.templatetags.portal import said
from encours.portal.visit import Visit, portal_page, render
from encours.queries.plan_requests import own_plans, requests_of_customer
from encours.queries.portal import owed_by
from encours.queries.portal_acts import own_disputes, own_promises
from encours.queries.portal_messages import portal_message, portal_messages


@portal_page()
def asks(request: Any, visit: Visit) -> HttpResponseBase:  # noqa: ARG001
    """All that can be asked for, and what was."""
    own = {"company": visit.company, "customer_id": visit.customer.pk}
    shown = {
        "written": portal_messages(**own),
        "promises": own_promises(**own),
        "disputes": own_disputes(**own),
        "plans": [each for each in own_plans(**own, on=visit.on) if each.state in ("agreed", "broken")],
        "plan_requests": [
            each for each in requests_of_customer(**own) if each.state in ("waiting", "offered")
        ],
    }
    return render(visit, "portal/asks.html", {**shown, "room": "asks"})


@portal_page("GET", "POST", is_costly=True)
def question(request: Any, visit: Visit) -> HttpResponseBase:
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            reply = take_question(
                company=visit.company, link_id=visit.link.link_id, on=visit.on, now=visit.now,
                actor=visit.actor, **form.cleaned_data,
            )  # fmt: skip
        except UnableToTakePortalMessage as error:
            form.add_error(error.field or None, said(error.sentence))
        else:
            return GoOn(visit.url("message", reply_id=reply.pk))
    return form_page(visit, "portal/question.html", form)


@portal_page("GET", "POST", is_costly=True)
def already_paid(request: Any, visit: Visit) -> HttpResponseBase:
    """Money is looked for at once; what is found is told on the message's page."""
    given = request.POST if request.method == "POST" else request.GET
    accounts = owed_by(company=visit.company, customer_id=visit.customer.pk)
    account = chosen_account(given, accounts)
    currency = account.currency if account else visit.company.currency
    form = PaidForm(
        request.POST if request.method == "POST" else None,
        account=account,
        currency=currency,
        initial={"documents": given.getlist("d")},
    )
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            reply = take_claim_of_payment(
                company=visit.company, link_id=visit.link.link_id, currency=currency,
                document_ids=values.pop("documents"), on=visit.on, now=visit.now, actor=visit.actor, **values,
            )  # fmt: skip
        except UnableToTakePortalMessage as error:
            form.add_error(error.field or None, said(error.sentence))
        else:
            return GoOn(visit.url("message", reply_id=reply.pk))
    return form_page(
        visit,
        "portal/already_paid.html",
        form,
        accounts=accounts,
        currency=currency,
    )


@portal_page()
def message(request: Any, visit: Visit, reply_id: int) -> HttpResponseBase:  # noqa: ARG001
    """What was said, and what happens next."""
    found = portal_message(
        company=visit.company, customer_id=visit.customer.pk, reply_id=reply_id, on=visit.on
    )
    if found is None:
        raise Http404
    return render(visit, "portal/message.html", {"message": found, "room": "asks"})


def chosen_account(given: Any, accounts: tuple[OwedInCurrency, ...]) -> OwedInCurrency | None:
    """That of the currency asked for, else the one with most of it."""
    first = accounts[0] if accounts else None
    return next((each for each in accounts if each.currency == given.get("devise")), first)


def form_page(
    visit: Visit, template: str, form: Any, *, refused: Sentence | None = None, **context: Any
) -> HttpResponseBase:
    """A form to fill in, or what is wrong with it."""
    shown = {"form": form, "refused": refused, "room": "asks", **context}
    return render(visit, template, shown, status=422 if refused or form.errors else 200)
