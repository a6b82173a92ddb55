"""Why a SWIFT statement, or a line of it, is refused or deserves a look."""

from encours.core.wording import Wording

NOT_MT940 = Wording(
    "mt940_not_a_statement",
    fr="Aucun champ SWIFT (:20:, :25:, :61: …) dans ce fichier : ce n'est pas un relevé MT940 ou MT942.",
    en="There is no SWIFT field (:20:, :25:, :61: …) in this file: it is no MT940 or MT942 statement.",
)
NO_ACCOUNT = Wording(
    "mt940_no_account",
    fr="Le message ne dit pas quel compte il concerne (champ :25:) : le fichier est incomplet. Demandez-le de"
    " nouveau à la banque.",
    en="The message does not say which account it is about (field :25:): the file is incomplete. Ask the bank"
    " for it again.",
)
NOTHING_INSIDE = Wording(
    "mt940_nothing_inside",
    fr="Le message du compte {account} ne contient ni solde ni mouvement : le fichier est tronqué.",
    en="The message of account {account} has neither a balance nor a line: the file is cut short.",
)
ACCOUNT_TWICE = Wording(
    "mt940_account_twice",
    fr="Le message nomme un second compte (« {second} ») au milieu des mouvements du compte {first} : le"
    " fichier est abîmé.",
    en="The message names a second account (“{second}”) amid the lines of account {first}: the file is damaged.",
)
BAD_BALANCE = Wording(
    "mt940_bad_balance",
    fr="Le solde :{tag}: « {text} » est illisible : le fichier est abîmé.",
    en="The balance :{tag}: “{text}” cannot be read: the file is damaged.",
)
TWO_CURRENCIES = Wording(
    "mt940_two_currencies",
    fr="Le compte {account} a un solde en {first} et un autre en {second} : un relevé n'a qu'une devise.",
    en="Account {account} has one balance in {first} and another in {second}: a statement has one currency.",
)
BAD_LINE = Wording(
    "mt940_bad_line",
    fr="Le mouvement « {text} » n'a pas la forme d'un champ :61:.",
    en="The line “{text}” is not of the form of a :61: field.",
)
BAD_DATE = Wording(
    "mt940_bad_date",
    fr="Le mouvement porte une date qui n'existe pas : « {text} ».",
    en="The line bears a date that does not exist: “{text}”.",
)
BAD_AMOUNT = Wording(
    "mt940_bad_amount",
    fr="Le montant « {text} » est illisible en {currency}.",
    en="The amount “{text}” cannot be read in {currency}.",
)
CUT_LINE = Wording(
    "mt940_cut_line",
    fr="Le fichier s'arrête au milieu du mouvement « {text} » : la ligne est refusée. Demandez de nouveau le"
    " fichier à la banque.",
    en="The file stops in the middle of the line “{text}”: the line is refused. Ask the bank for the file again.",
)
NO_CLOSING_BALANCE = Wording(
    "mt940_no_closing_balance",
    fr="Le relevé du compte {account} a un solde initial mais pas de solde final (:62F:) : le fichier est"
    " peut-être tronqué et rien ne prouve qu'il est complet.",
    en="The statement of account {account} has an opening balance but no closing one (:62F:): the file may be"
    " cut short and nothing proves that it is complete.",
)
TOTALS_DIFFER = Wording(
    "mt940_totals_differ",
    fr="Le compte {account} annonce {announced_count} mouvements pour {announced} (:{tag}:), le fichier en"
    " contient {count} pour {total}.",
    en="Account {account} announces {announced_count} lines for {announced} (:{tag}:), the file holds"
    " {count} for {total}.",
)
