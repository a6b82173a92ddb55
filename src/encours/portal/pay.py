"""Paying what was chosen: how much of it, by which means, and what became of it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase

from encours.actions.follow_charge import follow_charge
from encours.actions.open_checkout import UnableToOpenCheckout, open_checkout
from encours.actions.render_qr_code import transfer_qr_svg
from encours.core.payments.methods import TRANSFER
from encours.core.payments.quoting import quoted
from encours.core.wording import Sentence
from encours.portal.agreeing import SAVED, agreed_words, agreement_of
from encours.portal.choosing import Choice, choice_of
from encours.portal.known_link import return_path, with_link
from encours.portal.methods import BUTTONS, MEANINGS, NAMES
from encours.portal.visit import Visit, portal_page, render
from encours.ports.connections import UnableToAsk
from encours.queries.payment_options import offered_methods
from encours.queries.portal_charges import PortalCharge, portal_charge
from encours.queries.transfer_references import references_of

# a service is asked again no sooner: the page may be reloaded at will
ASKED_AGAIN_AFTER = timedelta(seconds=4)


class GoOn(HttpResponseRedirect):
    """To a page of ours after a form: a form is never sent on to another site (`form-action 'self'`)."""

    status_code = 303


@portal_page()
def pay(request: Any, visit: Visit) -> HttpResponseBase:
    """What is about to be paid, and the ways to do it. Nothing begins here."""
    return _pay_page(visit, choice_of(request.GET, visit))


@portal_page("POST", is_costly=True)
def begin(request: Any, visit: Visit) -> HttpResponseBase:
    """Opens the payment at the service and goes there. Amounts are read from the ledger, under lock."""
    choice = choice_of(request.POST, visit)
    if choice.problem is not None or not choice.portions:
        return _pay_page(visit, choice)
    method = request.POST.get("moyen", "")
    try:
        opened = open_checkout(
            company=visit.company,
            customer_id=visit.customer.pk,
            portions=[(each.document_id, each.position, each.amount_cents) for each in choice.portions],
            method=method,
            agreement=agreement_of(request, visit, method=method),
            message_id=visit.link.message_id,
            return_url=_absolute(request, return_path(company_id=visit.company.pk)),
            now=visit.now,
            on=visit.on,
            actor=visit.actor,
        )
    except UnableToOpenCheckout as error:
        return _pay_page(visit, choice, refused=error.sentence)
    return with_link(GoOn(visit.url("go", charge_id=opened.charge_id)), visit)


@portal_page()
def go(request: Any, visit: Visit, charge_id: int) -> HttpResponseBase:  # noqa: ARG001
    """Moves on to the service's page: by itself, or by a link for who sees this page."""
    charge = _own_charge(visit, charge_id)
    if not _can_go_on(charge, visit):
        return GoOn(visit.url("charge", charge_id=charge.id))
    response = render(visit, "portal/go.html", {"charge": charge, "room": "owed"})
    response["Refresh"] = f"0; url={charge.url}"
    return response


@portal_page()
def charge(request: Any, visit: Visit, charge_id: int) -> HttpResponseBase:  # noqa: ARG001
    """What became of a payment."""
    return _charge_page(visit, charge_id)


@portal_page()
def transfer(request: Any, visit: Visit) -> HttpResponseBase:
    """All that a transfer needs, with a code to scan. Nothing begins here: the bank line will tell."""
    choice = choice_of(request.GET, visit)
    if choice.problem is not None or not choice.lines or choice.account is None:
        return _pay_page(visit, choice)
    company, currency = visit.company, choice.account.currency
    chosen = {line.document_id for line in choice.lines}
    said = quoted(
        lines=choice.lines,
        references=references_of(company=company, document_ids=chosen if len(chosen) == 1 else ()),
        customer_code=visit.customer.code,
    )
    holder = company.account_holder or company.name
    code = ""
    if currency == "EUR":
        code = transfer_qr_svg(
            holder=holder,
            iban=company.iban,
            bic="",
            amount_cents=choice.amount_cents,
            reference=said.reference,
            text=said.text,
        )
    shown = {"choice": choice, "currency": currency, "holder": holder, "quoted": said, "code": code}
    return render(visit, "portal/transfer.html", {**shown, "room": "owed"})


def _pay_page(visit: Visit, choice: Choice, *, refused: Sentence | None = None) -> HttpResponseBase:
    offered = []
    if choice.lines and choice.account is not None and choice.problem is None:
        offered = offered_methods(
            company=visit.company,
            customer_id=visit.customer.pk,
            currency=choice.account.currency,
            amount_cents=choice.amount_cents,
        )
    ways = [
        (each.method, NAMES[each.method], MEANINGS[each.method], BUTTONS[each.method])
        for each in offered
        if each.method in NAMES and (each.method != TRANSFER or visit.company.iban)
    ]
    shown = {"choice": choice, "ways": ways, "refused": refused, "room": "owed", "transfer": TRANSFER}
    shown["agreed"], shown["saved"] = agreed_words(visit), SAVED
    if choice.account is not None:
        shown["currency"] = choice.account.currency
        shown["may_pay_part"] = (
            visit.settings.allows_part_payment and choice.whole_cents > visit.settings.min_part_cents
        )
    return render(visit, "portal/pay.html", shown, status=409 if refused else 200)


def _absolute(request: Any, path: str) -> str:
    return f"{settings.PORTAL_URL}{path}" if settings.PORTAL_URL else request.build_absolute_uri(path)


def _own_charge(visit: Visit, charge_id: int) -> PortalCharge:
    found = portal_charge(company=visit.company, customer_id=visit.customer.pk, charge_id=charge_id)
    if found is None:
        raise Http404
    return found


def followed(
    *, company: Any, customer_id: int, charge_id: int, now: datetime, actor: str
) -> tuple[PortalCharge, bool]:
    """A payment as its service sees it now, and whether that is silent: what it said last is shown then, and said to be that.
    404 for another customer's."""
    found, is_silent = portal_charge(company=company, customer_id=customer_id, charge_id=charge_id), False
    if found and found.is_unfinished and (found.asked_at is None or now - found.asked_at > ASKED_AGAIN_AFTER):
        try:
            follow_charge(company=company, charge_id=charge_id, now=now, actor=actor)
        except UnableToAsk:
            is_silent = True
        found = portal_charge(company=company, customer_id=customer_id, charge_id=charge_id)
    if found is None:
        raise Http404
    return found, is_silent


def _charge_page(visit: Visit, charge_id: int) -> HttpResponseBase:
    found, is_silent = followed(
        company=visit.company,
        customer_id=visit.customer.pk,
        charge_id=charge_id,
        now=visit.now,
        actor=visit.actor,
    )
    shown = {
        "charge": found,
        "method_name": NAMES.get(found.method, ""),
        "can_go_on": _can_go_on(found, visit),
        "is_silent": is_silent,
        "room": "owed",
    }
    return render(visit, "portal/charge.html", shown)


def _can_go_on(charge: PortalCharge, visit: Visit) -> bool:
    """Only to an address a service gave us for this payment, and as long as it takes one."""
    if charge.state != "open" or (charge.expires_at is not None and charge.expires_at <= visit.now):
        return False
    parts = urlsplit(charge.url)
    return parts.scheme == "https" or (parts.scheme == "http" and not settings.HTTPS)
