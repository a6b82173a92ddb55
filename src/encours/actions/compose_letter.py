"""Puts a letter together: its words filled in, its blocks made from facts. One value, which e-mail and paper then show.

The words are the company's own or the standard ones; the mentions of a notice are always the product's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from encours.actions.letter_claim import claim_rows, law_of_claim
from encours.actions.letter_facts import (
    address_lines,
    documents_tables,
    instalment_rows,
    labels_of,
    money,
    party_lines,
    payment_rows,
    receipt_basis,
    receipt_rows,
)
from encours.core.letter_templates.checking import read_text
from encours.core.letter_templates.library import (
    ASKS_NOTHING,
    INVITATION,
    MANDATE_MENTIONS,
    MENTIONS,
    VARIABLES,
    has_subject,
    text_key,
)
from encours.core.letter_templates.syntax import Block, LetterText, Words, filled
from encours.core.letters import Letter
from encours.core.wording import Wording, format_date
from encours.ports.letter_files import RECALL, mention, standard_letter

ON_BEHALF = Wording(
    "letter.on_behalf", fr="pour le compte de la société {creditor}", en="on behalf of {creditor}"
)


@dataclass(frozen=True)
class Paragraph:
    """Lines of words; `is_fine` for what the law wants reproduced."""

    lines: tuple[str, ...]
    is_fine: bool = False


@dataclass(frozen=True)
class DocumentsTable:
    """Receivables that stand together, with a line of credits to deduct and the total."""

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]  # number, issued, due, amount, balance
    paid: tuple[str, ...]  # of each row
    credit: str
    total: str


@dataclass(frozen=True)
class AccountTable:
    """What is claimed, row by row, the last one its total, and the law it rests on."""

    rows: tuple[tuple[str, str], ...]
    basis: str


@dataclass(frozen=True)
class PaymentCard:
    """Where to pay, and what to quote."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PortalCall:
    """Where to see and pay it online: a button, a line, or a code to scan."""

    url: str


@dataclass(frozen=True)
class InstalmentsTable:
    rows: tuple[tuple[str, str, str], ...]  # rank, date, amount
    total: str


@dataclass(frozen=True)
class Parties:
    """Creditor and debtor, line by line under their titles."""

    sides: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Signature:
    lines: tuple[str, ...]


Piece = (
    Paragraph
    | DocumentsTable
    | AccountTable
    | PaymentCard
    | PortalCall
    | InstalmentsTable
    | Parties
    | Signature
)


@dataclass(frozen=True)
class Composed:
    """A letter before it has a shape."""

    subject: str
    pieces: tuple[Piece, ...]


def compose_letter(*, letter: Letter) -> Composed:
    """The letter in its language. The same letter always gives the same words."""
    text = _text_of(letter)
    values = _values(letter)
    pieces = [piece for part in text.paragraphs for piece in _pieces(part, letter, values)]
    subject = " ".join(filled(text.subject, values).split())
    return Composed(subject, _with_portal(tuple(_with_mandate(pieces, text, letter, values)), letter))


def _with_portal(pieces: tuple[Piece, ...], letter: Letter) -> tuple[Piece, ...]:
    """The way to pay online stands behind the one by transfer, else before the signature; thanks ask for nothing."""
    if not letter.portal_url or (letter.template in ASKS_NOTHING and letter.template != INVITATION):
        return pieces
    kinds = [type(piece) for piece in pieces]
    if PaymentCard in kinds:
        place = kinds.index(PaymentCard) + 1
    else:
        place = kinds.index(Signature) if Signature in kinds else len(pieces)
    return (*pieces[:place], PortalCall(letter.portal_url), *pieces[place:])


def _text_of(letter: Letter) -> LetterText:
    template, tone = text_key(
        template=letter.template, tone=letter.tone, has_mandate=letter.mandate is not None
    )
    if letter.text:
        return _own_text(letter.text, template)
    return standard_letter(template=template, tone=tone, language=letter.language)


@lru_cache(maxsize=256)
def _own_text(text: str, template: str) -> LetterText:
    return read_text(text, template=template)


def _pieces(part: Words | Block, letter: Letter, values: Mapping[str, str | bool]) -> Iterator[Piece]:
    if isinstance(part, Words):
        said = filled(part, values)
        if said:
            yield Paragraph(tuple(said.splitlines()))
    elif part.name in MENTIONS:
        yield from _mention(part.name, letter.language, values)
    else:
        yield from _TABLES[part.name](letter)


def _mention(name: str, language: str, values: Mapping[str, str | bool]) -> Iterator[Paragraph]:
    for words in mention(name=name, language=language):
        said = filled(words, values)
        if said:
            yield Paragraph(tuple(said.splitlines()), is_fine=name == "recovery_costs")


def _with_mandate(
    pieces: list[Piece], text: LetterText, letter: Letter, values: Mapping[str, str | bool]
) -> Iterator[Piece]:
    """The first letter of a third party has the mentions of CPCE R124-4, whatever its text; those that follow recall its
    reference and date. A text message has no room for either: it never comes first."""
    if letter.mandate is None or not has_subject(letter.template):
        yield from pieces
        return
    if letter.mandate.first_letter is not None:
        yield from (*_mention(RECALL, letter.language, values), *pieces)
        return
    missing = [name for name in MANDATE_MENTIONS if name not in text.blocks]
    told = [piece for name in missing for piece in _mention(name, letter.language, values)]
    before = [piece for piece in told if not piece.is_fine]
    yield from (*before, *pieces, *(piece for piece in told if piece.is_fine))


def _documents(letter: Letter) -> Iterator[Piece]:
    for table in documents_tables(letter):
        yield DocumentsTable(*table)


def _formal(letter: Letter) -> Iterator[Piece]:
    if letter.claim is not None:
        yield AccountTable(claim_rows(letter), law_of_claim(letter))


def _payment(letter: Letter) -> Iterator[Piece]:
    if letter.iban:
        yield PaymentCard(payment_rows(letter))


def _instalments(letter: Letter) -> Iterator[Piece]:
    if letter.plan:
        total = money(sum(part.amount_cents for part in letter.plan), letter)
        yield InstalmentsTable(instalment_rows(letter), total)


def _receipt(letter: Letter) -> Iterator[Piece]:
    if letter.receipt is not None:
        yield AccountTable(receipt_rows(letter, letter.receipt), receipt_basis(letter, letter.receipt))


def _parties(letter: Letter) -> Iterator[Piece]:
    labels = labels_of(letter.language)
    yield Parties(
        (
            (labels["creditor"], party_lines(letter.creditor)),
            (labels["debtor"], party_lines(letter.debtor)),
        )
    )


def _signature(letter: Letter) -> Iterator[Piece]:
    if letter.mandate is not None:
        behalf = ON_BEHALF(creditor=letter.creditor.name).say(letter.language)
        yield Signature((letter.mandate.third_party.name, behalf))
    elif letter.signed_by == "salesperson" and letter.salesperson:
        yield Signature((letter.salesperson, letter.creditor.name))
    else:
        yield Signature((letter.creditor.name,))


_TABLES = {
    "documents": _documents,
    "formal": _formal,
    "payment": _payment,
    "instalments": _instalments,
    "parties": _parties,
    "receipt": _receipt,
    "signature": _signature,
}


def _values(letter: Letter) -> dict[str, str | bool]:
    """What stands for the variables of `core.letter_templates.library`; all of them, known or empty."""
    language, leading, mandate = letter.language, letter.leading, letter.mandate
    notice, sender = letter.formal_notice, letter.sender
    first = mandate.first_letter if mandate else None
    firsts = [section.first_due_date for section in letter.sections]
    oldest = min(firsts, default=letter.on)
    values: dict[str, str | bool] = {
        "creditor": letter.creditor.name,
        "phone": sender.phone,
        "email": sender.email,
        "sender": sender.name,
        "debtor": letter.debtor.name,
        "contact": letter.contact_name,
        "salesperson": letter.salesperson,
        "reference": letter.reference,
        "date": format_date(letter.on, language),
        "total": money(letter.asked_cents, letter),
        "claimed": money(letter.claimed_cents, letter) if letter.claimed_cents != letter.asked_cents else "",
        "pay_before": format_date(letter.pay_before, language),
        "days_to_pay": str(letter.days_to_pay),
        "last_due": format_date(max((each.last_due_date for each in letter.sections), default=letter.on), language),
        "oldest_due": format_date(oldest, language),
        "days_late": str(max(0, (letter.on - oldest).days)),
        "document_count": str(leading.document_count if leading else 0),
        "first_number": leading.lines[0].number if leading and leading.lines else "",
        "notice_reference": notice.reference if notice else "",
        "notice_date": format_date(notice.date, language) if notice else "",
        "third_party": mandate.third_party.name if mandate else "",
        "third_party_address": ", ".join(address_lines(mandate.third_party)) if mandate else "",
        "mandate_date": format_date(mandate.date, language) if mandate and mandate.date else "",
        "first_letter_reference": first.reference if first else "",
        "first_letter_date": format_date(first.date, language) if first else "",
        "paid": money(letter.paid_cents, letter) if letter.paid_cents else "",
        "charge_date": format_date(letter.charge.charge_date, language) if letter.charge else "",
        "charge_means": letter.charge.means.say(language) if letter.charge else "",
        "charge_mandate": letter.charge.mandate_reference if letter.charge else "",
        "instalment_count": str(len(letter.plan)),
        "several": bool(leading and leading.document_count > 1),
        "professional": letter.debtor.kind != "person",
        "public_buyer": letter.debtor.kind == "public_buyer",
        "plan_falls": letter.plan_falls,
    }  # fmt: skip
    assert values.keys() == VARIABLES.keys(), values.keys() ^ VARIABLES.keys()
    return values
