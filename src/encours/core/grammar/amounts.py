"""Amounts and shares of money as people write and say them: `1 234,56 €`, `EUR 1,234.56`, `2,5 k€`, `la moitié`, `50%`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from encours.core.grammar.dates import Certainty
from encours.core.grammar.plain import Plain
from encours.core.money import MAX_CENTS, UnableToReadAmount, parse_amount

# digits in threes by space, point, comma or apostrophe, or all together; then at most two decimals
_DIGITS = (
    r"(?<![\d.,/-])(?:\d{1,3}(?:[ .,']\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?)(?![\d/]|[.,]\d)"
)
_CURRENCIES = {"€": "EUR", "eur": "EUR", "euro": "EUR", "e": "EUR", "balle": "EUR", "boule": "EUR", "$": "USD", "usd": "USD",
               "dollar": "USD", "£": "GBP", "gbp": "GBP", "pound": "GBP", "chf": "CHF"}  # fmt: skip
_SIGN = r"(?:€|\$|£|eur|usd|gbp|chf)"
_UNIT = r"(?:€|\$|£|(?:euros?|eur|usd|dollars?|gbp|pounds?|chf|balles|boules)\b)"
_TIMES = r"(?: ?(?P<times>k|mille|thousand|millions?)(?= ?(?:€|\$|£|e[u ]|eur|usd|gbp|$|\b)))?"
_AFTER = re.compile(
    rf"(?P<number>{_DIGITS}){_TIMES} ?(?:d')?(?P<unit>{_UNIT})(?: ?(?P<cents>\d\d)(?! ?\d|/| ?(?:€|eur|j)))?(?: et (?P<centimes>\d\d?) centimes)?"
)
_BEFORE = re.compile(rf"(?P<unit>(?:(?<![a-z])){_SIGN}) ?(?P<number>{_DIGITS}){_TIMES}(?![a-z])")
# thousands and cents both written out: money even without a currency
_WRITTEN_OUT = re.compile(r"(?<![\d.,/-])(?P<number>\d{1,3}(?:[ ,.']\d{3})+[.,]\d\d)(?![\d/%]|[.,]\d)")
_KILO = re.compile(rf"(?P<number>{_DIGITS}) ?(?P<times>k)(?: ?(?P<unit>€|eur|euros))?(?![a-z])")
# a number without a currency is an amount only behind words that announce one
_ANNOUNCED = re.compile(
    rf"(?:montant(?: total)?(?: de| :|:)?|somme de|total de|amount of|sum of|a hauteur de|acompte de|versement de|(?:virement|cheque|paiement|payment|transfer|cheque|check) (?:de|of)|"
    rf"(?:verser|versons|verse|virer|vire|virons|regler|payer|paie|pay|send|transfer|wire)(?: (?:vous|you))?) (?P<number>{_DIGITS})(?! ?(?:%|jours?|days?|mois|fois|cartons?|factures?|invoices?|h\b|rue|semaines?|weeks?|[a-z]*(?:janv|fevr|mars|avri|mai|juin|juil|aout|sept|octo|nove|dece)))(?! (?:of|de|th|st)\b)"
)
_PERCENT = re.compile(r"(?<![\d.,])(?P<percent>\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|pour ?cent|percent|per cent)")
_SHARES = (
    (re.compile(r"\b(?:la |une |the |half )?moitie\b|\bhalf\b(?! (?:day|an hour|past))"), Fraction(1, 2)),
    (re.compile(r"\b(?:un |le |one |a )?tiers\b(?! (?:de confiance|payant))|\b(?:one|a) third\b|\b1/3\b"), Fraction(1, 3)),
    (re.compile(r"\b(?:2|deux) tiers\b|\b(?:2|two)[ -]thirds?\b|\b2/3\b"), Fraction(2, 3)),
    (re.compile(r"\b(?:un|le|one|a) quart(?:er)?\b(?! d'heure)"), Fraction(1, 4)),
    (re.compile(r"\b(?:3|trois) quarts\b|\b(?:3|three)[ -]quarters\b"), Fraction(3, 4)),
    (re.compile(r"\b(?:la |en |the )?(?:totalite|integralite|full amount|whole amount|entire amount|full balance)\b"), Fraction(1)),
)  # fmt: skip


@dataclass(frozen=True)
class AmountFound:
    """An amount in cents of a currency, or a share of what is owed (then `cents` is None), named by `text[start:end]`."""

    cents: int | None
    currency: str
    start: int
    end: int
    share: Fraction | None = None
    certainty: Certainty = "exact"


def find_amounts(written: Plain) -> list[AmountFound]:
    """Every amount and share a plain text names, in order, none inside another.

    >>> from encours.core.grammar.plain import plain
    >>> [found.cents for found in find_amounts(plain("mille deux cents euros, EUR 1,234.56 et 2,5 k€"))]
    [120000, 123456, 250000]
    >>> [str(found.share) for found in find_amounts(plain("la moitié maintenant, 30% lundi"))]
    ['1/2', '3/10']
    """
    found = sorted(_all(written.text), key=lambda each: (each.start - each.end, each.start))
    kept: list[AmountFound] = []
    for each in found:
        if not any(each.start < other.end and other.start < each.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)


def _all(text: str) -> Iterator[AmountFound]:
    for pattern in (_AFTER, _BEFORE, _KILO, _WRITTEN_OUT, _ANNOUNCED):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            cents = _cents(
                match["number"], groups.get("times") or "", groups.get("cents") or groups.get("centimes")
            )
            if cents is None:
                continue
            unit = (groups.get("unit") or "").rstrip("s") or "€"
            start = match.start("number") if pattern is _ANNOUNCED else match.start()
            certainty: Certainty = "approximate" if pattern is _ANNOUNCED or _rough(text, start) else "exact"
            yield AmountFound(cents, _CURRENCIES.get(unit, "EUR"), start, match.end(), certainty=certainty)
    for match in _PERCENT.finditer(text):
        share = Fraction(match["percent"].replace(",", ".")) / 100
        if 0 < share <= 1:
            yield AmountFound(None, "EUR", match.start(), match.end(), share)
    for pattern, share in _SHARES:
        for match in pattern.finditer(text):
            yield AmountFound(None, "EUR", match.start(), match.end(), share)


def _rough(text: str, start: int) -> bool:
    return (
        re.search(
            r"(?:environ|about|around|roughly|a peu pres|autour de|dans les|approximately) $",
            text[max(0, start - 16) : start],
        )
        is not None
    )


def _cents(number: str, times: str, cents: str | None) -> int | None:
    """Cents of digits; one sign before exactly three digits is one of thousands, as people write amounts by hand."""
    digits = number.replace(" ", "").replace("'", "")
    if not times and re.fullmatch(r"\d{1,3}[.,]\d{3}", digits):
        digits = re.sub("[.,]", "", digits)
    try:
        value = parse_amount(digits)
    except UnableToReadAmount:
        return None
    if cents and value % 100 == 0:
        value += int(cents)
    value *= {"k": 1000, "mille": 1000, "thousand": 1000, "million": 10**6, "millions": 10**6}.get(times, 1)
    return value if 0 < value <= MAX_CENTS else None
