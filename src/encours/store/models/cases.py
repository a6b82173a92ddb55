"""What was said about an invoice and stands in the way of reminding it: disputes, promises to pay, payment plans."""

from typing import ClassVar

from django.db import models

from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class Dispute(Scoped):
    """A customer contests a document, or a part of it (litige). While it is open, that part is asked for by nobody.

    What it blocks is never stored: `disputed_cents`, or everything when it `is_whole`, as far as it is still open.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted"  # the customer was right: a credit note follows
        PARTLY_ACCEPTED = "partly_accepted"
        REJECTED = "rejected"  # the customer owes it
        WITHDRAWN = "withdrawn"  # by the customer, or opened by mistake

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="disputes", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="disputes")
    reason_code = models.CharField(max_length=20)  # core.cases.disputes.REASONS
    note = models.TextField(blank=True)
    disputed_cents = models.BigIntegerField()  # what was contested when it was opened
    is_whole = models.BooleanField()  # whatever is open on the document
    owner = models.CharField(max_length=120, blank=True)  # who looks into it
    deadline = models.DateField(null=True, blank=True)
    opened_date = models.DateField()
    opened_by = models.CharField(max_length=80)
    # the reply that contested it
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    resolved_date = models.DateField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    resolution_note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(resolved_date=None), name="one_open_dispute"
            ),
            models.CheckConstraint(name="dispute_positive", condition=models.Q(disputed_cents__gt=0)),
            models.CheckConstraint(
                name="dispute_resolved_with_outcome",
                condition=models.Q(resolved_date=None, outcome="")
                | (models.Q(resolved_date__isnull=False) & ~models.Q(outcome="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "customer"], condition=models.Q(resolved_date=None), name="dispute_open"
            ),
            models.Index(fields=["company", "-opened_date", "-id"], name="dispute_recent"),
            models.Index(fields=["customer"], name="dispute_customer"),
        ]


class Promise(Scoped):
    """A customer said what it will pay by a day. Its documents are not reminded before that day has passed.

    The state is what `actions.judge_promises` found last: it follows from the ledger and is found again from it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        PARTLY = "partly"  # some of it came in time
        BROKEN = "broken"  # nothing came in time
        WITHDRAWN = "withdrawn"  # by a person, by a later promise or by a plan

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="promises", db_index=False)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()  # the sum of its documents' `promised_cents`
    promised_date = models.DateField()
    grace_days = models.PositiveSmallIntegerField()  # what came this much later came in time
    recorded_date = models.DateField()
    recorded_by = models.CharField(max_length=80)
    source = models.CharField(max_length=120, blank=True)  # who said it, and how
    # the reply that said it
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_cents = models.BigIntegerField(default=0)  # of the amount, in time, as judged last
    judged_date = models.DateField(null=True, blank=True)  # when the state became what it is
    ended_note = models.TextField(blank=True)  # why it was withdrawn
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="promise_settled_within_amount",
                condition=models.Q(
                    amount_cents__gt=0, settled_cents__gte=0, settled_cents__lte=models.F("amount_cents")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "customer"], condition=models.Q(state="open"), name="promise_open"
            ),
            models.Index(fields=["company", "-promised_date", "-id"], name="promise_recent"),
            models.Index(fields=["customer"], name="promise_customer"),
        ]


class PromiseDocument(Scoped):
    """A document of a promise and how much of it was promised: 0 where the promise names it for less than is open."""

    promise = models.ForeignKey(Promise, on_delete=models.CASCADE, related_name="documents")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="promised")
    promised_cents = models.BigIntegerField()
    # what may stay open when the promise is kept: the rest of the document, and what was promised for other days
    rest_cents = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["promise", "document"], name="promise_document_once"),
            models.CheckConstraint(
                name="promise_document_not_negative",
                condition=models.Q(promised_cents__gte=0, rest_cents__gte=0),
            ),
        ]


class PaymentPlan(Scoped):
    """Documents a customer pays in instalments agreed with it (échéancier). They are not reminded while it is kept."""

    class State(models.TextChoices):
        AGREED = "agreed"
        KEPT = "kept"  # all of it came
        BROKEN = "broken"  # an instalment did not come in time
        ENDED = "ended"  # by a person

    class WhenBroken(models.TextChoices):
        ALL_DUE = "all_due"  # the plan ends: everything is due at once again
        MISSED_DUE = (
            "missed_due"  # only what was missed is reminded; the plan goes on, and is mended by paying it
        )

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="payment_plans", db_index=False
    )
    currency = models.CharField(max_length=3)
    planned_cents = models.BigIntegerField()  # the sum of its documents' `planned_cents`
    interest_cents = models.BigIntegerField(default=0)  # asked for on top; the instalments sum to both
    grace_days = models.PositiveSmallIntegerField()  # an instalment that came this much later came in time
    when_broken = models.CharField(max_length=10, choices=WhenBroken, default=WhenBroken.ALL_DUE)
    agreed_date = models.DateField()
    agreed_with = models.CharField(max_length=120, blank=True)  # who, for the customer
    recorded_by = models.CharField(max_length=80)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.AGREED)
    settled_cents = models.BigIntegerField(default=0)  # of what is planned, as judged last
    judged_date = models.DateField(null=True, blank=True)  # when the state became what it is
    missed_date = models.DateField(null=True, blank=True)  # due date of the first instalment that was missed
    ended_note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="plan_settled_within_planned",
                condition=models.Q(
                    planned_cents__gt=0,
                    interest_cents__gte=0,
                    settled_cents__gte=0,
                    settled_cents__lte=models.F("planned_cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "customer"],
                condition=models.Q(state__in=["agreed", "broken"]),
                name="plan_running",
            ),
            models.Index(fields=["company", "-agreed_date", "-id"], name="plan_recent"),
            models.Index(fields=["customer"], name="plan_customer"),
        ]


class PlanInstalment(Scoped):
    """What a plan asks for by a day, interest included."""

    plan = models.ForeignKey(PaymentPlan, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_instalment_position"),
            models.CheckConstraint(name="plan_instalment_positive", condition=models.Q(amount_cents__gt=0)),
        ]
        ordering: ClassVar = ["position"]


class PlanDocument(Scoped):
    """A document a plan covers, with what was open and not in dispute when it was agreed."""

    plan = models.ForeignKey(PaymentPlan, on_delete=models.CASCADE, related_name="documents")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="planned")
    planned_cents = models.BigIntegerField()
    rest_cents = models.BigIntegerField()  # what was in dispute: the plan may be kept and leave it open

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "document"], name="plan_document_once"),
            models.CheckConstraint(
                name="plan_document_positive",
                condition=models.Q(planned_cents__gt=0, rest_cents__gte=0),
            ),
        ]
