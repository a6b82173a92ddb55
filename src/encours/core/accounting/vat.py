"""How much of a receipt is VAT, per rate: what is due on receipts, and what goes with a loss or a discount.

A part of a document holds its rates in proportion. Shares are whole cents that sum to the part (largest
remainder), and the shares of all parts of a document sum to the document's own VAT: each new part gets what is
missing to the share of all that is settled, and a part taken back takes back exactly what it had given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from encours.core.money import split_cents


@dataclass(frozen=True)
class VatShare:
    """Base and VAT at one rate, of a document or of a part of it. A whole amount is the sum of all its shares."""

    rate_basis_points: int
    base_cents: int
    tax_cents: int

    def __neg__(self) -> "VatShare":
        return VatShare(self.rate_basis_points, -self.base_cents, -self.tax_cents)


@dataclass(frozen=True)
class Step:
    """A part of a document settled, or taken back (`amount_cents` is positive in both)."""

    allocation_id: int
    amount_cents: int
    is_undone: bool = False


def shares(amount_cents: int, of: Sequence[VatShare]) -> tuple[VatShare, ...]:
    """Shares of an amount in proportion to the rates `of` a document, in its order.

    >>> shares(60, [VatShare(2000, 100, 20)])
    (VatShare(rate_basis_points=2000, base_cents=50, tax_cents=10),)
    """
    weights = [share.base_cents + share.tax_cents for share in of]
    if not sum(weights):
        return ()
    parts = split_cents(amount_cents, weights)
    found = []
    for share, part, weight in zip(of, parts, weights, strict=True):
        base, tax = split_cents(part, [share.base_cents, share.tax_cents]) if weight else (part, 0)
        found.append(VatShare(share.rate_basis_points, base, tax))
    return tuple(found)


def difference(after: Iterable[VatShare], before: Iterable[VatShare]) -> tuple[VatShare, ...]:
    """What came to `before` to make `after`; both have the same rates, or `before` has none."""
    known = {share.rate_basis_points: share for share in before}
    none = VatShare(0, 0, 0)
    return tuple(
        VatShare(
            share.rate_basis_points,
            share.base_cents - known.get(share.rate_basis_points, none).base_cents,
            share.tax_cents - known.get(share.rate_basis_points, none).tax_cents,
        )
        for share in after
    )


def vat_on_receipts(*, of: Sequence[VatShare], steps: Iterable[Step]) -> list[tuple[VatShare, ...]]:
    """The shares of each step of a document's life, in order; those of a part taken back are negative.

    VAT on services is due when they are paid (CGI art. 269, 2 c), and e-reporting of receipts tells it per rate.
    """
    given: dict[int, tuple[VatShare, ...]] = {}
    settled, in_force = 0, shares(0, of)
    told = []
    for step in steps:
        if step.is_undone:
            now = tuple(-share for share in given.pop(step.allocation_id))
            settled -= step.amount_cents
        else:
            settled += step.amount_cents
            now = difference(shares(settled, of), in_force)
            given[step.allocation_id] = now
        in_force = difference(in_force, (-share for share in now))
        told.append(now)
    return told
