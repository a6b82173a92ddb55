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


# A picture of a few kilobytes can unfold into gigabytes: it is measured before anything opens it.
MAX_PIXELS = 80_000_000
TOO_MANY_PIXELS = Wording(
    "paper.too_many_pixels",
    fr="Cette image a plus de {most} millions de points. Réduisez-la, ou envoyez un PDF.",
    en="This picture has more than {most} million pixels. Make it smaller, or send a PDF.",
)


def pixels_of(content: bytes) -> int:
    """Of a PNG or JPEG, as its header says; 0 for a PDF and for what says nothing.

    >>> pixels_of(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0dIHDR" + (400).to_bytes(4) + (300).to_bytes(4))
    120000
    """
    if content.startswith(MEDIA_TYPES["image/png"][0]):
        return int.from_bytes(content[16:20]) * int.from_bytes(content[20:24])
    at = 2
    while content.startswith(MEDIA_TYPES["image/jpeg"][0]) and at + 9 < len(content):
        marker = content[at + 1]
        if content[at] != 0xFF or marker == 0xFF:  # padding
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (
            0xC4,
            0xC8,
            0xCC,
        ):  # start of frame, ITU-T T.81 B.1.1.3
            return int.from_bytes(content[at + 5 : at + 7]) * int.from_bytes(content[at + 7 : at + 9])
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return 0


def media_type_of(content: bytes) -> str:
    """By its first bytes, whatever it is called; "" for what is no paper.

    >>> media_type_of(b"%PDF-1.7 ..."), media_type_of(b"<html>")
    ('application/pdf', '')
    """
    return next((name for name, (start, _) in MEDIA_TYPES.items() if content.startswith(start)), "")
