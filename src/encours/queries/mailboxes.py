"""Mailboxes that replies come from, as people see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from encours.core.wording import Sentence
from encours.ports.connections import ConnectionKind
from encours.ports.mailboxes import is_posted, needs_consent
from encours.ports.registry import mailboxes
from encours.queries.connections import ConnectionRow, facts_of, kept_connections
from encours.store.models import Company


@dataclass(frozen=True)
class MailboxRow(ConnectionRow):
    """`where` is login and server: nothing secret. `reply_count` is how many replies it brought.

    `is_posted`: a service posts to us what comes in; `asks_consent`: it is read on a person's behalf. `steps` is what a person does at
    the service for either.
    """

    where: str
    folder: str
    answered_at: datetime | None
    reply_count: int
    is_posted: bool
    asks_consent: bool
    steps: tuple[Sentence, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `mailboxes[]` as scripts read it."""
        return {
            **super().as_json(language),
            "where": self.where,
            "folder": self.folder,
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
            "replies": self.reply_count,
        }


def mailbox_rows(*, company: Company) -> list[MailboxRow]:
    """All but the revoked ones, by name."""
    return [_row(each) for each in _kept(company)]


def mailbox_row(*, company: Company, mailbox_id: int) -> MailboxRow | None:
    """None when there is none of this id, or it was revoked."""
    found = _kept(company).filter(pk=mailbox_id).first()
    return _row(found) if found else None


def _kept(company: Company) -> Any:
    return kept_connections(kind=ConnectionKind.MAILBOX, company=company).annotate(
        reply_count=Count("replies")
    )


def _row(found: Any) -> MailboxRow:
    settings = found.settings
    made = mailboxes().get(found.provider)
    login, host = settings.get("username", ""), settings.get("host", "")
    return MailboxRow(
        **facts_of(found),
        where=" · ".join(each for each in (login, host) if each),
        folder=settings.get("folder", "INBOX"),
        answered_at=found.answered_at,
        reply_count=found.reply_count,
        is_posted=is_posted(made),
        asks_consent=needs_consent(made),
        steps=tuple(step() for step in getattr(made, "steps", ())),
    )
