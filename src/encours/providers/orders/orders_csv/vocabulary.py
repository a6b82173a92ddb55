"""What lists of orders and of deliveries call their columns, in French and English."""

from encours.core.references import folded
from encours.ports.tables import Vocabulary
from encours.ports.tables.parties import IDENTITIES, PARTY_FIELDS

_ORDER_NUMBERS = (
    "N° commande", "N° de commande", "Numéro de commande", "Numéro commande", "Commande n°", "Num commande", "Commande",
    "Réf commande", "Référence commande", "N° commande client interne", "Order number", "Order no", "Order #",
    "Order ID", "Sales order", "Sales order number", "Order reference", "Order",
)  # fmt: skip
_NET = (
    "Montant HT", "Total HT", "HT", "Montant livré HT", "Montant commande HT", "Total commande HT", "Montant hors taxes",
    "Valeur HT", "Net amount", "Amount excl VAT", "Subtotal", "Total net", "Net", "Net total",
)  # fmt: skip
_TOTAL = (
    "Montant TTC", "Total TTC", "TTC", "Montant livré TTC", "Montant livré", "Montant commande TTC", "Montant commande",
    "Total commande", "Montant total", "Montant", "Total", "Valeur", "Total amount", "Order amount", "Order total",
    "Delivered amount", "Amount incl VAT", "Gross amount", "Gross", "Amount", "Value",
)  # fmt: skip
_TAX = ("Montant TVA", "TVA", "Montant de TVA", "Total TVA", "VAT", "VAT amount", "Tax", "Tax amount")
_RATE = ("Taux TVA", "Taux de TVA", "TVA %", "% TVA", "TVA (%)", "VAT rate", "VAT %", "Tax rate")
_CURRENCY = ("Devise", "Monnaie", "Code devise", "Currency", "Currency code")
# a table with one of these lists invoices or bank lines, whatever else it has
_OF_OTHERS = frozenset(
    {
        "JournalCode", "EcritureNum", "Date opération", "Date de l'opération", "Date valeur", "Solde après opération",
        "Date facture", "Date de facture", "Date d'échéance", "Échéance", "Date échéance", "Invoice date", "Due date",
        "Reste dû", "Solde dû", "Balance due",
    }
)  # fmt: skip

ORDERS = Vocabulary(
    "orders",
    fields={
        "order_number": (*_ORDER_NUMBERS, "N° devis", "N° de devis", "Numéro de devis", "Devis n°", "Quote number", "Quote no",
                         "Numéro", "N°", "Number", "Référence", "Reference"),
        "order_kind": ("Type", "Type de pièce", "Nature", "Type de commande", "Type de document", "Order type", "Document type"),
        "ordered_date": ("Date commande", "Date de commande", "Date de la commande", "Commandé le", "Date devis", "Date du devis",
                         "Date d'acceptation", "Order date", "Ordered on", "Date ordered", "Quote date", "Date"),
        "purchase_order": ("Réf commande client", "Référence commande client", "N° commande client", "Commande client",
                           "Référence client commande", "Votre référence", "Bon de commande", "N° bon de commande", "Engagement",
                           "N° engagement", "PO number", "PO", "Purchase order", "Customer order number", "Customer reference",
                           "Your reference"),
        "quote_number": ("Devis", "Devis d'origine", "N° devis d'origine", "Devis accepté", "Réf devis", "Référence devis", "Quote",
                         "Quotation", "Quote reference", "From quote"),
        "net": _NET,
        "tax": _TAX,
        "rate": _RATE,
        "total": _TOTAL,
        "deposit": ("Acompte", "Acompte prévu", "Acompte demandé", "Acompte attendu", "Acompte TTC", "Montant acompte",
                    "Montant de l'acompte", "% acompte", "Acompte %", "Acompte (%)", "Taux acompte", "Taux d'acompte",
                    "Part d'acompte", "Deposit", "Deposit amount", "Expected deposit", "Down payment", "Deposit %",
                    "Deposit rate", "Deposit share"),
        "currency": _CURRENCY,
        "label": ("Objet", "Libellé", "Désignation", "Description", "Intitulé de la commande", "Projet", "Chantier", "Affaire",
                  "Subject", "Label", "Project"),
        "order_state": ("État", "Statut", "État de la commande", "Statut commande", "Statut de la commande", "Order status",
                        "Order state", "Status", "State"),
        **{name: headers for name, headers in PARTY_FIELDS.items() if name != "kind"},
    },
    needs=[
        {"order_number", "ordered_date", amount, identity}
        for amount in ("total", "net") for identity in IDENTITIES
    ],
    foreign=_OF_OTHERS | {"N° facture", "Numéro de facture", "Facture", "Invoice number", "Invoice no", "Invoice", "Date livraison",
                          "Date de livraison", "N° BL", "Bon de livraison", "Delivery date"},
)  # fmt: skip

DELIVERIES = Vocabulary(
    "deliveries",
    fields={
        "order_number": (*_ORDER_NUMBERS, "N° devis", "N° de devis", "Devis", "Quote number", "Quote"),
        "delivery_number": ("N° BL", "BL", "N° bon de livraison", "Bon de livraison", "Numéro de bon de livraison", "N° livraison",
                            "N° de livraison", "Numéro de livraison", "Livraison", "Attachement", "Situation", "N° situation",
                            "PV de réception", "Référence", "Delivery note", "Delivery note number", "Delivery number",
                            "Delivery no", "Delivery ID", "Delivery", "Reference"),
        "delivered_date": ("Date livraison", "Date de livraison", "Livré le", "Livrée le", "Date BL", "Date du BL", "Date d'expédition",
                           "Date de réalisation", "Date prestation", "Date de prestation", "Réalisé le", "Delivery date",
                           "Delivered on", "Date delivered", "Delivered", "Shipped on", "Date"),
        "description": ("Désignation", "Description", "Libellé", "Objet", "Article", "Prestation", "Item", "Label"),
        "net": _NET,
        "tax": _TAX,
        "rate": _RATE,
        "total": _TOTAL,
        "currency": _CURRENCY,
        "document_number": ("N° facture", "Numéro de facture", "Facture", "Facture n°", "Facturé sur", "Invoice number",
                            "Invoice no", "Invoice"),
    },
    needs=[{"order_number", "delivered_date", amount} for amount in ("total", "net")],
    foreign=_OF_OTHERS,
)  # fmt: skip

KINDS = {
    "quote": ("DEVIS", "QUOTE", "QUOTATION", "OFFRE", "PROPOSITION", "PROPOSITION COMMERCIALE", "ESTIMATE", "D"),
    "order": (
        "COMMANDE", "ORDER", "SALES ORDER", "BON DE COMMANDE", "COMMANDE CLIENT", "MARCHE", "CONTRAT", "CONTRACT", "C", "BC",
    ),
}  # fmt: skip
# one that was delivered or invoiced elsewhere stays open: what of it is invoiced here is for us to say
STATES = {
    "open": (
        "OUVERTE", "OUVERT", "EN COURS", "OPEN", "ACCEPTEE", "ACCEPTE", "ACCEPTED", "VALIDEE", "VALIDE", "CONFIRMEE", "CONFIRME",
        "CONFIRMED", "SIGNEE", "SIGNE", "SIGNED", "ENVOYE", "ENVOYEE", "SENT", "EN ATTENTE", "PENDING", "LIVREE", "LIVRE", "DELIVERED",
        "PARTIELLEMENT LIVREE", "EXPEDIEE", "SHIPPED", "FACTUREE", "FACTURE", "INVOICED", "TERMINEE", "TERMINE", "COMPLETED", "DONE",
        "ACTIVE", "IN PROGRESS", "NEW", "NOUVELLE", "BROUILLON", "DRAFT", "GAGNE", "WON",
    ),
    "closed": ("SOLDEE", "SOLDE", "CLOTUREE", "CLOTURE", "CLOSED", "FERMEE", "ARCHIVEE", "ARCHIVED"),
    "cancelled": (
        "ANNULEE", "ANNULE", "CANCELLED", "CANCELED", "REFUSEE", "REFUSE", "REFUSED", "REJECTED", "DECLINED", "PERDU", "PERDUE", "LOST",
        "EXPIRE", "EXPIREE", "EXPIRED", "ABANDONNEE", "SANS SUITE",
    ),
}  # fmt: skip


def looked_up(words: dict[str, tuple[str, ...]], text: str) -> str:
    """Which of the names a cell stands for: "" for an empty one, "?" for one that is not known."""
    if not text:
        return ""
    said = " ".join(folded(text).replace("_", " ").replace("-", " ").split())
    return next((name for name, known in words.items() if said in known), "?")
