"""Who looks after which customers, whom they called, and what each was told would leave."""

from typing import ClassVar

from django.db import models

from encours.store.models.companies import User
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class PortfolioRule(Scoped):
    """Customers like this are somebody's. The first rule that fits decides; what is left empty fits everybody."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    segment = models.CharField(max_length=60, blank=True)
    salesperson = models.CharField(max_length=120, blank=True)
    # of the name as banks leave it (Customer.search_name), both included: "A" to "DU"
    from_letters = models.CharField(max_length=10, blank=True)
    until_letters = models.CharField(max_length=10, blank=True)
    min_owed_cents = models.BigIntegerField(null=True)  # in the company's currency

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "position"], name="portfolio_rule_position"),
        ]


class PortfolioCustomer(Scoped):
    """A customer in somebody's portfolio: by a rule, or by hand, which no rule changes."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="portfolio")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(PortfolioRule, null=True, on_delete=models.CASCADE, related_name="+")
    assigned_by = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "user", "customer"], name="portfolio_user")]


class Call(Scoped):
    """Somebody called a customer. One that reached nobody counts as no contact, and is remembered all the same."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="calls", db_index=False)
    outcome = models.CharField(max_length=12)  # core.calls.OUTCOMES
    note = models.TextField(blank=True)
    called_date = models.DateField()
    called_at = models.DateTimeField()
    called_by = models.CharField(max_length=80)
    # the contact that counts in the minimum gap; null when nobody was reached
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "customer", "-called_date"], name="call_customer")
        ]


class EndedReceivable(Scoped):
    """What had the last step of its policy when the day was last planned. Each plan writes the whole list again."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.SmallIntegerField(default=0)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    remaining_cents = models.BigIntegerField()
    step_code = models.CharField(max_length=20)
    done_date = models.DateField(null=True)  # null where a person let the step count without sending it
    planned_date = models.DateField()  # the day whose plan found it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "document", "position"], name="ended_receivable_once"),
        ]


class Digest(Scoped):
    """What a person was told would leave on the next business day. One a day, whatever happens."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()  # when it was written, where the company is
    business_day = models.DateField()  # what it announces
    message_count = models.PositiveIntegerField()
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    # committed just before the mail server is called: from then on nobody sends it again by itself
    handed_over_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "user", "day"], name="one_digest_a_day"),
        ]
