"""The camt reader: a message of one or several accounts as statements."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from encours.core.problems import Problem
from encours.core.statements import Statement, Transaction
from encours.ports.files import ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.providers.banks.camt.entries import (
    OwnAccount,
    UnableToReadEntry,
    account_identifier,
    is_booked,
    iso_day,
    signed_amount,
    transactions_of,
    written,
)
from encours.providers.banks.camt.problems import (
    BAD_BALANCE,
    FOREIGN_BALANCE,
    NO_ACCOUNT,
    NO_STATEMENT,
    NOT_BOOKED,
)
from encours.providers.banks.camt.xml import MESSAGES, Node, parts

_MESSAGE = re.compile(rf"<(?:[\w.-]+:)?({'|'.join(MESSAGES)})[\s/>]")
_NAMESPACE = re.compile(r"camt\.(05[234])\.\d{3}\.\d{2}")
# booked balances; available and forward ones say nothing of the lines
_OPENING, _CLOSING, _INTERIM = ("OPBD", "PRCD"), ("CLBD",), "ITBD"


class CamtFeed:
    """camt.052 (reports of a day under way), camt.053 (statements), camt.054 (notifications)."""

    kinds: ClassVar[tuple[str, ...]] = ("camt052", "camt053", "camt054")

    def identify(self, file: ImportFile) -> str | None:
        text = _decoded(file.head)
        if message := _MESSAGE.search(text):
            return MESSAGES[message[1]][0]
        namespace = _NAMESPACE.search(text) if text.lstrip().startswith("<") else None
        return f"camt{namespace[1]}" if namespace else None

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:
        """Only booked entries. Raises `UnableToReadFile` for anything that is no whole camt message."""
        kind = element = ""
        statements: list[Statement] = []
        problems: list[Problem] = []
        drafts = 0
        draft = _Draft("")
        for part in parts(file.path):
            match part.name:
                case "message":
                    kind, element = MESSAGES[part.node.text]
                case "start":
                    draft = _Draft(kind, line=part.node.line)
                    drafts += 1
                case "Acct":
                    draft.own_account(part.node)
                case "Bal":
                    draft.balance(part.node)
                case "Ntry":
                    draft.entry(part.node)
                case "end":
                    statements += draft.statements(part.node, context)
                    problems += draft.problems
        if not drafts:
            raise UnableToReadFile(NO_STATEMENT(kind=f"{kind[:4]}.{kind[4:]}", element=element))
        return StatementFile(tuple(statements), tuple(problems))


@dataclass(frozen=True)
class _Balance:
    code: str
    amount_cents: int
    currency: str
    on: date | None
    line: int | None


@dataclass
class _Draft:
    """A statement while its parts come in."""

    kind: str
    line: int | None = None
    account: Node | None = None
    balances: list[_Balance] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    entry_count: int = 0
    not_booked: int = 0
    _own: OwnAccount = field(default_factory=lambda: OwnAccount("", ""))

    def own_account(self, node: Node) -> None:
        self.account = node
        self._own = OwnAccount(account_identifier(node), node.text_of("Ccy").upper())

    def balance(self, node: Node) -> None:
        code = node.text_of("Tp", "CdOrPrtry", "Cd")
        if code not in (*_OPENING, *_CLOSING, _INTERIM):
            return
        try:
            amount_cents, currency = signed_amount(node)
        except UnableToReadEntry:
            sentence = BAD_BALANCE(code=code, value=node.text_of("Amt"))
            self.problems.append(Problem(sentence, line=node.line, field=code, raw=written(node)))
            return
        on = iso_day(node.text_of("Dt", "Dt") or node.text_of("Dt", "DtTm"))
        self.balances.append(_Balance(code, amount_cents, currency, on, node.line))

    def entry(self, node: Node) -> None:
        self.entry_count += 1
        if not is_booked(node, kind=self.kind):
            self.not_booked += 1
            return
        try:
            self.transactions += transactions_of(node, self._own, name=str(self.entry_count))
        except UnableToReadEntry as error:
            self.problems.append(error.problem)

    def statements(self, rest: Node, context: ReadContext) -> list[Statement]:
        """Usually one; one per currency when an account without a currency of its own has lines in several."""
        reference = rest.text_of("Id")
        if not self._own.identifier:
            raw = "\n".join(
                f"{t.booked_date} {t.amount_cents} {t.remittance}" for t in self.transactions[:200]
            )
            self.problems.append(
                Problem(NO_ACCOUNT(reference=reference or "?"), line=self.line, field="account", raw=raw)
            )
            return []
        if self.not_booked:
            sentence = NOT_BOOKED(count=self.not_booked, account=self._own.identifier)
            self.problems.append(Problem(sentence, line=self.line, severity="warning"))
        currency = self._own.currency or next((b.currency for b in self.balances), "")
        if currency:
            return [self._statement(rest, currency, self.transactions)]
        found = dict.fromkeys(t.currency for t in self.transactions) or {context.currency: None}
        return [
            self._statement(rest, each, [t for t in self.transactions if t.currency == each])
            for each in found
        ]

    def _statement(self, rest: Node, currency: str, transactions: list[Transaction]) -> Statement:
        opening, closing = self._ends(currency)
        servicer = self.account.first("Svcr", "FinInstnId") if self.account else None
        bank = (
            (servicer.text_of("Nm") or servicer.text_of("BICFI") or servicer.text_of("BIC"))
            if servicer
            else ""
        )
        return Statement(
            account=self._own.identifier,
            currency=currency,
            transactions=tuple(transactions),
            opening_cents=opening.amount_cents if opening else None,
            opening_date=opening.on if opening else None,
            closing_cents=closing.amount_cents if closing else None,
            closing_date=closing.on if closing else None,
            reference=rest.text_of("Id"),
            bank=bank,
            line=self.line,
            provisional=self.kind == "camt052",
        )

    def _ends(self, currency: str) -> tuple[_Balance | None, _Balance | None]:
        """Opening and closing balance; an interim one stands in for the end that is missing.

        A day cut into pages opens or closes on interim balances, as a report of a day under way does.
        """
        own = [b for b in self.balances if b.currency == currency]
        for foreign in (b for b in self.balances if b.currency != currency):
            sentence = FOREIGN_BALANCE(
                code=foreign.code, currency=foreign.currency, account=self._own.identifier, expected=currency
            )
            self.problems.append(Problem(sentence, line=foreign.line, field=foreign.code, severity="warning"))
        by_code: dict[str, list[_Balance]] = {}
        for balance in own:
            by_code.setdefault(balance.code, []).append(balance)
        opening = next((by_code[code][0] for code in _OPENING if code in by_code), None)
        closing = next((by_code[code][-1] for code in _CLOSING if code in by_code), None)
        interim = by_code.get(_INTERIM, [])
        if closing is None and interim and (opening or len(interim) > 1 or self.kind == "camt052"):
            closing = interim.pop()
        if opening is None and interim and (closing is None or self.kind != "camt052" or len(interim) > 0):
            opening = interim[0]
        return opening, closing


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    if head.startswith((b"<\x00", b"\x00<")):
        return head.decode("utf-16-le" if head[1] == 0 else "utf-16-be", errors="ignore")
    return head.decode("latin-1")
