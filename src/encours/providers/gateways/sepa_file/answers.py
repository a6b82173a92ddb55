"""pain.002 messages, of whatever version: what a bank says of a direct-debit file, its batches and its debits."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from lxml import etree

from encours.core.wording import Wording
from encours.ports.direct_debits import StatusReport, ToldStatus, UnableToReadAnswer

# a bank's answer is at most about as long as what it answers; more is no answer
MAX_BYTES = 64 << 20

NO_ANSWER = Wording(
    "direct_debit_answer.not_one",
    fr="Ce fichier n’est pas un compte rendu de prélèvements (pain.002) : {reason}.",
    en="This file is no report on direct debits (pain.002): {reason}.",
)
HAS_DTD = Wording(
    "direct_debit_answer.dtd",
    fr="Ce fichier déclare une DTD ou des entités : il est refusé, rien n’en est lu.",
    en="This file declares a DTD or entities: it is refused, nothing of it is read.",
)
TOO_LARGE = Wording(
    "direct_debit_answer.too_large",
    fr="Ce fichier est trop grand pour un compte rendu ({size} Mo, {limit} au plus).",
    en="This file is too large for a report ({size} MB, {limit} at most).",
)


def pain_002(content: bytes) -> Sequence[StatusReport]:
    """What it reports. Raises `UnableToReadAnswer`."""
    if len(content) > MAX_BYTES:
        raise UnableToReadAnswer(TOO_LARGE(size=len(content) >> 20, limit=MAX_BYTES >> 20))
    root = _root(content)
    reports = [each for each in root.iter() if _name(each) == "CstmrPmtStsRpt"]
    if not reports:
        raise UnableToReadAnswer(NO_ANSWER(reason="CstmrPmtStsRpt ?"))
    return [_report(each) for each in reports]


def _root(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.parse(BytesIO(content), parser)
    except etree.XMLSyntaxError as error:
        raise UnableToReadAnswer(NO_ANSWER(reason=str(error.msg)[:200])) from error
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise UnableToReadAnswer(HAS_DTD())
    return tree.getroot()


def _report(report: Any) -> StatusReport:
    header, original = _child(report, "GrpHdr"), _child(report, "OrgnlGrpInfAndSts")
    message_id = _text(original, "OrgnlMsgId")
    if not message_id:
        raise UnableToReadAnswer(NO_ANSWER(reason="OrgnlMsgId ?"))
    kind = _text(original, "OrgnlMsgNmId")
    if kind and not kind.lower().startswith("pain.008"):
        raise UnableToReadAnswer(NO_ANSWER(reason=kind[:35]))
    return StatusReport(
        own_id=_text(header, "MsgId"),
        message_id=message_id,
        told_at=_moment(_text(header, "CreDtTm")),
        statuses=tuple(_statuses(report, original)),
    )


def _statuses(report: Any, original: Any) -> Iterator[ToldStatus]:
    yield _status(original, "GrpSts")
    for batch in _children(report, "OrgnlPmtInfAndSts"):
        batch_id = _text(batch, "OrgnlPmtInfId")
        yield _status(batch, "PmtInfSts", batch_id=batch_id)
        for debit in _children(batch, "TxInfAndSts"):
            yield _status(debit, "TxSts", batch_id=batch_id, of_debit=True)
    for debit in _children(report, "TxInfAndSts"):  # older versions have them beside
        yield _status(debit, "TxSts", of_debit=True)


def _status(node: Any, name: str, *, batch_id: str = "", of_debit: bool = False) -> ToldStatus:
    reasons = _children(node, "StsRsnInf")
    codes = [_text(_child(each, "Rsn"), "Cd") or _text(_child(each, "Rsn"), "Prtry") for each in reasons]
    words = [_text(each, "AddtlInf") for each in reasons]
    return ToldStatus(
        status=_text(node, name).upper(),
        reason=next((code for code in codes if code), "")[:35],
        words=" ".join(each for each in words if each)[:200],
        batch_id=batch_id[:35],
        reference=_text(node, "OrgnlEndToEndId")[:35] if of_debit else "",
        amount_cents=_amount(node) if of_debit else None,
    )


def _amount(debit: Any) -> int | None:
    for each in debit.iter():
        if _name(each) == "InstdAmt" and each.text:
            try:
                return int(Decimal(each.text.strip()) * 100)
            except (InvalidOperation, ValueError, OverflowError):
                return None
    return None


def _moment(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnableToReadAnswer(NO_ANSWER(reason=f"CreDtTm {text[:40]!r}")) from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _name(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _children(node: Any, name: str) -> list[Any]:
    return [] if node is None else [each for each in node if _name(each) == name]


def _child(node: Any, name: str) -> Any:
    found = _children(node, name)
    return found[0] if found else None


def _text(node: Any, name: str) -> str:
    found = _child(node, name)
    return (found.text or "").strip() if found is not None else ""
