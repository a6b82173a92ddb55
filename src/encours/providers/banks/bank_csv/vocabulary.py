"""How banks call their columns, and the columns that show that a table is something else."""

from encours.ports.tables import Vocabulary

# Best name first: of two columns that could be one field, the earlier one is taken. The booking date is what
# balances and statements go by, so it comes before the day of the purchase.
FIELDS: dict[str, tuple[str, ...]] = {
    "date": (
        "Date de comptabilisation", "Date comptable", "dateOp", "Date de la valeur (local)",
        "Settlement date (local)", "Date de la valeur (UTC)", "Settlement date (UTC)", "Date de règlement",
        "Booking date", "Posting date", "Posted date", "Date posted", "Booked", "Date", "Date opération",
        "Date d'opération", "Date de l'opération", "Date écriture", "Date de l'écriture", "Operation date",
        "Transaction date", "Date transaction", "Completed date", "Value date UTC",
    ),
    "value_date": ("Date de valeur", "Date valeur", "dateVal", "Valeur", "Value date", "Value"),
    "label": (
        "Libellé", "Libellé opération", "Libellé de l'opération", "Libellé d'opération", "Intitulé", "Label",
        "Description", "Transaction description", "Wording", "Narrative", "Communication", "Motif", "Memo",
        "Nature de l'opération", "Opération", "Transaction details", "Objet",
    ),
    "short_label": ("Libellé court", "Libellé simplifié"),
    "detail": (
        "Détail de l'écriture", "Informations complémentaires", "Détail", "Détails", "Detail", "Details",
        "Complément", "Libellé complémentaire", "Comment", "Commentaire", "Note", "Payment details", "Remittance",
    ),
    "operation_type": (
        "Type opération", "Type d'opération", "Type de l'opération", "Méthode de paiement", "Payment method",
        "Transaction type", "Operation type",
    ),
    "amount": (
        "Montant", "Amount", "Montant opération", "Montant de l'opération", "Montant opération en euro",
        "Montant(EUROS)", "Montant euros", "Montant en euros", "Montant en EUR", "Montant EUR", "Amount EUR",
        "Montant en devise du compte", "Transaction amount", "Montant net", "Net amount",
        "Montant total (TTC) (local)", "Montant total (TTC)", "Total amount (incl. VAT) (local)",
        "Total amount (incl. VAT)",
    ),
    "debit": (
        "Débit", "Debit", "Débit euros", "Débit EUR", "Débits", "Montant débit", "Montant au débit",
        "Debit amount", "Withdrawal", "Withdrawals", "Paid out", "Money out", "Sortie", "Dépense",
    ),
    "credit": (
        "Crédit", "Credit", "Crédit euros", "Crédit EUR", "Crédits", "Montant crédit", "Montant au crédit",
        "Credit amount", "Deposit", "Deposits", "Paid in", "Money in", "Entrée", "Recette",
    ),
    "direction": (
        "D/C", "C/D", "DC", "CD", "Sens", "Sens opération", "Debit/Credit", "Credit/Debit", "Débit/Crédit",
        "Crédit/Débit", "Direction", "Side", "Debit credit indicator", "Credit debit indicator",
    ),
    "currency": ("Devise", "Code devise", "Currency", "Currency code", "Monnaie", "Devise du compte"),
    "foreign_amount": (
        "Amount Currency", "Montant en devise", "Montant devise", "Montant d'origine", "Original amount",
        "Amount in currency",
    ),
    "balance": (
        "Solde", "Balance", "Solde après opération", "Solde progressif", "Solde comptable", "Running balance",
        "Balance after", "Solde en euros", "Solde EUR", "accountbalance", "Account balance",
    ),
    "bank_reference": (
        "Identifiant de transaction", "Transaction ID", "Numéro d'opération", "N° d'opération", "N° opération",
        "Operation Number", "Transaction number", "Numéro de transaction", "Référence bancaire",
        "Référence de l'opération", "Référence opération", "Bank reference", "Transaction reference", "FITID",
        "N° écriture", "Numéro d'écriture",
    ),
    "reference": ("Référence", "Reference", "Réf", "Ref", "Payment reference", "Référence client"),
    "end_to_end_id": ("End to end ID", "EndToEndId", "End-to-end reference", "Identifiant de bout en bout"),
    "mandate_id": ("RUM", "Référence du mandat", "Mandate reference", "Mandate ID"),
    "counterparty_name": (
        "Nom de la contrepartie", "Contrepartie", "Counterparty name", "Counterparty", "Partner Name",
        "Tiers", "supplierFound", "Payee", "Payer", "Donneur d'ordre", "Émetteur", "Bénéficiaire", "Beneficiary",
    ),
    "counterparty_account": (
        "IBAN de la contrepartie", "Compte de la contrepartie", "Counterparty IBAN", "Counterparty account",
        "IBAN contrepartie", "Partner IBAN", "Bank Account",
    ),
    "account": (
        "accountNum", "Numéro de compte", "N° de compte", "N° compte", "Numéro compte", "IBAN du compte",
        "Account number", "IBAN", "Compte",
    ),
    "status": ("Statut", "Status", "État", "State"),
}  # fmt: skip

# A table with one of these is a list of invoices or customers, an accounting export, or a payment journal.
FOREIGN = frozenset(
    {
        "Numéro", "Numéro facture", "Numéro de facture", "N° facture", "N° de facture", "Facture", "Factures",
        "Réf facture", "Référence facture", "Invoice", "Invoice number", "Invoice no", "Invoice #", "Invoice id",
        "Invoice date", "Date facture", "Date de facture", "Date de facturation", "Date d'émission",
        "Échéance", "Date échéance", "Date d'échéance", "Due date", "Due", "Payment terms",
        "Conditions de paiement", "Montant HT", "Total HT", "Total TTC", "Montant TTC", "Net à payer",
        "Amount due", "Reste à payer", "Reste dû", "Client", "Code client", "Numéro client", "N° client",
        "Nom client", "Customer", "Customer name", "Customer number", "Customer id", "Raison sociale", "SIREN",
        "SIRET", "Numéro TVA", "VAT number", "Code postal", "Postal code", "Ville", "City",
        "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum",
        "PieceRef", "PieceDate", "EcritureLib", "EcritureLet", "Code journal", "Journal", "Lettrage",
    }
)  # fmt: skip

# Enough to know that a row is the header of a bank's table …
NEEDS = (
    frozenset({"date", "amount", "label"}),
    frozenset({"date", "debit", "credit", "label"}),
    frozenset({"date", "amount", "balance"}),
    frozenset({"date", "debit", "credit", "balance"}),
    frozenset({"date", "amount", "counterparty_name", "status"}),
)
# … and enough to read one when a person says that it is.
ENOUGH = (*NEEDS, frozenset({"date", "amount"}), frozenset({"date", "debit", "credit"}))

BANK_TABLE = Vocabulary("bank_csv", fields=FIELDS, needs=NEEDS, foreign=FOREIGN)
BANK_TABLE_SAID = Vocabulary("bank_csv", fields=FIELDS, needs=ENOUGH)
