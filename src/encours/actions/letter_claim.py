"""What a formal notice claims beside the principal, row by row, and the law it rests on."""

from encours.actions.letter_facts import money
from encours.core.interest import INDEMNITY_CENTS
from encours.core.letters import Claim, Letter
from encours.core.money import Rate
from encours.core.wording import Sentence, Wording

PRINCIPAL = Wording("letter.principal", fr="Principal", en="Principal")
INTEREST = Wording("letter.interest", fr="Pénalités de retard au {on}", en="Late-payment interest as of {on}")
LATE_PAID = Wording(
    "letter.late_paid",
    fr="Pénalités de retard sur les factures réglées depuis",
    en="Late-payment interest on invoices paid since",
)
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
LAW_AGREED = Wording(
    "letter.law_agreed",
    fr="Pénalités de retard : taux convenu, de plein droit dès le lendemain de l’échéance (Code de commerce, art. L441-10 II){rates}. Indemnité de 40 € par facture (art. D441-5).",
    en="Late-payment interest: rate agreed, by law from the day after the due date (French Code de commerce, art. L441-10 II){rates}. Indemnity of €40 per invoice (art. D441-5).",
)
RATES = Wording(
    "letter.rates",
    fr=", soit {rates} l’an ; montant × taux × jours ÷ {year}, et elles continuent de courir jusqu’au paiement",
    en=", that is {rates} a year; amount × rate × days ÷ {year}, and it keeps running until payment",
)
YEARS = {
    "actual/365": Wording("letter.year_365", fr="365", en="365"),
    "actual/actual": Wording(
        "letter.year_actual", fr="365 (366 les années bissextiles)", en="365 (366 in leap years)"
    ),
}
NO_RATE = Wording(
    "letter.no_rate",
    fr=" ; leur montant sera arrêté au jour du paiement",
    en="; its amount will be settled on the day of payment",
)


def claim_rows(letter: Letter) -> tuple[tuple[str, str], ...]:
    """Label and amount; the total last."""
    claim = letter.claim
    assert claim is not None
    rows: list[tuple[Sentence, int]] = [(PRINCIPAL(), letter.asked_cents)]
    if claim.interest_cents is not None:
        rows.append((INTEREST(on=letter.on), claim.interest_cents))
    if claim.late_paid_cents:
        rows.append((LATE_PAID(), claim.late_paid_cents))
    if claim.indemnity_count:
        each = money(INDEMNITY_CENTS, letter)
        rows.append((INDEMNITY(count=claim.indemnity_count, each=each), claim.indemnity_cents))
    rows.append((CLAIMED(), letter.claimed_cents))
    return tuple((sentence.say(letter.language), money(cents, letter)) for sentence, cents in rows)


def law_of_claim(letter: Letter) -> str:
    assert letter.claim is not None
    agreed_or_law = LAW_AGREED if letter.claim.is_agreed else LAW_COMPANY
    law = LAW_PUBLIC if letter.debtor.kind == "public_buyer" else agreed_or_law
    return law(rates=_rates(letter.claim, letter.language)).say(letter.language)


def _rates(claim: Claim, language: str) -> Sentence:
    if claim.interest_cents is None:
        return NO_RATE()
    rates = ", ".join(Rate(rate).format(language) for rate in claim.rates)
    return RATES(rates=rates, year=YEARS[claim.day_count]())
