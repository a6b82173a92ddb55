"""Payments under chaos: processes killed at any step, events lost, late, twice and out of order; then the ledger is compared
with what the service knows.

One company, its customers, a service with a memory of its own. Five programs work at once, each forking a process per order, which is
real, talks to a real database, and dies by SIGKILL: at a named step, or whenever it happens to be hit.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from time import sleep
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    django.setup()

from django.db import connection as database
from django.db import transaction

from benchmarks.payments.killed import OF_ROLE, POINTS
from benchmarks.payments.scripted import NAME, ScriptedGateway, Service
from encours.actions.create_company import create_company
from encours.actions.fetch_lost_events import fetch_lost_events
from encours.actions.new_connection import new_connection
from encours.actions.post_movements import post
from encours.actions.work_gateway_events import work_gateway_events
from encours.core.ledger import issued
from encours.core.payments.methods import CARD, SEPA_DEBIT
from encours.ports import registry
from encours.ports.connections import ConnectionKind
from encours.queries.doctor import examine
from encours.store.models import (
    Charge,
    Company,
    Customer,
    Document,
    GatewayConnection,
    GatewayEvent,
    PaymentOption,
)
from encours.store.tenancy import company_scope

ROOT = Path(__file__).parents[2]
ISSUED = date(2026, 1, 5)
_AT_ONCE, _LOSS_PERCENT = 25, 2
_PATIENCE_SECONDS = 120
_SETTLED = """
SELECT d.id FROM store_document d WHERE d.company_id = %s AND d.id = ANY(%s) AND (d.open_cents = 0 OR EXISTS (
  SELECT FROM store_chargedocument p JOIN store_charge c ON c.id = p.charge_id
  WHERE p.document_id = d.id AND c.state IN ('pending', 'succeeded', 'returned')))
"""
# what is left in the accounts of each charge's receipt, from its movements and from its balances
_KEPT = """
SELECT c.reference, c.payment_id,
       -(SELECT coalesce(sum(m.amount_cents), 0) FROM store_movement m WHERE m.payment_id = p.id
         AND m.allocation_id IS NULL)::bigint,
       (p.unallocated_cents + (SELECT coalesce(sum(a.amount_cents), 0) FROM store_allocation a
                               WHERE a.payment_id = p.id AND a.undone_at IS NULL))::bigint
FROM store_charge c LEFT JOIN store_payment p ON p.id = c.payment_id WHERE c.company_id = %s
"""
_DOCUMENTS = """
SELECT p.document_id, c.reference FROM store_chargedocument p JOIN store_charge c ON c.id = p.charge_id
WHERE p.company_id = %s
"""


@dataclass
class Outcome:
    """What became of it. `drift_cents` is the sum of all differences between the ledger and the service, receipt by receipt."""

    payments: int = 0
    charged_twice: int = 0
    lost: int = 0
    drift_cents: int = 0
    kills: int = 0
    unfinished: int = 0
    events: int = 0
    dropped: int = 0
    died_at: dict[str, int] = field(default_factory=dict)


@dataclass
class _Program:
    """A program that works on one order at a time."""

    process: subprocess.Popen[str]
    roles: tuple[str, ...]
    pid: int | None = None
    order: dict[str, Any] | None = None
    said: "SimpleQueue[str]" = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line)

    def give(self, order: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.pid, self.order = int(self.said.get(timeout=_PATIENCE_SECONDS)), order

    def ended(self) -> int | None:
        """Exit code of the order's process, -9 when it was killed; None while it works."""
        if self.said.empty():
            return None
        self.pid = self.order = None
        return int(self.said.get())


@dataclass
class Chaos:
    """One run. `kill_percent` of the orders are to die at a step; besides, a process is hit now and then."""

    company: Company
    service: Service
    payments: int
    seed: int
    kill_percent: int = 45
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._to_pay: deque[int] = deque()
        self._to_charge: deque[int] = deque()
        self._pool: list[dict[str, Any]] = []
        self._cursor = 0

    def run(self, home: str) -> Outcome:
        """`home` is the data folder of the database, which runs already. In the company's scope."""
        for rank, document_id in enumerate(_prepare(self.company, self.service, self.payments)):
            (self._to_charge if rank % 3 == 0 else self._to_pay).append(document_id)
        with _programs(home) as programs:
            while self._is_on(programs):
                for each in programs:
                    if each.pid is None:
                        self._next(each)
                self._await(programs)
                self._world()
            while any(each.pid for each in programs):
                self._await(programs)
        self._settle()
        self._compare()
        return self.outcome

    def _is_on(self, programs: Sequence[_Program]) -> bool:
        """Whether anybody still pays."""
        paying = {"customers", "mandates"}
        return bool(self._to_pay or self._to_charge) or any(
            each.order and each.order["role"] in paying for each in programs
        )

    def _next(self, program: _Program) -> None:
        role = self._chance.choice(program.roles)
        order: dict[str, Any] = {
            "company": self.company.pk,
            "role": role,
            "service": self.service.path,
            "seed": self._chance.randint(0, 1 << 30),
        }
        if role in ("customers", "mandates"):
            order["documents"] = self._take(self._to_pay if role == "customers" else self._to_charge)
            if not order["documents"]:
                return
        if role == "events":
            order["events"] = self._some_events()
        elif role == "lost":
            order["minutes"] = 20
        elif role == "refunds":
            rows = Charge.objects.filter(company=self.company, state="succeeded").order_by("?")
            order["charges"] = list(rows.values_list("pk", flat=True)[:2])
        if self._chance.randrange(100) < self.kill_percent:
            order["die_at"] = list(POINTS)[self._chance.choice(list(OF_ROLE[role]))]
            order["after"] = self._chance.choice([0, 0, 1, 3, 9])
        program.give(order)

    def _take(self, queue: deque[int]) -> list[int]:
        """The next documents that still want paying; the others leave the queue."""
        taken = [queue.popleft() for _ in range(min(_AT_ONCE, len(queue)))]
        with database.cursor() as cursor:
            cursor.execute(_SETTLED, [self.company.pk, taken])
            settled = {document_id for (document_id,) in cursor.fetchall()}
        return [key for key in taken if key not in settled]

    def _await(self, programs: Sequence[_Program]) -> None:
        busy = [each for each in programs if each.pid is not None]
        orders = [(each.order or {}, each.ended()) for each in busy]
        if busy and all(code is None for _, code in orders):
            sleep(0.05)
            if self._chance.random() < 0.02:
                hit = self._chance.choice(busy)
                with suppress(ProcessLookupError):
                    os.kill(hit.pid or 0, signal.SIGKILL)
        for order, code in orders:
            if code is None:
                continue
            if code == -signal.SIGKILL:
                self.outcome.kills += 1
                point = order.get("die_at", "anywhere")
                self.outcome.died_at[point] = self.outcome.died_at.get(point, 0) + 1
            else:
                assert code == 0, f"{order['role']} broke"
            queue = {"customers": self._to_pay, "mandates": self._to_charge}.get(order["role"])
            if queue is not None:
                queue.extend(order["documents"])

    def _some_events(self) -> list[dict[str, Any]]:
        """Of what happened lately some is lost, some comes twice, some later, none in order."""
        fresh = self.service.events(after=self._cursor)
        for rank, event in fresh:
            self._cursor = rank
            self.outcome.events += 1
            if self._chance.random() < 0.1:
                self.outcome.dropped += 1
                continue
            self._pool += [event] * (2 if self._chance.random() < 0.15 else 1)
        self._chance.shuffle(self._pool)
        cut = len(self._pool) * 7 // 10
        now, self._pool = self._pool[:cut], self._pool[cut:]
        return now[:400]

    def _world(self) -> None:
        """What payers and banks do meanwhile: debits settle or fail; some money goes back."""
        for row in self.service.still_living():
            reference, luck = row["reference"], self._chance.random()
            if row["state"] == "pending":
                if luck < 0.3:
                    self.service.pay(reference)
                elif luck < 0.32:
                    self.service.decline(reference)
            elif row["state"] == "succeeded":
                self.service.live(reference)
                if luck < 0.03:
                    self.service.send_back(reference)
                elif luck < 0.06:
                    self.service.contest(reference)
                    if luck < 0.05:
                        self.service.decide_contest(reference, "won" if luck < 0.045 else "lost")
                elif luck < 0.09:
                    self.service.give_back(reference, 1 + row["received"] // 3)
            else:
                self.service.live(reference)

    def _settle(self) -> None:
        """Nobody is killed any more: debits settle, pages close, and what was lost is asked for until nothing is left."""
        for row in self.service.payments():
            if row["state"] == "pending":
                self.service.pay(row["reference"])
            elif row["state"] == "open":
                self.service.expire(row["reference"])
        registry.gateways = lambda: {NAME: ScriptedGateway}
        for _ in range(60):
            self.service.wait(timedelta(hours=13))
            fetch_lost_events(company=self.company, now=self.service.moment())
            work_gateway_events(company=self.company, now=self.service.moment())
            unfinished = Charge.objects.filter(company=self.company, state__in=["created", "open", "pending"])
            waiting = GatewayEvent.objects.filter(company=self.company, state__in=["waiting", "failed"])
            heard = GatewayConnection.objects.filter(company=self.company, failure_count=0)
            self.outcome.unfinished = unfinished.count() + waiting.count()
            if not self.outcome.unfinished and heard.exists():
                return

    def _compare(self) -> None:
        truth = self.service.truth()
        with database.cursor() as cursor:
            cursor.execute(_KEPT, [self.company.pk])
            ledger = {row[0]: row[1:] for row in cursor.fetchall()}
            cursor.execute(_DOCUMENTS, [self.company.pk])
            documents: dict[int, list[str]] = {}
            for document_id, reference in cursor.fetchall():
                documents.setdefault(document_id, []).append(reference)
        received = {row["reference"] for row in self.service.payments() if row["received"]}
        self.outcome.payments = len(received)
        self.outcome.lost = sum(ledger.get(reference, (None,))[0] is None for reference in received)
        # what was returned or refunded may be paid again; what is kept may not be more than was owed
        owed = dict(Document.objects.filter(company=self.company).values_list("pk", "payable_cents"))
        self.outcome.charged_twice = sum(
            sum(truth.get(reference, 0) for reference in references) > owed[document_id]
            for document_id, references in documents.items()
        )
        for reference in truth.keys() | ledger.keys():
            _, moved, left = ledger.get(reference, (None, None, None))
            kept = truth.get(reference, 0)
            self.outcome.drift_cents += abs(kept - (moved or 0)) + abs((moved or 0) - (left or 0))


@contextmanager
def _programs(home: str) -> Iterator[list[_Program]]:
    environment = os.environ | {
        "ENCOURS_HOME": home, "ENCOURS_LOG_LEVEL": "CRITICAL", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    roles = (("customers",), ("customers",), ("mandates",), ("events",), ("lost", "refunds", "events"))
    programs = [
        _Program(
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.payments.killed"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
            ),
            each,
        )
        for each in roles
    ]  # fmt: skip
    try:
        yield programs
    finally:
        for program in programs:
            assert program.process.stdin is not None
            program.process.stdin.close()
            program.process.wait(30)


@transaction.atomic
def _prepare(company: Company, service: Service, count: int) -> list[int]:
    """Customers with open invoices, and the company's account at the service, whose answers get lost at times."""
    connection = new_connection(
        kind=ConnectionKind.GATEWAY, company=company, provider=NAME, name="Scripted",
        given={"path": service.path, "loss_percent": _LOSS_PERCENT},
    )  # fmt: skip
    connection.events_until_at = service.moment()
    connection.save()
    PaymentOption.objects.bulk_create(
        PaymentOption(company=company, method=method, connection=connection) for method in (CARD, SEPA_DEBIT)
    )
    customers = Customer.objects.bulk_create(
        Customer(company=company, code=f"C{rank}", name=f"Client {rank}") for rank in range(1 + count // 20)
    )
    documents = Document.objects.bulk_create(
        Document(
            company=company, customer=customers[rank % len(customers)], type="invoice", number=f"FA-{rank:05}",
            search_number=f"FA{rank:05}", issue_date=ISSUED, due_date=ISSUED, currency="EUR",
            payable_cents=10_00 + rank * 7 % 90_000, open_cents=0,
        )
        for rank in range(count)
    )  # fmt: skip
    post(
        company=company,
        movements=[
            issued(
                document_id=each.pk, customer_id=each.customer_id, type="invoice", currency="EUR",
                payable_cents=each.payable_cents, issue_date=ISSUED,
            )
            for each in documents
        ],
    )  # fmt: skip
    return [each.pk for each in documents]


def run_chaos(
    *, company: Company, path: str, home: str, payments: int, seed: int, kill_percent: int = 45
) -> Outcome:
    """A run of so many invoices in a new service at `path`; the company's scope is entered here."""
    registry.gateways = lambda: {NAME: ScriptedGateway}
    with closing(Service(path, start=datetime.now(UTC))) as service, company_scope(company.pk):
        return Chaos(company, service, payments, seed, kill_percent).run(home)


def main() -> None:
    """`python -m benchmarks.payments.chaos PAYMENTS SEED` in the data folder of ENCOURS_HOME: the outcome as JSON."""
    payments, seed = int(sys.argv[1]), int(sys.argv[2])
    company = create_company(name="Chaos", siren="732829320", slug=f"chaos-{seed}", actor="bench")
    home = os.environ["ENCOURS_HOME"]
    outcome = run_chaos(
        company=company, path=str(Path(home, f"service-{seed}.db")), home=home, payments=payments, seed=seed
    )
    with company_scope(company.pk):
        broken = [check.name for check in examine(company=company) if not check.ok]
    json.dump(vars(outcome) | {"broken": broken}, sys.stdout)


if __name__ == "__main__":
    main()
