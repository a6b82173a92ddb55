"""What people write to each other about a customer, and whom they call to it."""

from typing import ClassVar

from django.db import models

from encours.store.models.cases import Dispute
from encours.store.models.companies import User
from encours.store.models.customers import Customer
from encours.store.models.documents import Document
from encours.store.models.scoped import Scoped


class Note(Scoped):
    """A plain text about a customer, one of its documents or a dispute. It is never changed; nobody outside sees it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes", db_index=False)
    document = models.ForeignKey(
        Document, null=True, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    dispute = models.ForeignKey(
        Dispute, null=True, on_delete=models.CASCADE, related_name="notes", db_index=False
    )
    text = models.TextField()
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "customer", "-id"], name="note_customer")]


class Mention(Scoped):
    """A person whom a note calls. Unread until that person has seen it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)  # committed before the mail server is called

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "user"], name="mention_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "user", "-id"], condition=models.Q(read_at=None), name="mention_unread"
            ),
        ]
