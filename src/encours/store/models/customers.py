"""Customers and the people to write to."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class Customer(Scoped):
    """A debtor: another company, a public buyer, or a person. `code` is its name in the company's books."""

    class Kind(models.TextChoices):
        COMPANY = "company"
        PUBLIC_BUYER = "public_buyer"
        PERSON = "person"

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    # upper case ASCII without legal form: what banks leave of a name (core.parties.bank_name)
    search_name = models.CharField(max_length=200, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, default="FR")
    language = models.CharField(max_length=2, default="fr")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.COMPANY)
    segment = models.CharField(max_length=60, blank=True)
    sector = models.CharField(max_length=60, blank=True)
    salesperson = models.CharField(max_length=120, blank=True)
    payment_terms = models.CharField(max_length=20, blank=True, help_text="Empty: the company's terms")
    policy = models.ForeignKey("Policy", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # one of core.dunning.policy.CUSTOMER_CHANNELS, tried first where a step has it; "" when none is known
    preferred_channel = models.CharField(max_length=20, blank=True, default="")
    # since when somebody who is no professional accepts electronic registered mail (CPCE, art. L100 and R53-1)
    registered_consent_date = models.DateField(null=True, blank=True)
    # when a letter came back from the address, until the address is another one
    address_returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "code"], name="customer_code"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "name"], name="customer_name"),
            models.Index(fields=["company", "siren"], name="customer_siren"),
            models.Index(fields=["company", "search_name"], name="customer_search_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Scoped):
    class EmailStop(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        WRONG = "wrong"  # not, or no longer, the one to write to

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(default=False)
    # set when the address bounced; nothing automatic is sent to it until somebody corrects it
    bounced_at = models.DateTimeField(null=True, blank=True)
    # asked for no more text messages: kept whatever the number becomes
    text_stopped_at = models.DateTimeField(null=True, blank=True)
    # the number took no text message; until somebody corrects it
    text_failed_at = models.DateTimeField(null=True, blank=True)
    # why reminders no longer use the e-mail address: what this person answered to one
    email_stop = models.CharField(max_length=12, choices=EmailStop, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="one_primary_contact"
            ),
        ]
