"""What people write into a transfer, and what banks leave of it."""

import unicodedata
from random import Random


def upper_ascii(text: str) -> str:
    """The characters SEPA carries, upper case: what most banks print.

    >>> upper_ascii("Hôtel de l'Épée & Fils")
    "HOTEL DE L'EPEE FILS"
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join("".join(c if c.isalnum() or c in "/-?:().,'+ " else " " for c in plain).upper().split())


def text_of(numbers: list[str], *, habit: str, order: str, code: str, rng: Random) -> str:
    """Free text of a transfer that pays these invoices, in a payer's habit, now and then careless."""
    if habit == "none" or rng.random() < 0.03:
        return rng.choice(("VIREMENT", "REGLEMENT FOURNISSEUR", "VIR VENTALUNE", f"CLIENT {code}", ""))
    if habit == "order" and order:
        return f"CDE {order}"
    if habit == "exact" or not numbers:
        return ", ".join(numbers)
    if habit == "loud":
        return "REGLT FACT " + " ".join(number.replace("-", " ") for number in numbers)
    if habit == "bare":
        # the series once, then what is left of the numbers
        first, *others = numbers
        return (
            "FACTURE "
            + first.replace("-", "")
            + "".join(f" + {number.rpartition('-')[2]}" for number in others)
        )
    # without the zeros somebody found useless
    return "Fact. " + " / ".join(_without_zeros(number) for number in numbers)


def cut(text: str, limit: int) -> str:
    """What fits the bank's field; the rest is lost."""
    return text[:limit].rstrip()


def public_text(numbers: list[str], rng: Random) -> str:
    """How a public accountant announces a payment order."""
    return f"MANDAT {rng.randint(100, 9999)} BORD {rng.randint(1, 400)} {' '.join(numbers)}"


def swapped(number: str, rng: Random) -> str:
    """Two neighbouring digits exchanged, as a tired person does."""
    place = rng.randrange(len(number) - 3, len(number) - 1)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _without_zeros(number: str) -> str:
    series, _, rank = number.rpartition("-")
    return f"{series}-{rank.lstrip('0') or '0'}"
