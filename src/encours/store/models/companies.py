"""Companies, the people who work in them, and what each may do."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Now


class Company(models.Model):
    """A creditor whose receivables are kept here. Money of two companies never meets."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200)
    legal_form = models.CharField(max_length=40, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    vat_number = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, default="FR")
    currency = models.CharField(max_length=3, default="EUR")
    language = models.CharField(max_length=2, default="fr")
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    email = models.EmailField(blank=True, help_text="Sender of reminders")
    phone = models.CharField(max_length=40, blank=True)
    # printed on reminders; since 2025-10-09 payers' banks check the holder's name
    iban = models.CharField(max_length=34, blank=True)
    account_holder = models.CharField(max_length=140, blank=True)
    payment_terms = models.CharField(max_length=20, default="30")
    # fields of core.terms_caps.Caps that differ from the law's
    terms_caps = models.JSONField(default=dict, blank=True)
    # days after which a delivery without its invoice is taken for forgotten
    forgotten_after_days = models.PositiveSmallIntegerField(default=30)
    # a reminder leaves only when the bank is known at least this recently
    bank_data_max_age_days = models.PositiveSmallIntegerField(default=5)
    # a transfer ordered on the promised day arrives on a later one, and a weekend may lie between
    promise_grace_days = models.PositiveSmallIntegerField(default=3)
    # fields of core.matching.amounts.Rules and of core.matching.decide.Thresholds that differ from their defaults
    matching_rules = models.JSONField(default=dict, blank=True)
    # what a message costs by channel, in cents; one that is not here costs nothing
    channel_costs = models.JSONField(default=dict, blank=True)
    # who looks after the customer gets a copy of what is written to it: never, blind or open
    account_manager_copy = models.CharField(max_length=8, default="never")
    # whether mail services may tell that a reminder was opened
    tracks_opens = models.BooleanField(default=False)
    # everything is planned, approved and previewed, and nothing leaves to a customer
    is_test_mode = models.BooleanField(default=False)
    # core.collection_day.WEIGHTS that differ from their defaults
    collection_weights = models.JSONField(default=dict, blank=True)
    # the hour, where the company is, from which people are told what leaves on the next business day
    digest_hour = models.PositiveSmallIntegerField(default=16)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address. What they may do depends on the company (`Membership`)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(db_default=Now())

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """Each role may do what the ones after it may."""

    ADMIN = "admin"
    ACCOUNTANT = "accountant"  # imports, reconciles, writes off
    COLLECTOR = "collector"  # approves and sends reminders, holds
    VIEWER = "viewer"


class DigestScope(models.TextChoices):
    NONE = "none"
    PORTFOLIO = "portfolio"
    SALES = "sales"  # customers whose salesperson they are
    COMPANY = "company"


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role, default=Role.COLLECTOR)
    # of which customers the forewarning digest tells; with none of them there is none
    digest = models.CharField(max_length=10, choices=DigestScope, default=DigestScope.PORTFOLIO)
    # the name customers have as their salesperson, when it is not the person's own
    salesperson_name = models.CharField(max_length=120, blank=True)
    mails_mentions = models.BooleanField(default=True)
    # both included: meanwhile somebody else looks after the portfolio
    away_from_date = models.DateField(null=True)
    away_until_date = models.DateField(null=True)
    replaced_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "company"], name="one_membership")]
