"""Why a line of a list of orders or deliveries is refused, or deserves a look."""

from encours.core.wording import Wording

NO_VALUE = Wording(
    "orders.no_value", fr="Il manque une valeur : « {field} ».", en='A value is missing: "{field}".'
)
NO_CUSTOMER = Wording(
    "orders.no_customer",
    fr="La ligne ne dit pas de quel client il s’agit : ni code, ni SIREN, ni n° de TVA, ni nom.",
    en="The line does not say who the customer is: no code, SIREN, VAT number or name.",
)
NO_DATE = Wording(
    "orders.no_date", fr="{field} : « {value} » n’est pas une date.", en='{field}: "{value}" is not a date.'
)
NO_AMOUNT = Wording(
    "orders.no_amount",
    fr="{field} : « {value} » n’est pas un montant, ou peut se lire de deux façons.",
    en='{field}: "{value}" is not an amount, or can be read in two ways.',
)
NO_TOTAL = Wording(
    "orders.no_total",
    fr="On ne connaît pas le montant TTC : donnez-le, ou le taux de TVA avec le montant hors taxe.",
    en="The amount with VAT is not known: give it, or the VAT rate beside the amount without VAT.",
)
NOT_POSITIVE = Wording(
    "orders.not_positive",
    fr="Une commande a un montant supérieur à zéro, pas « {value} ».",
    en='An order has an amount above zero, not "{value}".',
)
DEPOSIT_TOO_LARGE = Wording(
    "orders.deposit_too_large",
    fr="L’acompte « {value} » dépasse le montant de la commande.",
    en='The deposit "{value}" is more than the order.',
)
BAD_CURRENCY = Wording(
    "orders.bad_currency",
    fr="« {value} » n’est pas un code de devise.",
    en='"{value}" is not a currency code.',
)
BAD_KIND = Wording(
    "orders.bad_kind",
    fr="« {value} » n’est ni un devis, ni une commande.",
    en='"{value}" is neither a quote nor an order.',
)
BAD_STATE = Wording(
    "orders.bad_state",
    fr="État « {value} » inconnu : la commande est prise comme en cours.",
    en='State "{value}" is not known: the order is taken as open.',
)
REPEATED = Wording(
    "orders.repeated",
    fr="Le n° {number} est déjà à la ligne {first} : une ligne par numéro, la première l’emporte.",
    en="Number {number} is on line {first} already: one line a number, the first one counts.",
)
NO_ROWS = Wording(
    "orders.no_rows",
    fr="Le fichier n’a aucune ligne sous son en-tête.",
    en="The file has no line below its header.",
)
