"""The facts a letter to a customer tells."""

from datetime import date
from typing import cast

import polars as pl
from django.db.models import Q

from encours.core.dunning.policy import FORMAL_NOTICE
from encours.core.interest import Debtor
from encours.core.letters import LETTER_LINES, Letter, Party, StatementLine, claim_of, sections_of
from encours.core.wording import Wording
from encours.store.frames import read_frame
from encours.store.models import Company, Customer, Document, Message, Payment

RECEIPT = Wording("letter.receipt", fr="Règlement reçu", en="Payment received")


_FACTS = """
SELECT document_id, position, number, issue_date, amount_cents FROM store_receivable
WHERE company_id = %s AND customer_id = %s AND currency = %s AND open_cents > 0
ORDER BY due_date, document_id, position
"""


def letter(*, company: Company, message: Message, lines: pl.DataFrame, on: date) -> Letter:
    """The letter of a message whose `lines` (core.dunning.check) were just found to be asked for; its statement of
    account is apart (`statement_lines`)."""
    customer = Customer.objects.get(company=company, pk=message.customer_id)
    debtor = _debtor(customer)
    asked = _lines(company, message, lines)
    return Letter(
        reference=f"{company.pk}-{message.pk}",
        template=message.template,
        language=customer.language if customer.language in ("fr", "en") else company.language,
        on=on,
        currency=message.currency,
        creditor=_creditor(company),
        debtor=debtor,
        contact_name=message.contact.name if message.contact else "",
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        sections=sections_of(lines=asked, on=on),
        claim=claim_of(lines=asked, on=on, currency=message.currency, debtor=debtor.kind),
    )


def _lines(company: Company, message: Message, lines: pl.DataFrame) -> pl.DataFrame:
    """LETTER_LINES, however many in two reads."""
    facts = read_frame(
        _FACTS,
        [company.pk, message.customer_id, message.currency],
        {
            "document_id": pl.Int64,
            "position": pl.Int64,
            "number": pl.String,
            "issue_date": pl.Date,
            "amount_cents": pl.Int64,
        },
    )
    is_noticed = (pl.col("step_code") == message.step_code) & pl.lit(message.template == FORMAL_NOTICE)
    return facts.join(
        lines.select(
            "document_id",
            "position",
            "due_date",
            balance_cents="open_cents",
            asked_cents="remaining_cents",
            is_noticed=is_noticed,
        ),
        on=["document_id", "position"],
        maintain_order="left",
    ).select(list(LETTER_LINES))


def statement_lines(*, company: Company, message: Message, language: str) -> tuple[StatementLine, ...]:
    """All that is open in the currency of a message, by date, receipts last."""
    own = {"company": company, "customer_id": message.customer_id, "currency": message.currency}
    documents = Document.objects.filter(~Q(open_cents=0), **own).order_by("issue_date", "id")
    receipts = Payment.objects.filter(unallocated_cents__gt=0, **own).order_by("received_date", "id")
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
