"""Takes back what a reply led to: it waits for a person again."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from encours.actions.act_on_reply import locked_reply
from encours.actions.complete_task import UnableToCompleteTask, cancel_task
from encours.actions.journal import record
from encours.actions.release_hold import release_hold
from encours.actions.resolve_dispute import resolve_dispute
from encours.actions.withdraw_promise import UnableToWithdrawPromise, withdraw_promise
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Contact, Reply

UNDONE = Wording("reply.undone_note", fr="réponse relue", en="the reply was read again")


class UnableToUndoReply(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def undo_reply(*, company: Company, reply_id: int, on: date, now: datetime, actor: str) -> Reply:
    """The reply, waiting again: its promise withdrawn, its disputes withdrawn, its holds released, its task taken back, the contact
    written to again. One that was dismissed just waits again; one that waits stays as it is.

    A promise that has been judged is history: raises `UnableToUndoReply`.
    """
    reply = locked_reply(company=company, reply_id=reply_id)
    if reply.state in (Reply.State.WAITING, Reply.State.FILED):
        return reply
    note = UNDONE().say(company.language)
    made: dict[str, list[Any]] = reply.done
    try:
        for promise_id in made.get("promises", ()):
            withdraw_promise(company=company, promise_id=promise_id, note=note, on=on, actor=actor)
    except UnableToWithdrawPromise as error:
        raise UnableToUndoReply(error.sentence) from error
    for dispute_id in made.get("disputes", ()):
        resolve_dispute(
            company=company, dispute_id=dispute_id, outcome="withdrawn", note=note, on=on, now=now, actor=actor
        )  # fmt: skip
    for hold_id in made.get("holds", ()):
        release_hold(company=company, hold_id=hold_id, now=now, actor=actor)
    for task_id in made.get("tasks", ()):
        _take_back_task(company, task_id, note, now, actor)
    for contact_id, before in made.get("contacts", ()):
        _write_to_again(reply, contact_id, before, actor)
    reply.state, reply.outcome, reply.done = Reply.State.WAITING, [], {}
    reply.handled_at, reply.handled_by = None, ""
    reply.save(update_fields=["state", "outcome", "done", "handled_at", "handled_by"])
    record(
        company=company,
        actor=actor,
        action="reply.undone",
        subject_type="reply",
        subject_id=reply.pk,
        customer_id=reply.customer_id,
        data={"undone": made},
    )
    return reply


def _take_back_task(company: Company, task_id: int, note: str, now: datetime, actor: str) -> None:
    try:
        cancel_task(company=company, task_id=task_id, note=note, now=now, actor=actor)
    except UnableToCompleteTask:
        return  # somebody has done it meanwhile: that stands


def _write_to_again(reply: Reply, contact_id: int, before: str, actor: str) -> None:
    contact = Contact.objects.filter(company=reply.company, pk=contact_id).first()
    if contact is None or not contact.email_stop:
        return  # removed, or its address was corrected meanwhile
    contact.email_stop = before
    contact.save(update_fields=["email_stop"])
    record(
        company=reply.company,
        actor=actor,
        action="contact.email_resumed",
        subject_type="contact",
        subject_id=contact.pk,
        customer_id=reply.customer_id,
        data={"email": contact.email, "reply": reply.pk},
    )
