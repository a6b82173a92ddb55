"""A person says what came of a task. One that a dunning step asked for then counts as that step done."""

from datetime import date, datetime

from django.db import transaction

from encours.actions.journal import record
from encours.actions.record_contact import record_contact
from encours.core.tasks import OUTCOMES, is_contact
from encours.core.wording import Sentence, Wording
from encours.store.models import Attempt, Company, Message, Reminder, Task

TASK_ENDED = Wording(
    "task.already_ended",
    fr="Cette tâche est déjà terminée : quelqu’un d’autre a été plus rapide.",
    en="This task has ended already: somebody else was faster.",
)
BAD_OUTCOME = Wording("task.bad_outcome", fr="Dites ce qu’il en est ressorti.", en="Say what came of it.")
BY_TASK = Wording("task.contact", fr="{title} : {outcome}", en="{title}: {outcome}")


class UnableToCompleteTask(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def complete_task(
    *, company: Company, task_id: int, outcome: str, note: str = "", on: date, now: datetime, actor: str
) -> Task:
    """The task, done with one of `core.tasks.OUTCOMES`.

    A dunning step counts as done, whoever was reached; the minimum gap counts from it only when there was a contact. A
    task that no step asked for leaves a contact by hand behind when there was one. Raises `UnableToCompleteTask`.
    """
    if outcome not in OUTCOMES:
        raise UnableToCompleteTask(BAD_OUTCOME())
    task = _open_task(company, task_id)
    task.state, task.outcome, task.outcome_note = Task.State.DONE, outcome, note.strip()
    _end(task, now, actor)
    message = _message_of(company, task)
    if message is not None:
        _count_step(message, outcome, on, now)
    elif is_contact(outcome):
        said = BY_TASK(title=task.title, outcome=OUTCOMES[outcome]()).say(company.language)
        record_contact(company=company, customer_id=task.customer_id, on=on, now=now, note=said, actor=actor)
    _tell(task, "task.completed", actor, outcome=outcome, note=task.outcome_note)
    return task


@transaction.atomic
def cancel_task(*, company: Company, task_id: int, note: str = "", now: datetime, actor: str) -> Task:
    """The task taken back. The step that asked for it is free: the next plan decides from what is then true.

    Raises `UnableToCompleteTask` when it has ended.
    """
    task = _open_task(company, task_id)
    task.state, task.outcome_note = Task.State.CANCELLED, note.strip()
    _end(task, now, actor)
    message = _message_of(company, task)
    if message is not None:
        message.state = Message.State.CANCELLED
        message.save(update_fields=["state"])
        message.attempts.filter(outcome="").update(outcome=Attempt.Outcome.NOT_SENT, outcome_at=now)
        Reminder.objects.filter(company=company, message=message).update(counts=False)
    _tell(task, "task.cancelled", actor, note=task.outcome_note)
    return task


def _open_task(company: Company, task_id: int) -> Task:
    task = Task.objects.select_for_update(no_key=True).get(company=company, pk=task_id)
    if task.state != Task.State.OPEN:
        raise UnableToCompleteTask(TASK_ENDED())
    return task


def _message_of(company: Company, task: Task) -> Message | None:
    """The message that waits for this task; a task may also be about a message that has left."""
    if task.message_id is None:
        return None
    message = Message.objects.select_for_update(no_key=True).get(company=company, pk=task.message_id)
    return message if message.state == Message.State.ENTRUSTED else None


def _count_step(message: Message, outcome: str, on: date, now: datetime) -> None:
    message.state, message.sent_at = Message.State.SENT, now
    # without a contact nobody was bothered: the gap does not count from it
    message.sent_date = on if is_contact(outcome) else None
    message.save(update_fields=["state", "sent_at", "sent_date"])
    message.attempts.filter(outcome="").update(
        outcome=Attempt.Outcome.ACCEPTED, outcome_at=now, detail=outcome
    )


def _end(task: Task, now: datetime, actor: str) -> None:
    task.ended_at, task.ended_by = now, actor
    task.save(update_fields=["state", "outcome", "outcome_note", "ended_at", "ended_by"])


def _tell(task: Task, action: str, actor: str, **data: str) -> None:
    record(
        company=task.company,
        actor=actor,
        action=action,
        subject_type="task",
        subject_id=task.pk,
        customer_id=task.customer_id,
        data={"title": task.title, **data},
    )
