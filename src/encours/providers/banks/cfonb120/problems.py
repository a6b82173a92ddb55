"""What can be wrong with a CFONB 120 file, in words."""

from encours.core.wording import Wording

IS_CFONB_240 = Wording(
    "cfonb240_not_supported",
    fr="Ce fichier est un CFONB 240 (virements reçus et impayés), pas un relevé de compte. Demandez à la banque le"
    " relevé CFONB 120 ou camt.053.",
    en="This file is a CFONB 240 (incoming transfers and returns), not an account statement. Ask the bank for the"
    " CFONB 120 or camt.053 statement.",
)
NOT_CFONB = Wording(
    "not_cfonb120",
    fr="Ce fichier n'est pas un relevé CFONB 120 : aucun enregistrement 01, 04, 05 ou 07 de 120 caractères.",
    en="This file is no CFONB 120 statement: it has no record 01, 04, 05 or 07 of 120 characters.",
)
WRONG_LENGTH = Wording(
    "cfonb_record_length",
    fr="Enregistrement de {length} caractères au lieu de 120 : il est refusé, ses zones ne sont pas sûres.",
    en="A record of {length} characters instead of 120: it is refused, its fields cannot be trusted.",
)
UNKNOWN_RECORD = Wording(
    "cfonb_unknown_record",
    fr="Enregistrement de code « {code} » inconnu dans un CFONB 120 (attendus : 01, 04, 05, 07). Ligne refusée.",
    en="A record with code “{code}” is unknown in a CFONB 120 (expected: 01, 04, 05, 07). Line refused.",
)
INVALID_DATE = Wording(
    "invalid_date",
    fr="{field} (enregistrement {code}) : « {value} » n'est pas une date JJMMAA.",
    en="{field} (record {code}): “{value}” is no DDMMYY date.",
)
INVALID_AMOUNT = Wording(
    "invalid_amount",
    fr="{field} (enregistrement {code}) : « {value} » est illisible : treize chiffres puis un chiffre signé"
    " ({{, A-I au crédit, }}, J-R au débit). Enregistrement refusé.",
    en="{field} (record {code}): “{value}” cannot be read: thirteen digits, then a signed digit ({{, A-I credit,"
    " }}, J-R debit). Record refused.",
)
INVALID_CURRENCY = Wording(
    "invalid_currency",
    fr="La devise « {value} » de l'enregistrement {code} n'existe pas. Enregistrement refusé.",
    en="The currency “{value}” of record {code} does not exist. Record refused.",
)
OUT_OF_STATEMENT = Wording(
    "operation_out_of_statement",
    fr="Mouvement du compte {account} en dehors d'un relevé : aucun enregistrement 01 de ce compte n'est ouvert."
    " Ligne refusée.",
    en="A movement of account {account} outside a statement: no record 01 of this account is open. Line refused.",
)
DETAIL_WITHOUT_MOVEMENT = Wording(
    "cfonb_detail_without_movement",
    fr="Complément (05) sans mouvement (04) qui le précède. Ligne refusée.",
    en="A complement (05) without a movement (04) before it. Line refused.",
)
CLOSING_WITHOUT_OPENING = Wording(
    "cfonb_closing_out_of_statement",
    fr="Nouveau solde (07) du compte {account} sans ancien solde (01) : le relevé est incomplet. Ligne refusée.",
    en="A new balance (07) of account {account} without an old one (01): the statement is incomplete. Line refused.",
)
NO_CLOSING = Wording(
    "cfonb_without_closing",
    fr="Le relevé du compte {account} n'a pas de nouveau solde (07) : il a sans doute été coupé et rien ne prouve"
    " qu'il est complet. Relevé refusé, demandez-le à nouveau à la banque.",
    en="The statement of account {account} has no new balance (07): it was probably cut and nothing proves it whole."
    " Statement refused, ask the bank for it again.",
)
