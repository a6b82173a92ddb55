"""Takes a dispute a customer opens by itself, with the files that prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from encours.actions.attach_paper import UnableToAttachPaper, attach_paper
from encours.actions.open_dispute import UnableToOpenDispute, open_dispute
from encours.core.wording import Sentence, Wording
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Dispute

MAX_FILES = 5
MAX_BYTES = 20 << 20  # of all files together

# What a customer knows of an invoice; the other reasons are those of platforms and accountants.
REASONS_OFFERED = (
    "LIVR_INCOMP", "QUALITE_ERR", "QTE_ERR", "PU_ERR", "REM_ERR", "ART_ERR", "TX_TVA_ERR", "MONTANTTOTAL_ERR",
    "DOUBLE_FACT", "CMD_ERR", "TRANSAC_INC", "CONTRAT_TERM", "NON_CONFORME", "AUTRE",
)  # fmt: skip

NO_DISPUTES = Wording(
    "portal.no_disputes",
    fr="Une facture ne se conteste pas ici : appelez-nous.",
    en="An invoice cannot be contested here: call us.",
)
TOO_MANY_FILES = Wording(
    "portal.too_many_files",
    fr="Joignez {most} fichiers au plus.",
    en="Attach {most} files at most.",
)
TOO_LARGE = Wording(
    "portal.files_too_large",
    fr="Ces fichiers dépassent {limit} Mo ensemble.",
    en="These files are larger than {limit} MB together.",
)
ABOUT = Wording("portal.about_file", fr="{name} : {why}", en="{name}: {why}")
TITLE = Wording("portal.dispute_file", fr="Jointe à la contestation", en="Attached to the dispute")
SAY_WHY = Wording("portal.say_why", fr="Dites ce qui ne va pas.", en="Say what is wrong.")


@dataclass(frozen=True)
class SentFile:
    """A file as the visitor sent it; its name is shown, and believed in nothing."""

    name: str
    content: bytes


class UnableToDisputeByPortal(Exception):
    """Nothing was written, no file attached; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def dispute_by_portal(
    *,
    company: Company,
    customer_id: int,
    document_id: int,
    reason_code: str,
    text: str,
    disputed_cents: int | None = None,
    files: Sequence[SentFile] = (),
    on: date,
    actor: str,
) -> Dispute:
    """The dispute, and its files as papers of the document: all of it or nothing. Raises `UnableToDisputeByPortal`."""
    if not portal_settings(company=company).allows_dispute:
        raise UnableToDisputeByPortal(NO_DISPUTES())
    if not text.strip():
        raise UnableToDisputeByPortal(SAY_WHY())
    if len(files) > MAX_FILES:
        raise UnableToDisputeByPortal(TOO_MANY_FILES(most=MAX_FILES))
    if sum(len(file.content) for file in files) > MAX_BYTES:
        raise UnableToDisputeByPortal(TOO_LARGE(limit=MAX_BYTES >> 20))
    try:
        dispute = open_dispute(
            company=company,
            customer_id=customer_id,
            document_id=document_id,
            reason_code=reason_code,
            note=text,
            disputed_cents=disputed_cents,
            on=on,
            actor=actor,
        )
    except UnableToOpenDispute as error:
        raise UnableToDisputeByPortal(error.sentence) from error
    for file in files:
        try:
            attach_paper(
                company=company,
                customer_id=customer_id,
                document_id=document_id,
                # never "invoice": that is what the portal gives as the company's own
                kind="other",
                name=file.name,
                content=file.content,
                title=TITLE().say(company.language),
                paper_date=on,
                actor=actor,
            )
        except UnableToAttachPaper as error:
            raise UnableToDisputeByPortal(ABOUT(name=file.name[:80], why=error.sentence)) from error
    return dispute
