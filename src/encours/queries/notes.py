"""What colleagues wrote about customers, and whom it calls."""

from encours.store.models import Company, Membership, Mention, Note

SHOWN = 20


def notes_of(*, company: Company, customer_id: int) -> list[Note]:
    """The newest notes about a customer, with who wrote them and who is called."""
    found = Note.objects.filter(company=company, customer_id=customer_id)
    return list(
        found.select_related("author", "document").prefetch_related("mentions__user").order_by("-pk")[:SHOWN]
    )


def unread_mentions(*, company: Company, user_id: int) -> list[Mention]:
    """Notes that call a person and were not read yet, the newest first; each with its customer."""
    found = Mention.objects.filter(company=company, user_id=user_id, read_at=None)
    return list(found.select_related("note__customer", "note__author").order_by("-pk")[:SHOWN])


def callable_people(*, company: Company) -> list[tuple[int, str]]:
    """Whom a note may call: id and name of the members who may sign in."""
    members = Membership.objects.filter(company=company, user__is_active=True).select_related("user")
    return [(member.user.pk, str(member.user)) for member in members.order_by("user__name", "user__email")]
