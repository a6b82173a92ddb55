"""Why a line of a list of invoices is refused, or deserves a look."""

from encours.core.wording import Wording

MISSING = Wording(
    "missing_value",
    fr="Il manque une valeur dans la colonne « {column} ».",
    en='Column "{column}" has no value.',
)
TOTAL_LINE = Wording(
    "total_line",
    fr="C'est une ligne de total, pas une facture : elle n'est pas reprise.",
    en="This is a line of totals, no invoice: it is not taken.",
)
MISSING_CUSTOMER = Wording(
    "missing_customer",
    fr="La ligne ne dit pas de quel client il s'agit : ni code, ni SIREN, ni n° de TVA, ni nom.",
    en="The line does not say who the customer is: no code, SIREN, VAT number or name.",
)
NOT_A_DATE = Wording(
    "not_a_date", fr="{field} : « {value} » n'est pas une date.", en='{field}: "{value}" is not a date.'
)
NOT_AN_AMOUNT = Wording(
    "not_an_amount",
    fr="{field} : « {value} » n'est pas un montant en {currency}, ou peut se lire de deux façons.",
    en='{field}: "{value}" is not an amount in {currency}, or can be read in two ways.',
)
UNKNOWN_CURRENCY = Wording(
    "unknown_currency", fr="« {value} » n'est pas un code de devise.", en='"{value}" is not a currency code.'
)
ANOTHER_CURRENCY = Wording(
    "amount_in_another_currency",
    fr="Un montant est écrit en {written} alors que la facture est en {currency} : les devises ne se mélangent pas.",
    en="An amount is written in {written} while the invoice is in {currency}: currencies never mix.",
)
UNKNOWN_TYPE = Wording(
    "unknown_document_type",
    fr="« {value} » n'est ni une facture, ni un avoir, ni un acompte.",
    en='"{value}" is neither an invoice, a credit note nor a deposit.',
)
BALANCE_BEYOND_TOTAL = Wording(
    "balance_beyond_total",
    fr="Le reste dû ({balance}) dépasse le montant du document ({total}) ou est de signe contraire.",
    en="The balance due ({balance}) is beyond the document's amount ({total}) or has the other sign.",
)
REPEATED = Wording(
    "repeated_line",
    fr="Ligne identique à la ligne {first} : elle n'est comptée qu'une fois.",
    en="Line identical to line {first}: it is counted once.",
)
REPEATED_DIFFERENTLY = Wording(
    "number_repeated_differently",
    fr="Le n° {number} revient plusieurs fois dans le fichier avec un autre contenu ({field} : « {one} » et « {other} »),"
    " sans que des taux de TVA ou des échéances l'expliquent.",
    en='Number {number} occurs several times in the file with other content ({field}: "{one}" and "{other}"), and'
    " neither VAT rates nor due dates explain it.",
)
INSTALMENTS_DIFFER = Wording(
    "instalments_differ",
    fr="Les échéances du n° {number} font {sum} alors que son total est {total} : il en manque, ou l'une est fausse.",
    en="The instalments of number {number} make {sum} while its total is {total}: one is missing or wrong.",
)
NO_ROWS = Wording(
    "invoices_csv_no_lines",
    fr="Le fichier a bien des colonnes de factures mais aucune ligne : rien à importer.",
    en="The file has the columns of invoices but no line: there is nothing to import.",
)
TOTALS_DIFFER = Wording(
    "totals_differ",
    fr="HT + TVA ≠ TTC sur {count} ligne(s), la première étant la ligne {line} : le TTC est retenu.",
    en="Net + VAT ≠ total on {count} line(s), the first being line {line}: the total is taken.",
)
