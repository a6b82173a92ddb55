"""Bank accounts, statements as imported, and their lines."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class BankAccount(Scoped):
    identifier = models.CharField(max_length=60, help_text="IBAN, or what the bank's files call the account")
    # other names under which files told it, so that their lines are known again
    also_called = models.JSONField(default=list)
    name = models.CharField(max_length=120, blank=True)
    bank = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "identifier", "currency"], name="bank_account_identifier"
            ),
        ]


class Statement(Scoped):
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    batch = models.ForeignKey("ImportBatch", on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True)
    opening_cents = models.BigIntegerField(null=True)
    closing_cents = models.BigIntegerField(null=True)
    opening_date = models.DateField(null=True)
    closing_date = models.DateField(null=True)
    # the closing date, or the last line's: how recently the bank is known
    known_until_date = models.DateField(null=True)


class Transaction(Scoped):
    """A booked bank line. Signed cents: a credit (money received) is positive."""

    class State(models.TextChoices):
        NEW = "new"  # nobody knows yet
        PROPOSED = "proposed"  # waits for a person
        MATCHED = "matched"
        SET_ASIDE = "set_aside"  # no customer receipt: fees, own transfers, debits
        REMOVED = "removed"  # the bank took it back before anybody worked on it: it counts nowhere

    account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="transactions", db_index=False
    )
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="transactions")
    identity = models.CharField(max_length=40)  # core.statements.identities
    booked_date = models.DateField()
    value_date = models.DateField(null=True)
    amount_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    bank_reference = models.CharField(max_length=80, blank=True)
    end_to_end_id = models.CharField(max_length=80, blank=True)
    mandate_id = models.CharField(max_length=80, blank=True)
    structured_reference = models.CharField(max_length=80, blank=True)
    remittance = models.TextField(blank=True)
    counterparty_name = models.CharField(max_length=200, blank=True)
    counterparty_iban = models.CharField(max_length=34, blank=True)
    operation_code = models.CharField(max_length=40, blank=True)
    return_reason = models.CharField(max_length=40, blank=True)
    extra = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    # Sentence.as_json(): why it stands where it stands, when no match says so; null until it was looked at
    reason = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "account", "identity"], name="transaction_identity"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "-booked_date", "-id"], name="transaction_recent"),
            models.Index(fields=["company", "state", "-booked_date", "-id"], name="transaction_state"),
            models.Index(fields=["company", "bank_reference"], name="transaction_bank_reference"),
        ]
