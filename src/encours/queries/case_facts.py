"""What promises and payment plans are judged by: what was said, and what the ledger says of the money since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from encours.core.cases.plans import Part, PlanFacts, PlannedDocument
from encours.core.cases.promises import Account, Covered, PromiseFacts, Settlement, Unallocated
from encours.store.models import Company

# A direct debit may come back for 13 months (directive (EU) 2015/2366, art. 71), and a kept promise with it.
JUDGED_AGAIN_DAYS = 400

_PROMISES = """
SELECT p.customer_id, p.currency, p.id, p.recorded_date, p.promised_date, p.grace_days, p.state, p.settled_cents,
       pd.document_id, pd.promised_cents, pd.rest_cents, d.open_cents,
       CASE WHEN x.id IS NULL THEN 0 WHEN x.is_whole THEN d.open_cents ELSE least(x.disputed_cents, d.open_cents) END AS disputed_cents
FROM store_promise p
JOIN store_promisedocument pd ON pd.promise_id = p.id AND pd.company_id = p.company_id
JOIN store_document d ON d.id = pd.document_id AND d.company_id = p.company_id
LEFT JOIN store_dispute x ON x.document_id = d.id AND x.company_id = p.company_id AND x.resolved_date IS NULL
WHERE p.company_id = %s AND p.state <> 'withdrawn' AND (p.state = 'open' OR p.promised_date >= %s)
ORDER BY p.customer_id, p.currency, p.id, pd.document_id
"""
_PLANS = """
SELECT p.customer_id, p.currency, p.id, p.agreed_date, p.grace_days, p.when_broken, p.state, p.settled_cents,
       pd.document_id, pd.planned_cents, pd.rest_cents, d.open_cents,
       CASE WHEN x.id IS NULL THEN 0 WHEN x.is_whole THEN d.open_cents ELSE least(x.disputed_cents, d.open_cents) END AS disputed_cents
FROM store_paymentplan p
JOIN store_plandocument pd ON pd.plan_id = p.id AND pd.company_id = p.company_id
JOIN store_document d ON d.id = pd.document_id AND d.company_id = p.company_id
LEFT JOIN store_dispute x ON x.document_id = d.id AND x.company_id = p.company_id AND x.resolved_date IS NULL
WHERE p.company_id = %(company)s AND p.state <> 'ended' AND p.customer_id = coalesce(%(customer)s, p.customer_id)
  AND (p.state = 'agreed' OR p.when_broken = 'missed_due' AND p.state = 'broken' OR p.judged_date >= %(since)s)
ORDER BY p.customer_id, p.currency, p.id, pd.document_id
"""
_INSTALMENTS = """
SELECT plan_id, due_date, amount_cents FROM store_planinstalment
WHERE company_id = %s AND plan_id = ANY(%s) ORDER BY plan_id, position
"""
_SETTLEMENTS = """
SELECT a.document_id, p.received_date, sum(a.amount_cents)::bigint
FROM store_allocation a JOIN store_payment p ON p.id = a.payment_id AND p.company_id = a.company_id
WHERE a.company_id = %s AND a.document_id = ANY(%s) AND a.undone_at IS NULL AND p.reversed_at IS NULL
GROUP BY 1, 2
"""
_UNALLOCATED = """
SELECT customer_id, currency, received_date, sum(unallocated_cents)::bigint FROM store_payment
WHERE company_id = %s AND customer_id = ANY(%s) AND unallocated_cents > 0 AND reversed_at IS NULL
GROUP BY 1, 2, 3
"""

_Owner = tuple[int, str]  # a customer and a currency


@dataclass(frozen=True)
class Known:
    """What was found last."""

    customer_id: int
    state: str
    settled_cents: int


@dataclass(frozen=True)
class PromisesOfCustomer:
    """Promises in one currency that are judged together: no cent counts for two of them."""

    account: Account
    promises: tuple[PromiseFacts, ...]
    known: Mapping[int, Known]


@dataclass(frozen=True)
class PlanOfCustomer:
    account: Account
    plan: PlanFacts
    known: Known


def promises_to_judge(*, company: Company, on: date) -> list[PromisesOfCustomer]:
    """Open promises and those whose verdict may still change, by customer and currency. Three queries."""
    rows = _rows(_PROMISES, [company.pk, _since(on)])
    accounts = _accounts(company, rows)
    return [
        PromisesOfCustomer(
            account=accounts[owner],
            promises=tuple(_promise(list(parts)) for _, parts in groupby(group, key=lambda row: row["id"])),
            known={row["id"]: _known(row) for row in group},
        )
        for owner, found in groupby(rows, key=_owner)
        for group in [list(found)]
    ]


def plans_to_judge(*, company: Company, customer_id: int | None = None, on: date) -> list[PlanOfCustomer]:
    """Plans that run and those whose verdict may still change, of all customers or of one. Four queries."""
    rows = _rows(_PLANS, {"company": company.pk, "customer": customer_id, "since": _since(on)})
    accounts = _accounts(company, rows)
    instalments: dict[int, list[Part]] = {}
    for row in _rows(_INSTALMENTS, [company.pk, sorted({row["id"] for row in rows})]):
        instalments.setdefault(row["plan_id"], []).append(Part(row["due_date"], row["amount_cents"]))
    return [
        PlanOfCustomer(accounts[_owner(group[0])], _plan(group, instalments[plan_id]), _known(group[0]))
        for plan_id, found in groupby(rows, key=lambda row: row["id"])
        for group in [list(found)]
    ]


def _since(on: date) -> date:
    return on - timedelta(days=JUDGED_AGAIN_DAYS)


def _owner(row: Mapping[str, Any]) -> _Owner:
    return row["customer_id"], row["currency"]


def _known(row: Mapping[str, Any]) -> Known:
    return Known(row["customer_id"], row["state"], row["settled_cents"])


def _promise(parts: list[dict[str, Any]]) -> PromiseFacts:
    first = parts[0]
    return PromiseFacts(
        promise_id=first["id"],
        recorded_date=first["recorded_date"],
        promised_date=first["promised_date"],
        grace_days=first["grace_days"],
        documents=tuple(
            Covered(row["document_id"], row["promised_cents"], row["rest_cents"]) for row in parts
        ),
    )


def _plan(parts: list[dict[str, Any]], instalments: list[Part]) -> PlanFacts:
    first = parts[0]
    return PlanFacts(
        plan_id=first["id"],
        agreed_date=first["agreed_date"],
        grace_days=first["grace_days"],
        when_broken=first["when_broken"],
        instalments=tuple(instalments),
        documents=tuple(
            PlannedDocument(row["document_id"], row["planned_cents"], row["rest_cents"]) for row in parts
        ),
    )


def _accounts(company: Company, rows: list[dict[str, Any]]) -> dict[_Owner, Account]:
    """What the ledger says of each customer and currency of the rows."""
    owners: dict[int, _Owner] = {row["document_id"]: _owner(row) for row in rows}
    settlements: dict[_Owner, list[Settlement]] = {}
    for row in _rows(_SETTLEMENTS, [company.pk, sorted(owners)]):
        part = Settlement(row["document_id"], row["received_date"], row["sum"])
        settlements.setdefault(owners[row["document_id"]], []).append(part)
    unallocated: dict[_Owner, list[Unallocated]] = {}
    for row in _rows(_UNALLOCATED, [company.pk, sorted({owner for owner, _ in owners.values()})]):
        unallocated.setdefault(_owner(row), []).append(Unallocated(row["received_date"], row["sum"]))
    open_cents: dict[_Owner, dict[int, int]] = {}
    disputed_cents: dict[_Owner, dict[int, int]] = {}
    for row in rows:
        open_cents.setdefault(_owner(row), {})[row["document_id"]] = row["open_cents"]
        disputed_cents.setdefault(_owner(row), {})[row["document_id"]] = row["disputed_cents"]
    return {
        owner: Account(
            open_,
            disputed_cents[owner],
            tuple(settlements.get(owner, ())),
            tuple(unallocated.get(owner, ())),
        )
        for owner, open_ in open_cents.items()
    }


def _rows(query: str, params: list[Any] | dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
