"""The numbered schedule of what a file holds (bordereau de pièces communiquées)."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Literal

PieceKind = Literal[
    "statement", "interest", "contract", "general_terms", "order", "delivery_note", "invoice", "other", "notice", "message",
    "reply", "cases", "journal",
]  # fmt: skip

# In French like all of the file: a French court reads it.
KIND_NAMES: Mapping[PieceKind, str] = {
    "statement": "Relevé de compte",
    "interest": "Décompte des intérêts et indemnités",
    "contract": "Contrat",
    "general_terms": "Conditions générales",
    "order": "Bon de commande",
    "delivery_note": "Bon de livraison",
    "invoice": "Facture",
    "other": "Pièce",
    "notice": "Mise en demeure",
    "message": "Relance",
    "reply": "Réponse du débiteur",
    "cases": "Litiges, promesses et échéanciers",
    "journal": "Extrait du journal",
}


@dataclass(frozen=True)
class Piece:
    """One numbered exhibit. `day` is that of the paper, None where it has none."""

    number: int
    kind: PieceKind
    title: str
    day: date | None = None
    detail: str = ""

    @property
    def label(self) -> str:
        return f"Pièce n° {self.number}"


def cited(numbers: Iterable[int]) -> str:
    """Piece numbers as a request cites them.

    >>> cited([3, 4, 5, 9]), cited([2])
    ('pièces n° 3 à 5 et 9', 'pièce n° 2')
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [text for run in runs for text in ([f"{run[0]} à {run[-1]}"] if len(run) > 2 else map(str, run))]
    text = f"{', '.join(told[:-1])} et {told[-1]}" if len(told) > 1 else told[0]
    return f"pièce n° {text}" if text.isdigit() else f"pièces n° {text}"


def as_csv(pieces: Iterable[Piece], pages: Mapping[int, tuple[int, int]]) -> str:
    """The schedule as a table for spreadsheets; `pages` gives first page and number of pages by piece."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(["piece", "nature", "intitule", "date", "detail", "page", "nombre_de_pages"])
    for piece in pieces:
        first, count = pages[piece.number]
        day = piece.day.isoformat() if piece.day else ""
        texts = (KIND_NAMES[piece.kind], piece.title, day, piece.detail)
        writer.writerow([piece.number, *map(_plain, texts), first, count])
    return "\ufeff" + buffer.getvalue()


def _plain(text: str) -> str:
    """No spreadsheet runs it as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
