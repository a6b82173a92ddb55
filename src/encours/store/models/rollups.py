"""Sums kept by the database as rows change (triggers, migration 0002), so that pages cost what they show.

`encours doctor` proves them equal to what they sum up. Their rows refer to what the rows they are summed from
refer to, which is checked there and not once more.
"""

from typing import ClassVar

from django.db import models

from encours.store.models.companies import Company
from encours.store.models.customers import Customer


class OpenByDueDate(models.Model):
    """Open amount of documents without instalments, per due date. Credit notes apart."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = models.CharField(max_length=3)
    due_date = models.DateField()
    owed_cents = models.BigIntegerField(default=0)  # sum of positive open_cents
    credit_cents = models.BigIntegerField(default=0)  # sum of negative open_cents, as a negative number
    document_count = models.BigIntegerField(default=0)  # with open_cents > 0

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "currency", "due_date"], name="open_by_due_date"),
        ]


class CustomerBalance(models.Model):
    """What a customer owes, and what they are owed, per currency."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="balances", db_index=False, db_constraint=False
    )
    currency = models.CharField(max_length=3)
    owed_cents = models.BigIntegerField(default=0)  # open invoices
    credit_cents = models.BigIntegerField(default=0)  # open credit notes, a negative number
    unallocated_cents = models.BigIntegerField(default=0)  # receipts not allocated, a positive number
    document_count = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "customer", "currency"], name="customer_balance"),
        ]
        indexes: ClassVar = [models.Index(fields=["company", "-owed_cents"], name="customer_balance_owed")]


class DailyFlow(models.Model):
    """Movements per day and kind (a reversal counts under the kind it takes back, with its sign)."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = models.CharField(max_length=3)
    booked_date = models.DateField()
    kind = models.CharField(max_length=20)
    target = models.CharField(max_length=8)  # document or payment
    amount_cents = models.BigIntegerField(default=0)
    movement_count = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "currency", "booked_date", "kind", "target"], name="daily_flow"
            ),
        ]
