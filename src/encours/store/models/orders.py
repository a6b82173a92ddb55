"""What customers ordered and what was delivered of it, and the documents that belong to each order."""

from typing import ClassVar

from django.db import models

from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.scoped import Scoped
from encours.store.models.tasks import Task


class Order(Scoped):
    """A quote or an order as other software keeps it, known by its number. Amounts with VAT unless they say net."""

    class Kind(models.TextChoices):
        QUOTE = "quote"
        ORDER = "order"

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"  # nothing more will be delivered or invoiced
        CANCELLED = "cancelled"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="orders", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.ORDER)
    number = models.CharField(max_length=80)
    # the customer's own number for it (EN 16931 BT-13); `number` is ours (BT-14)
    purchase_order = models.CharField(max_length=80, blank=True, default="")
    quote_number = models.CharField(max_length=80, blank=True, default="")
    # as `core.references.normalised_number` has them
    search_number = models.CharField(max_length=80)
    search_purchase_order = models.CharField(max_length=80, blank=True, default="")
    search_quote = models.CharField(max_length=80, blank=True, default="")
    ordered_date = models.DateField()
    currency = models.CharField(max_length=3)
    net_cents = models.BigIntegerField(null=True)
    payable_cents = models.BigIntegerField()
    # the deposit agreed on, as an amount or as a share of what is payable; at most one of them
    deposit_cents = models.BigIntegerField(null=True)
    deposit_basis_points = models.IntegerField(null=True)
    label = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
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
            models.UniqueConstraint(fields=["company", "kind", "number"], name="order_number"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "customer", "-ordered_date"], name="order_customer"),
            models.Index(fields=["company", "-ordered_date", "-id"], name="order_recent"),
            # references of documents are looked up here
            models.Index(fields=["company", "search_number"], name="order_search_number"),
            models.Index(
                fields=["company", "search_purchase_order"],
                condition=~models.Q(search_purchase_order=""),
                name="order_purchase_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Delivery(Scoped):
    """Goods delivered or work done of an order. `amount_cents` with VAT; negative for what came back."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    # the delivery note's number; where a file has none, the day, the words and the rank among equals
    reference = models.CharField(max_length=120)
    delivered_date = models.DateField()
    description = models.CharField(max_length=200, blank=True, default="")
    net_cents = models.BigIntegerField(null=True)
    amount_cents = models.BigIntegerField()
    # the invoice the file names for it, and that document once it is here
    document_number = models.CharField(max_length=80, blank=True, default="")
    document = models.ForeignKey(
        Document, null=True, on_delete=models.SET_NULL, related_name="deliveries", db_constraint=False
    )
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
            models.UniqueConstraint(fields=["order", "reference"], name="delivery_reference"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "order", "delivered_date"],
                include=["amount_cents", "document"],
                name="delivery_order",
            ),
        ]


class OrderDocument(Scoped):
    """A document that belongs to an order, or is proposed to. What a person refused is not proposed again."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        LINKED = "linked"
        REJECTED = "rejected"

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="links", db_index=False, db_constraint=False
    )
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="links", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=8, choices=State)
    reason = models.JSONField()  # Sentence.as_json(): what made us think so
    # what a person says of the deposit this invoice takes off; null: as the document or its amounts have it
    deducted_cents = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=80, blank=True, default="")  # empty: by its reference alone

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "document"], name="order_document"),
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(state="linked"), name="one_order_per_document"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "document"], name="order_document_document"),
            models.Index(
                fields=["company", "order"],
                condition=models.Q(state="proposed"),
                name="order_document_proposed",
            ),
        ]


class DocumentReference(Scoped):
    """What an invoice says of the order and of the deposit it settles, besides the customer's order number."""

    class Kind(models.TextChoices):
        SALES_ORDER = "sales_order"  # our own order number (BT-14)
        PRECEDING = "preceding"  # an invoice it follows (BG-3)
        PREPAID = "prepaid"  # paid before and taken off the amount due (BT-113)
        DEDUCTED = "deducted"  # a line that takes a deposit invoice off

    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="references", db_constraint=False
    )
    kind = models.CharField(max_length=11, choices=Kind)
    value = models.CharField(max_length=80, blank=True)
    search_value = models.CharField(max_length=80, blank=True)
    amount_cents = models.BigIntegerField(null=True)  # with VAT

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "kind", "search_value"], name="document_reference_value"),
        ]


class OrderFlag(Scoped):
    """Something of an order that somebody should look at, from the day it was seen until it was gone."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="flags", db_index=False, db_constraint=False
    )
    code = models.CharField(max_length=24)  # core.orders.FLAGS
    amount_cents = models.BigIntegerField()
    raised_date = models.DateField()
    cleared_date = models.DateField(null=True)
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "code"], condition=models.Q(cleared_date=None), name="order_flag_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "code"], condition=models.Q(cleared_date=None), name="order_flag_raised"
            ),
        ]


class TermsRevision(Scoped):
    """Payment terms agreed with a customer from a day on. Documents issued before keep what held then."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="terms_revisions", db_index=False
    )
    from_date = models.DateField()
    terms = models.CharField(max_length=20, blank=True)  # as core.terms notes them; empty: the company's
    previous_terms = models.CharField(max_length=20, blank=True)
    # several deliveries are invoiced together (CGI, art. 289 I-3): a cap of its own
    is_periodic = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    # false as long as its day has not come: `Customer.payment_terms` is what holds today
    is_applied = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "customer", "from_date"], name="terms_revision_customer"),
        ]
