"""How long payment terms may be: what the law caps between companies in France, by kind of customer, invoice and sector.

The figures are settings of the company with the law's as defaults: trades have caps of their own (Code de commerce,
art. L441-11) and the text changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any

from encours.core.references import folded
from encours.core.terms import PaymentTerms, UnableToReadTerms, read_terms
from encours.core.wording import Sentence, Wording

BEYOND_THE_CAP = Wording(
    "terms.beyond_the_cap",
    fr="Entre entreprises, la loi plafonne à {net} jours après l’émission, ou {end_of_month} jours fin de mois (Code de commerce, art. L441-10 I) : jusqu’à {days} jours ici.",
    en="Between companies, the law caps terms at {net} days after the invoice, or {end_of_month} days end of month (French Code de commerce, art. L441-10 I): up to {days} days here.",
)
BEYOND_THE_PERIODIC_CAP = Wording(
    "terms.beyond_the_periodic_cap",
    fr="Une facture périodique (CGI, art. 289 I-3) se règle sous {periodic} jours après l’émission (Code de commerce, art. L441-10 I) : jusqu’à {days} jours ici.",
    en="A periodic invoice (French CGI, art. 289 I-3) is paid within {periodic} days after it is issued (Code de commerce, art. L441-10 I): up to {days} days here.",
)
BEYOND_THE_PUBLIC_CAP = Wording(
    "terms.beyond_the_public_cap",
    fr="Un acheteur public paie sous {public} jours, 50 pour un établissement de santé (Code de la commande publique, art. R2192-10 et R2192-11) : jusqu’à {days} jours ici.",
    en="A public buyer pays within {public} days, 50 for a hospital (French Code de la commande publique, art. R2192-10 and R2192-11): up to {days} days here.",
)
BEYOND_THE_SECTOR_CAP = Wording(
    "terms.beyond_the_sector_cap",
    fr="Dans le secteur « {sector} », le plafond est de {cap} ({source}) : jusqu’à {days} jours ici.",
    en='In the sector "{sector}" the cap is {cap} ({source}): up to {days} days here.',
)
MAX_CAP_DAYS = 366


@dataclass(frozen=True)
class SectorCap:
    """An exception for customers of a sector: the longest terms, as core.terms reads them, and where that is written."""

    sector: str
    terms: str
    source: str


@dataclass(frozen=True)
class Caps:
    """The caps a company checks terms against, in days. The law's unless somebody said otherwise."""

    net_days: int = 60
    end_of_month_days: int = 45
    periodic_days: int = 45
    public_days: int = 30
    sectors: Sequence[SectorCap] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Caps":
        """Of what `Company.terms_caps` keeps: only what differs from the law."""
        known = {each.name for each in fields(cls)} - {"sectors"}
        sectors = tuple(SectorCap(**each) for each in stored.get("sectors", ()))
        return cls(**{name: value for name, value in stored.items() if name in known}, sectors=sectors)

    def as_json(self) -> dict[str, Any]:
        law = asdict(Caps())
        told = asdict(self) | {"sectors": [asdict(each) for each in self.sectors]}
        return {name: value for name, value in told.items() if value != law[name] and value != []}


def beyond_cap(
    *, terms: PaymentTerms, kind: str, sector: str, is_periodic: bool, caps: Caps
) -> Sentence | None:
    """The cap these terms pass, in words with its article; None within it, and for a private person (no cap of this law).

    Terms pass a cap when on some day of issue they fall due after it would. `kind` is that of the customer.
    """
    if kind == "person":
        return None
    days = terms.longest_days
    own = next((each for each in caps.sectors if sector and folded(each.sector) == folded(sector)), None)
    if own is not None:
        cap = read_terms(own.terms)
        if _within(terms, cap):
            return None
        return BEYOND_THE_SECTOR_CAP(sector=own.sector, cap=cap.in_words(), source=own.source, days=days)
    if kind == "public_buyer":
        within = _within(terms, PaymentTerms(caps.public_days))
        return None if within else BEYOND_THE_PUBLIC_CAP(public=caps.public_days, days=days)
    if is_periodic:
        within = _within(terms, PaymentTerms(caps.periodic_days))
        return None if within else BEYOND_THE_PERIODIC_CAP(periodic=caps.periodic_days, days=days)
    # the contract chooses between the two, and between the readings of the second
    allowed = (
        PaymentTerms(caps.net_days),
        PaymentTerms(caps.end_of_month_days, "after_days"),
        PaymentTerms(caps.end_of_month_days, "before_days"),
    )
    if any(_within(terms, cap) for cap in allowed):
        return None
    return BEYOND_THE_CAP(net=caps.net_days, end_of_month=caps.end_of_month_days, days=days)


def is_readable_cap(text: str) -> bool:
    """Whether a sector's cap is terms that can be read."""
    try:
        return read_terms(text).days <= MAX_CAP_DAYS
    except UnableToReadTerms:
        return False


def _within(terms: PaymentTerms, cap: PaymentTerms) -> bool:
    # a year with 29 February: every length of month, on every day
    days = (date(2028, 1, 1) + timedelta(days=rank) for rank in range(366))
    return all(terms.due_date(day) <= cap.due_date(day) for day in days)
