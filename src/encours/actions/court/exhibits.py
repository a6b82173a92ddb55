"""What a file holds, in the order a court reads it: each exhibit with its number, its own pages and the papers placed in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from zoneinfo import ZoneInfo

from encours.actions.court import blocks
from encours.actions.court.accounts import interest_pages, statement_pages
from encours.actions.court.correspondence import case_pages, message_pages, reply_pages
from encours.actions.court.invoices import books_copy, readable_copy
from encours.actions.court.journal import journal_pages
from encours.core.court_files.bordereau import KIND_NAMES, Piece, PieceKind
from encours.core.court_files.claim import CourtClaim
from encours.core.court_files.facts import CourtFacts
from encours.core.court_files.papers import KINDS, MEDIA_TYPES
from encours.core.court_files.request import Cited
from encours.core.delivery_reports import PROOFS
from encours.core.dunning.policy import NOTICES
from encours.core.ledger import StatementOfAccount
from encours.core.wording import format_date
from encours.queries.court_evidence import (
    AttachedEvidence,
    CaseEvidence,
    DocumentEvidence,
    JournalEvidence,
    MessageEvidence,
    ReplyEvidence,
)
from encours.queries.files import FileOnDisk
from encours.queries.papers import PaperRow

_AGREEMENTS: tuple[PieceKind, ...] = ("contract", "general_terms", "order")
_ATTACHED = {"letter": "Lettre telle qu’imprimée", "proof": "Preuve", "": "Joint au message"}


@dataclass(frozen=True)
class Original:
    """A file as it is kept. `is_placed` when its pages stand in the PDF; all go into the archive, `name` there included."""

    name: str
    file: FileOnDisk
    media_type: str
    caption: str = ""
    is_placed: bool = True


@dataclass(frozen=True)
class Exhibit:
    piece: Piece
    body: tuple[blocks.Block, ...] = ()
    originals: tuple[Original, ...] = ()
    data: str = ""  # what the archive holds of a piece without an original: its text


@dataclass(frozen=True)
class Evidence:
    """All that was found, in the order of time."""

    account: StatementOfAccount
    since: date
    documents: Sequence[DocumentEvidence]
    messages: Sequence[MessageEvidence] = ()
    replies: Sequence[ReplyEvidence] = ()
    cases: Sequence[CaseEvidence] = ()
    journal: Sequence[JournalEvidence] = ()
    papers: Sequence[PaperRow] = ()


@dataclass
class _Numbered:
    """Exhibits as they are added, and which numbers the request cites."""

    exhibits: list[Exhibit] = field(default_factory=list)
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add(
        self,
        kind: PieceKind,
        title: str,
        *,
        day: date | None = None,
        detail: str = "",
        body: Iterable[blocks.Block] = (),
        originals: Iterable[Original] = (),
    ) -> None:
        piece = Piece(next(self._numbers), kind, title, day, detail)
        self.exhibits.append(Exhibit(piece, tuple(body), tuple(originals)))
        self.by_kind[kind].append(piece.number)


def exhibits_of(
    *, facts: CourtFacts, claim: CourtClaim, evidence: Evidence, zone: ZoneInfo
) -> tuple[tuple[Exhibit, ...], Cited]:
    """Every exhibit of a file, numbered, and what the request cites of them."""
    found = _Numbered()
    found.add(
        "statement", "Relevé de compte du débiteur dans les livres du créancier", day=facts.on,
        body=statement_pages(evidence.account, facts, evidence.since),
    )  # fmt: skip
    found.add(
        "interest", "Décompte du principal, des intérêts et des indemnités, ligne par ligne", day=facts.on,
        body=interest_pages(facts, claim),
    )  # fmt: skip
    claimed = set(claim.document_ids)
    ranks = list(KINDS)
    own = sorted(
        (paper for paper in evidence.papers if paper.document_id is None),
        key=lambda each: ranks.index(each.kind),
    )
    for paper in own:
        _add_paper(found, paper)
    of_document: dict[int, list[PaperRow]] = defaultdict(list)
    for paper in evidence.papers:
        if paper.document_id in claimed:
            of_document[paper.document_id or 0].append(paper)
    for document in evidence.documents:
        _add_document(found, document, of_document[document.id], facts)
    _add_correspondence(found, evidence, zone)
    if evidence.cases:
        found.add(
            "cases",
            "Litiges, promesses de payer et échéanciers, tels que relevés",
            body=case_pages(evidence.cases),
        )
    if evidence.journal:
        found.add(
            "journal", "Extrait du journal concernant le débiteur, avec ses empreintes chaînées",
            body=journal_pages(evidence.journal),
        )  # fmt: skip
    return tuple(found.exhibits), _cited(found.by_kind)


def _cited(by_kind: Mapping[str, list[int]]) -> Cited:
    return Cited(
        statement=by_kind["statement"][0],
        interest=by_kind["interest"][0],
        invoices=tuple(by_kind["invoice"]),
        agreements=tuple(sorted(number for kind in _AGREEMENTS for number in by_kind[kind])),
        deliveries=tuple(by_kind["delivery_note"]),
        notices=tuple(by_kind["notice"]),
        reminders=tuple(by_kind["message"]),
        replies=tuple(by_kind["reply"]),
        cases=tuple(by_kind["cases"]),
    )


def _add_paper(found: _Numbered, paper: PaperRow, number: str = "") -> None:
    kind: PieceKind = paper.kind if paper.kind in KIND_NAMES else "other"  # type: ignore[assignment]  # text in the table
    name = KINDS[paper.kind]().say("fr")
    found.add(
        kind, paper.title or (f"{name} – {number}" if number else name), day=paper.paper_date, detail=paper.name,
        originals=[Original(paper.name, paper.file, paper.media_type)],
    )  # fmt: skip


def _add_document(
    found: _Numbered, document: DocumentEvidence, papers: Sequence[PaperRow], facts: CourtFacts
) -> None:
    """The invoice as it was made, else readable from its electronic original, else a copy from the books; then its papers."""
    sent = [paper for paper in papers if paper.kind == "invoice"]
    title = f"{'Facture d’acompte' if document.type == 'deposit' else 'Facture'} {document.number}"
    detail, body, originals = "", (), [Original(each.name, each.file, each.media_type) for each in sent]
    source = document.file
    if document.kind == "facturx" and source:
        originals.append(Original(source.name, source, "application/pdf", is_placed=not sent))
        detail = "Original électronique (Factur-X)"
    elif document.kind in ("ubl", "cii") and source:
        originals.append(Original(source.name, source, "application/xml", is_placed=False))
        body, detail = (
            readable_copy(document),
            f"Original électronique ({document.kind.upper()}), joint ; représentation lisible",
        )
    if not body and not any(each.is_placed for each in originals):
        body, detail = books_copy(document, facts), "Copie établie d’après les livres du créancier"
    found.add("invoice", title, day=document.issue_date, detail=detail, body=body, originals=originals)
    ranks = list(KINDS)
    for paper in sorted(papers, key=lambda each: ranks.index(each.kind)):
        if paper.kind != "invoice":
            _add_paper(found, paper, document.number)


def _add_correspondence(found: _Numbered, evidence: Evidence, zone: ZoneInfo) -> None:
    """Messages and replies in the order of time."""
    dated: list[tuple[date, int, MessageEvidence | ReplyEvidence]] = [
        *((message.sent_date, 0, message) for message in evidence.messages),
        *((reply.received_at.astimezone(zone).date(), 1, reply) for reply in evidence.replies),
    ]
    for day, _, item in sorted(dated, key=lambda each: each[:2]):
        if isinstance(item, ReplyEvidence):
            found.add(
                "reply", f"Réponse reçue le {format_date(day, 'fr')}", day=day, detail=item.subject,
                body=reply_pages(item, zone),
                originals=[Original(f"reponse-{day.isoformat()}.eml", item.file, "message/rfc822", is_placed=False)],
            )  # fmt: skip
            continue
        is_notice = item.template in NOTICES
        found.add(
            "notice" if is_notice else "message",
            f"{'Mise en demeure' if is_notice else 'Relance'} du {format_date(day, 'fr')}",
            day=day, detail=item.subject, body=message_pages(item, zone),
            originals=[_attached(each) for each in item.attached],
        )  # fmt: skip


def _attached(each: AttachedEvidence) -> Original:
    """What proves is placed; what went along is in the archive: the statement of then would repeat the one of now."""
    caption = PROOFS[each.title]().say("fr") if each.title in PROOFS else _ATTACHED.get(each.kind, "")
    return Original(
        each.file.name, each.file, each.media_type, caption,
        is_placed=each.kind != "" and each.media_type in MEDIA_TYPES,
    )  # fmt: skip
