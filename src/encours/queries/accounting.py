"""What accounting out reads: settings, movements not booked yet, positions, lines with their lettering, exports."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import connection

from encours.core.accounting.accounts import Accounts, accounts_from
from encours.core.accounting.booking import CLEARING, TO_BOOK, VAT_LINES
from encours.core.accounting.lettering import LINES, LINKS
from encours.core.accounting.lines import ENTRY_LINES
from encours.core.accounting.payouts import PAYOUTS
from encours.core.accounting.transfers import POSITIONS, allowance_cents
from encours.core.accounting.vat import Step, VatShare, vat_on_receipts
from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.frames import read_frame, staged
from encours.store.models import AccountingExport, AccountingSettings, Company

# What the books call a customer, and a receipt
_AUXILIARY = "coalesce(nullif(c.code, ''), 'C' || c.id)"
_RECEIPT = """coalesce(nullif(t.bank_reference, ''), nullif(t.end_to_end_id, ''), nullif(p.label, ''),
  'REGL-' || p.id)"""
_IN_BOOKS = """(
  EXISTS (SELECT FROM store_importbatch b WHERE b.id = d.batch_id AND b.kind = 'fec')
  OR EXISTS (SELECT FROM store_bookline l WHERE l.company_id = d.company_id AND l.document_number = d.number
             AND l.document_type = d.type AND l.document_number <> ''))"""
# Of what other books hold already nothing is booked: documents and receipts that came with them, and the invoices
# (with what had settled them) that are booked elsewhere unless the company wants them from here.
_TO_BOOK = f"""
WITH open AS (
  SELECT m.*, coalesce(nullif(m.reversed_kind, ''), m.kind) AS told FROM store_movement m
  WHERE m.company_id = %(company)s AND m.booked_date BETWEEN %(from)s AND %(until)s AND m.currency = %(currency)s
    AND NOT EXISTS (SELECT FROM store_entryline e WHERE e.movement_id = m.id)
)
SELECT m.id, m.told, m.kind = 'reversed', m.amount_cents, m.booked_date,
       greatest(m.booked_date, %(first_open)s::date) AS entry_date, m.customer_id,
       {_AUXILIARY}, c.name, m.document_id, m.payment_id, coalesce(d.type, ''),
       left(coalesce(d.number, {_RECEIPT}), 80),
       coalesce(a.identifier, CASE WHEN EXISTS (SELECT FROM store_charge h WHERE h.payment_id = p.id) THEN '{CLEARING}'
                                   WHEN p.method <> 'imported' THEN p.method END, ''), d.net_cents, d.tax_cents,
       CASE WHEN m.told IN ('written_off', 'discount') AND m.document_id IS NOT NULL THEN
         -coalesce((SELECT sum(x.amount_cents) FROM store_movement x WHERE x.document_id = m.document_id
                    AND x.id < m.id AND coalesce(nullif(x.reversed_kind, ''), x.kind) = m.told), 0) ELSE 0 END::bigint
FROM open m
JOIN store_customer c ON c.id = m.customer_id
LEFT JOIN store_document d ON d.id = m.document_id
LEFT JOIN store_payment p ON p.id = m.payment_id
LEFT JOIN store_transaction t ON t.id = p.transaction_id
LEFT JOIN store_bankaccount a ON a.id = t.account_id
WHERE greatest(m.booked_date, %(first_open)s::date) <= %(until)s AND m.told <> 'allocated' AND CASE
  WHEN m.told IN ('invoiced', 'credited') OR m.told = 'paid' AND m.document_id IS NOT NULL
    THEN %(sales)s AND NOT {_IN_BOOKS}
  WHEN m.told = 'paid' AND p.method = 'imported' THEN %(sales)s AND p.source_key LIKE 'settled:%%' AND EXISTS (
    SELECT FROM store_document d WHERE d.company_id = p.company_id AND NOT {_IN_BOOKS}
      AND d.id = CASE WHEN p.source_key LIKE 'settled:%%' THEN split_part(p.source_key, ':', 2)::bigint END)
  ELSE true END
ORDER BY entry_date, m.id
"""
# Payouts the bank told of and no entry tells yet, by their bank line.
_PAYOUTS = """
SELECT o.id, o.external_id, g.name, a.identifier, t.booked_date, greatest(t.booked_date, %(first_open)s::date) AS entry_date,
       o.amount_cents, o.fee_cents, o.other_cents
FROM store_payout o
JOIN store_gatewayconnection g ON g.id = o.connection_id
JOIN store_transaction t ON t.id = o.transaction_id AND t.state = 'set_aside'
JOIN store_bankaccount a ON a.id = t.account_id
WHERE o.company_id = %(company)s AND o.currency = %(currency)s AND t.booked_date >= %(from)s
  AND greatest(t.booked_date, %(first_open)s::date) <= %(until)s
  AND NOT EXISTS (SELECT FROM store_entryline e WHERE e.payout_id = o.id)
ORDER BY entry_date, o.id
"""
_VAT = """
SELECT v.document_id, v.rate_basis_points, sum(v.base_cents)::bigint, sum(v.tax_cents)::bigint FROM store_vatline v
WHERE v.company_id = %s AND v.document_id IN (
  SELECT document_id FROM store_movement m WHERE m.company_id = %s AND m.booked_date <= %s
    AND m.document_id IS NOT NULL
    AND coalesce(nullif(m.reversed_kind, ''), m.kind) IN ('invoiced', 'credited', 'written_off', 'discount')
    AND NOT EXISTS (SELECT FROM store_entryline e WHERE e.movement_id = m.id))
GROUP BY 1, 2 ORDER BY 1, 2
"""
_FOREIGN = """
SELECT currency, count(*) FROM store_movement WHERE company_id = %s AND booked_date BETWEEN %s AND %s
  AND currency <> %s AND kind <> 'allocated' AND reversed_kind <> 'allocated' GROUP BY 1 ORDER BY 1
"""
_PLACED = """
SELECT {target}, sum(debit_cents - credit_cents)::bigint AS cents FROM store_entryline
WHERE company_id = %(company)s AND role = '{role}' AND {target} IS NOT NULL GROUP BY 1
"""
# A doubt that has ended wants nothing there any more.
_DOUBTFUL = f"""
SELECT m.customer_id, {_AUXILIARY}, c.name, m.document_id, d.number, d.payable_cents,
       d.tax_cents, m.open_cents, f.allowance_basis_points, coalesce(w.cents, 0), coalesce(v.cents, 0)
FROM (SELECT document_id, customer_id, sum(amount_cents)::bigint AS open_cents FROM store_movement
      WHERE company_id = %(company)s AND booked_date <= %(until)s AND document_id IN (
        SELECT document_id FROM store_doubtfuldebt WHERE company_id = %(company)s) GROUP BY 1, 2) m
JOIN store_document d ON d.id = m.document_id
JOIN store_customer c ON c.id = m.customer_id
LEFT JOIN store_doubtfuldebt f ON f.document_id = m.document_id AND f.since_date <= %(until)s
  AND (f.ended_date IS NULL OR f.ended_date > %(until)s)
LEFT JOIN ({_PLACED.format(role="doubtful", target="document_id")}) w ON w.document_id = m.document_id
LEFT JOIN ({_PLACED.format(role="allowance", target="document_id")}) v ON v.document_id = m.document_id
WHERE d.currency = %(currency)s
"""
# What a receipt of ours has left lies on 4191 when the company wants it so, else nothing does.
_ADVANCES = f"""
SELECT p.customer_id, {_AUXILIARY}, c.name, p.id, left({_RECEIPT}, 80),
       CASE WHEN %(advance)s THEN coalesce(m.cents, 0) ELSE 0 END, coalesce(w.cents, 0)
FROM store_payment p
JOIN store_customer c ON c.id = p.customer_id
LEFT JOIN store_transaction t ON t.id = p.transaction_id
LEFT JOIN (SELECT payment_id, sum(amount_cents)::bigint AS cents FROM store_movement
           WHERE company_id = %(company)s AND booked_date <= %(until)s AND payment_id IS NOT NULL GROUP BY 1) m
  ON m.payment_id = p.id
LEFT JOIN ({_PLACED.format(role="advance", target="payment_id")}) w ON w.payment_id = p.id
WHERE p.company_id = %(company)s AND p.currency = %(currency)s AND (%(advance)s OR w.cents <> 0)
  AND EXISTS (SELECT FROM store_entryline e WHERE e.payment_id = p.id AND e.role = 'receivable')
"""
_ALLOCATED = """
SELECT 'd' || a.document_id, coalesce('p' || a.payment_id, 'd' || a.credit_note_id)
FROM store_allocation a JOIN store_movement m ON m.allocation_id = a.id AND m.document_id = a.document_id
WHERE a.company_id = %s AND m.company_id = %s AND m.booked_date <= %s
GROUP BY a.id HAVING sum(m.amount_cents) <> 0
"""
# Lines of the books that bear a lettering of theirs, and none of ours, are settled there and stay out.
_LINES = """
SELECT e.id, coalesce('d' || e.document_id, 'p' || e.payment_id), e.auxiliary, e.debit_cents - e.credit_cents,
       e.entry_date, EXISTS (SELECT FROM store_letteringpart s WHERE s.entry_line_id = e.id), e.role = 'reopened'
FROM store_entryline e WHERE e.company_id = %(company)s AND e.role IN ('receivable', 'reopened')
UNION ALL
SELECT -l.id, 'd' || d.id, l.auxiliary, l.debit_cents - l.credit_cents, l.entry_date,
       EXISTS (SELECT FROM store_letteringpart s WHERE s.document_id = d.id), false
FROM store_bookline l JOIN store_document d
  ON d.company_id = l.company_id AND d.type = l.document_type AND d.number = l.document_number
WHERE l.company_id = %(company)s AND l.document_number <> '' AND l.entry_date <= %(until)s
  AND (l.lettering = '' OR EXISTS (SELECT FROM store_letteringpart s WHERE s.document_id = d.id))
UNION ALL
SELECT -l.id, 'p' || p.id, l.auxiliary, l.debit_cents - l.credit_cents, l.entry_date,
       EXISTS (SELECT FROM store_letteringpart s WHERE s.payment_id = p.id), false
FROM store_bookline l JOIN store_payment p ON p.company_id = l.company_id AND p.source_key = l.settlement
WHERE l.company_id = %(company)s AND l.settlement <> '' AND l.entry_date <= %(until)s
  AND (l.lettering = '' OR EXISTS (SELECT FROM store_letteringpart s WHERE s.payment_id = p.id))
"""
_NODES = """
SELECT s.node, s.document_id, s.payment_id, c.id, c.name,
       left(coalesce(d.number, nullif(p.label, ''), 'REGL-' || p.id), 80)
FROM {staged} s
LEFT JOIN store_document d ON d.company_id = %(company)s AND d.id = s.document_id
LEFT JOIN store_payment p ON p.company_id = %(company)s AND p.id = s.payment_id
JOIN store_customer c ON c.id = coalesce(d.customer_id, p.customer_id)
"""
_CODES = """
SELECT auxiliary, code FROM store_lettering WHERE company_id = %(company)s
UNION SELECT auxiliary, lettering FROM store_bookline WHERE company_id = %(company)s AND lettering <> ''
"""
_FIELDS = """{own}.journal_code, {own}.journal_name, {own}.entry_number, {own}.entry_date, {own}.account,
  {own}.account_name, {own}.auxiliary, {own}.auxiliary_name, {own}.piece, {own}.piece_date, {own}.label,
  {own}.debit_cents, {own}.credit_cents"""
_OWN = f"""
SELECT e.id, {_FIELDS.format(own="e")}, coalesce(g.code, ''), g.lettered_date, e.valid_date, e.foreign_amount,
       e.foreign_currency, ''
FROM store_entryline e
LEFT JOIN store_letteringpart s ON s.entry_line_id = e.id
LEFT JOIN store_lettering g ON g.id = s.lettering_id
WHERE e.company_id = %(company)s AND e.entry_date BETWEEN %(from)s AND %(to)s ORDER BY e.id
"""
_BOOKS = f"""
SELECT -l.id, {_FIELDS.format(own="l")}, coalesce(nullif(l.lettering, ''), g.code, ''),
       coalesce(l.lettered_date, g.lettered_date), l.valid_date, l.foreign_amount, l.foreign_currency, l.extra
FROM store_bookline l
LEFT JOIN store_document d ON l.lettering = '' AND l.document_number <> '' AND d.company_id = l.company_id
  AND d.type = l.document_type AND d.number = l.document_number
LEFT JOIN store_payment p ON l.lettering = '' AND l.settlement <> '' AND p.company_id = l.company_id
  AND p.source_key = l.settlement
LEFT JOIN store_letteringpart sd ON sd.document_id = d.id
LEFT JOIN store_letteringpart sp ON sp.payment_id = p.id
LEFT JOIN store_lettering g ON g.id = coalesce(sd.lettering_id, sp.lettering_id)
WHERE l.company_id = %(company)s AND l.entry_date BETWEEN %(from)s AND %(to)s ORDER BY l.batch_id, l.line
"""
_STEPS = """
SELECT m.document_id, a.id, abs(m.amount_cents), m.kind = 'reversed', m.booked_date, a.payment_id
FROM store_movement m JOIN store_allocation a ON a.id = m.allocation_id
WHERE m.company_id = %(company)s AND a.payment_id IS NOT NULL AND m.document_id = a.document_id
  AND m.document_id IN (SELECT x.document_id FROM store_movement x WHERE x.company_id = %(company)s
                        AND x.allocation_id IS NOT NULL AND x.document_id IS NOT NULL
                        AND x.booked_date BETWEEN %(from)s AND %(to)s)
ORDER BY m.document_id, m.id
"""
_RATES = """
SELECT v.document_id, v.rate_basis_points, sum(v.base_cents)::bigint, sum(v.tax_cents)::bigint FROM store_vatline v
WHERE v.company_id = %s AND v.document_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""
VAT_ON_RECEIPTS = pl.Schema(
    {
        "booked_date": pl.Date,
        "payment_id": pl.Int64,
        "allocation_id": pl.Int64,
        "document_id": pl.Int64,
        "rate_basis_points": pl.Int64,
        "base_cents": pl.Int64,
        "tax_cents": pl.Int64,
    }
)
# what a node of `lines_to_letter` stands for
NODES = pl.Schema(
    {
        "node": pl.String,
        "document_id": pl.Int64,  # this or payment_id
        "payment_id": pl.Int64,
        "customer_id": pl.Int64,
        "auxiliary_name": pl.String,
        "reference": pl.String,
    }
)
# fields of exported lines, by key: own lines positive, lines of the books negative
EXPORTED = pl.Schema({"key": pl.Int64, **ENTRY_LINES, "extra": pl.String})


@dataclass(frozen=True)
class PastExport:
    """A definitive export as it is listed."""

    id: int
    from_date: date
    to_date: date
    format: str
    file_name: str
    sha256: str
    line_count: int
    exported_date: date
    exported_by: str


def accounts_of(*, company: Company) -> Accounts:
    """The company's accounts, journals and choices. One query."""
    stored = AccountingSettings.objects.filter(company=company).values_list("values", flat=True).first()
    return accounts_from(stored or {})


def first_open_date(*, company: Company, accounts: Accounts) -> date:
    """The first day entries may still be booked on: after all that was exported. One query."""
    closed = (
        AccountingExport.objects.filter(company=company)
        .order_by("-closed_until_date")
        .values_list("closed_until_date", flat=True)
        .first()
    )
    return max(accounts.begin_date, closed + timedelta(days=1)) if closed else accounts.begin_date


def movements_to_book(*, company: Company, accounts: Accounts, until: date) -> pl.DataFrame:
    """Movements (schema `TO_BOOK`) up to a day that no entry tells yet. Two queries."""
    first = first_open_date(company=company, accounts=accounts)
    return read_frame(
        _TO_BOOK,
        {
            "company": company.pk,
            "from": accounts.begin_date,
            "until": until,
            "first_open": first,
            "currency": company.currency,
            "sales": accounts.sales_entries,
        },
        dict(TO_BOOK),
    )


def payouts_to_book(*, company: Company, accounts: Accounts, until: date) -> pl.DataFrame:
    """Payouts of payment services (schema `PAYOUTS`) up to a day that no entry tells yet. Two queries."""
    params = {
        "company": company.pk,
        "from": accounts.begin_date,
        "until": until,
        "first_open": first_open_date(company=company, accounts=accounts),
        "currency": company.currency,
    }
    return read_frame(_PAYOUTS, params, dict(PAYOUTS))


def vat_to_book(*, company: Company, until: date) -> pl.DataFrame:
    """Rates (schema `VAT_LINES`) of the documents of those movements. One query."""
    return read_frame(_VAT, [company.pk, company.pk, until], dict(VAT_LINES))


def foreign_movements(*, company: Company, from_date: date, until: date) -> list[tuple[str, int]]:
    """(currency, count) of movements that cannot be booked: the ledger knows no rates of exchange. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN, [company.pk, str(from_date), str(until), company.currency])
        return cursor.fetchall()


def positions(*, company: Company, accounts: Accounts, until: date) -> pl.DataFrame:
    """What must lie on 416, 491 and 4191 and what does (schema `POSITIONS`). Two queries."""
    params = {
        "company": company.pk,
        "until": str(until),
        "currency": company.currency,
        "advance": accounts.overpayments == "advance",
    }
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL, params)
        doubts = cursor.fetchall()
        cursor.execute(_ADVANCES, params)
        advances = cursor.fetchall()
    rows: list[tuple[Any, ...]] = []
    for customer, code, name, document, number, payable, tax, open_cents, share, on_416, on_491 in doubts:
        whose = (customer, code, name, document, None, number)
        allowance = 0
        if share is not None:
            allowance = allowance_cents(
                open_cents=open_cents, payable_cents=payable, tax_cents=tax, basis_points=share
            )
        rows.append(("doubtful", *whose, 0 if share is None else open_cents, on_416))
        rows.append(("allowance", *whose, allowance, on_491))
    for customer, code, name, payment, reference, wanted, present in advances:
        rows.append(("advance", customer, code, name, None, payment, reference, wanted, present))
    return pl.DataFrame(rows, schema=POSITIONS, orient="row")


def lines_to_letter(*, company: Company, until: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(lines on receivable accounts in schema `LINES`, what is allocated to each other as `LINKS`). Two queries."""
    lines = read_frame(_LINES, {"company": company.pk, "until": until}, dict(LINES))
    return lines, read_frame(_ALLOCATED, [company.pk, company.pk, until], dict(LINKS))


def nodes_named(*, company: Company, nodes: pl.Series) -> pl.DataFrame:
    """Whose and what the `nodes` of `lines_to_letter` are (schema `NODES`), each once. One query."""
    key = pl.col("node").str.slice(1).cast(pl.Int64)
    named = pl.select(node=nodes.unique()).with_columns(
        document_id=pl.when(pl.col("node").str.starts_with("d")).then(key),
        payment_id=pl.when(pl.col("node").str.starts_with("p")).then(key),
    )
    with staged(named) as table:
        return read_frame(_NODES.format(staged=table), {"company": company.pk}, dict(NODES))


def codes_in_use(*, company: Company) -> pl.DataFrame:
    """`auxiliary` and `code` of every lettering, ours and the books'. One query."""
    return read_frame(_CODES, {"company": company.pk}, {"auxiliary": pl.String, "code": pl.String})


def entry_lines(*, company: Company, from_date: date, to_date: date, books: bool) -> pl.DataFrame:
    """Lines of a period (schema `EXPORTED`): those of the `books` that were brought in, in their order, then ours."""
    params = {"company": company.pk, "from": from_date, "to": to_date}
    own = read_frame(_OWN, params, dict(EXPORTED))
    return pl.concat([read_frame(_BOOKS, params, dict(EXPORTED)), own]) if books else own


def receipts_vat(*, company: Company, from_date: date, to_date: date) -> pl.DataFrame:
    """Base and VAT per rate of every allocation of a receipt in a period (schema `VAT_ON_RECEIPTS`), by day.

    What was un-allocated in the period comes with negative amounts, on the day it was. Documents that do not tell
    their rates are left out. Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, {"company": company.pk, "from": str(from_date), "to": str(to_date)})
        steps = cursor.fetchall()
        cursor.execute(_RATES, [company.pk, sorted({row[0] for row in steps})])
        rates: dict[int, list[VatShare]] = {}
        for document, *share in cursor.fetchall():
            rates.setdefault(document, []).append(VatShare(*share))
    of_document: dict[int, list[tuple[Any, ...]]] = {}
    for row in steps:
        of_document.setdefault(row[0], []).append(row)
    told = []
    for document, life in of_document.items():
        parts = vat_on_receipts(
            of=rates.get(document, ()), steps=[Step(row[1], row[2], is_undone=row[3]) for row in life]
        )
        told += [
            (row[4], row[5], row[1], document, share.rate_basis_points, share.base_cents, share.tax_cents)
            for row, found in zip(life, parts, strict=True)
            for share in found
            if from_date <= row[4] <= to_date
        ]
    frame = pl.DataFrame(told, schema=VAT_ON_RECEIPTS, orient="row")
    return frame.sort("booked_date", "allocation_id", "rate_basis_points", maintain_order=True)


def past_exports(*, company: Company, limit: int = 50) -> list[PastExport]:
    """Definitive exports, the latest first. One query."""
    rows = AccountingExport.objects.filter(company=company).order_by("-id").select_related("file")[:limit]
    return [
        PastExport(
            id=row.pk,
            from_date=row.from_date,
            to_date=row.to_date,
            format=row.format,
            file_name=row.file_name,
            sha256=row.file.sha256,
            line_count=row.line_count,
            exported_date=row.exported_date,
            exported_by=row.exported_by,
        )
        for row in rows
    ]


def export_on_disk(*, company: Company, export_id: int) -> FileOnDisk | None:
    """The file of a definitive export; None when the company has no such export. One query."""
    row = AccountingExport.objects.filter(company=company, pk=export_id).select_related("file").first()
    return replace(file_on_disk(row.file), name=row.file_name) if row else None
