"""The reference a payer is asked to quote for a document."""

from collections.abc import Collection, Sequence

from django.db import connection

from encours.core.payments.transfer_reference import (
    Bearer,
    grouped,
    number_forms,
    number_reference,
    transfer_references,
)
from encours.core.references import compact
from encours.store.models import Company, Document

# Credit notes are not paid by transfer: they bear none.
_ALIKE = """
SELECT id, number, '' FROM store_document
WHERE company_id = %(company)s AND search_number = ANY(%(forms)s) AND type <> 'credit_note'
UNION ALL
SELECT id, '', compact_reference FROM store_document
WHERE company_id = %(company)s AND compact_reference = ANY(%(references)s) AND compact_reference <> ''
"""


def references_of(*, company: Company, document_ids: Collection[int]) -> dict[int, str]:
    """By document the compact creditor reference to quote; none for a credit note, nor where the document asks for another
    text. Two queries, however many documents."""
    return _references(company, _bearers(company, document_ids))


def asked_reference(*, company: Company, document_id: int) -> str:
    """What the payer of one document is asked to quote, as it is printed: a creditor reference, or what the document
    says. Empty for a credit note and for a document the company does not have."""
    bearers = _bearers(company, [document_id])
    reference = _references(company, bearers).get(document_id, "")
    return grouped(reference) or "".join(each.own_reference for each in bearers)


def _bearers(company: Company, document_ids: Collection[int]) -> list[Bearer]:
    if not document_ids:
        return []
    rows = Document.objects.filter(company=company, pk__in=document_ids).exclude(type="credit_note")
    return [Bearer(*row) for row in rows.values_list("pk", "number", "payment_reference")]


def _references(company: Company, bearers: Sequence[Bearer]) -> dict[int, str]:
    asking = [each.number for each in bearers if not each.own_reference]
    alike: list[tuple[int, str]] = []
    taken: dict[str, int] = {}
    if asking:
        known = {
            "company": company.pk,
            "forms": [form for number in asking for form in number_forms(compact(number))],
            "references": [reference for number in asking if (reference := number_reference(number))],
        }
        with connection.cursor() as cursor:
            cursor.execute(_ALIKE, known)
            for document_id, number, reference in cursor.fetchall():
                if reference:
                    taken[reference] = min(document_id, taken.get(reference, document_id))
                else:
                    alike.append((document_id, number))
    return transfer_references(bearers=bearers, alike=alike, taken=taken)
