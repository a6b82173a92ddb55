"""What every connection to an outside service keeps: which one it is, what it needs to know, and how it goes."""

from typing import ClassVar

from django.db import models

from encours.ports.connections import ConnectionKind
from encours.store.models.scoped import Scoped


class Connection(Scoped):
    """A service outside, with the company's own access to it.

    A new kind is a model made from this one with its `kind`, a member of `ports.connections.ConnectionKind` and a line in
    `ports.registry.connectors`. Opening, changing, asking and showing it are then there already: `actions.new_connection`,
    `open_connection`, `change_connection`, `note_asking`, `queries.connections`, `backoffice.settings.connections`; and its
    credentials are sealed again with the others when the key changes.
    """

    class State(models.TextChoices):
        PENDING = "pending"  # waits for a person: consent on the other side, or the fingerprint of a server
        ACTIVE = "active"
        PAUSED = "paused"  # nothing new begins
        REVOKED = "revoked"  # its credentials are gone; what it brought or did stays

    kind: ClassVar[ConnectionKind]
    journal_prefix: ClassVar[str] = ""  # what the journal's actions begin with, where it is not the kind

    provider = models.CharField(max_length=20)  # name of the entry point
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    settings = models.JSONField(default=dict)  # nothing secret
    sealed = models.TextField(blank=True)  # store.secrets
    hook_key = models.CharField(max_length=43)  # the unguessable part of the address its notices come to
    checked_at = models.DateTimeField(null=True)  # last time it was asked
    next_check_at = models.DateTimeField(null=True)  # not before; null asks at the next occasion
    failure_count = models.IntegerField(default=0)  # times in a row that it could not be asked
    problem = models.JSONField(null=True)  # Sentence.as_json() of what a person should know

    class Meta:
        abstract = True

    @property
    def seal_owner(self) -> str:
        """The name credentials are sealed under: those of one connection do not open in another's row."""
        return f"{self.kind}:{self.company_id}:{self.hook_key}"

    def journal_data(self) -> dict[str, str]:
        """What the journal says of it: never what is secret, nor where money could be looked for."""
        return {"name": self.name, "provider": self.provider}


def connection_model(kind: ConnectionKind) -> type[Connection]:
    """The table of the connections of a kind."""
    return next(model for model in connection_models() if model.kind == kind)


def connection_models() -> list[type[Connection]]:
    """The tables of all kinds, by kind."""
    return sorted(Connection.__subclasses__(), key=lambda model: model.kind)
