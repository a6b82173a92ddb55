"""A letter as the HTML of an e-mail.

MJML makes tables that every mail program lays out alike, and takes milliseconds to do so. So it runs once: over a frame
with one component of each kind, cut into pieces afterwards. A message fills pieces; what it fills in is escaped here, so
nothing a customer is called can become markup.
"""

from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from mjml import mjml2html

from encours.actions.compose_letter import (
    AccountTable,
    Composed,
    DocumentsTable,
    InstalmentsTable,
    Paragraph,
    Parties,
    PaymentCard,
    Piece,
    PortalCall,
    Signature,
)
from encours.actions.letter_facts import identity, labels_of
from encours.core.letters import Letter
from encours.core.wording import format_date

FRAME = Path(__file__).parent / "letters" / "email.mjml"
KINDS = ("text", "fine", "heading", "table", "basis", "card", "signature")

_HEAD = "padding:6px 8px;font-weight:500"
_CELL = "padding:8px"
_SUM = "padding:8px 0 8px 8px;text-align:right;white-space:nowrap"


def email_html(*, letter: Letter, composed: Composed) -> str:
    """The whole document. The same letter always gives the same bytes."""
    head, parts, foot = _frame()
    labels = labels_of(letter.language)
    lines = [piece.lines for piece in composed.pieces if isinstance(piece, Paragraph)]
    # what a mail program shows beside the subject: the first sentence that is no greeting
    preview = " ".join((lines[1] if len(lines) > 1 else (composed.subject,))[:1])
    footer = [identity(letter.sender)]
    if letter.mandate:
        footer.append(identity(letter.creditor))
    if letter.sections:
        footer.append(labels["attached"])
    body = "".join(part for piece in composed.pieces for part in _PIECES[type(piece)](piece, labels, parts))
    return "".join(
        [
            _fill(
                head,
                language=letter.language,
                title=escape(composed.subject),
                preview=escape(preview),
                sender=escape(letter.sender.name),
                reference=escape(f"{labels['reference']} {letter.reference}"),
                on=format_date(letter.on, letter.language),
            ),
            body,
            _fill(foot, identity=_lines(footer)),
        ]
    )


Parts = dict[str, tuple[str, str]]
Labels = dict[str, str]


def _paragraph(piece: Paragraph, labels: Labels, parts: Parts) -> Iterable[str]:  # noqa: ARG001
    yield _in(parts["fine" if piece.is_fine else "text"], _lines(piece.lines))


def _signature(piece: Signature, labels: Labels, parts: Parts) -> Iterable[str]:  # noqa: ARG001
    yield _in(parts["signature"], _lines(piece.lines))


def _documents(piece: DocumentsTable, labels: Labels, parts: Parts) -> Iterable[str]:
    if piece.title:
        yield _in(parts["heading"], escape(piece.title))
    names = (labels["document"], labels["issued"], labels["due"], labels["amount"], labels["balance"])
    rows = [_documents_head(*names)]
    rows += [_documents_row(*map(escape, row)) for row in piece.rows]
    if piece.credit:
        rows.append(_documents_sum(labels["credit"], piece.credit, "padding:8px 8px 2px 0", ""))
    strong = ' style="font-size:16px;font-weight:600"'
    rows.append(_documents_sum(labels["total"], piece.total, "padding:8px 8px 4px 0", strong))
    yield _in(parts["table"], "".join(rows))


def _documents_head(document: str, issued: str, due: str, amount: str, balance: str) -> str:
    return (
        '<tr style="border-bottom:2px solid #0f5c5c;text-align:left;color:#6b7684;font-size:12px">'
        f'<th scope="col" style="padding:6px 8px 6px 0;font-weight:500">{document}</th>'
        f'<th scope="col" class="roomy" style="{_HEAD}">{issued}</th>'
        f'<th scope="col" style="{_HEAD}">{due}</th>'
        f'<th scope="col" class="roomy" style="{_HEAD};text-align:right">{amount}</th>'
        f'<th scope="col" style="padding:6px 0 6px 8px;text-align:right;font-weight:500">{balance}</th></tr>'
    )


def _documents_row(number: str, issued: str, due: str, amount: str, balance: str) -> str:
    return (
        f'<tr style="border-bottom:1px solid #e3e8ec"><td style="padding:8px 8px 8px 0">{number}</td>'
        f'<td class="roomy" style="{_CELL};white-space:nowrap">{issued}</td>'
        f'<td style="{_CELL};white-space:nowrap">{due}</td>'
        f'<td class="roomy" style="{_CELL};text-align:right;white-space:nowrap">{amount}</td>'
        f'<td style="{_SUM}">{balance}</td></tr>'
    )


def _documents_sum(label: str, amount: str, style: str, row: str) -> str:
    colour = ";color:#0f5c5c" if row else ""
    return (
        f'<tr{row}><td colspan="2" style="{style}">{label}</td><td class="roomy"></td><td class="roomy"></td>'
        f'<td style="padding:8px 0 4px 8px;text-align:right;white-space:nowrap{colour}">{amount}</td></tr>'
    )


def _account(piece: AccountTable, labels: Labels, parts: Parts) -> Iterable[str]:  # noqa: ARG001
    rows = []
    for rank, (label, amount) in enumerate(piece.rows, start=1):
        look = "font-weight:600" if rank == len(piece.rows) else "border-bottom:1px solid #e3e8ec"
        rows.append(
            f'<tr style="{look}"><td style="padding:8px 8px 8px 0">{escape(label)}</td>'
            f'<td style="padding:8px 0;text-align:right;white-space:nowrap">{amount}</td></tr>'
        )
    yield _in(parts["table"], "".join(rows))
    yield _in(parts["basis"], escape(piece.basis))


def _card(piece: PaymentCard, labels: Labels, parts: Parts) -> Iterable[str]:  # noqa: ARG001
    rows = [
        f'<tr><td style="padding:2px 16px 2px 0;color:#6b7684">{label}</td><td style="font-weight:600">{escape(value)}</td></tr>'
        for label, value in piece.rows
    ]
    yield _in(parts["card"], "".join(rows))


def _portal(piece: PortalCall, labels: Labels, parts: Parts) -> Iterable[str]:
    """A link that looks like a button: mail programs keep its colours where they drop a button's."""
    look = (
        "display:inline-block;padding:12px 24px;border-radius:6px;background-color:#0f5c5c;color:#ffffff;"
        "font-weight:600;text-decoration:none"
    )
    yield _in(parts["text"], f'<a href="{escape(piece.url)}" style="{look}">{labels["online"]}</a>')


def _instalments(piece: InstalmentsTable, labels: Labels, parts: Parts) -> Iterable[str]:
    rows = [
        '<tr style="border-bottom:2px solid #0f5c5c;text-align:left;color:#6b7684;font-size:12px">'
        f'<th scope="col" style="padding:6px 8px 6px 0;font-weight:500">{labels["instalment"]}</th>'
        f'<th scope="col" style="{_HEAD}">{labels["pay_on"]}</th>'
        f'<th scope="col" style="padding:6px 0 6px 8px;text-align:right;font-weight:500">{labels["amount"]}</th></tr>'
    ]
    rows += [
        f'<tr style="border-bottom:1px solid #e3e8ec"><td style="padding:8px 8px 8px 0">{rank}</td>'
        f'<td style="{_CELL};white-space:nowrap">{on}</td><td style="{_SUM}">{amount}</td></tr>'
        for rank, on, amount in piece.rows
    ]
    rows.append(
        f'<tr style="font-size:16px;font-weight:600"><td colspan="2" style="padding:8px 8px 4px 0">{labels["total"]}</td>'
        f'<td style="padding:8px 0 4px 8px;text-align:right;white-space:nowrap;color:#0f5c5c">{piece.total}</td></tr>'
    )
    yield _in(parts["table"], "".join(rows))


def _parties(piece: Parties, labels: Labels, parts: Parts) -> Iterable[str]:  # noqa: ARG001
    cells = "".join(
        f'<td width="50%" style="padding:0 12px 8px 0;vertical-align:top"><span style="font-size:12px;color:#6b7684">{title}</span>'
        f"<br />{_lines(lines)}</td>"
        for title, lines in piece.sides
    )
    yield _in(parts["table"], f"<tr>{cells}</tr>")


_PIECES: dict[type[Piece], Callable[[Any, Labels, Parts], Iterable[str]]] = {
    Paragraph: _paragraph,
    DocumentsTable: _documents,
    AccountTable: _account,
    PaymentCard: _card,
    PortalCall: _portal,
    InstalmentsTable: _instalments,
    Parties: _parties,
    Signature: _signature,
}


def _lines(lines: Iterable[str]) -> str:
    return "<br />".join(map(escape, lines))


def _in(part: tuple[str, str], content: str) -> str:
    return part[0] + content + part[1]


def _fill(frame: str, **values: str) -> str:
    """Places of a frame, split apart before anything is filled in: what is filled in is looked through for none."""
    pieces = frame.split("@@")
    return "".join(values[piece] if rank % 2 else piece for rank, piece in enumerate(pieces))


@cache
def _frame() -> tuple[str, Parts, str]:
    """What stands before the letter, each kind of component around its content, and what stands after."""
    # no web fonts: opening a reminder must not tell a third party
    made = mjml2html(FRAME.read_text("utf-8"), disable_comments=True, fonts={})
    head, *components, foot = made.split("@@cut@@")
    found: Parts = {}
    for kind, component in zip(KINDS, components, strict=True):
        before, _, after = component.partition(f"@@{kind}@@")
        found[kind] = (before, after)
    return head, found, foot
