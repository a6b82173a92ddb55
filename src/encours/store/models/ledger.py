"""The customer's account: movements, receipts and what they settle."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.store.models.companies import Company
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.scoped import Scoped


class Payment(Scoped):
    """Money received from a customer. What no document takes stays the customer's credit."""

    class Method(models.TextChoices):
        TRANSFER = "transfer"
        DIRECT_DEBIT = "direct_debit"
        CARD = "card"
        CHEQUE = "cheque"
        IMPORTED = "imported"  # settled in the books the documents came from

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments", db_index=False)
    transaction = models.ForeignKey(
        "Transaction", null=True, on_delete=models.PROTECT, related_name="payments"
    )
    method = models.CharField(max_length=16, choices=Method, default=Method.TRANSFER)
    received_date = models.DateField()
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    unallocated_cents = models.BigIntegerField()
    label = models.CharField(max_length=500, blank=True)
    # what makes it the same receipt when its source is read again
    source_key = models.CharField(max_length=80, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True)
    # the match of the bank line that gave the money back, when that is why it is reversed
    returned_by = models.ForeignKey(
        "Match", null=True, on_delete=models.PROTECT, related_name="returned_payments", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "source_key"], condition=~models.Q(source_key=""), name="payment_source"
            ),
            models.CheckConstraint(
                name="payment_unallocated_within_amount",
                condition=models.Q(
                    amount_cents__gt=0,
                    unallocated_cents__gte=0,
                    unallocated_cents__lte=models.F("amount_cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "customer", "-received_date"], name="payment_customer_date"),
            models.Index(
                fields=["company", "customer"],
                include=["unallocated_cents", "currency"],
                condition=~models.Q(unallocated_cents=0),
                name="payment_unallocated",
            ),
            models.Index(
                fields=["returned_by"], condition=models.Q(returned_by__isnull=False), name="payment_returned"
            ),
        ]


class Match(Scoped):
    """What explains a bank line: proposed by the engine or a person, applied, or undone."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPLIED = "applied"
        UNDONE = "undone"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"  # proposed, until a person answered its line otherwise
        RETRACTED = (
            "retracted"  # applied by a person, who took that answer back: it speaks neither for nor against
        )

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    transaction = models.ForeignKey("Transaction", on_delete=models.PROTECT, related_name="matches")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State)
    rule = models.CharField(max_length=40)
    confidence = models.FloatField()
    reason = models.JSONField()  # Sentence.as_json()
    # [{"document_id": 1, "number": "F-1", "allocated_cents": 1200}]
    lines = models.JSONField(default=list)
    # what is closed without money: [{"document_id": 1, "number": "F-1", "kind": "bank_fee", "amount_cents": 1500}]
    adjustments = models.JSONField(default=list)
    decided_by = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["transaction"], condition=models.Q(state="applied"), name="one_applied_match"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "-confidence", "transaction"],
                condition=models.Q(state="proposed"),
                name="match_proposed",
            ),
        ]


class BulkAcceptance(Scoped):
    """Proposals accepted together: the likeliest of each line, from a score on, as they were counted for the person.

    Worked through in order, a part at a time: the first `done_count` have been.
    """

    min_percent = models.PositiveSmallIntegerField()
    match_ids = ArrayField(models.BigIntegerField())
    line_ids = ArrayField(models.BigIntegerField())  # of the same proposals, in the same order
    done_count = models.IntegerField(default=0)
    accepted_count = models.IntegerField(default=0)
    already_count = models.IntegerField(default=0)  # somebody accepted them in the meantime
    # why the others were not, and the line: [{"line_id": 1, "sentence": Sentence.as_json()}]
    refused = models.JSONField(default=list)
    asked_by = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["company"], condition=models.Q(finished_at=None), name="bulk_acceptance_unfinished"
            ),
        ]


class Allocation(Scoped):
    """Part of a receipt, or of a credit note, that settles a document (lettrage). Undone, never deleted."""

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="allocations")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="allocations")
    credit_note = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="used_on")
    match = models.ForeignKey(Match, null=True, on_delete=models.PROTECT, related_name="allocations")
    amount_cents = models.BigIntegerField()
    allocated_date = models.DateField()
    lettering = models.CharField(max_length=12, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # undone because its receipt was returned: comes back into force when that proves wrong
    returned_by = models.ForeignKey(
        Match, null=True, on_delete=models.PROTECT, related_name="returned_allocations", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["returned_by"],
                condition=models.Q(returned_by__isnull=False),
                name="allocation_returned",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="allocation_positive", condition=models.Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="allocation_one_source",
                condition=models.Q(payment__isnull=False, credit_note__isnull=True)
                | models.Q(payment__isnull=True, credit_note__isnull=False),
            ),
        ]


class Movement(Scoped):
    """One line of a customer's account. Append-only: un-doing is a new movement (trigger, migration 0002).

    `amount_cents` is signed: positive when the customer owes more. A line belongs to a document or to a
    payment; the sum over a document is its `open_cents`, over a payment minus its `unallocated_cents`, over
    a customer what the customer owes.
    """

    class Kind(models.TextChoices):
        INVOICED = "invoiced"
        CREDITED = "credited"
        PAID = "paid"
        ALLOCATED = "allocated"
        WRITTEN_OFF = "written_off"
        DISCOUNT = "discount"
        BANK_FEE = "bank_fee"
        ROUNDING_DIFFERENCE = "rounding_difference"
        REFUNDED = "refunded"
        REVERSED = "reversed"

    # row-level security lets only the company in scope be written: no check per row (as for documents)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # that of its document or payment, which is checked there
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # what follows is checked once per statement by trigger (migrations 0013 and 0047)
    document = models.ForeignKey(
        Document,
        null=True,
        on_delete=models.PROTECT,
        related_name="movements",
        db_index=False,
        db_constraint=False,
    )
    payment = models.ForeignKey(
        Payment,
        null=True,
        on_delete=models.PROTECT,
        related_name="movements",
        db_index=False,
        db_constraint=False,
    )
    allocation = models.ForeignKey(
        Allocation,
        null=True,
        on_delete=models.PROTECT,
        related_name="movements",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=20, choices=Kind)
    # for a reversal: the kind it takes back
    reversed_kind = models.CharField(max_length=20, blank=True)
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    booked_date = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="movement_one_target",
                condition=models.Q(document__isnull=False, payment__isnull=True)
                | models.Q(document__isnull=True, payment__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["document"], condition=models.Q(document__isnull=False), name="movement_document"
            ),
            models.Index(
                fields=["payment"], condition=models.Q(payment__isnull=False), name="movement_payment"
            ),
            models.Index(fields=["company", "customer", "booked_date"], name="movement_customer"),
            models.Index(fields=["company", "booked_date"], name="movement_booked"),
        ]
