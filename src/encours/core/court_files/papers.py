"""Papers a person attaches because they prove something, and what kind of file they may be."""

from collections.abc import Mapping

from encours.core.wording import Wording

MAX_BYTES = 20 << 20

# In the order a court reads them: what was agreed, what was ordered, what was delivered, what was asked for.
KINDS: Mapping[str, Wording] = {
    "contract": Wording("paper.contract", fr="Contrat", en="Contract"),
    "general_terms": Wording("paper.general_terms", fr="Conditions générales", en="General terms"),
    "order": Wording("paper.order", fr="Bon de commande", en="Order"),
    "delivery_note": Wording("paper.delivery_note", fr="Bon de livraison", en="Delivery note"),
    "invoice": Wording("paper.invoice", fr="Facture telle qu’envoyée", en="Invoice as it was sent"),
    "other": Wording("paper.other", fr="Autre pièce", en="Other paper"),
}
# A court reads pages: what has none is refused, not guessed at.
MEDIA_TYPES: Mapping[str, tuple[bytes, str]] = {
    "application/pdf": (b"%PDF-", "pdf"),
    "image/png": (b"\x89PNG\r\n\x1a\n", "png"),
    "image/jpeg": (b"\xff\xd8\xff", "jpg"),
}

EMPTY_PAPER = Wording("paper.empty", fr="Ce fichier est vide.", en="This file is empty.")
PAPER_TOO_LARGE = Wording(
    "paper.too_large",
    fr="Ce fichier dépasse {limit} Mo. Numérisez-le en 200 points par pouce, ou partagez-le en plusieurs.",
    en="This file is larger than {limit} MB. Scan it at 200 dots per inch, or split it.",
)
NOT_A_PAPER = Wording(
    "paper.not_a_paper",
    fr="Ce fichier n’est ni un PDF, ni une image PNG ou JPEG, quel que soit son nom. Imprimez-le en PDF, puis joignez-le.",
    en="This file is no PDF and no PNG or JPEG picture, whatever its name says. Print it as PDF, then attach it.",
)
UNREADABLE_PAPER = Wording(
    "paper.unreadable",
    fr="Ce fichier est endommagé ou protégé par un mot de passe : il ne pourrait pas être joint à un dossier.",
    en="This file is damaged or protected by a password: it could not be put into a file.",
)
UNKNOWN_KIND = Wording(
    "paper.unknown_kind", fr="Nature de pièce inconnue : {kind}.", en="Unknown kind of paper: {kind}."
)


def media_type_of(content: bytes) -> str:
    """By its first bytes, whatever it is called; "" for what is no paper.

    >>> media_type_of(b"%PDF-1.7 ..."), media_type_of(b"<html>")
    ('application/pdf', '')
    """
    return next((name for name, (start, _) in MEDIA_TYPES.items() if content.startswith(start)), "")
