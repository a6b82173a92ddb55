"""What the Encaissements page shows around its lines: the cash position, how much waits, what may be chosen by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F

from encours.queries.bank_lines import STATES, CandidateDocument
from encours.queries.dashboard import KnownAccount, known_accounts
from encours.queries.paging import COUNT_LIMIT
from encours.store.models import Company, Customer, Document, Statement


@dataclass(frozen=True)
class AccountPosition:
    """A bank account with the last balance a statement tells; None when none does."""

    account: KnownAccount
    balance_cents: int | None
    balance_date: date | None


@dataclass(frozen=True)
class Waiting:
    """Lines of a state: exact up to the limit of counts, `is_capped` beyond."""

    count: int
    is_capped: bool


@dataclass(frozen=True)
class CandidateCustomer:
    id: int
    code: str
    name: str
    city: str


def cash_position(*, company: Company, on: date) -> list[AccountPosition]:
    """Every bank account with its last known balance, the stalest first. Two queries."""
    told = (
        Statement.objects.filter(company=company, closing_cents__isnull=False, closing_date__isnull=False)
        .order_by("account_id", "-closing_date", "-pk")
        .distinct("account_id")
        .values_list("account__identifier", "account__currency", "closing_cents", "closing_date")
    )
    balances = {(identifier, currency): (cents, day) for identifier, currency, cents, day in told}
    return [
        AccountPosition(account, *balances.get((account.identifier, account.currency), (None, None)))
        for account in known_accounts(company=company, on=on)
    ]


def waiting_counts(*, company: Company) -> dict[str, Waiting]:
    """How many lines are in each state, all states named, none counted beyond the limit. One query."""
    each = " UNION ALL ".join(
        "(SELECT %s, count(*) FROM (SELECT 1 FROM store_transaction WHERE company_id = %s AND state = %s"
        " LIMIT %s) AS waiting)"
        for _ in STATES
    )
    params = [value for state in STATES for value in (state, company.pk, state, COUNT_LIMIT + 1)]
    with connection.cursor() as cursor:
        cursor.execute(each, params)
        counted = dict(cursor.fetchall())
    return {
        state: Waiting(min(counted[state], COUNT_LIMIT), counted[state] > COUNT_LIMIT) for state in STATES
    }


def candidate_customers(*, company: Company, text: str, limit: int = 8) -> list[CandidateCustomer]:
    """Customers whose name holds the text or whose code it is, by name. One query."""
    said = text.strip()
    if len(said) < 2:
        return []
    mine = Customer.objects.filter(company=company)
    found = mine.filter(name__icontains=said) | mine.filter(code__iexact=said)
    rows = found.order_by("name", "pk")[:limit]
    return [CandidateCustomer(row.pk, row.code, row.name, row.city) for row in rows]


def chosen_documents(
    *, company: Company, document_ids: Collection[int], currency: str
) -> Sequence[CandidateDocument]:
    """The open documents of these ids in this currency, the longest due first. One query."""
    found = Document.objects.filter(company=company, pk__in=document_ids, currency=currency)
    rows = found.exclude(open_cents=0).annotate(customer_name=F("customer__name")).order_by("due_date", "pk")
    names = list(CandidateDocument.__dataclass_fields__)
    return [CandidateDocument(**row) for row in rows.values(*names)]
