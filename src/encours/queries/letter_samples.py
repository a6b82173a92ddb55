"""A letter as a real customer would get it today, for a text that is being written. Nothing is planned, nothing is sent."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import polars as pl
from django.db import connection

from encours.core.dunning.policy import COURTESY, NOTICES, Tone
from encours.core.letter_templates.library import (
    ASKS_NOTHING,
    CHARGE_NOTICE,
    PLAN_AGREEMENT,
    RECEIPT,
    THIRD_PARTY_NOTICE,
)
from encours.core.letters import (
    LETTER_LINES,
    AnnouncedCharge,
    EarlierLetter,
    Letter,
    LetterSection,
    Mandate,
    Party,
    PlanInstalment,
    Receipt,
    sections_of,
)
from encours.core.money import split_cents
from encours.core.payments.automatic import charge_day
from encours.core.payments.mandates import means_of
from encours.core.payments.methods import CARD, METHODS
from encours.queries.letter_settings import letter_settings
from encours.queries.letters import creditor_of, debtor_of, mandate_of, notice_claim, payment_reference
from encours.store.frames import read_frame
from encours.store.models import Company, Contact, Customer, LetterSettings

# Enough to see how a long letter looks.
MAX_LINES = 30
CHOICES = 25

_WHO = """
SELECT customer_id, c.name FROM (
  SELECT customer_id, sum(open_cents) AS overdue FROM store_document
  WHERE company_id = %s AND open_cents > 0 AND due_date < %s GROUP BY 1 ORDER BY 2 DESC LIMIT %s) d
JOIN store_customer c ON c.id = d.customer_id ORDER BY d.overdue DESC, c.name
"""
_LINES = """
SELECT document_id, number, position, issue_date, due_date, amount_cents, open_cents AS balance_cents, open_cents AS asked_cents, currency
FROM store_receivable WHERE company_id = %s AND customer_id = %s AND open_cents > 0 ORDER BY due_date, number, position
"""
_FIELDS = {name: LETTER_LINES[name] for name in list(LETTER_LINES)[:-1]} | {"currency": pl.String}


@dataclass(frozen=True)
class SampleCustomer:
    customer_id: int
    name: str


def sample_customers(*, company: Company, on: date) -> list[SampleCustomer]:
    """Customers to try a letter on: those with most overdue."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO, [company.pk, str(on), CHOICES])
        return [SampleCustomer(*row) for row in cursor.fetchall()]


def sample_letter(
    *, company: Company, customer_id: int | None, template: str, tone: str, language: str, on: date
) -> Letter | None:
    """The letter to a customer (the one with most overdue when none is given) over what they owe today; None when nobody
    owes anything. What only some letters tell is made up: an earlier notice, a plan in three parts, a charge by card."""
    customer = _customer(company, customer_id, on)
    if customer is None:
        return None
    lines = _lines(company, customer.pk, template, on)
    if lines.is_empty():
        return None
    currency = lines["currency"][0]
    lines = lines.filter(pl.col("currency") == currency).head(MAX_LINES)
    is_notice = template in (*NOTICES, THIRD_PARTY_NOTICE)
    lines = lines.with_columns(is_noticed=pl.lit(is_notice)).select(list(LETTER_LINES))
    settings = letter_settings(company=company)
    contact = Contact.objects.filter(company=company, customer=customer).order_by("-is_primary", "pk").first()
    asked_cents = int(lines["asked_cents"].sum())
    return Letter(
        reference=f"{company.pk}-0000",
        template="formal_notice" if template == THIRD_PARTY_NOTICE else template,
        language=language,
        on=on,
        currency=currency,
        creditor=creditor_of(company),
        debtor=debtor_of(customer),
        contact_name=contact.name if contact else "",
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        sections=_sections(lines, template, on),
        claim=notice_claim(company=company, customer=customer, noticed=lines, on=on)
        if is_notice and currency == "EUR"
        else None,
        tone=cast(Tone, tone),
        salesperson=customer.salesperson,
        mandate=_mandate(settings, on) if template == THIRD_PARTY_NOTICE else None,
        formal_notice=EarlierLetter(f"{company.pk}-0000", on - timedelta(days=15))
        if template == "notice_before_court"
        else None,
        days_to_pay=settings.days_to_pay,
        plan=_plan(asked_cents, on) if template == PLAN_AGREEMENT else (),
        paid_cents=asked_cents if template in ASKS_NOTHING else 0,
        receipt=_receipt(lines, on) if template == RECEIPT else None,
        charge=_charge(on) if template == CHARGE_NOTICE else None,
        payment_reference=payment_reference(company=company, lines=lines),
    )


def _sections(lines: pl.DataFrame, template: str, on: date) -> tuple[LetterSection, ...]:
    """Thanks are about nothing, a notice of charges about one sum, late or not."""
    if template in ASKS_NOTHING:
        return ()
    return sections_of(lines=lines, on=date.min if template == CHARGE_NOTICE else on)


def _charge(on: date) -> AnnouncedCharge:
    """Made up: a card in two weeks."""
    means = means_of(kind="card", brand="visa", last_digits="4242")
    return AnnouncedCharge(charge_day(on, on=on, notice_days=14), means, "EC0000000000000000")


def _receipt(lines: pl.DataFrame, on: date) -> Receipt:
    """Made up: all of it, by card."""
    settled = tuple(
        lines.group_by("number", maintain_order=True).agg(pl.col("asked_cents").sum()).iter_rows()
    )
    amount_cents = int(lines["asked_cents"].sum())
    return Receipt(on, METHODS[CARD](), "EC0000000000000000", amount_cents, settled, 0, 0)


def _customer(company: Company, customer_id: int | None, on: date) -> Customer | None:
    if customer_id is None:
        first = sample_customers(company=company, on=on)[:1]
        customer_id = first[0].customer_id if first else None
    return Customer.objects.filter(company=company, pk=customer_id).first()


def _lines(company: Company, customer_id: int, template: str, on: date) -> pl.DataFrame:
    """What a letter of a template is about: for a notice before the due date what is still to come."""
    lines = read_frame(_LINES, [company.pk, customer_id], _FIELDS)
    if template == COURTESY:
        coming = lines.filter(pl.col("due_date") >= on)
        # nothing to come: the oldest, as if it were
        return coming if len(coming) else lines.with_columns(due_date=pl.lit(on + timedelta(days=7)))
    return lines.filter(pl.col("due_date") < on)


def _mandate(settings: LetterSettings, on: date) -> Mandate:
    """The company's, or one to see what the letter will look like."""
    if settings.third_party_name:
        return mandate_of(settings=settings, first_letter=None)
    made_up = Party(name="Cabinet Exemple", street="1 place de la Mairie", postcode="75001", city="Paris")
    return Mandate(made_up, on - timedelta(days=30))


def _plan(cents: int, on: date) -> tuple[PlanInstalment, ...]:
    return tuple(
        PlanInstalment(on + timedelta(days=30 * rank), part)
        for rank, part in enumerate(split_cents(cents, [1, 1, 1]), start=1)
    )
