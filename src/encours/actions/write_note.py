"""Writes a note about a customer for colleagues, and calls those it names."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from encours.actions.journal import record
from encours.core.mentions import mentioned
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, Dispute, Document, Membership, Mention, Note

NO_TEXT = Wording("note.no_text", fr="Une note a un texte.", en="A note has a text.")
NOT_THEIRS = Wording(
    "note.not_theirs",
    fr="Ce document ou ce litige n’est pas de ce client.",
    en="This document or dispute is not this customer's.",
)


class UnableToWriteNote(Exception):
    """Nothing was written; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def write_note(
    *,
    company: Company,
    customer_id: int,
    text: str,
    author_id: int,
    document_id: int | None = None,
    dispute_id: int | None = None,
    user_ids: Collection[int] = (),
    actor: str,
) -> Note:
    """The note. Called are those its text names (`core.mentions`) and `user_ids`, members only, never the author.

    Who was called finds it in their day, and by e-mail once `actions.mail_mentions` has run. Raises `UnableToWriteNote` or
    `Customer.DoesNotExist`.
    """
    if not text.strip():
        raise UnableToWriteNote(NO_TEXT())
    customer = Customer.objects.get(company=company, pk=customer_id)
    mine = {"company": company, "customer": customer}
    if document_id and not Document.objects.filter(pk=document_id, **mine).exists():
        raise UnableToWriteNote(NOT_THEIRS())
    if dispute_id and not Dispute.objects.filter(pk=dispute_id, **mine).exists():
        raise UnableToWriteNote(NOT_THEIRS())
    note = Note.objects.create(
        **mine, document_id=document_id, dispute_id=dispute_id, text=text.strip(), author_id=author_id
    )
    members = Membership.objects.filter(company=company, user__is_active=True).select_related("user")
    names = {member.user.pk: member.user.name or member.user.email for member in members}
    called = (mentioned(text=text, names=names) | (set(user_ids) & names.keys())) - {author_id}
    Mention.objects.bulk_create(Mention(company=company, note=note, user_id=each) for each in sorted(called))
    record(
        company=company,
        actor=actor,
        action="note.written",
        subject_type="customer",
        subject_id=customer_id,
        customer_id=customer_id,
        data={"note": note.pk, "called": sorted(called)},
    )
    return note


@transaction.atomic
def read_mentions(*, company: Company, user_id: int, customer_id: int, now: datetime) -> int:
    """How many of a person's unread mentions about a customer are read now."""
    unread = Mention.objects.filter(
        company=company, user_id=user_id, note__customer_id=customer_id, read_at=None
    )
    return unread.update(read_at=now)
