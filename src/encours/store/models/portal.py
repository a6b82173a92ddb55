"""The customers' portal: how it looks, who may open it, and what was seen and asked there."""

from typing import ClassVar

from django.db import models

from encours.store.models.cases import PaymentPlan
from encours.store.models.companies import Company
from encours.store.models.customers import Contact, Customer
from encours.store.models.imports import StoredFile
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class PortalSettings(Scoped):
    """What a company lets its customers do by themselves, and the limits of it."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True)
    logo = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    colour = models.CharField(max_length=7, default="#1f5fbf")  # #rrggbb; text on it is chosen to be legible
    link_days = models.PositiveSmallIntegerField(default=60)  # how long a link in a message opens
    allows_part_payment = models.BooleanField(default=True)
    min_part_cents = models.BigIntegerField(default=1000)
    sends_receipts = models.BooleanField(default=True)  # by e-mail, to who paid here
    allows_promise = models.BooleanField(default=True)
    max_promise_days = models.PositiveSmallIntegerField(default=30)
    allows_dispute = models.BooleanField(default=True)
    allows_plan = models.BooleanField(default=True)
    plan_accepts_by_itself = models.BooleanField(default=False)  # within the limits, without a person
    plan_max_instalments = models.PositiveSmallIntegerField(default=4)
    plan_max_days = models.PositiveSmallIntegerField(default=120)  # from today to the last instalment
    plan_min_first_percent = models.PositiveSmallIntegerField(default=25)
    plan_min_instalment_cents = models.BigIntegerField(default=10_000)
    plan_max_cents = models.BigIntegerField(null=True)
    plan_asks_interest = models.BooleanField(default=False)
    # automatic charges
    allows_autopay = models.BooleanField(default=True)
    charges_overdue = models.BooleanField(default=False)  # R+30 is switched on by the company
    overdue_days = models.PositiveSmallIntegerField(default=30)
    charge_notice_days = models.PositiveSmallIntegerField(
        default=14
    )  # SEPA pre-notification, unless agreed shorter
    charge_min_cents = models.BigIntegerField(default=0)
    charge_max_cents = models.BigIntegerField(null=True)


class PortalLink(Scoped):
    """The right to see and pay what one customer owes: in a message, or by invitation.

    The token itself is nowhere at rest. It is made from the installation's key and the row (`core.portal_tokens`), and
    known by its digest.
    """

    class Purpose(models.TextChoices):
        MESSAGE = "message"
        INVITATION = "invitation"

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="portal_links", db_index=False
    )
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="portal_links")
    purpose = models.CharField(max_length=10, choices=Purpose)
    digest = models.CharField(max_length=64)  # SHA-256 of the token
    salt = models.CharField(max_length=43)  # what makes each token another
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)
    made_by = models.CharField(max_length=80)
    first_seen_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "digest"], name="portal_link_digest"),
            models.UniqueConstraint(
                fields=["message"], condition=models.Q(message__isnull=False), name="portal_link_message"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["company", "customer", "-id"], name="portal_link_customer")]


class PortalCode(Scoped):
    """A code sent by e-mail: who has it may change more than pay, for a while, with that link."""

    link = models.ForeignKey(PortalLink, on_delete=models.CASCADE, related_name="codes")
    email = models.EmailField()  # one that the company knew before
    digest = models.CharField(max_length=64)
    session_digest = models.CharField(max_length=64, blank=True)  # of the cookie that a right code gave
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong_count = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)


class PortalView(Scoped):
    """Who looked at what, and when: one row per page or document opened, or act tried."""

    link = models.ForeignKey(PortalLink, on_delete=models.CASCADE, related_name="views")
    seen_at = models.DateTimeField()
    what = models.CharField(max_length=40)  # name of the route
    object_id = models.BigIntegerField(null=True)  # document, charge …
    outcome = models.CharField(max_length=12, default="shown")  # shown, done, refused
    network = models.CharField(max_length=45, blank=True)  # address cut to /24 or /48
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["link", "-id"], name="portal_view_link")]


class PlanRequest(Scoped):
    """A payment plan a customer asks for. Nobody is held to it, and nothing is held by it, before it is accepted.

    The company accepts it as it was asked for, or offers other instalments, which the customer accepts or leaves.
    """

    class State(models.TextChoices):
        WAITING = "waiting"  # for the company
        OFFERED = "offered"  # other instalments than asked for: it waits for the customer
        ACCEPTED = "accepted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    OPEN = (State.WAITING, State.OFFERED)

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="plan_requests", db_index=False
    )
    link = models.ForeignKey(PortalLink, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    document_ids = models.JSONField()
    # [{"due_date": "2026-03-01", "amount_cents": 12000}], interest included
    instalments = models.JSONField()
    interest_cents = models.BigIntegerField(default=0)
    offered_instalments = models.JSONField(null=True)  # what the company offers instead
    offered_interest_cents = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)
    asked_name = models.CharField(max_length=120, blank=True)
    asked_email = models.EmailField(blank=True, default="")  # whose code was shown: the answer goes there
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    answer = models.TextField(blank=True)
    plan = models.OneToOneField(
        PaymentPlan, null=True, on_delete=models.PROTECT, related_name="request", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "currency"],
                condition=models.Q(state__in=("waiting", "offered")),
                name="one_waiting_plan_request",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "state", "-id"], name="plan_request_state"),
            models.Index(fields=["company", "customer", "-id"], name="plan_request_customer"),
        ]


class ContactRequest(Scoped):
    """What a customer says of how it is reached, which a person of the company looks at before it holds."""

    class About(models.TextChoices):
        ADDED = "added"  # a contact nobody knew
        CHANGED = "changed"  # a contact is reached otherwise
        LEFT = "left"  # a contact works there no more
        MOVED = "moved"  # the customer's postal address

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        REPLACED = "replaced"  # by what the customer said later of the same

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contact_requests", db_index=False
    )
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="requests", db_index=False
    )
    link = models.ForeignKey(PortalLink, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.CharField(max_length=7, choices=About)
    # {"email": ["old@a.example", "new@a.example"]}: each field as it was known, and as it is said to be
    changes = models.JSONField()
    asked_email = models.EmailField(blank=True)  # whose code was shown
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["company", "state", "-id"], name="contact_request_state"),
            models.Index(fields=["company", "customer", "-id"], name="contact_request_customer"),
            models.Index(fields=["contact"], name="contact_request_contact"),
        ]
