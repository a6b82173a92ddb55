"""Whose customers are whose: portfolios, the rules that fill them, who stands in for whom, and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q

from encours.store.models import Company, Membership, PortfolioCustomer, PortfolioRule

_FIGURES = """
SELECT p.user_id, count(*)::bigint, count(*) FILTER (WHERE o.overdue_cents > 0)::bigint,
       coalesce(sum(o.owed_cents), 0)::bigint, coalesce(sum(o.overdue_cents), 0)::bigint
FROM store_portfoliocustomer p
LEFT JOIN (SELECT customer_id, sum(open_cents)::bigint AS owed_cents,
                  coalesce(sum(open_cents) FILTER (WHERE due_date < %s), 0)::bigint AS overdue_cents
           FROM store_receivable WHERE company_id = %s AND open_cents > 0 AND currency = %s GROUP BY 1) o
  ON o.customer_id = p.customer_id
WHERE p.company_id = %s GROUP BY 1
"""


@dataclass(frozen=True)
class PortfolioRow:
    """A member and what is in their portfolio, in the company's currency. `replaced_by` stands in for them today."""

    user_id: int
    name: str
    customers: int
    overdue_customers: int
    owed_cents: int
    overdue_cents: int
    away_from_date: date | None
    away_until_date: date | None
    replaced_by: str


def users_looked_after(*, company: Company, user_id: int, on: date) -> list[int]:
    """Whose portfolios are a member's today: their own, and of those they stand in for. Nobody's for who is no member."""
    begun = Q(away_from_date__isnull=True) | Q(away_from_date__lte=on)
    replaced = begun & Q(replaced_by_id=user_id, away_until_date__gte=on)
    members = Membership.objects.filter(Q(user_id=user_id) | replaced, company=company)
    return sorted(members.values_list("user_id", flat=True), key=lambda each: (each != user_id, each))


def portfolio_rows(*, company: Company, on: date) -> list[PortfolioRow]:
    """Every member by name, with the figures of what they look after. Two queries."""
    params: list[Any] = [on, company.pk, company.currency, company.pk]
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, params)
        figures = {user_id: tuple(rest) for user_id, *rest in cursor.fetchall()}
    members = Membership.objects.filter(company=company).select_related("user", "replaced_by")
    rows = []
    for member in members.order_by("user__name", "user__email"):
        away = member.away_until_date is not None and member.away_until_date >= on
        customers, overdue_customers, owed_cents, overdue_cents = figures.get(member.user_id, (0, 0, 0, 0))
        rows.append(
            PortfolioRow(
                user_id=member.user_id,
                name=str(member.user),
                customers=customers,
                overdue_customers=overdue_customers,
                owed_cents=owed_cents,
                overdue_cents=overdue_cents,
                away_from_date=member.away_from_date if away else None,
                away_until_date=member.away_until_date if away else None,
                replaced_by=str(member.replaced_by) if away and member.replaced_by else "",
            )
        )
    return rows


def portfolio_rules(*, company: Company) -> list[PortfolioRule]:
    """In the order in which they decide, each with its person."""
    return list(PortfolioRule.objects.filter(company=company).select_related("user").order_by("position"))


def has_portfolios(*, company: Company) -> bool:
    """Whether anybody looks after anything: without, nobody is asked whose to show."""
    return PortfolioCustomer.objects.filter(company=company).exists()


def portfolio_of(*, company: Company, customer_id: int) -> PortfolioCustomer | None:
    """In whose portfolio a customer is, with the person; None when in nobody's."""
    found = PortfolioCustomer.objects.filter(company=company, customer_id=customer_id)
    return found.select_related("user").first()


def customers_looked_after(*, company: Company, user_ids: Sequence[int]) -> list[int]:
    """Ids of the customers in these people's portfolios."""
    found = PortfolioCustomer.objects.filter(company=company, user_id__in=user_ids)
    return list(found.order_by("customer_id").values_list("customer_id", flat=True))
