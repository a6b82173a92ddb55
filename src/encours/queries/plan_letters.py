"""The letter that puts a payment plan in writing, from what was agreed."""

from datetime import date

import polars as pl

from encours.core.letter_templates.library import PLAN_AGREEMENT
from encours.core.letters import LETTER_LINES, Letter, PlanInstalment, sections_of
from encours.queries.letter_settings import letter_settings
from encours.queries.letters import creditor_of, debtor_of, mandate_of, payment_reference, with_own_text
from encours.store.models import Company, Contact, LetterSettings, PaymentPlan


def plan_letter(*, company: Company, plan_id: int) -> Letter | None:
    """As it was agreed, on the day it was: what came since does not change it. None when there is no such plan."""
    plan = PaymentPlan.objects.filter(company=company, pk=plan_id).select_related("customer").first()
    if plan is None:
        return None
    customer, settings = plan.customer, letter_settings(company=company)
    contact = Contact.objects.filter(company=company, customer=customer).order_by("-is_primary", "pk").first()
    rows = [
        (each.document_id, each.document.number, 0, each.document.issue_date, each.document.due_date,
         each.document.payable_cents, each.planned_cents, each.planned_cents, False)
        for each in plan.documents.select_related("document").order_by("document__due_date", "document_id")
    ]  # fmt: skip
    lines = pl.DataFrame(rows, schema=LETTER_LINES, orient="row")
    letter = Letter(
        reference=f"{company.pk}-E{plan.pk}",
        template=PLAN_AGREEMENT,
        language=customer.language if customer.language in ("fr", "en") else company.language,
        on=plan.agreed_date,
        currency=plan.currency,
        creditor=creditor_of(company),
        debtor=debtor_of(customer),
        contact_name=plan.agreed_with or (contact.name if contact else ""),
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        # all of it is one sum: what is not yet due is a part of the plan too
        sections=sections_of(lines=lines, on=date.max),
        days_to_pay=plan.grace_days,
        payment_reference=payment_reference(company=company, lines=lines),
        plan=tuple(PlanInstalment(each.due_date, each.amount_cents) for each in plan.instalments.all()),
        plan_interest_cents=plan.interest_cents,
        plan_falls=plan.when_broken == PaymentPlan.WhenBroken.ALL_DUE,
        mandate=mandate_of(settings=settings, first_letter=None)
        if settings.collector == LetterSettings.Collector.THIRD_PARTY
        else None,
    )
    return with_own_text(company=company, letter=letter)
