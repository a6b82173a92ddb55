"""What the Encaissements page shows around its lines: how much waits, and what may be chosen by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import F

from encours.queries.bank_lines import STATES, CandidateDocument, LineFilter
from encours.queries.paging import COUNT_LIMIT
from encours.store.models import Company, Customer, Document, Transaction

ANY_LINE = LineFilter()


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


def waiting_counts(*, company: Company, wanted: LineFilter = ANY_LINE) -> dict[str, Waiting]:
    """How many lines of a filter are in each state, whichever it asks for; none counted beyond the limit. One query.

    With a text only the states that wait are told: the others are the history, which would be read whole.
    """
    states = (Transaction.State.NEW, Transaction.State.PROPOSED) if wanted.text else STATES
    parts, params = [], []
    for state in map(str, states):
        lines = replace(wanted, state=state).lines(company=company)
        sql, given = lines.order_by().values("pk")[: COUNT_LIMIT + 1].query.sql_with_params()
        parts.append(f"(SELECT %s, count(*) FROM ({sql}) AS waiting)")
        params += [state, *given]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        counted = cursor.fetchall()
    return {state: Waiting(min(count, COUNT_LIMIT), count > COUNT_LIMIT) for state, count in counted}


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
