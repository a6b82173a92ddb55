"""Money is an integer number of minor units ("cents") with a currency. Never a float.

`Decimal` appears only at the edges: what a file says becomes cents here, and what a person reads is
made from cents here.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217: currencies whose minor unit is not a hundredth.
_DECIMALS = {"JPY": 0, "KRW": 0, "XAF": 0, "XOF": 0, "XPF": 0, "VND": 0, "CLP": 0, "ISK": 0,
             "TND": 3, "BHD": 3, "KWD": 3, "JOD": 3, "OMR": 3, "IQD": 3, "LYD": 3}  # fmt: skip
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
NARROW_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"
# one sign at most: before (-12), after (12-), or brackets (12)
# thousands in threes by one sign and decimals after the other: "1,234,56" may be 1,234.56 or 123,456
_NUMBER = (
    r"(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?)"
)
_WRITTEN = re.compile(
    rf"\+?(?P<positive>{_NUMBER})|[-−](?P<minus>{_NUMBER})|(?P<after>{_NUMBER})-|\((?P<bracketed>{_NUMBER})\)"
)
# Largest amount the ledger takes: one thousand billion. Beyond it a file is read wrongly.
MAX_CENTS = 10**14


class UnableToReadAmount(ValueError):
    """The text is no amount, or has more decimals than its currency."""


@dataclass(frozen=True, order=True)
class Money:
    """An amount in minor units of one currency (ISO 4217 code)."""

    cents: int
    currency: str = "EUR"

    def format(self, language: str) -> str:
        return format_cents(self.cents, self.currency, language)


@dataclass(frozen=True, order=True)
class Rate:
    """A share of a hundred, in basis points.

    >>> Rate(9_950).format("fr"), Rate(550).format("en")
    ('99,5\u00a0%', '5.5%')
    """

    basis_points: int

    def format(self, language: str) -> str:
        text = f"{self.basis_points / 100:g}"
        return f"{text.replace('.', ',')}{NO_BREAK_SPACE}%" if language == "fr" else f"{text}%"


def decimals_of(currency: str) -> int:
    """Digits after the decimal sign of a currency (ISO 4217)."""
    return _DECIMALS.get(currency, 2)


def to_cents(amount: Decimal, currency: str = "EUR") -> int:
    """Exact conversion to minor units; an amount between two cents is refused, never rounded.

    >>> to_cents(Decimal("12.5"))
    1250
    """
    scaled = amount.scaleb(decimals_of(currency))
    cents = int(scaled)
    if cents != scaled:
        raise UnableToReadAmount(f"{amount} has more decimals than {currency}")
    if abs(cents) > MAX_CENTS:
        raise UnableToReadAmount(f"{amount} is too large")
    return cents


def to_decimal(cents: int, currency: str = "EUR") -> Decimal:
    """The amount as a decimal number with the currency's own digits."""
    return Decimal(cents).scaleb(-decimals_of(currency))


def parse_amount(text: str, currency: str = "EUR") -> int:
    """Minor units of an amount as people write it: French or English, signs, spaces, symbols.

    The last of `,` and `.` is the decimal sign when both occur; a single one followed by exactly three
    digits is ambiguous and read as a thousands sign only when it occurs more than once.

    >>> parse_amount("1 234,56 €"), parse_amount("1,234.56"), parse_amount("(12.00)"), parse_amount("12-")
    (123456, 123456, -1200, -1200)
    """
    kept = re.sub(r"[\s\u00a0\u202f'€$£]|EUR|USD|GBP", "", text.strip())
    written = _WRITTEN.fullmatch(kept)
    if written is None:
        raise UnableToReadAmount(f"not an amount: {text!r}")
    negative = written["positive"] is None
    digits = written[written.lastgroup or "positive"]
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands = "." if comma > dot else ","
        digits = digits.replace(thousands, "")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    try:
        value = Decimal(digits.replace(",", "."))
    except InvalidOperation as error:
        raise UnableToReadAmount(f"not an amount: {text!r}") from error
    return to_cents(-value if negative else value, currency)


def parse_rate(text: str) -> int:
    """Basis points of a percentage as people write it, French or English, with or without its sign.

    >>> parse_rate("99,5 %"), parse_rate("2.25")
    (9950, 225)
    """
    kept = re.sub(r"[\s\u00a0\u202f]|%$", "", text.strip())
    if not re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?", kept):
        raise UnableToReadAmount(f"not a percentage: {text!r}")
    return int(Decimal(kept.replace(",", ".")).scaleb(2))


def format_cents(cents: int, currency: str, language: str) -> str:
    """The amount for a reader, e.g. `1 234,56 €` (fr, with no-break spaces) or `€1,234.56` (en)."""
    digits = decimals_of(currency)
    whole, fraction = divmod(abs(cents), 10**digits)
    sign = "-" if cents < 0 else ""
    symbol = _SYMBOLS.get(currency, currency)
    grouped = f"{whole:,}"
    if language == "fr":
        text = grouped.replace(",", NARROW_SPACE) + (f",{fraction:0{digits}d}" if digits else "")
        return f"{sign}{text}{NO_BREAK_SPACE}{symbol}"
    text = grouped + (f".{fraction:0{digits}d}" if digits else "")
    return f"{sign}{symbol}{text}" if len(symbol) == 1 else f"{sign}{text} {symbol}"


def split_cents(total_cents: int, weights: list[int]) -> list[int]:
    """Shares of an amount in proportion to weights, to the cent: the shares always sum to the total.

    Largest remainder; ties go to the first. Used for VAT per rate and instalments.
    """
    weight_sum = sum(weights)
    assert weight_sum != 0, "weights must not sum to zero"
    floors = [total_cents * weight // weight_sum for weight in weights]
    remainders = [total_cents * weight % weight_sum for weight in weights]
    missing = total_cents - sum(floors)
    sign = 1 if weight_sum > 0 else -1
    by_remainder = sorted(range(len(weights)), key=lambda i: (-sign * remainders[i], i))
    for i in by_remainder[:missing]:
        floors[i] += 1
    return floors
