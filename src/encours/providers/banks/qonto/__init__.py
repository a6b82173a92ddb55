"""Qonto, a bank that is asked directly with a key of the organisation (API version 2).

Lines are asked for by account and time of change. Only completed ones are booked; pending ones are none yet, declined and
cancelled ones are taken back. Days are those of Paris: the API tells moments in UTC.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from encours.core.feed_lines import ToldLine
from encours.core.statements import RETURNED, Transaction
from encours.core.wording import Wording
from encours.ports.connections import NOT_UNDERSTOOD, UnableToAsk, setting
from encours.ports.http import BankApi, parsed, parsed_moment, stamp
from encours.ports.live_feeds import (
    ADDRESS_LABEL,
    HOOK_SECRET_HELP,
    HOOK_SECRET_LABEL,
    Consent,
    FeedReading,
    ToldAccount,
)
from encours.ports.notices import UnableToTrustNotice, elements, is_signed, secrets_of

_PAGE = 100
_MAX_PAGES = 5000
_PARIS = ZoneInfo("Europe/Paris")
_NOTICE_AGE = timedelta(minutes=5)
# operations that give back what had come in by transfer
_RETURNS = frozenset({"recall"})

_LOGIN = Wording("qonto.login", fr="Identifiant de l'organisation", en="Login of the organisation")
_SECRET = Wording("qonto.secret_key", fr="Clé secrète", en="Secret key")


@dataclass(frozen=True)
class QontoConfig:
    login: str = setting(_LOGIN)
    secret_key: str = setting(_SECRET, secret=True)
    hook_secret: str = setting(HOOK_SECRET_LABEL, help=HOOK_SECRET_HELP, default="", secret=True)
    base_url: str = setting(ADDRESS_LABEL, default="https://thirdparty.qonto.com/v2", hidden=True)


class Qonto:
    name: ClassVar[str] = "qonto"
    title: ClassVar[Wording] = Wording("live_feed.qonto", fr="Qonto (banque)", en="Qonto (bank)")
    Config: ClassVar[type] = QontoConfig
    overlap_hours: ClassVar[int] = 24

    def __init__(self, config: QontoConfig) -> None:
        self._config = config
        self._api = BankApi(
            config.base_url,
            headers={"Authorization": f"{config.login}:{config.secret_key}", "Accept": "application/json"},
        )

    def connect(self, *, return_url: str, email: str, reference: str) -> Consent:  # noqa: ARG002 (the key is the access)
        self._organization([])
        return Consent()

    def read(self, *, since: datetime | None, now: datetime) -> FeedReading:
        pages: list[bytes] = []
        accounts = [
            self._account(each, now)
            for each in self._organization(pages)
            if isinstance(each, dict) and each.get("status", "active") == "active"
        ]
        lines = [
            self._line(each, account)
            for account in accounts
            for each in self._transactions(account, since, pages)
        ]
        return FeedReading(tuple(accounts), tuple(lines), tuple(pages))

    def revoke(self) -> None:
        """The key is the organisation's own: it is withdrawn at the bank, here it is only forgotten."""

    def check_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        told = elements(headers.get("x-qonto-signature", ""))
        times = [value for name, value in told if name == "t"]
        signatures = [value for name, value in told if name == "v1"]
        secrets = secrets_of(self._config.hook_secret)
        if (
            not secrets
            or len(times) != 1
            or not (times[0].isascii() and times[0].isdigit() and len(times[0]) < 13)
        ):
            raise UnableToTrustNotice("no valid signature")
        if not is_signed(times[0].encode() + b"." + body, secrets=secrets, signatures=signatures):
            raise UnableToTrustNotice("no valid signature")
        if abs(now.timestamp() - int(times[0])) > _NOTICE_AGE.total_seconds():
            raise UnableToTrustNotice("too old")

    def close(self) -> None:
        self._api.close()

    def _organization(self, pages: list[bytes]) -> list[Any]:
        content = self._api.get("organization")
        pages.append(content)
        accounts = (self._object(content).get("organization") or {}).get("bank_accounts")
        if not isinstance(accounts, list):
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="bank_accounts"))
        return accounts

    def _transactions(
        self, account: ToldAccount, since: datetime | None, pages: list[bytes]
    ) -> Iterator[dict[str, Any]]:
        """Oldest change first: what changes while pages are turned comes on a later one, never on one turned already."""
        params: dict[str, Any] = {
            "bank_account_id": account.external_id,
            "status[]": ["pending", "declined", "completed"],
            "sort_by": "updated_at:asc",
            "per_page": _PAGE,
        }
        if since:
            params["updated_at_from"] = stamp(since)
        page = 1
        for _ in range(_MAX_PAGES):
            content = self._api.get("transactions", params=params | {"page": page})
            pages.append(content)
            answer = self._object(content)
            found = answer.get("transactions")
            if not isinstance(found, list):
                raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="transactions"))
            yield from (each for each in found if isinstance(each, dict))
            following = (answer.get("meta") or {}).get("next_page")
            if following is None:
                return
            if not isinstance(following, int) or following <= page:
                break
            page = following
        raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="pagination"))

    def _account(self, each: Mapping[str, Any], now: datetime) -> ToldAccount:
        external_id = self._text(each, "id")
        return ToldAccount(
            external_id=external_id,
            identifier="".join(str(each.get("iban") or "").split()).upper() or f"qonto:{external_id}",
            currency=str(each.get("currency") or "EUR"),
            name=str(each.get("name") or ""),
            bank="Qonto",
            balance_cents=each.get("balance_cents") if isinstance(each.get("balance_cents"), int) else None,
            refreshed_at=now,  # the bank itself answers
        )

    def _line(self, each: Mapping[str, Any], account: ToldAccount) -> ToldLine:
        external_id = self._text(each, "id")
        updated_at = self._moment(each, "updated_at")
        if each.get("status") != "completed" or not each.get("settled_at"):
            return ToldLine(account.external_id, external_id, updated_at, None)
        operation = str(each.get("operation_type") or "")
        side = {"credit": 1, "debit": -1}.get(str(each.get("side")))
        cents = each.get("amount_cents")
        if side is None or not isinstance(cents, int):
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason="amount_cents"))
        details = each.get(str(each.get("subject_type") or "").lower()) or {}
        details = details if isinstance(details, dict) else {}
        line = Transaction(
            booked_date=self._day(each, "settled_at"),
            amount_cents=side * abs(cents),
            currency=str(each.get("currency") or account.currency),
            bank_reference=external_id,
            end_to_end_id=str(details.get("end_to_end_id") or ""),
            mandate_id=str(details.get("mandate_id") or details.get("mandate_reference") or ""),
            remittance=str(each.get("reference") or each.get("note") or ""),
            counterparty_name=str(each.get("label") or ""),
            counterparty_iban=_iban(details),
            operation_code=operation,
            extra={RETURNED: "1"} if operation in _RETURNS else {},
        )
        return ToldLine(account.external_id, external_id, updated_at, line)

    def _object(self, content: bytes) -> dict[str, Any]:
        return parsed(content, host=self._api.host)

    def _text(self, each: Mapping[str, Any], name: str) -> str:
        value = each.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= 80:
            raise UnableToAsk(NOT_UNDERSTOOD(host=self._api.host, reason=name))
        return value

    def _moment(self, each: Mapping[str, Any], name: str) -> datetime:
        return parsed_moment(each.get(name), host=self._api.host, name=name)

    def _day(self, each: Mapping[str, Any], name: str) -> date:
        return self._moment(each, name).astimezone(_PARIS).date()


def _iban(details: Mapping[str, Any]) -> str:
    if details.get("counterparty_account_number_format") not in (None, "IBAN"):
        return ""
    return "".join(str(details.get("counterparty_account_number") or "").split()).upper()[:34]
