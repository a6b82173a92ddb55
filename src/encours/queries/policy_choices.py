"""Which policy applies to what and why: a document's own, else the customer's, else the segment's, else the company's."""

from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.db.models import Count

from encours.store.models import Company, Customer, Document, Policy, PolicyAssignment

Why = Literal["document", "customer", "segment", "company", "none"]

# as queries.dunning does for the plan: what is switched off is passed over
_REACH = """
SELECT coalesce(own.id, segment.id, standard.id), count(*),
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM store_customerbalance b
                                      WHERE b.company_id = c.company_id AND b.customer_id = c.id AND b.owed_cents > 0))
FROM store_customer c
LEFT JOIN store_policy own ON own.id = c.policy_id AND own.is_active
LEFT JOIN store_policyassignment a ON a.company_id = c.company_id AND a.segment = c.segment AND a.segment <> ''
LEFT JOIN store_policy segment ON segment.id = a.policy_id AND segment.is_active
LEFT JOIN store_policy standard ON standard.company_id = c.company_id AND standard.is_default AND standard.is_active
WHERE c.company_id = %s GROUP BY 1
"""


@dataclass(frozen=True)
class Reach:
    """How many customers a policy applies to, and how many of them owe something. Documents with one of their own aside."""

    customers: int
    debtors: int


@dataclass(frozen=True)
class Applied:
    """`why` names what the policy was chosen for. `own_slug` is what the customer or document itself has, "" for nothing;
    `own_is_off` when it is switched off, so that another one applies."""

    slug: str
    name: str
    policy_id: int | None
    why: Why
    segment: str
    own_slug: str
    own_is_off: bool


@dataclass(frozen=True)
class Choice:
    """A policy in force, to choose."""

    slug: str
    name: str
    is_default: bool


@dataclass(frozen=True)
class SegmentRow:
    """A segment of customers and the policy it has, "" for none of its own."""

    segment: str
    customers: int
    slug: str
    name: str
    policy_id: int | None
    is_off: bool


def reach(*, company: Company) -> dict[int, Reach]:
    """By the id of the version in force; a policy that applies to nobody is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_REACH, [company.pk])
        return {key: Reach(customers, debtors) for key, customers, debtors in cursor.fetchall() if key}


def policy_choices(*, company: Company) -> list[Choice]:
    """The policies in force, by name."""
    found = Policy.objects.filter(company=company, is_active=True).order_by("name", "slug")
    return [Choice(row.slug, row.name, row.is_default) for row in found]


def applied_to_customer(*, company: Company, customer_id: int) -> Applied | None:
    """None when the company has no such customer."""
    customer = Customer.objects.filter(company=company, pk=customer_id).select_related("policy").first()
    return _applied(company, customer, None, "customer") if customer else None


def applied_to_document(*, company: Company, document_id: int) -> Applied | None:
    """None when the company has no such document."""
    document = (
        Document.objects.filter(company=company, pk=document_id).select_related("customer__policy").first()
    )
    if document is None:
        return None
    own = PolicyAssignment.objects.filter(company=company, document=document).select_related("policy").first()
    return _applied(company, document.customer, own.policy if own else None, "document")


def _applied(company: Company, customer: Customer, own: Policy | None, asked: Why) -> Applied:
    of_segment = (
        PolicyAssignment.objects.filter(company=company, segment=customer.segment)
        .select_related("policy")
        .first()
        if customer.segment
        else None
    )
    line: list[tuple[Why, Policy | None]] = [
        ("document", own),
        ("customer", customer.policy),
        ("segment", of_segment.policy if of_segment else None),
        ("company", Policy.objects.filter(company=company, is_default=True).first()),
    ]
    chosen = dict(line)[asked]
    nothing: tuple[Why, Policy | None] = ("none", None)
    why, policy = next((each for each in line if each[1] is not None and each[1].is_active), nothing)
    return Applied(
        slug=policy.slug if policy else "",
        name=policy.name if policy else "",
        policy_id=policy.pk if policy else None,
        why=why,
        segment=customer.segment,
        own_slug=chosen.slug if chosen else "",
        own_is_off=chosen is not None and not chosen.is_active,
    )


def segment_rows(*, company: Company) -> list[SegmentRow]:
    """The segments customers have, and those that only a choice still names."""
    counts = dict(
        Customer.objects.filter(company=company)
        .exclude(segment="")
        .values_list("segment")
        .annotate(Count("pk"))
        .order_by("segment")
    )
    chosen = {
        row.segment: row.policy
        for row in PolicyAssignment.objects.filter(company=company)
        .exclude(segment="")
        .select_related("policy")
    }
    return [
        SegmentRow(
            segment=segment,
            customers=counts.get(segment, 0),
            slug=policy.slug if (policy := chosen.get(segment)) else "",
            name=policy.name if policy else "",
            policy_id=policy.pk if policy else None,
            is_off=policy is not None and not policy.is_active,
        )
        for segment in sorted(counts.keys() | chosen.keys(), key=str.casefold)
    ]
