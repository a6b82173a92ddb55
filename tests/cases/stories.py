"""What the stories of disputes, promises and plans are made of: days of a March, receipts, a bank known so far."""

from datetime import date

from encours.actions.allocate import Portion, allocate
from encours.store.models import Company, Customer, Document
from tests import cast


def day(number: int) -> date:
    """A day of March 2026, and on into April."""
    return date.fromordinal(date(2026, 3, 1).toordinal() + number - 1)


def pays(company: Company, customer: Customer, amount_cents: int, on: date, document: Document) -> int:
    """Money for a document; the allocation's id."""
    payment = cast.receipt(company, customer, amount_cents=amount_cents, received_date=on)
    portions = [Portion(document.pk, amount_cents)]
    return allocate(company=company, payment_id=payment.pk, portions=portions, on=on, actor="test")[0]


def bank_known(company: Company, until: date) -> None:
    cast.statement(company, cast.bank_account(company), known_until_date=until)
