"""Why a customer contests an invoice, and what a dispute leaves to ask for.

The reasons are those of the French e-invoicing reform: a buyer's platform gives them with the statuses "partly
approved" (206), "in dispute" (207), "suspended" (208) and "refused" (210), AFNOR XP Z12-012.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encours.core.wording import Wording


def _reason(code: str, fr: str, en: str) -> tuple[str, Wording]:
    return code, Wording(f"dispute.reason.{code}", fr=fr, en=en)


REASONS: Mapping[str, Wording] = dict(
    [
        _reason("PU_ERR", "prix unitaire erroné", "wrong unit price"),
        _reason("REM_ERR", "remise erronée", "wrong discount"),
        _reason("QTE_ERR", "quantité facturée erronée", "wrong quantity"),
        _reason("ART_ERR", "article facturé erroné", "wrong item"),
        _reason("LIVR_INCOMP", "livraison incomplète", "incomplete delivery"),
        _reason("QUALITE_ERR", "qualité non conforme", "poor quality"),
        _reason("NON_CONFORME", "facture non conforme", "invoice not compliant"),
        _reason("MONTANTTOTAL_ERR", "montant total erroné", "wrong total"),
        _reason("CALCUL_ERR", "erreur de calcul", "calculation error"),
        _reason("TX_TVA_ERR", "taux de TVA erroné", "wrong VAT rate"),
        _reason("DOUBLE_FACT", "facture en double", "invoiced twice"),
        _reason("DOUBLON", "facture déjà reçue", "invoice received already"),
        _reason("CMD_ERR", "numéro de commande erroné ou absent", "purchase order number wrong or missing"),
        _reason("REF_CT_ABSENT", "référence du contrat absente", "contract reference missing"),
        _reason("REF_ERR", "référence erronée", "wrong reference"),
        _reason("CONTRAT_TERM", "contrat terminé", "contract ended"),
        _reason("TRANSAC_INC", "transaction inconnue", "unknown transaction"),
        _reason("JUSTIF_ABS", "justificatif absent", "supporting document missing"),
        _reason("MODPAI_ERR", "mode de paiement erroné", "wrong means of payment"),
        _reason("COORD_BANC_ERR", "coordonnées bancaires erronées", "wrong bank details"),
        _reason("DEST_ERR", "destinataire erroné", "wrong recipient"),
        _reason("DEST_INC", "destinataire inconnu", "unknown recipient"),
        _reason("EMMET_INC", "émetteur inconnu", "unknown issuer"),
        _reason("ADR_ERR", "adresse de facturation erronée", "wrong billing address"),
        _reason("SIRET_ERR", "SIRET erroné ou absent", "SIRET wrong or missing"),
        _reason("CODE_ROUTAGE_ERR", "code de routage erroné ou absent", "routing code wrong or missing"),
        _reason("AUTRE", "autre motif", "another reason"),
    ]
)

OUTCOMES: Mapping[str, Wording] = {
    "accepted": Wording("dispute.accepted", fr="fondé : le client a raison", en="well founded: the customer is right"),
    "partly_accepted": Wording("dispute.partly_accepted", fr="fondé en partie", en="well founded in part"),
    "rejected": Wording("dispute.rejected", fr="non fondé : la somme est due", en="unfounded: the amount is owed"),
    "withdrawn": Wording("dispute.withdrawn", fr="retiré, ou ouvert par erreur", en="withdrawn, or opened by mistake"),
}  # fmt: skip


@dataclass(frozen=True)
class Contested:
    """The part of a document that is contested: `disputed_cents`, or whatever is open when it `is_whole`."""

    disputed_cents: int
    is_whole: bool

    def blocked_cents(self, *, open_cents: int) -> int:
        """What nobody asks for, never more than is open. Money that came in pays what is not contested first.

        >>> Contested(400, is_whole=False).blocked_cents(open_cents=1_000)
        400
        >>> Contested(400, is_whole=False).blocked_cents(open_cents=300)
        300
        """
        most = max(open_cents, 0)
        return most if self.is_whole else min(self.disputed_cents, most)
