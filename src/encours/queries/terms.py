"""The payment terms that apply to customers: now, on any day, against the caps, and the invoices a what-if looks at."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from encours.core.reference_rates import Half
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.terms_caps import Caps, beyond_cap
from encours.core.terms_what_if import INVOICES, Impact, impacts
from encours.core.wording import Sentence
from encours.queries.reference_rates import ecb_rates
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Customer, TermsRevision

LOOKED_BACK = timedelta(days=365)
# a company's terms nobody can read give what the law gives (art. L441-10 Code de commerce)
LEGAL_DEFAULT = "30"
_TERMS = "SELECT c.id, c.payment_terms FROM store_customer c WHERE c.company_id = %s AND c.id IN (SELECT id FROM {staged})"
_REVISIONS = """
SELECT r.customer_id, r.from_date, r.terms, r.previous_terms, r.is_applied FROM store_termsrevision r
WHERE r.company_id = %s AND r.customer_id IN (SELECT id FROM {staged}) ORDER BY r.from_date, r.id
"""
_REVISED = {
    "customer_id": pl.Int64, "from_date": pl.Date, "new_terms": pl.String, "previous_terms": pl.String, "is_applied": pl.Boolean,
}  # fmt: skip
# Distinct combinations are few: what each means is worked out once.
_AGREED = """
SELECT c.payment_terms, c.kind, c.sector, coalesce(r.is_periodic, false), count(*), min(c.id)
FROM store_customer c
LEFT JOIN LATERAL (SELECT is_periodic FROM store_termsrevision r
                   WHERE r.company_id = c.company_id AND r.customer_id = c.id AND r.is_applied
                   ORDER BY from_date DESC, id DESC LIMIT 1) r ON true
WHERE c.company_id = %s GROUP BY 1, 2, 3, 4
"""
_BEYOND = """
SELECT c.id FROM {staged} s JOIN store_customer c
  ON c.payment_terms = s.terms AND c.kind = s.kind AND c.sector = s.sector
LEFT JOIN LATERAL (SELECT is_periodic FROM store_termsrevision r
                   WHERE r.company_id = c.company_id AND r.customer_id = c.id AND r.is_applied
                   ORDER BY from_date DESC, id DESC LIMIT 1) r ON true
WHERE c.company_id = %s AND coalesce(r.is_periodic, false) = s.is_periodic ORDER BY c.name, c.id LIMIT %s
"""
# Open invoices and those of a year, each with the day the last of it was settled.
_INVOICES = """
SELECT d.id, d.customer_id, c.kind, d.currency, d.issue_date, d.due_date, d.payable_cents, d.open_cents,
       CASE WHEN d.open_cents = 0 THEN coalesce(a.settled_date, d.due_date) END
FROM store_document d JOIN store_customer c ON c.id = d.customer_id
LEFT JOIN (SELECT a.document_id, max(coalesce(p.received_date, n.issue_date, a.allocated_date)) AS settled_date
           FROM store_allocation a LEFT JOIN store_payment p ON p.id = a.payment_id LEFT JOIN store_document n ON n.id = a.credit_note_id
           WHERE a.company_id = %(company)s AND a.undone_at IS NULL GROUP BY 1) a ON a.document_id = d.id
WHERE d.company_id = %(company)s AND c.company_id = d.company_id AND d.type = 'invoice' AND d.payable_cents > 0
  AND d.instalment_count = 0 AND d.issue_date <= %(on)s AND (d.open_cents <> 0 OR d.issue_date > %(since)s) {only}
"""


@dataclass(frozen=True)
class TermsRow:
    """What is agreed with a customer. `beyond` is the cap it passes; `is_own` whether the customer has terms of its own."""

    customer_id: int
    code: str
    name: str
    terms: str  # in their notation
    words: Sentence | None
    is_own: bool
    is_periodic: bool
    beyond: Sentence | None

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id,
            "customer_code": self.code,
            "customer": self.name,
            "terms": self.terms,
            "words": self.words.say(language) if self.words else "",
            "own": self.is_own,
            "periodic": self.is_periodic,
            "beyond_cap": self.beyond.say(language) if self.beyond else None,
        }


@dataclass(frozen=True)
class WhatIf:
    """Whose invoices were looked at, and what would change, a currency each."""

    customer_count: int
    impacts: tuple[Impact, ...]


def terms_of(*, customer: Customer, company: Company) -> Sentence | None:
    """The customer's own terms, or the company's, in words; None when neither can be read."""
    for text in (customer.payment_terms, company.payment_terms):
        try:
            return read_terms(text).in_words()
        except UnableToReadTerms:
            continue
    return None


def terms_row(*, company: Company, customer_id: int) -> TermsRow | None:
    """What is agreed with one customer, against the caps; None when the company has no such customer. Two queries."""
    customer = Customer.objects.filter(company=company, pk=customer_id).first()
    if customer is None:
        return None
    agreed = TermsRevision.objects.filter(company=company, customer=customer, is_applied=True)
    latest = agreed.order_by("-from_date", "-pk").first()
    return _row(company, customer, is_periodic=latest.is_periodic if latest else False)


def revisions_of(*, company: Company, customer_id: int) -> list[TermsRevision]:
    """What was agreed with a customer, the latest first."""
    found = TermsRevision.objects.filter(company=company, customer_id=customer_id)
    return list(found.order_by("-from_date", "-pk")[:30])


def customers_beyond_caps(*, company: Company, limit: int = 200) -> list[TermsRow]:
    """Customers whose terms pass a cap, by name. Two queries and one for their names, however many customers."""
    schema = {
        "terms": pl.String, "kind": pl.String, "sector": pl.String, "is_periodic": pl.Boolean, "count": pl.Int64, "id": pl.Int64,
    }  # fmt: skip
    agreed = read_frame(_AGREED, [company.pk], schema)
    wrong = [
        row
        for row in agreed.iter_rows(named=True)
        if _beyond(row["terms"], row["kind"], row["sector"], company, is_periodic=row["is_periodic"])
    ]
    if not wrong:
        return []
    frame = pl.DataFrame(wrong, schema=schema).drop("count", "id")
    with staged(frame) as table:
        ids = read_frame(_BEYOND.format(staged=table), [company.pk, limit], {"id": pl.Int64})["id"].to_list()
    periodic = set(
        TermsRevision.objects.filter(company=company, customer_id__in=ids, is_applied=True)
        .order_by("customer_id", "-from_date", "-pk")
        .distinct("customer_id")
        .values_list("customer_id", "is_periodic")
    )
    customers = {each.pk: each for each in Customer.objects.filter(company=company, pk__in=ids)}
    return [_row(company, customers[each], is_periodic=(each, True) in periodic) for each in ids]


def _row(company: Company, customer: Customer, *, is_periodic: bool) -> TermsRow:
    return TermsRow(
        customer_id=customer.pk,
        code=customer.code,
        name=customer.name,
        terms=_in_force(customer.payment_terms, company),
        words=terms_of(customer=customer, company=company),
        is_own=bool(customer.payment_terms),
        is_periodic=is_periodic,
        beyond=_beyond(
            customer.payment_terms, customer.kind, customer.sector, company, is_periodic=is_periodic
        ),
    )


def terms_on(*, company: Company, documents: pl.DataFrame) -> pl.Series:
    """Of each row (with `customer_id` and `issue_date`) the `terms`: what was agreed for a document issued that day, "" for
    the company's. Terms revised later do not reach back; those agreed for a day that has come hold from it.
    """
    with staged(documents.select(pl.col("customer_id").unique().alias("id"))) as table:
        schema = {"customer_id": pl.Int64, "terms": pl.String}
        known = read_frame(_TERMS.format(staged=table), [company.pk], schema)
        revised = read_frame(_REVISIONS.format(staged=table), [company.pk], _REVISED)
    found = documents.select("customer_id", "issue_date").with_row_index("_row")
    found = found.join(known, on="customer_id", how="left", maintain_order="left")
    if revised.is_empty():
        return found["terms"]
    own: dict[str, Any] = {
        "left_on": "issue_date", "right_on": "from_date", "by": "customer_id", "check_sortedness": False,
    }  # fmt: skip
    later = revised.filter("is_applied").select("customer_id", "from_date", _before="previous_terms")
    come = revised.filter(~pl.col("is_applied")).select("customer_id", "from_date", _since="new_terms")
    rows = found.sort("issue_date").join_asof(later, strategy="forward", allow_exact_matches=False, **own)
    rows = rows.drop("from_date", strict=False).join_asof(come, strategy="backward", **own)
    return rows.sort("_row").select(terms=pl.coalesce("_before", "_since", "terms")).to_series()


def what_if(
    *,
    company: Company,
    to: str,
    on: date,
    customer_id: int | None = None,
    segment: str = "",
    financing_basis_points: int | None = None,
) -> WhatIf:
    """What terms would change for a customer, a segment, or all, over open invoices and those of the last 12 months.

    Without a rate, money costs the last known ECB refinancing rate. Raises `UnableToReadTerms`.
    """
    terms = read_terms(to)
    only = ""
    if customer_id is not None:
        only = "AND d.customer_id = %(customer)s"
    elif segment:
        only = "AND c.segment = %(segment)s"
    params = {
        "company": company.pk,
        "on": on,
        "since": on - LOOKED_BACK,
        "customer": customer_id,
        "segment": segment,
    }
    invoices = read_frame(_INVOICES.format(only=only), params, dict(INVOICES))
    rates = ecb_rates(company=company)
    cost = _last_rate(rates) if financing_basis_points is None else financing_basis_points
    found = impacts(invoices=invoices, to=terms, on=on, ecb_rates=rates, financing_basis_points=cost)
    return WhatIf(invoices["customer_id"].n_unique(), tuple(found))


def _last_rate(rates: Any) -> int:
    """The rate of the latest half-year there is one for."""
    latest: Half = max(rates)
    return rates[latest]


def _in_force(terms: str, company: Company) -> str:
    for text in (terms, company.payment_terms):
        try:
            return read_terms(text).notation
        except UnableToReadTerms:
            continue
    return LEGAL_DEFAULT


def _beyond(terms: str, kind: str, sector: str, company: Company, *, is_periodic: bool) -> Sentence | None:
    read = read_terms(_in_force(terms, company))
    caps = Caps.from_json(company.terms_caps)
    return beyond_cap(terms=read, kind=kind, sector=sector, is_periodic=is_periodic, caps=caps)
