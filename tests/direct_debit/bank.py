"""What a bank answers: pain.002 reports, and lines of its statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from encours.store.models import Company, Transaction
from tests import cast

REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>{told_at}</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{file}</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>{whole}</OrgnlGrpInfAndSts>
{parts}</CstmrPmtStsRpt></Document>"""


def report(
    file: str, *, status: str = "", reason: str = "", batches: Sequence[tuple[str, str]] = (),
    refused: Sequence[tuple[str, str, str]] = (), told_at: str = "2026-03-30T08:00:00", version: str = "10",
) -> bytes:  # fmt: skip
    """`batches` are (id, status), `refused` debits (end-to-end id, reason, amount)."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    whole = f"<GrpSts>{status}</GrpSts>{why}" if status else ""
    parts = "".join(
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId><PmtInfSts>{said}</PmtInfSts></OrgnlPmtInfAndSts>"
        for name, said in batches
    )
    debits = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>{code}</Cd></Rsn>"
        f'</StsRsnInf><OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for reference, code, amount in refused
    )
    if debits:
        parts += f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{file}-FRST</OrgnlPmtInfId>{debits}</OrgnlPmtInfAndSts>"
    return REPORT.format(version=version, told_at=told_at, file=file, whole=whole, parts=parts).encode()


def line(company: Company, cents: int, *, on: date, **details: Any) -> Transaction:
    """A line of the statement, waiting."""
    return cast.bank_line(
        company, amount_cents=cents, booked_date=on, **{"remittance": "", "counterparty_name": "", **details}
    )
