"""What happens next with a charge, in words: for the people of the company who look at it."""

from datetime import date, datetime

from encours.core.payments.charges import CANCELED, CREATED, EXPIRED, FAILED, OPEN, PENDING, RETURNED
from encours.core.payments.failures import CUSTOMER, LATER, NEVER, OURS
from encours.core.payments.methods import DIRECT_DEBIT_FILE, PAID_DIRECTLY, SEPA_DEBIT
from encours.core.wording import Sentence, Wording

_DEBITS = (SEPA_DEBIT, DIRECT_DEBIT_FILE)

ASKED = Wording(
    "charge_next.asked",
    fr="La demande part au service de paiement. Sans réponse, elle est suivie d’elle-même ; rien n’est demandé deux fois.",
    en="The request goes to the payment service. Without an answer it is followed by itself; nothing is asked twice.",
)
WAITS = Wording(
    "charge_next.waits",
    fr="Le client peut payer sur la page du service. S’il ne le fait pas, la demande expire et la facture reste relancée.",
    en="The customer can pay on the service’s page. Otherwise the request expires, and the invoice is reminded of as before.",
)
WAITS_UNTIL = Wording(
    "charge_next.waits_until",
    fr="Le client peut payer sur la page du service jusqu’au {day}. Passé ce délai, la demande expire et la facture reste"
    " relancée.",
    en="The customer can pay on the service’s page until {day}. Then the request expires, and the invoice is reminded of as"
    " before.",
)
ON_ITS_WAY = Wording(
    "charge_next.on_its_way",
    fr="L’argent est en route : la facture n’est pas relancée d’ici là.",
    en="The money is on its way: the invoice is not reminded of meanwhile.",
)
DEBIT_ON_ITS_WAY = Wording(
    "charge_next.debit_on_its_way",
    fr="Le prélèvement est présenté à la banque du client : jusqu’à 14 jours ouvrés. La facture n’est pas relancée d’ici là.",
    en="The debit is presented to the customer’s bank: up to 14 business days. The invoice is not reminded of meanwhile.",
)
ARRIVES = Wording(
    "charge_next.arrives",
    fr="L’argent arrive directement sur votre compte bancaire : sa ligne de relevé y est rapprochée.",
    en="The money arrives on your bank account directly: its line is matched there.",
)
PAID_OUT_LATER = Wording(
    "charge_next.paid_out_later",
    fr="Encaissé chez le service, qui le versera à votre banque dans un prochain versement.",
    en="Received at the service, which sends it to your bank with one of its next payouts.",
)
PAID_OUT = Wording(
    "charge_next.paid_out",
    fr="Terminé : versé à votre banque avec le versement {payout}.",
    en="Done: sent to your bank with payout {payout}.",
)
TRIED_AGAIN = Wording(
    "charge_next.tried_again",
    fr="Nouvel essai le {day}, un jour où l’argent a des chances d’être là. Rien à faire.",
    en="Tried again on {day}, a day on which the money is likely there. Nothing to do.",
)
ATTEMPT_MADE = Wording(
    "charge_next.attempt_made",
    fr="Un essai plus récent a suivi celui-ci : c’est lui qui compte.",
    en="A later attempt followed this one: that is the one that counts.",
)
NO_MORE_TRIES = Wording(
    "charge_next.no_more_tries",
    fr="Plus aucun essai automatique : la limite est atteinte. La facture est relancée comme les autres.",
    en="No more automatic attempts: the limit is reached. The invoice is reminded of like the others.",
)
CUSTOMER_TRIES = Wording(
    "charge_next.customer_tries",
    fr="Le client peut réessayer, par ce moyen ou un autre, depuis son espace de paiement. La facture reste relancée.",
    en="The customer can try again, this way or another, in its portal. The invoice is reminded of as before.",
)
NEVER_AGAIN = Wording(
    "charge_next.never_again",
    fr="Ce moyen de paiement n’est plus jamais présenté. Le client peut en donner un autre ou payer par le lien de ses"
    " messages ; la facture est relancée comme les autres.",
    en="This method is never charged again. The customer can give another one or pay by the link of its messages; the invoice"
    " is reminded of like the others.",
)
CUSTOMER_ACTS = Wording(
    "charge_next.customer_acts",
    fr="Rien n’est retenté avant que le client ait agi : une tâche vous demande de le joindre, le mandat est suspendu.",
    en="Nothing is tried again before the customer has acted: a task asks you to reach it, the mandate is suspended.",
)
OURS_TO_REPAIR = Wording(
    "charge_next.ours_to_repair",
    fr="À corriger de votre côté : le client n’y est pour rien et n’est pas sollicité.",
    en="To be put right on your side: the customer is not to blame and is not asked for anything.",
)
NOTHING_TAKEN = Wording(
    "charge_next.nothing_taken",
    fr="Rien n’a été pris. La facture est relancée comme les autres, et le client peut recommencer.",
    en="Nothing was taken. The invoice is reminded of like the others, and the customer may begin again.",
)
MONEY_WENT_BACK = Wording(
    "charge_next.money_went_back",
    fr="L’argent est reparti : les factures qu’il réglait sont ouvertes de nouveau et relancées.",
    en="The money went back: the invoices it had settled are open again and reminded of.",
)


def what_follows(
    *,
    state: str,
    method: str,
    failure_group: str,
    is_by_mandate: bool,
    next_attempt_date: date | None,
    has_next: bool,
    expires_at: datetime | None,
    payout: str,
) -> Sentence:
    """The one sentence for a charge as it stands. `payout` is the service's name of the one it came with, or "".

    >>> what_follows(state="failed", method="card", failure_group="later", is_by_mandate=True, has_next=False, payout="",
    ...     next_attempt_date=date(2026, 4, 1), expires_at=None).code
    'charge_next.tried_again'
    """
    if state == CREATED:
        return ASKED()
    if state == OPEN:
        return WAITS_UNTIL(day=expires_at.date()) if expires_at else WAITS()
    if state == PENDING:
        return DEBIT_ON_ITS_WAY() if method in _DEBITS else ON_ITS_WAY()
    if state in (CANCELED, EXPIRED):
        return NOTHING_TAKEN()
    if state in (FAILED, RETURNED):
        return _after_failure(state, failure_group, is_by_mandate, next_attempt_date, has_next=has_next)
    if method in PAID_DIRECTLY:
        return ARRIVES()
    return PAID_OUT(payout=payout) if payout else PAID_OUT_LATER()


def _after_failure(
    state: str, group: str, is_by_mandate: bool, next_attempt_date: date | None, *, has_next: bool
) -> Sentence:
    if has_next:
        return ATTEMPT_MADE()
    if next_attempt_date is not None:
        return TRIED_AGAIN(day=next_attempt_date)
    if not is_by_mandate:
        return MONEY_WENT_BACK() if state == RETURNED else CUSTOMER_TRIES()
    by_group = {NEVER: NEVER_AGAIN, CUSTOMER: CUSTOMER_ACTS, LATER: NO_MORE_TRIES, OURS: OURS_TO_REPAIR}
    return by_group.get(group, MONEY_WENT_BACK if state == RETURNED else NO_MORE_TRIES)()
