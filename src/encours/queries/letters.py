"""The facts a letter to a customer tells."""

from dataclasses import replace
from datetime import date
from typing import cast

import polars as pl
from django.db.models import Q

from encours.core.dunning.policy import FORMAL_NOTICE, NOTICES, Signer, Tone
from encours.core.interest import Debtor, UnableToComputeInterest
from encours.core.letter_templates.library import ASKS_NOTHING, CHARGE_NOTICE, RECEIPT, text_key
from encours.core.letters import (
    LETTER_LINES,
    AnnouncedCharge,
    Claim,
    EarlierLetter,
    Letter,
    Mandate,
    Party,
    StatementLine,
    claim_of,
    sections_of,
)
from encours.core.payments.automatic import charge_day
from encours.core.payments.direct_debits import mandate_told
from encours.core.payments.mandates import means_of
from encours.core.wording import Wording
from encours.queries.interest import (
    claimed_document_ids,
    customer_accruals,
    customer_indemnities,
    interest_terms,
)
from encours.queries.letter_settings import letter_settings
from encours.queries.portal_settings import portal_settings
from encours.queries.receipts_sent import receipt_of
from encours.queries.transfer_references import asked_reference
from encours.store.frames import read_frame
from encours.store.models import (
    ChargeNotice,
    Company,
    Customer,
    Document,
    LetterSettings,
    LetterTemplate,
    Message,
    Payment,
    PolicyStep,
)

RECEIVED = Wording("letter.receipt", fr="Règlement reçu", en="Payment received")


_FACTS = """
SELECT document_id, position, number, issue_date, amount_cents FROM store_receivable
WHERE company_id = %s AND customer_id = %s AND currency = %s AND open_cents > 0
ORDER BY due_date, document_id, position
"""


def letter(*, company: Company, message: Message, lines: pl.DataFrame, on: date) -> Letter:
    """The letter of a message whose `lines` (core.dunning.check) were just found to be asked for; its statement of
    account is apart (`statement_lines`)."""
    customer = Customer.objects.get(company=company, pk=message.customer_id)
    settings = letter_settings(company=company)
    asked = _lines(company, message, lines)
    tone, signed_by = _manner(company, message)
    facts = Letter(
        reference=letter_reference(message=message),
        template=message.template,
        language=customer.language if customer.language in ("fr", "en") else company.language,
        on=on,
        currency=message.currency,
        creditor=creditor_of(company),
        debtor=debtor_of(customer),
        contact_name=message.contact.name if message.contact else "",
        iban=company.iban,
        account_holder=company.account_holder or company.name,
        # what is announced is one sum, late or not
        sections=sections_of(lines=asked, on=date.min if message.template == CHARGE_NOTICE else on),
        claim=_claim(company, customer, message, asked, on),
        tone=tone,
        salesperson=customer.salesperson,
        signed_by=signed_by,
        mandate=_mandate(company, message, settings),
        formal_notice=_formal_notice(company, message),
        days_to_pay=settings.days_to_pay,
        paid_cents=message.amount_cents if message.template in ASKS_NOTHING else 0,
        receipt=receipt_of(company=company, message_id=message.pk) if message.template == RECEIPT else None,
        charge=_announced_charge(company, message, on) if message.template == CHARGE_NOTICE else None,
        payment_reference=payment_reference(company=company, lines=asked),
    )
    return with_own_text(company=company, letter=facts)


def _announced_charge(company: Company, message: Message, on: date) -> AnnouncedCharge:
    """A notice that leaves later than planned moves the charge: the days in between are the customer's."""
    notices = ChargeNotice.objects.filter(company=company, message=message)
    notice = notices.select_related("mandate__connection", "customer").first()
    assert notice is not None, "a notice of charges announces some"
    days = portal_settings(company=company).charge_notice_days
    mandate = notice.mandate
    identifier = mandate.connection.settings.get("creditor_identifier", "")
    return AnnouncedCharge(
        charge_day(notice.charge_date, on=on, notice_days=days),
        means_of(kind=mandate.kind, brand=mandate.brand, last_digits=mandate.last_digits),
        mandate_told(mandate.reference, creditor_identifier=identifier).say(notice.customer.language),
    )


def _claim(
    company: Company, customer: Customer, message: Message, asked: pl.DataFrame, on: date
) -> Claim | None:
    """What a notice claims; nothing of a consumer, nor in another currency than the law's."""
    noticed = asked.filter((pl.col("due_date") < on) & pl.col("is_noticed"))
    if noticed.is_empty() or message.currency != "EUR":
        return None
    return notice_claim(company=company, customer=customer, noticed=noticed, on=on)


def notice_claim(*, company: Company, customer: Customer, noticed: pl.DataFrame, on: date) -> Claim | None:
    """Interest and indemnities of the LETTER_LINES of a notice, what an earlier one claimed included."""
    terms, _ = interest_terms(company=company, customer=customer)
    if terms.debtor == "person":
        return None
    covered = {
        (document_id, position): balance - asked
        for document_id, position, balance, asked in noticed.select(
            "document_id", "position", "balance_cents", "asked_cents"
        ).iter_rows()
        if balance > asked
    }
    claimed_before = claimed_document_ids(company=company, customer=customer)
    ids = claimed_before | set(noticed["document_id"].to_list())
    try:
        found = customer_accruals(
            company=company, customer=customer, on=on, document_ids=ids, covered_cents=covered
        )
    except UnableToComputeInterest:
        due = customer_indemnities(company=company, customer=customer, on=on, document_ids=ids)
        return Claim(None, (), len(due), accruals=tuple(each for each in due if each.is_new))
    return claim_of(accruals=found, terms=terms)


def payment_reference(*, company: Company, lines: pl.DataFrame) -> str:
    """What a transfer for these LETTER_LINES quotes, when they are of one document; empty for several."""
    ids = lines["document_id"].unique().to_list()
    return asked_reference(company=company, document_id=ids[0]) if len(ids) == 1 else ""


def letter_reference(*, message: Message) -> str:
    """What both sides quote."""
    return f"{message.company_id}-{message.pk}"


def with_own_text(*, company: Company, letter: Letter) -> Letter:
    """The letter in the company's own words, where it has some for its template, tone and language."""
    template, tone = text_key(
        template=letter.template, tone=letter.tone, has_mandate=letter.mandate is not None
    )
    own = LetterTemplate.objects.filter(
        company=company, template=template, tone=tone, language=letter.language, is_active=True
    ).first()
    return replace(letter, text=own.text, text_id=own.pk) if own else letter


def _manner(company: Company, message: Message) -> tuple[Tone, Signer]:
    """Tone and signature, as the step of the message says; plain for one that no policy planned."""
    step = PolicyStep.objects.filter(
        company=company, policy_id=message.policy_id, code=message.step_code
    ).first()
    return (cast(Tone, step.tone), cast(Signer, step.signed_by)) if step else ("neutral", "company")


def mandate_of(*, settings: LetterSettings, first_letter: EarlierLetter | None) -> Mandate:
    """The third party that collects."""
    third_party = Party(
        name=settings.third_party_name,
        siren=settings.third_party_siren,
        street=settings.third_party_street,
        postcode=settings.third_party_postcode,
        city=settings.third_party_city,
        email=settings.third_party_email,
        phone=settings.third_party_phone,
    )
    return Mandate(third_party, settings.mandate_date, first_letter)


def _mandate(company: Company, message: Message, settings: LetterSettings) -> Mandate | None:
    if settings.collector != LetterSettings.Collector.THIRD_PARTY:
        return None
    first = _earlier(company, message, has_mandate_mentions=True)
    return mandate_of(settings=settings, first_letter=first)


def _formal_notice(company: Company, message: Message) -> EarlierLetter | None:
    """The formal notice a notice before court refers to."""
    if message.template not in NOTICES:
        return None
    return _earlier(company, message, template=FORMAL_NOTICE, currency=message.currency)


def _earlier(company: Company, message: Message, **which: object) -> EarlierLetter | None:
    """The last letter of a kind that really left."""
    found = (
        Message.objects.filter(
            company=company, customer_id=message.customer_id, state=Message.State.SENT, **which
        )
        .exclude(pk=message.pk)
        .order_by("-sent_date", "-id")
        .first()
    )
    if found is None or found.sent_date is None:
        return None
    return EarlierLetter(letter_reference(message=found), found.sent_date)


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
    is_noticed = (pl.col("step_code") == message.step_code) & pl.lit(message.template in NOTICES)
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
    return account_lines(
        company=company, customer_id=message.customer_id, currency=message.currency, language=language
    )


def account_lines(
    *, company: Company, customer_id: int, currency: str, language: str
) -> tuple[StatementLine, ...]:
    """All of a customer's that is open in a currency, by date, receipts last."""
    own = {"company": company, "customer_id": customer_id, "currency": currency}
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
            label=RECEIVED().say(language),
            kind="receipt",
            issue_date=receipt.received_date,
            due_date=None,
            amount_cents=-receipt.amount_cents,
            balance_cents=-receipt.unallocated_cents,
        )
        for receipt in receipts
    ]
    return tuple(lines)


def creditor_of(company: Company) -> Party:
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


def debtor_of(customer: Customer) -> Party:
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
