"""Begins a payment by a customer who is present: what is paid is read from the ledger, never from the page.

Written with its key and committed first, asked of the service next, and what that says is applied: a crash between any two
leaves a charge that is found again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from encours.actions.apply_told_mandate import agree_mandate
from encours.actions.ask_charge import LABEL_LENGTH, ask_charge, new_reference, payer_of, stored_request
from encours.actions.cancel_charge import UnableToCancel, cancel_charge
from encours.actions.journal import record
from encours.core.money import Money
from encours.core.payments.charges import OPEN, PENDING, UNFINISHED
from encours.core.payments.mandates import Agreement
from encours.core.wording import Sentence, Wording
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import CheckoutRequest, UnableToCharge
from encours.queries.payment_options import OfferedMethod, offered_methods
from encours.store.models import Charge, ChargeDocument, Company, Customer, Document, Receivable

# how long the service's page can be paid on
OPEN_FOR = timedelta(hours=1)

NOTHING_OPEN = Wording(
    "checkout.nothing_open",
    fr="Il n’y a plus rien à payer ici : ces documents sont réglés.",
    en="There is nothing left to pay here: these documents are settled.",
)
TOO_MUCH = Wording(
    "checkout.too_much",
    fr="Il ne reste que {open} à payer sur {number}.",
    en="Only {open} is left to pay on {number}.",
)
NOT_POSITIVE = Wording(
    "checkout.not_positive", fr="Le montant doit être positif.", en="The amount must be positive."
)
MIXED = Wording(
    "checkout.mixed_currencies",
    fr="Ces documents sont en plusieurs devises : payez-les séparément.",
    en="These documents are in several currencies: pay them apart.",
)
NOT_OFFERED = Wording(
    "checkout.not_offered",
    fr="Ce moyen de paiement n’est pas proposé pour {amount}.",
    en="This way of paying is not offered for {amount}.",
)
ALREADY_PENDING = Wording(
    "checkout.already_pending",
    fr="Un paiement est déjà en cours pour {numbers} : rien de plus n’est à faire. Il apparaîtra ici dès qu’il sera reçu.",
    en="A payment is already on its way for {numbers}: nothing more needs doing. It shows here once it is received.",
)
NO_ANSWER = Wording(
    "checkout.no_answer",
    fr="Le service de paiement ne répond pas. Rien n’a été débité ; essayez de nouveau dans quelques minutes.",
    en="The payment service does not answer. Nothing was taken; try again in a few minutes.",
)
BUSY = Wording(
    "checkout.busy",
    fr="Un autre paiement de ces documents vient de commencer. Essayez de nouveau.",
    en="Another payment of these documents has just begun. Try again.",
)

Portion = tuple[int, int, int | None]


class UnableToOpenCheckout(Exception):
    """No payment began; `sentence` says why, in words for the payer."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class OpenedCheckout:
    """Where to pay: a page of the service (`url`), or its own element in ours (the two keys). Nothing of it is stored."""

    charge_id: int
    url: str
    client_secret: str
    publishable_key: str


def open_checkout(
    *,
    company: Company,
    customer_id: int,
    portions: Sequence[Portion],
    method: str,
    agreement: Agreement | None = None,
    message_id: int | None = None,
    return_url: str,
    now: datetime,
    on: date,
    actor: str,
) -> OpenedCheckout:
    """A payment of `portions`: (document id, position, cents); None for all that is open now. Position 0 is the whole document.

    With an `agreement` its method is saved, to be charged later. Another payment of these documents that the customer began
    is canceled first. Raises `UnableToOpenCheckout`. Not in a transaction: what is asked of the service must be committed.
    """
    wanted = {(document_id, position): cents for document_id, position, cents in portions}
    if any(cents is not None and cents <= 0 for cents in wanted.values()):
        raise UnableToOpenCheckout(NOT_POSITIVE())
    _clear(company, customer_id, [document_id for document_id, _ in wanted], now, actor)
    charge = _write(company, customer_id, wanted, method, agreement, message_id, return_url, now, on, actor)
    try:
        asked = ask_charge(company=company, charge_id=charge.pk, now=now, actor=actor)
    except UnableToCharge as error:
        raise UnableToOpenCheckout(error.sentence if error.is_known else NO_ANSWER()) from error
    except UnableToAsk as error:
        raise UnableToOpenCheckout(NO_ANSWER()) from error
    if asked.state != OPEN and asked.told.state == OPEN:
        # ended here while the service was asked: the customer began another payment
        _cancel(company, charge.pk, now, actor)
        raise UnableToOpenCheckout(BUSY())
    settings = charge.connection.settings
    return OpenedCheckout(
        charge.pk, asked.told.url, asked.told.client_secret, settings.get("publishable_key", "")
    )


def _clear(
    company: Company, customer_id: int, document_ids: Sequence[int], now: datetime, actor: str
) -> None:
    """Ends the customer's own unfinished payments of these documents. Refuses where money is on its way."""
    held = ChargeDocument.objects.filter(company=company, document__in=document_ids, is_open=True)
    rows = held.filter(charge__customer=customer_id).select_related("charge", "document").order_by("pk")
    charges = {each.charge_id: each.charge for each in rows}
    for charge in charges.values():
        numbers = ", ".join(sorted(each.document.number for each in rows if each.charge_id == charge.pk))
        # by mandate: decided, announced, maybe being asked for this moment
        if charge.state == PENDING or charge.request.get("kind") == "charge":
            raise UnableToOpenCheckout(ALREADY_PENDING(numbers=numbers))
        state = _cancel(company, charge.pk, now, actor)
        if state in UNFINISHED:
            raise UnableToOpenCheckout(ALREADY_PENDING(numbers=numbers))


def _cancel(company: Company, charge_id: int, now: datetime, actor: str) -> str:
    try:
        return cancel_charge(company=company, charge_id=charge_id, now=now, actor=actor)
    except UnableToCancel as error:
        raise UnableToOpenCheckout(error.sentence) from error
    except UnableToAsk as error:
        raise UnableToOpenCheckout(NO_ANSWER()) from error


@transaction.atomic
def _write(
    company: Company,
    customer_id: int,
    wanted: dict[tuple[int, int], int | None],
    method: str,
    agreement: Agreement | None,
    message_id: int | None,
    return_url: str,
    now: datetime,
    on: date,
    actor: str,
) -> Charge:
    """The charge with its documents, under lock: two payments of one document never begin together."""
    ids = sorted({document_id for document_id, _ in wanted})
    locked = Document.objects.select_for_update().filter(company=company, customer=customer_id, pk__in=ids)
    documents = {each.pk: each for each in locked.order_by("pk")}
    if documents.keys() != set(ids):
        raise UnableToOpenCheckout(NOTHING_OPEN())
    if ChargeDocument.objects.filter(company=company, document__in=ids, is_open=True).exists():
        raise UnableToOpenCheckout(BUSY())
    amounts = _amounts(company, documents, wanted)
    currencies = {documents[document_id].currency for document_id, _ in amounts}
    if len(currencies) != 1:
        raise UnableToOpenCheckout(MIXED() if currencies else NOTHING_OPEN())
    total = Money(sum(amounts.values()), currencies.pop())
    offer = _offer(company, customer_id, method, total)
    customer = Customer.objects.get(company=company, pk=customer_id)
    reference = new_reference()
    lines: dict[str, int] = {}
    for (document_id, _), cents in amounts.items():
        number = documents[document_id].number
        lines[number] = lines.get(number, 0) + cents
    request = CheckoutRequest(
        key=f"charge:{reference}",
        reference=reference,
        payer=payer_of(company=company, customer=customer, connection_id=offer.connection_id or 0),
        methods=(method,),
        currency=total.currency,
        amount_cents=total.cents,
        label=", ".join(lines)[:LABEL_LENGTH],
        return_url=return_url,
        expires_at=now + OPEN_FOR,
        saves_method=agreement is not None,
        lines=tuple(lines.items()),
    )
    charge = Charge.objects.create(
        company=company,
        customer=customer,
        connection_id=offer.connection_id,
        message_id=message_id,
        origin=Charge.Origin.CUSTOMER,
        method=method,
        reference=reference,
        idempotency_key=request.key,
        request=stored_request(request),
        currency=total.currency,
        amount_cents=total.cents,
        requested_date=on,
        asked_by=actor,
        asked_at=now,
    )
    ChargeDocument.objects.bulk_create(
        ChargeDocument(
            company=company, charge=charge, document_id=document_id, position=position, amount_cents=cents,
            is_open=is_first,
        )
        for (document_id, position), cents, is_first in _holding(amounts)
    )  # fmt: skip
    if agreement is not None:
        agree_mandate(company=company, charge=charge, agreement=agreement)
    record(
        company=company,
        actor=actor,
        action="charge.begun",
        subject_type="charge",
        subject_id=charge.pk,
        customer_id=customer_id,
        data={
            "reference": reference,
            "currency": total.currency,
            "amount_cents": total.cents,
            "method": method,
            "documents": [{"number": number, "amount_cents": cents} for number, cents in lines.items()],
        },
    )
    return charge


def _holding(amounts: dict[tuple[int, int], int]) -> list[tuple[tuple[int, int], int, bool]]:
    """One row of each document holds it; the parts of one document are one charge's."""
    seen: set[int] = set()
    rows = []
    for key, cents in amounts.items():
        rows.append((key, cents, key[0] not in seen))
        seen.add(key[0])
    return rows


def _amounts(
    company: Company, documents: dict[int, Document], wanted: dict[tuple[int, int], int | None]
) -> dict[tuple[int, int], int]:
    """Cents of each portion, from what is open now; what is settled already is left out."""
    rows = Receivable.objects.filter(company_id=company.pk, document__in=list(documents))
    open_of = {(row.document_id, row.position): row.open_cents for row in rows}
    amounts: dict[tuple[int, int], int] = {}
    for (document_id, position), cents in wanted.items():
        document = documents[document_id]
        whole = max(document.open_cents, 0)
        is_open = whole if position == 0 else max(open_of.get((document_id, position), 0), 0)
        left = whole - sum(value for (other, _), value in amounts.items() if other == document_id)
        is_open = min(is_open, left)
        if cents is not None and cents > is_open:
            raise UnableToOpenCheckout(
                TOO_MUCH(open=Money(is_open, document.currency), number=document.number)
            )
        if is_open:
            amounts[document_id, position] = is_open if cents is None else cents
    if not amounts:
        raise UnableToOpenCheckout(NOTHING_OPEN())
    return amounts


def _offer(company: Company, customer_id: int, method: str, total: Money) -> OfferedMethod:
    offered = offered_methods(
        company=company, customer_id=customer_id, currency=total.currency, amount_cents=total.cents
    )
    for each in offered:
        if each.method == method and each.connection_id is not None:
            return each
    raise UnableToOpenCheckout(NOT_OFFERED(amount=total))
