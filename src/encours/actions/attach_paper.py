"""Keeps a paper that proves something: of a customer, or of one of its documents."""

import tempfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import typst
from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.core.court_files.papers import (
    EMPTY_PAPER,
    KINDS,
    MAX_BYTES,
    MAX_PIXELS,
    MEDIA_TYPES,
    NOT_A_PAPER,
    PAPER_TOO_LARGE,
    TOO_MANY_PIXELS,
    UNKNOWN_KIND,
    UNREADABLE_PAPER,
    media_type_of,
    pixels_of,
)
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Customer, Document, Paper

NO_SUCH_DOCUMENT = Wording(
    "paper.no_such_document",
    fr="Cette facture n’est pas de ce client.",
    en="This invoice is not this customer's.",
)


class UnableToAttachPaper(Exception):
    """The file or what is said of it cannot be taken: `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def attach_paper(
    *,
    company: Company,
    customer_id: int,
    document_id: int | None = None,
    kind: str,
    name: str,
    content: bytes,
    title: str = "",
    paper_date: date | None = None,
    actor: str,
) -> Paper:
    """The paper, kept by its content. What it is is read from its bytes, never from its name or what a browser says.

    Raises `UnableToAttachPaper`: too large, no PDF or picture, damaged or locked, an unknown kind, another's document.
    """
    if kind not in KINDS:
        raise UnableToAttachPaper(UNKNOWN_KIND(kind=kind))
    customer = Customer.objects.filter(company=company, pk=customer_id).first()
    if customer is None or (document_id is not None and not _owns(company, customer, document_id)):
        raise UnableToAttachPaper(NO_SUCH_DOCUMENT())
    media_type = _checked(content)
    stored = keep_file(company=company, name=name[:255], media_type=media_type, content=content)
    paper, is_new = Paper.objects.get_or_create(
        company=company,
        customer=customer,
        document_id=document_id,
        file=stored,
        kind=kind,
        removed_at=None,
        defaults={
            "name": name[:255],
            "title": title.strip()[:160],
            "paper_date": paper_date,
            "added_by": actor,
        },
    )
    if is_new:
        record(
            company=company, actor=actor, action="paper.added",
            subject_type="document" if document_id else "customer", subject_id=document_id or customer.pk,
            customer_id=customer.pk, data={"paper": paper.pk, "kind": kind, "name": paper.name, "sha256": stored.sha256},
        )  # fmt: skip
    return paper


@transaction.atomic
def remove_paper(*, company: Company, paper_id: int, now: datetime, actor: str) -> bool:
    """Takes a paper out of what is shown and of files to come; files that hold it stay. False when there is none."""
    paper = Paper.objects.select_for_update().filter(company=company, pk=paper_id, removed_at=None).first()
    if paper is None:
        return False
    paper.removed_at, paper.removed_by = now, actor
    paper.save(update_fields=["removed_at", "removed_by"])
    record(
        company=company, actor=actor, action="paper.removed",
        subject_type="document" if paper.document_id else "customer",
        subject_id=paper.document_id or paper.customer_id, customer_id=paper.customer_id,
        data={"paper": paper.pk, "kind": paper.kind, "name": paper.name},
    )  # fmt: skip
    return True


def _owns(company: Company, customer: Customer, document_id: int) -> bool:
    return Document.objects.filter(company=company, customer=customer, pk=document_id).exists()


def _checked(content: bytes) -> str:
    """The media type of what can be put into a file as it is."""
    if not content:
        raise UnableToAttachPaper(EMPTY_PAPER())
    if len(content) > MAX_BYTES:
        raise UnableToAttachPaper(PAPER_TOO_LARGE(limit=MAX_BYTES >> 20))
    media_type = media_type_of(content)
    if not media_type:
        raise UnableToAttachPaper(NOT_A_PAPER())
    if pixels_of(content) > MAX_PIXELS:
        raise UnableToAttachPaper(TOO_MANY_PIXELS(most=MAX_PIXELS // 1_000_000))
    try:
        if media_type == "application/pdf":
            with pikepdf.open(BytesIO(content)) as pdf:
                assert len(pdf.pages) > 0
        else:
            _draw(content, MEDIA_TYPES[media_type][1])
    except (
        pikepdf.PdfError,
        pikepdf.PasswordError,
        typst.TypstError,
        AssertionError,
        ValueError,
        RuntimeError,
    ) as error:
        raise UnableToAttachPaper(UNREADABLE_PAPER()) from error
    return media_type


def _draw(content: bytes, ending: str) -> None:
    """A picture is good when what prints the file can print it."""
    with tempfile.TemporaryDirectory(prefix="paper-") as folder:
        (Path(folder) / f"paper.{ending}").write_bytes(content)
        source = Path(folder) / "paper.typ"
        source.write_text(
            f'#set page(width: 40pt, height: 40pt, margin: 0pt)\n#image("paper.{ending}", width: 100%)'
        )
        typst.compile(source, root=Path(folder), ignore_system_fonts=True, pdf_standards=["a-3b"])
