"""Numbers of invoices and orders a reply speaks of, as the customer wrote them."""

import re

from encours.core.grammar.plain import Plain

_ANNOUNCED = re.compile(
    r"\b(?:factures?|facture n|invoices?|avoirs?|credit notes?|fa|fac|inv|bill|ref(?:erence)?|commande|order|n°|no\.?|num(?:ero)?)\s?(?:n°|no\.?|number|num(?:ero)?|#|:|n)?\s{0,2}"
    r"(?P<number>(?=[a-z0-9/_-]{0,24}\d)[a-z0-9][a-z0-9/_-]{2,24})(?![a-z0-9@])"
)
_LOOKS_LIKE = re.compile(
    r"(?<![\w@./-])(?P<number>[a-z]{1,5}[-_/]?(?:20\d\d)?[-_/]?\d{3,10}(?:[-/]\d{1,6})?)(?![\w@])"
)
_NEVER = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|20\d\d|s\d\d|\d{1,2}-\d{1,2}-\d{2,4}|\d{1,3}")
MAX_REFERENCES = 20


def references_in(written: Plain) -> tuple[str, ...]:
    """Verbatim, each once, in order.

    >>> from encours.core.grammar.plain import plain
    >>> references_in(plain("la facture F2026-0118 et INV-33, payées le 12/03"))
    ('F2026-0118',)
    """
    spans = {
        match.span("number")
        for pattern in (_ANNOUNCED, _LOOKS_LIKE)
        for match in pattern.finditer(written.text)
        if not _NEVER.fullmatch(match["number"])
    }
    found = (written.verbatim(start, end) for start, end in sorted(spans))
    return tuple(dict.fromkeys(found))[:MAX_REFERENCES]
