"""A letter as it is printed for its envelope: one PDF of all its parts."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import pikepdf

from encours.ports.channels import Attachment


@dataclass(frozen=True)
class PrintedLetter:
    """`content` is the PDF, its first page the one with the address."""

    content: bytes
    page_count: int


def printed_letter(attachments: Iterable[Attachment]) -> PrintedLetter:
    """The letter and what goes with it, in their order. Made again from the same parts it is the same to the byte."""
    whole = pikepdf.new()
    for each in attachments:
        with pikepdf.open(io.BytesIO(each.content)) as part:
            whole.pages.extend(part.pages)
    written = io.BytesIO()
    whole.save(written, deterministic_id=True)
    return PrintedLetter(written.getvalue(), len(whole.pages))
