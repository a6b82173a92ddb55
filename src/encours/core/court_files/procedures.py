"""Which way to a title, and which court: what the law says of either."""

from collections.abc import Mapping
from typing import Literal

from encours.core.letters import Party
from encours.core.wording import Wording

Procedure = Literal["injonction", "petites_creances"]
Court = Literal["commerce", "judiciaire", "commerciale_judiciaire", "mixte_commerce"]

# CPCE, art. R125-1: principal and interest
SMALL_CLAIM_CENTS = 500_000
# Code de commerce, art. L110-4 and Code civil, art. 2224; Code de la consommation, art. L218-2
LIMITATION_YEARS = {"company": 5, "public_buyer": 4, "person": 2}

PROCEDURES: Mapping[Procedure, Wording] = {
    "injonction": Wording("court.injonction", fr="Injonction de payer", en="Order for payment"),
    "petites_creances": Wording(
        "court.petites_creances", fr="Petites créances (commissaire de justice)", en="Small claims (commissaire de justice)"
    ),
}  # fmt: skip
COURTS: Mapping[Court, Wording] = {
    "commerce": Wording("court.commerce", fr="Tribunal de commerce", en="Commercial court"),
    "judiciaire": Wording("court.judiciaire", fr="Tribunal judiciaire", en="Judicial court"),
    "commerciale_judiciaire": Wording(
        "court.commerciale_judiciaire",
        fr="Chambre commerciale du tribunal judiciaire",
        en="Commercial chamber of the judicial court",
    ),
    "mixte_commerce": Wording("court.mixte_commerce", fr="Tribunal mixte de commerce", en="Mixed commercial court"),
}  # fmt: skip
# Code de commerce, art. L731-1 (Bas-Rhin, Haut-Rhin, Moselle) and L732-1 (overseas)
_ALSACE_MOSELLE = ("57", "67", "68")
_OVERSEAS = ("971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988")
_NO_TRADERS = frozenset(
    {"SCI", "SCM", "SCP", "ASSOCIATION", "ASSO", "SELARL", "SELAS", "SYNDICAT", "MUTUELLE", "FONDATION"}
)


def court_of(debtor: Party) -> Court:
    """The court of a debtor's seat: of trade for those who trade, else the judicial one (Code de commerce, art. L721-3).

    Who trades is told by the name only as far as a legal form stands in it: a person looks again before it is filed.
    """
    if debtor.kind == "person" or not _NO_TRADERS.isdisjoint(debtor.name.upper().replace(".", "").split()):
        return "judiciaire"
    if debtor.postcode.startswith(_OVERSEAS):
        return "mixte_commerce"
    return "commerciale_judiciaire" if debtor.postcode.startswith(_ALSACE_MOSELLE) else "commerce"
