"""Debts and facts for the stories of a court file."""

from datetime import date
from typing import Any

from encours.core.court_files.claim import Debt, Part
from encours.core.court_files.facts import CourtFacts
from encours.core.interest import InterestTerms, PartPayment
from encours.core.letters import Party

ON = date(2026, 5, 15)
LUMEN = Party(
    name="Atelier Lumen", legal_form="SAS", siren="732829320", street="3 rue des Forges", postcode="44000", city="Nantes",
    email="compta@lumen.example",
)  # fmt: skip
LEFEVRE = Party(
    name="Menuiserie Lefèvre SAS",
    siren="552081317",
    street="12 rue du Port",
    postcode="35000",
    city="Rennes",
    code="C0002",
)


def debt(
    id_: int = 1,
    number: str = "FA-1",
    *,
    cents: int = 100_000,
    due: date = date(2026, 1, 31),
    paid: tuple[tuple[date, int], ...] = (),
    reduced: int = 0,
    parts: tuple[tuple[date, int], ...] = (),
) -> Debt:
    """An invoice issued thirty days before it is due, of `cents`, with what settled it."""
    return Debt(
        document_id=id_, number=number, type="invoice", issue_date=date.fromordinal(due.toordinal() - 30),
        payable_cents=cents, open_cents=cents - reduced - sum(part for _, part in paid),
        parts=tuple(Part(rank, day, part) for rank, (day, part) in enumerate(parts, 1)) or (Part(0, due, cents),),
        payments=tuple(PartPayment(day, part) for day, part in paid), reduced_cents=reduced,
    )  # fmt: skip


def facts(*debts: Debt, **details: Any) -> CourtFacts:
    """Of Atelier Lumen and Menuiserie Lefèvre, a late payer."""
    given: dict[str, Any] = {
        "on": ON,
        "creditor": LUMEN,
        "debtor": LEFEVRE,
        "terms": InterestTerms("company"),
    } | details
    return CourtFacts(debts=debts or (debt(),), **given)
