"""A person says whether a document belongs to an order, what deposit it takes off, and when an order is at its end."""

from django.db import transaction

from encours.actions.journal import record
from encours.actions.link_documents import link_documents
from encours.core.money import Money
from encours.core.orders.linking import REASONS
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Document, Order, OrderDocument

OTHER_CUSTOMER = Wording(
    "link.other_customer",
    fr="Ce document et cette commande ne sont pas du même client, ou pas de la même devise.",
    en="This document and this order are not of the same customer, or not in the same currency.",
)
HAS_ORDER = Wording(
    "link.has_order",
    fr="Ce document est déjà rattaché à la commande {number} : détachez-le d’abord.",
    en="This document belongs to order {number} already: take it off there first.",
)
NOT_AN_INVOICE = Wording(
    "link.not_an_invoice",
    fr="Seule une facture déduit un acompte.",
    en="Only an invoice takes a deposit off.",
)
BEYOND_DEPOSIT = Wording(
    "link.bad_deduction",
    fr="La déduction va de zéro à l’acompte demandé, {amount}.",
    en="The deduction is from zero to the deposit asked for, {amount}.",
)


class UnableToLink(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def link_document(*, company: Company, order_id: int, document_id: int, actor: str) -> None:
    """The document belongs to the order, whether it was proposed or not; other proposals for it are gone.

    Raises `Order.DoesNotExist` or `Document.DoesNotExist` for another company's, `UnableToLink`.
    """
    order = Order.objects.select_for_update().get(company=company, pk=order_id)
    document = Document.objects.get(company=company, pk=document_id)
    if (document.customer_id, document.currency) != (order.customer_id, order.currency):  # type: ignore[attr-defined]
        raise UnableToLink(OTHER_CUSTOMER())
    mine = OrderDocument.objects.filter(company=company, document=document)
    linked = mine.filter(state=OrderDocument.State.LINKED).select_related("order").first()
    if linked is not None:
        if linked.order.pk == order.pk:
            return
        raise UnableToLink(HAS_ORDER(number=linked.order.number))
    mine.filter(state=OrderDocument.State.PROPOSED).exclude(order=order).delete()
    OrderDocument.objects.update_or_create(
        company=company,
        order=order,
        document=document,
        defaults={
            "state": OrderDocument.State.LINKED,
            "reason": REASONS["person"]().as_json(),
            "deducted_cents": None,
            "decided_by": actor,
        },
    )
    _tell(company, order, "order.document_linked", actor, number=document.number)
    # what corrects or follows it, and the amount that is left, may be found now
    link_documents(company=company, order_ids=[order.pk], actor=actor)


@transaction.atomic
def unlink_document(*, company: Company, order_id: int, document_id: int, actor: str) -> None:
    """The document does not belong to the order and is not proposed for it again.

    Raises `OrderDocument.DoesNotExist` when neither was said.
    """
    link = (
        OrderDocument.objects.select_for_update(of=("self",))
        .select_related("order", "document")
        .get(company=company, order_id=order_id, document_id=document_id)
    )
    if link.state == OrderDocument.State.REJECTED:
        return
    was_linked = link.state == OrderDocument.State.LINKED
    link.state, link.decided_by, link.deducted_cents = OrderDocument.State.REJECTED, actor, None
    link.save(update_fields=["state", "decided_by", "deducted_cents"])
    action = "order.document_unlinked" if was_linked else "order.proposal_refused"
    _tell(company, link.order, action, actor, number=link.document.number)


@transaction.atomic
def state_deduction(
    *, company: Company, order_id: int, document_id: int, deducted_cents: int | None, actor: str
) -> None:
    """How much of the deposit an invoice takes off, as a person reads it there; None: as its amounts tell.

    Raises `OrderDocument.DoesNotExist` for what is not linked, `UnableToLink`.
    """
    link = (
        OrderDocument.objects.select_for_update(of=("self",))
        .select_related("order", "document")
        .get(company=company, order_id=order_id, document_id=document_id, state=OrderDocument.State.LINKED)
    )
    if link.document.type != Document.Type.INVOICE:
        raise UnableToLink(NOT_AN_INVOICE())
    deposits = OrderDocument.objects.filter(
        company=company,
        order_id=order_id,
        state=OrderDocument.State.LINKED,
        document__type=Document.Type.DEPOSIT,
    )
    asked_cents = sum(deposits.values_list("document__payable_cents", flat=True))
    if deducted_cents is not None and not 0 <= deducted_cents <= asked_cents:
        raise UnableToLink(BEYOND_DEPOSIT(amount=Money(asked_cents, link.order.currency)))
    link.deducted_cents = deducted_cents
    link.save(update_fields=["deducted_cents"])
    _tell(
        company,
        link.order,
        "order.deduction_stated",
        actor,
        number=link.document.number,
        deducted_cents=deducted_cents,
    )


@transaction.atomic
def change_order_state(*, company: Company, order_id: int, state: str, reason: str, actor: str) -> None:
    """Closes an order (nothing more will be invoiced), cancels it or opens it again. Raises `Order.DoesNotExist`."""
    assert state in Order.State.values
    order = Order.objects.select_for_update().get(company=company, pk=order_id)
    if order.state == state:
        return
    before, order.state = order.state, state
    order.save(update_fields=["state"])
    _tell(
        company, order, "order.state_changed", actor, before=before, after=state, reason=reason.strip()[:300]
    )


def _tell(company: Company, order: Order, action: str, actor: str, **data: object) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="order", subject_id=order.pk,
        customer_id=order.customer_id, data={"order": order.number, **data},  # type: ignore[attr-defined]
    )  # fmt: skip
