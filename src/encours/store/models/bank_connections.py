"""Where bank data comes from by itself: drops of files and live feeds, and what each of them told."""

from typing import ClassVar

from django.db import models

from encours.ports.connections import ConnectionKind
from encours.store.models.connections import Connection
from encours.store.models.scoped import Scoped


class BankConnection(Connection):
    """One place that is asked for bank data: a watched folder, an SFTP server, a bank's or an aggregator's API."""

    kind = ConnectionKind.BANK

    cursor_at = models.DateTimeField(null=True)  # the latest change a live feed told
    synced_at = models.DateTimeField(null=True)  # last time it answered

    class Meta:
        indexes: ClassVar = [models.Index(fields=["company", "state"], name="bank_connection_state")]


class DropFile(Scoped):
    """A file seen in a drop, as it was at the last look."""

    class State(models.TextChoices):
        SEEN = "seen"  # may still be growing
        TAKEN = "taken"  # received; its import may still run
        DONE = "done"
        REFUSED = "refused"

    connection = models.ForeignKey(BankConnection, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    modified_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # since when it looks like this
    state = models.CharField(max_length=8, choices=State, default=State.SEEN)
    batch = models.ForeignKey("ImportBatch", null=True, on_delete=models.PROTECT, related_name="+")
    problem = models.JSONField(null=True)  # why it was refused before it became an import
    is_put_away = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="drop_file_name"),
        ]


class FeedAccount(Scoped):
    """A bank account as a live feed calls it."""

    connection = models.ForeignKey(BankConnection, on_delete=models.CASCADE, related_name="accounts")
    external_id = models.CharField(max_length=80)
    account = models.ForeignKey("BankAccount", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    balance_cents = models.BigIntegerField(null=True)
    refreshed_at = models.DateTimeField(null=True)  # when the feed itself last heard from the bank

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="feed_account_external_id"),
        ]


class FeedLine(Scoped):
    """A line as a live feed knows it, and the bank line of the books it is."""

    class State(models.TextChoices):
        TOLD = "told"
        CHANGED = "changed"  # the bank says otherwise now, but somebody has worked on the line
        GONE = "gone"  # the bank took it back, but somebody has worked on the line or a statement tells it
        REMOVED = "removed"  # the bank took it back and it was taken out

    feed_account = models.ForeignKey(FeedAccount, on_delete=models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=80)
    # none when the books tell the same money otherwise, as a sum or as its details
    transaction = models.ForeignKey(
        "Transaction", null=True, on_delete=models.SET_NULL, related_name="feed_lines"
    )
    content = models.CharField(max_length=64)  # of what it said last
    told_at = models.DateTimeField()  # when the feed changed it last
    state = models.CharField(max_length=8, choices=State, default=State.TOLD)
    told = models.JSONField(null=True)  # what the bank says now, while the books say otherwise
    needs_person = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feed_account", "external_id"], name="feed_line_external_id"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["company", "feed_account"],
                condition=models.Q(state__in=["changed", "gone"]),
                name="feed_line_open",
            ),
        ]


class BankNotice(Scoped):
    """A signed notice that something changed at a bank, kept as it came until it was worked on and a while longer."""

    connection = models.ForeignKey(BankConnection, on_delete=models.CASCADE, related_name="notices")
    digest = models.CharField(max_length=64)  # of the body: the same notice counts once
    body = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "digest"], name="bank_notice_digest"),
        ]
