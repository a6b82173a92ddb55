"""What an entry of the journal adds to its action, in the reader's words. A key without a name is shown as it is."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from encours.backoffice.dunning_names import HOLD_NAMES
from encours.backoffice.imports.names import KIND_NAMES
from encours.backoffice.journal.wording import ACTION_NAMES
from encours.backoffice.permissions import ROLE_NAMES
from encours.backoffice.templatetags.encours import day_text, grouped, money_text, rate, sentence

DETAIL_NAMES = {
    "account": _("Account"),
    "after": _("After"),
    "accounts": _("Accounts"),
    "allocated_cents": _("Allocated"),
    "amount_cents": _("Amount"),
    "answer": _("Given answer"),
    "attempt": _("Attempt"),
    "automatic": _("Closed without a person"),
    "before": _("Before"),
    "book_lines": _("Accounting entries"),
    "changes": _("Changes"),
    "caps": _("Caps"),
    "columns": _("Columns"),
    "completed": _("Lines completed"),
    "count": _("Count"),
    "created": _("Created"),
    "currency": _("Currency"),
    "customers": _("Customers created"),
    "customers_updated": _("Customers completed"),
    "deducted_cents": _("Deposit deducted"),
    "detail": _("Answer"),
    "difference_cents": _("Small differences up to"),
    "discount_rates": _("Discount rates recognised"),
    "documents": _("Documents"),
    "email": _("E-mail address"),
    "events": _("Events"),
    "fee_cents": _("Bank fees up to"),
    "file": _("File"),
    "first": _("From message no."),
    "forgotten_after_days": _("Days before an invoice is forgotten"),
    "from": _("From"),
    "from_date": _("From"),
    "half": _("Half-year"),
    "hold": _("Hold"),
    "indemnity_cents": _("Indemnities"),
    "interest_cents": _("Late interest"),
    "key": _("Key of the sending"),
    "kind": _("Kind"),
    "language": _("Language"),
    "last": _("To message no."),
    "lines": _("Lines"),
    "linked": _("Linked"),
    "margin": _("Lead required"),
    "matched": _("Matched"),
    "messages": _("Reminders"),
    "moved": _("Lines taken over"),
    "name": _("Name"),
    "note": _("Note"),
    "number": _("Number"),
    "on": _("Day"),
    "order": _("Sales order"),
    "payment_ids": _("Receipts"),
    "periodic": _("Periodic invoices"),
    "probability": _("Probability required"),
    "problem": _("Problem"),
    "problems": _("Problems"),
    "proposed": _("Proposed"),
    "reason": _("Why"),
    "receipts": _("Receipts"),
    "receivables": _("Due dates covered"),
    "recipient": _("Recipient"),
    "refused": _("Lines refused"),
    "replaced": _("Lines replaced"),
    "role": _("Role"),
    "scopes": _("Scopes"),
    "set_aside": _("Put aside"),
    "source": _("Source"),
    "step_is_done": _("Step counted as done"),
    "steps": _("Steps"),
    "subject": _("Subject"),
    "template": _("Letter"),
    "to": _("Until"),
    "told_twice": _("Lines told by both"),
    "tone": _("Tone"),
    "transaction_id": _("Bank line"),
    "unchanged": _("Unchanged"),
    "unmatched": _("Left unexplained"),
    "updated": _("Updated"),
    "url": _("Address"),
    "version": _("Version"),
    "was_sent": _("Was sent"),
    "withdrawn": _("Lines withdrawn"),
}
_NAMED = {
    "kind": KIND_NAMES | HOLD_NAMES,
    "role": ROLE_NAMES,
    "answer": ACTION_NAMES,
    "automatic": {
        "bank_fee": _("bank fees"),
        "discount": _("discounts"),
        "rounding_difference": _("small differences"),
    },
}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def details(data: Mapping[str, Any], *, currency: str) -> list[tuple[Any, Any]]:
    """(name, value) of everything an entry tells that is not empty, amounts in `currency` unless it names its own."""
    currency = data.get("currency") or currency
    return [
        (DETAIL_NAMES.get(key, key), _said(key, value, currency))
        for key, value in data.items()
        if value not in (None, "", [], {})
    ]


def _said(key: str, value: Any, currency: str) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return _number(key, value, currency)
    if isinstance(value, str):
        if _ISO_DAY.fullmatch(value):
            return day_text(date.fromisoformat(value))
        return _NAMED.get(key, {}).get(value, value)
    if isinstance(value, list):
        return ", ".join(str(_said(key, each, currency)) for each in value)
    if set(value) == {"code", "params"}:
        return sentence(value)
    if "number" in value:
        cents = value.get("allocated_cents")
        return value["number"] if cents is None else f"{value['number']} ({money_text(cents, currency)})"
    return ", ".join(f"{DETAIL_NAMES.get(k, k)} {_said(k, each, currency)}" for k, each in value.items())


def _number(key: str, value: float, currency: str) -> str:
    if isinstance(value, float):
        return rate(round(10_000 * value))  # a share
    if key == "discount_rates":
        return rate(value)
    if key.endswith("_cents"):
        return money_text(value, currency)
    # the number of a row is a name, not a quantity
    return str(value) if key.endswith(("_id", "_ids")) or key in ("hold", "first", "last") else grouped(value)
