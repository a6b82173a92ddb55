"""Why a bank gave money back, in words, and how long after the payment that reason can come.

Codes of ISO 20022 (external code set, as the SEPA rulebooks use them). CFONB statements print either these or the
two digits of the interbank list, whose words are the bank's own: those are shown as they are.
"""

from datetime import timedelta

from encours.core.wording import Sentence, Wording

# Rulebooks of SEPA direct debit and credit transfer: a bank returns within five banking days, a debtor may ask for
# eight weeks, and for thirteen months when there was no mandate or the payment was a fraud. Each with the days a bank
# needs to answer and book.
_BANK_DAYS, _REFUND_DAYS, LATEST_DAYS = 14, 66, 433

_BY_DEBTOR = frozenset({"MD06"})
_UNAUTHORISED = frozenset({"MD01", "FRAD", "FOCR", "DUPL", "TECH", "CUST"})


def _said(code: str, fr: str, en: str) -> Wording:
    return Wording(f"return_reason.{code}", fr=fr, en=en)


_REASONS = {
    "AC01": _said("AC01", "numéro de compte incorrect", "account number incorrect"),
    "AC03": _said("AC03", "compte du bénéficiaire incorrect", "creditor's account incorrect"),
    "AC04": _said("AC04", "compte clos", "account closed"),
    "AC06": _said("AC06", "compte bloqué", "account blocked"),
    "AC13": _said("AC13", "compte de consommateur, débit interentreprises refusé", "consumer's account, B2B debit refused"),
    "AG01": _said("AG01", "opération interdite sur ce compte", "transaction forbidden on this account"),
    "AG02": _said("AG02", "code d'opération incorrect", "wrong transaction code"),
    "AM04": _said("AM04", "provision insuffisante", "insufficient funds"),
    "AM05": _said("AM05", "opération en double", "duplicate"),
    "AM09": _said("AM09", "montant erroné", "wrong amount"),
    "BE01": _said("BE01", "titulaire et compte ne correspondent pas", "holder and account do not agree"),
    "BE04": _said("BE04", "adresse du créancier absente", "creditor's address missing"),
    "BE05": _said("BE05", "identifiant du créancier incorrect", "creditor identifier incorrect"),
    "CNOR": _said("CNOR", "banque du créancier non enregistrée", "creditor's bank not registered"),
    "CUST": _said("CUST", "demande du donneur d'ordre", "asked for by the payer"),
    "DNOR": _said("DNOR", "banque du débiteur non enregistrée", "debtor's bank not registered"),
    "DUPL": _said("DUPL", "paiement en double", "paid twice"),
    "ED05": _said("ED05", "règlement interbancaire échoué", "settlement failed"),
    "FF01": _said("FF01", "format de fichier invalide", "invalid file format"),
    "FF05": _said("FF05", "type de prélèvement incorrect", "wrong type of direct debit"),
    "FOCR": _said("FOCR", "retour après demande d'annulation", "returned after a cancellation request"),
    "FRAD": _said("FRAD", "fraude signalée", "reported as fraud"),
    "MD01": _said("MD01", "pas de mandat valable", "no valid mandate"),
    "MD02": _said("MD02", "données du mandat manquantes ou incorrectes", "mandate data missing or incorrect"),
    "MD06": _said("MD06", "remboursement demandé par le débiteur", "refund asked for by the debtor"),
    "MD07": _said("MD07", "débiteur décédé", "debtor deceased"),
    "MS02": _said("MS02", "refus du débiteur, sans motif", "refused by the debtor, no reason given"),
    "MS03": _said("MS03", "motif non communiqué par la banque", "reason not given by the bank"),
    "RC01": _said("RC01", "identifiant de la banque incorrect", "bank identifier incorrect"),
    "RR01": _said("RR01", "réglementation : compte ou identité du débiteur absents", "regulation: debtor's account or identity missing"),
    "RR02": _said("RR02", "réglementation : nom ou adresse du débiteur absents", "regulation: debtor's name or address missing"),
    "RR03": _said("RR03", "réglementation : nom ou adresse du créancier absents", "regulation: creditor's name or address missing"),
    "RR04": _said("RR04", "motif réglementaire", "regulatory reason"),
    "SL01": _said("SL01", "débiteur ayant restreint les prélèvements", "debits restricted by the debtor"),
    "TECH": _said("TECH", "incident technique", "technical problem"),
}  # fmt: skip
_NONE = Wording("return_reason.none", fr="motif non communiqué", en="reason not given")
_OTHER = Wording("return_reason.other", fr="motif {code} de la banque", en="reason {code} of the bank")


def reason_of_return(code: str) -> Sentence:
    """The words of a return reason; a code that is in no list is shown as it is."""
    if not code:
        return _NONE()
    known = _REASONS.get(code.upper())
    return known() if known else _OTHER(code=code)


def within(code: str) -> timedelta:
    """How long after a payment it can come back for this reason, without anything else that ties the two."""
    reason = code.upper()
    if reason in _UNAUTHORISED:
        return timedelta(days=LATEST_DAYS)
    known_to_be_quick = reason in _REASONS and reason not in _BY_DEBTOR
    return timedelta(days=_BANK_DAYS if known_to_be_quick else _REFUND_DAYS)


def known_codes() -> list[str]:
    """Every reason with words of its own."""
    return sorted(_REASONS)
