"""What the pages of channels, letters and tasks show of Atelier Lumen."""

from datetime import date
from typing import Any

from encours.actions.connect_channel import connect_channel
from encours.actions.keep_file import keep_file
from encours.actions.open_task import open_task
from encours.store.models import ChannelConnection, Company, LetterBatch, Message, Task


def texting(company: Company) -> ChannelConnection:
    """Text messages by Twilio."""
    return connect_channel(
        company=company, provider="twilio", name="SMS de Lumen", notices_base="https://lumen.example", actor="test",
        given={"account_sid": "AC1", "auth_token": "x", "sender": "Lumen"},
    )  # fmt: skip


def to_call(company: Company, customer: Any, on: date) -> Task:
    return open_task(
        company=company, customer_id=customer.pk, title="Appeler Menuiserie Lefèvre", note="« Bonjour, Lumen »",
        due_date=on, assignee="Camille de Lumen", actor="test",
    )  # fmt: skip


def printed(company: Company, customer: Any, on: date) -> tuple[LetterBatch, Message]:
    """A batch of one letter that was not posted yet."""
    pdf = keep_file(company=company, name="courriers.pdf", media_type="application/pdf", content=b"%PDF-1.7")
    names = keep_file(company=company, name="Lumen.csv", media_type="text/csv", content=b"Lefevre\r\n")
    batch = LetterBatch.objects.create(
        company=company, pdf=pdf, recipients=names, letter_count=1, page_count=4, printed_by="test"
    )
    letter = Message.objects.create(
        company=company, customer=customer, channel="letter", template="reminder_1", step_code="R+1", currency="EUR",
        amount_cents=84_000, planned_date=on, state=Message.State.ENTRUSTED, letter_batch=batch,
        recipient="Menuiserie Lefèvre SAS, 35000 RENNES", reason={"code": "dunning.settled", "params": {}},
    )  # fmt: skip
    return batch, letter
