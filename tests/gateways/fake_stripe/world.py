"""What happens at Stripe: objects that change, money that moves, and an event for everything."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.gateways.fake_stripe import objects

PREFIXES = {
    "payment_intent": "pi_", "charge": "ch_", "checkout.session": "cs_test_", "setup_intent": "seti_",
    "payment_method": "pm_", "mandate": "mandate_", "customer": "cus_", "refund": "re_", "dispute": "du_",
    "balance_transaction": "txn_", "payout": "po_", "event": "evt_",
}  # fmt: skip
CARD_FEE = (150, 25)  # basis points, cents
DEBIT_FEE = 35
DISPUTE_FEE = 2000


@dataclass(frozen=True)
class Decline:
    """A bank's no. `code` is Stripe's error code, the others what it adds for cards."""

    decline_code: str = "generic_decline"
    advice_code: str | None = None
    code: str = "card_declined"


class World:
    """Everything by id. `now` moves on by a second with each change; acts are what payers, banks and Stripe itself do."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self.things: dict[str, dict[str, Any]] = {}
        self.outcomes: dict[
            str, Any
        ] = {}  # of a saved method: None succeeds, a Decline or "authenticate" does not
        self.account = objects.account()
        self.on_event: Callable[[dict[str, Any]], None] = lambda _: None

    def stamp(self) -> int:
        return int(self.now.timestamp())

    def keep(self, thing: dict[str, Any], *, prefix: str = "") -> dict[str, Any]:
        self.now += timedelta(seconds=1)
        prefix = prefix or PREFIXES[thing["object"]]
        thing["id"] = f"{prefix}{len(self.things):024d}"
        thing["created"] = self.stamp()
        self.things[thing["id"]] = thing
        return thing

    def of(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        """Newest first, as lists are told."""
        found = [
            each
            for each in self.things.values()
            if each["object"] == kind and all(each.get(n) == v for n, v in values.items())
        ]
        return found[::-1]

    def tell(self, kind: str, thing: dict[str, Any]) -> None:
        event = {"object": "event", "api_version": "2026-10-28.endive", "livemode": False, "pending_webhooks": 1,
                 "request": {"id": None, "idempotency_key": None}, "type": kind, "data": {"object": copy.deepcopy(thing)}}  # fmt: skip
        self.on_event(self.keep(event))

    # what payers do

    def saved(
        self, kind: str, *, outcome: Any = None, mandate_status: str = "active"
    ) -> tuple[str, str, str]:
        """A customer with a saved method: (customer, method, mandate or "")."""
        customer = self.keep({"object": "customer", "email": "camille@robert.example", "livemode": False})
        method = self.keep(objects.method(kind, customer=customer["id"]))
        self.outcomes[method["id"]] = outcome
        agreed = ""
        if kind == "sepa_debit":
            agreed = self.keep(objects.mandate(payment_method=method["id"], status=mandate_status))["id"]
        return customer["id"], method["id"], agreed

    def pay(self, session_id: str, kind: str = "card", *, outcome: Any = None) -> dict[str, Any]:
        """The customer confirms on the page. A declined card leaves the page open for another try."""
        session = self.things[session_id]
        assert session["status"] == "open", f"the page is {session['status']}"
        assert kind in session["payment_method_types"]
        method = self.keep(objects.method(kind))
        self.outcomes[method["id"]] = outcome
        intent = self.things.get(session["payment_intent"] or "") or self.keep(
            objects.intent(
                amount=session["amount_total"], currency=session["currency"], customer=session["customer"],
                payment_method_types=session["payment_method_types"], **session["_intent"],
            )
        )  # fmt: skip
        session["payment_intent"] = intent["id"]
        intent["payment_method"] = method["id"]
        if self.confirm(intent) is not None:
            return intent
        session["status"], session["url"] = "complete", None
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
        if session["customer"] is None and session["customer_creation"] == "always":
            session["customer"] = intent["customer"] = self.keep({"object": "customer", "livemode": False})[
                "id"
            ]
        if intent["setup_future_usage"]:
            method["customer"] = intent["customer"]
        self.tell("checkout.session.completed", session)
        return intent

    def save(self, session_id: str, kind: str = "card") -> dict[str, Any]:
        """The customer gives a method on a page that only saves it."""
        session = self.things[session_id]
        assert session["status"] == "open"
        assert kind in session["payment_method_types"]
        customer = session["customer"] or self.keep({"object": "customer", "livemode": False})["id"]
        method = self.keep(objects.method(kind, customer=customer))
        self.outcomes[method["id"]] = None
        agreed = (
            self.keep(objects.mandate(payment_method=method["id"]))["id"] if kind == "sepa_debit" else None
        )
        setup = self.things[session["setup_intent"]]
        setup |= {
            "customer": customer,
            "payment_method": method["id"],
            "status": "succeeded",
            "mandate": agreed,
        }
        session |= {"customer": customer, "status": "complete", "url": None}
        self.tell("setup_intent.succeeded", setup)
        self.tell("checkout.session.completed", session)
        return method

    # what Stripe and the banks do

    def confirm(self, intent: dict[str, Any]) -> dict[str, Any] | None:
        """The error of a payment its bank declined, None when it went through or is on its way."""
        method = self.things[intent["payment_method"]]
        outcome = self.outcomes.get(method["id"])
        if outcome == "authenticate":
            outcome = Decline(code="authentication_required", decline_code="authentication_required")
        details: dict[str, Any] = {
            "type": method["type"],
            method["type"]: {**method[method["type"]], "mandate": None},
        }
        if method["type"] == "sepa_debit":
            agreed = self.of("mandate", payment_method=method["id"]) or [
                self.keep(objects.mandate(payment_method=method["id"]))
            ]
            details["sepa_debit"]["mandate"] = agreed[0]["id"]
        charge = self.keep(
            objects.charge(
                amount=intent["amount"], currency=intent["currency"], customer=intent["customer"], metadata=dict(intent["metadata"]),
                payment_intent=intent["id"], payment_method=method["id"], payment_method_details=details,
            ),
            prefix="ch_" if method["type"] == "card" else "py_",
        )  # fmt: skip
        intent["latest_charge"] = charge["id"]
        if isinstance(outcome, Decline):
            return self._fail(intent, charge, outcome)
        intent["last_payment_error"] = None
        if method["type"] == "sepa_debit":
            intent["status"] = "processing"
            self.tell("payment_intent.processing", intent)
            return None
        fee = intent["amount"] * CARD_FEE[0] // 10_000 + CARD_FEE[1]
        self._succeed(intent, charge, fee)
        return None

    def settle(self, intent_id: str) -> None:
        """The bank paid a direct debit."""
        intent = self.things[intent_id]
        assert intent["status"] == "processing"
        self._succeed(intent, self.things[intent["latest_charge"]], DEBIT_FEE)
        for session in self.of("checkout.session", payment_intent=intent_id):
            session["payment_status"] = "paid"
            self.tell("checkout.session.async_payment_succeeded", session)

    def fail_debit(self, intent_id: str, code: str = "insufficient_funds") -> None:
        intent = self.things[intent_id]
        assert intent["status"] == "processing"
        self._fail(intent, self.things[intent["latest_charge"]], Decline(decline_code="", code=code))
        for session in self.of("checkout.session", payment_intent=intent_id):
            self.tell("checkout.session.async_payment_failed", session)

    def dispute(self, intent_id: str, *, reason: str = "fraudulent", status: str = "needs_response", cents: int | None = None) -> dict[str, Any]:  # fmt: skip
        """The payer contests at its bank; of a direct debit that is the end of it."""
        intent = self.things[intent_id]
        charge = self.things[intent["latest_charge"]]
        found = self.keep(
            objects.dispute(
                amount=cents or intent["amount"], charge=charge["id"], payment_intent=intent_id, reason=reason, status=status,
                currency=intent["currency"],
            )
        )  # fmt: skip
        found["evidence_details"]["due_by"] = self.stamp() + 7 * 86_400
        charge["disputed"] = True
        if not status.startswith("warning"):
            self._move(found, -found["amount"], fee=DISPUTE_FEE, kind="adjustment")
        self.tell("charge.dispute.created", found)
        return found

    def close_dispute(self, dispute_id: str, status: str) -> None:
        found = self.things[dispute_id]
        found["status"] = status
        if status == "won":
            self._move(found, found["amount"], fee=0, kind="adjustment")
        self.tell("charge.dispute.closed", found)

    def return_debit(self, intent_id: str, reason: str = "insufficient_funds") -> dict[str, Any]:
        """A direct debit that had succeeded comes back: a dispute, lost from the first."""
        return self.dispute(intent_id, reason=reason, status="lost")

    def refund(self, intent_id: str, cents: int, *, metadata: dict[str, str] | None = None, status: str = "succeeded") -> dict[str, Any]:  # fmt: skip
        intent = self.things[intent_id]
        charge = self.things[intent["latest_charge"]]
        found = self.keep(
            objects.refund(
                amount=cents, charge=charge["id"], payment_intent=intent_id, currency=intent["currency"],
                metadata=metadata or {}, status=status,
            )
        )  # fmt: skip
        charge["amount_refunded"] += cents
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        found["balance_transaction"] = self._book(found, -cents, 0, "refund")["id"]
        self.tell("refund.created", found)
        self.tell("charge.refunded", charge)
        return found

    def fail_refund(self, refund_id: str) -> None:
        found = self.things[refund_id]
        found["status"] = "failed"
        self.things[found["charge"]]["amount_refunded"] -= found["amount"]
        self._book(found, found["amount"], 0, "refund_failure")
        self.tell("refund.failed", found)

    def expire(self, session: dict[str, Any]) -> None:
        session["status"], session["url"] = "expired", None
        self.tell("checkout.session.expired", session)

    def charge_fee(self, cents: int) -> None:
        self._book(None, -cents, 0, "stripe_fee")

    def pay_out(self, *, automatic: bool = True) -> dict[str, Any]:
        """Everything booked so far and not paid out goes to the bank."""
        waiting = [each for each in self.of("balance_transaction") if "_payout" not in each]
        found = self.keep(
            objects.payout(
                amount=sum(each["net"] for each in waiting), automatic=automatic, arrival_date=self.stamp() // 86_400 * 86_400
            )
        )  # fmt: skip
        for each in [*waiting, self._book(found, -found["amount"], 0, "payout")]:
            each["_payout"] = found["id"]
        found["status"] = "paid"
        self.tell("payout.paid", found)
        return found

    def _succeed(self, intent: dict[str, Any], charge: dict[str, Any], fee: int) -> None:
        charge |= {"status": "succeeded", "paid": True, "amount_captured": charge["amount"]}
        kind = "charge" if charge["id"].startswith("ch_") else "payment"
        charge["balance_transaction"] = self._book(charge, charge["amount"], fee, kind)["id"]
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        if intent["setup_future_usage"]:
            self.things[intent["payment_method"]]["customer"] = intent["customer"]
        self.tell("charge.succeeded", charge)
        self.tell("payment_intent.succeeded", intent)

    def _fail(self, intent: dict[str, Any], charge: dict[str, Any], decline: Decline) -> dict[str, Any]:
        error = {
            "type": "card_error",
            "code": decline.code,
            "charge": charge["id"],
            "message": "Your card was declined.",
        }
        if decline.decline_code:
            error["decline_code"] = decline.decline_code
        if decline.advice_code:
            error["advice_code"] = decline.advice_code
        charge |= {"status": "failed", "failure_code": decline.code, "failure_message": "no"}
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.tell("payment_intent.payment_failed", intent)
        return error

    def _move(self, dispute: dict[str, Any], cents: int, *, fee: int, kind: str) -> None:
        entry = self._book(dispute, cents, fee, kind)
        dispute["balance_transactions"].append({n: v for n, v in entry.items() if n != "_payout"})

    def _book(self, source: dict[str, Any] | None, cents: int, fee: int, kind: str) -> dict[str, Any]:
        return self.keep(
            objects.booked(
                amount=cents, fee=fee, net=cents - fee, type=kind, reporting_category=kind,
                source=source["id"] if source else None,
            )
        )  # fmt: skip
