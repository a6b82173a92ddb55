"""Statements as banks write them: CFONB 120 of two banks, camt.053, and camt.054 for what camt.053 gives as one sum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from benchmarks.statements.story import LINE_WIDTH, TERSE_WIDTH, BankLine, Told
from benchmarks.statements.world import ACCOUNTS, Account
from encours.demo.files.cfonb import signed_amount

# operation code of the French banks -> domain, family, sub-family of ISO 20022
_CODES = {
    "02": ("PMNT", "RCHQ", "CCHQ"), "05": ("PMNT", "RCDT", "ESCT"), "06": ("PMNT", "ICDT", "ESCT"),
    "08": ("PMNT", "RDDT", "ESDD"), "12": ("PMNT", "RCDT", "RPCR"), "13": ("PMNT", "ICDT", "BOOK"),
    "18": ("PMNT", "RCDT", "BOOK"), "30": ("PMNT", "CCRD", "POSD"), "62": ("ACMT", "MDOP", "CHRG"),
    "63": ("ACMT", "MDOP", "CHRG"), "64": ("ACMT", "MCOP", "INTR"), "65": ("ACMT", "MDOP", "INTR"),
    "66": ("ACMT", "MDOP", "COMM"), "A1": ("PMNT", "IDDT", "ESDD"), "B3": ("PMNT", "IDDT", "UPDD"),
    "B4": ("PMNT", "IDDT", "PRDD"), "C2": ("PMNT", "RRCT", "ESCT"),
}  # fmt: skip
# ours that come back are credits of the family we sent them in
_RETURNED_TO_US = ("PMNT", "ICDT", "RRTN")
_STATEMENT, _NOTIFICATION = "camt.053.001.08", "camt.054.001.08"


@dataclass(frozen=True)
class _Day:
    day: date
    opening_date: date
    opening_cents: int
    lines: tuple[BankLine, ...]

    @property
    def closing_cents(self) -> int:
        return self.opening_cents + sum(line.amount_cents for line in self.lines)


def write_bank_files(
    folder: Path, told: Sequence[Told], *, opening_cents: dict[str, int], opened: date
) -> tuple[list[Path], dict[str, int]]:
    """One file per account (and one of notifications), and the balances they close on."""
    paths, closing = [], dict(opening_cents)
    for account in ACCOUNTS.values():
        lines = [each.line for each in told if each.line.account == account.key]
        days = list(_days(lines, opening_cents[account.key], opened))
        if not days:
            continue
        closing[account.key] = days[-1].closing_cents
        if account.dialect == "camt":
            paths += [_write_camt053(folder / f"{account.key}-camt053.xml", account, days)]
            if any(_collected(day) for day in days):
                paths += [_write_camt054(folder / f"{account.key}-camt054.xml", account, days)]
        else:
            paths.append(_write_cfonb(folder / f"{account.key}-cfonb120.txt", account, days))
    return paths, closing


def _days(lines: Sequence[BankLine], opening_cents: int, opened: date) -> Iterator[_Day]:
    last = opened
    for day, group in groupby(
        sorted(lines, key=lambda line: line.booked_date), lambda line: line.booked_date
    ):
        booked = _Day(day, last, opening_cents, tuple(group))
        yield booked
        last, opening_cents = day, booked.closing_cents


# -- CFONB 120 ---------------------------------------------------------------------------------------------------


def _write_cfonb(path: Path, account: Account, days: Sequence[_Day]) -> Path:
    with path.open("w", encoding="latin-1", newline="") as file:
        for day in days:
            for record in _records(account, day):
                assert len(record) == 120, (len(record), record)
                file.write(record + "\r\n")
    return path


def _records(account: Account, day: _Day) -> Iterator[str]:
    yield _balance("01", account, day.opening_date, day.opening_cents)
    for line in day.lines:
        place = f"{account.bank_code}{'16' + line.code:<4}{account.branch}EUR2 {account.number}{line.code}"
        booked = f"{line.booked_date:%d%m%y}"
        yield (
            f"04{place}{booked}  {booked}{line.label[:TERSE_WIDTH]:<31}  {0:07d}  "
            f"{signed_amount(line.amount_cents)}{line.bank_reference[:16]:<16}"
        )
        for qualifier, text in _complements(account, line):
            yield f"05{place}{booked}     {qualifier}{text[:70]:<70}  "
    yield _balance("07", account, day.day, day.closing_cents)


def _complements(account: Account, line: BankLine) -> Iterator[tuple[str, str]]:
    text = line.text.encode("latin-1", "replace").decode("latin-1")
    if account.dialect == "poor":
        if text:
            yield "LIB", text[:LINE_WIDTH]
        if line.return_reason:
            yield "LIB", f"MOTIF DU REJET {line.return_reason}"
        return
    if line.name:
        yield ("NPY" if line.amount_cents > 0 or line.return_reason else "NBE"), line.name
    if text:
        yield "LCC", text[:70]
        if text[70:]:
            yield "LC2", text[70:140]
    if line.structured:
        yield "LCS", line.structured
    if line.end_to_end_id:
        yield "RCN", line.end_to_end_id
    if line.mandate_id:
        yield "RUM", line.mandate_id
    if line.return_reason:
        yield "MMO", f"EUR2{line.original_cents:014d}"
        yield "LIB", f"MOTIF {line.return_reason}"


def _balance(record: str, account: Account, day: date, cents: int) -> str:
    return (
        f"{record}{account.bank_code}    {account.branch}EUR2 {account.number}  {day:%d%m%y}{'':50}"
        f"{signed_amount(cents)}{'':16}"
    )


# -- camt --------------------------------------------------------------------------------------------------------


def _collected(day: _Day) -> list[BankLine]:
    """A day's direct debits are one entry of the statement, and the notification lists them; one alone is told whole."""
    debits = [line for line in day.lines if line.code == "A1"]
    return debits if len(debits) > 1 else []


def _write_camt053(path: Path, account: Account, days: Sequence[_Day]) -> Path:
    e = _maker(_STATEMENT)
    message = e.BkToCstmrStmt(_header(e, "STMT", days[-1].day))
    for number, day in enumerate(days, start=1):
        statement = e.Stmt(
            e.Id(f"{account.key}-{day.day:%y%m%d}"),
            e.ElctrncSeqNb(str(number)),
            e.CreDtTm(f"{day.day.isoformat()}T21:30:00"),
            _own_account(e, account),
            _camt_balance(e, "OPBD", day.opening_cents, day.opening_date),
            _camt_balance(e, "CLBD", day.closing_cents, day.day),
        )
        collected = _collected(day)
        for line in day.lines:
            if line not in collected:
                statement.append(_entry(e, [line], detailed=True))
        if collected:
            statement.append(_entry(e, collected, detailed=False))
        message.append(statement)
    return _save(path, e, message)


def _write_camt054(path: Path, account: Account, days: Sequence[_Day]) -> Path:
    e = _maker(_NOTIFICATION)
    message = e.BkToCstmrDbtCdtNtfctn(_header(e, "NTFCTN", days[-1].day))
    for day in days:
        collected = _collected(day)
        if collected:
            message.append(
                e.Ntfctn(
                    e.Id(f"{account.key}-N-{day.day:%y%m%d}"),
                    e.CreDtTm(f"{day.day.isoformat()}T22:00:00"),
                    _own_account(e, account),
                    _entry(e, collected, detailed=True),
                )
            )
    return _save(path, e, message)


def _maker(version: str) -> Any:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{version}"
    return ElementMaker(namespace=namespace, nsmap={None: namespace})


def _header(e: Any, word: str, day: date) -> Any:
    return e.GrpHdr(e.MsgId(f"{word}{day:%Y%m%d}"), e.CreDtTm(f"{day.isoformat()}T22:00:00"))


def _save(path: Path, e: Any, message: Any) -> Path:
    etree.ElementTree(e.Document(message)).write(str(path), encoding="UTF-8", xml_declaration=True)
    return path


def _own_account(e: Any, account: Account) -> Any:
    return e.Acct(e.Id(e.IBAN(account.iban)), e.Ccy("EUR"))


def _camt_balance(e: Any, code: str, cents: int, day: date) -> Any:
    return e.Bal(
        e.Tp(e.CdOrPrtry(e.Cd(code))),
        _money(e, cents),
        e.CdtDbtInd(_indicator(cents)),
        e.Dt(e.Dt(day.isoformat())),
    )


def _entry(e: Any, lines: Sequence[BankLine], *, detailed: bool) -> Any:
    """One entry of one line, or of several that the bank has booked as one sum."""
    first, total = lines[0], sum(line.amount_cents for line in lines)
    domain, family, sub_family = _RETURNED_TO_US if first.code == "12" and total > 0 else _CODES[first.code]
    day = first.booked_date.isoformat()
    is_collected = len(lines) > 1
    entry = e.Ntry(
        _money(e, total),
        e.CdtDbtInd(_indicator(total)),
        *([e.RvslInd("true")] if first.return_reason else []),
        e.Sts(e.Cd("BOOK")),
        e.BookgDt(e.Dt(day)),
        e.ValDt(e.Dt(day)),
        e.AcctSvcrRef(f"COL{first.booked_date:%y%m%d}" if is_collected else first.bank_reference),
        e.BkTxCd(
            e.Domn(e.Cd(domain), e.Fmly(e.Cd(family), e.SubFmlyCd(sub_family))),
            e.Prtry(e.Cd(first.code), e.Issr("CFONB")),
        ),
    )
    if detailed:
        entry.append(e.NtryDtls(*(_details(e, line, own=is_collected) for line in lines)))
    else:
        entry.append(e.NtryDtls(e.Btch(e.NbOfTxs(str(len(lines))))))
    entry.append(e.AddtlNtryInf(first.label))
    return entry


def _details(e: Any, line: BankLine, *, own: bool) -> Any:
    refs = e.Refs()
    if own:
        refs.append(e.AcctSvcrRef(line.bank_reference))
    refs.append(e.EndToEndId(line.end_to_end_id or "NOTPROVIDED"))
    if line.mandate_id:
        refs.append(e.MndtId(line.mandate_id))
    details = e.TxDtls(refs, _money(e, line.amount_cents), e.CdtDbtInd(_indicator(line.amount_cents)))
    if line.name:
        # a return keeps the parties of the payment it takes back
        is_debtor = (line.amount_cents > 0) != bool(line.return_reason)
        party, holder = ("Dbtr", "DbtrAcct") if is_debtor else ("Cdtr", "CdtrAcct")
        related = e.RltdPties(getattr(e, party)(e.Pty(e.Nm(line.name))))
        if line.iban:
            related.append(getattr(e, holder)(e.Id(e.IBAN(line.iban))))
        details.append(related)
    remittance = e.RmtInf()
    if line.text:
        remittance.append(e.Ustrd(line.text[:140]))
    if line.referred:
        remittance.append(e.Strd(*(e.RfrdDocInf(e.Nb(number)) for number in line.referred)))
    if line.structured:
        code = e.Tp(e.CdOrPrtry(e.Cd("SCOR")), e.Issr("ISO"))
        remittance.append(e.Strd(e.CdtrRefInf(code, e.Ref(line.structured))))
    if len(remittance):
        details.append(remittance)
    if line.return_reason:
        details.append(e.RtrInf(e.Rsn(e.Cd(line.return_reason))))
    return details


def _money(e: Any, cents: int) -> Any:
    return e.Amt(f"{abs(cents) // 100}.{abs(cents) % 100:02d}", Ccy="EUR")


def _indicator(cents: int) -> str:
    return "CRDT" if cents >= 0 else "DBIT"
