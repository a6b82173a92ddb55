"""The statement of account a customer takes for itself, without a message it would go with."""

from datetime import date

from encours.actions.letter_facts import labels_of
from encours.actions.render_message import file_name
from encours.actions.render_statement import render_statement
from encours.core.letters import Letter
from encours.ports.channels import Attachment
from encours.queries.letters import account_lines, creditor_of, debtor_of
from encours.store.models import Company, Contact, Customer


def portal_statement(
    *, company: Company, customer: Customer, contact: Contact | None, currency: str, language: str, on: date
) -> Attachment | None:
    """All that is open in a currency, as of today; None when nothing is."""
    lines = account_lines(company=company, customer_id=customer.pk, currency=currency, language=language)
    if not lines:
        return None
    letter = Letter(
        reference=f"R{on:%Y%m%d}",
        template="statement",
        language=language,
        on=on,
        currency=currency,
        creditor=creditor_of(company),
        debtor=debtor_of(customer),
        contact_name=contact.name if contact else "",
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        sections=(),
    )
    name = file_name(letter, labels_of(language)["statement"])
    return Attachment(name, "application/pdf", render_statement(letter=letter, lines=lines))
