"""What matching reads: bank lines that wait, what is open, who paid for whom, and what people said before."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from django.db import connection, transaction

from encours.core.matching.frames import CUSTOMERS, DOCUMENTS, LINES
from encours.core.matching.prior import TRUSTED_FROM, UNCITED, Experience
from encours.core.matching.texts import Masks
from encours.core.matching.told_payers import payers_of_lines
from encours.core.statements import RETURNED, TAKEN_BACK
from encours.store.frames import read_frame, staged
from encours.store.models import BankAccount, Company, Transaction

# By what the lines say, not by id: the order in which files came in changes nothing.
_ORDER = """t.booked_date, t.amount_cents, t.remittance COLLATE "C", t.counterparty_name COLLATE "C",
         t.end_to_end_id COLLATE "C", t.counterparty_iban COLLATE "C", t.identity COLLATE "C", t.id"""
_WAITING = f"""
SELECT t.id FROM store_transaction t WHERE t.company_id = %s AND t.state IN ('new', 'proposed') ORDER BY {_ORDER}
"""
# In the order of schema `LINES`, of a transaction t. A camt file may give one payment several structured references.
LINE_COLUMNS = f"""t.id, t.booked_date, t.amount_cents, t.currency, t.bank_reference, t.end_to_end_id,
       concat_ws(' ', t.structured_reference, t.extra ->> 'structured_references'), t.remittance, t.counterparty_name, t.counterparty_iban, t.mandate_id, t.operation_code,
       t.return_reason, t.extra ? '{RETURNED}', t.extra ? '{TAKEN_BACK}', t.state"""
_LINES = f"""
SELECT {LINE_COLUMNS} FROM store_transaction t
WHERE t.company_id = %s AND t.id = ANY(%s) AND t.state IN ('new', 'proposed')
ORDER BY {_ORDER}
"""
_COLUMNS = """d.id, d.customer_id, c.name, d.number, d.search_number, d.type, d.payment_reference, d.currency,
       d.issue_date, d.due_date, d.payable_cents, d.open_cents"""
_AMOUNTS = "string_agg(amount_cents::text, ' ' ORDER BY due_date, position)"
_DOCUMENTS = f"""
WITH wanted AS (
  SELECT d.id FROM store_document d JOIN {{keys}} k ON k.kind = 'number' AND k.key = d.search_number
  WHERE d.company_id = %s
  UNION
  SELECT d.id FROM store_document d JOIN {{keys}} k ON k.kind = 'reference'
    AND k.key = d.compact_reference
  WHERE d.company_id = %s AND d.compact_reference <> ''
  UNION
  SELECT d.id FROM store_document d WHERE d.company_id = %s AND d.id = ANY(%s)
)
SELECT {_COLUMNS},
       coalesce((SELECT {_AMOUNTS} FROM store_instalment i WHERE i.company_id = %s AND i.document_id = d.id), '')
FROM wanted JOIN store_document d USING (id) JOIN store_customer c ON c.id = d.customer_id
ORDER BY d.id
"""
_OPEN = f"""
SELECT {_COLUMNS}, coalesce(i.amounts, '')
FROM store_document d JOIN store_customer c ON c.id = d.customer_id
LEFT JOIN (SELECT document_id, {_AMOUNTS} AS amounts FROM store_instalment WHERE company_id = %s GROUP BY 1) i
  ON i.document_id = d.id
WHERE d.company_id = %s AND d.open_cents <> 0
"""
# Some thousand keys are looked up one by one in indexes, whatever the planner believes of a table just filled.
_BY_INDEX = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
# Every digit alike: numbers of a million documents have a handful of forms.
_SHAPES = """
SELECT DISTINCT 'number', translate(search_number, '123456789', '000000000') FROM store_document WHERE company_id = %s
UNION ALL
SELECT DISTINCT 'reference', translate(compact_reference, '123456789', '000000000')
FROM store_document WHERE company_id = %s AND compact_reference <> ''
"""
_CUSTOMERS = "SELECT id, name, search_name, siren FROM store_customer WHERE company_id = %s ORDER BY id"
_PAYERS = """
SELECT t.counterparty_iban, t.counterparty_name, t.remittance, m.customer_id,
       count(*) FILTER (WHERE m.state = 'applied'), count(*) FILTER (WHERE m.state <> 'applied')
FROM store_match m JOIN store_transaction t ON t.id = m.transaction_id
WHERE m.company_id = %s AND m.state IN ('applied', 'undone', 'rejected') AND t.amount_cents > 0
GROUP BY 1, 2, 3, 4 ORDER BY 4, 1, 2, 3
"""
# What was automatic and stood, and what people corrected: undone, and the line explained by something else. A receipt
# that was returned, or a proposal that was rejected, says nothing against the rule.
_TRUST = f"""
SELECT m.rule, count(*) FILTER (WHERE m.state = 'applied'), count(*) FILTER (WHERE m.state = 'undone')
FROM store_match m
WHERE m.company_id = %s AND m.confidence >= {TRUSTED_FROM} AND m.rule LIKE '%%:%%'
  AND (m.state = 'applied' OR m.state = 'undone' AND EXISTS (
    SELECT FROM store_match other WHERE other.transaction_id = m.transaction_id AND other.company_id = m.company_id
      AND other.state = 'applied' AND other.lines <> m.lines))
GROUP BY 1
"""
_HABITS = """
SELECT customer_id, split_part(rule, ':', 2), count(*) FROM store_match
WHERE company_id = %s AND state = 'applied' AND rule LIKE '%%:%%' GROUP BY 1, 2
"""
_REFUSED = """
SELECT transaction_id, lines FROM store_match
WHERE company_id = %s AND transaction_id = ANY(%s) AND state IN ('rejected', 'undone')
"""


def waiting_lines(*, company: Company) -> list[int]:
    """Ids of the lines that wait for an explanation, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [company.pk])
        return [line_id for (line_id,) in cursor.fetchall()]


def lines_frame(*, company: Company, line_ids: Sequence[int]) -> pl.DataFrame:
    """Those of the lines that still wait (schema `LINES`), oldest first."""
    return read_frame(_LINES, [company.pk, list(line_ids)], dict(LINES))


def told_of_lines(*, company: Company, line_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By id what an answer tells of bank lines, whatever their state."""
    columns = ("id", "bank_reference", "booked_date", "amount_cents", "currency")
    rows = Transaction.objects.filter(company=company, pk__in=line_ids).values(*columns)
    return {row["id"]: row for row in rows}


def documents_frame(*, company: Company, keys: pl.DataFrame) -> pl.DataFrame:
    """Documents, open or settled, that keys (schema `KEYS`) may mean (schema `DOCUMENTS`)."""
    ids = keys.filter(pl.col("kind") == "document")["key"].cast(pl.Int64).unique().to_list()
    with transaction.atomic(), staged(keys.select("key", "kind").unique()) as table:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = off" for name in _BY_INDEX))
        found = read_frame(
            _DOCUMENTS.format(keys=table), [company.pk] * 3 + [ids, company.pk], dict(DOCUMENTS)
        )
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = on" for name in _BY_INDEX))
    return found


def open_documents_frame(*, company: Company) -> pl.DataFrame:
    """Everything open in the company (schema `DOCUMENTS`), in no order."""
    return read_frame(_OPEN, [company.pk] * 2, dict(DOCUMENTS))


def number_masks(*, company: Company) -> Masks:
    """How the company's document numbers and payment references look."""
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES, [company.pk] * 2)
        shapes = cursor.fetchall()
    return Masks(
        [shape for kind, shape in shapes if kind == "number"],
        references=[shape for kind, shape in shapes if kind == "reference"],
    )


def customers_frame(*, company: Company) -> pl.DataFrame:
    """The company's customers (schema `CUSTOMERS`)."""
    return read_frame(_CUSTOMERS, [company.pk], dict(CUSTOMERS))


def payers_frame(*, company: Company) -> pl.DataFrame:
    """Who paid for whom before (schema `PAYERS`), by the name the bank gave, normalised."""
    told = {
        "counterparty_iban": pl.String, "counterparty_name": pl.String, "remittance": pl.String,
        "customer_id": pl.Int64, "confirmed_count": pl.Int64, "undone_count": pl.Int64,
    }  # fmt: skip
    return payers_of_lines(read_frame(_PAYERS, [company.pk], told))


def experience(*, company: Company) -> Experience:
    """What the company's own matches teach: which rules held, how each customer pays."""
    habits: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TRUST, [company.pk])
        trust = {rule: (kept, undone) for rule, kept, undone in cursor.fetchall()}
        cursor.execute(_HABITS, [company.pk])
        for customer_id, pattern, count in cursor.fetchall():
            if pattern in UNCITED:
                habits.setdefault(customer_id, {})[pattern] = count
    return Experience(trust, habits)


def refused_matches(*, company: Company, line_ids: Sequence[int]) -> set[tuple[int, frozenset[int]]]:
    """Pairs (line, documents) that a person rejected or undid."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [company.pk, list(line_ids)])
        rows = cursor.fetchall()
    return {
        (line_id, frozenset(settled["document_id"] for settled in _loaded(lines))) for line_id, lines in rows
    }


def own_identifiers(*, company: Company) -> list[str]:
    """Numbers of the company itself, which its customers' banks repeat: SIREN, VAT number, accounts."""
    accounts = BankAccount.objects.filter(company=company).values_list("identifier", "also_called")
    names = [name for identifier, others in accounts for name in (identifier, *others)]
    return [each for each in (company.siren, company.vat_number, company.iban, *names) if each]


def _loaded(stored: str | list[dict[str, int]]) -> list[dict[str, int]]:
    return json.loads(stored) if isinstance(stored, str) else stored
