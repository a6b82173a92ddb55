"""What happened, in order, and whether the chain of what is shown still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Func

from encours.queries.paging import Page, page_of
from encours.store.models import ApiToken, Company, Customer, JournalEntry, User


@dataclass(frozen=True)
class Entry:
    """One event. `is_intact` says that its hash covers what it says and the entry before it."""

    sequence: int
    at: datetime
    actor: str  # as stored: user:ID, token:ID, cli, worker …
    actor_name: str  # the person's or token's name, or the same as `actor`
    action: str
    subject_type: str
    subject_id: int | None
    customer_id: int | None
    customer_name: str
    data: dict[str, Any]
    hash: str
    is_intact: bool


def journal_page(
    *, company: Company, action: str = "", subject_type: str = "", number: int, size: int
) -> Page[Entry]:
    """Newest first; `action` is a whole action or its first part (`message`). Each row's hash is computed again."""
    found = JournalEntry.objects.filter(company=company)
    if action:
        found = (
            found.filter(action=action) if "." in action else found.filter(action__startswith=f"{action}.")
        )
    if subject_type:
        found = found.filter(subject_type=subject_type)
    page = page_of(found.order_by("-sequence"), number=number, size=size)
    return page.with_rows(_entries(company, page.rows))


def head_of_chain(*, company: Company) -> tuple[int, str]:
    """Number and hash of the last entry: what to write down elsewhere to prove later that nothing was taken out."""
    last = (
        JournalEntry.objects.filter(company=company)
        .order_by("-sequence")
        .values_list("sequence", "hash")
        .first()
    )
    return last or (0, "")


def actor_names(*, company: Company, actors: Sequence[str]) -> dict[str, str]:
    """Names of the people (`user:ID`) and of the company's API tokens (`token:ID`) among the actors."""
    users, tokens = _ids(actors, "user:"), _ids(actors, "token:")
    names = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=users)} if users else {}
    if tokens:
        found = ApiToken.objects.filter(company=company, pk__in=tokens)
        names |= {f"token:{token.pk}": token.name for token in found}
    return names


def _ids(actors: Sequence[str], prefix: str) -> set[int]:
    numbers = (actor.removeprefix(prefix) for actor in actors if actor.startswith(prefix))
    return {int(number) for number in numbers if number.isdigit()}


def _entries(company: Company, rows: Sequence[JournalEntry]) -> list[Entry]:
    if not rows:
        return []
    intact = _intact(company, [row.sequence for row in rows])
    names = actor_names(company=company, actors=[row.actor for row in rows])
    customers = dict(
        Customer.objects.filter(
            company=company, pk__in={row.customer_id for row in rows if row.customer_id}
        ).values_list("pk", "name")
    )
    return [
        Entry(
            sequence=row.sequence,
            at=row.created_at,
            actor=row.actor,
            actor_name=names.get(row.actor, row.actor),
            action=row.action,
            subject_type=row.subject_type,
            subject_id=row.subject_id,
            customer_id=row.customer_id if row.customer_id in customers else None,
            customer_name=customers.get(row.customer_id, ""),
            data=row.data,
            hash=row.hash,
            is_intact=row.sequence in intact,
        )
        for row in rows
    ]


def _intact(company: Company, sequences: list[int]) -> set[int]:
    """Those whose hash is right (recomputed by the function that made it) and whose `previous_hash` is the one
    of the entry before. Reads these entries and the ones before them, however far apart a filter has left them.
    """
    around = (
        JournalEntry.objects.filter(
            company=company, sequence__in={*sequences, *(sequence - 1 for sequence in sequences)}
        )
        .annotate(
            computed=Func(
                F("id"),
                template="encours_journal_hash(store_journalentry)",
                output_field=CharField(),
            ),
        )
        .values_list("sequence", "hash", "computed", "previous_hash")
    )
    entries = {sequence: entry for sequence, *entry in around}
    hashes = {sequence: stored for sequence, (stored, _, _) in entries.items()}
    return {
        sequence
        for sequence, (stored, computed, previous) in entries.items()
        if stored == computed and previous == hashes.get(sequence - 1, "")
    }
