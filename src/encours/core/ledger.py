"""The customer's account: what a movement is, which signs it takes, and what follows from the movements.

Every balance is a sum of movements. A movement is signed from the customer's side: positive when the
customer owes more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from encours.core.invoices import balance_sign

Kind = Literal["invoiced", "credited", "paid", "allocated", "written_off", "reversed"]


@dataclass(frozen=True)
class NewMovement:
    """One line to be written in a customer's account, on a document or on a payment (exactly one of them).

    `amount_cents` is signed. `reversed_kind` is the kind a `reversed` movement takes back.
    """

    customer_id: int
    kind: Kind
    amount_cents: int
    currency: str
    booked_date: date
    document_id: int | None = None
    payment_id: int | None = None
    allocation_id: int | None = None
    reversed_kind: str = ""

    def __post_init__(self) -> None:
        assert (self.document_id is None) != (self.payment_id is None), "a document or a payment"
        assert (self.kind == "reversed") == bool(self.reversed_kind), "a reversal says what it takes back"


def issued(
    *, document_id: int, customer_id: int, type: str, payable_cents: int, currency: str, issue_date: date
) -> NewMovement:
    """The movement that brings a document into its customer's account."""
    return NewMovement(
        customer_id=customer_id,
        document_id=document_id,
        kind="credited" if type == "credit_note" else "invoiced",
        amount_cents=balance_sign(type) * payable_cents,
        currency=currency,
        booked_date=issue_date,
    )


def received(
    *, payment_id: int, customer_id: int, amount_cents: int, currency: str, received_date: date
) -> NewMovement:
    """The movement of a receipt: the customer owes less, whatever the money is for."""
    return NewMovement(
        customer_id=customer_id,
        payment_id=payment_id,
        kind="paid",
        amount_cents=-amount_cents,
        currency=currency,
        booked_date=received_date,
    )
