"""Gives a letter its shape as an e-mail: text and HTML, made from the same pieces.

Whatever a customer is called is text everywhere: the text has no markup, in HTML it is escaped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from encours.actions.compose_letter import (
    AccountTable,
    DocumentsTable,
    InstalmentsTable,
    Parties,
    PaymentCard,
    Piece,
    PortalCall,
    compose_letter,
)
from encours.actions.email_html import email_html
from encours.actions.letter_facts import colon, labels_of
from encours.core.letters import Letter


@dataclass(frozen=True)
class Rendered:
    """The words that leave, and what the statement of account attached to them is called."""

    subject: str
    text: str
    html: str
    statement_name: str


def render_message(*, letter: Letter) -> Rendered:
    """The letter in its language. The same letter always gives the same text and HTML."""
    composed = compose_letter(letter=letter)
    blocks = (block for piece in composed.pieces if (block := "\n".join(_said(piece, letter.language))))
    return Rendered(
        subject=composed.subject,
        text="\n\n".join(blocks) + "\n",
        html=email_html(letter=letter, composed=composed),
        statement_name=file_name(letter, labels_of(letter.language)["statement"]),
    )


def file_name(letter: Letter, title: str) -> str:
    """What a PDF that goes with a letter is called."""
    name = f"{title} {letter.debtor.code} {letter.on.isoformat()}.pdf"
    return name.replace(" ", "-").replace("/", "-")


def _said(piece: Piece, language: str) -> Iterator[str]:
    """The lines of a piece, as plain text."""
    labels, sign = labels_of(language), colon(language)
    if isinstance(piece, DocumentsTable):
        yield from _documents(piece, labels, sign)
    elif isinstance(piece, AccountTable):
        yield from (f"{label}{sign}{amount}" for label, amount in piece.rows)
        yield from ("", piece.basis)
    elif isinstance(piece, PaymentCard):
        yield from (f"{label}{sign}{value}" for label, value in piece.rows)
    elif isinstance(piece, PortalCall):
        yield f"{labels['online']}{sign}{piece.url}"
    elif isinstance(piece, InstalmentsTable):
        yield from (f"{rank}. {on}{sign}{amount}" for rank, on, amount in piece.rows)
        yield f"{labels['total']}{sign}{piece.total}"
    elif isinstance(piece, Parties):
        yield from (f"{title}{sign}{', '.join(lines)}" for title, lines in piece.sides)
    else:
        yield from piece.lines


def _documents(piece: DocumentsTable, labels: dict[str, str], sign: str) -> Iterator[str]:
    if piece.title:
        yield piece.title
    for number, issued, due, amount, balance in piece.rows:
        part = f" ({labels['of']} {amount})" if amount != balance else ""
        yield f"- {number} ({issued}), {labels['due'].lower()} {due}{sign}{balance}{part}" if due else number
    if piece.credit:
        yield f"{labels['credit']}{sign}{piece.credit}"
    yield f"{labels['total']}{sign}{piece.total}"
