"""Late interest that was claimed or given up, and the rates a company added to the table."""

from typing import ClassVar

from django.db import models

from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class InterestClaim(Scoped):
    """Late interest of one receivable over some days, and the indemnity of 40 EUR when it is told for the first time.

    Beside the ledger: an issued invoice is never edited. Written `accrued` with the letter that is about to claim it,
    `claimed` once the letter has left, `waived` by a person with a reason. What is claimed or waived is so once.
    """

    class State(models.TextChoices):
        ACCRUED = "accrued"
        CLAIMED = "claimed"
        WAIVED = "waived"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="interest_claims")
    position = models.PositiveSmallIntegerField(default=0)  # instalment, 0 for the whole document
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="interest_claims")
    from_date = models.DateField()
    to_date = models.DateField()
    # [{"from", "to", "days", "principal_cents", "rate_basis_points", "interest_cents"}]
    pieces = models.JSONField(default=list)
    interest_cents = models.BigIntegerField()
    indemnity_cents = models.BigIntegerField(default=0)
    # {"debtor", "agreed_basis_points", "day_count", "imputation"}: what it was computed under
    terms = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.ACCRUED)
    decided_date = models.DateField(null=True)  # claimed or waived
    decided_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "position", "from_date"],
                condition=~models.Q(state="accrued"),
                name="interest_claimed_once",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=~models.Q(state="accrued") & ~models.Q(indemnity_cents=0),
                name="indemnity_claimed_once",
            ),
            models.CheckConstraint(
                name="interest_claim_goes_forward", condition=models.Q(to_date__gte=models.F("from_date"))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "customer"], name="interest_claim_customer"),
        ]


class ReferenceRate(Scoped):
    """A half-year's rates as the company found them published, with where; beside the table that comes with the
    product (`core.reference_rates`)."""

    year = models.PositiveSmallIntegerField()
    half = models.PositiveSmallIntegerField()
    ecb_basis_points = models.PositiveIntegerField()
    legal_basis_points = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=300)
    added_by = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "year", "half"], name="one_rate_per_half"),
            models.CheckConstraint(name="rate_half", condition=models.Q(half__in=[1, 2])),
        ]
