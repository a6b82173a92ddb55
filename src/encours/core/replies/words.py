"""What people call the intents of replies and the reasons of disputes in them."""

from collections.abc import Mapping

from encours.core.wording import Wording

INTENT_NAMES: Mapping[str, Wording] = {
    "promise": Wording("reply.promise", fr="promesse de paiement", en="promise to pay"),
    "dispute": Wording("reply.dispute", fr="litige", en="dispute"),
    "already_paid": Wording("reply.already_paid", fr="dit avoir déjà payé", en="says it is already paid"),
    "wrong_contact": Wording("reply.wrong_contact", fr="mauvais interlocuteur", en="wrong contact"),
    "out_of_office": Wording("reply.out_of_office", fr="absence du bureau", en="out of office"),
    "question": Wording("reply.question", fr="question", en="question"),
    "unsubscribe": Wording("reply.unsubscribe", fr="ne veut plus de messages", en="wants no more messages"),
    "other": Wording("reply.other", fr="autre", en="other"),
}

REASON_NAMES: Mapping[str, Wording] = {
    "refusal": Wording(
        "reply.reason.refusal", fr="refus sans autre motif", en="refusal without a further reason"
    ),
    "quality": Wording("reply.reason.quality", fr="qualité", en="quality"),
    "price": Wording("reply.reason.price", fr="prix", en="price"),
    "quantity": Wording("reply.reason.quantity", fr="quantité", en="quantity"),
    "delivery": Wording("reply.reason.delivery", fr="livraison", en="delivery"),
    "not_ordered": Wording("reply.reason.not_ordered", fr="non commandé", en="not ordered"),
    "duplicate": Wording("reply.reason.duplicate", fr="facturé deux fois", en="billed twice"),
    "already_credited": Wording("reply.reason.credit", fr="avoir attendu", en="credit note expected"),
    "invoice_error": Wording("reply.reason.invoice_error", fr="facture erronée", en="error on the invoice"),
    "not_due": Wording("reply.reason.not_due", fr="rien n'est dû", en="nothing is due"),
    "other": Wording("reply.reason.other", fr="autre motif", en="another reason"),
}

MATCHED_BY_NAMES: Mapping[str, Wording] = {
    "thread": Wording("reply.by.thread", fr="répond à notre message", en="answers our message"),
    "plus": Wording("reply.by.plus", fr="écrit à l'adresse de notre message", en="written to the address of our message"),
    "address": Wording("reply.by.address", fr="adresse d'un contact", en="address of a contact"),
    "number": Wording("reply.by.number", fr="cite une pièce du client", en="cites a document of the customer"),
    "domain": Wording("reply.by.domain", fr="domaine du client", en="the customer's domain"),
    "portal": Wording("reply.by.portal", fr="écrite dans le portail", en="written in the portal"),
    "person": Wording("reply.by.person", fr="attribuée par une personne", en="said by a person"),
}  # fmt: skip
