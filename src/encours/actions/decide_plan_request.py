"""Answers a payment plan a customer asked for: accepted as it was asked, offered otherwise, or refused.

The customer consented to what it asked for and nothing else: other instalments are an offer, which becomes a plan when the
customer accepts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from encours.actions.agree_plan import UnableToAgreePlan, agree_plan, check_plan
from encours.actions.journal import record
from encours.actions.tell_plan_answer import tell_plan_answer
from encours.core.cases.plans import Part, parts_as_json, parts_from_json
from encours.core.wording import Sentence, Wording
from encours.queries.plan_requests import PlanRequestRow
from encours.store.models import Company, Customer, PlanRequest

MAX_LETTERS = 1000

UNKNOWN = Wording("plan_request.unknown", fr="Cette demande n’existe pas.", en="There is no such request.")
DECIDED = Wording(
    "plan_request.decided",
    fr="Cette demande n’attend plus de réponse.",
    en="This request waits for an answer no more.",
)
NO_ANSWER = Wording(
    "plan_request.no_answer",
    fr="Dites pourquoi : le client le lit.",
    en="Say why: the customer reads it.",
)
AS_ASKED = Wording(
    "plan_request.as_asked",
    fr="C’est exactement ce que le client demande : acceptez sa demande.",
    en="This is just what the customer asks for: accept the request.",
)


class UnableToDecidePlanRequest(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Decided:
    """`is_told` when a mail with the answer left."""

    request: PlanRequest
    is_told: bool


def accept_plan_request(
    *, company: Company, request_id: int, answer: str = "", on: date, now: datetime, actor: str
) -> Decided:
    """Agrees the plan exactly as it was asked for, and tells the customer. When money came or an invoice was contested since,
    it no longer sums up: offer another. Raises `UnableToDecidePlanRequest`."""
    request = agree_as_asked(
        company=company, request_id=request_id, answer=answer, on=on, now=now, actor=actor
    )
    return _told(request, now, actor)


def offer_plan(
    *,
    company: Company,
    request_id: int,
    instalments: Sequence[Part],
    interest_cents: int = 0,
    answer: str = "",
    on: date,
    now: datetime,
    actor: str,
) -> Decided:
    """Other instalments than those asked for: they could be agreed today, and wait for the customer, who is told. Nothing is
    held by an offer. Raises `UnableToDecidePlanRequest`."""
    with transaction.atomic():
        request = _waiting(company, request_id)
        _check(request, instalments, interest_cents, on)
        if tuple(instalments) == parts_from_json(request.instalments):
            raise UnableToDecidePlanRequest(AS_ASKED())
        request.offered_instalments = parts_as_json(instalments)
        request.offered_interest_cents = interest_cents
        _decide(
            request, PlanRequest.State.OFFERED, answer, now, actor,
            instalments=request.offered_instalments, interest_cents=interest_cents,
        )  # fmt: skip
    return _told(request, now, actor)


def refuse_plan_request(
    *, company: Company, request_id: int, answer: str, now: datetime, actor: str
) -> Decided:
    """With a word the customer reads; an offer the customer has not accepted yet is taken back by that. Raises
    `UnableToDecidePlanRequest`."""
    with transaction.atomic():
        request = _waiting(company, request_id, states=PlanRequest.OPEN)
        if not answer.strip():
            raise UnableToDecidePlanRequest(NO_ANSWER())
        _decide(request, PlanRequest.State.REFUSED, answer, now, actor)
    return _told(request, now, actor)


def take_plan_offer(
    *, company: Company, customer_id: int, request_id: int, on: date, now: datetime, actor: str
) -> Decided:
    """The customer accepts what the company offered: the plan is agreed. Raises `UnableToDecidePlanRequest`, when the offer
    can no longer be agreed too."""
    with transaction.atomic():
        request = lock_plan_request(company=company, request_id=request_id, customer_id=customer_id)
        if request is None:
            raise UnableToDecidePlanRequest(UNKNOWN())
        if request.state != PlanRequest.State.OFFERED:
            raise UnableToDecidePlanRequest(DECIDED())
        _agree(
            request,
            parts_from_json(request.offered_instalments or ()),
            request.offered_interest_cents or 0,
            on,
            actor,
        )
        _decide(request, PlanRequest.State.ACCEPTED, request.answer, now, actor)
    return _told(request, now, actor)


@transaction.atomic
def agree_as_asked(
    *, company: Company, request_id: int, answer: str = "", on: date, now: datetime, actor: str
) -> PlanRequest:
    """The request with its plan; nobody is told. Raises `UnableToDecidePlanRequest`."""
    request = _waiting(company, request_id)
    _agree(request, parts_from_json(request.instalments), request.interest_cents, on, actor)
    _decide(request, PlanRequest.State.ACCEPTED, answer, now, actor)
    return request


def obstacle_to(*, company: Company, asked: PlanRequestRow, on: date) -> Sentence | None:
    """Why a request can no longer be accepted as it was asked for; None when it can."""
    try:
        check_plan(
            company=company, customer_id=asked.customer_id, document_ids=asked.document_ids,
            instalments=asked.parts, interest_cents=asked.interest_cents, on=on,
        )  # fmt: skip
    except UnableToAgreePlan as error:
        return error.sentence
    return None


def lock_plan_request(
    *, company: Company, request_id: int, customer_id: int | None = None
) -> PlanRequest | None:
    """The customer's row first, as all that agrees or sends does. None when it is not the company's, or that customer's."""
    found = PlanRequest.objects.filter(company=company, pk=request_id).first()
    if found is None or customer_id not in (None, found.customer_id):
        return None
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=found.customer_id)
    return PlanRequest.objects.select_for_update().get(company=company, pk=request_id)


def _waiting(
    company: Company, request_id: int, *, states: Sequence[str] = (PlanRequest.State.WAITING,)
) -> PlanRequest:
    request = lock_plan_request(company=company, request_id=request_id)
    if request is None:
        raise UnableToDecidePlanRequest(UNKNOWN())
    if request.state not in states:
        raise UnableToDecidePlanRequest(DECIDED())
    return request


def _agree(request: PlanRequest, parts: Sequence[Part], interest_cents: int, on: date, actor: str) -> None:
    try:
        request.plan = agree_plan(
            company=request.company, customer_id=request.customer_id, document_ids=request.document_ids,
            instalments=parts, interest_cents=interest_cents, agreed_with=request.asked_name, note=request.note,
            on=on, actor=actor,
        )  # fmt: skip
    except UnableToAgreePlan as error:
        raise UnableToDecidePlanRequest(error.sentence) from error


def _check(request: PlanRequest, parts: Sequence[Part], interest_cents: int, on: date) -> None:
    try:
        check_plan(
            company=request.company, customer_id=request.customer_id, document_ids=request.document_ids,
            instalments=parts, interest_cents=interest_cents, on=on,
        )  # fmt: skip
    except UnableToAgreePlan as error:
        raise UnableToDecidePlanRequest(error.sentence) from error


def _decide(request: PlanRequest, state: str, answer: str, now: datetime, actor: str, **more: Any) -> None:
    request.state, request.answer = state, answer.strip()[:MAX_LETTERS]
    request.decided_at, request.decided_by = now, actor
    request.save()
    record(
        company=request.company, actor=actor, action=f"plan_request.{state}", subject_type="customer",
        subject_id=request.customer_id, customer_id=request.customer_id,
        data={"request": request.pk, "plan": request.plan_id, "answer": request.answer, **more},
    )  # fmt: skip


def _told(request: PlanRequest, now: datetime, actor: str) -> Decided:
    is_told = tell_plan_answer(company=request.company, request_id=request.pk, now=now, actor=actor)
    return Decided(request, is_told)
