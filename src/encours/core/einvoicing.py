"""Electronic invoices: one semantic value whatever the syntax, after EN 16931-1.

A syntax binding (UBL, CII) only says where a business term stands and hands over its text in a
`PrintedInvoice`. Everything that needs judgement is here: dates, amounts to the cent, which identifier is
a SIREN, whether the totals agree. Docstrings name the business terms (BT-) and groups (BG-) of the standard.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import polars as pl

from encours.core.invoices import DOCUMENTS, INSTALMENTS, PARTIES, VAT, DocumentBatch
from encours.core.money import Money, UnableToReadAmount, to_cents
from encours.core.problems import Problem
from encours.core.references import folded
from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.wording import Sentence, Wording

# UNTDID 1001 as EN 16931 (BT-3) and the French reform use it.
_INVOICES = {"80", "82", "84", "130", "202", "203", "204", "211", "295", "326", "331", "380", "383",
             "384", "385", "387", "388", "389", "390", "393", "394", "395", "456", "457", "471", "472", "473",
             "501", "527", "553", "575", "623", "633", "751", "780", "817", "870", "875", "876", "877", "935"}  # fmt: skip
_DEPOSITS = {"386", "500"}
_CREDIT_NOTES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
_PROFORMA = "325"

NUMBER = Wording("term_number", fr="le numéro (BT-1)", en="the number (BT-1)")
ISSUE_DATE = Wording("term_issue_date", fr="la date d'émission (BT-2)", en="the issue date (BT-2)")
TYPE = Wording("term_type", fr="le type de document (BT-3)", en="the document type (BT-3)")
CURRENCY = Wording("term_currency", fr="la devise (BT-5)", en="the currency (BT-5)")
DUE_DATE = Wording("term_due_date", fr="la date d'échéance (BT-9)", en="the due date (BT-9)")
BUYER = Wording("term_buyer", fr="l'acheteur (BG-7)", en="the buyer (BG-7)")
PAYABLE = Wording("term_payable", fr="le montant à payer (BT-115)", en="the amount due for payment (BT-115)")
LINE_TOTAL = Wording("term_line_total", fr="le total des lignes (BT-106)", en="the sum of lines (BT-106)")
NET = Wording("term_net", fr="le total hors TVA (BT-109)", en="the total without VAT (BT-109)")
TAX = Wording("term_tax", fr="le total de la TVA (BT-110)", en="the VAT total (BT-110)")
GROSS = Wording("term_gross", fr="le total TVA comprise (BT-112)", en="the total with VAT (BT-112)")
PREPAID = Wording("term_prepaid", fr="le montant déjà payé (BT-113)", en="the amount already paid (BT-113)")
ROUNDING = Wording("term_rounding", fr="l'arrondi (BT-114)", en="the rounding amount (BT-114)")
VAT_BASE = Wording("term_vat_base", fr="une base de TVA (BT-116)", en="a VAT base (BT-116)")
VAT_TAX = Wording("term_vat_tax", fr="un montant de TVA (BT-117)", en="a VAT amount (BT-117)")
VAT_RATE = Wording("term_vat_rate", fr="un taux de TVA (BT-119)", en="a VAT rate (BT-119)")
INSTALMENT = Wording("term_instalment", fr="le montant d'une échéance", en="the amount of an instalment")

MISSING = Wording(
    "einvoice_term_missing",
    fr="Il manque {term} : le document ne peut pas devenir une créance. Demandez un fichier complet à l'émetteur.",
    en="The document lacks {term}: it cannot become a receivable. Ask its issuer for a complete file.",
)
UNREADABLE = Wording(
    "einvoice_term_unreadable",
    fr="On ne peut pas lire {term} : « {text} ».",
    en="Cannot read {term}: “{text}”.",
)
TOO_PRECISE = Wording(
    "einvoice_amount_too_precise",
    fr="Trop de décimales pour la devise dans {term} : « {text} ».",
    en="Too many decimals for the currency in {term}: “{text}”.",
)
UNKNOWN_TYPE = Wording(
    "einvoice_type_unknown",
    fr="Le type de document « {text} » (BT-3) n'est ni une facture, ni un avoir, ni un acompte connu.",
    en="The document type “{text}” (BT-3) is no known invoice, credit note or deposit invoice.",
)
IS_PROFORMA = Wording(
    "einvoice_is_proforma",
    fr="C'est une facture pro forma : rien n'est dû, elle n'est pas reprise.",
    en="This is a pro-forma invoice: nothing is owed, it is not taken.",
)
OTHER_CURRENCY = Wording(
    "einvoice_payable_in_other_currency",
    fr="Le montant à payer est en {payable} alors que la facture est en {currency}.",
    en="The amount due is in {payable} while the invoice is in {currency}.",
)
TOTALS_DISAGREE = Wording(
    "einvoice_totals_disagree",
    fr="Les totaux ne concordent pas : {left} + {right} = {sum}, mais le document indique {printed} pour {term}.",
    en="The totals disagree: {left} + {right} = {sum}, but the document says {printed} for {term}.",
)
PAYABLE_DISAGREES = Wording(
    "einvoice_payable_disagrees",
    fr="Le montant à payer {payable} n'est pas le total {gross} moins {prepaid} déjà payés (attendu : {expected})."
    " Il est repris tel qu'imprimé.",
    en="The amount due {payable} is not the total {gross} less {prepaid} already paid (expected {expected})."
    " It is taken as printed.",
)
VAT_DISAGREES = Wording(
    "einvoice_vat_disagrees",
    fr="La ventilation de la TVA totalise {sum}, mais le document indique {printed} pour {term}.",
    en="The VAT breakdown sums to {sum}, but the document says {printed} for {term}.",
)
INSTALMENTS_DISAGREE = Wording(
    "einvoice_instalments_disagree",
    fr="Les échéances totalisent {sum} et non {payable} : seule la dernière date est retenue.",
    en="The instalments sum to {sum}, not {payable}: only the last due date is kept.",
)
SEVERAL_DUE_DATES = Wording(
    "einvoice_several_due_dates",
    fr="Plusieurs dates d'échéance sans montants : la dernière, {last}, est retenue.",
    en="Several due dates without amounts: the last one, {last}, is kept.",
)


class UnableToInterpret(Exception):
    """The document cannot become a receivable; carries why and where."""

    def __init__(self, sentence: Sentence, *, line: int | None = None, field: str = "") -> None:
        super().__init__(sentence.code)
        self.sentence, self.line, self.field = sentence, line, field


@dataclass(frozen=True)
class PrintedParty:
    """A party as the file has it. Identifiers are (scheme, value); ISO 6523: 0002 SIREN, 0009 SIRET, 0225 SIREN based."""

    name: str = ""  # BT-27, BT-44
    trading_name: str = ""  # BT-28, BT-45
    identifiers: tuple[tuple[str, str], ...] = ()  # BT-29, BT-46
    legal_id: tuple[str, str] = ("", "")  # BT-30, BT-47
    vat_number: str = ""  # BT-31, BT-48
    endpoint: tuple[str, str] = ("", "")  # BT-34, BT-49
    address: tuple[str, ...] = ()  # BT-35/36/162, BT-50/51/163
    city: str = ""
    postcode: str = ""
    country: str = ""  # BT-40, BT-55
    contact: str = ""  # BT-41, BT-56
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class PrintedTerm:
    """One payment term. `discounted`: the date up to which a discount is granted, which is no due date."""

    due_date: str = ""
    amount: str = ""
    discounted: bool = False


@dataclass(frozen=True)
class PrintedVat:
    """One row of the VAT breakdown (BG-23)."""

    category: str = ""
    rate: str = ""
    base: str = ""
    tax: str = ""


@dataclass(frozen=True)
class PrintedInvoice:
    """The business terms as text, before anything is believed. `lines`: where a field stands in the XML."""

    number: str = ""
    issue_date: str = ""
    type_code: str = ""
    currency: str = ""
    payable_currency: str = ""
    purchase_order: str = ""
    sales_order: str = ""
    preceding_invoice: str = ""
    preceding_invoices: tuple[str, ...] = ()
    payment_reference: str = ""
    payee_iban: str = ""
    payment_terms: str = ""
    terms: tuple[PrintedTerm, ...] = ()
    seller: PrintedParty = PrintedParty()
    buyer: PrintedParty = PrintedParty()
    line_total: str = ""
    net: str = ""
    tax: str = ""
    gross: str = ""
    prepaid: str = ""
    rounding: str = ""
    payable: str = ""
    vat: tuple[PrintedVat, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TradeParty:
    """Seller (BG-4) or buyer (BG-7)."""

    name: str
    code: str = ""  # BT-29/46 without a scheme: how the other side calls this party
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    endpoint_scheme: str = ""
    endpoint: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class VatBreakdown:
    """BG-23: base (BT-116) and tax (BT-117) of one category (BT-118) and rate (BT-119)."""

    category: str
    rate_basis_points: int
    base_cents: int
    tax_cents: int


@dataclass(frozen=True)
class EInvoice:
    """What receivables need of the EN 16931 model. Amounts in cents of `currency`; None: not printed."""

    number: str  # BT-1
    issue_date: date  # BT-2
    type: str  # BT-3, one of core.invoices.DOCUMENT_TYPES
    currency: str  # BT-5
    due_date: date | None  # BT-9; None: the customer's terms decide
    payment_terms: str  # BT-20
    purchase_order: str  # BT-13
    preceding_invoice: str  # BT-25
    payment_reference: str  # BT-83
    payee_iban: str  # BT-84
    seller: TradeParty
    buyer: TradeParty
    payable_cents: int  # BT-115
    line_total_cents: int | None = None  # BT-106
    net_cents: int | None = None  # BT-109
    tax_cents: int | None = None  # BT-110
    gross_cents: int | None = None  # BT-112
    prepaid_cents: int | None = None  # BT-113
    rounding_cents: int | None = None  # BT-114
    vat: tuple[VatBreakdown, ...] = ()
    instalments: tuple[tuple[date, int], ...] = ()


class _Reader:
    """Texts of one printed invoice turned into values; what is doubtful becomes a warning."""

    def __init__(self, printed: PrintedInvoice) -> None:
        self.printed = printed
        self.warnings: list[Problem] = []

    def line(self, name: str) -> int | None:
        return self.printed.lines.get(name)

    def warn(self, sentence: Sentence, name: str) -> None:
        self.warnings.append(Problem(sentence, line=self.line(name), field=name, severity="warning"))

    def required(self, text: str, term: Wording, name: str) -> str:
        if not text:
            raise UnableToInterpret(MISSING(term=term()), line=self.line(name), field=name)
        return text

    def unreadable(self, text: str, term: Wording, name: str) -> UnableToInterpret:
        shown = UNREADABLE(term=term(), text=text[:80])
        return UnableToInterpret(shown, line=self.line(name), field=name)

    def payable(self, currency: str) -> int:
        """BT-115: without it nothing can be asked for, so it is read or the document refused."""
        text = self.required(self.printed.payable, PAYABLE, "payable_cents")
        other = self.printed.payable_currency
        if other and other != currency:
            sentence = OTHER_CURRENCY(payable=other[:3], currency=currency)
            raise UnableToInterpret(sentence, line=self.line("payable_cents"), field="payable_cents")
        value = _decimal(text)
        if value is None:
            raise self.unreadable(text, PAYABLE, "payable_cents")
        try:
            return to_cents(value, currency)
        except UnableToReadAmount as error:
            sentence = TOO_PRECISE(term=PAYABLE(), text=text[:80])
            raise UnableToInterpret(
                sentence, line=self.line("payable_cents"), field="payable_cents"
            ) from error

    def amount(self, text: str, currency: str, term: Wording, name: str) -> int | None:
        """Any other amount: None when it is not printed; a warning and None when it cannot be read."""
        if not text:
            return None
        value = _decimal(text)
        if value is None:
            self.warn(UNREADABLE(term=term(), text=text[:80]), name)
            return None
        try:
            return to_cents(value, currency)
        except UnableToReadAmount:
            self.warn(TOO_PRECISE(term=term(), text=text[:80]), name)
            return None


def interpret(printed: PrintedInvoice) -> tuple[EInvoice, tuple[Problem, ...]]:
    """The semantic invoice and its warnings. Raises `UnableToInterpret` when it cannot be a receivable."""
    reader = _Reader(printed)
    number, issue_date, kind, currency = _identity(reader)
    payable = reader.payable(currency)
    buyer = trade_party(printed.buyer)
    if not buyer.name:
        raise UnableToInterpret(MISSING(term=BUYER()), line=reader.line("buyer"), field="buyer")
    due_date, instalments = _terms(reader, payable, currency)
    if due_date is None and kind != "credit_note":
        due_date = _by_words(printed.payment_terms, issue_date)
    vat = _vat(reader, currency)
    invoice = EInvoice(
        number=number,
        issue_date=issue_date,
        type=kind,
        currency=currency,
        due_date=due_date,
        payment_terms=printed.payment_terms,
        purchase_order=printed.purchase_order[:80],
        preceding_invoice=printed.preceding_invoice[:80],
        payment_reference=printed.payment_reference[:80],
        payee_iban=re.sub(r"\s", "", printed.payee_iban),
        seller=trade_party(printed.seller),
        buyer=buyer,
        payable_cents=payable,
        vat=vat,
        instalments=instalments,
        **_totals(reader, currency),
    )
    if invoice.tax_cents is None and vat:
        # profiles without VAT leave the total out; the breakdown says it
        invoice = replace(invoice, tax_cents=sum(row.tax_cents for row in vat))
    for sentence, name in check_totals(invoice):
        reader.warn(sentence, name)
    return invoice, tuple(reader.warnings)


def _identity(reader: _Reader) -> tuple[str, date, str, str]:
    """Number, issue date, type and currency: without one of them there is no document."""
    printed = reader.printed
    number = reader.required(printed.number, NUMBER, "number")
    if len(number) > 80:
        raise reader.unreadable(number, NUMBER, "number")
    issue_date = _date(reader.required(printed.issue_date, ISSUE_DATE, "issue_date"))
    if issue_date is None:
        raise reader.unreadable(printed.issue_date, ISSUE_DATE, "issue_date")
    kind = _document_type(reader)
    currency = reader.required(printed.currency, CURRENCY, "currency")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise reader.unreadable(currency, CURRENCY, "currency")
    return number, issue_date, kind, currency


def _totals(reader: _Reader, currency: str) -> dict[str, int | None]:
    """BT-106 to BT-114 by the name of their field in `EInvoice`."""
    printed = reader.printed
    texts = {
        "line_total_cents": (printed.line_total, LINE_TOTAL),
        "net_cents": (printed.net, NET),
        "tax_cents": (printed.tax, TAX),
        "gross_cents": (printed.gross, GROSS),
        "prepaid_cents": (printed.prepaid, PREPAID),
        "rounding_cents": (printed.rounding, ROUNDING),
    }
    return {name: reader.amount(text, currency, term, name) for name, (text, term) in texts.items()}


def check_totals(invoice: EInvoice) -> list[tuple[Sentence, str]]:
    """Totals recomputed to the cent (EN 16931 rules BR-CO-13 to BR-CO-16): (what disagrees, field)."""
    found: list[tuple[Sentence, str]] = []
    currency = invoice.currency
    net, tax, gross = invoice.net_cents, invoice.tax_cents, invoice.gross_cents
    if net is not None and tax is not None and gross is not None and net + tax != gross:
        sentence = TOTALS_DISAGREE(
            left=Money(net, currency),
            right=Money(tax, currency),
            sum=Money(net + tax, currency),
            printed=Money(gross, currency),
            term=GROSS(),
        )
        found.append((sentence, "gross_cents"))
    if gross is not None:
        prepaid = invoice.prepaid_cents or 0
        expected = gross - prepaid + (invoice.rounding_cents or 0)
        if expected != invoice.payable_cents:
            sentence = PAYABLE_DISAGREES(
                payable=Money(invoice.payable_cents, currency),
                gross=Money(gross, currency),
                prepaid=Money(prepaid, currency),
                expected=Money(expected, currency),
            )
            found.append((sentence, "payable_cents"))
    if invoice.vat:
        for term, name, printed, summed in (
            (NET, "net_cents", net, sum(row.base_cents for row in invoice.vat)),
            (TAX, "tax_cents", tax, sum(row.tax_cents for row in invoice.vat)),
        ):
            if printed is not None and printed != summed:
                shown = VAT_DISAGREES(
                    sum=Money(summed, currency), printed=Money(printed, currency), term=term()
                )
                found.append((shown, name))
    return found


def trade_party(printed: PrintedParty) -> TradeParty:
    """Who is meant: SIREN and SIRET from their schemes, else from a French VAT number or electronic address.

    Without a name the party is called by its SIREN or VAT number. An identifier without a scheme is a code
    only when nothing better identifies the party: it may be either side's private number.
    """
    ids = [(scheme, re.sub(r"\s", "", value)) for scheme, value in (*printed.identifiers, printed.legal_id)]
    french = printed.country in ("", "FR")
    siret = next((value for scheme, value in ids if _is_siret(scheme, value, french=french)), "")
    siren = next((value for scheme, value in ids if _is_siren(scheme, value, french=french)), siret[:9])
    vat = re.sub(r"[\s.\-]", "", printed.vat_number).upper()
    scheme, endpoint = printed.endpoint
    if not siren and re.fullmatch(r"FR[0-9A-Z]{2}\d{9}", vat):
        siren = vat[4:]
    if not siren and scheme in ("0225", "0002", "0009") and re.match(r"\d{9}", endpoint):
        siren = endpoint[:9]
    plain = next((value for id_scheme, value in printed.identifiers if value and not id_scheme), "")
    return TradeParty(
        name=(printed.name or printed.trading_name or siren or vat)[:200],
        code="" if siren or vat else plain[:60],
        siren=siren,
        siret=siret,
        vat_number=vat[:20],
        endpoint_scheme=scheme,
        endpoint=endpoint,
        street=", ".join(part for part in printed.address if part)[:200],
        postcode=printed.postcode[:12],
        city=printed.city[:100],
        country=printed.country if re.fullmatch("[A-Z]{2}", printed.country) else "",
        contact=printed.contact[:120],
        phone=printed.phone[:40],
        email=_email(printed.email) or (_email(endpoint) if scheme == "EM" else ""),
    )


def party_key(party: TradeParty) -> str:
    """Key of the party among others of a file: code, else SIREN, else VAT number, else normalised name."""
    return (
        party.code
        or party.siren
        or party.vat_number
        or re.sub(r"[^0-9A-Z]+", " ", folded(party.name)).strip()
    )


def document_batch(invoice: EInvoice, problems: tuple[Problem, ...]) -> DocumentBatch:
    """The frames of one document; its place in the file is 1."""
    buyer = invoice.buyer
    key = party_key(buyer) or buyer.name
    document = {
        "line": 1,
        "number": invoice.number,
        "type": invoice.type,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
        "net_cents": invoice.net_cents,
        "tax_cents": invoice.tax_cents,
        "payable_cents": invoice.payable_cents,
        # what was prepaid (BT-113) is taken off the amount due already
        "settled_cents": 0,
        "party": key,
        "seller": invoice.seller.name,
        "seller_siren": invoice.seller.siren,
        "buyer": buyer.name,
        "purchase_order": invoice.purchase_order,
        "corrects": invoice.preceding_invoice,
        "payment_reference": invoice.payment_reference,
        "product_type": "",
        "salesperson": "",
    }
    party = dict.fromkeys(
        ("language", "kind", "segment", "sector", "preferred_channel", "payment_terms"), ""
    ) | {
        "party": key,
        "line": 1,
        **{name: getattr(buyer, name) for name in _PARTY_FIELDS},
    }
    vat = [
        {
            "line": 1,
            "category": row.category,
            "rate_basis_points": row.rate_basis_points,
            "base_cents": row.base_cents,
            "tax_cents": row.tax_cents,
        }
        for row in invoice.vat
    ]
    instalments = [
        {"line": 1, "position": position, "due_date": due_date, "amount_cents": cents}
        for position, (due_date, cents) in enumerate(invoice.instalments, start=1)
    ]
    return DocumentBatch(
        documents=pl.DataFrame([document], schema=DOCUMENTS),
        parties=pl.DataFrame([party], schema=PARTIES),
        vat=pl.DataFrame(vat, schema=VAT),
        instalments=pl.DataFrame(instalments, schema=INSTALMENTS),
        problems=problems,
    )


_PARTY_FIELDS = ("code", "name", "siren", "siret", "vat_number", "street", "postcode", "city", "country",
                 "email", "phone", "contact")  # fmt: skip


def _document_type(reader: _Reader) -> str:
    code = reader.required(reader.printed.type_code, TYPE, "type")
    if code in _CREDIT_NOTES:
        return "credit_note"
    if code in _DEPOSITS:
        return "deposit"
    if code == _PROFORMA:
        raise UnableToInterpret(IS_PROFORMA(), line=reader.line("type"), field="type")
    if code in _INVOICES:
        return "invoice"
    raise UnableToInterpret(UNKNOWN_TYPE(text=code[:20]), line=reader.line("type"), field="type")


def _by_words(text: str, issue_date: date) -> date | None:
    """The due date the payment terms (BT-20) give in words, which may go on about discounts and interest."""
    for words in (text, *re.split(r"[.;,\n]", text)[:1]):
        try:
            return read_terms(words).due_date(issue_date)
        except UnableToReadTerms:
            continue
    return None


def _terms(
    reader: _Reader, payable_cents: int, currency: str
) -> tuple[date | None, tuple[tuple[date, int], ...]]:
    """Due date (the last one) and instalments. A date for a discount counts only when it is the only one."""
    dated = [term for term in reader.printed.terms if term.due_date]
    dated = [term for term in dated if not term.discounted] or dated
    read: list[tuple[date, int | None]] = []
    for term in dated:
        day = _date(term.due_date)
        if day is None:
            reader.warn(UNREADABLE(term=DUE_DATE(), text=term.due_date[:80]), "due_date")
        else:
            read.append((day, reader.amount(term.amount, currency, INSTALMENT, "instalments")))
    days = sorted({day for day, _ in read})
    if len(days) < 2:
        return (days[0] if days else None), ()
    instalments = tuple(sorted((day, cents) for day, cents in read if cents is not None))
    summed = sum(cents for _, cents in instalments)
    if len(instalments) == len(read) and summed == payable_cents:
        return days[-1], instalments
    if instalments:
        sentence = INSTALMENTS_DISAGREE(sum=Money(summed, currency), payable=Money(payable_cents, currency))
    else:
        sentence = SEVERAL_DUE_DATES(last=days[-1])
    reader.warn(sentence, "due_date")
    return days[-1], ()


def _vat(reader: _Reader, currency: str) -> tuple[VatBreakdown, ...]:
    """The breakdown when all of it can be read; else none of it, so that its sums mean something."""
    rows: list[VatBreakdown] = []
    for printed in reader.printed.vat:
        rate = _decimal(printed.rate) if printed.rate else Decimal(0)
        base = reader.amount(printed.base, currency, VAT_BASE, "vat")
        tax = reader.amount(printed.tax, currency, VAT_TAX, "vat")
        if rate is None or abs(rate) > 100:
            reader.warn(UNREADABLE(term=VAT_RATE(), text=printed.rate[:80]), "vat")
            return ()
        if base is None or tax is None:
            return ()
        category = printed.category if re.fullmatch("[A-Z]{1,2}", printed.category) else "S" if rate else "O"
        # the finest rates known have two decimals: a basis point loses nothing
        rows.append(VatBreakdown(category, round(rate * 100), base, tax))
    return tuple(rows)


def _decimal(text: str) -> Decimal | None:
    """An XSD decimal of reasonable length (all its digits fit the arithmetic's 28)."""
    return Decimal(text) if re.fullmatch(r"[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})", text, re.A) else None


def _date(text: str) -> date | None:
    """`2026-01-31`, with a time or zone or not, or `20260131` (UNTDID 2379 code 102)."""
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?", text, re.A)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _email(text: str) -> str:
    address = text.removeprefix("mailto:")
    return address if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address) and len(address) <= 254 else ""


def _is_siret(scheme: str, value: str, *, french: bool) -> bool:
    """14 digits under 0009, or misplaced under 0002, or without a scheme when the party is French."""
    known = scheme in ("0009", "0002") or (not scheme and french and _luhn(value))
    return known and re.fullmatch(r"\d{14}", value, re.A) is not None


def _is_siren(scheme: str, value: str, *, french: bool) -> bool:
    known = scheme == "0002" or (not scheme and french and _luhn(value))
    return known and re.fullmatch(r"\d{9}", value, re.A) is not None


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 check digit: tells a SIREN from any nine digits."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
