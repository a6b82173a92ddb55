"""What a letter may be made of: the templates, the variables a text may name, the blocks that are not the text's to word.

A block stands alone in its paragraph. Tables are made from facts. Mentions are what the law wants said in a notice: their
words come with the product (`ports/letters/<language>/mentions`), a company's text places them and cannot change them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encours.core.dunning.policy import FORMAL_NOTICE, TONES, Tone
from encours.core.wording import Wording

THIRD_PARTY_NOTICE = "third_party_notice"
PLAN_AGREEMENT = "plan_agreement"
THANK_YOU = "thank_you"
CHARGE_NOTICE = "charge_notice"
RECEIPT = "receipt"
INVITATION = "invitation"
# what these tell was asked for or has happened: nothing is owed by them
ASKS_NOTHING = (THANK_YOU, RECEIPT, INVITATION)
# a customer is waiting for these: they leave on any day, and are no contact that holds reminders back
AT_ONCE = (RECEIPT, INVITATION)

TABLES = ("documents", "formal", "payment", "parties", "instalments", "receipt", "signature")
MENTIONS = ("mandate", "demand", "consequences", "dispute", "recovery_costs", "plan_terms")
BLOCKS = (*TABLES, *MENTIONS)
# What a third party must tell the debtor in its first letter, beside amounts and how to pay (CPCE, art. R124-4).
MANDATE_MENTIONS = ("mandate", "recovery_costs")


@dataclass(frozen=True)
class LetterKind:
    """A template: `tones` it is written in, `needed` blocks without which it is not saved, `subject_word` that its subject
    must hold (by language), whether it `is_printed` as a letter of its own."""

    tones: tuple[Tone, ...]
    needed: tuple[str, ...] = ()
    subject_word: Mapping[str, str] | None = None
    is_printed: bool = False


_ONE_TONE: tuple[Tone, ...] = ("neutral",)
_FORMAL_NOTICE = {"fr": "mise en demeure", "en": "formal notice"}
# Code civil, art. 1344 asks for a sufficient demand; what practice and the courts want to read in it stands here
_NOTICE = ("parties", "demand", "documents", "formal", "payment", "consequences", "dispute", "signature")

LETTERS: Mapping[str, LetterKind] = {
    "courtesy": LetterKind(_ONE_TONE, ("documents",)),
    "reminder_1": LetterKind(TONES, ("documents",)),
    "reminder_2": LetterKind(TONES, ("documents",)),
    "reminder_3": LetterKind(TONES, ("documents",)),
    "formal_notice": LetterKind(_ONE_TONE, _NOTICE, _FORMAL_NOTICE, is_printed=True),
    # takes the place of `formal_notice` where a mandated third party collects
    THIRD_PARTY_NOTICE: LetterKind(_ONE_TONE, (*MANDATE_MENTIONS, *_NOTICE), _FORMAL_NOTICE, is_printed=True),
    "notice_before_court": LetterKind(_ONE_TONE, _NOTICE, is_printed=True),
    PLAN_AGREEMENT: LetterKind(
        _ONE_TONE, ("parties", "instalments", "plan_terms", "payment", "signature"), is_printed=True
    ),
    THANK_YOU: LetterKind(_ONE_TONE),
    CHARGE_NOTICE: LetterKind(_ONE_TONE, ("documents",)),
    RECEIPT: LetterKind(_ONE_TONE, ("receipt",)),
    INVITATION: LetterKind(_ONE_TONE),
}

TEMPLATE_NAMES = {
    "courtesy": Wording("letter_template.courtesy", fr="Préavis courtois", en="Courtesy notice"),
    "reminder_1": Wording("letter_template.reminder_1", fr="Première relance", en="First reminder"),
    "reminder_2": Wording("letter_template.reminder_2", fr="Deuxième relance", en="Second reminder"),
    "reminder_3": Wording("letter_template.reminder_3", fr="Troisième relance", en="Third reminder"),
    "formal_notice": Wording("letter_template.formal_notice", fr="Mise en demeure", en="Formal notice"),
    THIRD_PARTY_NOTICE: Wording(
        "letter_template.third_party_notice",
        fr="Mise en demeure par un tiers mandaté",
        en="Formal notice by a mandated third party",
    ),
    "notice_before_court": Wording(
        "letter_template.notice_before_court",
        fr="Dernier avis avant saisine du tribunal",
        en="Notice before court",
    ),
    PLAN_AGREEMENT: Wording(
        "letter_template.plan_agreement", fr="Accord d’échéancier", en="Payment-plan agreement"
    ),
    THANK_YOU: Wording("letter_template.thank_you", fr="Remerciement", en="Thank-you"),
    CHARGE_NOTICE: Wording(
        "letter_template.charge_notice", fr="Annonce de prélèvement", en="Notice of an automatic charge"
    ),
    RECEIPT: Wording("letter_template.receipt", fr="Reçu de paiement", en="Payment receipt"),
    INVITATION: Wording(
        "letter_template.invitation", fr="Invitation à l’espace client", en="Invitation to the portal"
    ),
}
TONE_NAMES = {
    "courteous": Wording("letter_tone.courteous", fr="Aimable", en="Courteous"),
    "neutral": Wording("letter_tone.neutral", fr="Neutre", en="Neutral"),
    "firm": Wording("letter_tone.firm", fr="Ferme", en="Firm"),
}
BLOCK_NAMES = {
    "documents": Wording("letter_block.documents", fr="Tableau des factures", en="Table of invoices"),
    "formal": Wording(
        "letter_block.formal",
        fr="Décompte : principal, pénalités, indemnités, total",
        en="Account: principal, interest, indemnities, total",
    ),
    "payment": Wording(
        "letter_block.payment", fr="Coordonnées bancaires et référence", en="Bank details and reference"
    ),
    "parties": Wording(
        "letter_block.parties", fr="Identité du créancier et du débiteur", en="Who creditor and debtor are"
    ),
    "instalments": Wording("letter_block.instalments", fr="Tableau des échéances", en="Table of instalments"),
    "receipt": Wording(
        "letter_block.receipt",
        fr="Ce qui a été payé, comment et quand, et ce qui reste",
        en="What was paid, how and when, and what is left",
    ),
    "signature": Wording("letter_block.signature", fr="Signature", en="Signature"),
    "mandate": Wording(
        "letter_block.mandate",
        fr="Qui recouvre et pour qui (CPCE, art. R124-4)",
        en="Who collects and for whom (CPCE, art. R124-4)",
    ),
    "demand": Wording(
        "letter_block.demand",
        fr="La mise en demeure elle-même, avec sa date (C. civ., art. 1344)",
        en="The formal demand itself, with its date (C. civ., art. 1344)",
    ),
    "consequences": Wording(
        "letter_block.consequences", fr="Les suites à défaut de paiement", en="What follows without payment"
    ),
    "dispute": Wording(
        "letter_block.dispute", fr="Qui joindre pour contester", en="Whom to turn to for a dispute"
    ),
    "recovery_costs": Wording(
        "letter_block.recovery_costs",
        fr="Texte de l’article L111-8 du CPCE, alinéas 2 et 3",
        en="Text of CPCE, art. L111-8, second and third paragraphs",
    ),
    "plan_terms": Wording(
        "letter_block.plan_terms",
        fr="Reconnaissance de dette et suites d’un impayé",
        en="Acknowledgement of the debt, and what a missed instalment leads to",
    ),
}


@dataclass(frozen=True)
class Variable:
    """A word that is filled in. As a condition it asks whether it is known; a flag is asked for only."""

    name: str
    told: Wording
    is_flag: bool = False


def _variable(name: str, fr: str, en: str, *, is_flag: bool = False) -> Variable:
    return Variable(name, Wording(f"letter_variable.{name}", fr=fr, en=en), is_flag)


VARIABLES: Mapping[str, Variable] = {
    variable.name: variable
    for variable in (
        _variable("creditor", "Votre société", "Your company"),
        _variable("phone", "Téléphone de qui écrit", "Telephone of who writes"),
        _variable("email", "Adresse e-mail de qui écrit", "E-mail address of who writes"),
        _variable("sender", "Qui écrit : votre société, ou le tiers mandaté", "Who writes: your company, or the third party"),
        _variable("debtor", "Le client", "The customer"),
        _variable("contact", "La personne à qui l’on écrit", "The person written to"),
        _variable("salesperson", "Le commercial du client", "The customer's salesperson"),
        _variable("reference", "Référence de la lettre", "Reference of the letter"),
        _variable("date", "Date de la lettre", "Date of the letter"),
        _variable("total", "Montant demandé", "Amount asked for"),
        _variable("claimed", "Total avec pénalités et indemnités", "Total with interest and indemnities"),
        _variable("pay_before", "Payer avant le", "Pay before"),
        _variable("days_to_pay", "Délai laissé, en jours", "Days left to pay"),
        _variable("last_due", "Dernière échéance", "Last due date"),
        _variable("oldest_due", "Plus ancienne échéance", "Oldest due date"),
        _variable("days_late", "Jours de retard du plus ancien", "Days late of the oldest"),
        _variable("document_count", "Nombre de pièces", "Number of documents"),
        _variable("first_number", "Numéro de la première pièce", "Number of the first document"),
        _variable("notice_reference", "Référence de la mise en demeure précédente", "Reference of the earlier formal notice"),
        _variable("notice_date", "Date de la mise en demeure précédente", "Date of the earlier formal notice"),
        _variable("third_party", "Le tiers mandaté", "The mandated third party"),
        _variable("third_party_address", "Son adresse", "Its address"),
        _variable("mandate_date", "Date du mandat", "Date of the mandate"),
        _variable("first_letter_reference", "Référence de la première lettre du tiers", "Reference of the third party's first letter"),
        _variable("first_letter_date", "Date de la première lettre du tiers", "Date of the third party's first letter"),
        _variable("paid", "Montant reçu (remerciement, reçu)", "Amount received (thank-you, receipt)"),
        _variable("charge_date", "Jour du prélèvement annoncé", "Day of the announced charge"),
        _variable("charge_means", "Moyen de paiement prélevé", "Method that is charged"),
        _variable("charge_mandate", "Référence du mandat de paiement", "Reference of the payment mandate"),
        _variable("instalment_count", "Nombre d’échéances du plan", "Number of instalments of the plan"),
        _variable("several", "il y a plusieurs pièces", "there are several documents", is_flag=True),
        _variable("professional", "le client n’est pas un particulier", "the customer is no consumer", is_flag=True),
        _variable("plan_falls", "une échéance manquée met fin au plan", "a missed instalment ends the plan", is_flag=True),
        _variable("public_buyer", "le client est un acheteur public", "the customer is a public buyer", is_flag=True),
    )
}  # fmt: skip


def kind_of(template: str) -> LetterKind:
    """What is asked of a template's text; text messages (`sms_…`) are short and free."""
    return LETTERS[template] if template in LETTERS else LetterKind(TONES)


def has_subject(template: str) -> bool:
    """A text message is its text alone."""
    return not template.startswith("sms_")


def text_key(*, template: str, tone: str, has_mandate: bool) -> tuple[str, str]:
    """Which text a message is made from: where a third party collects, its formal notice is another letter; a tone that
    a template is not written in is read from its own."""
    if template == FORMAL_NOTICE and has_mandate:
        template = THIRD_PARTY_NOTICE
    tones = kind_of(template).tones
    return template, tone if tone in tones else tones[0]
