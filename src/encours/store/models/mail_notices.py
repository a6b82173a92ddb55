"""What mail services post when mail came in for a company, and consents to read a mailbox that are under way."""

from typing import ClassVar

from django.db import models

from encours.store.models.imports import StoredFile
from encours.store.models.replies import Mailbox
from encours.store.models.scoped import Scoped


class MailNotice(Scoped):
    """A notice that mail came in, kept as it came before anything of it is read."""

    class State(models.TextChoices):
        WAITING = "waiting"  # nobody has read it yet
        TAKEN = "taken"  # its mails are replies
        REFUSED = "refused"  # cannot be read: waits for a person
        SEEN = "seen"  # a person has looked at what could not be read

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="notices", db_index=False)
    digest = models.CharField(max_length=64)  # of its body: the same notice counts once
    content_type = models.CharField(max_length=300)  # says how the body is to be read
    # none when it was too large to be taken
    file = models.ForeignKey(
        StoredFile, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    size = models.BigIntegerField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    problem = models.JSONField(null=True)  # Sentence.as_json(): why it cannot be read

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "digest"], name="mail_notice_digest"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["mailbox", "received_at"], name="mail_notice_recent"),
            models.Index(
                fields=["company", "mailbox", "id"],
                condition=models.Q(state__in=["waiting", "refused"]),
                name="mail_notice_open",
            ),
        ]


class MailboxConsent(Scoped):
    """A person was sent to the mail service to let us read a mailbox, and has not come back yet. One per mailbox."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="consents", db_index=False)
    asked_by = models.BigIntegerField()  # id of the person: nobody else may bring the answer
    sealed = models.TextField()  # store.secrets: what proves that the answer is to our question
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox"], name="one_mailbox_consent"),
        ]
