"""Why a bank's table, or a line of it, is refused or deserves a look."""

from encours.core.wording import Wording

NO_LINES = Wording(
    "bank_csv_no_lines",
    fr="Le fichier a bien des colonnes de relevé bancaire mais aucune opération : rien à importer.",
    en="The file has the columns of a bank statement but no transaction: there is nothing to import.",
)
BAD_DATE = Wording(
    "bank_csv_bad_date",
    fr="{field} : « {text} » n'est pas une date (la colonne est en {order}).",
    en="{field}: “{text}” is no date (the column is in {order}).",
)
NO_DATE = Wording(
    "bank_csv_no_date",
    fr="La ligne n'a pas de date : ce n'est pas une opération (un total, sans doute).",
    en="The line has no date: it is no transaction (a total, maybe).",
)
MIXED_DATES = Wording(
    "bank_csv_mixed_dates",
    fr="La colonne des dates mélange jour/mois (« {one} ») et mois/jour (« {other} ») : rien ne dit comment lire"
    " les autres.",
    en="The date column mixes day/month (“{one}”) and month/day (“{other}”): nothing says how to read the others.",
)
DATES_ASSUMED = Wording(
    "bank_csv_dates_assumed",
    fr="Aucune date ne dit si la colonne est en jour/mois ou en mois/jour : elle est lue comme {order}"
    " (« {text} » est le {day}).",
    en="No date tells whether the column is day/month or month/day: it is read as {order} (“{text}” is {day}).",
)
NO_AMOUNT = Wording(
    "bank_csv_no_amount",
    fr="L'opération n'a pas de montant.",
    en="The transaction has no amount.",
)
BAD_AMOUNT = Wording(
    "bank_csv_bad_amount",
    fr="{field} : « {text} » n'est pas un montant en {currency}, ou rien dans la colonne ne dit où sont ses décimales.",
    en="{field}: “{text}” is no amount in {currency}, or nothing in the column says where its decimals are.",
)
DEBIT_AND_CREDIT = Wording(
    "bank_csv_debit_and_credit",
    fr="L'opération a un débit ({debit}) et un crédit ({credit}) : un seul des deux est attendu.",
    en="The transaction has a debit ({debit}) and a credit ({credit}): only one of them is expected.",
)
BAD_DIRECTION = Wording(
    "bank_csv_bad_direction",
    fr="« {text} » ne dit pas si l'opération est un débit ou un crédit.",
    en="“{text}” does not say whether the transaction is a debit or a credit.",
)
BAD_CURRENCY = Wording(
    "bank_csv_bad_currency",
    fr="« {text} » n'est pas un code de devise.",
    en="“{text}” is no currency code.",
)
NOT_BOOKED = Wording(
    "bank_csv_not_booked",
    fr="Opération « {status} » : elle n'est pas (encore) comptabilisée par la banque et n'est pas reprise.",
    en="Transaction “{status}”: the bank has not booked it (yet) and it is not taken.",
)
BALANCE_JUMPS = Wording(
    "bank_csv_balance_jumps",
    fr="La colonne du solde passe de {before} à {after} alors que l'opération est de {amount} : il manque des"
    " lignes, ou le fichier a été modifié.",
    en="The balance column goes from {before} to {after} though the transaction is {amount}: lines are missing,"
    " or the file was edited.",
)
BAD_BALANCE = Wording(
    "bank_csv_bad_balance",
    fr="« {text} » n'est pas un solde : il est ignoré.",
    en="“{text}” is no balance: it is ignored.",
)

DAY_MONTH = Wording("bank_csv_day_month", fr="jour/mois/année", en="day/month/year")
MONTH_DAY = Wording("bank_csv_month_day", fr="mois/jour/année", en="month/day/year")
