"""Why something is planned, held back or cancelled, in words."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from encours.core.cases.holding import CODES as CASE_CODES
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.money import Money
from encours.core.wording import Sentence, Wording

# -- planned

NOTICE = Wording(
    "dunning.notice",
    fr="{step} : échéance le {due_date}, préavis courtois avant le retard",
    en="{step}: due on {due_date}, a courtesy notice before it is late",
)
REMINDER = Wording(
    "dunning.reminder",
    fr="{step} : échéance la plus ancienne le {due_date}, {days} j de retard",
    en="{step}: oldest due date {due_date}, {days} d late",
)
CATCH_UP = Wording(
    "dunning.catch_up",
    fr="{step} : échéance la plus ancienne le {due_date}, {days} j de retard ; les étapes manquées ne sont pas envoyées",
    en="{step}: oldest due date {due_date}, {days} d late; missed steps are not sent",
)
REMINDER_FIRST = Wording(
    "dunning.reminder_first",
    fr="{step} : {days} j de retard depuis le {due_date} ; une relance part avant toute mise en demeure",
    en="{step}: {days} d late since {due_date}; a reminder goes before any formal notice",
)
FORMAL = Wording(
    "dunning.formal",
    fr="{step} : {days} j de retard depuis le {due_date}, relancé le {reminded_date} sans paiement",
    en="{step}: {days} d late since {due_date}, reminded on {reminded_date} without payment",
)

OTHER_CHANNEL = Wording(
    "dunning.other_channel",
    fr="{planned} ; par {channel}, les canaux prévus avant n’atteignant pas le client",
    en="{planned}; by {channel}, as the channels before it do not reach the customer",
)
PREFERRED_CHANNEL = Wording(
    "dunning.preferred_channel",
    fr="{planned} ; par {channel}, que le client préfère",
    en="{planned}; by {channel}, which the customer prefers",
)

INSTEAD = Wording(
    "dunning.instead",
    fr="{planned} ; par {channel} : {why}",
    en="{planned}; by {channel}: {why}",
)

# -- held back

DOCUMENT_HELD = Wording(
    "dunning.document_held", fr="Pièce suspendue : {detail}", en="Document on hold: {detail}"
)
DOCUMENT_HELD_UNTIL = Wording(
    "dunning.document_held_until",
    fr="Pièce suspendue jusqu’au {until} : {detail}",
    en="Document on hold until {until}: {detail}",
)
CUSTOMER_HELD = Wording(
    "dunning.customer_held",
    fr="Relances du client suspendues : {detail}",
    en="Customer's reminders on hold: {detail}",
)
CUSTOMER_HELD_UNTIL = Wording(
    "dunning.customer_held_until",
    fr="Relances du client suspendues jusqu’au {until} : {detail}",
    en="Customer's reminders on hold until {until}: {detail}",
)
# the reason of a hold that nobody wrote (queries.dunning)
REPLY_WAITS = Wording(
    "dunning.reply_waits",
    fr="une réponse du client attend d’être lue",
    en="a reply of the customer waits to be read",
)
COVERED = Wording(
    "dunning.covered_by_credit",
    fr="Couvert par des avoirs ou des règlements non affectés du client",
    en="Covered by the customer's credit notes or unallocated receipts",
)
PENDING_RECEIPT = Wording(
    "dunning.receipt_to_confirm",
    fr="Un encaissement proposé pour cette pièce attend d’être confirmé",
    en="A receipt proposed for this document waits to be confirmed",
)
PAYMENT_ON_ITS_WAY = Wording(
    "dunning.payment_on_its_way",
    fr="Un paiement de cette pièce est en cours (carte ou prélèvement)",
    en="A payment of this document is on its way (card or direct debit)",
)
CHARGE_ANNOUNCED = Wording(
    "dunning.charge_announced",
    fr="Le prélèvement de cette pièce est annoncé au client pour le {until}",
    en="The customer was told that this document is charged on {until}",
)
NO_POLICY = Wording(
    "dunning.no_policy", fr="Aucun scénario de relance actif", en="No dunning policy is active"
)
NO_ADDRESS = Wording(
    "dunning.no_address",
    fr="Aucune adresse e-mail utilisable pour ce client",
    en="No usable e-mail address for this customer",
)
BAD_ADDRESS = Wording(
    "dunning.bad_address", fr="Adresse e-mail invalide : {detail}", en="Invalid e-mail address: {detail}"
)
BOUNCED = Wording(
    "dunning.bounced",
    fr="L’adresse {detail} a refusé un message : à corriger",
    en="The address {detail} refused a message: correct it",
)
NO_POSTAL_ADDRESS = Wording(
    "dunning.no_postal_address",
    fr="Aucune adresse postale complète pour ce client",
    en="No complete postal address for this customer",
)
LETTERS_RETURN = Wording(
    "dunning.letters_return",
    fr="Un courrier est revenu de l’adresse postale : corrigez-la",
    en="A letter came back from the postal address: correct it",
)
NO_PHONE = Wording(
    "dunning.no_phone", fr="Aucun numéro de téléphone pour ce client", en="No phone number for this customer"
)
TEXTS_STOPPED = Wording(
    "dunning.texts_stopped",
    fr="Le client ne veut plus de SMS (STOP)",
    en="The customer wants no more text messages (STOP)",
)
NUMBER_FAILED = Wording(
    "dunning.number_failed",
    fr="Le numéro {detail} n’a pas reçu un SMS : à corriger",
    en="The number {detail} took no text message: correct it",
)
NOT_A_MOBILE = Wording(
    "dunning.not_a_mobile",
    fr="Le numéro {detail} n’est pas un mobile : pas de SMS",
    en="The number {detail} is no mobile: no text message",
)
NO_CONSENT = Wording(
    "dunning.no_registered_consent",
    fr="Ce client n’est pas un professionnel et n’a pas accepté le recommandé électronique (CPCE, art. L100)",
    en="This customer is no professional and has not accepted electronic registered mail (CPCE, art. L100)",
)
NO_SERVICE = Wording(
    "dunning.no_service",
    fr="Aucun service n’envoie par ce canal : à brancher dans Réglages, Canaux",
    en="No service sends by this channel: connect one under Settings, Channels",
)
REFUSED_THERE = Wording(
    "dunning.refused_there",
    fr="Le service d’envoi a refusé : {detail}",
    en="The sending service refused: {detail}",
)
DOES_NOT_APPLY = Wording(
    "dunning.step_does_not_apply",
    fr="L’étape ne s’applique pas ici : elle demande « {condition} »",
    en='The step does not apply here: it asks for "{condition}"',
)
MESSAGE_WAITING = Wording(
    "dunning.message_waiting",
    fr="Un message {detail} à ce client attend déjà depuis le {until}",
    en="A message {detail} to this customer has been waiting since {until}",
)
MESSAGE_UNKNOWN = Wording(
    "dunning.message_unknown",
    fr="On ignore si le message {detail} du {until} est parti : à trancher",
    en="Whether message {detail} of {until} left is unknown: decide",
)
TOO_SOON = Wording(
    "dunning.too_soon",
    fr="Client contacté récemment : pas avant le {until}",
    en="Customer contacted lately: not before {until}",
)
WEEK_FULL = Wording(
    "dunning.week_full",
    fr="Assez de contacts en sept jours : pas avant le {until}",
    en="Enough contacts within seven days: not before {until}",
)
OTHER_LEVEL = Wording(
    "dunning.other_level",
    fr="Le message est à l’étape {detail}, celle du plus gros montant, déjà faite pour cette pièce",
    en="The message is at step {detail}, where most money is due, which this document had already",
)
FORMAL_NEEDS_REMINDER = Wording(
    "dunning.formal_needs_reminder",
    fr="Pas de mise en demeure sans une relance réellement envoyée auparavant",
    en="No formal notice before a reminder was really sent",
)
BELOW_MINIMUM = Wording(
    "dunning.below_minimum",
    fr="Reste dû de {amount}, sous le minimum du scénario ou de l’étape",
    en="{amount} left to pay, below the minimum of the policy or of the step",
)

HELD_OUT = Wording(
    "dunning.held_out",
    fr="Tirée au sort pour mesurer l’effet des relances : cette étape ne part pas, la suivante viendra à son jour",
    en="Drawn at random to measure what reminders do: this step does not leave, the next one comes on its day",
)

# -- cancelled or taken out when about to leave

SETTLED = Wording("dunning.settled", fr="Réglé entre-temps", en="Settled in the meantime")
NOTICE_TOO_LATE = Wording(
    "dunning.notice_too_late",
    fr="L’échéance du {until} est passée : le préavis n’a plus lieu d’être",
    en="The due date {until} has passed: the notice makes no sense any more",
)
NOT_APPROVED = Wording(
    "dunning.not_approved",
    fr="Cette étape demande l’accord d’une personne",
    en="This step needs a person's approval",
)

# -- warnings about the whole plan

BANK_UNKNOWN = Wording(
    "dunning.bank_unknown",
    fr="Aucun relevé bancaire importé : des factures relancées sont peut-être payées. Rien ne part sans votre accord exprès",
    en="No bank statement was imported: invoices may be paid already. Nothing leaves without your express consent",
)
BANK_OLD = Wording(
    "dunning.bank_old",
    fr="La banque n’est connue que jusqu’au {until} : importez un relevé avant d’envoyer des relances",
    en="The bank is known until {until} only: import a statement before sending reminders",
)

_BARE = {
    wording.code: wording
    for wording in (
        DOCUMENT_HELD,
        CUSTOMER_HELD,
        COVERED,
        PENDING_RECEIPT,
        PAYMENT_ON_ITS_WAY,
        CHARGE_ANNOUNCED,
        NO_POLICY,
        NO_ADDRESS,
        BAD_ADDRESS,
        BOUNCED,
        NO_POSTAL_ADDRESS,
        LETTERS_RETURN,
        NO_PHONE,
        TEXTS_STOPPED,
        NUMBER_FAILED,
        NOT_A_MOBILE,
        NO_CONSENT,
        NO_SERVICE,
        MESSAGE_WAITING,
        MESSAGE_UNKNOWN,
        TOO_SOON,
        WEEK_FULL,
        HELD_OUT,
        OTHER_LEVEL,
        FORMAL_NEEDS_REMINDER,
        SETTLED,
        NOTICE_TOO_LATE,
    )
}
# what these name: the address or the number that does not reach
ABOUT_EMAIL = (BAD_ADDRESS.code, BOUNCED.code)
ABOUT_PHONE = (NUMBER_FAILED.code, NOT_A_MOBILE.code)
_UNTIL = {DOCUMENT_HELD.code: DOCUMENT_HELD_UNTIL, CUSTOMER_HELD.code: CUSTOMER_HELD_UNTIL}


def held_sentence(row: Mapping[str, Any]) -> Sentence:
    """The words for a row of `Plan.held` or `Checked.dropped`."""
    code = row["reason"]
    if code == BELOW_MINIMUM.code:
        return BELOW_MINIMUM(amount=Money(row["remaining_cents"], row["currency"]))
    if code in CASE_CODES:
        return Sentence.from_json(json.loads(row["detail"]))
    if code == DOES_NOT_APPLY.code:
        return DOES_NOT_APPLY(condition=Sentence.from_json(json.loads(row["detail"])))
    if row["until_date"] is not None and code in _UNTIL:
        return _UNTIL[code](until=row["until_date"], detail=row["detail"] or "")
    params = {"until": row["until_date"], "detail": row["detail"]}
    return _BARE[code](**{key: value for key, value in params.items() if value is not None})


def action_sentence(row: Mapping[str, Any]) -> Sentence:
    """The words for a row of `Plan.actions`."""
    params: dict[str, Any] = {"step": row["step_code"], "due_date": row["leading_due_date"]}
    if row["reason"] != NOTICE.code:
        params["days"] = row["days_late"]
    if row["reason"] == FORMAL.code:
        params["reminded_date"] = row["reminded_date"]
    planned = Sentence(row["reason"], params)
    if row["is_preferred"] or row["is_fallback"]:
        by_another = PREFERRED_CHANNEL if row["is_preferred"] else OTHER_CHANNEL
        return by_another(planned=planned, channel=CHANNEL_NAMES[row["channel"]]())
    return planned


TEST_MODE = Wording(
    "message.test_mode",
    fr="La société est en mode test : rien ne part vers les clients",
    en="The company is in test mode: nothing leaves to customers",
)


def bank_warning(*, known_until: date | None, max_age_days: int, on: date) -> Sentence | None:
    """Whether the bank is known recently enough to write to customers; None when it is."""
    if known_until is None:
        return BANK_UNKNOWN()
    if (on - known_until).days > max_age_days:
        return BANK_OLD(until=known_until)
    return None
