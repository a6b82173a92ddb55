"""Letters in print: those of the day in one PDF with a cover sheet and the list of who they are for.

A letter counts as sent on the day a person says that it was handed to the post. Until then it may be taken out
(`cancel_message`), which is what the page proposes for those that were paid meanwhile.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pikepdf
from django.db import transaction

from encours.actions.journal import record
from encours.actions.keep_file import keep_file
from encours.actions.letter_cover import cover_sheet
from encours.actions.send_messages import Sending, prepare_letters
from encours.core.wording import Sentence, Wording
from encours.queries.channels import channel_costs
from encours.queries.files import file_on_disk
from encours.store.models import Attempt, Company, LetterBatch, Message

MAX_LETTERS = 500  # what a person prints and folds in one go; the rest is the next batch

NOTHING_TO_PRINT = Wording(
    "letters.nothing_to_print",
    fr="Aucun courrier approuvé n’attend d’être imprimé.",
    en="No approved letter waits to be printed.",
)
POSTED_ALREADY = Wording(
    "letters.posted_already", fr="Ce lot a déjà été remis à La Poste.", en="This batch was posted already."
)
BAD_DATE = Wording(
    "letters.bad_date",
    fr="Un lot est remis à La Poste entre le jour où il a été imprimé et aujourd’hui.",
    en="A batch is posted between the day it was printed and today.",
)
_COLUMNS = {
    "fr": ("rang", "référence", "client", "destinataire", "pages", "montant", "devise"),
    "en": ("rank", "reference", "customer", "recipient", "pages", "amount", "currency"),
}


class UnableToPrint(Exception):
    """Nothing was printed or posted; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Printed:
    """The batch, None when nothing was there to print, and what became of the letters on the way."""

    batch: LetterBatch | None
    sending: Sending


@dataclass(frozen=True)
class PrintedLetter:
    """A letter in a batch: its place in it, and how many pages it has."""

    rank: int
    message: Message
    page_count: int


def print_letters(*, company: Company, now: datetime, on: date, actor: str) -> Printed:
    """Writes the letters whose day has come, each checked once more, and puts them into one batch.

    Call it in `company_scope` and outside any transaction. What an earlier run wrote and did not come to print is in it
    too: no letter is lost.
    """
    sending = prepare_letters(company=company, now=now, on=on, actor=actor)
    return Printed(_batch(company, on, actor), sending)


@transaction.atomic
def post_letters(
    *, company: Company, batch_id: int, posted_date: date, on: date, now: datetime, actor: str
) -> int:
    """A person handed the batch to the post: how many letters were still in it. Raises `UnableToPrint`."""
    batch = LetterBatch.objects.select_for_update().get(company=company, pk=batch_id)
    if batch.state == LetterBatch.State.POSTED:
        raise UnableToPrint(POSTED_ALREADY())
    letters = Message.objects.select_for_update().filter(
        company=company, letter_batch=batch, state=Message.State.ENTRUSTED
    )
    ids = list(letters.order_by("pk").values_list("pk", flat=True))
    printed_on = max(
        (
            attempt.claimed_at.date()
            for attempt in Attempt.objects.filter(company=company, message_id__in=ids)
        ),
        default=posted_date,
    )
    if not printed_on <= posted_date <= on:
        raise UnableToPrint(BAD_DATE())
    Message.objects.filter(company=company, pk__in=ids).update(
        state=Message.State.SENT, sent_date=posted_date, sent_at=now
    )
    Attempt.objects.filter(company=company, message_id__in=ids, outcome="").update(
        outcome=Attempt.Outcome.ACCEPTED,
        outcome_at=now,
        detail=f"batch {batch.pk}, posted {posted_date.isoformat()}",
        cost_cents=channel_costs(company=company)["letter"],
    )
    batch.state, batch.posted_date, batch.posted_by = LetterBatch.State.POSTED, posted_date, actor
    batch.save(update_fields=["state", "posted_date", "posted_by"])
    _tell(batch, "letters.posted", actor, count=len(ids), posted_date=posted_date.isoformat())
    return len(ids)


@transaction.atomic
def _batch(company: Company, on: date, actor: str) -> LetterBatch | None:
    waiting = Message.objects.select_for_update(of=("self",)).filter(
        company=company, channel="letter", state=Message.State.ENTRUSTED, letter_batch=None
    )
    waiting = waiting.select_related("customer").prefetch_related("attachments__file")
    messages = list(waiting.order_by("pk")[:MAX_LETTERS])
    if not messages:
        return None
    number = LetterBatch.objects.filter(company=company).count() + 1
    letters, pdf, page_count = _bound(company, messages, on)
    name = (
        f"courriers-{on.isoformat()}-{number}"
        if company.language == "fr"
        else f"letters-{on.isoformat()}-{number}"
    )
    batch = LetterBatch.objects.create(
        company=company,
        pdf=keep_file(company=company, name=f"{name}.pdf", media_type="application/pdf", content=pdf),
        recipients=keep_file(
            company=company, name=f"{name}.csv", media_type="text/csv", content=_recipients(company, letters)
        ),
        letter_count=len(letters),
        page_count=page_count,
        printed_by=actor,
    )
    Message.objects.filter(company=company, pk__in=[each.pk for each in messages]).update(letter_batch=batch)
    _tell(batch, "letters.printed", actor, count=len(letters), pages=page_count)
    return batch


def _bound(company: Company, messages: Sequence[Message], on: date) -> tuple[list[PrintedLetter], bytes, int]:
    """All letters behind a cover sheet, each with its statement and from an odd page on: printed on both sides, no sheet
    holds two letters."""
    letters, bound = [], pikepdf.new()
    for rank, message in enumerate(messages, start=1):
        first = len(bound.pages)
        for attachment in sorted(message.attachments.all(), key=lambda each: each.pk):
            with pikepdf.open(file_on_disk(attachment.file).path) as part:
                bound.pages.extend(part.pages)
        letters.append(PrintedLetter(rank, message, len(bound.pages) - first))
        if len(bound.pages) % 2:
            bound.add_blank_page(page_size=(595.28, 841.89))
    cover = cover_sheet(company=company, letters=letters, page_count=len(bound.pages), on=on)
    whole = pikepdf.new()
    with pikepdf.open(io.BytesIO(cover)) as sheet:
        whole.pages.extend(sheet.pages)
    if len(whole.pages) % 2:
        whole.add_blank_page(page_size=(595.28, 841.89))
    whole.pages.extend(bound.pages)
    written = io.BytesIO()
    whole.save(written, deterministic_id=True)
    return letters, written.getvalue(), len(whole.pages)


def _recipients(company: Company, letters: Sequence[PrintedLetter]) -> bytes:
    """The list as a spreadsheet opens it where semicolons part columns: UTF-8 with its mark. What begins like a formula is
    text."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    table.writerow(_COLUMNS.get(company.language, _COLUMNS["en"]))
    for each in letters:
        message = each.message
        row = (
            each.rank, f"{company.pk}-{message.pk}", message.customer.code, message.recipient, each.page_count,
            f"{message.amount_cents / 100:.2f}".replace(".", ","), message.currency,
        )  # fmt: skip
        table.writerow([f"'{cell}" if str(cell)[:1] in "=+-@" else cell for cell in row])
    return "\ufeff".encode() + written.getvalue().encode()


def _tell(batch: LetterBatch, action: str, actor: str, **data: object) -> None:
    record(
        company=batch.company,
        actor=actor,
        action=action,
        subject_type="letter_batch",
        subject_id=batch.pk,
        data=dict(data),
    )
