"""The outbox as the agenda and the list of messages show it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from encours.core.references import normalised_number
from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.paging import Page, page_of
from encours.store.models import (
    Attempt,
    Company,
    Contact,
    Customer,
    DeliveryReport,
    Document,
    Hold,
    Message,
    MessageAttachment,
    PolicyStep,
    PortfolioCustomer,
    Reminder,
)

# states in which a person may still change what happens
PENDING = (Message.State.WAITING, Message.State.APPROVED)
# whatever became of it, a customer may have it; what has not left is the agenda's
LEFT = (Message.State.SENT, Message.State.CLAIMED, Message.State.UNKNOWN, Message.State.FAILED)
ASKED_SHOWN = 50
# largest amounts first, or what belongs together one below the other
AGENDA_ORDERS = {
    "amount": ("-amount_cents", "id"),
    "customer": ("customer__name", "id"),
    "step": ("step_code", "-amount_cents", "id"),
}
_NAMES_SEARCHED = 200
_WORDS = ("text", "html")  # lists show neither, and they are most of a row


@dataclass(frozen=True)
class MessageFilter:
    """`text` is a part of a customer's name, an address or a subject; empty fields ask for nothing."""

    states: tuple[str, ...] = ()
    text: str = ""
    step: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class MessageRow:
    """One message. `reason` is a stored Sentence; `approval` is the strictest of its steps', empty for a contact by hand."""

    id: int
    customer_id: int
    customer_name: str
    channel: str
    step_code: str
    state: str
    approval: str
    recipient: str
    subject: str
    amount_cents: int
    currency: str
    planned_date: date
    sent_at: datetime | None
    sent_date: date | None
    reason: dict[str, Any]
    document_count: int  # 0 and no date for a contact by hand
    oldest_due_date: date | None

    @property
    def is_planned(self) -> bool:
        """It has not left, and will say what is then true; what has left is shown as it left."""
        return self.state in PENDING and bool(self.step_code)


@dataclass(frozen=True)
class AskedFor:
    """A receivable a message asks for; `counts` is false when it dropped out before the message left."""

    document_id: int
    number: str
    due_date: date
    step_code: str
    amount_cents: int
    open_cents: int
    currency: str
    counts: bool


@dataclass(frozen=True)
class Asked:
    """The receivables a message asks for: the longest due, and how many more there are."""

    shown: Sequence[AskedFor]
    more_count: int


@dataclass(frozen=True)
class MessageDetail:
    row: MessageRow
    text: str
    html: str
    language: str
    asked_for: Asked
    attempts: Sequence[Attempt]
    attachments: Sequence[MessageAttachment] = field(default=())
    reports: Sequence[DeliveryReport] = field(
        default=()
    )  # what services said of it, in the order it happened


@dataclass(frozen=True)
class StepTotal:
    """Messages of one state and step that wait in the outbox. `offset_days` counts from the due date."""

    state: str
    step_code: str
    currency: str
    count: int
    amount_cents: int
    offset_days: int


def messages_page(*, company: Company, wanted: MessageFilter, number: int, size: int) -> Page[MessageRow]:
    """The newest first."""
    order = ("-planned_date", "-id")
    found = _matching(company, wanted).order_by(*order)
    page = page_of(found, number=number, size=size, read=_reading(company, order))
    return page.with_rows(_rows(company, page.rows))


def agenda_page(
    *,
    company: Company,
    state: str,
    step: str,
    number: int,
    size: int,
    by: str = "amount",
    user_ids: Sequence[int] = (),
) -> Page[MessageRow]:
    """What waits in the outbox in one state, in one of AGENDA_ORDERS; of these people's portfolios when some are named."""
    order = AGENDA_ORDERS[by]
    found = Message.objects.filter(company=company, state=state).order_by(*order)
    if step:
        found = found.filter(step_code=step)
    if user_ids:
        theirs = PortfolioCustomer.objects.filter(company=company, user_id__in=user_ids)
        found = found.filter(customer_id__in=theirs.values("customer_id"))
    page = page_of(found, number=number, size=size, read=_reading(company, order))
    return page.with_rows(_rows(company, page.rows))


def _reading(company: Company, order: tuple[str, ...]) -> Callable[[Any], QuerySet[Message]]:
    """For `page_of`: the messages of some keys, as lists show them."""
    return lambda keys: Message.objects.filter(company=company, pk__in=keys).defer(*_WORDS).order_by(*order)


def outbox_totals(*, company: Company, user_ids: Sequence[int] = ()) -> list[StepTotal]:
    """The outbox by state and step, in the order of the steps; of these people's portfolios when some are named."""
    outbox = Message.objects.filter(company=company, state__in=PENDING)
    if user_ids:
        theirs = PortfolioCustomer.objects.filter(company=company, user_id__in=user_ids)
        outbox = outbox.filter(customer_id__in=theirs.values("customer_id"))
    found = outbox.values("state", "policy_id", "step_code", "currency").annotate(
        count=Count("pk"), amount_cents=Sum("amount_cents")
    )
    offsets = {
        (policy_id, code): offset
        for policy_id, code, offset in PolicyStep.objects.filter(company=company).values_list(
            "policy_id", "code", "offset_days"
        )
    }
    totals = [
        StepTotal(offset_days=offsets.get((row.pop("policy_id"), row["step_code"]), 0), **row)
        for row in found
    ]
    return sorted(totals, key=lambda total: (total.offset_days, total.step_code, total.currency))


def holds_page(*, company: Company, on: date, number: int, size: int) -> Page[Hold]:
    """Holds that hold today, those that end first, first."""
    found = (
        Hold.objects.filter(company=company, released_at__isnull=True)
        .filter(Q(until_date__isnull=True) | Q(until_date__gte=on))
        .select_related("customer", "document")
        .order_by("until_date", "id")
    )
    return page_of(found, number=number, size=size)


def message_row(*, company: Company, message_id: int) -> MessageRow | None:
    """A message as lists show it; None when the company has none of this id."""
    found = _rows(company, Message.objects.filter(company=company, pk=message_id).defer(*_WORDS))
    return found[0] if found else None


def asked_for(*, company: Company, message_id: int) -> Asked:
    """What a message asks for, as far as a page shows it: a customer may owe thousands of documents."""
    reminders = Reminder.objects.filter(company=company, message_id=message_id)
    first = list(reminders.order_by("due_date", "pk").values_list("pk", flat=True)[: ASKED_SHOWN + 1])
    shown = reminders.filter(pk__in=first[:ASKED_SHOWN]).select_related("document")
    return Asked(
        shown=[_asked_for(reminder) for reminder in shown.order_by("due_date", "pk")],
        more_count=reminders.count() - ASKED_SHOWN if len(first) > ASKED_SHOWN else 0,
    )


def asked_document_id(*, company: Company, message_id: int, number: str) -> int | None:
    """The document of this number among all those a message asks for; None when it asks for none such."""
    found = Document.objects.filter(
        company=company,
        search_number=normalised_number(number),
        reminders__company=company,
        reminders__message_id=message_id,
    )
    return found.order_by("pk").values_list("pk", flat=True).first()


def message_detail(*, company: Company, message_id: int) -> MessageDetail | None:
    """A message with what it asks for, its text as it left, and every attempt."""
    message = Message.objects.filter(company=company, pk=message_id).first()
    if message is None:
        return None
    return MessageDetail(
        row=_rows(company, [message])[0],
        text=message.text,
        html=message.html,
        language=message.language,
        asked_for=asked_for(company=company, message_id=message_id),
        attempts=list(Attempt.objects.filter(company=company, message=message).order_by("number")),
        attachments=list(
            MessageAttachment.objects.filter(company=company, message=message)
            .select_related("file")
            .order_by("pk")
        ),
        reports=list(
            DeliveryReport.objects.filter(company=company, message=message)
            .defer("raw")
            .order_by("reported_at", "pk")
        ),
    )


def html_of(*, company: Company, message_id: int) -> str:
    """The letter as it left; empty when it has none."""
    return Message.objects.filter(company=company, pk=message_id).values_list("html", flat=True).first() or ""


def attachment_of(*, company: Company, message_id: int, attachment_id: int) -> FileOnDisk | None:
    found = MessageAttachment.objects.filter(company=company, message_id=message_id, pk=attachment_id)
    attachment = found.select_related("file").first()
    return file_on_disk(attachment.file) if attachment else None


def _asked_for(reminder: Reminder) -> AskedFor:
    document = reminder.document
    return AskedFor(
        document_id=document.pk,
        number=document.number,
        due_date=reminder.due_date,
        step_code=reminder.step_code,
        amount_cents=reminder.amount_cents,
        open_cents=document.open_cents,
        currency=document.currency,
        counts=reminder.counts,
    )


def _matching(company: Company, wanted: MessageFilter) -> QuerySet[Message]:
    found = Message.objects.filter(company=company)
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    if wanted.step:
        found = found.filter(step_code=wanted.step)
    if wanted.since:
        found = found.filter(planned_date__gte=wanted.since)
    if wanted.until:
        found = found.filter(planned_date__lte=wanted.until)
    if wanted.text:
        named = Customer.objects.filter(company=company, name__icontains=wanted.text).order_by("id")
        ids = list(named.values_list("pk", flat=True)[:_NAMES_SEARCHED])
        found = found.filter(Q(customer_id__in=ids) | Q(recipient__iexact=wanted.text))
    return found


def _rows(company: Company, found: Iterable[Message]) -> list[MessageRow]:
    """Two queries, however many messages; no reminder is read."""
    found = list(found)
    names = dict(
        Customer.objects.filter(
            company=company, pk__in={message.customer_id for message in found}
        ).values_list("pk", "name")
    )
    unwritten = {message.contact_id for message in found if message.contact_id and not message.recipient}
    addresses = dict(Contact.objects.filter(company=company, pk__in=unwritten).values_list("pk", "email"))
    return [
        MessageRow(
            id=message.pk,
            customer_id=message.customer_id,
            customer_name=names[message.customer_id],
            channel=message.channel,
            step_code=message.step_code,
            state=message.state,
            approval=message.approval,
            recipient=message.recipient or addresses.get(message.contact_id, ""),
            subject=message.subject,
            amount_cents=message.amount_cents,
            currency=message.currency,
            planned_date=message.planned_date,
            sent_at=message.sent_at,
            sent_date=message.sent_date,
            reason=message.reason,
            document_count=message.document_count,
            oldest_due_date=message.oldest_due_date,
        )
        for message in found
    ]
