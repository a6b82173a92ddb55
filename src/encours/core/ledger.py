"""The customer's account: what a movement is, which signs it takes, and what follows from the movements.

Every balance is a sum of movements. A movement is signed from the customer's side: positive when the
customer owes more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from encours.core.invoices import balance_sign

Kind = Literal[
    "invoiced",
    "credited",
    "paid",
    "allocated",
    "written_off",
    "discount",  # given for paying early
    "bank_fee",  # kept back by a bank on the way
    "rounding_difference",  # a few cents too few or too many, by a rule of the company
    "refunded",  # money of the customer given back
    "reversed",
]
# Kinds that settle a document, or use up a receipt, without an allocation
ADJUSTMENTS: tuple[Kind, ...] = ("written_off", "discount", "bank_fee", "rounding_difference")


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


@dataclass(frozen=True)
class Portion:
    """Part of a source (a receipt or a credit note) for one document; `amount_cents` is positive."""

    document_id: int
    amount_cents: int


@dataclass(frozen=True)
class OpenAmount:
    """What is open on a document, as the ledger signs it: negative for a credit note not used up."""

    document_id: int
    open_cents: int


@dataclass(frozen=True)
class Netting:
    """Part of a credit note that settles an invoice."""

    credit_note_id: int
    document_id: int
    amount_cents: int


def oldest_first(amount_cents: int, documents: Sequence[OpenAmount]) -> list[Portion]:
    """Portions of an amount over documents in the order given, each at most what is open.

    The order is the caller's: without a choice of the debtor, due ones first, then the oldest
    (Code civil, art. 1342-10). What no document takes is left over.

    >>> oldest_first(150, [OpenAmount(1, 100), OpenAmount(2, 100)])
    [Portion(document_id=1, amount_cents=100), Portion(document_id=2, amount_cents=50)]
    """
    portions = []
    for document in documents:
        taken = min(amount_cents, max(document.open_cents, 0))
        if taken > 0:
            portions.append(Portion(document.document_id, taken))
            amount_cents -= taken
    return portions


def as_chosen(
    *, amount_cents: int, documents: Sequence[OpenAmount], wanted: Mapping[int, int]
) -> tuple[list[Portion], int]:
    """What documents chosen by hand take of an amount, in the order given, and what is left of it.

    `wanted` says how much (document id -> cents); without, as much as is open and the amount still holds. Credit
    notes come first: what they bring, the invoices can take. Less than nothing is left of an amount that cannot give
    what is wanted.

    >>> as_chosen(amount_cents=80, documents=[OpenAmount(1, 260), OpenAmount(2, -10)], wanted={})
    ([Portion(document_id=1, amount_cents=90), Portion(document_id=2, amount_cents=10)], 0)
    """
    left = amount_cents
    taken: dict[int, int] = {}
    for document in sorted(documents, key=lambda each: each.open_cents > 0):
        most = min(document.open_cents, max(left, 0)) if document.open_cents > 0 else -document.open_cents
        cents = wanted.get(document.document_id, most)
        left += cents if document.open_cents < 0 else -cents
        taken[document.document_id] = cents
    return [Portion(each.document_id, taken[each.document_id]) for each in documents], left


def net_credit_notes(
    notes: Sequence[OpenAmount], invoices: Sequence[OpenAmount], wanted: Mapping[int, int] | None = None
) -> tuple[list[Netting], dict[int, int]]:
    """Credit notes set against invoices in the order given, and what is then still open of each invoice.

    `wanted` limits an invoice to part of what is open (document id -> cents).
    """
    left = {invoice.document_id: max(invoice.open_cents, 0) for invoice in invoices}
    if wanted is not None:
        left = {key: min(cents, wanted.get(key, 0)) for key, cents in left.items()}
    nettings = []
    for note in notes:
        usable = max(-note.open_cents, 0)
        for portion in oldest_first(usable, [OpenAmount(key, cents) for key, cents in left.items()]):
            left[portion.document_id] -= portion.amount_cents
            nettings.append(Netting(note.document_id, portion.document_id, portion.amount_cents))
    return nettings, left


def open_instalments(*, payable_cents: int, open_cents: int, instalments: Sequence[int]) -> list[int]:
    """What is open of each instalment, earliest first: money settles them in that order (`store_receivable`).

    >>> open_instalments(payable_cents=900, open_cents=500, instalments=[300, 600])
    [0, 500]
    """
    settled = payable_cents - open_cents
    result = []
    for amount in instalments:
        taken = min(amount, max(settled, 0))
        result.append(amount - taken)
        settled -= taken
    return result


@dataclass(frozen=True)
class AccountLine:
    """One line of a statement of account. `balance_cents` is what the customer owes after it."""

    day: date
    kind: Kind
    reference: str
    due_date: date | None
    amount_cents: int
    balance_cents: int
    document_id: int | None = None
    payment_id: int | None = None


@dataclass(frozen=True)
class StatementOfAccount:
    """A customer's account between two days, in one currency: opening + lines = closing."""

    currency: str
    opening_cents: int
    lines: tuple[AccountLine, ...]
    closing_cents: int


def running_balance(
    *, currency: str, opening_cents: int, entries: Iterable[Mapping[str, Any]]
) -> StatementOfAccount:
    """The statement over entries in their order (fields of `AccountLine` but the balance)."""
    balance = opening_cents
    lines = []
    for entry in entries:
        balance += entry["amount_cents"]
        lines.append(AccountLine(**entry, balance_cents=balance))
    return StatementOfAccount(currency, opening_cents, tuple(lines), balance)
