"""A payment plan in writing: what was agreed, to be signed by both."""

from datetime import date

from encours.actions.agree_plan import agree_plan
from encours.actions.render_letter import render_letter
from encours.actions.render_message import render_message
from encours.core.cases.plans import Part
from encours.queries.plan_letters import plan_letter
from encours.store.models import PaymentPlan
from tests import cast

ON = date(2026, 3, 2)


def plan_of(company, **options) -> PaymentPlan:
    customer = cast.late_payer(company)
    invoices = [
        cast.invoice(company, customer, number, payable_cents=60_000, issue_date=date(2026, 1, 5))
        for number in ("FA-1", "FA-2")
    ]
    return agree_plan(
        company=company, customer_id=customer.pk, document_ids=[each.pk for each in invoices], on=ON, actor="user:1",
        instalments=[Part(date(2026, 4, 1), 61_000), Part(date(2026, 5, 1), 61_000)], interest_cents=2_000,
        agreed_with="Mme Le Goff", **options,
    )  # fmt: skip


def test_the_agreement_tells_what_was_agreed(company):
    letter = plan_letter(company=company, plan_id=plan_of(company).pk)
    rendered = render_message(letter=letter)
    assert "1 220,00 € en 2 échéances" in rendered.subject
    for said in (
        "FA-1", "FA-2", "1. 01/04/2026", "2. 01/05/2026", "reconnaît devoir", "1\u202f200,00\u00a0€", "art. 2240",
        "rend l’accord caduc", "Bonjour Mme Le Goff",
    ):  # fmt: skip
        assert said in rendered.text, said
    assert render_letter(letter=letter).startswith(b"%PDF")


def test_a_plan_that_survives_a_missed_instalment_says_so(company):
    plan = plan_of(company, when_broken=PaymentPlan.WhenBroken.MISSED_DUE)
    text = render_message(letter=plan_letter(company=company, plan_id=plan.pk)).text
    assert "caduc" not in text
    assert "l’accord se poursuit" in text


def test_another_company_has_no_such_plan(company, other_company):
    assert plan_letter(company=other_company, plan_id=plan_of(company).pk) is None
