"""What proves a customer's debt: documents as they came, messages and what became of them, replies, cases, the journal."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.models import (
    Attempt,
    Company,
    DeliveryReport,
    Dispute,
    Document,
    Message,
    MessageAttachment,
    PaymentPlan,
    Promise,
    Reminder,
    Reply,
    VatLine,
)


@dataclass(frozen=True)
class VatRow:
    category: str
    rate_basis_points: int
    base_cents: int
    tax_cents: int


@dataclass(frozen=True)
class DocumentEvidence:
    """A claimed document as the books know it, and the file it came in; `kind` is that file's."""

    id: int
    number: str
    type: str
    issue_date: date
    due_date: date
    payable_cents: int
    net_cents: int | None
    tax_cents: int | None
    purchase_order: str
    vat: tuple[VatRow, ...]
    kind: str
    file: FileOnDisk | None
    imported_at: datetime | None


@dataclass(frozen=True)
class AttemptEvidence:
    """A hand-over to a provider, and what it answered."""

    handed_over_at: datetime | None
    outcome: str
    provider: str
    provider_id: str
    detail: str


@dataclass(frozen=True)
class ReportEvidence:
    """What the provider said later."""

    kind: str  # core.delivery_reports.KINDS
    reported_at: datetime
    recipient: str
    detail: str


@dataclass(frozen=True)
class AttachedEvidence:
    kind: str  # MessageAttachment.Kind, or "" for what went along
    title: str  # core.delivery_reports.PROOFS
    file: FileOnDisk
    media_type: str


@dataclass(frozen=True)
class MessageEvidence:
    """A message that left; `numbers` are the documents it asked for."""

    id: int
    sent_at: datetime | None
    sent_date: date
    channel: str
    template: str
    recipient: str
    subject: str
    text: str
    numbers: tuple[str, ...]
    document_ids: tuple[int, ...]
    attempts: tuple[AttemptEvidence, ...]
    reports: tuple[ReportEvidence, ...]
    attached: tuple[AttachedEvidence, ...]
    posted_date: date | None


@dataclass(frozen=True)
class ReplyEvidence:
    id: int
    received_at: datetime
    sender: str
    subject: str
    text: str
    file: FileOnDisk


@dataclass(frozen=True)
class CaseEvidence:
    """A dispute, a promise or a plan: what was said, when, and what became of it. `numbers` are its documents'."""

    what: str  # dispute, promise, plan
    day: date
    numbers: tuple[str, ...]
    amount_cents: int
    until: date | None  # promised for, or the last instalment
    state: str
    ended: date | None
    reason_code: str = ""
    note: str = ""


@dataclass(frozen=True)
class JournalEvidence:
    """An entry of the journal as it was hashed; `data` is the text that went into the hash."""

    sequence: int
    created_at: str
    actor: str
    action: str
    subject_type: str
    subject_id: int | None
    data: str
    previous_hash: str
    hash: str


_JOURNAL = """
SELECT sequence, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, action, subject_type,
       subject_id, data::text, previous_hash, hash
FROM store_journalentry
WHERE company_id = %s AND customer_id = %s AND action NOT LIKE 'court\\_file.%%'
ORDER BY sequence
"""


def claimed_documents(*, company: Company, document_ids: Sequence[int]) -> list[DocumentEvidence]:
    """Documents in the order of their ids as given. Two queries."""
    vat: dict[int, list[VatRow]] = defaultdict(list)
    for line in VatLine.objects.filter(company=company, document_id__in=document_ids).order_by("pk"):
        vat[line.document_id].append(
            VatRow(line.category, line.rate_basis_points, line.base_cents, line.tax_cents)
        )
    found = Document.objects.filter(company=company, pk__in=document_ids).select_related("batch__file")
    by_id = {document.pk: document for document in found}
    return [_document(by_id[each], tuple(vat[each])) for each in document_ids if each in by_id]


def _document(document: Document, vat: tuple[VatRow, ...]) -> DocumentEvidence:
    batch = document.batch
    return DocumentEvidence(
        id=document.pk, number=document.number, type=document.type, issue_date=document.issue_date,
        due_date=document.due_date, payable_cents=document.payable_cents, net_cents=document.net_cents,
        tax_cents=document.tax_cents, purchase_order=document.purchase_order, vat=vat,
        kind=batch.kind if batch else "", file=file_on_disk(batch.file) if batch else None,
        imported_at=batch.created_at if batch else None,
    )  # fmt: skip


def sent_messages(
    *, company: Company, customer_id: int, document_ids: Sequence[int], since: date, on: date
) -> list[MessageEvidence]:
    """Messages that asked for one of the documents until a day, and contacts by hand since another, oldest first."""
    own = Reminder.objects.filter(company=company, customer_id=customer_id)
    asked = own.filter(document_id__in=document_ids).values("message_id")
    by_hand = Q(document_count=0, sent_date__gte=since)
    messages = list(
        Message.objects.filter(company=company, customer_id=customer_id, state=Message.State.SENT, sent_date__lte=on)
        .filter(Q(pk__in=asked) | by_hand)
        .select_related("letter_batch")
        .order_by("sent_date", "sent_at", "pk")
    )  # fmt: skip
    ids = [message.pk for message in messages]
    documents: dict[int, dict[int, str]] = defaultdict(dict)
    for message_id, document_id, number in own.filter(message_id__in=ids).order_by("due_date", "document_id").values_list(
        "message_id", "document_id", "document__number"
    ):  # fmt: skip
        documents[message_id][document_id] = number
    attempts, reports, attached = _proofs(company, ids)
    return [
        MessageEvidence(
            id=message.pk, sent_at=message.sent_at, sent_date=message.sent_date or on, channel=message.channel,
            template=message.template, recipient=message.recipient, subject=message.subject, text=message.text,
            numbers=tuple(documents[message.pk].values()), document_ids=tuple(documents[message.pk]),
            attempts=tuple(attempts[message.pk]), reports=tuple(reports[message.pk]),
            attached=tuple(attached[message.pk]),
            posted_date=message.letter_batch.posted_date if message.letter_batch else None,
        )
        for message in messages
    ]  # fmt: skip


def _proofs(company: Company, ids: list[int]) -> tuple[Any, Any, Any]:
    attempts: dict[int, list[AttemptEvidence]] = defaultdict(list)
    for each in Attempt.objects.filter(company=company, message_id__in=ids).order_by("message_id", "number"):
        attempts[each.message_id].append(
            AttemptEvidence(each.handed_over_at, each.outcome, each.provider, each.provider_id, each.detail)
        )
    reports: dict[int, list[ReportEvidence]] = defaultdict(list)
    for each in DeliveryReport.objects.filter(company=company, message_id__in=ids).order_by(
        "reported_at", "pk"
    ):
        reports[each.message_id].append(
            ReportEvidence(each.kind, each.reported_at, each.recipient, each.detail)
        )
    attached: dict[int, list[AttachedEvidence]] = defaultdict(list)
    rows = MessageAttachment.objects.filter(company=company, message_id__in=ids).select_related("file")
    for each in rows.order_by("pk"):
        attached[each.message_id].append(
            AttachedEvidence(each.kind, each.title, file_on_disk(each.file), each.file.media_type)
        )
    return attempts, reports, attached


def received_replies(*, company: Company, customer_id: int, since: date, on: date) -> list[ReplyEvidence]:
    """What people of the customer answered between two days, oldest first. One query."""
    zone = ZoneInfo(company.time_zone)
    rows = Reply.objects.filter(
        company=company, customer_id=customer_id, nature=Reply.Nature.PERSON,
        received_at__gte=datetime.combine(since, time(), zone),
        received_at__lt=datetime.combine(on + timedelta(days=1), time(), zone),
    ).select_related("file")  # fmt: skip
    return [
        ReplyEvidence(
            id=reply.pk, received_at=reply.received_at, sender=reply.sender_address or reply.sender_name,
            subject=reply.subject, text=reply.text, file=file_on_disk(reply.file),
        )
        for reply in rows.order_by("received_at", "pk")
    ]  # fmt: skip


def cases_of_documents(*, company: Company, document_ids: Sequence[int], on: date) -> list[CaseEvidence]:
    """Disputes, promises and plans about the documents until a day, oldest first. Six queries."""
    found = [
        *_disputes(company, document_ids, on),
        *_promises(company, document_ids, on),
        *_plans(company, document_ids, on),
    ]
    return sorted(found, key=lambda case: (case.day, case.what))


def _disputes(company: Company, ids: Sequence[int], on: date) -> list[CaseEvidence]:
    rows = Dispute.objects.filter(company=company, document_id__in=ids, opened_date__lte=on)
    return [
        CaseEvidence(
            what="dispute", day=row.opened_date, numbers=(row.document.number,), amount_cents=row.disputed_cents,
            until=None, state=row.outcome or "open", ended=row.resolved_date, reason_code=row.reason_code,
            note=row.resolution_note or row.note,
        )
        for row in rows.select_related("document").order_by("opened_date", "pk")
    ]  # fmt: skip


def _promises(company: Company, ids: Sequence[int], on: date) -> list[CaseEvidence]:
    rows = Promise.objects.filter(
        company=company, documents__document_id__in=ids, recorded_date__lte=on
    ).distinct()
    return [
        CaseEvidence(
            what="promise", day=row.recorded_date, numbers=tuple(each.document.number for each in row.documents.all()),
            amount_cents=row.amount_cents, until=row.promised_date, state=row.state, ended=row.judged_date,
            note=row.note,
        )
        for row in rows.prefetch_related("documents__document").order_by("recorded_date", "pk")
    ]  # fmt: skip


def _plans(company: Company, ids: Sequence[int], on: date) -> list[CaseEvidence]:
    rows = PaymentPlan.objects.filter(
        company=company, documents__document_id__in=ids, agreed_date__lte=on
    ).distinct()
    return [
        CaseEvidence(
            what="plan", day=row.agreed_date, numbers=tuple(each.document.number for each in row.documents.all()),
            amount_cents=row.planned_cents, until=max((each.due_date for each in row.instalments.all()), default=None),
            state=row.state, ended=row.judged_date, note=row.note,
        )
        for row in rows.prefetch_related("documents__document", "instalments").order_by("agreed_date", "pk")
    ]  # fmt: skip


def journal_of_customer(*, company: Company, customer_id: int) -> list[JournalEvidence]:
    """Entries that concern a customer, as hashed, oldest first; those of court files themselves are left out, so that the
    same facts make the same file. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_JOURNAL, [company.pk, customer_id])
        return [JournalEvidence(*row) for row in cursor.fetchall()]
