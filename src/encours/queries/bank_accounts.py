"""The company's bank accounts: under which names they are told, and which of them tell the same lines."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Max, OuterRef, Q, Subquery

from encours.store.models import BankAccount, Company, Statement

# fewer, or a smaller part of the shorter account, are chance: rents and fees are alike everywhere
_MIN_SHARED, _MIN_SHARE = 3, 0.5

# equal lines of a day pair one to one
_SHARED = """
WITH lines AS (
  SELECT t.account_id, a.currency, t.booked_date, t.amount_cents,
         row_number() OVER (PARTITION BY t.account_id, t.booked_date, t.amount_cents) AS rank
  FROM store_transaction t JOIN store_bankaccount a ON a.id = t.account_id
  WHERE t.company_id = %(company)s AND a.company_id = %(company)s AND t.state <> 'removed'
)
SELECT one.account_id, other.account_id, count(*)
FROM lines one JOIN lines other USING (currency, booked_date, amount_cents, rank)
WHERE one.account_id < other.account_id GROUP BY 1, 2
"""


@dataclass(frozen=True)
class AccountRow:
    """`tells_the_same` are accounts of which so many lines stand in this one too, by day and amount: perhaps one account."""

    id: int
    identifier: str
    name: str
    bank: str
    currency: str
    also_called: tuple[str, ...]
    line_count: int
    known_until_date: date | None
    tells_the_same: tuple[tuple[int, int], ...]

    def as_json(self) -> dict[str, Any]:
        """One entry of `accounts[]` as scripts read it."""
        return {
            "id": self.id,
            "account": self.identifier,
            "name": self.name,
            "bank": self.bank,
            "currency": self.currency,
            "also_called": list(self.also_called),
            "line_count": self.line_count,
            "known_until_date": self.known_until_date.isoformat() if self.known_until_date else None,
            "tells_the_same": [{"id": key, "line_count": lines} for key, lines in self.tells_the_same],
        }


def accounts_told(*, company: Company) -> list[AccountRow]:
    """Every bank account, by name. Two queries; the second goes through all lines when there are two accounts or more."""
    until = Statement.objects.filter(company=company, account=OuterRef("pk")).order_by().values("account")
    rows = list(
        BankAccount.objects.filter(company=company)
        .annotate(
            lines=Count("transactions", filter=~Q(transactions__state="removed")),
            until=Subquery(until.annotate(day=Max("known_until_date")).values("day")),
        )
        .order_by("name", "identifier", "currency")
    )
    counts = {row.pk: row.lines for row in rows}
    shared = _shared(company, counts) if len(rows) > 1 else {}
    return [
        AccountRow(
            id=row.pk,
            identifier=row.identifier,
            name=row.name,
            bank=row.bank,
            currency=row.currency,
            also_called=tuple(row.also_called),
            line_count=row.lines,
            known_until_date=row.until,
            tells_the_same=tuple(sorted(shared.get(row.pk, ()))),
        )
        for row in rows
    ]


def _shared(company: Company, counts: dict[int, int]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"company": company.pk})
        for one, other, lines in cursor.fetchall():
            if lines >= max(_MIN_SHARED, _MIN_SHARE * min(counts[one], counts[other])):
                found[one].append((other, lines))
                found[other].append((one, lines))
    return found
