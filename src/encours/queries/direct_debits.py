"""Direct debits by file, as people look at them: files and their debits."""

from dataclasses import dataclass
from datetime import date, datetime

from encours.core.payments.direct_debits import GATEWAY
from encours.core.wording import Sentence
from encours.queries.charges import ChargeRow, row_of
from encours.queries.files import FileOnDisk, file_on_disk
from encours.queries.paging import Page, page_of
from encours.store.models import Charge, Company, DirectDebitFile, GatewayConnection


@dataclass(frozen=True)
class DirectDebitFileRow:
    """A file for the bank. `scheme` is sepa_core or sepa_b2b; `state` made, sent, accepted, rejected or canceled."""

    id: int
    message_id: str
    scheme: str
    state: str
    collection_date: date
    charge_count: int
    total_cents: int
    made_at: datetime
    made_by: str
    sent_at: datetime | None
    sent_by: str
    problem: Sentence | None

    @property
    def may_be_canceled(self) -> bool:
        return self.state == DirectDebitFile.State.MADE

    @property
    def file_name(self) -> str:
        return f"{self.message_id}.xml"


@dataclass(frozen=True)
class DirectDebitFileDetail:
    """A file with its debits."""

    row: DirectDebitFileRow
    charges: tuple[ChargeRow, ...]


@dataclass(frozen=True)
class Creditor:
    """Who collects: what stands in every file. `iban` is the company's own account."""

    connection_id: int
    name: str
    identifier: str
    iban: str
    is_paused: bool


def creditor(*, company: Company) -> Creditor | None:
    """None before direct debits by file were set up. One query."""
    found = GatewayConnection.objects.filter(company=company, provider=GATEWAY)
    row = found.exclude(state=GatewayConnection.State.REVOKED).first()
    if row is None:
        return None
    told = row.settings
    return Creditor(
        connection_id=row.pk,
        name=told.get("creditor_name", ""),
        identifier="".join(told.get("creditor_identifier", "").split()).upper(),
        iban="".join(told.get("iban", "").split()).upper(),
        is_paused=row.state != GatewayConnection.State.ACTIVE,
    )


def direct_debit_files(*, company: Company, number: int, size: int) -> Page[DirectDebitFileRow]:
    """The latest first. Two queries."""
    found = page_of(DirectDebitFile.objects.filter(company=company).order_by("-pk"), number=number, size=size)
    return found.with_rows([_row(each) for each in found.rows])


def direct_debit_file(*, company: Company, file_id: int) -> DirectDebitFileDetail | None:
    """One file; None when the company has none of this id. Two queries."""
    found = DirectDebitFile.objects.filter(company=company, pk=file_id).first()
    if found is None:
        return None
    charges = Charge.objects.filter(company=company, file=found).select_related("customer", "connection")
    return DirectDebitFileDetail(_row(found), tuple(row_of(each) for each in charges.order_by("pk")))


def direct_debit_file_id(*, company: Company, message_id: str) -> int | None:
    """The file of a message id, as banks and lists say it."""
    found = DirectDebitFile.objects.filter(company=company, message_id=message_id)
    return found.values_list("pk", flat=True).first()


def direct_debit_file_content(*, company: Company, file_id: int) -> tuple[str, FileOnDisk] | None:
    """(name, content) of what is handed in to the bank: always the same bytes."""
    found = DirectDebitFile.objects.select_related("file").filter(company=company, pk=file_id).first()
    return (f"{found.message_id}.xml", file_on_disk(found.file)) if found else None


def _row(found: DirectDebitFile) -> DirectDebitFileRow:
    return DirectDebitFileRow(
        id=found.pk,
        message_id=found.message_id,
        scheme=found.scheme,
        state=found.state,
        collection_date=found.collection_date,
        charge_count=found.charge_count,
        total_cents=found.total_cents,
        made_at=found.created_at,
        made_by=found.made_by,
        sent_at=found.sent_at,
        sent_by=found.sent_by,
        problem=Sentence.from_json(found.problem) if found.problem else None,
    )
