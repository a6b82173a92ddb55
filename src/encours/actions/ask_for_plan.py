"""Takes a payment plan a customer asks for in the portal, and takes it back when it asks for that."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from encours.actions.decide_plan_request import UnableToDecidePlanRequest, agree_as_asked, lock_plan_request
from encours.actions.journal import record
from encours.actions.tell_plan_answer import tell_plan_answer
from encours.core.cases.plans import parts_as_json
from encours.core.cases.proposals import UnableToPropose
from encours.core.wording import Sentence, Wording
from encours.queries.plan_requests import broke_plan_lately, plan_proposal
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Customer, PaymentPlan, PlanRequest, PortalLink

MAX_A_MONTH = 3

NO_PLANS = Wording(
    "portal.no_plans",
    fr="Un échéancier ne se demande pas ici : appelez-nous.",
    en="A payment plan cannot be asked for here: call us.",
)
NO_DOCUMENT = Wording(
    "portal.plan_no_document",
    fr="Choisissez des factures ouvertes d’une même devise, sans litige, ni échéancier, ni paiement en cours.",
    en="Choose open invoices of one currency, without a dispute, a payment plan or a payment on its way.",
)
WAITING_ALREADY = Wording(
    "portal.plan_waits",
    fr="Une demande est déjà en cours : retirez-la d’abord.",
    en="A request is under way already: withdraw it first.",
)
TOO_OFTEN = Wording(
    "portal.plan_too_often",
    fr="Trois échéanciers ont été demandés en un mois : appelez-nous.",
    en="Three payment plans were asked for within a month: call us.",
)
NO_NAME = Wording("portal.plan_no_name", fr="Indiquez votre nom.", en="Say your name.")


class UnableToAskForPlan(Exception):
    """Nothing was written; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def ask_for_plan(
    *,
    company: Company,
    link_id: int,
    document_ids: Collection[int],
    count: int,
    first_date: date,
    asked_name: str,
    asked_email: str = "",
    note: str = "",
    on: date,
    now: datetime,
    actor: str,
) -> PlanRequest:
    """The request, worked out anew from the ledger. Who asks agrees to what it asks for.

    Accepted at once where the company lets it, unless the customer has a plan already or broke one within a year: then, and
    elsewhere, it waits for a person. Raises `UnableToAskForPlan`.
    """
    request = _taken(
        company, link_id, document_ids, count, first_date, asked_name.strip(), asked_email, note.strip(), on, now, actor
    )  # fmt: skip
    if request.state == PlanRequest.State.ACCEPTED:
        tell_plan_answer(company=company, request_id=request.pk, now=now, actor=actor)
    return request


@transaction.atomic
def _taken(
    company: Company,
    link_id: int,
    document_ids: Collection[int],
    count: int,
    first_date: date,
    asked_name: str,
    asked_email: str,
    note: str,
    on: date,
    now: datetime,
    actor: str,
) -> PlanRequest:
    settings = portal_settings(company=company)
    if not settings.allows_plan:
        raise UnableToAskForPlan(NO_PLANS())
    if not asked_name:
        raise UnableToAskForPlan(NO_NAME())
    link = PortalLink.objects.get(company=company, pk=link_id)
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=link.customer_id)
    try:
        proposed = plan_proposal(
            company=company, customer_id=link.customer_id, document_ids=document_ids, count=count,
            first_date=first_date, on=on,
        )  # fmt: skip
    except UnableToPropose as error:
        raise UnableToAskForPlan(error.sentence) from error
    if proposed is None:
        raise UnableToAskForPlan(NO_DOCUMENT())
    proposal, currency = proposed
    before = PlanRequest.objects.filter(company=company, customer_id=link.customer_id)
    if before.filter(currency=currency, state__in=PlanRequest.OPEN).exists():
        raise UnableToAskForPlan(WAITING_ALREADY())
    if before.filter(asked_at__gt=now - timedelta(days=30)).count() >= MAX_A_MONTH:
        raise UnableToAskForPlan(TOO_OFTEN())
    request = PlanRequest.objects.create(
        company=company,
        customer_id=link.customer_id,
        link=link,
        currency=currency,
        document_ids=sorted(set(document_ids)),
        instalments=parts_as_json(proposal.parts),
        interest_cents=proposal.interest_cents,
        note=note,
        asked_name=asked_name[:120],
        asked_email=asked_email,
        asked_at=now,
    )
    record(
        company=company, actor=actor, action="plan_request.asked", subject_type="customer", subject_id=link.customer_id,
        customer_id=link.customer_id,
        data={"request": request.pk, "instalments": request.instalments, "interest_cents": request.interest_cents},
    )  # fmt: skip
    if settings.plan_accepts_by_itself and not _needs_a_person(company, link.customer_id, on):
        try:
            with transaction.atomic():
                return agree_as_asked(company=company, request_id=request.pk, on=on, now=now, actor=actor)
        except (
            UnableToDecidePlanRequest
        ):  # a promise shared with other invoices, for one: a person looks at it
            request.refresh_from_db()
    return request


def _needs_a_person(company: Company, customer_id: int, on: date) -> bool:
    runs = PaymentPlan.objects.filter(
        company=company, customer_id=customer_id, state=PaymentPlan.State.AGREED
    )
    return runs.exists() or broke_plan_lately(company=company, customer_id=customer_id, on=on)


@transaction.atomic
def withdraw_plan_request(
    *, company: Company, customer_id: int, request_id: int, now: datetime, actor: str
) -> bool:
    """By who asked: what waits for the company, or what the company offered. False when it is over, or is not the
    customer's."""
    request = lock_plan_request(company=company, request_id=request_id, customer_id=customer_id)
    if request is None or request.state not in PlanRequest.OPEN:
        return False
    request.state, request.decided_at, request.decided_by = PlanRequest.State.WITHDRAWN, now, actor
    request.save(update_fields=["state", "decided_at", "decided_by"])
    record(
        company=company, actor=actor, action="plan_request.withdrawn", subject_type="customer",
        subject_id=customer_id, customer_id=customer_id, data={"request": request.pk},
    )  # fmt: skip
    return True
