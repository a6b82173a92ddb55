"""A payment service in a file: it takes requests once per key, keeps its own truth, and says what it says.

`Service` is the other side (payers, their banks, the service's own pages); `ScriptedGateway` is what a company asks. Both may be
used by any number of processes, which may die at any moment: everything is in one SQLite file.
"""

import hmac
import json
import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

from encours.core.payments.failures import LATER
from encours.core.payments.methods import CARD, INSTANT_TRANSFER, SEPA_DEBIT
from encours.core.wording import Wording
from encours.ports.connections import NOT_REACHED, UnableToAsk, setting
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    SetupRequest,
    ToldCharge,
    ToldChargeback,
    ToldEvent,
    ToldFailure,
    ToldMandate,
    ToldMerchant,
    ToldPayout,
    ToldPayoutLine,
    ToldRefund,
    ToldSetup,
    UnableToCharge,
)
from encours.ports.notices import UnableToTrustNotice

NAME = "scripted"
FEE_BASIS_POINTS = 100
_TITLE = Wording("scripted.title", fr="Service de paiement d’essai", en="Scripted payment service")
_FILE = Wording("scripted.file", fr="Fichier", en="File")
_LOSS = Wording("scripted.loss", fr="Réponses perdues (%)", en="Answers lost (%)")
DECLINED = Wording("scripted.declined", fr="Provision insuffisante.", en="Insufficient funds.")
SENT_BACK = Wording("scripted.sent_back", fr="Prélèvement contesté.", en="Debit refused by the payer.")
_TABLES = """
CREATE TABLE IF NOT EXISTS clock (at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS payment (
  id INTEGER PRIMARY KEY, key TEXT UNIQUE, reference TEXT, state TEXT, method TEXT, currency TEXT, amount INTEGER,
  received INTEGER DEFAULT 0, expires_at INTEGER, succeeded_at INTEGER, returned_at INTEGER, payout INTEGER,
  mandate TEXT DEFAULT '', lived INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS payment_lived ON payment (lived) WHERE lived = 0;
CREATE INDEX IF NOT EXISTS payment_reference ON payment (reference);
CREATE TABLE IF NOT EXISTS refund (
  id INTEGER PRIMARY KEY, key TEXT UNIQUE, payment INTEGER, amount INTEGER, state TEXT, payout INTEGER);
CREATE INDEX IF NOT EXISTS refund_payment ON refund (payment);
CREATE TABLE IF NOT EXISTS chargeback (
  id INTEGER PRIMARY KEY, payment INTEGER, amount INTEGER, state TEXT, withdrawn INTEGER, opened_at INTEGER);
CREATE INDEX IF NOT EXISTS chargeback_payment ON chargeback (payment);
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, kind TEXT, about TEXT, object INTEGER, at INTEGER);
CREATE TABLE IF NOT EXISTS payout (id INTEGER PRIMARY KEY, amount INTEGER, arrival TEXT, state TEXT, lines TEXT, at INTEGER);
CREATE TABLE IF NOT EXISTS fault (operation TEXT, moment TEXT);
"""
_SECRET = b"scripted"
_SAVED = "saved"  # a payment that saves its method


def signature(body: bytes) -> str:
    """What signs a delivery of events."""
    return hmac.new(_SECRET, body, sha256).hexdigest()


class Service:
    """The service itself and the world around it. Its clock moves by a microsecond with everything that happens."""

    def __init__(self, path: str, *, start: datetime | None = None) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # it outlives processes, not the machine
        self._db.executescript(_TABLES)
        if start is not None:
            with self._writing():
                self._db.execute("DELETE FROM clock")
                self._db.execute("INSERT INTO clock VALUES (?)", [_micros(start)])

    def close(self) -> None:
        self._db.close()

    # what people and banks do

    def pay(self, reference: str, cents: int | None = None) -> None:
        """The payer pays, at once, whatever the page was for unless `cents` says otherwise."""
        with self._writing() as at:
            self._db.execute(
                "UPDATE payment SET state = 'succeeded', received = coalesce(?, amount), succeeded_at = ?"
                " WHERE reference = ? AND state IN ('open', 'pending')",
                [cents, at, reference],
            )
            self._happened("payment.succeeded", reference, at)

    def debit(self, reference: str) -> None:
        """The payer agreed to a direct debit: the money is days away."""
        self._turn(reference, "pending", "open")

    def decline(self, reference: str) -> None:
        self._turn(reference, "failed", "open", "pending")

    def expire(self, reference: str) -> None:
        self._turn(reference, "expired", "open")

    def send_back(self, reference: str) -> None:
        """A debit returns, weeks or months after it succeeded."""
        with self._writing() as at:
            self._db.execute(
                "UPDATE payment SET state = 'returned', returned_at = ? WHERE reference = ? AND state = 'succeeded'",
                [at, reference],
            )
            self._happened("payment.returned", reference, at)

    def contest(self, reference: str, cents: int | None = None, *, state: str = "open") -> None:
        with self._writing() as at:
            row = self._row(reference)
            self._db.execute(
                "INSERT INTO chargeback (payment, amount, state, withdrawn, opened_at) VALUES (?, ?, ?, ?, ?)",
                [row["id"], cents or row["received"], state, state != "warning", at],
            )
            self._happened("dispute.opened", reference, at)

    def decide_contest(self, reference: str, state: str) -> None:
        """`won`: the money comes back; `lost`: it does not."""
        with self._writing() as at:
            self._db.execute(
                "UPDATE chargeback SET state = ?, withdrawn = ? WHERE payment = ?",
                [state, state != "won", self._row(reference)["id"]],
            )
            self._happened("dispute.closed", reference, at)

    def give_back(self, reference: str, cents: int, *, state: str = "succeeded") -> None:
        """Somebody gives money back on the service's own pages."""
        with self._writing() as at:
            self._db.execute(
                "INSERT INTO refund (payment, amount, state) VALUES (?, ?, ?)",
                [self._row(reference)["id"], cents, state],
            )
            self._happened("refund.created", reference, at)

    def turn_refunds(self, reference: str, state: str) -> None:
        with self._writing() as at:
            self._db.execute(
                "UPDATE refund SET state = ? WHERE payment = ?", [state, self._row(reference)["id"]]
            )
            self._happened("refund.updated", reference, at)

    def pay_out(self, arrival: date, *, other_cents: int = 0) -> str:
        """All that came and went and was not paid out yet, less the fees, as one transfer."""
        with self._writing() as at:
            lines: list[dict[str, Any]] = []
            for row in self._db.execute("SELECT * FROM payment WHERE received > 0 AND payout IS NULL"):
                fee = row["received"] * FEE_BASIS_POINTS // 10_000
                lines.append(_line("charge", row, row["received"], fee))
            gone = self._db.execute(
                "SELECT p.*, r.amount AS gone FROM refund r JOIN payment p ON p.id = r.payment"
                " WHERE r.state = 'succeeded' AND r.payout IS NULL"
            )
            lines += [_line("refund", row, -row["gone"], 0) for row in gone]
            if other_cents:
                lines.append(
                    {"kind": "other", "object_id": "", "amount": other_cents, "fee": 0, "reference": ""}
                )
            amount = sum(each["amount"] - each["fee"] for each in lines)
            payout = self._db.execute(
                "INSERT INTO payout (amount, arrival, state, lines, at) VALUES (?, ?, 'paid', ?, ?)",
                [amount, arrival.isoformat(), json.dumps(lines), at],
            ).lastrowid
            self._db.execute("UPDATE payment SET payout = ? WHERE received > 0 AND payout IS NULL", [payout])
            self._db.execute(
                "UPDATE refund SET payout = ? WHERE state = 'succeeded' AND payout IS NULL", [payout]
            )
            self._db.execute(
                "INSERT INTO event (kind, about, object, at) VALUES ('payout.paid', 'payout', ?, ?)",
                [payout, at],
            )
            return f"po_{payout}"

    def break_next(self, operation: str, moment: str) -> None:
        """The answer to the next request of that kind is lost: `before` the service acted on it, or `after`."""
        with self._writing():
            self._db.execute("INSERT INTO fault VALUES (?, ?)", [operation, moment])

    def wait(self, time: timedelta) -> None:
        with self._writing():
            self._db.execute("UPDATE clock SET at = at + ?", [int(time.total_seconds() * 1e6)])

    # what it says

    def truth(self) -> dict[str, int]:
        """What is left with the company of each payment, by our reference."""
        rows = self._db.execute(
            """SELECT p.reference, CASE WHEN p.state = 'returned' THEN 0 ELSE max(0, p.received
                 - coalesce((SELECT sum(amount) FROM refund r WHERE r.payment = p.id AND r.state = 'succeeded'), 0)
                 - coalesce((SELECT sum(amount) FROM chargeback c WHERE c.payment = p.id AND c.withdrawn), 0)) END AS kept
               FROM payment p"""
        )
        kept: dict[str, int] = {}
        for row in rows:
            kept[row["reference"]] = kept.get(row["reference"], 0) + row["kept"]
        return kept

    def payments(self) -> list[sqlite3.Row]:
        return list(self._db.execute("SELECT * FROM payment ORDER BY id"))

    def still_living(self) -> list[sqlite3.Row]:
        """Payments somebody may still do something about; those that `live` are told no more."""
        return list(self._db.execute("SELECT * FROM payment WHERE lived = 0 AND state <> 'open' ORDER BY id"))

    def live(self, reference: str) -> None:
        with self._writing():
            self._db.execute("UPDATE payment SET lived = 1 WHERE reference = ?", [reference])

    def events(self, *, after: int = 0) -> list[tuple[int, dict[str, Any]]]:
        """Events with their ranks, as they are delivered."""
        rows = self._db.execute("SELECT * FROM event WHERE id > ? ORDER BY id", [after])
        return [(row["id"], _event(row)) for row in rows]

    def moment(self) -> datetime:
        return _moment(self._db.execute("SELECT at FROM clock").fetchone()[0])

    # within

    @contextmanager
    def _writing(self) -> Iterator[int]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("UPDATE clock SET at = at + 1")
            found = self._db.execute("SELECT at FROM clock").fetchone()
            yield found[0] if found else 0
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _row(self, reference: str) -> sqlite3.Row:
        found = self._db.execute("SELECT * FROM payment WHERE reference = ?", [reference]).fetchone()
        assert found is not None, f"no payment {reference}"
        return found

    def _turn(self, reference: str, state: str, *before: str) -> None:
        with self._writing() as at:
            marks = ", ".join("?" * len(before))
            self._db.execute(
                f"UPDATE payment SET state = ? WHERE reference = ? AND state IN ({marks})",
                [state, reference, *before],
            )
            self._happened(f"payment.{state}", reference, at)

    def _happened(self, kind: str, reference: str, at: int) -> None:
        self._db.execute(
            "INSERT INTO event (kind, about, object, at) SELECT ?, 'charge', id, ? FROM payment WHERE reference = ?",
            [kind, at, reference],
        )

    def take(self, request: CheckoutRequest | ChargeRequest, *, outcome: str) -> int:
        """Id of the payment of a request; the same key is the same payment."""
        with self._writing() as at:
            known = self._db.execute("SELECT id FROM payment WHERE key = ?", [request.key]).fetchone()
            if known:
                return known["id"]
            method = request.method if isinstance(request, ChargeRequest) else request.methods[0]
            expires = request.expires_at if isinstance(request, CheckoutRequest) else None
            succeeded = outcome == "succeeded"
            found = self._db.execute(
                "INSERT INTO payment (key, reference, state, method, currency, amount, received, expires_at,"
                " succeeded_at, mandate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    request.key, request.reference, outcome, method, request.currency, request.amount_cents,
                    request.amount_cents if succeeded else 0, _micros(expires) if expires else None,
                    at if succeeded else None, _agreed(request),
                ],
            )  # fmt: skip
            self._happened("payment.created", request.reference, at)
            return found.lastrowid or 0

    def cancel(self, payment: int) -> None:
        with self._writing() as at:
            self._db.execute(
                "UPDATE payment SET state = 'canceled' WHERE id = ? AND state IN ('open')", [payment]
            )
            self._db.execute(
                "INSERT INTO event (kind, about, object, at) VALUES ('payment.canceled', 'charge', ?, ?)",
                [payment, at],
            )

    def refund(self, payment: int, *, cents: int, key: str) -> bool:
        """False when there is not as much left."""
        with self._writing() as at:
            if self._db.execute("SELECT 1 FROM refund WHERE key = ?", [key]).fetchone():
                return True
            row = self._db.execute(
                "SELECT reference, received - coalesce((SELECT sum(amount) FROM refund r WHERE r.payment = p.id"
                " AND r.state IN ('succeeded', 'pending')), 0) AS left FROM payment p WHERE id = ?",
                [payment],
            ).fetchone()
            if row["left"] < cents:
                return False
            self._db.execute(
                "INSERT INTO refund (key, payment, amount, state) VALUES (?, ?, ?, 'succeeded')",
                [key, payment, cents],
            )
            self._happened("refund.created", row["reference"], at)
            return True

    def told(self, where: str, value: Any) -> ToldCharge | None:
        """All of one payment, as of now."""
        with self._writing() as at:
            row = self._db.execute(f"SELECT * FROM payment WHERE {where} = ? ORDER BY id", [value]).fetchone()
            if row is None:
                return None
            refunds = self._db.execute("SELECT * FROM refund WHERE payment = ? ORDER BY id", [row["id"]])
            contests = list(
                self._db.execute("SELECT * FROM chargeback WHERE payment = ? ORDER BY id", [row["id"]])
            )
            return _told(row, list(refunds), contests, at)

    def take_fault(self, operation: str) -> str:
        with self._writing():
            row = self._db.execute(
                "SELECT rowid, moment FROM fault WHERE operation = ? LIMIT 1", [operation]
            ).fetchone()
            if row is None:
                return ""
            self._db.execute("DELETE FROM fault WHERE rowid = ?", [row["rowid"]])
            return row["moment"]

    def payouts(self) -> list[ToldPayout]:
        rows = self._db.execute("SELECT * FROM payout ORDER BY id")
        return [_payout(row, at=self.moment()) for row in rows]


@dataclass(frozen=True)
class ScriptedConfig:
    path: str = setting(_FILE)
    loss_percent: int = setting(_LOSS, default=0)


class ScriptedGateway:
    """The service as a company asks it: the port `PaymentGateway`."""

    name: ClassVar[str] = NAME
    title: ClassVar[Wording] = _TITLE
    Config: ClassVar[type] = ScriptedConfig
    methods: ClassVar[frozenset[str]] = frozenset({CARD, SEPA_DEBIT, INSTANT_TRANSFER})
    limits_cents: ClassVar[Mapping[str, int]] = {SEPA_DEBIT: 1_000_000}
    notice_steps: ClassVar[tuple[Wording, ...]] = ()

    def __init__(self, config: ScriptedConfig) -> None:
        self._service = Service(config.path)
        self._loss = config.loss_percent / 100

    def merchant_told(self) -> ToldMerchant:
        return ToldMerchant("Atelier Lumen", is_test=True, methods=self.methods)

    def checkout(self, request: CheckoutRequest) -> ToldCharge:
        with self._heard("checkout"):
            return self._told(self._service.take(request, outcome="open"))

    def charge(self, request: ChargeRequest) -> ToldCharge:
        """What becomes of a charge by mandate is written in the mandate's id: "m:failed:never" fails for that group."""
        outcome = request.mandate_external_id.partition(":")[2].partition(":")[0] or "succeeded"
        with self._heard("charge"):
            return self._told(self._service.take(request, outcome=outcome))

    def set_up(self, request: SetupRequest) -> ToldSetup:
        return ToldSetup(f"set_{request.key}", request.reference, "open", self._service.moment())

    def cancel(self, external_id: str, *, key: str) -> ToldCharge:  # noqa: ARG002  # the port's
        with self._heard("cancel"):
            self._service.cancel(_rank(external_id))
            return self._told(_rank(external_id))

    def refund(self, external_id: str, *, amount_cents: int, key: str, reason: str) -> ToldCharge:  # noqa: ARG002  # the port's
        with self._heard("refund"):
            if not self._service.refund(_rank(external_id), cents=amount_cents, key=key):
                raise UnableToCharge(DECLINED(), failure=ToldFailure(LATER, "too_much", DECLINED()))
            return self._told(_rank(external_id))

    def charge_told(self, external_id: str) -> ToldCharge:
        with self._heard("ask", asks=True):
            return self._told(_rank(external_id))

    def find(self, reference: str) -> ToldCharge | None:
        with self._heard("ask", asks=True):
            return self._service.told("reference", reference)

    def setup_told(self, external_id: str) -> ToldSetup:
        return ToldSetup(external_id, "", "open", self._service.moment())

    def mandate_told(self, external_id: str, *, mandate_external_id: str = "") -> ToldMandate:
        return ToldMandate(external_id, mandate_external_id, "", "card", "active")

    def forget_method(self, external_id: str) -> None: ...

    def payouts_told(self, *, since: datetime) -> Sequence[ToldPayout]:
        return [each for each in self._service.payouts() if each.told_at >= since]

    def payout_told(self, external_id: str) -> ToldPayout:
        return next(each for each in self._service.payouts() if each.external_id == external_id)

    def parse_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[ToldEvent]:  # noqa: ARG002  # the port's
        if not hmac.compare_digest(headers.get("x-signature", ""), signature(body)):
            raise UnableToTrustNotice("wrong signature")
        return [_told_event(each) for each in json.loads(body)]

    def events_told(self, *, since: datetime) -> Sequence[ToldEvent]:
        with self._heard("ask", asks=True):
            told = [_told_event(event) for _, event in self._service.events()]
            return [each for each in told if each.occurred_at >= since]

    def close(self) -> None:
        self._service.close()

    def _told(self, payment: int) -> ToldCharge:
        found = self._service.told("id", payment)
        if found is None:
            raise UnableToAsk(NOT_REACHED(host=NAME, reason="404"))
        return found

    @contextmanager
    def _heard(self, operation: str, *, asks: bool = False) -> Iterator[None]:
        """Some answers get lost, before or after the service acted."""
        moment = self._service.take_fault(operation) if not self._loss else self._lost()
        broken = UnableToAsk if asks else lambda sentence: UnableToCharge(sentence, is_known=False)
        if moment == "before":
            raise broken(NOT_REACHED(host=NAME, reason="timeout"))
        yield
        if moment == "after":
            raise broken(NOT_REACHED(host=NAME, reason="timeout"))

    def _lost(self) -> str:
        return random.choice(["before", "after"]) if random.random() < self._loss else ""


def _told(row: sqlite3.Row, refunds: list[sqlite3.Row], contests: list[sqlite3.Row], at: int) -> ToldCharge:
    failure = None
    if row["state"] == "failed":
        group = row["mandate"].split(":")[2:] or [LATER]
        failure = ToldFailure(group[0], "insufficient_funds", DECLINED())
    elif row["state"] == "returned":
        failure = ToldFailure(LATER, "MD06", SENT_BACK())
    return ToldCharge(
        external_id=f"pay_{row['id']}",
        reference=row["reference"],
        state=row["state"],
        currency=row["currency"],
        amount_cents=row["amount"],
        received_cents=row["received"],
        told_at=_moment(at),
        method=row["method"],
        url=f"https://pay.example/{row['id']}",
        client_secret=f"secret_{row['id']}",
        expires_at=_moment(row["expires_at"]) if row["expires_at"] else None,
        succeeded_at=_moment(row["succeeded_at"]) if row["succeeded_at"] else None,
        returned_date=_moment(row["returned_at"]).date() if row["returned_at"] else None,
        fee_cents=row["received"] * FEE_BASIS_POINTS // 10_000 if row["received"] else None,
        failure=failure,
        mandate=_saved(row),
        refunds=tuple(
            ToldRefund(f"re_{each['id']}", each["amount"], each["state"], each["key"] or "")
            for each in refunds
        ),
        chargebacks=tuple(
            ToldChargeback(
                f"dp_{each['id']}", each["amount"], each["state"], bool(each["withdrawn"]), "fraudulent",
                _moment(each["opened_at"]),
            )
            for each in contests
        ),
        payout_external_id=f"po_{row['payout']}" if row["payout"] else "",
    )  # fmt: skip


def _agreed(request: CheckoutRequest | ChargeRequest) -> str:
    if isinstance(request, ChargeRequest):
        return request.mandate_external_id
    return _SAVED if request.saves_method else ""


def _saved(row: sqlite3.Row) -> ToldMandate | None:
    """The method a payment saved, once it is on its way."""
    if row["mandate"] != _SAVED or row["state"] not in ("pending", "succeeded"):
        return None
    return ToldMandate(
        external_id=f"pm_{row['id']}",
        mandate_external_id=f"mandate_{row['id']}",
        customer_external_id="cus_1",
        kind="card" if row["method"] == CARD else "sepa_core",
        state="active",
        holder_name="Paul Dubois",
        brand="visa" if row["method"] == CARD else "",
        last_digits="4242",
        expires_date=date(2029, 12, 31) if row["method"] == CARD else None,
    )


def _line(kind: str, row: sqlite3.Row, cents: int, fee: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "object_id": f"pay_{row['id']}",
        "amount": cents,
        "fee": fee,
        "reference": row["reference"],
    }


def _payout(row: sqlite3.Row, *, at: datetime) -> ToldPayout:
    lines = tuple(
        ToldPayoutLine(each["kind"], each["object_id"], each["amount"], each["fee"], each["reference"])
        for each in json.loads(row["lines"])
    )
    arrival = date.fromisoformat(row["arrival"])
    return ToldPayout(f"po_{row['id']}", "EUR", row["amount"], arrival, row["state"], at, lines)


def _event(row: sqlite3.Row) -> dict[str, Any]:
    prefix = "po" if row["about"] == "payout" else "pay"
    return {
        "id": f"evt_{row['id']}", "kind": row["kind"], "about": row["about"], "object": f"{prefix}_{row['object']}",
        "at": _moment(row["at"]).isoformat(),
    }  # fmt: skip


def _told_event(event: Mapping[str, Any]) -> ToldEvent:
    return ToldEvent(
        event["id"], event["kind"], event["about"], event["object"], datetime.fromisoformat(event["at"])
    )


def _rank(external_id: str) -> int:
    return int(external_id.partition("_")[2])


def _micros(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def make_service(path: str, *, start: datetime) -> None:
    """A new service, with its clock."""
    with closing(Service(path, start=start)):
        pass
