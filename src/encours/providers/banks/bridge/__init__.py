"""Bridge (bridgeapi.io), an aggregator: accounts of most French banks through one API (version 2025-01-15).

A person is sent to a connect session once per bank; then lines are read with `since`, which gives all that were created,
changed or deleted after a moment. A line under way (`future`) is none yet. Every access token is asked anew: none is stored.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from encours.core.feed_lines import ToldLine
from encours.core.money import UnableToReadAmount, to_cents
from encours.core.statements import Transaction
from encours.core.wording import Sentence, Wording
from encours.ports.connections import NOT_LET_IN, NOT_UNDERSTOOD, UnableToAsk, setting
from encours.ports.http import BankApi, parsed, parsed_moment, stamp
from encours.ports.live_feeds import (
    ADDRESS_LABEL,
    HOOK_SECRET_HELP,
    HOOK_SECRET_LABEL,
    IN_TROUBLE,
    NEEDS_AUTHORISATION,
    Consent,
    FeedReading,
    ToldAccount,
)
from encours.ports.notices import UnableToTrustNotice, elements, is_signed, secrets_of

_VERSION = "2025-01-15"
_PAGE = 500
_MAX_PAGES = 2000
# item statuses that only the account holder can lift: wrong credentials, strong authentication, action at the bank
_WAITS_FOR_HOLDER = frozenset({402, 429, 430, 1007, 1010})
# kinds of accounts no customer pays to
_OTHER_ACCOUNTS = frozenset({"card", "loan", "brokerage", "life_insurance", "insurance", "real_estate"})
# a notice may be sent again for a day; each counts once
_NOTICE_AGE = timedelta(hours=24)

_CLIENT_ID = Wording("bridge.client_id", fr="Identifiant client", en="Client id")
_CLIENT_SECRET = Wording("bridge.client_secret", fr="Secret client", en="Client secret")
_USER = Wording("bridge.user_uuid", fr="Utilisateur Bridge", en="Bridge user")


@dataclass(frozen=True)
class BridgeConfig:
    client_id: str = setting(_CLIENT_ID)
    client_secret: str = setting(_CLIENT_SECRET, secret=True)
    hook_secret: str = setting(HOOK_SECRET_LABEL, help=HOOK_SECRET_HELP, default="", secret=True)
    user_uuid: str = setting(_USER, default="", hidden=True)
    base_url: str = setting(ADDRESS_LABEL, default="https://api.bridgeapi.io/v3", hidden=True)


class Bridge:
    name: ClassVar[str] = "bridge"
    title: ClassVar[Wording] = Wording("live_feed.bridge", fr="Bridge (agrégateur)", en="Bridge (aggregator)")
    Config: ClassVar[type] = BridgeConfig
    overlap_hours: ClassVar[int] = 24

    def __init__(self, config: BridgeConfig) -> None:
        self._config = config
        self._api = BankApi(
            config.base_url,
            headers={
                "Bridge-Version": _VERSION,
                "Client-Id": config.client_id,
                "Client-Secret": config.client_secret,
                "Accept": "application/json",
            },
        )

    def connect(self, *, return_url: str, email: str, reference: str) -> Consent:
        user = self._config.user_uuid or self._create_user(reference)
        body = {"user_email": email, "callback_url": return_url}
        answer = self._object(
            self._api.post("aggregation/connect-sessions", body=body, headers=self._bearer(user))
        )
        url = str(answer.get("url", ""))
        if not url.startswith("https://") and not self._config.base_url.startswith("http://127.0.0.1"):
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="url"))
        return Consent(url=url, settings={"user_uuid": user})

    def read(self, *, since: datetime | None, now: datetime) -> FeedReading:
        if not self._config.user_uuid:
            raise UnableToAsk(NOT_LET_IN(host=self._api.host), needs_person=True)
        bearer = self._bearer(self._config.user_uuid)
        pages: list[bytes] = []
        rows = list(self._resources("aggregation/accounts", {}, bearer, pages))
        accounts = {told.external_id: told for each in rows if (told := self._account(each, now)) is not None}
        names = {each.get("item_id"): str(each.get("name") or "") for each in reversed(rows)}
        params = {"since": stamp(since)} if since else {}
        lines = [
            told
            for each in self._resources("aggregation/transactions", params, bearer, pages)
            if (told := self._line(each, accounts)) is not None
        ]
        warnings = self._warnings(bearer, names)
        return FeedReading(tuple(accounts.values()), tuple(lines), tuple(pages), tuple(warnings))

    def revoke(self) -> None:
        if self._config.user_uuid:
            self._api.delete(f"aggregation/users/{self._config.user_uuid}")

    def check_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        signatures = [v for name, v in elements(headers.get("bridgeapi-signature", "")) if name == "v1"]
        secrets = secrets_of(self._config.hook_secret)
        if not secrets or not is_signed(body, secrets=secrets, signatures=signatures):
            raise UnableToTrustNotice("no valid signature")
        try:
            sent = datetime.fromtimestamp(json.loads(body)["timestamp"] / 1000, UTC)
        except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError) as error:
            raise UnableToTrustNotice("no time") from error
        if abs(now - sent) > _NOTICE_AGE:
            raise UnableToTrustNotice("too old")

    def close(self) -> None:
        self._api.close()

    def _create_user(self, reference: str) -> str:
        answer = self._object(self._api.post("aggregation/users", body={"external_user_id": reference[:64]}))
        return self._id(answer, "uuid")

    def _bearer(self, user: str) -> dict[str, str]:
        """Tokens live two hours; one is asked for each round."""
        answer = self._object(self._api.post("aggregation/authorization/token", body={"user_uuid": user}))
        return {"Authorization": f"Bearer {self._text(answer, 'access_token')}"}

    def _resources(
        self, path: str, params: Mapping[str, str], bearer: Mapping[str, str], pages: list[bytes]
    ) -> Iterator[dict[str, Any]]:
        """All pages; each is kept as it came."""
        wanted: Mapping[str, Any] | None = {**params, "limit": _PAGE}
        seen = set()
        for _ in range(_MAX_PAGES):
            content = self._api.get(path, params=wanted, headers=bearer)
            pages.append(content)
            answer = self._object(content)
            resources = answer.get("resources")
            if not isinstance(resources, list):
                raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="resources"))
            yield from (each for each in resources if isinstance(each, dict))
            path, wanted = str((answer.get("pagination") or {}).get("next_uri") or ""), None
            if not path:
                return
            if path in seen:
                break
            seen.add(path)
        raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="pagination"))

    def _warnings(self, bearer: Mapping[str, str], names: Mapping[Any, str]) -> list[Sentence]:
        """Banks that wait for the account holder, or are in trouble by themselves; called by an account of theirs."""
        found = []
        for item in self._resources("aggregation/items", {}, bearer, []):
            status = item.get("status")
            bank = names.get(item.get("id")) or str(item.get("id"))
            if isinstance(status, int) and status in _WAITS_FOR_HOLDER:
                found.append(NEEDS_AUTHORISATION(bank=bank))
            elif isinstance(status, int) and status != 0:
                found.append(IN_TROUBLE(bank=bank, status=status))
        return found

    def _account(self, each: Mapping[str, Any], now: datetime) -> ToldAccount | None:
        """None for an account that is not read: switched off by its holder, a card, a loan."""
        if each.get("data_access") == "disabled" or str(each.get("type") or "") in _OTHER_ACCOUNTS:
            return None
        external_id = self._id(each, "id")
        currency = str(each.get("currency_code") or "EUR")
        return ToldAccount(
            external_id=external_id,
            identifier="".join(str(each.get("iban") or "").split()).upper() or f"bridge:{external_id}",
            currency=currency,
            name=str(each.get("name") or ""),
            bank="",  # a number there
            balance_cents=None if each.get("balance") is None else self._cents(each["balance"], currency),
            refreshed_at=self._moment(each["updated_at"]) if each.get("updated_at") else now,
        )

    def _line(self, each: Mapping[str, Any], accounts: Mapping[str, ToldAccount]) -> ToldLine | None:
        account = accounts.get(self._id(each, "account_id"))
        if account is None:
            return None
        external_id = self._id(each, "id")
        updated_at = self._moment(each.get("updated_at"))
        if each.get("deleted") or each.get("is_deleted") or each.get("future"):
            return ToldLine(account.external_id, external_id, updated_at, None)
        currency = str(each.get("currency_code") or account.currency)
        line = Transaction(
            booked_date=self._day(each.get("booking_date") or each.get("date")),
            value_date=self._day(each["value_date"]) if each.get("value_date") else None,
            amount_cents=self._cents(each.get("amount"), currency),
            currency=currency,
            bank_reference=external_id,
            remittance=str(each.get("provider_description") or each.get("clean_description") or ""),
            operation_code=str(each.get("operation_type") or ""),
        )
        return ToldLine(account.external_id, external_id, updated_at, line)

    def _object(self, content: bytes) -> dict[str, Any]:
        return parsed(content, host=self._api.host)

    def _text(self, each: Mapping[str, Any], name: str) -> str:
        value = each.get(name)
        if value in (None, ""):
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason=name))
        return str(value)

    def _id(self, each: Mapping[str, Any], name: str) -> str:
        """What the books have room for: one cut short could be another's."""
        found = self._text(each, name)
        if len(found) > 80:
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason=name))
        return found

    def _cents(self, value: Any, currency: str) -> int:
        try:
            return to_cents(Decimal(value), currency)
        except (UnableToReadAmount, InvalidOperation, TypeError, ValueError):
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="amount")) from None

    def _day(self, value: Any) -> date:
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="date")) from None

    def _moment(self, value: Any) -> datetime:
        return parsed_moment(value, host=self._api.host, name="updated_at")
