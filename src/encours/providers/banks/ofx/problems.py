"""Why an OFX file, or a line of it, is refused or deserves a look."""

from encours.core.wording import Wording

NOT_OFX = Wording(
    "ofx_not_a_statement",
    fr="Ce fichier ne contient pas de balise <OFX> : ce n'est pas un relevé OFX.",
    en="There is no <OFX> tag in this file: it is no OFX statement.",
)
NO_STATEMENT = Wording(
    "ofx_no_statement",
    fr="Ce fichier OFX ne contient le relevé d'aucun compte.",
    en="This OFX file holds the statement of no account.",
)
CUT_SHORT = Wording(
    "ofx_cut_short",
    fr="Le fichier s'arrête avant la balise </OFX> : il est tronqué. Téléchargez-le de nouveau.",
    en="The file stops before its </OFX> tag: it is cut short. Download it again.",
)
DECLARATION = Wording(
    "ofx_declaration",
    fr="Le fichier contient une déclaration <!…> (DTD ou entité), qui n'a rien à faire dans un relevé : il est"
    " refusé par sécurité.",
    en="The file holds a <!…> declaration (DTD or entity), which has no place in a statement: it is refused for"
    " safety.",
)
BANK_ERROR = Wording(
    "ofx_bank_error",
    fr="La banque répond par une erreur au lieu d'un relevé : {detail}.",
    en="The bank answers with an error instead of a statement: {detail}.",
)
NO_ACCOUNT = Wording(
    "ofx_no_account",
    fr="Un relevé de ce fichier ne dit pas quel compte il concerne (ACCTID).",
    en="A statement in this file does not say which account it is about (ACCTID).",
)
NO_DATE = Wording(
    "ofx_no_date",
    fr="L'opération {fitid} n'a pas de date (DTPOSTED).",
    en="Transaction {fitid} has no date (DTPOSTED).",
)
BAD_DATE = Wording(
    "ofx_bad_date",
    fr="L'opération {fitid} porte une date qui n'existe pas : « {text} ».",
    en="Transaction {fitid} bears a date that does not exist: “{text}”.",
)
NO_AMOUNT = Wording(
    "ofx_no_amount",
    fr="L'opération {fitid} n'a pas de montant (TRNAMT).",
    en="Transaction {fitid} has no amount (TRNAMT).",
)
BAD_AMOUNT = Wording(
    "ofx_bad_amount",
    fr="L'opération {fitid} : « {text} » n'est pas un montant en {currency}.",
    en="Transaction {fitid}: “{text}” is no amount in {currency}.",
)
OTHER_CURRENCY = Wording(
    "ofx_other_currency",
    fr="L'opération {fitid} est en {other} dans un relevé en {currency} : les devises ne se mélangent pas.",
    en="Transaction {fitid} is in {other} in a statement in {currency}: currencies do not mix.",
)
BAD_BALANCE = Wording(
    "ofx_bad_balance",
    fr="Le solde du compte {account} (« {text} ») est illisible : le relevé est repris sans solde.",
    en="The balance of account {account} (“{text}”) cannot be read: the statement is taken without it.",
)
