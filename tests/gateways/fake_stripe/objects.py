"""Objects as Stripe tells them: every name is of its official fixtures."""

from typing import Any


def intent(**values: Any) -> dict[str, Any]:
    return {
        "object": "payment_intent", "amount": 0, "amount_received": 0, "canceled_at": None, "cancellation_reason": None,
        "capture_method": "automatic_async", "confirmation_method": "automatic", "currency": "eur", "customer": None,
        "description": None, "last_payment_error": None, "latest_charge": None, "livemode": False, "metadata": {},
        "next_action": None, "payment_method": None, "payment_method_types": ["card"], "setup_future_usage": None,
        "statement_descriptor": None, "statement_descriptor_suffix": None, "status": "requires_payment_method",
    } | values  # fmt: skip


def charge(**values: Any) -> dict[str, Any]:
    return {
        "object": "charge", "amount": 0, "amount_captured": 0, "amount_refunded": 0, "balance_transaction": None,
        "billing_details": {"name": None, "email": None}, "captured": True, "currency": "eur", "customer": None,
        "description": None, "disputed": False, "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": {}, "outcome": None, "paid": False, "payment_intent": None, "payment_method": None,
        "payment_method_details": {}, "refunded": False, "status": "pending",
    } | values  # fmt: skip


def session(**values: Any) -> dict[str, Any]:
    return {
        "object": "checkout.session", "adaptive_pricing": {"enabled": False}, "amount_subtotal": None, "amount_total": None,
        "cancel_url": None, "client_reference_id": None, "currency": None, "customer": None, "customer_creation": None,
        "customer_email": None, "livemode": False, "locale": None, "metadata": {}, "mode": "payment",
        "payment_intent": None, "payment_method_types": [], "payment_status": "unpaid", "setup_intent": None,
        "status": "open", "submit_type": None, "success_url": None, "ui_mode": "hosted_page", "url": None,
    } | values  # fmt: skip


def setup(**values: Any) -> dict[str, Any]:
    return {
        "object": "setup_intent", "cancellation_reason": None, "customer": None, "description": None,
        "last_setup_error": None, "latest_attempt": None, "livemode": False, "mandate": None, "metadata": {},
        "next_action": None, "payment_method": None, "payment_method_types": [], "status": "requires_payment_method",
        "usage": "off_session",
    } | values  # fmt: skip


def method(kind: str, **values: Any) -> dict[str, Any]:
    about = {
        "card": {"brand": "visa", "country": "FR", "exp_month": 8, "exp_year": 2030, "funding": "debit", "last4": "4242"},
        "sepa_debit": {"bank_code": "20041", "branch_code": "", "country": "FR", "last4": "2606"},
    }[kind]  # fmt: skip
    return {
        "object": "payment_method", "billing_details": {"name": "Camille Robert", "email": "camille@robert.example"},
        "customer": None, "livemode": False, "metadata": {}, "type": kind, kind: about,
    } | values  # fmt: skip


def mandate(**values: Any) -> dict[str, Any]:
    return {
        "object": "mandate", "customer_acceptance": {"type": "online"}, "livemode": False, "multi_use": {},
        "payment_method": None, "status": "active", "type": "multi_use",
        "payment_method_details": {"type": "sepa_debit", "sepa_debit": {"reference": "NXDSYREGC9PSMKWY", "url": ""}},
    } | values  # fmt: skip


def refund(**values: Any) -> dict[str, Any]:
    return {
        "object": "refund", "amount": 0, "balance_transaction": None, "charge": None, "currency": "eur", "metadata": {},
        "payment_intent": None, "reason": None, "status": "succeeded",
    } | values  # fmt: skip


def dispute(**values: Any) -> dict[str, Any]:
    return {
        "object": "dispute", "amount": 0, "balance_transactions": [], "charge": None, "currency": "eur",
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": None, "reason": "general",
        "status": "needs_response",
    } | values  # fmt: skip


def booked(**values: Any) -> dict[str, Any]:
    return {
        "object": "balance_transaction", "amount": 0, "currency": "eur", "description": None, "exchange_rate": None,
        "fee": 0, "fee_details": [], "net": 0, "reporting_category": "charge", "source": None, "status": "available",
        "type": "charge",
    } | values  # fmt: skip


def payout(**values: Any) -> dict[str, Any]:
    return {
        "object": "payout", "amount": 0, "automatic": True, "currency": "eur", "description": "STRIPE PAYOUT",
        "failure_code": None, "livemode": False, "metadata": {}, "method": "standard", "reconciliation_status": "completed",
        "statement_descriptor": None, "status": "in_transit", "type": "bank_account",
    } | values  # fmt: skip


def account(**values: Any) -> dict[str, Any]:
    return {
        "id": "acct_lumen", "object": "account", "business_profile": {"name": "Lumen"}, "charges_enabled": True,
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active", "transfers": "active"},
        "country": "FR", "default_currency": "eur", "details_submitted": True, "email": "compta@lumen.example",
        "payouts_enabled": True, "settings": {"dashboard": {"display_name": "Lumen SAS", "timezone": "Etc/UTC"}},
        "type": "standard",
    } | values  # fmt: skip
