"""SEPA direct debits by file: what a mandate must say, how long it lasts, when money can be collected, and in which sequence.

Rules of the two schemes, Core (EPC016-06) and business to business, B2B (EPC222-07), and of their implementation guidelines
(EPC130-08, EPC131-08).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from encours.core.bank_accounts import is_iban
from encours.core.business_days import easter
from encours.core.payments.mandates import SEPA_B2B, SEPA_CORE
from encours.core.payments.methods import SEPA_COUNTRIES
from encours.core.wording import Sentence, Wording

GATEWAY = "sepa_file"  # the connection that stands for the company's own bank
FIRST, RECURRENT, ONE_OFF, LAST = "FRST", "RCUR", "OOFF", "FNAL"
SEQUENCES = (FIRST, RECURRENT, ONE_OFF, LAST)
SCHEMES = {SEPA_CORE: "CORE", SEPA_B2B: "B2B"}
# a mandate nothing was presented by for so long may not be used any more (EPC016-06, 4.1)
MONTHS_OF_DISUSE = 36
LONGEST_REFERENCE, LONGEST_NAME, LONGEST_LABEL = 35, 70, 140
# so many days after the announced one a debit is no longer the one that was announced
LATE_DAYS = 5
# SEPA countries outside the European Economic Area: the payer's bank and address must be told (EPC130-08, 1.7)
FAR_COUNTRIES = frozenset({"AD", "AL", "CH", "GB", "GG", "IM", "JE", "MC", "MD", "ME", "MK", "SM", "VA"})
# what every bank must take (EPC217-08, 1.4)
_ALLOWED = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CREDITOR = re.compile(r"([A-Z]{2})(\d{2})([A-Z0-9]{3})([A-Z0-9]{1,28})")
_IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "VA": 22,
}  # fmt: skip

FILE_STATES = {
    "made": Wording("direct_debit_file_state.made", fr="à remettre à la banque", en="to be handed in"),
    "sent": Wording("direct_debit_file_state.sent", fr="remis à la banque", en="handed in"),
    "accepted": Wording(
        "direct_debit_file_state.accepted", fr="accepté par la banque", en="accepted by the bank"
    ),
    "rejected": Wording(
        "direct_debit_file_state.rejected", fr="rejeté par la banque", en="rejected by the bank"
    ),
    "canceled": Wording("direct_debit_file_state.canceled", fr="annulé", en="canceled"),
}
REFERENCE = Wording("direct_debit.reference", fr="{reference}", en="{reference}")
WITH_CREDITOR = Wording(
    "direct_debit.with_creditor",
    fr="{reference} (identifiant créancier {identifier})",
    en="{reference} (creditor identifier {identifier})",
)
NO_REFERENCE = Wording(
    "direct_debit_mandate.reference",
    fr="« {value} » n’est pas une référence de mandat : 35 caractères au plus, lettres sans accent, chiffres, espaces et"
    " / - ? : ( ) . , ' +, sans barre au début ni à la fin ni deux de suite.",
    en='"{value}" is no mandate reference: 35 characters at most, letters without accents, digits, spaces and'
    " / - ? : ( ) . , ' +, no slash at its beginning or end nor two in a row.",
)
NO_IBAN = Wording(
    "direct_debit_mandate.iban",
    fr="L’IBAN donné n’existe pas, ou n’est pas d’un pays de la zone SEPA.",
    en="The IBAN given does not exist, or is not of a SEPA country.",
)
NO_BIC = Wording(
    "direct_debit_mandate.bic", fr="« {value} » n’est pas un code BIC.", en='"{value}" is no BIC.'
)
NEEDS_BIC = Wording(
    "direct_debit_mandate.needs_bic",
    fr="Pour un compte hors de l’Espace économique européen ({country}), le BIC de la banque est obligatoire.",
    en="For an account outside the European Economic Area ({country}) the bank's BIC is needed.",
)
NO_HOLDER = Wording(
    "direct_debit_mandate.holder", fr="Le titulaire du compte manque.", en="The account holder is missing."
)
NOT_SIGNED = Wording(
    "direct_debit_mandate.signed",
    fr="La date de signature manque.",
    en="The date of signature is missing.",
)
SIGNED_LATER = Wording(
    "direct_debit_mandate.signed_later",
    fr="La date de signature ({date}) est dans l’avenir.",
    en="The date of signature ({date}) is in the future.",
)
DISUSED = Wording(
    "direct_debit_mandate.disused",
    fr="Rien n’a été prélevé par ce mandat depuis {date} : au bout de 36 mois sans prélèvement il n’est plus valable, il en"
    " faut un nouveau.",
    en="Nothing was debited by this mandate since {date}: after 36 months without a debit it is void, a new one is needed.",
)
NOT_FOR_PEOPLE = Wording(
    "direct_debit_mandate.not_for_people",
    fr="Le prélèvement interentreprises est réservé aux entreprises et aux professionnels.",
    en="Business-to-business debits are for companies and professionals only.",
)
NOT_CONFIRMED = Wording(
    "direct_debit_mandate.not_confirmed",
    fr="Un mandat interentreprises demande que la banque du client l’ait confirmé : donnez la date de cette confirmation.",
    en="A business-to-business mandate needs the confirmation of the customer's bank: give its date.",
)
NO_PURPOSE = Wording(
    "direct_debit_mandate.no_purpose",
    fr="Dites ce que le mandat autorise : prélever à l’échéance, prélever les factures en retard, ou les deux.",
    en="Say what the mandate allows: debits on the due date, debits of late invoices, or both.",
)
DISUSE_ENDED = Wording(
    "mandate.disuse_ended",
    fr="36 mois sans prélèvement : le mandat n’est plus valable",
    en="36 months without a debit: the mandate is void",
)
USED_UP = Wording(
    "mandate.used_up",
    fr="Le mandat a servi pour son dernier prélèvement",
    en="The mandate was used for its last debit",
)


@dataclass(frozen=True)
class MandateGiven:
    """A mandate as it was signed. `iban` and `bic` without spaces, in capitals; `reference` empty: one is generated.

    `last_used_date` is that of the last debit, where it was used before it came here.
    """

    holder_name: str
    iban: str
    signed_date: date | None
    reference: str = ""
    bic: str = ""
    kind: str = SEPA_CORE
    is_one_off: bool = False
    bank_confirmed_date: date | None = None
    pays_on_due_date: bool = True
    pays_overdue: bool = True
    max_cents: int | None = None
    last_used_date: date | None = None


def wrong_with(given: MandateGiven, *, is_person: bool, on: date) -> Iterator[tuple[str, Sentence]]:
    """(field, why) of what keeps a mandate from being used; nothing of one that is in order."""
    if given.reference and not is_mandate_reference(given.reference):
        yield "reference", NO_REFERENCE(value=given.reference[:40])
    if not given.holder_name.strip():
        yield "holder_name", NO_HOLDER()
    if not is_sepa_iban(given.iban):
        yield "iban", NO_IBAN()
    elif not given.bic and given.iban[:2] in FAR_COUNTRIES:
        yield "bic", NEEDS_BIC(country=given.iban[:2])
    if given.bic and not _BIC.fullmatch(given.bic):
        yield "bic", NO_BIC(value=given.bic[:20])
    if given.signed_date is None:
        yield "signed_date", NOT_SIGNED()
    elif given.signed_date > on:
        yield "signed_date", SIGNED_LATER(date=given.signed_date)
    elif last_day(given.signed_date, given.last_used_date) < on:
        yield "signed_date", DISUSED(date=given.last_used_date or given.signed_date)
    if given.kind == SEPA_B2B and is_person:
        yield "scheme", NOT_FOR_PEOPLE()
    if given.kind == SEPA_B2B and given.bank_confirmed_date is None:
        yield "bank_confirmed_date", NOT_CONFIRMED()
    if not (given.pays_on_due_date or given.pays_overdue):
        yield "purposes", NO_PURPOSE()


def mandate_told(reference: str, *, creditor_identifier: str) -> Sentence:
    """How a customer's bank calls a mandate: of a debit by file with the creditor identifier, which stands in the debit too."""
    if not creditor_identifier:
        return REFERENCE(reference=reference)
    return WITH_CREDITOR(reference=reference, identifier="".join(creditor_identifier.split()).upper())


def is_mandate_reference(text: str) -> bool:
    """Whether a unique mandate reference (RUM) can stand in a file: AT-01 of the rulebooks, in the SEPA characters.

    >>> is_mandate_reference("RUM-2026/0001"), is_mandate_reference("RUM//1"), is_mandate_reference("Référence")
    (True, False, False)
    """
    return (
        0 < len(text) <= LONGEST_REFERENCE
        and bool(_ALLOWED.fullmatch(text))
        and text == text.strip()
        and "//" not in text
        and not text.startswith("/")
        and not text.endswith("/")
    )


def is_creditor_identifier(text: str) -> bool:
    """Whether a SEPA creditor identifier (ICS, AT-02) has the right key: ISO 7064 Mod 97-10, business code left out.

    >>> is_creditor_identifier("FR72ZZZ123456"), is_creditor_identifier("FR73ZZZ123456")
    (True, False)
    """
    found = _CREDITOR.fullmatch(text)
    if not found:
        return False
    country, key, _, own = found.groups()
    if country == "FR" and len(own) != 6:
        return False
    number = "".join(str(int(character, 36)) for character in f"{own}{country}{key}")
    return int(number) % 97 == 1


def is_sepa_iban(text: str) -> bool:
    """Whether a text without spaces is an IBAN of a SEPA country, with its check digits and its country's length.

    >>> is_sepa_iban("FR7630004000031234567890143"), is_sepa_iban("FR7630004000031234567890144")
    (True, False)
    """
    return (
        text[:2] in SEPA_COUNTRIES and is_iban(text) and len(text) == _IBAN_LENGTHS.get(text[:2], len(text))
    )


def is_bic(text: str) -> bool:
    return bool(_BIC.fullmatch(text))


def last_day(signed_date: date, last_used_date: date | None) -> date:
    """The last day a mandate can be used by: 36 months after its last debit, or its signature.

    >>> last_day(date(2026, 1, 31), None), last_day(date(2026, 1, 31), date(2028, 2, 29))
    (datetime.date(2029, 1, 31), datetime.date(2031, 2, 28))
    """
    start = max(signed_date, last_used_date or signed_date)
    year = start.year + MONTHS_OF_DISUSE // 12
    try:
        return start.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 2, 28)


def sequence_of(*, is_one_off: bool, is_ending: bool, was_collected: bool) -> str:
    """The place of a debit in the life of its mandate. `was_collected`: an earlier one is on its way or went through.

    A first debit that was refused before settlement is presented as the first again (EPC130-08, 1.6).
    """
    if is_one_off:
        return ONE_OFF
    if is_ending:
        return LAST
    return RECURRENT if was_collected else FIRST


def is_target_day(day: date) -> bool:
    """Whether the euro's settlement system works: not at weekends nor on its six holidays.

    >>> is_target_day(date(2026, 4, 3)), is_target_day(date(2026, 7, 14)), is_target_day(date(2026, 12, 26))
    (False, True, False)
    """
    if day.weekday() >= 5 or (day.month, day.day) in ((1, 1), (5, 1), (12, 25), (12, 26)):
        return False
    return day - easter(day.year) not in (timedelta(days=-2), timedelta(days=1))


def target_day_from(day: date) -> date:
    while not is_target_day(day):
        day += timedelta(days=1)
    return day


def add_target_days(day: date, count: int) -> date:
    """The count-th day after a day on which the euro settles; of none, the day itself or the next such one.

    >>> add_target_days(date(2026, 4, 2), 1)
    datetime.date(2026, 4, 7)
    """
    day = target_day_from(day)
    for _ in range(count):
        day = target_day_from(day + timedelta(days=1))
    return day


def collection_day(
    *, announced_date: date, told_date: date, notice_days: int, on: date, lead_days: int
) -> date:
    """The day a debit of a file made `on` a day is collected: the announced one where it can still be, else the first
    that the bank (`lead_days` settlement days) and the notice given to the payer on `told_date` allow."""
    earliest = max(add_target_days(on, lead_days), told_date + timedelta(days=notice_days))
    return target_day_from(max(announced_date, earliest))


def plain(text: str, longest: int) -> str:
    """A text in the characters every bank takes: accents go, the rest becomes a space.

    >>> plain("Société « Œuvre » & Fils", 70)
    'Societe OEuvre Fils'
    """
    for letter, written in (
        ("Œ", "OE"),
        ("œ", "oe"),
        ("Æ", "AE"),
        ("æ", "ae"),
        ("ß", "ss"),
        ("ø", "o"),
        ("Ø", "O"),
        ("’", "'"),
    ):
        text = text.replace(letter, written)
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    kept = "".join(each if _ALLOWED.fullmatch(each) else " " for each in bare)
    return " ".join(kept.split())[:longest].strip()
