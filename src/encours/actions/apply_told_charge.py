"""Makes the ledger equal to what payment services say of charges: receipts, refunds, contested and returned money.

One transaction for any number of charges. The latest word counts, however often and in whatever order words come; money
moves by the same allocations and movements as a bank line's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from encours.actions.apply_told_mandate import apply_told_mandate
from encours.actions.book_charges import Booking, book_charges
from encours.actions.booked_charges import booked_charges
from encours.actions.keep_told_parts import keep_chargebacks, keep_refunds
from encours.actions.say_thanks import explain_returns, receipt_charges, say_thanks
from encours.actions.tell_charges import tell_charges
from encours.core.money import Money
from encours.core.payments.charges import (
    CONTESTED,
    LEFT_OVER,
    OTHER_AMOUNT,
    OTHER_CURRENCY,
    OTHER_PAYMENT,
    PENDING,
    RETURNED,
    SUCCEEDED,
    UNFINISHED,
    Position,
    following_state,
    is_news,
    position,
)
from encours.core.wording import Sentence
from encours.ports.gateways import ToldCharge
from encours.store.deadlocks import again_after_deadlock
from encours.store.models import Charge, ChargeDocument, Company

_TOLD_FIELDS = [
    "state", "external_id", "url", "expires_at", "method", "fee_cents", "received_cents", "refunded_cents",
    "contested_cents", "failure_group", "failure_code", "failure", "problem", "told_at", "asked_at", "ended_at",
    "payment",
]  # fmt: skip


@dataclass
class Applied:
    """A charge and what one word of its service changes: `was` is its state before, `booked` what the ledger held."""

    charge: Charge
    told: ToldCharge
    was: str
    booked: Position
    position: Position
    day: date
    left_cents: int = 0
    settled: list[tuple[int, int]] = field(default_factory=list)  # document id, cents, of this change

    @property
    def came_cents(self) -> int:
        return self.position.received_cents - self.booked.received_cents


def apply_told_charge(
    *, company: Company, charge_id: int, told: ToldCharge, now: datetime, actor: str
) -> str:
    """The charge's state after a word of its service. See `apply_told_charges`."""
    return apply_told_charges(company=company, told={charge_id: told}, now=now, actor=actor)[charge_id]


@again_after_deadlock
@transaction.atomic
def apply_told_charges(
    *, company: Company, told: Mapping[int, ToldCharge], now: datetime, actor: str
) -> dict[int, str]:
    """State of each charge (id) after the words of their services.

    A word that is older than the one a charge rests on changes nothing. One about another payment or in another currency is
    not booked: `Charge.problem` says so. Money that comes for a charge that was ended here is booked all the same; what finds
    nothing open stays the customer's credit.
    """
    charges = list(
        Charge.objects.select_for_update(of=("self",))
        .select_related("connection")
        .filter(company=company, pk__in=told)
        .order_by("pk")
    )
    agreeing = [charge for charge in charges if _agrees(charge, told[charge.pk])]
    news = [charge for charge in agreeing if _is_news(charge, told[charge.pk])]
    Charge.objects.filter(company=company, pk__in=[each.pk for each in charges]).update(asked_at=now)
    if news:
        applied = _apply(company, news, told, now)
        tell_charges(company=company, applied=applied, actor=actor)
        _keep_mandates(company, applied, now, actor)
        on = now.astimezone(ZoneInfo(company.time_zone)).date()
        _thank(company, applied, on, actor)
    return {charge.pk: charge.state for charge in charges}


def _thank(company: Company, applied: list[Applied], on: date, actor: str) -> None:
    """What customers are told of what came, and people of what went back."""
    succeeded = [each.charge for each in applied if each.charge.state == SUCCEEDED != each.was]
    receipt_charges(company=company, charges=succeeded, on=on, actor=actor)
    if any(each.came_cents > 0 for each in applied):
        say_thanks(company=company, on=on, actor=actor)
    returned = [each.charge for each in applied if each.charge.state == RETURNED != each.was]
    explain_returns(company=company, charges=returned, on=on, actor=actor)


def _keep_mandates(company: Company, applied: list[Applied], now: datetime, actor: str) -> None:
    """A payment that went through, or is on its way, may have saved its method."""
    for each in applied:
        if each.told.mandate is not None and each.charge.state in (PENDING, SUCCEEDED):
            apply_told_mandate(
                company=company, customer_id=each.charge.customer_id, connection=each.charge.connection,
                told=each.told.mandate, reference=each.charge.reference, now=now, actor=actor,
            )  # fmt: skip


def _apply(
    company: Company, charges: list[Charge], told: Mapping[int, ToldCharge], now: datetime
) -> list[Applied]:
    """Books, then writes the charges as their services see them."""
    known = booked_charges(company=company, charges=charges, told=told)
    zone = ZoneInfo(company.time_zone)
    applied = []
    for charge in charges:
        word, booked = told[charge.pk], known[charge.pk]
        moment = word.succeeded_at if word.succeeded_at and not charge.received_cents else word.told_at
        wanted = position(
            state=word.state,
            received_cents=word.received_cents,
            refunded_cents=sum(each.amount_cents for each in word.refunds if each.state == "succeeded"),
            withdrawn_cents=sum(each.amount_cents for each in word.chargebacks if each.is_withdrawn),
            booked=booked.position,
        )
        day = min(moment, now).astimezone(zone).date()
        applied.append(Applied(charge, word, charge.state, booked.position, wanted, day))
    bookings = [
        Booking(
            charge=each.charge,
            payment=known[each.charge.pk].payment,
            before=each.booked,
            after=each.position,
            method=each.told.method or each.charge.method,
            day=each.day,
            back_day=each.told.returned_date or min(each.told.told_at, now).astimezone(zone).date(),
        )
        for each in applied
    ]
    changes = book_charges(company=company, bookings=bookings, now=now)
    for each in applied:
        change = changes.get(each.charge.pk)
        if change:
            each.left_cents, each.settled = change.left_cents, list(change.settled)
        _update(each, now)
    Charge.objects.bulk_update(charges, _TOLD_FIELDS)
    _hold_documents(company, charges)
    keep_refunds(company=company, told={each.charge: each.told for each in applied})
    keep_chargebacks(company=company, told={each.charge: each.told for each in applied})
    return applied


def _agrees(charge: Charge, told: ToldCharge) -> bool:
    """Whether the word is about this charge; if not, what is wrong with it is kept for a person."""
    service = charge.connection.name
    is_ours = (told.reference or charge.reference) == charge.reference and (
        not charge.external_id or told.external_id == charge.external_id
    )
    problem: Sentence | None = None
    if not is_ours:
        problem = OTHER_PAYMENT(
            service=service, told=f"{told.external_id} {told.reference}".strip(), ours=charge.reference
        )
    elif told.currency != charge.currency:
        problem = OTHER_CURRENCY(
            service=service, ours=charge.reference, told=told.currency, currency=charge.currency
        )
    if problem is None:
        return True
    charge.problem = problem.as_json()
    charge.save(update_fields=["problem"])
    return False


def _is_news(charge: Charge, told: ToldCharge) -> bool:
    return is_news(
        state=told.state,
        told_at=told.told_at,
        known_state=charge.state,
        known_received_cents=charge.received_cents,
        known_at=charge.told_at,
    )


def _update(applied: Applied, now: datetime) -> None:
    charge, told, wanted = applied.charge, applied.told, applied.position
    charge.state = following_state(known=applied.was, told=told.state, position=wanted)
    charge.external_id = charge.external_id or told.external_id
    charge.url, charge.expires_at = told.url or charge.url, told.expires_at or charge.expires_at
    charge.method = told.method or charge.method
    charge.fee_cents = charge.fee_cents if told.fee_cents is None else told.fee_cents
    charge.received_cents = wanted.received_cents
    charge.refunded_cents = min(wanted.refunded_cents, charge.amount_cents)
    contested = [each for each in told.chargebacks if each.is_withdrawn]
    charge.contested_cents = sum(each.amount_cents for each in contested)
    charge.failure = charge.failure if charge.state in UNFINISHED and applied.was == charge.state else None
    if told.failure:
        charge.failure_group, charge.failure_code = told.failure.group, told.failure.code[:60]
        charge.failure = told.failure.sentence.as_json()
    elif contested:
        charge.failure_code = contested[-1].reason[:60]
        charge.failure = CONTESTED(amount=Money(charge.contested_cents, charge.currency)).as_json()
    elif charge.state not in ("failed", RETURNED):
        charge.failure_group = charge.failure_code = ""
    charge.problem = _problem(applied)
    charge.told_at, charge.asked_at = told.told_at, now
    charge.ended_at = None if charge.state in UNFINISHED else charge.ended_at or now


def _problem(applied: Applied) -> dict[str, object] | None:
    """What a person should look at now that the money is here."""
    charge, position_ = applied.charge, applied.position
    if not position_.kept_cents:
        return None
    if applied.left_cents:
        return LEFT_OVER(left=Money(applied.left_cents, charge.currency)).as_json()
    if position_.received_cents != charge.amount_cents:
        told = Money(position_.received_cents, charge.currency)
        return OTHER_AMOUNT(told=told, asked=Money(charge.amount_cents, charge.currency)).as_json()
    return None


def _hold_documents(company: Company, charges: list[Charge]) -> None:
    """Documents are held while their charge is not over, and free afterwards. What another charge holds stays its own."""
    over = [each.pk for each in charges if each.state not in UNFINISHED]
    on_its_way = [each.pk for each in charges if each.state in UNFINISHED]
    rows = ChargeDocument.objects.filter(company=company)
    rows.filter(charge__in=over, is_open=True).update(is_open=False)
    revived = rows.filter(charge__in=on_its_way, is_open=False)
    held = rows.filter(is_open=True, document__in=revived.values("document"))
    free = revived.exclude(document__in=held.values("document")).order_by("-pk")
    first_of = {document_id: key for key, document_id in free.values_list("pk", "document")}
    if first_of:
        rows.filter(pk__in=first_of.values()).update(is_open=True)
