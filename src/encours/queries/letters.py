"""The facts a letter to a customer tells."""

from datetime import date
from typing import cast

import polars as pl

from encours.core.interest import Debtor
from encours.core.letters import (
    Letter,
    LetterLine,
    Party,
    StatementLine,
    indemnity_cents,
    interest_or_nothing,
    section_of,
)
from encours.core.wording import Wording
from encours.store.models import Company, Customer, Document, Message, Payment, Receivable

RECEIPT = Wording("letter.receipt", fr="Règlement reçu", en="Payment received")


def letter(*, company: Company, message: Message, lines: pl.DataFrame, on: date) -> Letter:
    """The letter of a message whose `lines` (core.dunning.check) were just found to be asked for."""
    customer = Customer.objects.get(company=company, pk=message.customer_id)
    language = customer.language if customer.language in ("fr", "en") else company.language
    return Letter(
        reference=f"{company.pk}-{message.pk}",
        template=message.template,
        language=language,
        on=on,
        currency=message.currency,
        creditor=_creditor(company),
        debtor=_debtor(customer),
        contact_name=message.contact.name if message.contact else "",
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        lines=_lines(company, message, customer, lines, on),
        statement=_statement(company, customer, message.currency, language),
    )


def _lines(
    company: Company, message: Message, customer: Customer, lines: pl.DataFrame, on: date
) -> tuple[LetterLine, ...]:
    asked = {(row["document_id"], row["position"]): row for row in lines.iter_rows(named=True)}
    formal_steps = {message.step_code} if message.template == "formal_notice" else set()
    receivables = Receivable.objects.filter(
        company_id=company.pk, customer=customer, document_id__in={key[0] for key in asked}
    ).order_by("due_date", "document_id", "position")
    debtor = cast(Debtor, customer.kind)
    made, indemnified = [], set()
    for receivable in receivables:
        row = asked.get((receivable.document_id, receivable.position))
        if row is None:
            continue
        template = message.template if row["step_code"] in formal_steps else ""
        section = section_of(template=template, due_date=receivable.due_date, on=on)
        formal = section == "formal"
        interest = (
            interest_or_nothing(
                amount_cents=row["remaining_cents"], due_date=receivable.due_date, on=on, debtor=debtor
            )
            if formal
            else None
        )
        indemnity = (
            indemnity_cents(
                currency=message.currency, debtor=debtor, seen=indemnified, number=receivable.number
            )
            if formal
            else 0
        )
        indemnified.add(receivable.number)
        made.append(
            LetterLine(
                number=receivable.number,
                type=receivable.type,
                issue_date=receivable.issue_date,
                due_date=receivable.due_date,
                amount_cents=receivable.amount_cents,
                balance_cents=receivable.open_cents,
                asked_cents=row["remaining_cents"],
                section=section,
                position=receivable.position,
                interest=interest,
                indemnity_cents=indemnity,
            )
        )
    return tuple(made)


def _statement(
    company: Company, customer: Customer, currency: str, language: str
) -> tuple[StatementLine, ...]:
    documents = (
        Document.objects.filter(company=company, customer=customer, currency=currency)
        .exclude(open_cents=0)
        .order_by("issue_date", "id")
    )
    receipts = Payment.objects.filter(
        company=company, customer=customer, currency=currency, unallocated_cents__gt=0
    ).order_by("received_date", "id")
    lines = [
        StatementLine(
            label=document.number,
            kind=document.type,
            issue_date=document.issue_date,
            due_date=document.due_date if document.open_cents > 0 else None,
            amount_cents=-document.payable_cents
            if document.type == Document.Type.CREDIT_NOTE
            else document.payable_cents,
            balance_cents=document.open_cents,
        )
        for document in documents
    ]
    lines += [
        StatementLine(
            label=RECEIPT().say(language),
            kind="receipt",
            issue_date=receipt.received_date,
            due_date=None,
            amount_cents=-receipt.amount_cents,
            balance_cents=-receipt.unallocated_cents,
        )
        for receipt in receipts
    ]
    return tuple(lines)


def _creditor(company: Company) -> Party:
    return Party(
        name=company.name,
        legal_form=company.legal_form,
        siren=company.siren,
        vat_number=company.vat_number,
        street=company.street,
        postcode=company.postcode,
        city=company.city,
        country=company.country,
        email=company.email,
        phone=company.phone,
    )


def _debtor(customer: Customer) -> Party:
    return Party(
        name=customer.name,
        siren=customer.siren,
        vat_number=customer.vat_number,
        street=customer.street,
        postcode=customer.postcode,
        city=customer.city,
        country=customer.country,
        kind=cast(Debtor, customer.kind),
        code=customer.code,
    )
