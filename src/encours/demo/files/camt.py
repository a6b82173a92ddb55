"""camt.053.001.08 statements (ISO 20022), one `Stmt` per booked day, written as they come."""

from collections.abc import Iterable
from datetime import datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from encours.demo.bank import BankLine, DayStatement
from encours.demo.files.amounts import with_point

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_E: Any = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
_DIRECT_DEBITS = ("A1",)
# operation code of the French banks -> domain, family, sub-family of ISO 20022
_CODES = {
    "02": ("PMNT", "RCHQ", "CCHQ"), "05": ("PMNT", "RCDT", "ESCT"), "06": ("PMNT", "ICDT", "ESCT"),
    "08": ("PMNT", "RDDT", "ESDD"), "13": ("PMNT", "ICDT", "BOOK"), "18": ("PMNT", "RCDT", "BOOK"),
    "30": ("PMNT", "CCRD", "POSD"), "62": ("ACMT", "MDOP", "CHRG"), "A1": ("PMNT", "IDDT", "ESDD"),
    "B3": ("PMNT", "IDDT", "UPDD"), "C2": ("PMNT", "RRCT", "ESCT"),
}  # fmt: skip


def write_camt053(path: Path, statements: Iterable[DayStatement], *, owner: str, message_id: str) -> None:
    """`statements` is not empty; the message is dated as its first day."""
    first, *others = statements
    with etree.xmlfile(str(path), encoding="UTF-8") as file:
        file.write_declaration()
        document = file.element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
        with document, file.element(f"{{{NAMESPACE}}}BkToCstmrStmt"):
            file.write(_E.GrpHdr(_E.MsgId(message_id), _E.CreDtTm(_evening(first))))
            for statement in (first, *others):
                file.write("\n", _statement(statement, owner))


def _statement(statement: DayStatement, owner: str) -> Any:
    account, day = statement.account, statement.day.isoformat()
    element = _E.Stmt(
        _E.Id(f"{account.key}-{statement.number:06d}"),
        _E.ElctrncSeqNb(str(statement.number)),
        _E.CreDtTm(_evening(statement)),
        _E.FrToDt(_E.FrDtTm(f"{day}T00:00:00"), _E.ToDtTm(f"{day}T23:59:59")),
        _E.Acct(
            _E.Id(_E.IBAN(account.iban)),
            _E.Ccy("EUR"),
            _E.Ownr(_E.Nm(owner)),
            _E.Svcr(_E.FinInstnId(_E.Nm(account.bank))),
        ),
        _balance("OPBD", statement.opening_cents, statement.opening_date.isoformat()),
        _balance("CLBD", statement.closing_cents, day),
    )
    # the bank books a day's direct debits as one line
    for is_batch, group in groupby(sorted(statement.lines, key=_is_batched), key=_is_batched):
        lines = list(group)
        for entry in [lines] if is_batch else [[line] for line in lines]:
            element.append(_entry(entry))
    return element


def _is_batched(line: BankLine) -> bool:
    return line.code in _DIRECT_DEBITS


def _entry(lines: list[BankLine]) -> Any:
    first, total = lines[0], sum(line.amount_cents for line in lines)
    day = first.booked_date.isoformat()
    domain, family, sub_family = _CODES[first.code]
    details = _E.NtryDtls()
    if len(lines) > 1:
        details.append(_E.Btch(_E.NbOfTxs(str(len(lines))), _E.TtlAmt(with_point(abs(total)), Ccy="EUR")))
    for line in lines:
        details.append(_details(line))
    return _E.Ntry(
        _E.Amt(with_point(abs(total)), Ccy="EUR"),
        _E.CdtDbtInd(_indicator(total)),
        _E.Sts(_E.Cd("BOOK")),
        _E.BookgDt(_E.Dt(day)),
        _E.ValDt(_E.Dt(day)),
        _E.AcctSvcrRef(first.bank_reference),
        _E.BkTxCd(
            _E.Domn(_E.Cd(domain), _E.Fmly(_E.Cd(family), _E.SubFmlyCd(sub_family))),
            _E.Prtry(_E.Cd(first.code), _E.Issr("CFONB")),
        ),
        details,
        _E.AddtlNtryInf(first.label),
    )


def _details(line: BankLine) -> Any:
    refs = _E.Refs(_E.AcctSvcrRef(line.bank_reference))
    if line.end_to_end_id:
        refs.append(_E.EndToEndId(line.end_to_end_id))
    if line.mandate_id:
        refs.append(_E.MndtId(line.mandate_id))
    element = _E.TxDtls(
        refs,
        _E.Amt(with_point(abs(line.amount_cents)), Ccy="EUR"),
        _E.CdtDbtInd(_indicator(line.amount_cents)),
    )
    if line.name:
        # the other side: who paid, or who was paid; in a return both keep their first role
        is_debtor = line.amount_cents > 0 or bool(line.return_reason)
        party, holder = ("Dbtr", "DbtrAcct") if is_debtor else ("Cdtr", "CdtrAcct")
        related = _E.RltdPties(getattr(_E, party)(_E.Pty(_E.Nm(line.name))))
        if line.iban:
            related.append(getattr(_E, holder)(_E.Id(_E.IBAN(line.iban))))
        element.append(related)
    if line.text or line.reference:
        remittance = _E.RmtInf()
        if line.text:
            remittance.append(_E.Ustrd(line.text[:140]))
        if line.reference:
            code = _E.CdOrPrtry(_E.Cd("SCOR"))
            remittance.append(_E.Strd(_E.CdtrRefInf(_E.Tp(code), _E.Ref(line.reference))))
        element.append(remittance)
    if line.return_reason:
        element.append(_E.RtrInf(_E.Rsn(_E.Cd(line.return_reason))))
    return element


def _balance(code: str, cents: int, day: str) -> Any:
    return _E.Bal(
        _E.Tp(_E.CdOrPrtry(_E.Cd(code))),
        _E.Amt(with_point(abs(cents)), Ccy="EUR"),
        _E.CdtDbtInd(_indicator(cents)),
        _E.Dt(_E.Dt(day)),
    )


def _indicator(cents: int) -> str:
    return "CRDT" if cents >= 0 else "DBIT"


def _evening(statement: DayStatement) -> str:
    return datetime.combine(statement.day, time(21, 30)).isoformat()
