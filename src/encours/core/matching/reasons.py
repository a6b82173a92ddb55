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
SEVERAL_CUSTOMERS = Wording(
    "match.several_customers",
    fr="Le libellé cite des documents de plusieurs clients ({customers}) : répartissez à la main.",
    en="The text names documents of several customers ({customers}): allocate by hand.",
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
# Who pays, as the beginning of a reason.
WHO: dict[str, Wording] = {
    "iban": Wording(
        "match.who_iban",
        fr="Le compte du payeur a déjà réglé pour {customer}",
        en="The payer's account has paid for {customer} before",
    ),
    "alias": Wording(
        "match.who_alias",
        fr="« {recognised} » a déjà réglé pour {customer}",
        en="“{recognised}” has paid for {customer} before",
    ),
    "name": Wording(
        "match.who_name",
        fr="Le payeur « {recognised} » est {customer}",
        en="The payer “{recognised}” is {customer}",
    ),
    "name_cut": Wording(
        "match.who_name_cut",
        fr="Le payeur « {recognised} » est le début du nom {customer}",
        en="The payer “{recognised}” is the beginning of the name {customer}",
    ),
    "name_inside": Wording(
        "match.who_name_inside",
        fr="Le libellé nomme {customer} (« {recognised} »)",
        en="The text names {customer} (“{recognised}”)",
    ),
    "name_like": Wording(
        "match.who_name_like",
        fr="Le payeur « {recognised} » ressemble à {customer}",
        en="The payer “{recognised}” is much like {customer}",
    ),
    "amount": Wording(
        "match.who_amount",
        fr="Le payeur n'est pas reconnu ; {customer} doit ce montant",
        en="The payer is not recognised; {customer} owes this amount",
    ),
    "own_key": Wording(
        "match.who_own_key",
        fr="La référence de paiement {written} désigne {cited}",
        en="Payment reference {written} names {cited}",
    ),
    "number": Wording("match.who_number", fr="Le libellé cite {cited}", en="The text names {cited}"),
    "announced": Wording(
        "match.who_announced",
        fr="Le libellé annonce « {written} », soit {cited}",
        en="The text announces “{written}”, which is {cited}",
    ),
    "short": Wording(
        "match.who_short",
        fr="Le libellé contient « {written} », peut-être {cited}",
        en="The text holds “{written}”, maybe {cited}",
    ),
    "tail": Wording(
        "match.who_tail",
        fr="Le libellé contient « {written} », fin du numéro {cited}",
        en="The text holds “{written}”, the end of number {cited}",
    ),
    "typing_error": Wording(
        "match.who_typing_error",
        fr="Le libellé contient « {written} », à une faute de frappe de {cited}",
        en="The text holds “{written}”, one typing error away from {cited}",
    ),
    "range": Wording(
        "match.who_range",
        fr="Le libellé cite une suite de numéros ({written}), soit {cited}",
        en="The text names a range of numbers ({written}), which is {cited}",
    ),
    "cut": Wording(
        "match.who_cut",
        fr="Le libellé coupé finit par « {written} », début de {cited}",
        en="The text was cut and ends with “{written}”, the beginning of {cited}",
    ),
}
# What the amount is, as the end of a reason.
HOW: dict[str, Wording] = {
    "single": Wording(
        "match.how_single",
        fr="{amount} est exactement ce qui reste dû sur {numbers}",
        en="{amount} is exactly what is open on {numbers}",
    ),
    "exact": Wording(
        "match.how_exact",
        fr="{amount} est exactement ce qui reste dû",
        en="{amount} is exactly what is open",
    ),
    "balance": Wording(
        "match.how_balance",
        fr="{amount} est exactement tout ce que le client doit ({numbers})",
        en="{amount} is exactly all the customer owes ({numbers})",
    ),
    "due": Wording(
        "match.how_due",
        fr="{amount} est exactement tout ce qui est échu ({numbers})",
        en="{amount} is exactly all that is due ({numbers})",
    ),
    "month": Wording(
        "match.how_month",
        fr="{amount} est exactement le total d'un mois ({numbers})",
        en="{amount} is exactly one month's total ({numbers})",
    ),
    "run": Wording(
        "match.how_run",
        fr="{amount} est exactement la somme des plus anciennes ({numbers})",
        en="{amount} is exactly the sum of the oldest ({numbers})",
    ),
    "subset": Wording(
        "match.how_subset",
        fr="{amount} est exactement la somme de {numbers}",
        en="{amount} is exactly the sum of {numbers}",
    ),
    "transfers": Wording(
        "match.how_transfers",
        fr="{amount} et les autres virements pour {numbers} en font exactement le solde",
        en="{amount} and the other transfers for {numbers} are exactly what is open",
    ),
    "instalment": Wording(
        "match.how_instalment",
        fr="{amount} est exactement la prochaine échéance de {numbers}",
        en="{amount} is exactly the next instalment of {numbers}",
    ),
    "with_note": Wording(
        "match.how_with_note",
        fr="{amount} est ce qui reste dû une fois l'avoir déduit ({numbers})",
        en="{amount} is what is open once the credit note is deducted ({numbers})",
    ),
    "without_note": Wording(
        "match.how_without_note",
        fr="{amount} est le montant de {numbers} sans déduire l'avoir cité",
        en="{amount} is the amount of {numbers} without the credit note named",
    ),
    "discount": Wording(
        "match.how_discount",
        fr="{amount} est ce qui reste dû sur {numbers} moins un escompte de {kept}",
        en="{amount} is what is open on {numbers} less a discount of {kept}",
    ),
    "fee": Wording(
        "match.how_fee",
        fr="{amount} est ce qui reste dû sur {numbers} moins {kept} de frais bancaires",
        en="{amount} is what is open on {numbers} less bank fees of {kept}",
    ),
    "difference": Wording(
        "match.how_difference",
        fr="{amount} est ce qui reste dû sur {numbers} à quelques centimes près",
        en="{amount} is what is open on {numbers} but for a few cents",
    ),
    "completed": Wording(
        "match.how_completed",
        fr="{amount} est la somme de {numbers}, dont une partie n'est pas citée",
        en="{amount} is the sum of {numbers}, some of which are not named",
    ),
    "some": Wording(
        "match.how_some",
        fr="{amount} est la somme de {numbers} seulement",
        en="{amount} is the sum of {numbers} only",
    ),
    "part": Wording(
        "match.how_part",
        fr="{amount} n'est qu'une partie de ce qui est ouvert, comme un paiement partiel",
        en="{amount} is only part of what is open, as a part payment is",
    ),
    "over": Wording(
        "match.how_over",
        fr="{amount} dépasse ce qui est ouvert : le surplus resterait au crédit du client",
        en="{amount} exceeds what is open: the surplus would stay the customer's credit",
    ),
}
EXPLAINED = Wording("match.explained", fr="{who} ; {how}.", en="{who}; {how}.")
RIVALS = Wording(
    "match.rivals",
    fr="{reason} D'autres explications se valent : choisissez.",
    en="{reason} Other explanations are as good: choose.",
)
NOTHING_FITS = Wording(
    "match.nothing_fits",
    fr="Aucun document, payeur ni montant reconnu ne l'explique.",
    en="No document, payer or amount that is known explains it.",
)
PAYER_OWES_NOTHING = Wording(
    "match.payer_owes_nothing",
    fr="Le payeur paraît être {customer}, qui ne doit rien : encaissement sans facture ?",
    en="The payer seems to be {customer}, who owes nothing: money without an invoice?",
)
# Said of lines before explanations were weighed: stored, and still to be read.
WITHOUT_CREDIT_NOTE = Wording(
    "match.without_credit_note",
    fr="Le libellé cite l'avoir {notes}, mais le montant {amount} est celui de {numbers} sans le déduire.",
    en="The text names credit note {notes}, but the amount {amount} is that of {numbers} without deducting it.",
)
AMBIGUOUS = Wording(
    "match.ambiguous",
    fr="« {written} » peut désigner plusieurs documents ({numbers}) : choisissez.",
    en="“{written}” may be any of several documents ({numbers}): choose.",
)
NO_REFERENCE = Wording(
    "match.no_reference",
    fr="Aucun numéro de document reconnu dans le libellé.",
    en="No document number was recognised in the text.",
)
