"""Money asked for through payment services: mandates, charges, what is refunded or contested, and what is paid out."""

from typing import ClassVar

from django.db import models

from encours.store.models.banking import Transaction
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.gateways import GatewayConnection
from encours.store.models.imports import StoredFile
from encours.store.models.ledger import Payment
from encours.store.models.messages import Message
from encours.store.models.scoped import Scoped


class PaymentMandate(Scoped):
    """What a customer agreed to so that it can be charged later: a saved card, or a SEPA direct-debit mandate.

    No card number is ever here: only what may be shown (brand, last digits) and the service's own ids.
    """

    class Kind(models.TextChoices):
        CARD = "card"
        SEPA_CORE = "sepa_core"
        SEPA_B2B = "sepa_b2b"  # the customer's bank must know it; no refund on demand

    class State(models.TextChoices):
        PENDING = "pending"  # asked for, not signed
        ACTIVE = "active"
        SUSPENDED = "suspended"  # a failure says that the customer must act first
        EXPIRED = "expired"  # the card's end, or 36 months without a debit
        REVOKED = "revoked"  # by the customer, the bank or the company
        REPLACED = "replaced"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="mandates", db_index=False)
    connection = models.ForeignKey(
        GatewayConnection, on_delete=models.PROTECT, related_name="mandates", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reference = models.CharField(max_length=35)  # RUM for SEPA
    customer_external_id = models.CharField(max_length=80, blank=True)
    external_id = models.CharField(max_length=80, blank=True)  # of the saved method
    mandate_external_id = models.CharField(max_length=80, blank=True)
    # the service's page it is given on without a payment, and where that is
    setup_external_id = models.CharField(max_length=120, blank=True)
    setup_url = models.CharField(max_length=1000, blank=True)
    # what it was given for: each purpose must have been agreed to before
    pays_on_due_date = models.BooleanField(default=False)  # autopay
    pays_overdue = models.BooleanField(default=False)  # R+30
    max_cents = models.BigIntegerField(null=True)  # of one charge, as the customer allowed
    holder_name = models.CharField(max_length=140, blank=True)
    brand = models.CharField(max_length=20, blank=True)
    last_digits = models.CharField(max_length=4, blank=True)
    bank_country = models.CharField(max_length=2, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    sealed_iban = models.TextField(blank=True)  # store.secrets; only where we write the file ourselves
    is_one_off = models.BooleanField(default=False)  # for one SEPA debit, over afterwards
    is_ending = models.BooleanField(default=False)  # the next SEPA debit is the last
    bank_confirmed_date = models.DateField(null=True)  # B2B: when the payer's bank said it knows the mandate
    expires_date = models.DateField(null=True)  # last day it can be used
    signed_at = models.DateTimeField(null=True)
    # what proves the agreement: who, from where, which words (Sentence.as_json()), in which language
    evidence = models.JSONField(default=dict)
    first_used_date = models.DateField(null=True)
    last_used_date = models.DateField(null=True)
    expiry_told_date = models.DateField(null=True)  # when a new one was asked for because this one ends
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.JSONField(null=True)  # Sentence.as_json()
    told_at = models.DateTimeField(null=True)  # moment of the service's word that the state rests on

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "reference"], name="mandate_reference"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer"], name="mandate_customer"),
            models.Index(fields=["company", "connection", "external_id"], name="mandate_external_id"),
            models.Index(
                fields=["company", "connection", "setup_external_id"],
                condition=~models.Q(setup_external_id=""),
                name="mandate_setup_external_id",
            ),
            models.Index(
                fields=["company", "expires_date"],
                condition=models.Q(state="active"),
                name="mandate_expiry",
            ),
        ]


class DirectDebitFile(Scoped):
    """A pain.008 file for the company's bank, and what the bank said of it."""

    class State(models.TextChoices):
        MADE = "made"
        SENT = "sent"  # somebody gave it to the bank
        ACCEPTED = "accepted"
        REJECTED = "rejected"  # as a whole
        CANCELED = "canceled"  # never given to the bank

    connection = models.ForeignKey(
        GatewayConnection, on_delete=models.PROTECT, related_name="files", db_index=False
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=10)  # PaymentMandate.Kind
    message_id = models.CharField(max_length=35)
    collection_date = models.DateField()
    charge_count = models.PositiveIntegerField()
    total_cents = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.MADE)
    made_by = models.CharField(max_length=80)
    sent_by = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    problem = models.JSONField(null=True)  # Sentence.as_json()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "message_id"], name="direct_debit_file_message_id"),
        ]


class Payout(Scoped):
    """Money a payment service sends to the bank: many charges, less its fees and refunds, as one bank line."""

    connection = models.ForeignKey(
        GatewayConnection, on_delete=models.PROTECT, related_name="payouts", db_index=False
    )
    external_id = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()  # what arrives; negative when it takes money back
    gross_cents = models.BigIntegerField(default=0)
    fee_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    contested_cents = models.BigIntegerField(default=0)
    other_cents = models.BigIntegerField(default=0)  # signed: adjustments, reserves, what is not ours
    arrival_date = models.DateField()
    state = models.CharField(max_length=12)  # pending, in_transit, paid, failed, canceled
    told_at = models.DateTimeField()
    transaction = models.ForeignKey(Transaction, null=True, on_delete=models.SET_NULL, related_name="payouts")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="payout_external_id"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "-arrival_date", "-id"], name="payout_recent"),
        ]


class Charge(Scoped):
    """One attempt to get money from a customer through a payment service, with the customer present or by mandate.

    Written, with its idempotency key, before the service is asked; after a crash in between it is asked what became of it.
    """

    class Origin(models.TextChoices):
        CUSTOMER = "customer"  # pays now, in the portal
        LINK = "link"  # by a link of the service
        AUTOPAY = "autopay"  # on the due date, by mandate
        OVERDUE = "overdue"  # R+30, by mandate
        PERSON = "person"  # somebody of the company, by mandate

    class State(models.TextChoices):
        CREATED = "created"  # the service may or may not know of it
        OPEN = "open"  # waits for the customer
        PENDING = "pending"  # money is on its way: counts as covering
        SUCCEEDED = "succeeded"  # has a receipt
        FAILED = "failed"
        CANCELED = "canceled"
        EXPIRED = "expired"
        RETURNED = "returned"  # succeeded, and the money went back as a whole: receipt reversed

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="charges", db_index=False)
    connection = models.ForeignKey(
        GatewayConnection, on_delete=models.PROTECT, related_name="charges", db_index=False
    )
    mandate = models.ForeignKey(PaymentMandate, null=True, on_delete=models.PROTECT, related_name="charges")
    # the message whose link led to it
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    origin = models.CharField(max_length=8, choices=Origin)
    method = models.CharField(
        max_length=20
    )  # core.payments.methods.METHODS; empty until chosen at the service
    state = models.CharField(max_length=9, choices=State, default=State.CREATED)
    reference = models.CharField(max_length=35)  # ours, unique, sent as end-to-end id or statement reference
    idempotency_key = models.CharField(max_length=80)
    # actions.ask_charge: what is asked of the service, so that it can be asked again in the same words
    request = models.JSONField(default=dict)
    external_id = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=1000, blank=True)  # of the service's page
    expires_at = models.DateTimeField(null=True)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()
    received_cents = models.BigIntegerField(default=0)  # what came in all, never less what went back
    fee_cents = models.BigIntegerField(null=True)
    refunded_cents = models.BigIntegerField(default=0)
    contested_cents = models.BigIntegerField(default=0)
    requested_date = models.DateField()
    collection_date = models.DateField(null=True)  # of a direct debit
    sequence_type = models.CharField(max_length=4, blank=True)  # core.payments.direct_debits.SEQUENCES
    attempt_number = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="next", db_index=False
    )
    next_attempt_date = models.DateField(null=True)  # after a failure that may pass
    failure_group = models.CharField(max_length=12, blank=True)  # core.payments.failures.GROUPS
    failure_code = models.CharField(max_length=60, blank=True)  # the service's own
    failure = models.JSONField(null=True)  # Sentence.as_json()
    # Sentence.as_json(): what the service says and what we asked for do not agree, a person must look
    problem = models.JSONField(null=True)
    asked_by = models.CharField(max_length=80)
    told_at = models.DateTimeField(null=True)  # moment of the service's word that the state rests on
    asked_at = models.DateTimeField(null=True)  # when the service was last asked
    ended_at = models.DateTimeField(null=True)
    payment = models.OneToOneField(
        Payment, null=True, on_delete=models.PROTECT, related_name="charge", db_index=False
    )
    # what tells the payer that the money came: once, whatever becomes of it later
    receipt_message = models.OneToOneField(
        Message, null=True, on_delete=models.PROTECT, related_name="receipted_charge"
    )
    payout = models.ForeignKey(Payout, null=True, on_delete=models.SET_NULL, related_name="charges")
    file = models.ForeignKey(DirectDebitFile, null=True, on_delete=models.PROTECT, related_name="charges")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "reference"], name="charge_reference"),
            models.UniqueConstraint(fields=["company", "idempotency_key"], name="charge_idempotency_key"),
            models.CheckConstraint(
                name="charge_amounts",
                condition=models.Q(
                    amount_cents__gt=0, refunded_cents__gte=0, refunded_cents__lte=models.F("amount_cents")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "connection", "external_id"],
                condition=~models.Q(external_id=""),
                name="charge_external_id",
            ),
            models.Index(fields=["company", "customer", "-id"], name="charge_customer"),
            models.Index(fields=["company", "-id"], name="charge_recent"),
            models.Index(
                fields=["company", "connection", "asked_at"],
                condition=models.Q(state__in=["created", "open", "pending"]),
                name="charge_unfinished",
            ),
            models.Index(
                fields=["company", "next_attempt_date"],
                condition=models.Q(next_attempt_date__isnull=False),
                name="charge_next_attempt",
            ),
        ]


class ChargeDocument(Scoped):
    """What a charge pays of a document. At most one charge that is not over asks for a document."""

    charge = models.ForeignKey(Charge, on_delete=models.CASCADE, related_name="documents")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="charged", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)  # instalment, 0 for the whole document
    amount_cents = models.BigIntegerField()
    is_open = models.BooleanField(default=True)  # while its charge is created, open or pending

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(is_open=True), name="one_open_charge_per_document"
            ),
            models.UniqueConstraint(fields=["charge", "document", "position"], name="charge_document_once"),
            models.CheckConstraint(name="charge_document_positive", condition=models.Q(amount_cents__gt=0)),
        ]
        indexes: ClassVar = [models.Index(fields=["document"], name="charge_document")]


class ChargeNotice(Scoped):
    """A customer is told what will be charged by its mandate, and when. On that day it is looked at once more."""

    class State(models.TextChoices):
        ANNOUNCED = "announced"
        CHARGED = "charged"
        CANCELED = "canceled"  # `reason` says why: paid, disputed, mandate revoked …

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="charge_notices", db_index=False
    )
    mandate = models.ForeignKey(PaymentMandate, on_delete=models.PROTECT, related_name="notices")
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="charge_notices", db_index=False
    )
    # what told the customer; one message may announce several documents
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="charge_notices")
    origin = models.CharField(max_length=8, choices=Charge.Origin)
    currency = models.CharField(max_length=3)
    amount_cents = models.BigIntegerField()  # never more than this is charged
    announced_date = models.DateField()
    charge_date = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.ANNOUNCED)
    reason = models.JSONField(null=True)  # Sentence.as_json()
    charge = models.OneToOneField(
        Charge, null=True, on_delete=models.PROTECT, related_name="notice", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state="announced"),
                name="one_charge_notice_per_document",
            ),
            models.CheckConstraint(name="charge_notice_positive", condition=models.Q(amount_cents__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "charge_date"],
                condition=models.Q(state="announced"),
                name="charge_notice_announced",
            ),
            models.Index(fields=["document"], name="charge_notice_document"),
            models.Index(fields=["company", "customer", "-id"], name="charge_notice_customer"),
        ]


class Refund(Scoped):
    """Money given back of a charge, whole or in part, asked for here or at the service."""

    class State(models.TextChoices):
        CREATED = "created"  # the service may or may not know of it
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELED = "canceled"

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=9, choices=State, default=State.CREATED)
    idempotency_key = models.CharField(max_length=80)
    external_id = models.CharField(max_length=120, blank=True)
    amount_cents = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    requested_by = models.CharField(max_length=80)
    failure = models.JSONField(null=True)  # Sentence.as_json()
    told_at = models.DateTimeField(null=True)
    is_booked = models.BooleanField(default=False)  # its movements are in the ledger

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "idempotency_key"], name="refund_idempotency_key"),
            models.UniqueConstraint(
                fields=["charge", "external_id"],
                condition=~models.Q(external_id=""),
                name="refund_external_id",
            ),
            models.CheckConstraint(name="refund_positive", condition=models.Q(amount_cents__gt=0)),
        ]


class Chargeback(Scoped):
    """A payer contested a charge at its bank: the money is gone until that is won."""

    class State(models.TextChoices):
        WARNING = "warning"  # an inquiry: no money has moved
        OPEN = "open"
        UNDER_REVIEW = "under_review"  # evidence was sent
        WON = "won"
        LOST = "lost"

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="chargebacks")
    external_id = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=State)
    amount_cents = models.BigIntegerField()
    is_withdrawn = models.BooleanField(default=False)  # the money is gone from the balance now
    fee_cents = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=60, blank=True)  # the service's own code
    respond_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["charge", "external_id"], name="chargeback_external_id"),
        ]
