"""A letter on paper, as PDF/A-3b: for print, for registered mail, and beside the e-mail of a formal notice.

Names are data and never markup in Typst.
"""

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst

from encours.actions.compose_letter import (
    AccountTable,
    DocumentsTable,
    InstalmentsTable,
    Paragraph,
    Parties,
    PaymentCard,
    Piece,
    PortalCall,
    Signature,
    compose_letter,
)
from encours.actions.letter_facts import address_lines, identity, labels_of
from encours.actions.render_qr_code import qr_code_svg
from encours.core.letter_templates.library import PLAN_AGREEMENT
from encours.core.letters import Letter, Party
from encours.core.wording import Wording, format_date

SOURCE = Path(__file__).parent / "letters" / "letter.typ"
DATED = Wording("letter.dated", fr="{city}, le {on}", en="{city}, {on}")
DATED_ONLY = Wording("letter.dated_only", fr="Le {on}", en="{on}")
ATTENTION = Wording("letter.attention", fr="À l’attention de {contact}", en="Attn. {contact}")


def render_letter(*, letter: Letter) -> bytes:
    """The same letter always gives the same bytes."""
    data = json.dumps(_told(letter), ensure_ascii=False)
    return typst.compile(
        SOURCE,
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        pdf_standards=["a-3b"],
        timestamp=datetime.combine(letter.on, time(), UTC),
    )


def _told(letter: Letter) -> dict[str, Any]:
    """What `letter.typ` prints."""
    composed = compose_letter(letter=letter)
    sender, language = letter.sender, letter.language
    on = format_date(letter.on, language)
    dated = DATED(city=sender.city, on=on) if sender.city else DATED_ONLY(on=on)
    return {
        "language": language,
        "labels": labels_of(language),
        "subject": composed.subject,
        "reference": letter.reference,
        "customer": letter.debtor.code,
        "dated": dated.say(language),
        "sender": {"name": sender.name, "lines": _sender_lines(sender)},
        "debtor": letter.debtor.name,
        "address": _window(letter),
        "identity": [identity(sender)] + ([identity(letter.creditor)] if letter.mandate else []),
        "is_agreed": letter.template == PLAN_AGREEMENT,
        "pieces": [_piece(piece) for piece in composed.pieces],
    }


def _sender_lines(sender: Party) -> list[str]:
    return [part for part in (*address_lines(sender), sender.phone, sender.email) if part]


def _window(letter: Letter) -> list[str]:
    """The address as it is read by machines: name, person, street, postcode and town in capitals without a full stop or
    comma (NF Z 10-011), a country where it is not the sender's."""
    debtor = letter.debtor
    contact = ATTENTION(contact=letter.contact_name).say(letter.language) if letter.contact_name else ""
    town = " ".join(part for part in (debtor.postcode, debtor.city.upper()) if part)
    country = debtor.country if debtor.country != letter.creditor.country else ""
    return [part for part in (debtor.name, contact, debtor.street, town, country) if part]


def _piece(piece: Piece) -> dict[str, Any]:
    match piece:
        case Paragraph():
            return {"kind": "fine" if piece.is_fine else "text", "lines": piece.lines}
        case DocumentsTable():
            return {
                "kind": "documents",
                "title": piece.title,
                "rows": [(*row[:4], paid, row[4]) for row, paid in zip(piece.rows, piece.paid, strict=True)],
                "credit": piece.credit,
                "total": piece.total,
            }
        case AccountTable():
            return {"kind": "account", "rows": piece.rows, "basis": piece.basis}
        case PaymentCard():
            return {"kind": "card", "rows": piece.rows}
        case PortalCall():
            return {"kind": "portal", "code": qr_code_svg(text=piece.url), "url": piece.url}
        case InstalmentsTable():
            return {"kind": "instalments", "rows": piece.rows, "total": piece.total}
        case Parties():
            sides = [{"title": title, "lines": lines} for title, lines in piece.sides]
            return {"kind": "parties", "sides": sides}
        case Signature():
            return {"kind": "signature", "lines": piece.lines}
