"""What can be wrong with a camt file, in words."""

from encours.core.wording import Wording

HAS_DTD = Wording(
    "xml_dtd_refused",
    fr="Ce fichier XML déclare un DOCTYPE ou des entités : un relevé camt n'en contient jamais. Il est refusé par"
    " sécurité.",
    en="This XML file declares a DOCTYPE or entities: a camt statement never has any. It is refused for safety.",
)
NOT_WELL_FORMED = Wording(
    "xml_not_well_formed",
    fr="Le XML est incomplet ou mal formé à la ligne {at} : le fichier a sans doute été coupé. Demandez-le à nouveau à"
    " la banque.",
    en="The XML is incomplete or not well formed at line {at}: the file was probably cut. Ask the bank for it again.",
)
WRONG_ENCODING = Wording(
    "xml_wrong_encoding",
    fr="Le fichier contient des caractères qui ne sont pas dans l'encodage qu'il annonce ({encoding}).",
    en="The file has characters that are not in the encoding it announces ({encoding}).",
)
TOO_LARGE = Wording(
    "xml_limits_exceeded",
    fr="Le XML dépasse les limites admises (profondeur ou taille d'un élément) : ce n'est pas un relevé.",
    en="The XML exceeds the limits (depth or size of one element): it is no statement.",
)
NOT_CAMT = Wording(
    "not_camt",
    fr="Ce fichier XML n'est pas un relevé camt.052, camt.053 ou camt.054.",
    en="This XML file is no camt.052, camt.053 or camt.054 statement.",
)
NO_STATEMENT = Wording(
    "camt_without_statement",
    fr="Le message {kind} ne contient aucun relevé (élément {element} absent) : il n'y a rien à importer.",
    en="The {kind} message has no statement (element {element} is missing): there is nothing to import.",
)
NO_ACCOUNT = Wording(
    "camt_without_account",
    fr="Le relevé {reference} ne dit pas de quel compte il s'agit. Relevé refusé.",
    en="Statement {reference} does not say which account it is about. Statement refused.",
)
MISSING = Wording(
    "camt_entry_incomplete",
    fr="Opération refusée : il manque {field}.",
    en="Entry refused: {field} is missing.",
)
BAD_ENTRY = Wording(
    "camt_entry_unreadable",
    fr="Opération refusée : {field} est illisible (« {value} »).",
    en="Entry refused: {field} cannot be read (“{value}”).",
)
# what an entry must have, under its name in the file
TERMS = {
    "Amt": Wording("camt_amount", fr="le montant (Amt)", en="the amount (Amt)"),
    "Ccy": Wording("camt_currency", fr="la devise (Ccy)", en="the currency (Ccy)"),
    "CdtDbtInd": Wording("camt_direction", fr="le sens (CdtDbtInd)", en="the direction (CdtDbtInd)"),
    "BookgDt": Wording(
        "camt_booking_date", fr="la date d'opération (BookgDt)", en="the booking date (BookgDt)"
    ),
    "ValDt": Wording("camt_value_date", fr="la date de valeur (ValDt)", en="the value date (ValDt)"),
}
BAD_AMOUNT = Wording(
    "camt_amount_refused",
    fr="Montant « {value} » {currency} refusé : il faut un montant positif, exact au centime.",
    en="Amount “{value}” {currency} refused: it must be positive and exact to the cent.",
)
BAD_BALANCE = Wording(
    "camt_balance_unreadable",
    fr="Solde {code} illisible (« {value} ») : il n'est pas repris.",
    en="Balance {code} unreadable (“{value}”): it is not taken.",
)
FOREIGN_BALANCE = Wording(
    "balance_in_another_currency",
    fr="Le solde {code} est en {currency} alors que le compte {account} est en {expected} : il n'est pas repris et ne"
    " peut pas servir de contrôle.",
    en="Balance {code} is in {currency} while account {account} is kept in {expected}: it is not taken and cannot"
    " serve as a check.",
)
NOT_BOOKED = Wording(
    "entries_not_booked",
    fr="{count} opération(s) en attente ou pour information du compte {account} ne sont pas reprises : elles le seront"
    " une fois comptabilisées.",
    en="{count} pending or informative entries of account {account} are not taken: they will be once booked.",
)
