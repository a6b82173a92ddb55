"""Second step of sending: look again at what is owed, give the message its words, and mark it as handed over.

All under lock and in one transaction. The customer's row is locked against holds, contacts and other senders; the
documents against the ledger. What is committed elsewhere before is seen here; what comes after, came after
the message left.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from django.conf import settings
from django.db import connection, transaction

from encours.actions.address_message import addressed
from encours.actions.check_charge_notice import check_charge_notice, keep_charge_notice
from encours.actions.claim_interest import accrue_interest
from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.make_portal_link import message_portal_url, without_token
from encours.actions.reroute_message import other_channels, reroute
from encours.actions.say_thanks import check_thanks
from encours.actions.write_message import write_message
from encours.core.dunning import Checked, Draft, Situation, check
from encours.core.dunning.reasons import TEST_MODE, bank_warning
from encours.core.letter_templates.library import ASKS_NOTHING, AT_ONCE, CHARGE_NOTICE
from encours.core.wording import Sentence
from encours.ports.channels import OutgoingMessage
from encours.queries.dunning import customer_situation, draft_lines
from encours.queries.letters import letter
from encours.queries.test_mode import in_test_mode
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


@dataclass(frozen=True)
class Prepared:
    """`ready` with what to hand over; `cancelled`; `rerouted` to another channel; `postponed` by the age of the bank data; or
    `lost` to a recovery that took this sender for dead."""

    state: Literal["ready", "cancelled", "rerouted", "postponed", "lost"]
    outgoing: OutgoingMessage | None = None
    reason: Sentence | None = None


@transaction.atomic(durable=True)
def prepare_message(
    *,
    company: Company,
    attempt: Attempt,
    on: date,
    now: datetime,
    accept_bank_age: bool,
    provider: str = "",
    actor: str,
) -> Prepared:
    """Committed when it returns: from `ready` on, the message counts as handed over to `provider` ("" where none carries it)."""
    message = Message.objects.select_for_update().get(company=company, pk=attempt.message_id)
    attempt.refresh_from_db()
    if message.state != Message.State.CLAIMED or attempt.outcome:
        return Prepared("lost")
    if in_test_mode(company=company):  # switched on since the claim: nothing is handed over any more
        _not_sent(message, attempt, Message.State.APPROVED, now, TEST_MODE())
        return Prepared("postponed", reason=TEST_MODE())
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
    # these ask for nothing, whatever the bank has not told yet
    if stale is not None and not accept_bank_age and message.template not in AT_ONCE:
        _not_sent(message, attempt, Message.State.APPROVED, now, stale)
        return Prepared("postponed", reason=stale)
    if message.template in ASKS_NOTHING:
        checked = check_thanks(company=company, message=message, situation=situation, on=on)
    elif message.template == CHARGE_NOTICE:
        checked = check_charge_notice(company=company, message=message, situation=situation, on=on)
    else:
        checked = check(draft=draft_of(company, message), situation=situation, on=on)
    if checked.cancelled is not None:
        _cancel(company, message, attempt, checked.cancelled, now, actor)
        return Prepared("cancelled", reason=checked.cancelled)
    if checked.other_channel:
        assert checked.unreached is not None
        _not_sent(message, attempt, Message.State.APPROVED, now, checked.unreached)
        reroute(
            company=company,
            message=message,
            channel=checked.other_channel,
            why=checked.unreached,
            actor=actor,
        )
        return Prepared("rerouted", reason=checked.unreached)
    _refresh(company, message, checked)
    outgoing = _written(company, message, attempt, checked, situation, on, now)
    attempt.handed_over_at, attempt.provider = now, provider
    attempt.save(update_fields=["handed_over_at", "provider", "mail_id", "copied_to"])
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
        other_channels=other_channels(company=company, message=message),
        step_code=message.step_code,
        approval=message.approval,
        approved_by=message.approved_by,
        min_gap_days=policy.min_gap_days,
        max_contacts_per_week=policy.max_contacts_per_week,
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
    company: Company,
    message: Message,
    attempt: Attempt,
    checked: Checked,
    situation: Situation,
    on: date,
    now: datetime,
) -> OutgoingMessage:
    """What leaves, kept with the message as it leaves."""
    reached = situation.customers.row(0, named=True)
    contact = _contact(company, message, reached)
    message.contact = contact
    facts = letter(company=company, message=message, lines=checked.lines, on=on)
    if message.channel != "task":  # which a person speaks
        url = message_portal_url(
            company=company, customer_id=message.customer_id, message_id=message.pk, now=now
        )
        facts = replace(facts, portal_url=url)
    if facts.charge is not None:
        keep_charge_notice(
            company=company, message=message, checked=checked, charge_date=facts.charge.charge_date
        )
    to = addressed(company=company, message=message, contact=contact, phone=reached["phone"], letter=facts)
    written = write_message(company=company, message=message, letter=facts)
    if message.template not in ASKS_NOTHING:  # which tell what was paid
        message.amount_cents, message.document_count = checked.amount_cents, checked.document_count
        message.oldest_due_date = checked.oldest_due_date
    message.recipient, message.language = ", ".join(to.address.split("\n"))[:254], facts.language
    message.subject = written.subject
    # the words are kept, the key to the portal is not: it is the customer's
    message.text, message.html = (
        without_token(said, url=facts.portal_url) for said in (written.text, written.html)
    )
    is_letter = message.channel not in ("sms", "task")  # which have no room for what the law wants said
    message.letter_template_id = facts.text_id
    message.has_mandate_mentions = is_letter and facts.tells_mandate
    message.thread_id = to.thread_id
    # the gap counts from here, whatever becomes of the hand-over; a failed one takes it back
    message.sent_date = on
    message.save()
    accrue_interest(company=company, message=message, claim=facts.claim if is_letter else None)
    MessageAttachment.objects.filter(company=company, message=message).delete()  # of an earlier attempt
    for kind, file in written.files:
        stored = keep_file(company=company, name=file.name, media_type=file.media_type, content=file.content)
        MessageAttachment.objects.create(company=company, message=message, file=stored, kind=kind)
    outgoing = OutgoingMessage(
        idempotency_key=attempt.idempotency_key,
        sender_name=company.name,
        sender_address=company.email or settings.DEFAULT_FROM_EMAIL,
        recipient_name=to.name,
        recipient_address=to.address,
        recipient_company=facts.debtor.name,
        recipient_country=facts.debtor.country,
        is_consumer=facts.debtor.kind == "person",
        language=facts.language,
        subject=written.subject,
        text=written.text,
        html=written.html,
        reply_to=company.email,
        attachments=tuple(file for _, file in written.files),
        references=to.references,
        copy_to=to.copy_to,
        blind_copy_to=to.blind_copy_to,
        tracks_opens=company.tracks_opens,
    )
    if message.channel == "email":
        attempt.mail_id, attempt.copied_to = outgoing.mail_id, to.copy_to or to.blind_copy_to
    return outgoing


def _contact(company: Company, message: Message, reached: dict[str, Any]) -> Contact | None:
    """Who is reached: by a text message whoever has the number."""
    if message.channel == "sms":
        texted = Contact.objects.filter(
            company=company, customer_id=message.customer_id, phone=reached["phone"]
        )
        return texted.order_by("-is_primary", "pk").first()
    return Contact.objects.filter(company=company, pk=reached["contact_id"]).first()
