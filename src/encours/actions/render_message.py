"""Gives a letter its shape: e-mail as text and HTML, and the statement of account as PDF/A-3b.

The words lie in `letters/<language>/<template>.txt`: the subject on the first line, then paragraphs; `[documents]`,
`[formal]` and `[payment]` stand for tables. Text and HTML are made from the same paragraphs. Whatever a
customer is called is text everywhere: escaped in HTML, data and never markup in Typst.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import typst
from django.template import Context, Engine
from django.template.base import Template
from mjml import mjml2html

from encours.core.interest import INDEMNITY_CENTS
from encours.core.letters import Claim, Letter, LetterLine, Party, Section, StatementLine, grouped_iban
from encours.core.money import format_cents
from encours.core.wording import Sentence, Wording, format_date

FOLDER = Path(__file__).parent / "letters"
BLOCKS = ("documents", "formal", "payment")

_LABELS = {
    "reference": Wording("letter.reference", fr="Réf.", en="Ref."),
    "document": Wording("letter.document", fr="Pièce", en="Document"),
    "issued": Wording("letter.issued", fr="Date", en="Date"),
    "due": Wording("letter.due", fr="Échéance", en="Due"),
    "late": Wording("letter.late", fr="Retard", en="Late"),
    "amount": Wording("letter.amount", fr="Montant", en="Amount"),
    "balance": Wording("letter.balance", fr="Reste dû", en="Balance"),
    "credit": Wording(
        "letter.credit", fr="Avoirs et règlements à déduire", en="Credit notes and payments to deduct"
    ),
    "total": Wording("letter.total", fr="Total", en="Total"),
    "holder": Wording("letter.holder", fr="Titulaire du compte", en="Account holder"),
    "quote": Wording("letter.quote", fr="Référence à rappeler", en="Reference to quote"),
    "attached": Wording(
        "letter.attached",
        fr="Votre relevé de compte est joint à ce message.",
        en="Your statement of account is attached.",
    ),
    "statement": Wording("letter.statement", fr="Relevé de compte", en="Statement of account"),
    "customer": Wording("letter.customer", fr="Client", en="Customer"),
    "date": Wording("letter.date", fr="Arrêté au", en="As of"),
    "pay": Wording("letter.pay", fr="Pour régler par virement", en="To pay by transfer"),
    "balance_total": Wording(
        "letter.balance_total", fr="Solde de votre compte", en="Balance of your account"
    ),
    "overdue": Wording("letter.overdue", fr="Échu", en="Overdue"),
    "upcoming": Wording("letter.upcoming", fr="À échoir", en="Not yet due"),
    "credits": Wording("letter.credits", fr="En votre faveur", en="In your favour"),
}
_GROUPS: dict[Section, Wording] = {
    "formal": Wording(
        "letter.group_formal", fr="Sommes mises en demeure", en="Sums under this formal notice"
    ),
    "overdue": Wording("letter.group_overdue", fr="Factures échues", en="Overdue"),
    "upcoming": Wording(
        "letter.group_upcoming", fr="Prochaines échéances, pour information", en="Due soon, for information"
    ),
}
ALSO_DUE = Wording("letter.group_also_due", fr="Également échu, à régler", en="Also overdue, to be paid")
_KINDS = {
    "credit_note": Wording("letter.credit_note", fr="avoir", en="credit note"),
    "deposit": Wording("letter.deposit", fr="acompte", en="deposit"),
}
MORE_LINES = Wording(
    "letter.more_lines",
    fr="… et {count} autres pièces, voir le relevé joint",
    en="… and {count} more documents, see the statement attached",
)
DAYS = Wording("letter.days", fr="{days} j", en="{days} d")
PRINCIPAL = Wording("letter.principal", fr="Principal", en="Principal")
INTEREST = Wording("letter.interest", fr="Pénalités de retard au {on}", en="Late-payment interest as of {on}")
INDEMNITY = Wording(
    "letter.indemnity",
    fr="Indemnité forfaitaire de recouvrement : {count} × {each}",
    en="Fixed recovery indemnity: {count} × {each}",
)
CLAIMED = Wording("letter.claimed", fr="Total exigible à ce jour", en="Total claimed to date")
LAW_COMPANY = Wording(
    "letter.law_company",
    fr="Pénalités de retard : taux de refinancement de la BCE majoré de 10 points, de plein droit dès le lendemain de l’échéance (Code de commerce, art. L441-10 II){rates}. Indemnité de 40 € par facture (art. D441-5).",
    en="Late-payment interest: ECB refinancing rate plus 10 points, by law from the day after the due date (French Code de commerce, art. L441-10 II){rates}. Indemnity of €40 per invoice (art. D441-5).",
)
LAW_PUBLIC = Wording(
    "letter.law_public",
    fr="Intérêts moratoires : taux de refinancement de la BCE majoré de 8 points (Code de la commande publique, art. R2192-31){rates}. Indemnité de 40 € par facture (art. D2192-35).",
    en="Default interest: ECB refinancing rate plus 8 points (French Code de la commande publique, art. R2192-31){rates}. Indemnity of €40 per invoice (art. D2192-35).",
)
RATES = Wording(
    "letter.rates",
    fr=", soit {rates} l’an ; montant × taux × jours ÷ 365, et elles continuent de courir jusqu’au paiement",
    en=", that is {rates} a year; amount × rate × days ÷ 365, and it keeps running until payment",
)
NO_RATE = Wording(
    "letter.no_rate",
    fr=" ; leur montant sera arrêté au jour du paiement",
    en="; its amount will be settled on the day of payment",
)


@dataclass(frozen=True)
class Rendered:
    """The words that leave, and what the statement of account attached to them is called."""

    subject: str
    text: str
    statement_name: str
    _paragraphs: list[str] = field(repr=False, compare=False)
    _context: dict[str, Any] = field(repr=False, compare=False)

    @cached_property
    def html(self) -> str:
        """Made when asked for: a page that shows the subject and the text does not wait for it."""
        return _html(self.subject, self._paragraphs, self._context)


def render_message(*, letter: Letter) -> Rendered:
    """The letter in its language. The same letter always gives the same text, HTML and page."""
    context = _context(letter)
    subject, paragraphs = _paragraphs(letter, context)
    statement = f"{context['labels']['statement']} {letter.debtor.code} {letter.on.isoformat()}.pdf"
    return Rendered(
        subject=subject,
        text="\n\n".join(_text_block(paragraph, context) for paragraph in paragraphs).strip() + "\n",
        statement_name=statement.replace(" ", "-").replace("/", "-"),
        _paragraphs=paragraphs,
        _context=context,
    )


def render_statement(*, letter: Letter, lines: Sequence[StatementLine]) -> bytes:
    """The customer's statement of account as PDF/A-3b, under the letter's head."""
    data = json.dumps(_statement(letter, lines), ensure_ascii=False)
    return typst.compile(
        FOLDER / "statement.typ",
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        pdf_standards=["a-3b"],
        timestamp=datetime.combine(letter.on, time(), UTC),
    )


def _context(letter: Letter) -> dict[str, Any]:
    language, currency = letter.language, letter.currency
    groups = list(_groups(letter))
    return {
        "letter": letter,
        "language": language,
        "labels": _labels(language),
        "creditor": letter.creditor,
        "debtor": letter.debtor,
        "debtor_address": ", ".join(_address(letter.debtor)),
        "contact": letter.contact_name,
        "reference": letter.reference,
        "on": format_date(letter.on, language),
        "pay_before": format_date(letter.pay_before, language),
        "last_due": format_date(max(section.last_due_date for section in letter.sections), language),
        "several": letter.leading.document_count > 1,
        "total": format_cents(letter.asked_cents, currency, language),
        "colon": _colon(language),
        "groups": groups,
        "formal": _formal(letter),
        "iban": grouped_iban(letter.iban),
        "holder": letter.account_holder,
        "quoted": _quoted(letter),
        "identity": _identity(letter.creditor),
    }


def _groups(letter: Letter) -> Iterator[dict[str, Any]]:
    """A table per section, each with its own total: what is not yet due is not asked for with what is late."""

    def money(cents: int) -> str:
        return format_cents(cents, letter.currency, letter.language)

    for section in letter.sections:
        shown = [_line(line, letter) for line in section.lines]
        if section.line_count > len(shown):
            more = MORE_LINES(count=section.line_count - len(shown)).say(letter.language)
            shown.append({"number": more, "issued": "", "due": "", "amount": "", "balance": ""})
        is_beside = section.name == "overdue" and section is not letter.leading
        title = ALSO_DUE if is_beside else _GROUPS[section.name]
        credit_cents = section.asked_cents - section.balance_cents
        yield {
            "title": title().say(letter.language) if len(letter.sections) > 1 else "",
            "lines": shown,
            "credit": money(credit_cents) if credit_cents else "",
            "total": money(section.asked_cents),
        }


def _colon(language: str) -> str:
    return "\u00a0: " if language == "fr" else ": "


def _line(line: LetterLine, letter: Letter) -> dict[str, str]:
    return {
        "number": f"{line.number} ({line.position})" if line.position else line.number,
        "issued": format_date(line.issue_date, letter.language),
        "due": format_date(line.due_date, letter.language),
        "amount": format_cents(line.amount_cents, letter.currency, letter.language),
        "balance": format_cents(line.balance_cents, letter.currency, letter.language),
    }


def _formal(letter: Letter) -> dict[str, Any] | None:
    """Rows of what a formal notice claims, and the law they rest on; nothing of it for a consumer."""
    claim = letter.claim
    if claim is None:
        return None

    def row(sentence: Sentence, cents: int) -> dict[str, str]:
        return {
            "label": sentence.say(letter.language),
            "amount": format_cents(cents, letter.currency, letter.language),
        }

    rows = [row(PRINCIPAL(), letter.asked_cents)]
    if claim.interest_cents is not None:
        rows.append(row(INTEREST(on=letter.on), claim.interest_cents))
    if claim.indemnity_count:
        each = format_cents(INDEMNITY_CENTS, letter.currency, letter.language)
        rows.append(row(INDEMNITY(count=claim.indemnity_count, each=each), claim.indemnity_cents))
    claimed = letter.asked_cents + (claim.interest_cents or 0) + claim.indemnity_cents
    rows.append(row(CLAIMED(), claimed))
    law = LAW_PUBLIC if letter.debtor.kind == "public_buyer" else LAW_COMPANY
    return {"rows": rows, "basis": law(rates=_rates(claim, letter.language)).say(letter.language)}


def _rates(claim: Claim, language: str) -> Sentence:
    if claim.interest_cents is None:
        return NO_RATE()
    said = [
        f"{rate / 100:.2f}%".replace(".", ",").replace("%", " %")
        if language == "fr"
        else f"{rate / 100:.2f}%"
        for rate in claim.rates
    ]
    return RATES(rates=", ".join(said))


def _paragraphs(letter: Letter, context: dict[str, Any]) -> tuple[str, list[str]]:
    """The subject, and the paragraphs of the letter with their words filled in, nothing escaped."""
    source = _words(letter.language, letter.template)
    rendered = source.render(Context(context, autoescape=False))
    subject, _, body = rendered.partition("\n")
    paragraphs = [part.strip() for part in body.split("\n\n") if part.strip()]
    return " ".join(subject.split()), paragraphs


def _text_block(paragraph: str, context: dict[str, Any]) -> str:
    match paragraph:
        case "[documents]":
            return "\n\n".join(_text_group(group, context) for group in context["groups"])
        case "[formal]":
            if context["formal"] is None:
                return ""
            rows = [f"{row['label']}{context['colon']}{row['amount']}" for row in context["formal"]["rows"]]
            return "\n".join([*rows, "", context["formal"]["basis"]])
        case "[payment]":
            labels, colon = context["labels"], context["colon"]
            rows = [
                (labels["holder"], context["holder"]),
                ("IBAN", context["iban"]),
                (labels["quote"], context["quoted"]),
            ]
            return "\n".join(f"{label}{colon}{value}" for label, value in rows) if context["iban"] else ""
        case _:
            return paragraph


def _text_group(group: dict[str, Any], context: dict[str, Any]) -> str:
    labels, colon = context["labels"], context["colon"]
    rows = [group["title"]] if group["title"] else []
    for line in group["lines"]:
        when = f" ({line['issued']}), {labels['due'].lower()} {line['due']}{colon}{line['balance']}"
        rows.append(f"- {line['number']}{when}" if line["due"] else line["number"])
    if group["credit"]:
        rows.append(f"{labels['credit']}{colon}{group['credit']}")
    return "\n".join([*rows, f"{labels['total']}{colon}{group['total']}"])


def _html(subject: str, paragraphs: list[str], context: dict[str, Any]) -> str:
    blocks = []
    for paragraph in paragraphs:
        name = paragraph.strip("[]")
        if paragraph == f"[{name}]" and name in BLOCKS:
            blocks.append({"kind": name})
        else:
            blocks.append({"kind": "text", "lines": paragraph.splitlines()})
    preview = next((block["lines"][0] for block in blocks[1:] if block["kind"] == "text"), subject)
    filled = _frame().render(Context(context | {"subject": subject, "blocks": blocks, "preview": preview}))
    # no web fonts: opening a reminder must not tell a third party
    return mjml2html(filled, disable_comments=True, fonts={})


def _statement(letter: Letter, lines: Sequence[StatementLine]) -> dict[str, Any]:
    """What `statement.typ` prints: strings only."""
    language, currency = letter.language, letter.currency
    labels = _labels(language)

    def money(cents: int) -> str:
        return format_cents(cents, currency, language)

    balance = sum(line.balance_cents for line in lines)
    overdue = sum(line.balance_cents for line in lines if line.due_date and line.due_date < letter.on)
    upcoming = sum(line.balance_cents for line in lines if line.due_date and line.due_date >= letter.on)
    credits = balance - overdue - upcoming
    sums = [
        ("overdue", overdue),
        ("upcoming", upcoming),
        ("credits", credits),
        ("balance_total", balance),
    ]
    rows = []
    for line in lines:
        days = (letter.on - line.due_date).days if line.due_date else 0
        rows.append(
            {
                "label": line.label,
                "kind": _KINDS[line.kind]().say(language) if line.kind in _KINDS else "",
                "issued": format_date(line.issue_date, language),
                "due": format_date(line.due_date, language) if line.due_date else "",
                "late": DAYS(days=days).say(language) if days > 0 else "",
                "amount": money(line.amount_cents),
                "balance": money(line.balance_cents),
            }
        )
    return {
        "title": labels["statement"],
        "language": language,
        "labels": labels,
        "creditor": {"name": letter.creditor.name, "address": _address(letter.creditor)},
        "debtor": {
            "name": letter.debtor.name,
            "code": letter.debtor.code,
            "address": _address(letter.debtor),
        },
        "on": format_date(letter.on, language),
        "reference": letter.reference,
        "sums": [
            {"label": labels[name], "amount": money(cents), "strong": name == "balance_total"}
            for name, cents in sums
            if cents or name != "credits"
        ],
        "lines": rows,
        "total": money(balance),
        "iban": grouped_iban(letter.iban),
        "holder": letter.account_holder,
        "quoted": _quoted(letter),
        "identity": _identity(letter.creditor),
        "contact": " · ".join(part for part in (letter.creditor.email, letter.creditor.phone) if part),
    }


def _labels(language: str) -> dict[str, str]:
    return {name: wording().say(language) for name, wording in _LABELS.items()}


def _quoted(letter: Letter) -> str:
    """What the payer writes into the transfer so that it is recognised: the numbers, when there are few."""
    numbers = dict.fromkeys(line.number for section in letter.sections for line in section.lines)
    is_whole = all(section.line_count == len(section.lines) for section in letter.sections)
    return (
        ", ".join(numbers) if is_whole and len(numbers) <= 3 else f"{letter.debtor.code} {letter.reference}"
    )


def _address(party: Party) -> list[str]:
    place = " ".join(part for part in (party.postcode, party.city) if part)
    return [part for part in (party.street, place) if part]


def _identity(party: Party) -> str:
    siren = f"SIREN {party.siren}" if party.siren else ""
    vat = f"TVA {party.vat_number}" if party.vat_number else ""
    name = f"{party.name} {party.legal_form}".strip()
    return " · ".join(part for part in (name, siren, vat, *_address(party)) if part)


@cache
def _words(language: str, template: str) -> Template:
    return _engine().from_string((FOLDER / language / f"{template}.txt").read_text("utf-8"))


@cache
def _frame() -> Template:
    return _engine().from_string((FOLDER / "email.mjml").read_text("utf-8"))


@cache
def _engine() -> Engine:
    return Engine(autoescape=True)
