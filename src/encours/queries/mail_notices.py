"""Notices of mail services that could not be read, as people see them."""

from dataclasses import dataclass
from datetime import datetime

from encours.core.wording import Sentence
from encours.queries.files import FileOnDisk, file_on_disk
from encours.store.models import Company, MailNotice


@dataclass(frozen=True)
class NoticeRow:
    """`has_file` is false when the notice was too large to be taken."""

    id: int
    received_at: datetime
    size: int
    problem: Sentence
    has_file: bool


def refused_notices(*, company: Company, mailbox_id: int) -> list[NoticeRow]:
    """Those no person has looked at yet, the latest first, at most fifty."""
    refused = MailNotice.objects.filter(
        company=company, mailbox_id=mailbox_id, state=MailNotice.State.REFUSED
    )
    return [
        NoticeRow(
            each.pk,
            each.received_at,
            each.size,
            Sentence.from_json(each.problem or {}),
            each.file_id is not None,
        )
        for each in refused.order_by("-pk")[:50]
    ]


def notice_file(*, company: Company, mailbox_id: int, notice_id: int) -> FileOnDisk | None:
    """The notice as it came; None when there is none of this id, or nothing of it was taken."""
    notice = (
        MailNotice.objects.filter(company=company, mailbox_id=mailbox_id, pk=notice_id)
        .select_related("file")
        .first()
    )
    return file_on_disk(notice.file) if notice is not None and notice.file is not None else None
