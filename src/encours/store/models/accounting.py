"""Accounting out: settings, books that were brought in, entries of our own, their lettering, what was exported."""

from typing import ClassVar

from django.db import models

from encours.store.models.charges import Payout
from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.imports import ImportBatch, StoredFile
from encours.store.models.ledger import Movement, Payment
from encours.store.models.scoped import Scoped


class AccountingSettings(Scoped):
    """What a company's accounts differ in from the defaults (core.accounting.accounts)."""

    values = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company"], name="one_accounting_settings"),
        ]


class FecFields(Scoped):
    """The fields of the FEC, named as in `core.accounting.lines.ENTRY_LINES`."""

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    journal_code = models.TextField()
    journal_name = models.TextField(blank=True)
    entry_number = models.TextField(blank=True)
    entry_date = models.DateField()
    account = models.TextField()
    account_name = models.TextField(blank=True)
    auxiliary = models.TextField(blank=True)
    auxiliary_name = models.TextField(blank=True)
    piece = models.TextField(blank=True)
    piece_date = models.DateField(null=True)
    label = models.TextField(blank=True)
    debit_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField()
    valid_date = models.DateField(null=True)
    foreign_amount = models.TextField(blank=True)
    foreign_currency = models.TextField(blank=True)

    class Meta:
        abstract = True


class BookLine(FecFields):
    """A line of books that were brought in (FEC), as it was written. A later file replaces the entries it holds."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.BigIntegerField()
    lettering = models.TextField(blank=True)
    lettered_date = models.DateField(null=True)
    extra = models.TextField(blank=True)
    # what a line on 411 became: a document by its type and number, or a receipt by `Payment.source_key`
    document_type = models.CharField(max_length=12, blank=True)
    document_number = models.CharField(max_length=80, blank=True)
    settlement = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "entry_date", "batch", "line"], name="book_line_date"),
            models.Index(
                fields=["company", "document_number"],
                condition=~models.Q(document_number=""),
                name="book_line_document",
            ),
        ]


class AccountingExport(Scoped):
    """Entries handed over to the books for a period. What was handed over is never changed again.

    Nothing is booked any more on or before `closed_until_date`: what is known later is booked after it.
    """

    from_date = models.DateField()
    to_date = models.DateField()
    closed_until_date = models.DateField()
    format = models.CharField(max_length=20)  # fec, or a layout of core.accounting.layouts
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    line_count = models.BigIntegerField()
    exported_date = models.DateField()
    exported_by = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "-id"], name="accounting_export_recent")]


class EntryLine(FecFields):
    """A line of an entry of our own. Append-only: an entry is corrected by another (trigger, migration 0018).

    `entry_id`, the id of its first line, binds the lines of an entry; they sum to zero. A line on the customer's account belongs to a
    document or to a payment. The entry of a payout of a payment service is no customer's: its lines name the payout.
    """

    entry_id = models.BigIntegerField()
    # core.accounting.booking: what the account is for, whatever its number
    role = models.CharField(max_length=20)
    movement = models.ForeignKey(
        Movement,
        null=True,
        on_delete=models.PROTECT,
        related_name="entry_lines",
        db_index=False,
        db_constraint=False,
    )
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    payout = models.ForeignKey(
        Payout, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["payout"], condition=models.Q(payout__isnull=False), name="entry_line_payout"
            ),
            models.Index(fields=["company", "entry_date", "id"], name="entry_line_date"),
            models.Index(fields=["company", "journal_code"], name="entry_line_journal"),
            models.Index(
                fields=["movement"], condition=models.Q(movement__isnull=False), name="entry_line_movement"
            ),
            models.Index(
                fields=["document"], condition=models.Q(document__isnull=False), name="entry_line_document"
            ),
            models.Index(
                fields=["payment"], condition=models.Q(payment__isnull=False), name="entry_line_payment"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="entry_line_one_side",
                condition=models.Q(debit_cents=0, credit_cents__gt=0)
                | models.Q(debit_cents__gt=0, credit_cents=0),
            ),
        ]


class Lettering(Scoped):
    """A code on lines of a customer's account that sum to zero (EcritureLet, DateLet). Never taken back: see
    `core.accounting.lettering`."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    auxiliary = models.TextField()
    code = models.CharField(max_length=12)
    lettered_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "auxiliary", "code"], name="lettering_code"),
        ]


class LetteringPart(Scoped):
    """A line of ours that bears a lettering, or all lines the books have for a document or a receipt."""

    lettering = models.ForeignKey(Lettering, on_delete=models.PROTECT, related_name="parts")
    entry_line = models.ForeignKey(EntryLine, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry_line"],
                condition=models.Q(entry_line__isnull=False),
                name="lettering_part_entry_line",
            ),
        ]


class DoubtfulDebt(Scoped):
    """A document whose payment has become doubtful: it is shown on 416, and part of it is written down on 491."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="doubts")
    since_date = models.DateField()
    # share of what is open without VAT that is expected to be lost
    allowance_basis_points = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    ended_date = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(ended_date=None), name="one_doubt_at_a_time"
            ),
            models.CheckConstraint(
                name="doubtful_allowance_share", condition=models.Q(allowance_basis_points__lte=10_000)
            ),
        ]
