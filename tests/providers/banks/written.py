"""Statements written out as banks do, to be read back. Only what the readers' tests need."""

from datetime import date
from xml.sax.saxutils import escape, quoteattr

from encours.core.statements import Statement, Transaction

BANK, BRANCH, NUMBER = "15589", "00000", "98765432100"
# worked out with an outside calculator (key 88): FR76 15589 00000 98765432100 88
IBAN = "FR7615589000009876543210088"


def cfonb_amount(cents: int) -> str:
    digits = f"{abs(cents):014d}"
    return digits[:-1] + ("{ABCDEFGHI" if cents >= 0 else "}JKLMNOPQR")[int(digits[-1])]


def cfonb_record(
    code: str,
    day: date,
    *,
    cents: int | None = None,
    label: str = "",
    reference: str = "",
    operation: str = "",
    reject: str = "",
    value_date: date | None = None,
    qualifier: str = "",
    information: str = "",
    currency: str = "EUR2",
    number: str = NUMBER,
    bank: str = BANK,
) -> str:
    """One record of exactly 120 characters, each field at the place the standard gives it."""
    zones = [(1, code), (3, bank), (12, BRANCH), (17, currency), (22, number), (33, operation),
             (35, f"{day:%d%m%y}")]  # fmt: skip
    if code == "04":
        zones += [(41, reject), (43, f"{value_date:%d%m%y}" if value_date else ""), (49, label[:31]),
                  (82, "0000000"), (105, reference[:16])]  # fmt: skip
    if code == "05":
        zones += [(46, qualifier), (49, information[:70])]
    if cents is not None:
        zones.append((91, cfonb_amount(cents)))
    line = [" "] * 120
    for first, text in zones:
        line[first - 1 : first - 1 + len(text)] = text
    assert len(line) == 120
    return "".join(line)


def cfonb(statements: list[Statement], *, line_end: str = "\r\n") -> bytes:
    """Labels, LCC/LC2, LCS, RCN, RUM and NPY or NBE of each line."""
    lines: list[str] = []
    for s in statements:
        assert s.opening_date
        assert s.closing_date
        lines.append(cfonb_record("01", s.opening_date, cents=s.opening_cents))
        for t in s.transactions:
            lines.append(
                cfonb_record(
                    "04", t.booked_date, cents=t.amount_cents, operation=t.operation_code,
                    reference=t.bank_reference, value_date=t.value_date, reject=t.return_reason,
                )
            )  # fmt: skip
            party = "NPY" if t.amount_cents > 0 or t.is_return else "NBE"
            for qualifier, text in (
                (party, t.counterparty_name), ("LCC", t.remittance[:70]), ("LC2", t.remittance[70:140]),
                ("LCS", t.structured_reference), ("RCN", t.end_to_end_id), ("RUM", t.mandate_id),
            ):  # fmt: skip
                if text:
                    lines.append(cfonb_record("05", t.booked_date, qualifier=qualifier, information=text))
        lines.append(cfonb_record("07", s.closing_date, cents=s.closing_cents))
    return "".join(line + line_end for line in lines).encode("latin-1")


_MESSAGES = {
    "camt052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt053": ("BkToCstmrStmt", "Stmt"),
    "camt054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def camt(statements: list[Statement], *, kind: str = "camt053", version: int | None = 8) -> bytes:
    """A message of a version (None: without a namespace). Lines that share `extra["batch"]` make one entry."""
    message, element = _MESSAGES[kind]
    namespace = (
        f' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind[4:]}.001.{version:02d}"' if version else ""
    )
    body = "".join(
        f"<{element}><Id>{escape(s.reference)}</Id><Acct><Id><IBAN>{s.account}</IBAN></Id><Ccy>{s.currency}</Ccy>"
        f"</Acct>{_balance('OPBD', s.opening_cents, s.opening_date, s.currency)}"
        f"{_balance('CLBD', s.closing_cents, s.closing_date, s.currency)}\n"
        f"{''.join(_entry(group, version) for group in _groups(s.transactions))}</{element}>\n"
        for s in statements
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document{namespace}><{message}><GrpHdr><MsgId>M</MsgId></GrpHdr>\n'
        f"{body}</{message}></Document>\n"
    ).encode()


def _groups(transactions: tuple[Transaction, ...]) -> list[list[Transaction]]:
    groups: dict[str, list[Transaction]] = {}
    for place, t in enumerate(transactions):
        groups.setdefault(t.extra.get("batch", f"own {place}"), []).append(t)
    return list(groups.values())


def _balance(code: str, cents: int | None, day: date | None, currency: str) -> str:
    if cents is None:
        return ""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents, currency)}"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _amount(cents: int, currency: str) -> str:
    return (
        f"<Amt Ccy={quoteattr(currency)}>{abs(cents) // 100}.{abs(cents) % 100:02d}</Amt>"
        f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd>"
    )


def _entry(lines: list[Transaction], version: int | None) -> str:
    total, first = sum(t.amount_cents for t in lines), lines[0]
    status = "<Cd>BOOK</Cd>" if version and version >= 7 else "BOOK"
    value = f"<ValDt><Dt>{first.value_date}</Dt></ValDt>" if first.value_date else ""
    reference = first.extra.get("batch_reference", "" if len(lines) > 1 else first.bank_reference)
    return (
        f"<Ntry>{_amount(total, first.currency)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{first.booked_date}</Dt></BookgDt>{value}{_tag('AcctSvcrRef', reference)}"
        f"<BkTxCd>{_tag('Prtry', _tag('Cd', first.operation_code))}</BkTxCd>"
        f"<NtryDtls>{''.join(_detail(t, version) for t in lines)}</NtryDtls></Ntry>\n"
    )


def _detail(t: Transaction, version: int | None) -> str:
    party = "Dbtr" if (t.amount_cents > 0) != t.is_return else "Cdtr"
    name = _tag("Nm", escape(t.counterparty_name))
    name = _tag("Pty", name) if version and version >= 7 else name
    iban = _tag(f"{party}Acct", _tag("Id", _tag("IBAN", t.counterparty_iban)))
    references = (
        _tag("AcctSvcrRef", t.bank_reference) + _tag("EndToEndId", escape(t.end_to_end_id))
        + _tag("MndtId", escape(t.mandate_id))
    )  # fmt: skip
    structured = _tag("Strd", _tag("CdtrRefInf", _tag("Ref", escape(t.structured_reference))))
    return (
        f"<TxDtls>{_tag('Refs', references)}{_amount(t.amount_cents, t.currency)}"
        f"{_tag('RltdPties', _tag(party, name) + iban)}"
        f"{_tag('RmtInf', _tag('Ustrd', escape(t.remittance)) + structured)}"
        f"{_tag('RtrInf', _tag('Rsn', _tag('Cd', t.return_reason)))}</TxDtls>"
    )


def _tag(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>" if content else ""
