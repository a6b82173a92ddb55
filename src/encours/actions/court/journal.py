"""The extract of the journal: on pages, and as data that anybody can check."""

import json
from collections.abc import Sequence

from encours.actions.court import blocks
from encours.actions.court.blocks import Block
from encours.queries.court_evidence import JournalEvidence

# On pages; the archive holds all.
ENTRIES_SHOWN = 300
# How `encours_journal_hash` (migration 0002) puts the text together that is hashed.
HOW_TO_CHECK = (
    "hash = SHA-256 (hexadecimal) of the UTF-8 text company_id, sequence, created_at, actor, action, subject_type, subject_id,"
    " customer_id, data, previous_hash joined by U+001F; a missing subject_id is empty. previous_hash is the hash of the entry"
    " with the sequence before, which may concern another customer and is then not in this extract."
)


def journal_pages(entries: Sequence[JournalEvidence]) -> list[Block]:
    rows = [
        [str(entry.sequence), entry.created_at[:19].replace("T", " "), f"{entry.action}\n{entry.actor}",
         f"{entry.hash[:32]}\n{entry.hash[32:]}"]
        for entry in entries[-ENTRIES_SHOWN:]
    ]  # fmt: skip
    left = len(entries) - len(rows)
    pages = [
        blocks.text("Chaque fait est inscrit au moment où il se produit, sans pouvoir être modifié ensuite. L’empreinte (SHA-256) d’une ligne couvre son contenu et l’empreinte de la précédente : une ligne changée ou retirée rompt la chaîne."),
        blocks.table(head=["N°", "Moment (UTC)", "Fait, auteur", "Empreinte"], align="rlll", columns=[0, 0, 1, 0], rows=rows, size=7.5),
    ]  # fmt: skip
    if left > 0:
        pages.append(
            blocks.note(f"Les {left} lignes plus anciennes sont dans l’archive, avec toutes leurs données.")
        )
    return pages


def journal_json(entries: Sequence[JournalEvidence], *, company_id: int, customer_id: int) -> str:
    """The extract with all that its hashes cover."""
    return json.dumps(
        {
            "how_to_check": HOW_TO_CHECK,
            "company_id": company_id,
            "customer_id": customer_id,
            "entries": [vars(entry) for entry in entries],
        },
        ensure_ascii=False,
        indent=1,
    )
