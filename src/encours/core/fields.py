"""What people call the fields of files, in refusals and on screens.

Scripts, `--map` and `Problem.field` use the canonical name; a sentence says the one of its reader's language.
"""

from encours.core.wording import Sentence, Wording

_NAMES = {
    # of documents
    "number": ("Numéro de facture", "Invoice number"),
    "type": ("Type de pièce (facture, avoir…)", "Type of document (invoice, credit note…)"),
    "issue_date": ("Date d’émission", "Date of issue"),
    "due_date": ("Date d’échéance", "Due date"),
    "currency": ("Devise", "Currency"),
    "net": ("Montant hors taxe", "Amount without VAT"),
    "tax": ("Montant de TVA", "Amount of VAT"),
    "rate": ("Taux de TVA", "VAT rate"),
    "total": ("Total TTC", "Total with VAT"),
    "instalment": ("Montant de l’échéance", "Amount of the instalment"),
    "balance": ("Solde", "Balance"),
    "paid": ("Montant déjà réglé", "Amount already paid"),
    "settled_date": ("Date de règlement", "Date of payment"),
    "purchase_order": ("Bon de commande", "Purchase order"),
    "corrects": ("Facture corrigée par un avoir", "Invoice a credit note corrects"),
    "payment_reference": ("Référence de paiement", "Payment reference"),
    "product_type": ("Type de produit", "Type of product"),
    "salesperson": ("Commercial", "Salesperson"),
    "seller": ("Vendeur", "Seller"),
    "seller_siren": ("SIREN du vendeur", "SIREN of the seller"),
    "payable_cents": ("Montant à payer", "Amount to pay"),
    "settled_cents": ("Montant déjà réglé", "Amount already paid"),
    "instalments": ("Échéances", "Instalments"),
    "settlement": ("Règlement", "Settlement"),
    "lettering": ("Lettrage", "Letter code"),
    "entry_date": ("Date de l’écriture", "Date of the entry"),
    # of customers
    "customer": ("Client", "Customer"),
    "buyer": ("Client", "Customer"),
    "party": ("Client", "Customer"),
    "code": ("Code client", "Customer code"),
    "name": ("Nom du client", "Customer name"),
    "siren": ("SIREN", "SIREN"),
    "siret": ("SIRET", "SIRET"),
    "vat_number": ("Numéro de TVA", "VAT number"),
    "street": ("Rue", "Street"),
    "postcode": ("Code postal", "Postcode"),
    "city": ("Ville", "City"),
    "country": ("Pays", "Country"),
    "email": ("Adresse e-mail", "E-mail address"),
    "phone": ("Téléphone", "Phone"),
    "contact": ("Interlocuteur", "Contact person"),
    "language": ("Langue", "Language"),
    "kind": (
        "Nature du client (entreprise, acheteur public, particulier)",
        "Kind of customer (company, public buyer, person)",
    ),
    "segment": ("Segment", "Segment"),
    "sector": ("Secteur", "Sector"),
    "payment_terms": ("Conditions de règlement", "Payment terms"),
    "preferred_channel": (
        "Canal préféré (e-mail, SMS, courrier, recommandé électronique)",
        "Preferred channel (e-mail, text message, letter, electronic registered mail)",
    ),
    # of orders and deliveries
    "order_number": ("Numéro de commande ou de devis", "Number of the order or quote"),
    "order_kind": ("Devis ou commande", "Quote or order"),
    "ordered_date": ("Date de commande", "Date of the order"),
    "quote_number": ("Devis accepté", "Quote accepted"),
    "deposit": ("Acompte (montant ou part)", "Deposit (amount or share)"),
    "order_state": ("État de la commande", "State of the order"),
    "delivery_number": ("Numéro du bon de livraison", "Number of the delivery note"),
    "delivered_date": ("Date de livraison", "Date of delivery"),
    "description": ("Désignation", "Description"),
    "document_number": ("Facture de la livraison", "Invoice of the delivery"),
    # of scores
    "score": ("Score sur 100 (100 : le meilleur payeur)", "Score out of 100 (100: the best payer)"),
    "score_20": ("Score sur 20", "Score out of 20"),
    "score_10": ("Score sur 10", "Score out of 10"),
    "given_date": ("Date du score", "Date of the score"),
    "valid_until": ("Valable jusqu’au", "Valid until"),
    "source": ("Source", "Source"),
    # of bank lines
    "date": ("Date de comptabilisation", "Booking date"),
    "value_date": ("Date de valeur", "Value date"),
    "label": ("Libellé", "Label"),
    "short_label": ("Libellé court", "Short label"),
    "detail": ("Détail de la ligne", "Details of the line"),
    "operation_type": ("Type d’opération", "Type of operation"),
    "amount": ("Montant", "Amount"),
    "debit": ("Débit", "Debit"),
    "credit": ("Crédit", "Credit"),
    "direction": ("Sens (débit ou crédit)", "Debit or credit"),
    "foreign_amount": ("Montant dans une autre devise", "Amount in another currency"),
    "bank_reference": ("Référence de la banque", "Reference of the bank"),
    "reference": ("Référence", "Reference"),
    "end_to_end_id": ("Référence de bout en bout", "End-to-end reference"),
    "mandate_id": ("Mandat (RUM)", "Mandate (RUM)"),
    "counterparty_name": ("Nom de la contrepartie", "Name of the other party"),
    "counterparty_account": ("Compte de la contrepartie", "Account of the other party"),
    "account": ("Compte", "Account"),
    "status": ("Statut de la ligne", "State of the line"),
    "booked_date": ("Date de l’opération", "Date of the transaction"),
    "opening_date": ("Date de l’ancien solde", "Date of the opening balance"),
    "closing_date": ("Date du nouveau solde", "Date of the closing balance"),
    "opening_cents": ("Solde initial", "Opening balance"),
    "closing_cents": ("Solde final", "Closing balance"),
    "amount_cents": ("Montant", "Amount"),
    # of the company
    "iban": ("IBAN", "IBAN"),
    "account_holder": ("Titulaire du compte", "Account holder"),
}
FIELD_NAMES = {name: Wording(f"field.{name}", fr=fr, en=en) for name, (fr, en) in _NAMES.items()}


def field_name(name: str) -> Sentence:
    """What a field is called, to be put into a sentence. KeyError for a name that is none of ours."""
    return FIELD_NAMES[name]()
