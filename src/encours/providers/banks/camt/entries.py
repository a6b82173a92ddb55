"""One booked entry (Ntry) as transactions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from encours.core.bank_accounts import iban_of
from encours.core.money import UnableToReadAmount, to_cents, to_decimal
from encours.core.problems import Problem
from encours.core.statements import RETURN_CODES, RETURNED, Transaction
from encours.core.tellings import BATCH, BATCH_CENTS, BATCH_REFERENCE
from encours.core.wording import Sentence
from encours.providers.banks.camt.problems import BAD_AMOUNT, BAD_ENTRY, MISSING, TERMS
from encours.providers.banks.camt.xml import Node

# What banks write when they have no reference to give.
_NO_REFERENCE = {"NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "N/A", "NONE"}
# xs:decimal without a sign: the direction is in CdtDbtInd
_DECIMAL = re.compile(r"\d{1,18}(\.\d{0,17})?|\.\d{1,17}")


class UnableToReadEntry(Exception):
    """Carries the problem of the refused line."""

    def __init__(self, sentence: Sentence, node: Node, field: str) -> None:
        super().__init__(sentence.code)
        self.problem = Problem(sentence, line=node.line, field=field, raw=written(node))


@dataclass(frozen=True)
class OwnAccount:
    """The account the statement is about, to tell its owner from the other party."""

    identifier: str
    currency: str  # empty when the statement does not say


def is_booked(entry: Node, *, kind: str) -> bool:
    """Sts is BOOK, in the text up to version 6 and in Cd from version 7.

    A statement that leaves it out lists what is booked; a report of a day under way must say so.
    """
    status = entry.text_of("Sts", "Cd") or entry.text_of("Sts")
    return status == "BOOK" or (not status and kind != "camt052")


def transactions_of(entry: Node, account: OwnAccount, *, name: str) -> list[Transaction]:
    """One transaction per detail when the details carry amounts that add up to the entry, else one for it all.

    `name` is the entry's own in its statement. Raises `UnableToReadEntry`.
    """
    amount_cents, currency = signed_amount(entry)
    booked_date = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if booked_date is None:
        raise UnableToReadEntry(_unreadable(entry, "BookgDt"), entry, "booked_date")
    whole = _Entry(entry, amount_cents, currency, booked_date, _day(entry, "ValDt"), account)
    details = entry.all("NtryDtls", "TxDtls")
    shares = _shares(details, amount_cents, currency) if len(details) > 1 else None
    if shares is None:
        return [whole.transaction(details, amount_cents)]
    reference = _reference(entry.text_of("AcctSvcrRef"))
    batch = {BATCH: name, BATCH_CENTS: str(amount_cents)} | (
        {BATCH_REFERENCE: reference} if reference else {}
    )
    return [
        whole.transaction([detail], cents, extra=batch) for detail, cents in zip(details, shares, strict=True)
    ]


def signed_amount(node: Node) -> tuple[int, str]:
    """Signed cents and currency of an entry or a balance. Raises `UnableToReadEntry`.

    CdtDbtInd alone says the direction: RvslInd tells that the entry takes an earlier one back, and CdtDbtInd is
    already that of the reversal (ISO 20022).
    """
    amount = node.first("Amt")
    if amount is None:
        raise UnableToReadEntry(_lacking("Amt", ""), node, "amount")
    currency = amount.attributes.get("Ccy", "").strip().upper()
    sign = {"CRDT": 1, "DBIT": -1}.get(node.text_of("CdtDbtInd"))
    if len(currency) != 3 or not currency.isalpha():
        raise UnableToReadEntry(_lacking("Ccy", currency), node, "currency")
    if sign is None:
        raise UnableToReadEntry(_lacking("CdtDbtInd", node.text_of("CdtDbtInd")), node, "amount")
    cents = _cents(amount)
    if cents is None:
        raise UnableToReadEntry(BAD_AMOUNT(value=amount.text, currency=currency), node, "amount")
    return sign * cents, currency


def written(node: Node, name: str = "") -> str:
    """A refused part for quarantine: its leaves as `path=text`."""
    own = [f"{name}={node.text}"] if node.text else []
    for child_name, children in node.children.items():
        own += [written(child, f"{name}/{child_name}" if name else child_name) for child in children]
    return " ".join(part for part in own if part)


def iso_day(text: str) -> date | None:
    """The calendar day as the bank wrote it: a time zone behind it never moves it to another day."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@dataclass(frozen=True)
class _Entry:
    node: Node
    amount_cents: int
    currency: str
    booked_date: date
    value_date: date | None
    account: OwnAccount

    def transaction(
        self, details: list[Node], amount_cents: int, *, extra: dict[str, str] | None = None
    ) -> Transaction:
        """The entry, or a part of it, with what its details say; several details speak where they agree."""
        entry = self.node
        returned = _is_return(entry, details)
        name, iban, parties = self._counterparty(details, amount_cents, returned=returned)
        references, remittance = _remittance(details)
        kept = {
            "entry_reference": entry.text_of("NtryRef"),
            "uetr": _shared(detail.text_of("Refs", "UETR") for detail in details),
            "transaction_id": _shared(_reference(detail.text_of("Refs", "TxId")) for detail in details),
            "instruction_id": _shared(detail.text_of("Refs", "InstrId") for detail in details),
            "purpose": _shared(detail.text_of("Purp", "Cd") for detail in details),
            "proprietary_reference": _shared(detail.text_of("Refs", "Prtry", "Ref") for detail in details),
            "structured_references": " ".join(references[1:]),
            "return_information": _shared(detail.text_of("RtrInf", "AddtlInf") for detail in details),
            "reversal": "true" if entry.text_of("RvslInd") in ("true", "1") else "",
            RETURNED: "true" if returned else "",
            # of a return, the amount before charges
            "original_amount": _shared(map(_instructed, details)) if returned else "",
            **parties,
            **(extra or {}),
        }
        return Transaction(
            booked_date=self.booked_date,
            value_date=self.value_date,
            amount_cents=amount_cents,
            currency=self.currency,
            bank_reference=self._bank_reference(details, is_detail=extra is not None),
            end_to_end_id=_shared(_reference(d.text_of("Refs", "EndToEndId")) for d in details),
            mandate_id=_shared(_reference(d.text_of("Refs", "MndtId")) for d in details),
            structured_reference=references[0] if references else "",
            remittance=remittance
            or _shared(detail.text_of("AddtlTxInf") for detail in details)
            or " ".join(entry.text_of("AddtlNtryInf").split()),
            counterparty_name=name,
            counterparty_iban=iban,
            operation_code=_operation_code([*details, entry]),
            return_reason=_shared(
                d.text_of("RtrInf", "Rsn", "Cd") or d.text_of("RtrInf", "Rsn", "Prtry") for d in details
            ),
            line=(details[0] if extra is not None else entry).line,
            extra={key: value for key, value in kept.items() if value},
        )

    def _bank_reference(self, details: list[Node], *, is_detail: bool) -> str:
        own = _reference(self.node.text_of("AcctSvcrRef"))
        theirs = _shared(_reference(d.text_of("Refs", "AcctSvcrRef")) for d in details) or _shared(
            _reference(d.text_of("Refs", "TxId")) for d in details
        )
        return (theirs or own) if is_detail else (own or theirs)

    def _counterparty(
        self, details: list[Node], amount_cents: int, *, returned: bool
    ) -> tuple[str, str, dict[str, str]]:
        """Name and IBAN of the other party, and the ultimate parties for `extra`.

        It is the debtor of money received and the creditor of money paid. A return keeps the parties of the
        payment it takes back, so they are the other way round; our own IBAN on one side settles it.
        """
        party, other = ("Dbtr", "Cdtr") if (amount_cents > 0) != returned else ("Cdtr", "Dbtr")
        ibans = {side: _shared(_account(d, side) for d in details) for side in ("Dbtr", "Cdtr")}
        names = {side: _shared(_party_name(d, side) for d in details) for side in ("Dbtr", "Cdtr")}
        if ibans[party] and ibans[party] == self.account.identifier and ibans[other] != ibans[party]:
            party = other
        ultimate = {
            "ultimate_debtor": _shared(_party_name(d, "UltmtDbtr") for d in details),
            "ultimate_creditor": _shared(_party_name(d, "UltmtCdtr") for d in details),
        }
        return names[party], ibans[party], ultimate


def _shares(details: list[Node], amount_cents: int, currency: str) -> list[int] | None:
    """Signed cents of each detail when they are given and add up to the entry; else None.

    Some banks repeat the payment order's direction in the details: amounts that add up without their signs are
    all of the entry's direction.
    """
    amounts: list[int] = []
    signs: list[int] = []
    own_sign = -1 if amount_cents < 0 else 1
    for detail in details:
        amount = (
            detail.first("Amt") or detail.first("AmtDtls", "TxAmt", "Amt")
            or detail.first("AmtDtls", "InstdAmt", "Amt")
        )  # fmt: skip
        if amount is None or amount.attributes.get("Ccy", currency).strip().upper() != currency:
            return None
        cents = _cents(amount)
        if cents is None:
            return None
        amounts.append(cents)
        signs.append({"CRDT": 1, "DBIT": -1}.get(detail.text_of("CdtDbtInd"), own_sign))
    signed = [sign * cents for sign, cents in zip(signs, amounts, strict=True)]
    if sum(signed) == amount_cents:
        return signed
    return [own_sign * cents for cents in amounts] if own_sign * sum(amounts) == amount_cents else None


def _cents(amount: Node) -> int | None:
    """Exact minor units of an ISO 20022 amount (up to five decimals); None when there are none."""
    if not _DECIMAL.fullmatch(amount.text):
        return None
    try:
        return to_cents(Decimal(amount.text), amount.attributes.get("Ccy", "").strip().upper())
    except UnableToReadAmount:
        return None


def _remittance(details: list[Node]) -> tuple[list[str], str]:
    """Structured references in order, and the whole text: free text, then numbers of documents and references.

    The references are in the text only when there are several: one has a field of its own.
    """
    free: list[str] = []
    references: list[str] = []
    for detail in details:
        free += [node.text for node in detail.all("RmtInf", "Ustrd")]
        for structured in detail.all("RmtInf", "Strd"):
            free += [node.text for node in structured.all("RfrdDocInf", "Nb")]
            references.append(structured.text_of("CdtrRefInf", "Ref"))
            free += [node.text for node in structured.all("AddtlRmtInf")]
    distinct = list(dict.fromkeys(reference for reference in references if reference))
    if len(distinct) > 1:
        free += distinct
    return distinct, " ".join(dict.fromkeys(" ".join(text.split()) for text in free if text))


def _operation_code(nodes: Iterable[Node]) -> str:
    """Domain-family-subfamily of the bank transaction code, else the bank's own code; the details' first."""
    for node in nodes:
        domain = node.first("BkTxCd", "Domn")
        if domain is not None:
            parts = (domain.text_of("Cd"), domain.text_of("Fmly", "Cd"), domain.text_of("Fmly", "SubFmlyCd"))
            return "-".join(part for part in parts if part)
        if own := node.text_of("BkTxCd", "Prtry", "Cd"):
            return own
    return ""


def _instructed(detail: Node) -> str:
    """`EUR 120.00`, the amount that was ordered; empty when the bank does not repeat it."""
    amount = detail.first("AmtDtls", "InstdAmt", "Amt")
    cents = None if amount is None else _cents(amount)
    if amount is None or cents is None:
        return ""
    currency = amount.attributes.get("Ccy", "").strip().upper()
    return f"{currency} {to_decimal(cents, currency)}"


def _is_return(entry: Node, details: list[Node]) -> bool:
    return (
        entry.text_of("RvslInd") in ("true", "1")
        or any(detail.first("RtrInf") is not None for detail in details)
        or any(
            node.text_of("BkTxCd", "Domn", "Fmly", "SubFmlyCd") in RETURN_CODES for node in (entry, *details)
        )
    )


def _party_name(detail: Node, side: str) -> str:
    """Nm lies under Pty from version 7 on."""
    party = detail.first("RltdPties", side)
    if party is None:
        return ""
    return " ".join((party.text_of("Pty", "Nm") or party.text_of("Nm")).split())


def _account(detail: Node, side: str) -> str:
    return account_identifier(detail.first("RltdPties", f"{side}Acct"))


def account_identifier(account: Node | None) -> str:
    """IBAN, also when the bank writes its RIB; else the bank's own number, without spaces."""
    if account is None:
        return ""
    own = account.text_of("Id", "IBAN") or account.text_of("Id", "Othr", "Id")
    return iban_of(own) or "".join(own.split()).upper()


def _reference(text: str) -> str:
    return "" if text.upper() in _NO_REFERENCE else " ".join(text.split())


def _shared(values: Iterable[str]) -> str:
    """The one value the details have; empty when they differ."""
    distinct = {value for value in values if value}
    return distinct.pop() if len(distinct) == 1 else ""


def _day(entry: Node, name: str) -> date | None:
    return iso_day(entry.text_of(name, "Dt") or entry.text_of(name, "DtTm"))


def _lacking(name: str, value: str) -> Sentence:
    """What is wrong with an element of the entry: it is empty or not there, or cannot be read."""
    term = TERMS[name]()
    return BAD_ENTRY(field=term, value=value) if value else MISSING(field=term)


def _unreadable(entry: Node, name: str) -> Sentence:
    return _lacking(name, entry.text_of(name, "Dt") or entry.text_of(name, "DtTm"))
