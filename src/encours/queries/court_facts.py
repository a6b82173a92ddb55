"""What is known of a customer's debt when a file is made for a court. A fixed number of queries, however much is owed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django.db import connection

from encours.core.court_files.claim import Credit, Debt, Part, Waiver
from encours.core.court_files.facts import CourtFacts, Notice, OpenDispute, OpenPromise, Original
from encours.core.court_files.limitation import PAID_PART, PLAN_AGREED, PROMISED, Acknowledgment
from encours.core.dunning.policy import NOTICES
from encours.core.interest import DayCount, InterestTerms, PartPayment
from encours.core.reference_rates import ECB_RATES, Half
from encours.core.wording import Wording
from encours.queries.letters import creditor_of, debtor_of, letter_settings
from encours.store.models import Company, CourtFile, Customer, Instalment, InterestClaim, Paper, ReferenceRate

CURRENCY = "EUR"  # interest and indemnity are the law's in euros alone
RECEIPT = Wording("court.receipt", fr="Règlement du {day}", en="Payment of {day}")
CREDIT_NOTE = Wording("court.credit_note", fr="Avoir {number}", en="Credit note {number}")

_DOCUMENTS = """
SELECT d.id, d.number, d.type, d.issue_date, d.due_date, d.payable_cents, d.open_cents, d.instalment_count,
       coalesce(b.kind, '')
FROM store_document d LEFT JOIN store_importbatch b ON b.id = d.batch_id AND b.company_id = d.company_id
WHERE d.company_id = %s AND d.customer_id = %s AND d.currency = %s AND d.open_cents > 0
  AND d.type IN ('invoice', 'deposit')
ORDER BY d.due_date, d.id
"""
_PAID = """
SELECT a.document_id, p.received_date, sum(a.amount_cents)::bigint
FROM store_allocation a JOIN store_payment p ON p.id = a.payment_id AND p.company_id = a.company_id
WHERE a.company_id = %s AND a.document_id = ANY(%s) AND a.undone_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
_RECEIPTS = """
SELECT received_date, unallocated_cents FROM store_payment
WHERE company_id = %s AND customer_id = %s AND currency = %s AND unallocated_cents > 0 ORDER BY received_date, id
"""
_CREDIT_NOTES = """
SELECT number, -open_cents FROM store_document
WHERE company_id = %s AND customer_id = %s AND currency = %s AND open_cents < 0 ORDER BY issue_date, id
"""
_NOTICES = """
SELECT DISTINCT ON (r.document_id) r.document_id, m.id, m.sent_date, m.channel,
       EXISTS (SELECT 1 FROM store_messageattachment a
               WHERE a.company_id = m.company_id AND a.message_id = m.id AND a.kind = 'proof')
       OR EXISTS (SELECT 1 FROM store_deliveryreport t
                  WHERE t.company_id = m.company_id AND t.message_id = m.id
                    AND t.kind IN ('accepted', 'refused', 'unclaimed'))
FROM store_reminder r JOIN store_message m ON m.id = r.message_id AND m.company_id = r.company_id
WHERE r.company_id = %s AND r.customer_id = %s AND r.document_id = ANY(%s) AND r.counts
  AND m.template = ANY(%s) AND m.state = 'sent' AND m.sent_date <= %s
ORDER BY r.document_id, m.sent_date, m.id
"""
_DISPUTES = """
SELECT document_id, opened_date, reason_code, disputed_cents FROM store_dispute
WHERE company_id = %s AND document_id = ANY(%s) AND resolved_date IS NULL
"""
_PROMISES = """
SELECT pd.document_id, p.recorded_date, p.promised_date, p.amount_cents, p.state
FROM store_promisedocument pd JOIN store_promise p ON p.id = pd.promise_id AND p.company_id = pd.company_id
WHERE pd.company_id = %s AND pd.document_id = ANY(%s) ORDER BY p.recorded_date, p.id
"""
_PLANS = """
SELECT pd.document_id, p.agreed_date, p.state
FROM store_plandocument pd JOIN store_paymentplan p ON p.id = pd.plan_id AND p.company_id = pd.company_id
WHERE pd.company_id = %s AND pd.document_id = ANY(%s) ORDER BY p.agreed_date, p.id
"""
_OTHER_CURRENCIES = """
SELECT DISTINCT currency FROM store_document
WHERE company_id = %s AND customer_id = %s AND open_cents > 0 AND currency <> %s AND due_date < %s ORDER BY 1
"""


def court_facts(*, company: Company, customer_id: int, on: date) -> CourtFacts | None:
    """All that decides what may be claimed from a customer on a day; None when the company has no such customer."""
    customer = Customer.objects.filter(company=company, pk=customer_id).first()
    if customer is None:
        return None
    debtor = debtor_of(customer)
    documents = _read(_DOCUMENTS, company.pk, customer_id, CURRENCY)
    ids = [row[0] for row in documents]
    paid: dict[int, list[PartPayment]] = defaultdict(list)
    for document_id, day, cents in _read(_PAID, company.pk, ids):
        paid[document_id].append(PartPayment(day, cents))
    papers = list(
        Paper.objects.filter(company=company, customer=customer, removed_at=None).values_list(
            "kind", "document_id"
        )
    )
    promises = _read(_PROMISES, company.pk, ids)
    plans = _read(_PLANS, company.pk, ids)
    return CourtFacts(
        on=on,
        creditor=creditor_of(company),
        debtor=debtor,
        terms=_terms(company, customer),
        debts=_debts(company, documents, paid),
        credits=_credits(company, customer_id),
        waivers=_waivers(company, ids),
        originals=_originals(documents, papers),
        notices={
            document_id: Notice(message_id, day, channel, proof)
            for document_id, message_id, day, channel, proof in _read(
                _NOTICES, company.pk, customer_id, ids, list(NOTICES), str(on)
            )
        },
        disputes={row[0]: OpenDispute(*row[1:]) for row in _read(_DISPUTES, company.pk, ids)},
        promises={row[0]: OpenPromise(*row[1:4]) for row in promises if row[4] == "open" and row[2] >= on},
        plans={row[0]: row[1] for row in plans if row[2] == "agreed"},
        acknowledgments=_acknowledgments(paid, promises, plans, on),
        handed_over=_handed_over(company, customer_id),
        paper_kinds=frozenset(kind for kind, document_id in papers if document_id is None or document_id in set(ids)),
        other_currencies=tuple(
            row[0] for row in _read(_OTHER_CURRENCIES, company.pk, customer_id, CURRENCY, str(on))
        ),
    )  # fmt: skip


def _debts(
    company: Company, documents: Sequence[tuple[Any, ...]], paid: dict[int, list[PartPayment]]
) -> tuple[Debt, ...]:
    parts: dict[int, list[Part]] = defaultdict(list)
    split = [row[0] for row in documents if row[7]]
    if split:
        rows = Instalment.objects.filter(company=company, document_id__in=split).order_by("position")
        for document_id, position, due_date, cents in rows.values_list(
            "document_id", "position", "due_date", "amount_cents"
        ):
            parts[document_id].append(Part(position, due_date, cents))
    return tuple(
        Debt(
            document_id=id_, number=number, type=kind, issue_date=issued, payable_cents=payable, open_cents=open_cents,
            parts=tuple(parts[id_]) or (Part(0, due, payable),), payments=tuple(paid[id_]),
            # credit notes, discounts, write-offs: whatever is no money
            reduced_cents=payable - open_cents - sum(payment.cents for payment in paid[id_]),
        )
        for id_, number, kind, issued, due, payable, open_cents, _, _ in documents
    )  # fmt: skip


def _credits(company: Company, customer_id: int) -> tuple[Credit, ...]:
    key = [company.pk, customer_id, CURRENCY]
    notes = [
        Credit(CREDIT_NOTE(number=number).say("fr"), cents) for number, cents in _read(_CREDIT_NOTES, *key)
    ]
    receipts = [Credit(RECEIPT(day=day).say("fr"), cents, day) for day, cents in _read(_RECEIPTS, *key)]
    return (*notes, *receipts)


def _terms(company: Company, customer: Customer) -> InterestTerms:
    settings = letter_settings(company=company)
    added: dict[Half, int] = {
        (row.year, row.half): row.ecb_basis_points for row in ReferenceRate.objects.filter(company=company)
    }
    return InterestTerms(
        debtor=cast(Any, customer.kind),
        agreed_basis_points=settings.agreed_basis_points,
        day_count=cast(DayCount, settings.day_count),
        ecb_rates={**added, **ECB_RATES},
    )


def _waivers(company: Company, ids: list[int]) -> tuple[Waiver, ...]:
    rows = InterestClaim.objects.filter(
        company=company, document_id__in=ids, state=InterestClaim.State.WAIVED
    ).order_by("pk")
    return tuple(
        Waiver(
            row.document_id, row.position, row.from_date, row.to_date, with_indemnity=row.indemnity_cents > 0
        )
        for row in rows
    )


def _originals(
    documents: Sequence[tuple[Any, ...]], papers: Sequence[tuple[str, int | None]]
) -> dict[int, Original]:
    attached = {document_id for kind, document_id in papers if kind == "invoice"}
    by_kind: dict[str, Original] = {"facturx": "pdf", "ubl": "xml", "cii": "xml"}
    return {row[0]: "pdf" if row[0] in attached else by_kind.get(row[8], "books") for row in documents}


def _acknowledgments(
    paid: dict[int, list[PartPayment]], promises: Sequence[Any], plans: Sequence[Any], on: date
) -> dict[int, tuple[Acknowledgment, ...]]:
    found: dict[int, list[Acknowledgment]] = defaultdict(list)
    for document_id, payments in paid.items():
        found[document_id] += [Acknowledgment(payment.date, PAID_PART) for payment in payments]
    for document_id, day, *_ in promises:
        found[document_id].append(Acknowledgment(day, PROMISED))
    for document_id, day, _ in plans:
        found[document_id].append(Acknowledgment(day, PLAN_AGREED))
    return {key: tuple(act for act in acts if act.day <= on) for key, acts in found.items()}


def _handed_over(company: Company, customer_id: int) -> dict[int, date]:
    rows = CourtFile.objects.filter(
        company=company, customer_id=customer_id, handed_over_date__isnull=False
    ).order_by("handed_over_date")
    return {
        document_id: row.handed_over_date
        for row in rows
        if row.handed_over_date
        for document_id in row.document_ids
    }


def _read(query: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return cursor.fetchall()
