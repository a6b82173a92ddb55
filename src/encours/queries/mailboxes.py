"""Mailboxes that replies come from, as people see them, and which of them are due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from encours.core.wording import Sentence
from encours.ports.registry import mailboxes as kinds
from encours.store.models import Company, Mailbox


@dataclass(frozen=True)
class MailboxRow:
    """`where` is login and server: nothing secret. `reply_count` is how many replies it brought."""

    id: int
    provider: str
    title: Sentence
    name: str
    state: str
    where: str
    folder: str
    checked_at: datetime | None
    answered_at: datetime | None
    next_check_at: datetime | None
    problem: Sentence | None
    reply_count: int

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `mailboxes[]` as scripts read it."""
        return {
            "id": self.id,
            "provider": self.provider,
            "name": self.name,
            "state": self.state,
            "where": self.where,
            "folder": self.folder,
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
            "next_check_at": self.next_check_at.isoformat() if self.next_check_at else None,
            "problem": {"code": self.problem.code, "message": self.problem.say(language)}
            if self.problem
            else None,
            "replies": self.reply_count,
        }


def mailbox_rows(*, company: Company) -> list[MailboxRow]:
    """All but the revoked ones, by name."""
    found = _shown(company).order_by("name", "pk")
    return [_row(each) for each in found]


def mailbox_row(*, company: Company, mailbox_id: int) -> MailboxRow | None:
    """None when there is none of this id, or it was revoked."""
    found = _shown(company).filter(pk=mailbox_id).first()
    return _row(found) if found else None


def available_mailboxes() -> list[tuple[str, Sentence]]:
    """(name, title) of every kind that can be connected."""
    return [(name, made.title()) for name, made in kinds().items()]


def due_mailboxes(*, company: Company, now: datetime) -> list[int]:
    """Ids of the mailboxes that may be asked now."""
    due = Q(next_check_at=None) | Q(next_check_at__lte=now)
    active = Mailbox.objects.filter(due, company=company, state=Mailbox.State.ACTIVE)
    return list(active.order_by("pk").values_list("pk", flat=True))


def _shown(company: Company) -> Any:
    return (
        Mailbox.objects.filter(company=company)
        .exclude(state=Mailbox.State.REVOKED)
        .annotate(reply_count=Count("replies"))
    )


def _row(found: Any) -> MailboxRow:
    made = kinds().get(found.provider)
    settings = found.settings
    login, host = settings.get("username", ""), settings.get("host", "")
    return MailboxRow(
        id=found.pk,
        provider=found.provider,
        title=made.title() if made else Sentence("bank_connection.no_provider", {"provider": found.provider}),
        name=found.name,
        state=found.state,
        where=f"{login} · {host}" if host else "",
        folder=settings.get("folder", "INBOX"),
        checked_at=found.checked_at,
        answered_at=found.answered_at,
        next_check_at=found.next_check_at,
        problem=Sentence.from_json(found.problem) if found.problem else None,
        reply_count=found.reply_count,
    )
