"""Letters to print, batches that wait to be posted, and what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.paging import Page, page_of
from encours.store.models import ChannelConnection, Company, LetterBatch, Message, Reminder


@dataclass(frozen=True)
class BatchRow:
    """`left_count` of its letters were not taken out."""

    id: int
    state: str
    letter_count: int
    left_count: int
    page_count: int
    created_at: datetime
    posted_date: date | None


@dataclass(frozen=True)
class BatchLetter:
    """A letter of a batch; `is_settled` when nothing of what it asks for is open any more: it should not be posted."""

    message_id: int
    customer_id: int
    customer_name: str
    recipient: str
    amount_cents: int
    currency: str
    state: str
    is_settled: bool


def letters_to_print(*, company: Company, on: date) -> int:
    """Approved letters whose day has come, unless a service carries them, and those written whose batch was never made."""
    carried = ChannelConnection.objects.filter(
        company=company, channel="letter", state=ChannelConnection.State.ACTIVE
    )
    due = Q(state=Message.State.APPROVED, planned_date__lte=on) & ~Exists(carried)
    stranded = Q(state=Message.State.ENTRUSTED, letter_batch=None)
    return Message.objects.filter(due | stranded, company=company, channel="letter").count()


def batches_page(*, company: Company, number: int, size: int) -> Page[BatchRow]:
    """The newest first."""
    found = _batches(company).order_by("-pk")
    page = page_of(found, number=number, size=size)
    return page.with_rows([_row(each) for each in page.rows])


def letter_batch(*, company: Company, batch_id: int) -> BatchRow | None:
    found = _batches(company).filter(pk=batch_id).first()
    return _row(found) if found else None


def batch_letters(*, company: Company, batch_id: int) -> Sequence[BatchLetter]:
    """In the order in which they were printed."""
    still_open = Reminder.objects.filter(
        company=company, message_id=OuterRef("pk"), counts=True, step_code=OuterRef("step_code"),
        document__open_cents__gt=0,
    )  # fmt: skip
    found = (
        Message.objects.filter(company=company, letter_batch_id=batch_id)
        .annotate(is_open=Exists(still_open), name=F("customer__name"))
        .defer("text", "html")
        .order_by("pk")
    )
    return [
        BatchLetter(
            message_id=each.pk,
            customer_id=each.customer_id,
            customer_name=each.name,
            recipient=each.recipient,
            amount_cents=each.amount_cents,
            currency=each.currency,
            state=each.state,
            is_settled=each.state == Message.State.ENTRUSTED and not each.is_open,
        )
        for each in found
    ]


def batch_file(*, company: Company, batch_id: int, is_list: bool) -> FileOnDisk | None:
    """The PDF of a batch, or the list of its recipients."""
    batch = (
        LetterBatch.objects.filter(company=company, pk=batch_id).select_related("pdf", "recipients").first()
    )
    if batch is None:
        return None
    return file_on_disk(batch.recipients if is_list else batch.pdf)


def _batches(company: Company):
    left = Count("messages", filter=~Q(messages__state=Message.State.CANCELLED))
    return LetterBatch.objects.filter(company=company).annotate(left_count=left)


def _row(found: LetterBatch) -> BatchRow:
    return BatchRow(
        id=found.pk,
        state=found.state,
        letter_count=found.letter_count,
        left_count=found.left_count,  # type: ignore[attr-defined]
        page_count=found.page_count,
        created_at=found.created_at,
        posted_date=found.posted_date,
    )
