"""The server: keys, idempotency, parameters it does not know, lists in pages, expansion, signed events, and troubles."""

import hmac
import json
import re
import threading
import time
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.gateways.fake_stripe import objects
from tests.gateways.fake_stripe.hosted import PATH, hosted
from tests.gateways.fake_stripe.world import World

SECRET_KEY, RESTRICTED_KEY = "sk_test_lumen", "rk_test_lumen"
HOOK_SECRET = "whsec_lumen"
KEYS = {SECRET_KEY, RESTRICTED_KEY}

_LISTS = {
    "checkout/sessions": ("checkout.session", {"payment_intent"}),
    "payment_intents": ("payment_intent", {"customer"}),
    "refunds": ("refund", {"payment_intent", "charge"}),
    "disputes": ("dispute", {"payment_intent", "charge"}),
    "payouts": ("payout", {"status"}),
    "balance_transactions": ("balance_transaction", {"payout", "type"}),
    "events": ("event", {"type"}),
}
_INTENT = {
    "amount", "currency", "customer", "payment_method", "allowed_payment_method_types", "confirm", "off_session",
    "description", "metadata", "statement_descriptor", "statement_descriptor_suffix", "mandate",
}  # fmt: skip
_SESSION = {
    "mode", "line_items", "payment_intent_data", "setup_intent_data", "allowed_payment_method_types", "locale", "metadata",
    "client_reference_id", "success_url", "cancel_url", "customer", "customer_email", "customer_creation", "expires_at",
    "submit_type", "adaptive_pricing",
}  # fmt: skip


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(status)
        self.status, self.error = status, {"type": "invalid_request_error"} | error


class FakeStripe(World):
    """`troubles` come first, one per request: a status, ("busy", seconds), "cut" (worked on, then the connection breaks),
    "lost" (the connection breaks before anything is done) or "slow". `forbidden` are paths the restricted key may not use.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.troubles: list[Any] = []
        self.forbidden: set[str] = set()
        self.pages = "https://checkout.stripe.com"  # a browser's test has them served here
        self.searchable_after_seconds = 60
        self._answers: dict[str, tuple[Any, int, Any]] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> "FakeStripe":
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                fake._serve(self)

            do_GET = do_POST = do_DELETE = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def notice(self, event: dict[str, Any], *, secrets: tuple[str, ...] = (HOOK_SECRET,), at: datetime | None = None) -> tuple[bytes, dict[str, str]]:  # fmt: skip
        """Body and headers of a webhook, signed with each of the secrets (two while one is rolled)."""
        body = json.dumps(event, indent=2).encode()
        stamp = str(int((at or self.now).timestamp()))
        signed = [
            hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest() for secret in secrets
        ]
        return body, {"stripe-signature": ",".join([f"t={stamp}", *(f"v1={each}" for each in signed)])}

    def _serve(self, request: Any) -> None:
        parts = urlsplit(request.path)
        text = request.rfile.read(int(request.headers.get("content-length") or 0)).decode()
        params = tree(parse_qsl(parts.query if request.command == "GET" else text, keep_blank_values=True))
        headers = {name.lower(): value for name, value in request.headers.items()}
        if parts.path.startswith(PATH):
            self._show(request, parts.path.removeprefix(PATH), text)
            return
        with self._lock:
            self.asked.append((request.command, parts.path, params, headers))
            trouble = self.troubles.pop(0) if self.troubles else None
        more: dict[str, str] = {}
        if trouble == "lost":
            request.connection.close()
            request.close_connection = True
            return
        with self._lock:
            if isinstance(trouble, int):
                status, told = trouble, {"error": {"type": "api_error", "message": "trouble"}}
            elif isinstance(trouble, tuple):
                status, told = 429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}
                more["Retry-After"] = str(trouble[1])
            else:
                status, told = self._once(request.command, parts.path, params, headers)
            date = format_datetime(self.now, usegmt=True)
            content = json.dumps(told).encode()
        if trouble == "slow":
            time.sleep(1.5)
        if trouble == "cut":
            request.connection.close()
            request.close_connection = True
            return
        try:
            request.send_response_only(status)
            for name, value in (
                ("Date", date), ("Request-Id", "req_1"), ("Content-Type", "application/json"),
                ("Content-Length", str(len(content))), *more.items(),
            ):  # fmt: skip
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client was not as patient

    def _show(self, request: Any, session_id: str, text: str) -> None:
        with self._lock:
            status, page, onward = hosted(self, request.command, session_id, text)
        content = page.encode()
        request.send_response_only(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(content))),
            *([("Location", onward)] if onward else []),
        ):  # fmt: skip
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def _once(self, verb: str, path: str, params: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        """The same key is the same request for a day; with other parameters it is an error."""
        key = headers.get("idempotency-key") if verb == "POST" else None
        asked = (path, json.dumps(params, sort_keys=True))
        if key and key in self._answers:
            known, status, told = self._answers[key]
            if known != asked:
                return 400, {
                    "error": {"type": "idempotency_error", "message": "Keys for idempotent requests …"}
                }
            return status, told
        try:
            status, told = 200, self._answer(verb, path, params, headers)
        except Refused as refused:
            status, told = refused.status, {"error": refused.error}
        told = json.loads(json.dumps(told))
        if key and status != 401:
            self._answers[key] = (asked, status, told)
        return status, told

    def _answer(self, verb: str, path: str, params: dict[str, Any], headers: dict[str, str]) -> Any:
        key = headers.get("authorization", "").removeprefix("Bearer ")
        if key not in KEYS:
            raise Refused(401, message="Invalid API Key provided")
        path = path.removeprefix("/v1/")
        if key == RESTRICTED_KEY and any(path.startswith(each) for each in self.forbidden):
            raise Refused(403, message="The provided key does not have the required permissions")
        if "payment_method_types" in params:
            raise Refused(400, code="payment_method_types_no_longer_supported", param="payment_method_types")
        expand = params.pop("expand", [])
        if verb == "GET":
            return self._expanded(self._get(path, params), expand)
        return self._expanded(self._post(path, params), expand)

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        if path == "account":
            return self.account
        if path == "payment_intents/search":
            return self._search(params)
        if path in _LISTS:
            return self._list(path, params)
        return self._thing(path.rpartition("/")[2])

    def _post(self, path: str, params: dict[str, Any]) -> Any:
        noun, _, rest = path.removeprefix("checkout/").partition("/")
        thing_id, _, verb = rest.partition("/")
        match noun, verb:
            case "sessions", "" if not rest:
                return self._open_session(params)
            case "sessions", "expire":
                session = self._thing(thing_id)
                if session["status"] != "open":
                    raise Refused(
                        400,
                        message=f'Only Checkout Sessions with a status in ["open"] can be expired. This is {session["status"]}.',
                    )
                self.expire(session)
                return session
            case "payment_intents", "" if not rest:
                return self._charge(params)
            case "payment_intents", "cancel":
                intent = self._thing(thing_id)
                if intent["status"] not in (
                    "requires_payment_method",
                    "requires_confirmation",
                    "requires_action",
                ):
                    raise Refused(400, code="payment_intent_unexpected_state")
                intent["status"] = "canceled"
                self.tell("payment_intent.canceled", intent)
                return intent
            case "payment_methods", "detach":
                method = self._thing(thing_id)
                if method["customer"] is None:
                    raise Refused(
                        400, message="The payment method you provided is not attached to a customer"
                    )
                method["customer"] = None
                self.tell("payment_method.detached", method)
                return method
            case "refunds", "":
                return self._refund(params)
        raise Refused(404, code="resource_missing", message=f"Unrecognized request URL: {path}")

    def _open_session(self, params: dict[str, Any]) -> Any:
        _only(params, _SESSION)
        kinds = params.get("allowed_payment_method_types") or ["card"]
        made = objects.session(
            mode=params["mode"], client_reference_id=params.get("client_reference_id"), metadata=params.get("metadata", {}),
            payment_method_types=kinds, success_url=params["success_url"], cancel_url=params.get("cancel_url"),
            customer=params.get("customer"), customer_email=params.get("customer_email"), locale=params.get("locale"),
            customer_creation=params.get("customer_creation"), submit_type=params.get("submit_type"),
        )  # fmt: skip
        if made["customer"] and made["customer_email"]:
            raise Refused(400, param="customer_email", message="You may only specify one of these parameters")
        ends = int(params.get("expires_at") or self.stamp() + 86_400)
        if not 1800 <= ends - self.stamp() <= 86_400:
            raise Refused(400, param="expires_at", message="must be between 30 minutes and 24 hours")
        if params["mode"] == "payment":
            lines = [
                each["price_data"] | {"quantity": int(each["quantity"])} for each in params["line_items"]
            ]
            currencies = {each["currency"] for each in lines}
            if len(currencies) != 1 or len(lines) > 100:
                raise Refused(400, param="line_items")
            if "sepa_debit" in kinds and currencies != {"eur"}:
                raise Refused(
                    400, param="allowed_payment_method_types", message="sepa_debit only supports eur"
                )
            about = params.get("payment_intent_data", {})
            _only(about, _INTENT | {"setup_future_usage"})
            made["currency"] = currencies.pop()
            made["amount_total"] = sum(int(each["unit_amount"]) * each["quantity"] for each in lines)
            if made["amount_total"] < 50:
                raise Refused(400, code="amount_too_small", param="line_items")
            made["_intent"] = about
        else:
            about = params.get("setup_intent_data", {})
            made["setup_intent"] = self.keep(objects.setup(payment_method_types=kinds, **about))["id"]
        self.keep(made)
        made["expires_at"] = ends
        made["url"] = f"{self.pages}{PATH}{made['id']}"
        return made

    def _charge(self, params: dict[str, Any]) -> Any:
        _only(params, _INTENT)
        method = self._thing(params["payment_method"])
        if method["customer"] is None or method["customer"] != params.get("customer"):
            raise Refused(400, code="payment_method_unexpected_state", param="payment_method")
        agreed = self.of("mandate", payment_method=method["id"])
        if method["type"] == "sepa_debit" and agreed and agreed[0]["status"] != "active":
            raise Refused(400, code="payment_intent_mandate_invalid")
        if "statement_descriptor" in params and method["type"] == "card":
            raise Refused(400, param="statement_descriptor", message="use statement_descriptor_suffix")
        if int(params["amount"]) < 50:
            raise Refused(400, code="amount_too_small", param="amount")
        intent = self.keep(
            objects.intent(
                amount=int(params["amount"]), currency=params["currency"], customer=params["customer"],
                payment_method=method["id"], metadata=params.get("metadata", {}), description=params.get("description"),
                payment_method_types=params.get("allowed_payment_method_types", ["card"]),
                statement_descriptor=params.get("statement_descriptor"),
                statement_descriptor_suffix=params.get("statement_descriptor_suffix"),
            )
        )  # fmt: skip
        error = self.confirm(intent)
        if error is not None:
            raise Refused(402, **error, payment_intent=intent)
        return intent

    def _refund(self, params: dict[str, Any]) -> Any:
        _only(params, {"payment_intent", "amount", "metadata", "reason"})
        intent = self._thing(params["payment_intent"])
        if intent["status"] != "succeeded":
            raise Refused(400, code="charge_not_refundable")
        charge = self.things[intent["latest_charge"]]
        if charge["disputed"]:
            raise Refused(400, code="charge_disputed")
        left = charge["amount"] - charge["amount_refunded"]
        cents = int(params.get("amount") or left)
        if cents > left:
            code = "charge_already_refunded" if not left else "amount_too_large"
            raise Refused(400, code=code, param="amount")
        return self.refund(intent["id"], cents, metadata=params.get("metadata"))

    def _thing(self, thing_id: str) -> dict[str, Any]:
        if thing_id not in self.things:
            raise Refused(404, code="resource_missing", param="id", message=f"No such thing: {thing_id}")
        return self.things[thing_id]

    def _list(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        kind, known = _LISTS[path]
        _only(params, known | {"limit", "starting_after", "created"})
        limit = int(params.get("limit") or 10)
        if not 1 <= limit <= 100:
            raise Refused(400, param="limit")
        since = int((params.get("created") or {}).get("gte") or 0)
        wanted = {("_payout" if n == "payout" else n): params[n] for n in known if n in params}
        found = [each for each in self.of(kind, **wanted) if each["created"] >= since]
        if "starting_after" in params:
            ids = [each["id"] for each in found]
            found = found[ids.index(params["starting_after"]) + 1 :]
        return {
            "object": "list", "url": f"/v1/{path}", "has_more": len(found) > limit, "data": found[:limit],
        }  # fmt: skip

    def _search(self, params: dict[str, Any]) -> dict[str, Any]:
        """What was made in the last minute is not found yet."""
        asked = re.fullmatch(r"metadata\['(\w+)'\]:'([^']*)'", params["query"])
        if asked is None:
            raise Refused(400, param="query")
        name, value = asked.groups()
        latest = self.stamp() - self.searchable_after_seconds
        found = [
            each
            for each in self.of("payment_intent")
            if each["metadata"].get(name) == value and each["created"] <= latest
        ]
        return {"object": "search_result", "url": "", "has_more": False, "next_page": None, "data": found[:1]}

    def _expanded(self, told: Any, paths: list[str]) -> Any:
        told = json.loads(json.dumps(told))
        for each in told.get("data", [told]) if told.get("object") == "list" else [told]:
            for path in paths:
                self._expand(each, path.removeprefix("data.").split("."))
        return _public(told)

    def _expand(self, thing: dict[str, Any], names: list[str]) -> None:
        name, *rest = names
        if name == "refunds" and thing["object"] == "charge":
            found = self.of("refund", charge=thing["id"])
            thing["refunds"] = {"object": "list", "data": found[:10], "has_more": len(found) > 10, "url": ""}
            return
        if name not in thing:
            raise Refused(400, message=f"This property cannot be expanded ({name}).")
        if isinstance(thing[name], str):
            thing[name] = json.loads(json.dumps(self._thing(thing[name])))
        if rest and thing[name] is not None:
            self._expand(thing[name], rest)


def tree(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0][c]=d` as nested values; a list where all names are numbers."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        where = found
        for step in rest:
            where = where.setdefault(first, {})
            first = step
        where[first] = {"true": True, "false": False}.get(value, value)
    return _lists(found)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(each) for name, each in value.items()}


def _public(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _public(each) for name, each in value.items() if not name.startswith("_")}
    return [_public(each) for each in value] if isinstance(value, list) else value


def _only(params: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(params) - known)
    if unknown:
        raise Refused(
            400,
            code="parameter_unknown",
            param=unknown[0],
            message=f"Received unknown parameter: {unknown[0]}",
        )
