"""What others, and later this program, think of how a customer pays."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from encours.store.models.customers import Customer
from encours.store.models.imports import ImportBatch
from encours.store.models.scoped import Scoped


class Score(Scoped):
    """A score as its source gave it on a day. Of two by one source the later day counts."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="scores", db_index=False)
    source = models.CharField(max_length=40)  # core.scores.OWN_SOURCE for the program's own
    value = models.PositiveSmallIntegerField()  # 0 to 100, the best payers 100
    given_date = models.DateField()
    valid_until_date = models.DateField(
        null=True
    )  # the last day on which it is valid; null: until another comes
    batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "customer", "source", "given_date"], name="score_of_a_day"
            ),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=100), name="score_out_of_a_hundred"),
        ]
