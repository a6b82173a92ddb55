"""Why a bank did not carry out a transfer that its customer began at Bridge, and what a refused request means.

Sources: Bridge's documentation of payment statuses (`RJCT` with a `status_reason`), whose codes are ISO 20022's
(ExternalStatusReason1Code, as STET uses them). A bank that suspects fraud is not quoted: who reads it may be the thief.
"""

from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.core.wording import Sentence, Wording
from encours.ports.gateways import ToldFailure

_TOLD = Wording("bridge_payment.failed", fr="{why} {then}", en="{why} {then}")
_THEN = {
    NEVER: Wording(
        "bridge_payment.then.never",
        fr="Le client doit payer depuis un autre compte, ou autrement.",
        en="The customer must pay from another account, or in another way.",
    ),
    CUSTOMER: Wording(
        "bridge_payment.then.customer",
        fr="Rien n'a été viré : le client peut recommencer.",
        en="Nothing was transferred: the customer may start again.",
    ),
    LATER: Wording(
        "bridge_payment.then.later",
        fr="Rien n'a été viré : un nouvel essai peut aboutir plus tard.",
        en="Nothing was transferred: another attempt may succeed later.",
    ),
    OURS: Wording(
        "bridge_payment.then.ours",
        fr="Le client n'y est pour rien : à corriger de notre côté.",
        en="The customer is not to blame: to be put right on our side.",
    ),
}

_UNSAID = Wording("bridge_payment.why.unsaid", fr="La banque du client a refusé sans dire pourquoi.", en="The customer's bank refused without saying why.")  # fmt: skip
_FINAL = Wording("bridge_payment.why.final", fr="La banque du client refuse ce virement.", en="The customer's bank refuses this transfer.")  # fmt: skip
_NO_ACCOUNT = Wording("bridge_payment.why.no_account", fr="Le compte choisi est introuvable ou son IBAN est faux.", en="The chosen account cannot be found, or its IBAN is wrong.")  # fmt: skip
_CLOSED = Wording("bridge_payment.why.closed", fr="Le compte choisi est clos.", en="The chosen account is closed.")  # fmt: skip
_BLOCKED = Wording("bridge_payment.why.blocked", fr="Le compte choisi est bloqué ou ne permet pas de virement.", en="The chosen account is blocked or allows no transfers.")  # fmt: skip
_FUNDS = Wording("bridge_payment.why.funds", fr="Le compte choisi n'est pas assez approvisionné.", en="There is not enough money on the chosen account.")  # fmt: skip
_LIMIT = Wording("bridge_payment.why.limit", fr="Le plafond de virement du client est dépassé.", en="The customer's limit for transfers is exceeded.")  # fmt: skip
_STOPPED = Wording("bridge_payment.why.stopped", fr="Le client a annulé le virement.", en="The customer canceled the transfer.")  # fmt: skip
_NO_ANSWER = Wording("bridge_payment.why.no_answer", fr="Le client n'a pas confirmé le virement auprès de sa banque.", en="The customer did not confirm the transfer at the bank.")  # fmt: skip
_NOT_AUTHENTICATED = Wording("bridge_payment.why.not_authenticated", fr="Le client ne s'est pas authentifié auprès de sa banque.", en="The customer did not authenticate with the bank.")  # fmt: skip
_LATE = Wording("bridge_payment.why.late", fr="Une banque n'a pas répondu à temps.", en="A bank did not answer in time.")  # fmt: skip
_DETAILS = Wording("bridge_payment.why.details", fr="La banque demande d'autres informations sur son client.", en="The bank asks for more details of its customer.")  # fmt: skip
_DUPLICATE = Wording("bridge_payment.why.duplicate", fr="La banque y voit un virement déjà fait : à vérifier avant tout.", en="The bank takes it for a transfer already made: to be looked at first.")  # fmt: skip
_FORMAT = Wording("bridge_payment.why.format", fr="La banque n'accepte pas la demande de virement ({code}).", en="The bank does not accept the request for a transfer ({code}).")  # fmt: skip
_REQUEST = Wording("bridge_payment.why.request", fr="Bridge n'accepte pas la demande ({code}).", en="Bridge does not accept the request ({code}).")  # fmt: skip
_OTHER_REQUEST = Wording("bridge_payment.why.other_request", fr="Un lien existe déjà sous cette référence, pour autre chose.", en="There is a link of this reference already, for something else.")  # fmt: skip
_TOO_LARGE = Wording("bridge_payment.why.too_large", fr="Le montant dépasse celui d'un virement SEPA.", en="The amount exceeds that of a SEPA transfer.")  # fmt: skip
_NOT_EURO = Wording("bridge_payment.why.not_euro", fr="Un virement SEPA est en euros.", en="A SEPA transfer is in euros.")  # fmt: skip
_UNABLE = Wording("bridge_payment.why.unable", fr="Un lien de paiement Bridge ne permet pas cela ({code}).", en="A Bridge payment link cannot do that ({code}).")  # fmt: skip

REASONS: dict[str, tuple[str, Wording]] = {
    "AB05": (LATER, _LATE), "AB06": (LATER, _LATE), "AB08": (LATER, _LATE), "AC01": (NEVER, _NO_ACCOUNT),
    "AC04": (NEVER, _CLOSED), "AC06": (NEVER, _BLOCKED), "AG01": (NEVER, _BLOCKED), "AM02": (CUSTOMER, _LIMIT),
    "AM04": (LATER, _FUNDS), "AM14": (CUSTOMER, _LIMIT), "AM18": (OURS, _FORMAT), "BE05": (OURS, _FORMAT),
    "CH03": (OURS, _FORMAT), "CUST": (CUSTOMER, _STOPPED), "DS02": (CUSTOMER, _STOPPED), "DUPL": (OURS, _DUPLICATE),
    "FF01": (OURS, _FORMAT), "FRAD": (NEVER, _FINAL), "FR01": (NEVER, _FINAL), "MS02": (CUSTOMER, _STOPPED),
    "MS03": (LATER, _UNSAID), "NOAS": (CUSTOMER, _NO_ANSWER), "NARR": (LATER, _UNSAID), "RR01": (CUSTOMER, _DETAILS),
    "RR03": (OURS, _FORMAT), "RR04": (NEVER, _FINAL), "RR12": (OURS, _FORMAT), "SL12": (NEVER, _FINAL),
    "DS0D": (CUSTOMER, _NOT_AUTHENTICATED), "TM01": (LATER, _LATE),
}  # fmt: skip


def failure_of(reason: str) -> ToldFailure:
    """What the reason of a rejected transfer means; one nobody knows may pass by itself."""
    group, why = REASONS.get(reason, (LATER, _UNSAID))
    return _failure(group, reason or "RJCT", why(code=reason) if why is _FORMAT else why())


def refused(code: str) -> ToldFailure:
    """A request Bridge did not take."""
    return _failure(OURS, code, _REQUEST(code=code))


def unable(code: str) -> ToldFailure:
    """What no payment link does: charge later, save a method, refund."""
    return _failure(OURS, code, _UNABLE(code=code))


def other_request() -> ToldFailure:
    """The same key for another amount."""
    return _failure(OURS, "other_request", _OTHER_REQUEST())


def too_large() -> ToldFailure:
    """More than a SEPA transfer can be of."""
    return _failure(OURS, "amount_too_large", _TOO_LARGE())


def not_euro() -> ToldFailure:
    """SEPA knows the euro only."""
    return _failure(OURS, "currency", _NOT_EURO())


def _failure(group: str, code: str, why: Sentence) -> ToldFailure:
    return ToldFailure(group, code, _TOLD(why=why, then=_THEN[group]()))
