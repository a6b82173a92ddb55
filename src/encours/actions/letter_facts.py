"""The tables of a letter, as words: what is asked for, where to pay, who writes to whom."""

from collections.abc import Iterator
from functools import cache

from encours.core.letters import Letter, LetterLine, LetterSection, Party, Receipt, Section, grouped_iban
from encours.core.money import Money, format_cents
from encours.core.wording import Wording, format_date

_LABELS = {
    "reference": Wording("letter.reference", fr="Réf.", en="Ref."),
    "document": Wording("letter.document", fr="Pièce", en="Document"),
    "issued": Wording("letter.issued", fr="Date", en="Date"),
    "due": Wording("letter.due", fr="Échéance", en="Due"),
    "late": Wording("letter.late", fr="Retard", en="Late"),
    "amount": Wording("letter.amount", fr="Montant", en="Amount"),
    "balance": Wording("letter.balance", fr="Reste dû", en="Balance"),
    "of": Wording("letter.part_of", fr="sur", en="out of"),
    "paid": Wording("letter.paid", fr="Réglé", en="Paid"),
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
    "online": Wording("letter.online", fr="Consulter et régler en ligne", en="See and pay online"),
    "scan": Wording(
        "letter.scan",
        fr="Pour consulter et régler en ligne, visez ce code avec votre téléphone ou tapez cette adresse :",
        en="To see and pay online, point your telephone at this code or type this address:",
    ),
    "balance_total": Wording(
        "letter.balance_total", fr="Solde de votre compte", en="Balance of your account"
    ),
    "overdue": Wording("letter.overdue", fr="Échu", en="Overdue"),
    "upcoming": Wording("letter.upcoming", fr="À échoir", en="Not yet due"),
    "credits": Wording("letter.credits", fr="En votre faveur", en="In your favour"),
    "creditor": Wording("letter.creditor", fr="Créancier", en="Creditor"),
    "debtor": Wording("letter.debtor", fr="Débiteur", en="Debtor"),
    "instalment": Wording("letter.instalment", fr="Échéance", en="Instalment"),
    "pay_on": Wording("letter.pay_on", fr="À régler le", en="To be paid on"),
    "subject": Wording("letter.subject", fr="Objet", en="Subject"),
    "place_and_date": Wording("letter.place_and_date", fr="{city}, le {on}", en="{city}, {on}"),
    "agreed": Wording(
        "letter.agreed", fr="Bon pour accord : date, nom, qualité, signature", en="Agreed: date, name, position, signature"
    ),
}  # fmt: skip
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
MORE_LINES = Wording(
    "letter.more_lines",
    fr="… et {count} autres pièces, voir le relevé joint",
    en="… and {count} more documents, see the statement attached",
)

ON_ACCOUNT = Wording("letter.on_account", fr="Porté à votre crédit", en="Put to your credit")
RECEIVED = Wording("letter.received", fr="Total reçu", en="Total received")
RECEIVED_BY = Wording(
    "letter.received_by",
    fr="Reçu le {day} par {means}. Référence du paiement : {reference}.",
    en="Received on {day} by {means}. Reference of the payment: {reference}.",
)
NOTHING_LEFT = Wording(
    "letter.receipt_nothing_left",
    fr="Ces factures sont entièrement réglées.",
    en="These invoices are paid in full.",
)
LEFT = Wording(
    "letter.receipt_left",
    fr="Il reste {left} à régler sur ces factures.",
    en="{left} is left to pay on these invoices.",
)

Row = tuple[str, str, str, str, str]


def money(cents: int, letter: Letter) -> str:
    return format_cents(cents, letter.currency, letter.language)


def colon(language: str) -> str:
    return "\u00a0: " if language == "fr" else ": "


@cache
def labels_of(language: str) -> dict[str, str]:
    return {name: wording().say(language) for name, wording in _LABELS.items()}


def documents_tables(letter: Letter) -> Iterator[tuple[str, tuple[Row, ...], tuple[str, ...], str, str]]:
    """Title, rows, what was paid of each, credits and total per section: what is not yet due is not asked for with what
    is late."""
    for section in letter.sections:
        credit_cents = section.asked_cents - section.balance_cents
        yield (
            _title(section, letter),
            tuple(_rows(section, letter)),
            tuple(_paid(section, letter)),
            money(credit_cents, letter) if credit_cents else "",
            money(section.asked_cents, letter),
        )


def _title(section: LetterSection, letter: Letter) -> str:
    if len(letter.sections) == 1:
        return ""
    is_beside = section.name == "overdue" and section is not letter.leading
    return (ALSO_DUE if is_beside else _GROUPS[section.name])().say(letter.language)


def _rows(section: LetterSection, letter: Letter) -> Iterator[Row]:
    for line in section.lines:
        yield _row(line, letter)
    if section.line_count > len(section.lines):
        more = MORE_LINES(count=section.line_count - len(section.lines)).say(letter.language)
        yield (more, "", "", "", "")


def _paid(section: LetterSection, letter: Letter) -> Iterator[str]:
    for line in section.lines:
        paid_cents = line.amount_cents - line.balance_cents
        yield money(paid_cents, letter) if paid_cents else "–"
    if section.line_count > len(section.lines):
        yield ""


def _row(line: LetterLine, letter: Letter) -> Row:
    return (
        f"{line.number} ({line.position})" if line.position else line.number,
        format_date(line.issue_date, letter.language),
        format_date(line.due_date, letter.language),
        money(line.amount_cents, letter),
        money(line.balance_cents, letter),
    )


def payment_rows(letter: Letter) -> tuple[tuple[str, str], ...]:
    labels = labels_of(letter.language)
    return (
        (labels["holder"], letter.account_holder),
        ("IBAN", grouped_iban(letter.iban)),
        (labels["quote"], quoted(letter)),
    )


def receipt_rows(letter: Letter, receipt: Receipt) -> tuple[tuple[str, str], ...]:
    """What was paid of each document, the total last."""
    language = letter.language
    rows = list(receipt.settled)
    if receipt.credit_cents:
        rows.append((ON_ACCOUNT().say(language), receipt.credit_cents))
    rows.append((RECEIVED().say(language), receipt.amount_cents))
    return tuple((label, money(cents, letter)) for label, cents in rows)


def receipt_basis(letter: Letter, receipt: Receipt) -> str:
    """How and when it came, and what is left of the same documents."""
    said = [RECEIVED_BY(day=receipt.received_date, means=receipt.means, reference=receipt.reference)]
    if receipt.settled:
        left = Money(receipt.left_cents, letter.currency)
        said.append(LEFT(left=left) if receipt.left_cents else NOTHING_LEFT())
    return " ".join(each.say(letter.language) for each in said)


def instalment_rows(letter: Letter) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (str(rank), format_date(part.due_date, letter.language), money(part.amount_cents, letter))
        for rank, part in enumerate(letter.plan, start=1)
    )


def quoted(letter: Letter) -> str:
    """What the payer writes into the transfer so that it is recognised: the reference of one document, the numbers of a
    few."""
    if letter.payment_reference:
        return letter.payment_reference
    numbers = dict.fromkeys(line.number for section in letter.sections for line in section.lines)
    is_whole = all(section.line_count == len(section.lines) for section in letter.sections)
    return (
        ", ".join(numbers)
        if is_whole and 0 < len(numbers) <= 3
        else f"{letter.debtor.code} {letter.reference}".strip()
    )


def party_lines(party: Party) -> tuple[str, ...]:
    """Name and form, SIREN, address."""
    name = f"{party.name} {party.legal_form}".strip()
    siren = f"SIREN {party.siren}" if party.siren else ""
    return tuple(part for part in (name, siren, *address_lines(party)) if part)


def address_lines(party: Party) -> list[str]:
    place = " ".join(part for part in (party.postcode, party.city) if part)
    return [part for part in (party.street, place) if part]


def identity(party: Party) -> str:
    """One line for the foot of a page."""
    siren = f"SIREN {party.siren}" if party.siren else ""
    vat = f"TVA {party.vat_number}" if party.vat_number else ""
    name = f"{party.name} {party.legal_form}".strip()
    return " · ".join(part for part in (name, siren, vat, *address_lines(party)) if part)
