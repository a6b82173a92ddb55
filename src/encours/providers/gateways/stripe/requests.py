"""What Stripe is asked for: parameters of its requests, made of ours."""

from typing import Any

from encours.core.payments.methods import SEPA_DEBIT
from encours.ports.gateways import ChargeRequest, CheckoutRequest, Payer, SetupRequest
from encours.providers.gateways.stripe.told import BY_CHECKOUT, REFERENCE, REFUND_KEY, REFUND_REASON

_MAX_LINES = 100
# the company's own prefix and "* " take the rest of the 22 characters of a statement
_SUFFIX, _WHOLE = 12, 22


def checkout_params(request: CheckoutRequest) -> dict[str, Any]:
    """A page with our amount in our currency, whatever the payer's: no conversion, no codes, no quantities."""
    kept = {REFERENCE: request.reference}
    payment: dict[str, Any] = {
        "metadata": kept | {BY_CHECKOUT: "1"},
        "description": request.label[:1000],
        **_on_statement(request.reference, request.methods),
    }
    params: dict[str, Any] = {
        **_page(request.reference, request.payer, request.methods, request.return_url),
        "mode": "payment",
        "submit_type": "pay",
        "cancel_url": request.return_url,
        "adaptive_pricing": {"enabled": False},
        "line_items": _lines(request),
        "payment_intent_data": payment,
    }
    if request.saves_method:
        payment["setup_future_usage"] = "off_session"
        if not request.payer.customer_external_id:
            params["customer_creation"] = "always"
    if request.expires_at is not None:
        params["expires_at"] = int(request.expires_at.timestamp())
    return params


def setup_params(request: SetupRequest) -> dict[str, Any]:
    """A page that saves a method and takes nothing."""
    params: dict[str, Any] = {
        **_page(request.reference, request.payer, request.methods, request.return_url),
        "mode": "setup",
        "cancel_url": request.return_url,
        "setup_intent_data": {"metadata": {REFERENCE: request.reference}},
    }
    if not request.payer.customer_external_id:
        params["customer_creation"] = "always"
    return params


def charge_params(request: ChargeRequest) -> dict[str, Any]:
    """A charge made and confirmed at once; `off_session`, so that what needs the customer fails instead of waiting."""
    params: dict[str, Any] = {
        "amount": request.amount_cents,
        "currency": request.currency.lower(),
        "customer": request.payer.customer_external_id,
        "payment_method": request.method_external_id,
        "allowed_payment_method_types": [request.method],
        "confirm": True,
        "off_session": True,
        "description": request.label[:1000],
        "metadata": {REFERENCE: request.reference},
        **_on_statement(request.reference, (request.method,)),
    }
    if request.mandate_external_id:
        params["mandate"] = request.mandate_external_id
    return params


def refund_params(intent_id: str, amount_cents: int, *, key: str, reason: str) -> dict[str, Any]:
    return {
        "payment_intent": intent_id,
        "amount": amount_cents,
        "metadata": {REFUND_KEY: key, REFUND_REASON: reason[:200]},
    }


def _page(reference: str, payer: Payer, methods: tuple[str, ...], return_url: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "client_reference_id": reference,
        "metadata": {REFERENCE: reference},
        "allowed_payment_method_types": sorted(methods),
        "locale": payer.language if payer.language in ("fr", "en") else "auto",
        "success_url": return_url,
    }
    if payer.customer_external_id:
        params["customer"] = payer.customer_external_id
    elif payer.email:
        params["customer_email"] = payer.email
    return params


def _lines(request: CheckoutRequest) -> list[dict[str, Any]]:
    """A line per document, or one for all where they are many or do not add up to what is asked for."""
    lines = request.lines
    if not 0 < len(lines) <= _MAX_LINES or sum(cents for _, cents in lines) != request.amount_cents:
        lines = ((request.label, request.amount_cents),)
    currency = request.currency.lower()
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": currency,
                "unit_amount": cents,
                "product_data": {"name": name[:250] or request.reference},
            },
        }
        for name, cents in lines
    ]


def _on_statement(reference: str, methods: tuple[str, ...]) -> dict[str, str]:
    """Our reference where the payer's bank prints it. Cards take a suffix of the account's own name only."""
    text = "".join(each for each in reference.upper() if each.isascii() and (each.isalnum() or each == "-"))
    is_debit = tuple(methods) == (SEPA_DEBIT,)
    text = text[-(_WHOLE if is_debit else _SUFFIX) :].strip("-")
    if not any(each.isalpha() for each in text):  # Stripe wants a letter
        text = f"R{text[1:] if len(text) >= (_WHOLE if is_debit else _SUFFIX) else text}"
    if is_debit:
        return {"statement_descriptor": text} if len(text) >= 5 else {}
    return {"statement_descriptor_suffix": text}
