"""What lists of invoices call their columns, in French and English."""

from encours.ports.tables import Vocabulary
from encours.ports.tables.parties import IDENTITIES, PARTY_FIELDS

FIELDS: dict[str, tuple[str, ...]] = {
    "number": (
        "N° facture", "Numéro de facture", "N° de facture", "Numéro facture", "Num facture", "N° fact", "Facture n°",
        "Facture", "N° pièce", "Numéro de pièce", "Numéro pièce", "Pièce", "N° document", "Numéro de document",
        "Numéro document", "Document", "Référence facture", "Réf facture", "Réf. facture", "Numéro", "N°", "Num", "No",
        "Invoice number", "Invoice no", "Invoice #", "Invoice num", "Invoice ID", "Invoice", "Document number",
        "Document no", "Doc number", "Doc ID", "Number",
    ),
    "type": (
        "Type de document", "Type document", "Type de pièce", "Type pièce", "Type de facture", "Type facture", "Nature",
        "Nature de pièce", "Type", "Document type", "Invoice type", "Doc type",
    ),
    "issue_date": (
        "Date facture", "Date de facture", "Date de la facture", "Date de facturation", "Date facturation",
        "Date d'émission", "Date émission", "Émise le", "Date pièce", "Date de pièce", "Date document",
        "Date du document", "Invoice date", "Issue date", "Issued on", "Document date", "Posting date", "Date",
    ),
    "due_date": (
        "Date d'échéance", "Date échéance", "Échéance", "Date limite de paiement", "Date limite", "À payer avant",
        "À régler avant le", "Due date", "Due", "Due in date", "Payment due date", "Due on", "Maturity date",
    ),
    "currency": ("Devise", "Monnaie", "Code devise", "Currency", "Currency code", "Invoice currency"),
    "net": (
        "Montant HT", "Total HT", "HT", "Montant hors taxes", "Total hors taxes", "Hors taxe", "Base HT", "Net HT",
        "Net amount", "Net total", "Amount excl VAT", "Amount excluding VAT", "Total excl VAT", "Subtotal", "Sub total",
        "Total net", "Amount excl tax", "Untaxed amount",
    ),
    "tax": (
        "Montant TVA", "Total TVA", "TVA", "Montant de TVA", "Montant de la TVA", "VAT", "VAT amount", "Total VAT", "Tax",
        "Tax amount", "Total tax",
    ),
    "rate": ("Taux TVA", "Taux de TVA", "Taux", "TVA %", "% TVA", "TVA (%)", "VAT rate", "VAT %", "Tax rate"),
    "total": (
        "Montant TTC", "Total TTC", "TTC", "Net à payer", "Montant toutes taxes comprises", "Montant de la facture",
        "Montant facture", "Montant total", "Total facture", "Montant", "Total", "Total amount", "Invoice amount",
        "Gross amount", "Amount incl VAT", "Amount including VAT", "Total incl VAT", "Grand total", "Amount due",
        "Invoice total", "Amount", "Gross", "Gross total", "Amount incl tax",
    ),
    "instalment": (
        "Montant échéance", "Montant de l'échéance", "Montant à l'échéance", "Montant d'échéance", "Instalment amount",
        "Installment amount", "Amount of instalment", "Instalment", "Installment",
    ),
    "balance": (
        "Reste dû", "Restant dû", "Reste à payer", "Reste à régler", "Montant restant dû", "Montant restant", "Reste",
        "Montant dû", "Solde dû", "Solde", "Solde restant", "Solde restant dû", "Encours", "Balance due", "Balance",
        "Open amount", "Amount open", "Outstanding", "Outstanding amount", "Remaining amount", "Remaining",
    ),
    "paid": (
        "Montant réglé", "Réglé", "Déjà réglé", "Déjà payé", "Montant payé", "Payé", "Montant encaissé", "Encaissé",
        "Acompte versé", "Amount paid", "Paid amount", "Paid", "Total paid", "Received",
    ),
    "settled_date": (
        "Date de règlement", "Date règlement", "Date de paiement", "Date paiement", "Date d'encaissement",
        "Date encaissement", "Réglée le", "Payée le", "Payment date", "Paid date", "Paid on", "Settled date",
        "Settlement date", "Clear date",
    ),
    "purchase_order": (
        "N° commande", "Numéro de commande", "N° de commande", "Bon de commande", "N° bon de commande", "Commande",
        "Réf commande", "Référence commande", "Engagement", "N° engagement", "PO number", "PO", "Purchase order",
        "Purchase order number", "Order number", "Order reference",
    ),
    "corrects": (
        "Facture d'origine", "N° facture d'origine", "Facture origine", "Facture corrigée", "Facture avoirée",
        "Avoir sur facture", "Original invoice", "Corrected invoice", "Credited invoice", "Corrects",
    ),
    "payment_reference": (
        "Référence de paiement", "Référence paiement", "Référence à rappeler", "Payment reference",
        "Remittance reference",
    ),
    "product_type": (
        "Type de produit", "Type de prestation", "Prestation", "Famille produit", "Gamme", "Product type", "Product",
        "Service type", "Product range",
    ),
    "salesperson": (
        "Commercial", "Vendeur", "Représentant", "Responsable commercial", "Chargé d'affaires", "Sales rep",
        "Salesperson", "Sales person", "Account manager",
    ),
    "seller": ("Vendeur (société)", "Émetteur", "Fournisseur", "Seller", "Supplier", "Seller name"),
    "seller_siren": ("SIREN émetteur", "SIREN vendeur", "SIREN fournisseur", "Seller SIREN", "Supplier SIREN"),
} | PARTY_FIELDS  # fmt: skip

_AMOUNTS = ({"total"}, {"balance"}, {"net", "tax"}, {"net", "rate"})
VOCABULARY = Vocabulary(
    "invoices_csv",
    fields=FIELDS,
    needs=[
        {"number", "issue_date", *amount, identity} for amount in _AMOUNTS for identity in IDENTITIES
    ],
    # a table with one of these is the bank's or a ledger's, whatever else it has
    foreign=frozenset(
        {
            "JournalCode", "EcritureNum", "Compte général", "Date opération", "Date de l'opération",
            "Date de comptabilisation", "Libellé opération", "Date valeur", "Date de valeur", "IBAN du compte",
            "Solde après opération", "Transaction date", "Value date", "Running balance",
        }
    ),
)  # fmt: skip

TYPES = {
    "invoice": (
        "F", "FA", "FAC", "FACT", "FACTURE", "FACTURE CLIENT", "FACTURE DE VENTE", "FACTURE FINALE", "FC", "FV", "380",
        "INVOICE", "INV", "SALES INVOICE", "CUSTOMER INVOICE", "BILL", "FACTURE DE SOLDE", "FINAL INVOICE", "DEBIT", "384",
    ),
    "credit_note": (
        "A", "AV", "AVO", "AVOIR", "AVOIR CLIENT", "FACTURE D AVOIR", "NOTE DE CREDIT", "NC", "NDC", "381", "CREDIT NOTE",
        "CREDIT", "CREDIT MEMO", "CN", "CR", "SALES CREDIT NOTE", "REFUND", "CREDIT_NOTE",
    ),
    "deposit": (
        "AC", "ACO", "ACOMPTE", "FACTURE D ACOMPTE", "FACTURE ACOMPTE", "386", "DEPOSIT", "DEPOSIT INVOICE", "PREPAYMENT",
        "PREPAYMENT INVOICE", "DOWN PAYMENT", "DOWN PAYMENT INVOICE", "FAC ACOMPTE",
    ),
}  # fmt: skip
CURRENCIES = {
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "$": "USD", "US$": "USD", "DOLLAR": "USD", "DOLLARS": "USD", "£": "GBP",
    "LIVRE": "GBP", "LIVRES": "GBP", "FRANC SUISSE": "CHF", "FCFA": "XOF",
}  # fmt: skip
