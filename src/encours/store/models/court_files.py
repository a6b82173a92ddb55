"""What goes to a court: papers a person attached to a customer, and the files that were built."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.imports import StoredFile
from encours.store.models.scoped import Scoped


class Paper(Scoped):
    """A file that proves something: a contract, an order, a delivery note, an invoice as it was sent.

    Of a document when it is named, else of the customer as a whole. Removed, it stays kept and is shown no more.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="papers", db_index=False)
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="papers", db_index=False
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)  # of the file as this person sent it
    kind = models.CharField(max_length=16)  # core.court_files.papers.KINDS
    title = models.CharField(max_length=160, blank=True)
    paper_date = models.DateField(null=True)
    added_by = models.CharField(max_length=80)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["company", "customer"],
                condition=models.Q(removed_at=None),
                name="paper_customer",
            ),
            models.Index(
                fields=["document"],
                condition=models.Q(removed_at=None, document__isnull=False),
                name="paper_document",
            ),
        ]


class CourtFile(Scoped):
    """A file for a court: what was asked for, and once it is built, its PDF and its archive.

    Never rewritten: later facts make another one. Handed over, its documents are held from dunning until that is undone.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        REFUSED = "refused"  # by the facts: `findings` say why
        FAILED = "failed"  # our fault: may be tried again

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="court_files", db_index=False
    )
    procedure = models.CharField(max_length=20)  # core.court_files.procedures.PROCEDURES
    court = models.CharField(
        max_length=24, blank=True
    )  # core.court_files.procedures.COURTS; empty: by the debtor
    on_date = models.DateField()
    wanted_ids = ArrayField(models.BigIntegerField(), default=list)  # documents; none: all that is overdue
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done_units = models.IntegerField(default=0)
    total_units = models.IntegerField(default=0)
    asked_by = models.CharField(max_length=80)
    finished_at = models.DateTimeField(null=True)
    # of the facts it was built from: the same facts give the same file
    digest = models.CharField(max_length=64, blank=True)
    document_ids = ArrayField(models.BigIntegerField(), default=list)  # what is claimed
    principal_cents = models.BigIntegerField(default=0)
    interest_cents = models.BigIntegerField(default=0)
    indemnity_cents = models.BigIntegerField(default=0)
    interest_until = models.DateField(null=True)  # null: none was computed
    piece_count = models.IntegerField(default=0)
    page_count = models.IntegerField(default=0)
    is_archival = models.BooleanField(default=False)  # the PDF says it is PDF/A-3b
    findings = models.JSONField(default=list)  # [{"severity", "sentence"}]
    pdf = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    archive = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    handed_over_date = models.DateField(null=True)
    handed_over_to = models.CharField(max_length=200, blank=True)
    handed_over_by = models.CharField(max_length=80, blank=True)
    hold_ids = ArrayField(models.BigIntegerField(), default=list)  # the holds that handing it over made

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "digest"],
                condition=models.Q(state="done"),
                name="one_court_file_per_facts",
            ),
            models.CheckConstraint(
                name="court_file_done_is_whole",
                condition=~models.Q(state="done") | models.Q(pdf__isnull=False, archive__isnull=False),
            ),
            models.CheckConstraint(
                name="court_file_handed_over_when_done",
                condition=models.Q(handed_over_date=None) | models.Q(state="done"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["company", "customer", "-id"], name="court_file_customer"),
        ]
