"""Documents a company issued: invoices, credit notes, deposit invoices."""

from typing import ClassVar

from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Upper

from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.scoped import Scoped


class Document(Scoped):
    """An issued document, never edited. Only `open_cents` moves, with the ledger.

    `payable_cents` is what the document says. `open_cents` is its balance in the customer's account:
    positive when the customer owes, negative for a credit note not yet used up. It is kept in the same
    transaction as the movements and proved equal to their sum by `encours doctor`.
    """

    class Type(models.TextChoices):
        INVOICE = "invoice"
        CREDIT_NOTE = "credit_note"
        DEPOSIT = "deposit"

    # no check per row of what row-level security (only the company in scope can be written) and the import
    # itself make sure of: a fifth of the time a million invoices take
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # checked once per statement by trigger (migration 0013)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="documents", db_index=False, db_constraint=False
    )
    type = models.CharField(max_length=12, choices=Type)
    number = models.CharField(max_length=80)
    # upper case, letters and digits only, no leading zeros per part: core.matching.normalised_number
    search_number = models.CharField(max_length=80)
    issue_date = models.DateField()
    # last due date; a document with instalments has theirs in `Instalment`
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    net_cents = models.BigIntegerField(null=True)
    tax_cents = models.BigIntegerField(null=True)
    payable_cents = models.BigIntegerField()
    open_cents = models.BigIntegerField()
    instalment_count = models.PositiveSmallIntegerField(default=0)
    purchase_order = models.CharField(max_length=80, blank=True)
    corrects = models.CharField(max_length=80, blank=True)
    payment_reference = models.CharField(max_length=80, blank=True)
    # as `core.references.compact` has it and banks leave it
    compact_reference = models.GeneratedField(
        expression=Upper(
            Func("payment_reference", Value("[^A-Za-z0-9]"), Value(""), Value("g"), function="regexp_replace")
        ),
        output_field=models.CharField(max_length=80),
        db_persist=True,
    )
    product_type = models.CharField(max_length=60, blank=True)
    salesperson = models.CharField(max_length=120, blank=True)
    batch = models.ForeignKey(
        "ImportBatch",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "type", "number"], name="document_number"),
            models.CheckConstraint(
                name="document_open_within_payable",
                condition=models.Q(
                    type="credit_note",
                    payable_cents__gte=0,
                    open_cents__lte=0,
                    open_cents__gte=-models.F("payable_cents"),
                )
                | models.Q(
                    type="credit_note",
                    payable_cents__lt=0,
                    open_cents__gte=0,
                    open_cents__lte=-models.F("payable_cents"),
                )
                | models.Q(
                    type__in=["invoice", "deposit"],
                    payable_cents__gte=0,
                    open_cents__gte=0,
                    open_cents__lte=models.F("payable_cents"),
                )
                | models.Q(
                    type__in=["invoice", "deposit"],
                    payable_cents__lt=0,
                    open_cents__lte=0,
                    open_cents__gte=models.F("payable_cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            # what is open is a small part of what ever was: every daily read goes through these
            models.Index(
                fields=["company", "due_date"],
                include=["customer", "open_cents", "currency", "instalment_count"],
                condition=~models.Q(open_cents=0),
                name="document_open_due",
            ),
            # few documents have instalments: the ageing looks at each of theirs apart
            models.Index(
                fields=["company"],
                condition=models.Q(instalment_count__gt=0) & ~models.Q(open_cents=0),
                name="document_open_split",
            ),
            # Clients and Pilotage: what is overdue per customer, from the index alone
            models.Index(
                fields=["company", "customer", "due_date"],
                include=["open_cents", "currency", "instalment_count"],
                condition=~models.Q(open_cents=0),
                name="document_open_customer",
            ),
            models.Index(fields=["company", "customer", "-issue_date"], name="document_customer_date"),
            # ascending though lists show the newest first: new rows go to its end, and it is read backwards
            models.Index(fields=["company", "issue_date", "id"], name="document_recent"),
            models.Index(fields=["company", "search_number"], name="document_search_number"),
            # lists: the settled ones, the few that are no invoices, by amount
            models.Index(
                fields=["company", "issue_date", "id"],
                condition=models.Q(open_cents=0),
                name="document_settled_recent",
            ),
            # Factures by due date: this and `document_open_due` are walked side by side. A new invoice costs it nothing
            models.Index(
                fields=["company", "due_date", "id"],
                condition=models.Q(open_cents=0),
                name="document_settled_due",
            ),
            models.Index(
                fields=["company", "type", "issue_date", "id"],
                condition=~models.Q(type="invoice"),
                name="document_other_types",
            ),
            models.Index(fields=["company", "-payable_cents", "-id"], name="document_amount"),
            # references we asked payers to give: every bank line is looked up here
            models.Index(
                fields=["company", "compact_reference"],
                condition=~models.Q(compact_reference=""),
                name="document_compact_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def signed_cents(self) -> int:
        """The total as the customer's account sees it: a credit note is negative."""
        return -self.payable_cents if self.type == self.Type.CREDIT_NOTE else self.payable_cents


class VatLine(Scoped):
    """VAT breakdown of a document per category and rate (EN 16931 BG-23)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="vat_lines")
    category = models.CharField(max_length=4, default="S")
    rate_basis_points = models.IntegerField()
    base_cents = models.BigIntegerField()
    tax_cents = models.BigIntegerField()


class Instalment(Scoped):
    """A part of a document with a due date of its own. Money settles the earliest first (`receivable` view)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "position"], name="instalment_position"),
        ]


class Receivable(models.Model):
    """What is asked for, one row per document or per instalment of it (view, read only).

    `open_cents` is computed: receipts settle the instalments of a document in the order of their dates.
    """

    id = models.CharField(primary_key=True, max_length=40)  # "document:position"
    company_id = models.BigIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.DO_NOTHING, related_name="+")
    position = models.SmallIntegerField()  # 0 for a document without instalments
    number = models.CharField(max_length=80)
    type = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    issue_date = models.DateField()
    due_date = models.DateField()
    amount_cents = models.BigIntegerField()
    open_cents = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "store_receivable"
