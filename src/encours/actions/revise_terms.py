"""Agrees other payment terms with a customer from a day on. Invoices that are issued keep their due dates."""

from datetime import date

from django.db import connection, transaction

from encours.actions.journal import record
from encours.core.problems import Problem
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.terms_caps import MAX_CAP_DAYS, Caps, beyond_cap, is_readable_cap
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, TermsRevision

BAD_TERMS = Wording(
    "terms.bad",
    fr="Conditions « {terms} » non comprises. Exemples : 30 jours, 45 jours fin de mois, à réception.",
    en='Terms "{terms}" are not understood. Examples: 30 days, 45 days end of month, on receipt.',
)
NO_REASON = Wording(
    "terms.no_reason", fr="Dites pourquoi : le journal le garde.", en="Say why: the journal keeps it."
)
SAME = Wording(
    "terms.same", fr="Ce sont déjà les conditions de ce client.", en="These are the customer's terms already."
)
BAD_CAP = Wording(
    "terms.bad_cap",
    fr="Un plafond va de 1 à {most} jours ; celui d’un secteur s’écrit comme des conditions (30 jours, 45 fin de mois).",
    en="A cap is from 1 to {most} days; that of a sector is written like terms (30 days, 45 end of month).",
)
# the last agreed for a day that has come is what holds
_APPLY = """
UPDATE store_customer c SET payment_terms = r.terms FROM (
  SELECT DISTINCT ON (customer_id) customer_id, terms FROM store_termsrevision
  WHERE company_id = %s AND NOT is_applied AND from_date <= %s ORDER BY customer_id, from_date DESC, id DESC) r
WHERE c.id = r.customer_id AND c.company_id = %s
"""


class UnableToReviseTerms(Exception):
    """Nothing was changed; `problems` say which fields are wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@transaction.atomic
def revise_terms(
    *,
    company: Company,
    customer_id: int,
    terms: str,
    from_date: date,
    reason: str,
    is_periodic: bool = False,
    on: date,
    actor: str,
) -> Sentence | None:
    """The legal cap the new terms pass, in words, None within it: that is for a person to judge, so they are kept.

    `terms` as people write them, "" for the company's own; from a day that has not come yet they wait for it. Raises
    `Customer.DoesNotExist` for another company's, `UnableToReviseTerms`.
    """
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    try:
        notation = read_terms(terms).notation if terms.strip() else ""
    except UnableToReadTerms:
        raise UnableToReviseTerms(Problem(BAD_TERMS(terms=terms.strip()[:40]), field="terms")) from None
    if not reason.strip():
        raise UnableToReviseTerms(Problem(NO_REASON(), field="reason"))
    latest = (
        TermsRevision.objects.filter(company=company, customer=customer).order_by("-from_date", "-pk").first()
    )
    before = (
        latest.terms
        if latest and not latest.is_applied and latest.from_date <= from_date
        else customer.payment_terms
    )
    was_periodic = latest.is_periodic if latest else False
    if notation == before and is_periodic == was_periodic:
        raise UnableToReviseTerms(Problem(SAME(), field="terms"))
    revision = TermsRevision.objects.create(
        company=company,
        customer=customer,
        from_date=from_date,
        terms=notation,
        previous_terms=before,
        is_periodic=is_periodic,
        reason=reason.strip()[:300],
        decided_by=actor,
    )
    record(
        company=company,
        actor=actor,
        action="terms.revised",
        subject_type="customer",
        subject_id=customer.pk,
        customer_id=customer.pk,
        data={
            "before": before,
            "after": notation,
            "from_date": from_date.isoformat(),
            "periodic": is_periodic,
            "reason": revision.reason,
        },
    )
    apply_terms(company=company, on=on)
    return beyond_cap(
        terms=read_terms(notation or company.payment_terms), kind=customer.kind, sector=customer.sector,
        is_periodic=is_periodic, caps=Caps.from_json(company.terms_caps),
    )  # fmt: skip


def apply_terms(*, company: Company, on: date) -> None:
    """Terms agreed for a day that has come are the customers' from now on. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, [company.pk, on.isoformat(), company.pk])
    TermsRevision.objects.filter(company=company, is_applied=False, from_date__lte=on).update(is_applied=True)


@transaction.atomic
def change_caps(*, company: Company, caps: Caps, forgotten_after_days: int, actor: str) -> None:
    """The caps terms are checked against, and the days after which a delivery without invoice is forgotten.

    Raises `UnableToReviseTerms`.
    """
    days = (caps.net_days, caps.end_of_month_days, caps.periodic_days, caps.public_days)
    if not all(1 <= each <= MAX_CAP_DAYS for each in days) or not all(
        each.sector.strip() and is_readable_cap(each.terms) for each in caps.sectors
    ):
        raise UnableToReviseTerms(Problem(BAD_CAP(most=MAX_CAP_DAYS), field="caps"))
    before = {"caps": company.terms_caps, "forgotten_after_days": company.forgotten_after_days}
    company.terms_caps, company.forgotten_after_days = caps.as_json(), forgotten_after_days
    after = {"caps": company.terms_caps, "forgotten_after_days": forgotten_after_days}
    if before == after:
        return
    company.save(update_fields=["terms_caps", "forgotten_after_days"])
    record(
        company=company, actor=actor, action="terms.caps_changed", subject_type="company", subject_id=company.pk,
        data={"before": before, "after": after},
    )  # fmt: skip
