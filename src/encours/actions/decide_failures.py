"""What follows from charges by mandate that failed, or that the payer's bank took back.

By the group of the failure (`core.payments.failures`): never again by this mandate; the customer must act first; another try on
a day money is likely there; our own fault, which a person repairs. Deciding twice is deciding once.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from encours.actions.journal import record
from encours.actions.open_task import open_task
from encours.core.business_days import business_day_from
from encours.core.money import Money
from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.core.payments.mandates import ACTIVE, MANDATE_CARD, REVOKED, SUSPENDED, means_of
from encours.core.payments.retries import next_attempt, paydays
from encours.core.wording import Sentence, Wording
from encours.store.models import Charge, Company, Customer, Payment, PaymentMandate

# failures older than this are decided: no rule of `core.payments.retries` looks further
_LOOK_BACK = timedelta(days=45)
_HABIT_DAYS = 365
EXPIRY_DAYS = 45  # before a card ends, a new one is asked for

ENDED_BY_FAILURE = Wording(
    "mandate.ended_by_failure",
    fr="Paiement refusé définitivement : {failure}",
    en="Payment refused for good: {failure}",
)
MUST_ACT = Wording(
    "mandate.must_act", fr="Le client doit agir : {failure}", en="The customer must act: {failure}"
)
OUR_FAULT = Wording(
    "automatic_charge.our_fault",
    fr="Le prélèvement a échoué de notre côté ({failure}) : à corriger, puis à demander de nouveau.",
    en="The charge failed on our side ({failure}): repair it, then ask for it again.",
)
ASK_CUSTOMER = Wording(
    "automatic_charge.ask_customer",
    fr="Prélèvement refusé : joindre le client",
    en="Automatic charge refused: reach the customer",
)
ASK_NOTE = Wording(
    "automatic_charge.ask_note",
    fr="{amount} n’ont pas pu être prélevés ({means}) : {failure} Le mandat est suspendu. Proposez au client de régler par le"
    " lien de son espace de paiement et d’y donner un nouvel accord.",
    en="{amount} could not be charged ({means}): {failure} The mandate is suspended. Offer the customer to pay by the link to"
    " its portal, and to agree anew there.",
)
CARD_ENDS = Wording(
    "automatic_charge.card_ends",
    fr="Carte bientôt expirée : en demander une nouvelle",
    en="Card about to expire: ask for a new one",
)
CARD_ENDS_NOTE = Wording(
    "automatic_charge.card_ends_note",
    fr="La {means} par laquelle ce client est prélevé n’est plus valable après le {day}. Demandez-lui d’en donner une autre en"
    " réglant dans son espace de paiement.",
    en="The {means} this customer is charged by ends on {day}. Ask for another one, given while paying in the portal.",
)

UNKNOWN = Wording("automatic_charge.unknown_failure", fr="sans motif donné.", en="no reason given.")


@transaction.atomic
def decide_failures(*, company: Company, on: date, now: datetime, actor: str) -> int:
    """How many charges something follows from that did not before."""
    failed = (
        Charge.objects.select_for_update(of=("self",))
        .select_related("mandate", "customer")
        .filter(
            company=company,
            mandate__isnull=False,
            origin__in=(Charge.Origin.AUTOPAY, Charge.Origin.OVERDUE),
            state__in=(Charge.State.FAILED, Charge.State.RETURNED),
            next_attempt_date=None,
            next__isnull=True,
        )
        # money may go back long after its charge had ended well
        .filter(Q(ended_at__gt=now - _LOOK_BACK) | Q(told_at__gt=now - _LOOK_BACK))
    )
    # said of a mandate that was agreed to or confirmed since, it is no news; nor of one that is over
    is_later = Q(ended_at__gt=F("mandate__told_at")) | Q(
        state=Charge.State.RETURNED, told_at__gt=F("mandate__told_at")
    )
    is_news = Q(mandate__state=ACTIVE) & (Q(mandate__told_at=None) | is_later)
    rows = failed.filter(
        (Q(failure_group__in=(NEVER, CUSTOMER)) & is_news)
        | Q(failure_group=LATER)
        | Q(failure_group__in=(OURS, ""), problem__isnull=True)
    )
    decided = sum(_decide(company, each, on, now, actor) for each in rows.order_by("pk"))
    _ask_for_new_cards(company, on, actor)
    return decided


def _decide(company: Company, charge: Charge, on: date, now: datetime, actor: str) -> bool:
    failure = _failure(charge)
    if charge.failure_group == NEVER:
        return _end_mandate(company, charge, REVOKED, ENDED_BY_FAILURE(failure=failure), now, actor)
    if charge.failure_group == CUSTOMER:
        if _end_mandate(company, charge, SUSPENDED, MUST_ACT(failure=failure), now, actor):
            _ask_customer(company, charge, failure, on, actor)
            return True
        return False
    if charge.failure_group == LATER:
        charge.next_attempt_date = _next_day(company, charge, on)
        if charge.next_attempt_date is None:
            return False
        charge.save(update_fields=["next_attempt_date"])
        return True
    charge.problem = OUR_FAULT(failure=failure).as_json()
    charge.save(update_fields=["problem"])
    return True


def _end_mandate(
    company: Company, charge: Charge, state: str, reason: Sentence, now: datetime, actor: str
) -> bool:
    """False when another failure of the same mandate did before."""
    mandate = PaymentMandate.objects.select_for_update().get(company=company, pk=charge.mandate_id)
    if mandate.state != ACTIVE:
        return False
    mandate.state, mandate.ended_reason = state, reason.as_json()
    mandate.ended_at = now if state == REVOKED else None
    mandate.save(update_fields=["state", "ended_reason", "ended_at"])
    record(
        company=company, actor=actor, action=f"mandate.{state}", subject_type="mandate", subject_id=mandate.pk,
        customer_id=mandate.customer_id, data={"reference": mandate.reference, "reason": reason.as_json()},
    )  # fmt: skip
    return True


def _ask_customer(company: Company, charge: Charge, failure: Sentence, on: date, actor: str) -> None:
    note = ASK_NOTE(
        amount=Money(charge.amount_cents, charge.currency), means=_means(charge.mandate), failure=failure
    )
    _open_task(company, charge.customer, ASK_CUSTOMER(), note, on, actor)


def _ask_for_new_cards(company: Company, on: date, actor: str) -> None:
    """Once for each card, in time before it ends."""
    ending = PaymentMandate.objects.select_for_update(of=("self",)).filter(
        company=company,
        state=ACTIVE,
        kind=MANDATE_CARD,  # a SEPA mandate is kept alive by being used
        expires_date__range=(on, on + timedelta(days=EXPIRY_DAYS)),
        expiry_told_date=None,
    )
    for each in ending.select_related("customer").order_by("pk"):
        note = CARD_ENDS_NOTE(means=_means(each), day=each.expires_date)
        _open_task(company, each.customer, CARD_ENDS(), note, on, actor)
        each.expiry_told_date = on
        each.save(update_fields=["expiry_told_date"])


def _open_task(
    company: Company, customer: Customer, title: Sentence, note: Sentence, on: date, actor: str
) -> None:
    open_task(
        company=company, customer_id=customer.pk, title=title.say(company.language), note=note.say(company.language),
        due_date=business_day_from(on), actor=actor,
    )  # fmt: skip


def _next_day(company: Company, charge: Charge, on: date) -> date | None:
    """The day of the next attempt, in the future; None when none may follow."""
    ended = (charge.ended_at.astimezone(ZoneInfo(company.time_zone)).date()) if charge.ended_at else on
    return next_attempt(
        group=charge.failure_group,
        method=charge.method,
        attempt_number=charge.attempt_number,
        first_date=_first_day(charge),
        failed_date=max(ended, on),
        paydays=paydays(_paid_on(company, charge.customer_id, on)),
    )


def _first_day(charge: Charge) -> date:
    """Of the first attempt. A rule allows few of them: the chain is short."""
    while charge.previous is not None:
        charge = charge.previous
    return charge.requested_date


def _paid_on(company: Company, customer_id: int, on: date) -> Iterable[date]:
    """Days the customer paid on by itself; money we took says nothing of its habits."""
    receipts = Payment.objects.filter(
        company=company, customer=customer_id, received_date__gt=on - timedelta(days=_HABIT_DAYS)
    )
    return receipts.exclude(charge__mandate__isnull=False).values_list("received_date", flat=True)


def _failure(charge: Charge) -> Sentence:
    return Sentence.from_json(charge.failure) if charge.failure else UNKNOWN()


def _means(mandate: PaymentMandate | None) -> Sentence:
    assert mandate is not None, "only charges by mandate are decided on"
    return means_of(kind=mandate.kind, brand=mandate.brand, last_digits=mandate.last_digits)
