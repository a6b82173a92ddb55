"""Second step of sending: look again at what is owed, give the message its words, and mark it as handed over.

All under lock and in one transaction. The customer's row is locked against holds, contacts and other senders; the
documents against the ledger. What is committed elsewhere before is seen here; what comes after, came after
the message left.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.conf import settings
from django.db import connection, transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.render_message import render_message
from encours.actions.render_statement import render_statement
from encours.core.dunning import Checked, Draft, check
from encours.core.dunning.reasons import bank_warning
from encours.core.wording import Sentence
from encours.ports.channels import Attachment, OutgoingMessage
from encours.queries.dunning import customer_situation, draft_lines
from encours.queries.letters import letter, statement_lines
from encours.store.models import (
    Attempt,
    Company,
    Contact,
    Customer,
    Message,
    MessageAttachment,
    PolicyStep,
    Reminder,
)

PDF = "application/pdf"


@dataclass(frozen=True)
class Prepared:
    """`ready` with what to hand over; `cancelled`; `postponed` by the age of the bank data; or `lost` to
    a recovery that took this sender for dead."""

    state: Literal["ready", "cancelled", "postponed", "lost"]
    outgoing: OutgoingMessage | None = None
    reason: Sentence | None = None


@transaction.atomic(durable=True)
def prepare_message(
    *, company: Company, attempt: Attempt, on: date, now: datetime, accept_bank_age: bool, actor: str
) -> Prepared:
    """Committed when it returns: from `ready` on, the message counts as handed over."""
    message = Message.objects.select_for_update().get(company=company, pk=attempt.message_id)
    attempt.refresh_from_db()
    if message.state != Message.State.CLAIMED or attempt.outcome:
        return Prepared("lost")
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=message.customer_id)
    _lock_documents(company, message)
    situation = customer_situation(
        company=company,
        customer_id=message.customer_id,
        message_id=message.pk,
        currency=message.currency,
        on=on,
    )
    stale = bank_warning(
        known_until=situation.bank_known_until, max_age_days=situation.bank_data_max_age_days, on=on
    )
    if stale is not None and not accept_bank_age:
        _not_sent(message, attempt, Message.State.APPROVED, now, stale)
        return Prepared("postponed", reason=stale)
    checked = check(draft=draft_of(company, message), situation=situation, on=on)
    if checked.cancelled is not None:
        _cancel(company, message, attempt, checked.cancelled, now, actor)
        return Prepared("cancelled", reason=checked.cancelled)
    _refresh(company, message, checked)
    contact_id = situation.customers["contact_id"].item()
    outgoing = _written(company, message, attempt, checked, contact_id, on)
    attempt.handed_over_at = now
    attempt.save(update_fields=["handed_over_at"])
    return Prepared("ready", outgoing=outgoing)


def _lock_documents(company: Company, message: Message) -> None:
    """Against the ledger, which locks in the order of ids too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM store_document WHERE company_id = %s AND customer_id = %s AND open_cents <> 0
               ORDER BY id FOR SHARE""",
            [company.pk, message.customer_id],
        )


def draft_of(company: Company, message: Message) -> Draft:
    """What the message was planned for, as `core.dunning.check` looks at it."""
    policy = message.policy
    assert policy is not None, "only planned messages are sent"
    step = PolicyStep.objects.get(company=company, policy=policy, code=message.step_code)
    return Draft(
        customer_id=message.customer_id,
        currency=message.currency,
        channel=message.channel,
        step_code=message.step_code,
        approval=message.approval,
        approved_by=message.approved_by,
        min_gap_days=policy.min_gap_days,
        min_amount_cents=max(policy.min_amount_cents, step.min_amount_cents),
        lines=draft_lines(company=company, message=message),
    )


def _cancel(
    company: Company, message: Message, attempt: Attempt, reason: Sentence, now: datetime, actor: str
) -> None:
    """The steps are free again: the next plan decides from what is then true."""
    message.reason = reason.as_json()
    message.save(update_fields=["reason"])
    _not_sent(message, attempt, Message.State.CANCELLED, now, reason)
    Reminder.objects.filter(company=company, message=message).update(counts=False)
    record(
        company=company,
        actor=actor,
        action="message.cancelled",
        subject_type="message",
        subject_id=message.pk,
        customer_id=message.customer_id,
        data={"reason": reason.as_json()},
    )


def _not_sent(message: Message, attempt: Attempt, state: str, now: datetime, reason: Sentence) -> None:
    attempt.outcome = Attempt.Outcome.NOT_SENT
    attempt.outcome_at = now
    attempt.detail = reason.code
    attempt.save(update_fields=["outcome", "outcome_at", "detail"])
    message.state = state
    message.save(update_fields=["state"])


def _refresh(company: Company, message: Message, checked: Checked) -> None:
    """Reminders say what is asked for now; what dropped out is free for a later message."""
    left = {(row["document_id"], row["position"]): row for row in checked.lines.iter_rows(named=True)}
    changed = []
    for reminder in Reminder.objects.filter(company=company, message=message, counts=True):
        row = left.get((reminder.document_id, reminder.position))
        amount_cents = row["remaining_cents"] if row else reminder.amount_cents
        if row is None or amount_cents != reminder.amount_cents:
            reminder.counts, reminder.amount_cents = row is not None, amount_cents
            changed.append(reminder)
    Reminder.objects.bulk_update(changed, ["counts", "amount_cents"], batch_size=1000)


def _written(
    company: Company, message: Message, attempt: Attempt, checked: Checked, contact_id: int, on: date
) -> OutgoingMessage:
    contact = Contact.objects.get(company=company, pk=contact_id)
    message.contact = contact
    facts = letter(company=company, message=message, lines=checked.lines, on=on)
    rendered = render_message(letter=facts)
    statement = render_statement(
        letter=facts, lines=statement_lines(company=company, message=message, language=facts.language)
    )
    message.amount_cents, message.document_count = checked.amount_cents, checked.document_count
    message.oldest_due_date = checked.oldest_due_date
    message.recipient, message.language = contact.email, facts.language
    message.subject, message.text, message.html = rendered.subject, rendered.text, rendered.html
    message.letter_template_id, message.has_mandate_mentions = facts.text_id, facts.tells_mandate
    # the gap counts from here, whatever becomes of the hand-over; a failed one takes it back
    message.sent_date = on
    message.save()
    stored = keep_file(company=company, name=rendered.statement_name, media_type=PDF, content=statement)
    MessageAttachment.objects.filter(company=company, message=message).delete()  # of an earlier attempt
    MessageAttachment.objects.create(company=company, message=message, file=stored)
    return OutgoingMessage(
        idempotency_key=attempt.idempotency_key,
        sender_name=company.name,
        sender_address=company.email or settings.DEFAULT_FROM_EMAIL,
        recipient_name=contact.name,
        recipient_address=contact.email,
        language=facts.language,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reply_to=company.email,
        attachments=(Attachment(rendered.statement_name, PDF, statement),),
    )
