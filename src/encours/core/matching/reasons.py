"""Why a bank line was settled, proposed or left: the sentences kept with it."""

from encours.core.wording import Wording

BY_OWN_KEY = Wording(
    "match.own_key",
    fr="La référence de paiement {written} désigne {numbers} et le montant {amount} est exactement ce qui reste dû.",
    en="Payment reference {written} names {numbers} and the amount {amount} is exactly what is open.",
)
BY_REFERENCE = Wording(
    "match.reference",
    fr="Le libellé cite {numbers} et le montant {amount} est exactement ce qui reste dû.",
    en="The text names {numbers} and the amount {amount} is exactly what is open.",
)
BY_INSTALMENT = Wording(
    "match.instalment",
    fr="Le libellé cite {numbers} et le montant {amount} est exactement celui des prochaines échéances.",
    en="The text names {numbers} and the amount {amount} is exactly that of its next instalments.",
)
SHORT_NUMBER = Wording(
    "match.short_number",
    fr="Le libellé contient « {written} », peut-être {numbers} dont le solde est {amount} : à confirmer, ce numéro"
    " est trop court ou ressemble à une date.",
    en="The text holds “{written}”, maybe {numbers} with {amount} open: to be confirmed, this number is too short"
    " or looks like a date.",
)
PART_PAYMENT = Wording(
    "match.part_payment",
    fr="Le libellé cite {numbers} ({open} ouverts) mais le montant n'est que de {amount} : paiement partiel ?",
    en="The text names {numbers} ({open} open) but the amount is only {amount}: a part payment?",
)
OVERPAYMENT = Wording(
    "match.overpayment",
    fr="Le libellé cite {numbers} ({open} ouverts) et le montant {amount} dépasse de {excess} : le surplus resterait"
    " au crédit du client.",
    en="The text names {numbers} ({open} open) and the amount {amount} exceeds it by {excess}: the surplus would stay"
    " the customer's credit.",
)
ALREADY_SETTLED = Wording(
    "match.already_settled",
    fr="Le libellé cite {numbers}, déjà soldé : double paiement ? Le montant {amount} resterait au crédit du client.",
    en="The text names {numbers}, already settled: paid twice? The amount {amount} would stay the customer's credit.",
)
PARTLY_SETTLED = Wording(
    "match.partly_settled",
    fr="Le libellé cite {settled}, déjà soldé, avec {numbers} : à vérifier.",
    en="The text names {settled}, already settled, along with {numbers}: to be checked.",
)
WITHOUT_CREDIT_NOTE = Wording(
    "match.without_credit_note",
    fr="Le libellé cite l'avoir {notes}, mais le montant {amount} est celui de {numbers} sans le déduire.",
    en="The text names credit note {notes}, but the amount {amount} is that of {numbers} without deducting it.",
)
SEVERAL_CUSTOMERS = Wording(
    "match.several_customers",
    fr="Le libellé cite des documents de plusieurs clients ({customers}) : répartissez à la main.",
    en="The text names documents of several customers ({customers}): allocate by hand.",
)
AMBIGUOUS = Wording(
    "match.ambiguous",
    fr="« {written} » peut désigner plusieurs documents ({numbers}) : choisissez.",
    en="“{written}” may be any of several documents ({numbers}): choose.",
)
OTHER_CURRENCY = Wording(
    "match.currency",
    fr="Le libellé cite {numbers}, qui n'est pas en {currency} : les devises ne se mélangent pas.",
    en="The text names {numbers}, which is not in {currency}: currencies never mix.",
)
CONTESTED = Wording(
    "match.contested",
    fr="Une autre ligne de banque désigne aussi {numbers} : choisissez laquelle le règle.",
    en="Another bank line names {numbers} too: choose which one settles it.",
)
REFUSED_BEFORE = Wording(
    "match.refused_before",
    fr="Une personne a déjà refusé ou défait ce rapprochement : il n'est plus proposé.",
    en="A person has already rejected or undone this match: it is not proposed again.",
)
RETURNED = Wording(
    "match.returned",
    fr="Retour ou rejet ({code}) : à traiter par une personne.",
    en="A return or reject ({code}): for a person to deal with.",
)
NO_REFERENCE = Wording(
    "match.no_reference",
    fr="Aucun numéro de document reconnu dans le libellé.",
    en="No document number was recognised in the text.",
)
DEBIT = Wording("match.debit", fr="Débit : ce n'est pas un encaissement.", en="A debit: no customer receipt.")
CHANGED_MEANWHILE = Wording(
    "match.changed_meanwhile",
    fr="Les documents ont changé pendant le rapprochement : la ligne sera reprise au prochain passage.",
    en="The documents changed during the reconciliation: the line is taken up again by the next run.",
)
BY_HAND = Wording("match.by_hand", fr="Rapproché à la main : {numbers}.", en="Matched by hand: {numbers}.")
ON_ACCOUNT = Wording(
    "match.on_account",
    fr="Porté au crédit du client à la main, sans document.",
    en="Put on the customer's account by hand, without a document.",
)
BY_PERSON = Wording("line.set_aside", fr="Écartée : {reason}", en="Set aside: {reason}")
