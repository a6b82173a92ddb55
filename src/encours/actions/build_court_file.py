"""Builds a file for a court: reads the facts, checks them, makes the PDF and the archive, keeps both.

The same facts give the same file, byte for byte, and it is kept once.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from encours.actions.court import blocks
from encours.actions.court.archive import make_archive
from encours.actions.court.exhibits import Evidence, Exhibit, exhibits_of
from encours.actions.court.journal import journal_json
from encours.actions.court.pages import MadePages, make_pages
from encours.actions.defer_job import defer
from encours.actions.journal import record
from encours.actions.keep_file import keep_path
from encours.actions.made_by_job import failed_if_it_breaks
from encours.core.court_files.bordereau import as_csv
from encours.core.court_files.checking import Checked, check
from encours.core.court_files.facts import CourtFacts
from encours.core.court_files.procedures import COURTS, PROCEDURES, Court, Procedure, court_of
from encours.core.court_files.request import LAWS, TITLES, Block, as_text, details, request_of
from encours.core.ledger import StatementOfAccount
from encours.core.letters import Party
from encours.core.wording import Sentence, Wording, format_date
from encours.queries.court_evidence import (
    cases_of_documents,
    claimed_documents,
    journal_of_customer,
    received_replies,
    sent_messages,
)
from encours.queries.court_facts import CURRENCY, court_facts
from encours.queries.ledger import statement_of_account
from encours.queries.papers import papers_of
from encours.store.models import Company, CourtFile, Customer

Progress = Callable[[int, int], None]

NO_CUSTOMER = Wording("court.no_customer", fr="Ce client n’existe pas.", en="There is no such customer.")
UNKNOWN_PROCEDURE = Wording(
    "court.unknown_procedure", fr="Procédure inconnue : {procedure}.", en="Unknown procedure: {procedure}."
)
UNKNOWN_DOCUMENT = Wording(
    "court.unknown_document",
    fr="{count} des factures choisies ne sont pas des factures échues et ouvertes en euros de ce client.",
    en="{count} of the invoices chosen are no overdue open invoices in euros of this customer.",
)


class UnableToBuildCourtFile(Exception):
    """What was asked for cannot be: `sentence` says why. What the facts refuse is told by the file's findings instead."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class _Composed:
    """All that decides the bytes of a file."""

    request: tuple[Block, ...]
    exhibits: tuple[Exhibit, ...]
    frame: dict[str, Any]
    journal: str
    digest: str


@transaction.atomic
def ask_for_court_file(
    *,
    company: Company,
    customer_id: int,
    procedure: str,
    court: str = "",
    document_ids: Sequence[int] = (),
    on: date,
    actor: str,
) -> CourtFile:
    """A file that a job then builds. Raises `UnableToBuildCourtFile`."""
    asked = _asked(company, customer_id, procedure, court, document_ids, on, actor)
    defer("build_court_file", company_id=company.pk, court_file_id=asked.pk)
    return asked


def build_court_file(
    *,
    company: Company,
    customer_id: int,
    procedure: str,
    court: str = "",
    document_ids: Sequence[int] = (),
    on: date,
    now: datetime,
    actor: str,
    progress: Progress | None = None,
) -> CourtFile:
    """The same at once: the file, done, or refused with its findings. Raises `UnableToBuildCourtFile`."""
    asked = _asked(company, customer_id, procedure, court, document_ids, on, actor)
    return make_court_file(company=company, court_file_id=asked.pk, now=now, progress=progress) or asked


def _asked(
    company: Company, customer_id: int, procedure: str, court: str, ids: Sequence[int], on: date, actor: str
) -> CourtFile:
    if not Customer.objects.filter(company=company, pk=customer_id).exists():
        raise UnableToBuildCourtFile(NO_CUSTOMER())
    if procedure not in PROCEDURES or (court and court not in COURTS):
        raise UnableToBuildCourtFile(
            UNKNOWN_PROCEDURE(procedure=court if procedure in PROCEDURES else procedure)
        )
    return CourtFile.objects.create(
        company=company, customer_id=customer_id, procedure=procedure, court=court, wanted_ids=sorted(set(ids)),
        on_date=on, asked_by=actor,
    )  # fmt: skip


def make_court_file(
    *, company: Company, court_file_id: int, now: datetime, progress: Progress | None = None
) -> CourtFile | None:
    """Builds what was asked for; None when it is no longer wanted. May run again.

    Gives the file that was built of the same facts before, when there is one: what was asked for is then dropped. An
    error leaves the file "failed" and is raised.
    """
    asked = CourtFile.objects.filter(company=company, pk=court_file_id).first()
    if asked is None or asked.state in (CourtFile.State.DONE, CourtFile.State.REFUSED):
        return asked
    _set(asked, state=CourtFile.State.RUNNING)
    with failed_if_it_breaks(asked):
        return _make(company, asked, now, progress or _keeps_count(asked))


def checked_debt(
    *, company: Company, customer_id: int, procedure: str, document_ids: Sequence[int] = (), on: date
) -> tuple[CourtFacts, Checked] | None:
    """What a file would claim today, and what is in its way; None when the company has no such customer."""
    facts = court_facts(company=company, customer_id=customer_id, on=on)
    if facts is None:
        return None
    return facts, check(facts=facts, procedure=cast(Procedure, procedure), wanted=document_ids)


def _make(company: Company, asked: CourtFile, now: datetime, progress: Progress) -> CourtFile:
    with transaction.atomic():
        # whoever writes to the customer's account waits: all facts are of one moment
        customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=asked.customer_id)
        found = checked_debt(
            company=company, customer_id=customer.pk, procedure=asked.procedure, document_ids=asked.wanted_ids,
            on=asked.on_date,
        )  # fmt: skip
        assert found is not None
        facts, checked = found
        _refuse_unknown(facts, asked)
        told = [{"severity": each.severity, "sentence": each.sentence.as_json()} for each in checked.findings]
        if checked.is_refused:
            _set(asked, state=CourtFile.State.REFUSED, findings=told, finished_at=now)
            return asked
        composed = _compose(company, customer, asked, facts, checked)
    known = CourtFile.objects.filter(
        company=company, customer=customer, digest=composed.digest, state=CourtFile.State.DONE
    ).first()
    if known is not None:
        asked.delete()
        return known
    folder = Path(tempfile.mkdtemp(prefix="court-", dir=_work_folder()))
    try:
        pages = make_pages(
            frame=composed.frame,
            exhibits=composed.exhibits,
            on=asked.on_date,
            folder=folder,
            progress=progress,
        )
        archive = folder / "archive.zip"
        _archive(asked, checked, composed, pages, archive)
        return _keep(company, customer, asked, checked, composed, pages, archive, told, now)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_unknown(facts: CourtFacts, asked: CourtFile) -> None:
    known = {debt.document_id for debt in facts.debts}
    unknown = [each for each in asked.wanted_ids if each not in known]
    if unknown:
        raise UnableToBuildCourtFile(UNKNOWN_DOCUMENT(count=len(unknown)))


def _compose(
    company: Company, customer: Customer, asked: CourtFile, facts: CourtFacts, checked: Checked
) -> _Composed:
    claim = checked.claim
    evidence = _evidence(company, customer, facts, claim.document_ids)
    exhibits, pieces = exhibits_of(
        facts=facts, claim=claim, evidence=evidence, zone=ZoneInfo(company.time_zone)
    )
    exhibits = _with_texts(exhibits, evidence)
    procedure = cast(Procedure, asked.procedure)
    court = cast(Court, asked.court) if asked.court else court_of(facts.debtor)
    request = request_of(
        facts=facts, claim=claim, procedure=procedure, court=court, pieces=pieces, iban=company.iban,
        account_holder=company.account_holder or company.name,
    )  # fmt: skip
    frame = _frame(facts, checked, procedure, request, exhibits)
    journal = journal_json(evidence.journal, company_id=company.pk, customer_id=customer.pk)
    return _Composed(request, exhibits, frame, journal, _digest(frame, exhibits, journal))


def _evidence(company: Company, customer: Customer, facts: CourtFacts, ids: Sequence[int]) -> Evidence:
    own = {"company": company, "customer_id": customer.pk, "on": facts.on}
    claimed = set(ids)
    since = min(debt.issue_date for debt in facts.debts if debt.document_id in claimed)
    page = statement_of_account(
        company=company, customer_id=customer.pk, from_date=since, until_date=facts.on
    )
    account = next(part.account for part in page.rows if part.account.currency == CURRENCY)
    return Evidence(
        account=cast(StatementOfAccount, account),
        since=since,
        documents=claimed_documents(company=company, document_ids=ids),
        messages=sent_messages(**own, document_ids=ids, since=since),
        replies=received_replies(**own, since=since),
        cases=cases_of_documents(company=company, document_ids=ids, on=facts.on),
        journal=journal_of_customer(company=company, customer_id=customer.pk),
        papers=papers_of(company=company, customer_id=customer.pk),
    )


def _with_texts(exhibits: Sequence[Exhibit], evidence: Evidence) -> tuple[Exhibit, ...]:
    """The text of each message goes into the archive as a file of its own."""
    texts = iter([message.text for message in evidence.messages])
    return tuple(
        replace(each, data=next(texts)) if each.piece.kind in ("notice", "message") else each
        for each in exhibits
    )


def _frame(
    facts: CourtFacts,
    checked: Checked,
    procedure: Procedure,
    request: Sequence[Block],
    exhibits: Sequence[Exhibit],
) -> dict[str, Any]:
    """What `file.typ` prints around the exhibits."""
    claim = checked.claim
    day = format_date(facts.on, "fr")
    sums = next(block.rows for block in request if block.kind == "sums")
    rows = [list(row) for row in details(claim)]
    return {
        "title": TITLES[procedure],
        "law": LAWS[procedure],
        "subject": f"{facts.creditor.name} contre {facts.debtor.name}",
        "running": f"{facts.creditor.name} / {facts.debtor.name}",
        "made": f"Dossier établi le {day} d’après les livres du créancier",
        "creditor": _party(facts.creditor),
        "debtor": _party(facts.debtor),
        "sums": [list(row) for row in sums],
        "contents": f"La requête, le bordereau et {len(exhibits)} pièces numérotées, chacune avec sa page de garde. Les fichiers d’origine et leurs empreintes sont dans l’archive qui accompagne ce dossier.",
        "request": blocks.of_request(request),
        "details": blocks.table(
            head=["Facture", "Émise le", "Échéance", "Principal", "Intérêts", "Indemnité"], align="lllrrr",
            columns=[1, 0, 0, 0, 0, 0], rows=rows if len(rows) > 1 else [],
            foot=["Total", "", "", *(blocks.euros(cents) for cents in (claim.principal_cents, claim.interest_cents, claim.indemnity_cents))],
        ),
    }  # fmt: skip


def _party(party: Party) -> dict[str, Any]:
    place = f"{party.postcode} {party.city}".strip()
    siren = f"SIREN {party.siren}" if party.siren else ""
    return {
        "name": f"{party.name} {party.legal_form}".strip(),
        "lines": [line for line in (party.street, place, siren) if line],
    }


def _digest(frame: dict[str, Any], exhibits: Sequence[Exhibit], journal: str) -> str:
    """Of the facts and of how they are printed: a new version of the product makes a new file."""
    template = files("encours.actions.court").joinpath("file.typ").read_bytes()
    told = [
        [
            vars(each.piece),
            each.body,
            [(one.name, one.file.sha256, one.is_placed) for one in each.originals],
            each.data,
        ]
        for each in exhibits
    ]
    content = json.dumps([frame, told, journal], ensure_ascii=False, default=str)
    return sha256(template + content.encode()).hexdigest()


def _archive(asked: CourtFile, checked: Checked, composed: _Composed, pages: MadePages, target: Path) -> None:
    claim = checked.claim
    make_archive(
        texts={
            "requete.txt": as_text(composed.request),
            "bordereau.csv": as_csv((each.piece for each in composed.exhibits), pages.pages),
            "journal.json": composed.journal,
        },
        pdf=pages.path,
        exhibits=composed.exhibits,
        figures={
            "procedure": asked.procedure,
            "date": asked.on_date.isoformat(),
            "principal_cents": claim.principal_cents,
            "interet_cents": claim.interest_cents,
            "indemnite_cents": claim.indemnity_cents,
            "total_cents": claim.total_cents,
        },
        on=asked.on_date,
        target=target,
    )


@transaction.atomic
def _keep(
    company: Company,
    customer: Customer,
    asked: CourtFile,
    checked: Checked,
    composed: _Composed,
    pages: MadePages,
    archive: Path,
    findings: list[dict[str, Any]],
    now: datetime,
) -> CourtFile:
    claim = checked.claim
    name = f"dossier-{customer.code}-{asked.on_date.isoformat()}".replace("/", "-")
    pdf = keep_path(company=company, name=f"{name}.pdf", media_type="application/pdf", path=pages.path)
    zipped = keep_path(company=company, name=f"{name}.zip", media_type="application/zip", path=archive)
    _set(
        asked, state=CourtFile.State.DONE, digest=composed.digest, document_ids=list(claim.document_ids),
        principal_cents=claim.principal_cents, interest_cents=claim.interest_cents,
        indemnity_cents=claim.indemnity_cents, interest_until=claim.interest_until,
        piece_count=len(composed.exhibits), page_count=pages.page_count, is_archival=pages.is_archival,
        findings=findings, pdf=pdf, archive=zipped, finished_at=now,
    )  # fmt: skip
    record(
        company=company, actor=asked.asked_by, action="court_file.built", subject_type="court_file",
        subject_id=asked.pk, customer_id=customer.pk,
        data={
            "procedure": asked.procedure, "documents": len(claim.document_ids), "pieces": len(composed.exhibits),
            "total_cents": claim.total_cents, "pdf": pdf.sha256, "archive": zipped.sha256,
        },
    )  # fmt: skip
    return asked


def _set(asked: CourtFile, **values: Any) -> None:
    for name, value in values.items():
        setattr(asked, name, value)
    asked.save(update_fields=list(values))


def _keeps_count(asked: CourtFile) -> Progress:
    """Progress kept now and then: a page asks for it every other second."""

    def report(done: int, total: int) -> None:
        if done in (1, 2, total) or done % 50 == 0:
            _set(asked, done_units=done, total_units=total)

    return report


def _work_folder() -> Path:
    """Beside the files, so that originals can be linked instead of copied."""
    folder = Path(settings.DATA_FOLDER) / "work"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
