"""Tells a customer by mail what became of the payment plan it asked for; with the agreement, when there is one."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import formataddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from encours.actions.journal import record
from encours.actions.make_portal_link import invite_to_portal
from encours.actions.render_letter import render_letter
from encours.core.cases.plans import CONSEQUENCES, GRACE_DAYS, Part, parts_from_json
from encours.core.money import format_cents
from encours.core.portal_codes import masked
from encours.core.wording import Wording, format_date
from encours.queries.plan_letters import plan_letter
from encours.queries.portal_settings import portal_settings
from encours.queries.test_mode import in_test_mode
from encours.store.models import Company, PlanRequest

SUBJECTS = {
    "accepted": Wording(
        "plan_answer.accepted_subject",
        fr="Votre échéancier est accepté, {company}",
        en="Your payment plan is agreed, {company}",
    ),
    "offered": Wording(
        "plan_answer.offered_subject",
        fr="Un autre échéancier vous est proposé, {company}",
        en="Another payment plan is offered to you, {company}",
    ),
    "refused": Wording(
        "plan_answer.refused_subject",
        fr="Votre demande d’échéancier, {company}",
        en="Your request for a payment plan, {company}",
    ),
}
OPENINGS = {
    "accepted": Wording(
        "plan_answer.accepted",
        fr="Votre échéancier est accepté. Vous n’êtes plus relancé pour ces factures tant que les échéances sont tenues :",
        en="Your payment plan is agreed. You are not reminded of these invoices as long as its instalments are kept:",
    ),
    "offered": Wording(
        "plan_answer.offered",
        fr="Nous ne pouvons pas accepter l’échéancier que vous avez demandé. Voici ce que nous vous proposons :",
        en="We cannot agree to the payment plan you asked for. This is what we offer:",
    ),
    "refused": Wording(
        "plan_answer.refused",
        fr="Nous ne pouvons pas accepter l’échéancier que vous avez demandé.",
        en="We cannot agree to the payment plan you asked for.",
    ),
}
CLOSINGS = {
    "accepted": Wording(
        "plan_answer.accepted_then",
        fr="Payez chaque échéance au plus tard à sa date. Si l’une d’elles manque plus de {grace} jours après, {consequence}. "
        "Prévenez-nous avant si elle vous pose une difficulté. L’accord est joint.",
        en="Pay each instalment by its date. If one is missing more than {grace} days later, {consequence}. Tell us before if "
        "it is difficult for you. The agreement is attached.",
    ),
    "offered": Wording(
        "plan_answer.offered_then",
        fr="Rien n’est convenu tant que vous ne l’avez pas accepté.",
        en="Nothing is agreed until you have accepted it.",
    ),
    "refused": Wording(
        "plan_answer.refused_then",
        fr="Ces factures restent à payer. Appelez-nous si vous voulez en parler.",
        en="These invoices stay to be paid. Call us if you want to talk about it.",
    ),
}
GREETING = Wording("plan_answer.greeting", fr="Bonjour {name},", en="Hello {name},")
LINK = Wording("plan_answer.link", fr="Votre espace : {url}", en="Your page: {url}")


def tell_plan_answer(*, company: Company, request_id: int, now: datetime, actor: str) -> bool:
    """Whether a mail left: not in test mode, nor when nobody's address is known or the mail server refuses. Call it after
    the decision was written; nothing depends on it."""
    request = PlanRequest.objects.select_related("customer", "plan", "link").get(
        company=company, pk=request_id
    )
    if not request.asked_email or request.state not in SUBJECTS or in_test_mode(company=company):
        return False
    language = request.customer.language if request.customer.language in ("fr", "en") else company.language
    mail = EmailMessage(
        " ".join(SUBJECTS[request.state](company=company.name).say(language).split()),
        "\n\n".join(_paragraphs(request, language, now, actor)) + "\n",
        formataddr((" ".join(company.name.split()), company.email or settings.DEFAULT_FROM_EMAIL)),
        [request.asked_email],
    )
    letter = plan_letter(company=company, plan_id=request.plan_id) if request.plan_id else None
    if letter is not None:
        mail.attach(f"{letter.reference}.pdf", render_letter(letter=letter), "application/pdf")
    try:
        mail.send()
    except (SMTPException, OSError):
        return False
    with transaction.atomic():
        record(
            company=company, actor=actor, action="plan_request.told", subject_type="customer",
            subject_id=request.customer_id, customer_id=request.customer_id,
            data={"request": request.pk, "state": request.state, "to": masked(request.asked_email)},
        )  # fmt: skip
    return True


def _paragraphs(request: PlanRequest, language: str, now: datetime, actor: str) -> Iterator[str]:
    state = request.state
    yield GREETING(name=request.asked_name).say(language)
    yield OPENINGS[state]().say(language)
    if state != "refused":
        yield "\n".join(_lines(request, language))
    if request.answer:
        yield request.answer
    when_broken = request.plan.when_broken if request.plan else "all_due"
    closing = CLOSINGS[state]
    yield (
        closing(grace=GRACE_DAYS, consequence=CONSEQUENCES[when_broken]())
        if state == "accepted"
        else closing()
    ).say(language)
    if settings.PORTAL_URL and portal_settings(company=request.company).is_open:
        made = invite_to_portal(
            company=request.company, customer_id=request.customer_id, contact_id=request.link.contact_id, now=now,
            actor=actor,
        )  # fmt: skip
        yield LINK(url=made.url + "echeanciers/").say(language)
    yield request.company.name


def _lines(request: PlanRequest, language: str) -> Iterator[str]:
    for part in _parts(request):
        amount = format_cents(part.amount_cents, request.currency, language)
        yield f"- {format_date(part.due_date, language)} : {amount}"


def _parts(request: PlanRequest) -> tuple[Part, ...]:
    """Those that hold: what was offered, where something was."""
    return parts_from_json(request.offered_instalments or request.instalments)
