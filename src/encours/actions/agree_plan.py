"""Agrees with a customer that it pays documents in instalments: they are not reminded while it does."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from encours.actions.choose_documents import Refusals, choose_documents, promises_ended
from encours.actions.journal import record
from encours.actions.withdraw_promise import end_promise
from encours.core.cases.plans import GRACE_DAYS, Part
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.queries.free_amounts import FreeDocument, free_documents
from encours.store.models import (
    Company,
    Customer,
    PaymentPlan,
    PlanDocument,
    PlanInstalment,
)

UNKNOWN_DOCUMENT = Wording(
    "plan_unknown_document",
    fr="Un des documents n'est pas une pièce ouverte de ce client.",
    en="One of the documents is no open document of this customer.",
)
SEVERAL_CURRENCIES = Wording(
    "plan_several_currencies",
    fr="Ces documents sont en plusieurs devises : un échéancier par devise.",
    en="These documents are in several currencies: one payment plan for each.",
)
IN_PLAN = Wording(
    "plan_already",
    fr="Le document {number} est déjà dans un échéancier en cours.",
    en="Document {number} is in a payment plan already.",
)
IN_DISPUTE = Wording(
    "plan_in_dispute",
    fr="Le document {number} est en litige : résolvez-le d'abord.",
    en="Document {number} is in dispute: resolve that first.",
)
PROMISED_WITH_OTHERS = Wording(
    "plan_promised_with_others",
    fr="Le document {number} est promis avec d'autres pour le {promised} : retirez d'abord cette promesse.",
    en="Document {number} is promised with others for {promised}: withdraw that promise first.",
)
NO_INSTALMENTS = Wording(
    "plan_without_instalments",
    fr="Un échéancier a au moins une échéance, chacune d'un montant supérieur à zéro.",
    en="A payment plan has one instalment at least, each of more than zero.",
)
BACKWARDS = Wording(
    "plan_dates_backwards",
    fr="Les échéances se suivent : chacune après la précédente, aucune avant le {agreed}.",
    en="Instalments follow each other: each later than the one before, none before {agreed}.",
)
WRONG_SUM = Wording(
    "plan_wrong_sum",
    fr="Les échéances font {sum} ; il y a {planned} à échelonner, intérêts compris.",
    en="The instalments sum to {sum}; {planned} is to be paid in them, interest included.",
)
NEGATIVE_INTEREST = Wording(
    "plan_negative_interest",
    fr="Les intérêts d'un échéancier ne sont pas négatifs.",
    en="The interest of a payment plan is not negative.",
)
UNKNOWN_CONSEQUENCE = Wording(
    "plan_unknown_consequence",
    fr="{when_broken} n'est pas une conséquence d'échéancier.",
    en="{when_broken} is no consequence of a broken payment plan.",
)


class UnableToAgreePlan(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


_REFUSALS = Refusals(
    error=UnableToAgreePlan,
    unknown=UNKNOWN_DOCUMENT,
    several_currencies=SEVERAL_CURRENCIES,
    in_plan=IN_PLAN,
    in_dispute=IN_DISPUTE,
    promised_with_others=PROMISED_WITH_OTHERS,
)


@transaction.atomic
def agree_plan(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int],
    instalments: Sequence[Part],
    interest_cents: int = 0,
    grace_days: int = GRACE_DAYS,
    when_broken: str = PaymentPlan.WhenBroken.ALL_DUE,
    agreed_with: str = "",
    note: str = "",
    on: date,
    actor: str,
) -> PaymentPlan:
    """A plan over all that is open and not in dispute on documents of one currency; `instalments` sum to it and the
    interest, to the cent.

    Accepting a plan acknowledges the debt: limitation begins anew (C. civ. 2240). `grace_days` after its day an
    instalment still comes in time; `when_broken` says what follows from one that does not. Promises to pay the same
    documents end with it. Raises `UnableToAgreePlan`.
    """
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    chosen = check_plan(
        company=company, customer_id=customer_id, document_ids=document_ids, instalments=instalments,
        interest_cents=interest_cents, on=on,
    )  # fmt: skip
    planned_cents = sum(each.uncontested_cents for each in chosen)
    currency = chosen[0].currency
    if when_broken not in PaymentPlan.WhenBroken.values:
        raise UnableToAgreePlan(UNKNOWN_CONSEQUENCE(when_broken=when_broken))
    replaced = promises_ended(company=company, chosen=chosen, refusals=_REFUSALS)
    plan = PaymentPlan.objects.create(
        company=company,
        customer_id=customer_id,
        currency=currency,
        planned_cents=planned_cents,
        interest_cents=interest_cents,
        grace_days=grace_days,
        when_broken=when_broken,
        agreed_date=on,
        agreed_with=agreed_with.strip(),
        recorded_by=actor,
        note=note.strip(),
    )
    _store_parts(plan, chosen, instalments)
    for promise in replaced:
        end_promise(promise=promise, on=on)
    record(
        company=company,
        actor=actor,
        action="plan.agreed",
        subject_type="customer",
        subject_id=customer_id,
        customer_id=customer_id,
        data={
            "plan": plan.pk,
            "planned_cents": planned_cents,
            "interest_cents": interest_cents,
            "documents": [
                {"number": each.number, "planned_cents": each.uncontested_cents} for each in chosen
            ],
            "instalments": [
                {"due_date": part.due_date.isoformat(), "amount_cents": part.amount_cents}
                for part in instalments
            ],
            "ends_promises": [promise.pk for promise in replaced],
        },
    )
    return plan


def check_plan(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int],
    instalments: Sequence[Part],
    interest_cents: int,
    on: date,
) -> Sequence[FreeDocument]:
    """The documents a plan would be over, when it could be agreed on a day; else raises `UnableToAgreePlan`."""
    found = free_documents(company=company, customer_id=customer_id)
    chosen = choose_documents(found=found, document_ids=document_ids, refusals=_REFUSALS)
    planned_cents = sum(each.uncontested_cents for each in chosen)
    _check_instalments(instalments, planned_cents, interest_cents, chosen[0].currency, on)
    return chosen


def _check_instalments(
    instalments: Sequence[Part], planned_cents: int, interest_cents: int, currency: str, on: date
) -> None:
    if not instalments or any(part.amount_cents <= 0 for part in instalments):
        raise UnableToAgreePlan(NO_INSTALMENTS())
    if interest_cents < 0:
        raise UnableToAgreePlan(NEGATIVE_INTEREST())
    days = [part.due_date for part in instalments]
    if days != sorted(set(days)) or days[0] < on:
        raise UnableToAgreePlan(BACKWARDS(agreed=on))
    total_cents = sum(part.amount_cents for part in instalments)
    if total_cents != planned_cents + interest_cents:
        raise UnableToAgreePlan(
            WRONG_SUM(
                sum=Money(total_cents, currency), planned=Money(planned_cents + interest_cents, currency)
            )
        )


def _store_parts(plan: PaymentPlan, chosen: Sequence[FreeDocument], instalments: Sequence[Part]) -> None:
    PlanDocument.objects.bulk_create(
        PlanDocument(
            company=plan.company,
            plan=plan,
            document_id=each.id,
            planned_cents=each.uncontested_cents,
            rest_cents=each.disputed_cents,
        )
        for each in chosen
    )
    PlanInstalment.objects.bulk_create(
        PlanInstalment(
            company=plan.company,
            plan=plan,
            position=position,
            due_date=part.due_date,
            amount_cents=part.amount_cents,
        )
        for position, part in enumerate(instalments, start=1)
    )
