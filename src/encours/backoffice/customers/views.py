"""Clients: the list, a customer's page, contacts, the statement of account."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from encours.actions.update_contact import UnableToUpdateContact, remove_contact, update_contact
from encours.backoffice.actor import actor_of
from encours.backoffice.cases.names import NAMES as CASE_NAMES
from encours.backoffice.clock import today
from encours.backoffice.court.papers import papers_panel
from encours.backoffice.customers.forms import STATE_NAMES, ContactForm, FilterForm, PeriodForm
from encours.backoffice.documents.forms import TYPE_NAMES
from encours.backoffice.dunning_names import HOLD_NAMES, MESSAGE_STATE_NAMES
from encours.backoffice.exports import cents_cell, date_cell, stream_csv, text_cell
from encours.backoffice.journal.wording import ACTION_NAMES
from encours.backoffice.language import language_of_reader
from encours.backoffice.listing import PAGE_SIZE, page_number, render_list
from encours.backoffice.payments.names import names as payment_names
from encours.backoffice.permissions import Role, needs
from encours.backoffice.replies.names import reply_names
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.queries.cases import cases_of
from encours.queries.charges import charges_of_customer
from encours.queries.customers import (
    contact_of,
    customer_detail,
    customer_of,
    customers_page,
    export_customers,
    segments,
)
from encours.queries.interest import interest_sums
from encours.queries.ledger import statement_of_account
from encours.queries.mandates import mandates_of_customer
from encours.queries.orders import orders_of_customer
from encours.queries.policy_choices import applied_to_customer, policy_choices
from encours.queries.replies import replies_of_customer
from encours.queries.scores import scores_of_customer
from encours.queries.terms import terms_of
from encours.queries.unbilled import exposures

REPLIES_SHOWN = 5
PAYMENTS_SHOWN = 5
STATEMENT_DAYS = 365
STATEMENT_LINES = 100  # on one page


def _filter(request: Any) -> FilterForm:
    return FilterForm(request.GET, segments=segments(company=request.company))


@needs(Role.VIEWER)
def list_(request: Any) -> HttpResponse:
    form = _filter(request)
    wanted = form.wanted(sort=request.GET.get("sort", ""))
    page = customers_page(
        company=request.company, wanted=wanted, on=today(request.company), number=page_number(request), size=PAGE_SIZE
    )  # fmt: skip
    return render_list(
        request,
        "customers/list.html",
        "customers/results.html",
        {
            "form": form,
            "page": page,
            "sort": wanted.order,
            "state_names": STATE_NAMES,
            "is_filtered": any(request.GET.get(name) for name in form.fields),
        },
    )


@needs(Role.VIEWER)
def export(request: Any) -> HttpResponseBase:
    company, on = request.company, today(request.company)
    wanted = _filter(request).wanted(sort="")
    header = [
        _("Code"), _("Customer"), _("City"), _("Segment"), _("E-mail address"), _("Owed"), _("Credit notes"),
        _("Unallocated"), _("Balance"), _("Overdue"), _("Oldest due date"),
    ]  # fmt: skip
    return stream_csv(
        name="clients",
        company_id=company.pk,
        header=header,
        blocks=lambda last: export_customers(
            company=company, wanted=wanted, on=on, after_id=last.id if last else 0
        ),
        cells=lambda row: (
            text_cell(row.code),
            text_cell(row.name),
            text_cell(row.city),
            text_cell(row.segment),
            text_cell(row.email),
            cents_cell(row.owed_cents, company.currency),
            cents_cell(row.credit_cents, company.currency),
            cents_cell(row.unallocated_cents, company.currency),
            cents_cell(row.balance_cents, company.currency),
            cents_cell(row.overdue_cents, company.currency),
            date_cell(row.oldest_due_date),
        ),
    )


@needs(Role.VIEWER)
def show(request: Any, customer_id: int) -> HttpResponse:
    on = today(request.company)
    orders = orders_of_customer(company=request.company, customer_id=customer_id, on=on)
    detail = customer_detail(company=request.company, customer_id=customer_id, on=on)
    if detail is None:
        raise Http404
    return render(
        request,
        "customers/show.html",
        {
            "detail": detail,
            "customer": detail.customer,
            "on": on,
            "preferred_channel": CHANNEL_NAMES[detail.customer.preferred_channel]()
            if detail.customer.preferred_channel
            else None,
            "orders": orders,
            "exposures": exposures(
                company=request.company,
                customer_id=customer_id,
                balances={each.currency: each.balance_cents for each in detail.accounts},
                on=on,
            )
            if orders
            else [],
            "terms": terms_of(customer=detail.customer, company=request.company),
            "type_names": TYPE_NAMES,
            "action_names": ACTION_NAMES,
            "message_state_names": MESSAGE_STATE_NAMES,
            "hold_names": HOLD_NAMES,
            **papers_panel(
                request.company,
                customer_id,
                documents=[(each.id, each.number) for each in detail.open_documents],
            ),
            "cases": cases_of(company=request.company, customer_id=customer_id, on=on),
            **CASE_NAMES,
            "scores": scores_of_customer(company=request.company, customer_id=customer_id, on=on),
            "interest": interest_sums(company=request.company, customer_id=customer_id),
            "applied": applied_to_customer(company=request.company, customer_id=customer_id),
            "choices": policy_choices(company=request.company),
            "replies": replies_of_customer(
                company=request.company, customer_id=customer_id, limit=REPLIES_SHOWN
            ),
            **reply_names(),
            "payments": charges_of_customer(
                company=request.company, customer_id=customer_id, limit=PAYMENTS_SHOWN
            ),
            "mandates": mandates_of_customer(company=request.company, customer_id=customer_id),
            **payment_names(),
        },
    )


@needs(Role.VIEWER)
def statement(request: Any, customer_id: int) -> HttpResponse:
    """The customer's account over a period, to read or print."""
    on = today(request.company)
    customer = customer_of(company=request.company, customer_id=customer_id)
    if customer is None:
        raise Http404
    form = PeriodForm(request.GET)
    form.is_valid()
    until = form.cleaned_data.get("until") or on
    since = form.cleaned_data.get("since") or until - timedelta(days=STATEMENT_DAYS)
    is_whole = "all" in request.GET  # for the printer
    page = statement_of_account(
        company=request.company, customer_id=customer.pk, from_date=since, until_date=until,
        number=1 if is_whole else page_number(request), size=None if is_whole else STATEMENT_LINES,
    )  # fmt: skip
    form = PeriodForm(initial={"since": since, "until": until})
    return render(
        request,
        "customers/statement.html",
        {"customer": customer, "page": page, "since": since, "until": until, "form": form},
    )


@needs(Role.COLLECTOR)
def contact(request: Any, customer_id: int, contact_id: int | None = None) -> HttpResponse:
    """Adds a contact, or corrects one."""
    customer = customer_of(company=request.company, customer_id=customer_id)
    known = (
        contact_of(company=request.company, customer_id=customer_id, contact_id=contact_id)
        if contact_id
        else None
    )
    if customer is None or (contact_id and known is None):
        raise Http404
    initial = {name: getattr(known, name) for name in ContactForm.base_fields} if known else {}
    form = ContactForm(request.POST) if request.method == "POST" else ContactForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_contact(
                company=request.company, customer_id=customer_id, contact_id=contact_id, actor=actor_of(request),
                **form.cleaned_data,
            )  # fmt: skip
        except UnableToUpdateContact as error:
            form.add_error(None, error.sentence.say(language_of_reader()))
        else:
            messages.success(request, _("The contact is saved."))
            return HttpResponseRedirect(reverse("customers:show", args=[customer_id]))
    return render(request, "customers/contact.html", {"customer": customer, "contact": known, "form": form})


@needs(Role.COLLECTOR)
@require_POST
def remove(request: Any, customer_id: int, contact_id: int) -> HttpResponse:
    if contact_of(company=request.company, customer_id=customer_id, contact_id=contact_id) is None:
        raise Http404
    remove_contact(
        company=request.company, customer_id=customer_id, contact_id=contact_id, actor=actor_of(request)
    )
    messages.success(request, _("The contact is removed."))
    return HttpResponseRedirect(reverse("customers:show", args=[customer_id]))
