"""What an electronic invoice says of its order and of the deposit it takes off (EN 16931)."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import polars as pl

from encours.core.invoices import REFERENCES
from encours.core.money import decimals_of
from encours.core.references import folded

# a line of a negative amount that says so takes off what was asked before
_DEPOSIT = re.compile(
    r"ACOMPTE|AVANCE\b|ARRHES|DEPOSIT|DOWN[ -]?PAYMENT|PREPAYMENT|ADVANCE PAYMENT|ANZAHLUNG"
)


def references(
    *,
    sales_order: str,
    preceding: Iterable[str],
    prepaid: str,
    lines: Sequence[tuple[str, str, str]],
    currency: str,
) -> pl.DataFrame:
    """REFERENCES of the one document of a file: our order number (BT-14), the invoices it follows (BG-3), what was paid
    before (BT-113), and the lines, each (words, amount without VAT BT-131, VAT rate BT-152), that take a deposit off."""
    rows: list[tuple[str, str, int | None]] = []
    if sales_order.strip():
        rows.append(("sales_order", sales_order, None))
    rows += [("preceding", number, None) for number in dict.fromkeys(preceding) if number.strip()]
    paid = _cents(prepaid, "0", currency)
    if paid and paid > 0:
        rows.append(("prepaid", "", paid))
    for words, net, rate in lines:
        cents = _cents(net, rate, currency)
        if cents and cents < 0 and _DEPOSIT.search(folded(words)):
            rows.append(("deducted", words, -cents))
    return pl.DataFrame(
        [(1, kind, " ".join(value.split())[:80], cents) for kind, value, cents in rows],
        schema=REFERENCES,
        orient="row",
    )


def _cents(net: str, rate: str, currency: str) -> int | None:
    """With VAT, rounded to the cent; None for what is no number."""
    try:
        amount = Decimal(net) * (1 + Decimal(rate or "0") / 100)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) > 10**13:
        return None
    return int(amount.scaleb(decimals_of(currency)).to_integral_value(ROUND_HALF_UP))
