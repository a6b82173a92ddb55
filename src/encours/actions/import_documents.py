"""Brings documents, with their customers and what has settled them, into the books, a batch at a time.

A document is known by its type and number. One that is there already with the same amount, currency, customer
and dates is left alone; with anything else it is refused, naming the field and both values.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl
from django.db import connection

from encours.actions.import_books import import_book_lines, replace_older_books
from encours.actions.import_customers import CustomerImport
from encours.actions.import_settlements import import_settlements, settle_silently
from encours.actions.journal import record
from encours.core.fields import field_name
from encours.core.imports import DOCUMENT_COLUMNS, refused_lines
from encours.core.invoices import DocumentBatch
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.references import normalised_numbers
from encours.core.terms import due_dates
from encours.core.wording import Wording, format_date
from encours.ports.files import Progress
from encours.queries.terms import LEGAL_DEFAULT, terms_on
from encours.store.frames import read_frame, staged
from encours.store.models import Company, Document, ImportBatch, ImportProblem
from encours.store.sequences import take_ids
from encours.store.statistics import MANY_ROWS, refresh_statistics

EXISTS_DIFFERENTLY = Wording(
    "number_exists_differently",
    fr="Le document {number} existe déjà, avec autre chose pour « {field} » : « {known} » ici, « {said} » dans le"
    " fichier.",
    en='Document {number} exists already with another "{field}": "{known}" here, "{said}" in the file.',
)
AMBIGUOUS_CUSTOMER = Wording(
    "ambiguous_customer",
    fr="Plusieurs clients s'appellent « {name} » : ajoutez leur code ou leur SIREN au fichier.",
    en='Several customers are called "{name}": add their code or SIREN to the file.',
)
MORE_SETTLED = Wording(
    "settled_more_than_known",
    fr="Le fichier dit {number} réglé pour {said}, {known} sont connus ici : importez le relevé bancaire.",
    en="The file says that {said} of {number} is settled, {known} is known here: import the bank statement.",
)
_EXISTING = {
    "line": pl.Int64, "id": pl.Int64, "known_customer": pl.Int64, "known_name": pl.String, "known_issue_date": pl.Date,
    "known_due_date": pl.Date, "known_currency": pl.String, "known_payable_cents": pl.Int64, "known_open_cents": pl.Int64,
}  # fmt: skip
_FIND = """
SELECT s.line, d.id, d.customer_id, c.name, d.issue_date, d.due_date, d.currency, d.payable_cents, d.open_cents
FROM {staged} s
-- a probe per row: the planner, whose statistics know nothing of what this import has written, would read all of it
CROSS JOIN LATERAL (SELECT * FROM store_document f WHERE f.company_id = %s AND f.type = s.type AND f.number = s.number
                    LIMIT 1) d
CROSS JOIN LATERAL (SELECT * FROM store_customer f WHERE f.id = d.customer_id LIMIT 1) c
"""
_INSERT = """
INSERT INTO store_document (id, company_id, customer_id, type, number, search_number, issue_date, due_date, currency,
  net_cents, tax_cents, payable_cents, open_cents, instalment_count, purchase_order, corrects, payment_reference,
  product_type, salesperson, batch_id, created_at)
SELECT id, %s, customer_id, type, number, search_number, issue_date, due_date, currency, net_cents, tax_cents,
  payable_cents, sign * payable_cents, instalment_count, purchase_order, corrects, payment_reference, product_type,
  salesperson, %s, now()
FROM {staged} ORDER BY id
"""
_MOVEMENTS = """
INSERT INTO store_movement (company_id, customer_id, document_id, payment_id, allocation_id, kind, reversed_kind,
  amount_cents, currency, booked_date, created_at)
SELECT %s, customer_id, id, NULL, NULL, CASE WHEN type = 'credit_note' THEN 'credited' ELSE 'invoiced' END, '',
  sign * payable_cents, currency, issue_date, now()
FROM {staged} ORDER BY id
"""
_VAT = """
INSERT INTO store_vatline (company_id, document_id, category, rate_basis_points, base_cents, tax_cents, created_at)
SELECT %s, id, category, rate_basis_points, base_cents, tax_cents, now() FROM {staged} ORDER BY id
"""
_INSTALMENTS = """
INSERT INTO store_instalment (company_id, document_id, position, due_date, amount_cents, created_at)
SELECT %s, id, position, due_date, amount_cents, now() FROM {staged} ORDER BY id, position
"""
_REFERENCES = """
INSERT INTO store_documentreference (company_id, document_id, kind, value, search_value, amount_cents, created_at)
SELECT %s, id, kind, value, search_value, amount_cents, now() FROM {staged} ORDER BY id
"""


@dataclass(frozen=True)
class DocumentsImported:
    """What came of a file of documents or customers. `documents` has the columns of the JSON, refused ones left out.

    Counts are of documents, or of customers for a list of customers; `refused` counts lines. The ids of the
    documents created lie between `first_id` and `last_id`.
    """

    created: int
    unchanged: int
    refused: int
    updated: int
    documents: pl.DataFrame
    problems: tuple[Problem, ...]
    first_id: int | None = None
    last_id: int | None = None


@dataclass
class _Tally:
    created: int = 0
    unchanged: int = 0
    documents: list[pl.DataFrame] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    receipts: int = 0
    lines: int = 0
    book_lines: int = 0
    has_statistics: bool = False
    ids: list[int] = field(default_factory=list)  # the first and last of each part


def import_documents(
    *,
    company: Company,
    batch: ImportBatch,
    batches: Iterable[DocumentBatch],
    actor: str,
    progress: Progress | None = None,
) -> DocumentsImported:
    """Everything of a file that may be taken, with its quarantine and one journal event.

    In the caller's transaction: a batch that raises takes the whole file back. Raises `UnableToReadFile`.
    """
    assert connection.in_atomic_block, "a file is taken whole or not at all"
    customers = CustomerImport(company, overwrites=batch.kind == "customers_csv")
    tally = _Tally()
    for part in batches:
        _import_part(company, batch, part, customers, tally)
        if part.entries.height:
            import_book_lines(company=company, batch=batch, entries=part.entries)
            tally.book_lines += part.entries.height
        if tally.created >= MANY_ROWS and not tally.has_statistics:
            # to the planner a company whose first file this is has no documents: any index would do, and the next
            # part would read all of this one for each of its rows
            refresh_statistics()
            tally.has_statistics = True
        if progress is not None:
            progress(tally.lines, part.total_lines)
    if tally.book_lines:
        replace_older_books(company=company, batch=batch)
    of_customers = batch.kind == "customers_csv"
    outcome = DocumentsImported(
        created=customers.created if of_customers else tally.created,
        unchanged=customers.unchanged if of_customers else tally.unchanged,
        refused=refused_lines(tuple(tally.problems)),
        updated=customers.updated,
        documents=pl.concat(tally.documents) if tally.documents else _described(DocumentBatch().documents),
        problems=tuple(tally.problems),
        first_id=min(tally.ids, default=None),
        last_id=max(tally.ids, default=None),
    )
    quarantine(company=company, batch=batch, problems=outcome.problems)
    _tell(company, batch, outcome, customers, tally, actor)
    return outcome


def _import_part(
    company: Company, batch: ImportBatch, part: DocumentBatch, customers: CustomerImport, tally: _Tally
) -> None:
    tally.problems += part.problems
    tally.lines += part.documents.height or part.parties.height
    who = customers.find(part.parties)
    documents = part.documents.with_columns(_customer_ids(who.customer_of).alias("customer_id"))
    documents, nobodys = _without_ambiguous(documents, who.ambiguous)
    documents, copies = _first_of_each(documents)
    existing = _existing(company, documents)
    same, refused, fresh = _compared(documents, existing)
    file = batch.file_name
    tally.problems += [
        problem.in_file(file) for problem in (*nobodys, *refused, *_refuse_copies(copies, documents))
    ]
    # customers of refused documents are not added; those no document names are (a list of customers)
    rejected = (
        set(part.documents["party"])
        - set(fresh["party"])
        - set(same["party"])
        - set(part.settlements["party"])
    )
    saved = customers.save(party for party in part.parties["party"] if party not in rejected)
    ids = who.customer_of | saved
    fresh = fresh.with_columns(_customer_ids(ids).alias("customer_id"))
    fresh = _insert(company, batch, part, fresh)
    if fresh.height:
        tally.ids += [fresh["id"].min(), fresh["id"].max()]
    repeats = _same_copies(copies, documents)
    tally.problems += [problem.in_file(file) for problem in _more_settled(same)]
    tally.created += fresh.height
    tally.unchanged += same.height + repeats
    known = pl.concat([fresh.select("line", "id"), same.select("line", "id")])
    settle_silently(company=company, documents=fresh.filter(pl.col("settled_cents") != 0))
    if part.settlements.height:
        receipts, doubts = import_settlements(
            company=company, settlements=part.settlements, document_of=known, customer_of=ids
        )
        tally.receipts += receipts
        tally.problems += [problem.in_file(file) for problem in doubts]
    tally.documents.append(
        _described(pl.concat([fresh.select(_columns()), same.select(_columns())]).sort("line"))
    )


def _columns() -> list[str]:
    return ["line", *DOCUMENT_COLUMNS]


def _described(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.select(DOCUMENT_COLUMNS)


def _customer_ids(customer_of: dict[str, int]) -> pl.Expr:
    return pl.col("party").replace_strict(
        list(customer_of), list(customer_of.values()), default=None, return_dtype=pl.Int64
    )


def _without_ambiguous(
    documents: pl.DataFrame, ambiguous: frozenset[str]
) -> tuple[pl.DataFrame, list[Problem]]:
    if not ambiguous:
        return documents, []
    theirs = pl.col("party").is_in(list(ambiguous))
    problems = [
        Problem(AMBIGUOUS_CUSTOMER(name=row["buyer"]), line=row["line"], field="buyer", raw=_raw(row))
        for row in documents.filter(theirs).iter_rows(named=True)
    ]
    return documents.filter(~theirs), problems


def _first_of_each(documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(first document of each type and number, the others)."""
    first = documents.select(pl.struct("type", "number").is_first_distinct()).to_series()
    if first.all():
        return documents, documents.clear()
    return documents.filter(first), documents.filter(~first)


def _existing(company: Company, documents: pl.DataFrame) -> pl.DataFrame:
    if documents.is_empty():
        return pl.DataFrame(schema=_EXISTING)
    with staged(documents.select("line", "type", "number")) as table:
        return read_frame(_FIND.format(staged=table), [company.pk], _EXISTING)


def _compared(
    documents: pl.DataFrame, existing: pl.DataFrame
) -> tuple[pl.DataFrame, list[Problem], pl.DataFrame]:
    """(documents that are there already, why others are refused, documents that are new)."""
    if existing.is_empty():
        none = documents.clear().with_columns(
            pl.lit(None, dtype=kind).alias(n) for n, kind in _EXISTING.items() if n != "line"
        )
        return none, [], documents
    fresh = documents.join(existing, on="line", how="anti", maintain_order="left")
    both = documents.join(existing, on="line", how="inner", maintain_order="left")
    differs = {
        "payable_cents": pl.col("payable_cents") != pl.col("known_payable_cents"),
        "currency": pl.col("currency") != pl.col("known_currency"),
        "issue_date": pl.col("issue_date") != pl.col("known_issue_date"),
        "due_date": pl.col("due_date") != pl.col("known_due_date"),
        "customer": pl.col("customer_id") != pl.col("known_customer"),
    }
    both = both.with_columns(
        differs=pl.coalesce(
            pl.when(wrong.fill_null(False)).then(pl.lit(name)) for name, wrong in differs.items()
        )
    )
    refused = both.filter(pl.col("differs").is_not_null())
    same = both.filter(pl.col("differs").is_null()).drop("differs")
    # what is there already keeps its due date when the file has none
    same = same.with_columns(pl.coalesce("due_date", "known_due_date").alias("due_date"))
    return same, [_difference(row) for row in refused.iter_rows(named=True)], fresh


def _difference(row: dict) -> Problem:
    name = row["differs"]
    match name:
        case "payable_cents":
            known, said = (
                Money(row["known_payable_cents"], row["known_currency"]),
                Money(row["payable_cents"], row["currency"]),
            )
        case "customer":
            known, said = row["known_name"], row["buyer"]
        case _:
            known, said = row[f"known_{name}"], row[name]
    sentence = EXISTS_DIFFERENTLY(number=row["number"], field=field_name(name), known=known, said=said)
    return Problem(sentence, line=row["line"], field=name, raw=_raw(row))


def _as_known(copies: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Later documents of a batch compared with the first of the same type and number."""
    first = documents.select(
        "type", "number", pl.lit(0, dtype=pl.Int64).alias("id"), pl.col("customer_id").alias("known_customer"),
        pl.col("buyer").alias("known_name"), pl.col("issue_date").alias("known_issue_date"),
        pl.col("due_date").alias("known_due_date"), pl.col("currency").alias("known_currency"),
        pl.col("payable_cents").alias("known_payable_cents"), pl.lit(0, dtype=pl.Int64).alias("known_open_cents"),
    )  # fmt: skip
    return copies.join(first, on=["type", "number"], how="inner", maintain_order="left").select(_EXISTING)


def _refuse_copies(copies: pl.DataFrame, documents: pl.DataFrame) -> list[Problem]:
    return _compared(copies, _as_known(copies, documents))[1] if copies.height else []


def _same_copies(copies: pl.DataFrame, documents: pl.DataFrame) -> int:
    return _compared(copies, _as_known(copies, documents))[0].height if copies.height else 0


def _more_settled(same: pl.DataFrame) -> list[Problem]:
    """Known documents of which the file says more is settled than the books know."""
    settled = (pl.col("known_payable_cents").abs() - pl.col("known_open_cents").abs()).alias(
        "known_settled_cents"
    )
    behind = same.with_columns(settled).filter(pl.col("settled_cents") > pl.col("known_settled_cents"))
    return [
        Problem(
            MORE_SETTLED(
                number=row["number"],
                said=Money(row["settled_cents"], row["currency"]),
                known=Money(row["known_settled_cents"], row["currency"]),
            ),
            line=row["line"],
            field="settled_cents",
            severity="warning",
        )
        for row in behind.iter_rows(named=True)
    ]


def _insert(company: Company, batch: ImportBatch, part: DocumentBatch, fresh: pl.DataFrame) -> pl.DataFrame:
    """The new documents with their ids, due dates and movements."""
    if fresh.is_empty():
        return fresh.with_columns(pl.lit(None, dtype=pl.Int64).alias("id"))
    counts = part.instalments.group_by("line").agg(
        pl.len().cast(pl.Int64).alias("instalment_count"), pl.col("due_date").max().alias("last_date")
    )
    fresh = fresh.join(counts, on="line", how="left", maintain_order="left").with_columns(
        pl.col("instalment_count").fill_null(0),
        pl.coalesce("last_date", "due_date").alias("due_date"),
        pl.Series("id", take_ids(Document, fresh.height), dtype=pl.Int64),
        normalised_numbers(pl.col("number")).str.slice(0, 80).alias("search_number"),
        pl.when(pl.col("type") == "credit_note").then(-1).otherwise(1).cast(pl.Int64).alias("sign"),
        *(pl.col(name).str.slice(0, limit) for name, limit in _LIMITS.items()),
    )
    fresh = _with_due_dates(company, fresh)
    columns = [
        "id", "customer_id", "type", "number", "search_number", "issue_date", "due_date", "currency", "net_cents",
        "tax_cents", "payable_cents", "sign", "instalment_count", *_LIMITS,
    ]  # fmt: skip
    with staged(fresh.select(columns)) as table, connection.cursor() as cursor:
        cursor.execute(_INSERT.format(staged=table), [company.pk, batch.pk])
        cursor.execute(_MOVEMENTS.format(staged=table), [company.pk])
    references = part.references.with_columns(search_value=normalised_numbers(pl.col("value")))
    for frame, statement in ((part.vat, _VAT), (part.instalments, _INSTALMENTS), (references, _REFERENCES)):
        rows = frame.join(fresh.select("line", "id"), on="line", maintain_order="left").drop("line")
        if rows.height:
            with staged(rows) as table, connection.cursor() as cursor:
                cursor.execute(statement.format(staged=table), [company.pk])
    return fresh


_LIMITS = {
    "purchase_order": 80,
    "corrects": 80,
    "payment_reference": 80,
    "product_type": 60,
    "salesperson": 120,
}


def _with_due_dates(company: Company, fresh: pl.DataFrame) -> pl.DataFrame:
    """Documents without a due date are due by what was agreed with their customer on their day, else the company's terms, else
    the law's."""
    undated = fresh.filter(pl.col("due_date").is_null())
    if undated.is_empty():
        return fresh
    fresh = fresh.with_columns(terms_on(company=company, documents=fresh))
    fallbacks = {"terms": None, "company_terms": company.payment_terms, "legal_terms": LEGAL_DEFAULT}
    fresh = fresh.with_columns(
        pl.lit(text).alias(name) for name, text in fallbacks.items() if text is not None
    )
    computed = (due_dates(pl.col("issue_date"), pl.col(name)) for name in fallbacks)
    return fresh.with_columns(pl.coalesce("due_date", *computed).alias("due_date")).drop(list(fallbacks))


def quarantine(*, company: Company, batch: ImportBatch, problems: Iterable[Problem]) -> None:
    """Keep what was refused or doubtful, with its reason and as it came."""
    ImportProblem.objects.bulk_create(
        _quarantined(company, batch, problems),
        batch_size=1000,
    )


def _quarantined(
    company: Company, batch: ImportBatch, problems: Iterable[Problem]
) -> Iterator[ImportProblem]:
    for problem in problems:
        yield ImportProblem(
            company=company,
            batch=batch,
            line=problem.line,
            field=problem.field[:60],
            severity=problem.severity,
            sentence=problem.sentence.as_json(),
            raw=problem.raw.replace("\0", ""),
        )


def _raw(row: dict) -> str:
    cells = (
        row["number"],
        row["type"],
        format_date(row["issue_date"], "fr"),
        row["buyer"],
        row["payable_cents"],
        row["currency"],
    )
    return ";".join(str(cell) for cell in cells)


def _tell(
    company: Company,
    batch: ImportBatch,
    outcome: DocumentsImported,
    customers: CustomerImport,
    tally: _Tally,
    actor: str,
) -> None:
    codes = Counter(problem.code for problem in outcome.problems)
    record(
        company=company,
        actor=actor,
        action="customers.imported" if batch.kind == "customers_csv" else "documents.imported",
        subject_type="import_batch",
        subject_id=batch.pk,
        data={
            "file": batch.file_name,
            "kind": batch.kind,
            "created": outcome.created,
            "unchanged": outcome.unchanged,
            "refused": outcome.refused,
            "customers": customers.created,
            "customers_updated": customers.updated,
            "receipts": tally.receipts,
            "book_lines": tally.book_lines,
            "problems": dict(sorted(codes.items())),
        },
    )
