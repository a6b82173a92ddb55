"""The CFONB 120 reader: records 01, 04, 05, 07 as statements."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from encours.core.problems import Problem
from encours.core.statements import Statement, check_balance
from encours.core.wording import Sentence
from encours.ports.files import ImportFile, ReadContext, StatementFile
from encours.providers.banks.cfonb120.fields import (
    Account,
    SignedAmount,
    UnableToReadRecord,
    account_of,
    amount_of,
    day_of,
)
from encours.providers.banks.cfonb120.movements import Movement, movement_of
from encours.providers.banks.cfonb120.problems import (
    CLOSING_WITHOUT_OPENING,
    DETAIL_WITHOUT_MOVEMENT,
    NO_CLOSING,
    OUT_OF_STATEMENT,
    UNKNOWN_RECORD,
)
from encours.providers.banks.cfonb120.records import Record, decoded, is_cfonb120, is_cfonb240, records


class Cfonb120Feed:
    """Takes CFONB 240 for itself too, so that it is refused by its name."""

    kinds: ClassVar[tuple[str, ...]] = ("cfonb120",)

    def identify(self, file: ImportFile) -> str | None:
        head = decoded(file.head)
        return "cfonb120" if is_cfonb120(head) or is_cfonb240(head) else None

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:  # noqa: ARG002 (the port's)
        """Several accounts and days. A refused record leaves the others; a statement without its end is refused."""
        reading = _Reading()
        for record in records(file.path.read_bytes()):
            if isinstance(record, Problem):
                reading.problems.append(record)
                reading.lost()
            else:
                reading.take(record)
        return StatementFile(reading.statements(), tuple(reading.problems))


@dataclass
class _Draft:
    """A statement between its 01 and its 07."""

    account: Account
    opening: SignedAmount
    opening_date: date | None
    record: Record
    movements: list[Movement] = field(default_factory=list)
    closing: SignedAmount | None = None
    closing_date: date | None = None

    def statement(self, *, swapped: bool) -> Statement:
        """`swapped` when é and è mean the opposite of what the national alphabet says.

        Without its 07 it cannot be proved whole: it is told and refused.
        """
        closing = self.closing
        return Statement(
            account=self.account.identifier,
            currency=self.account.currency,
            transactions=tuple(movement.finished(swapped=swapped) for movement in self.movements),
            opening_cents=self.opening.swapped_cents if swapped else self.opening.cents,
            closing_cents=None if closing is None else closing.swapped_cents if swapped else closing.cents,
            opening_date=self.opening_date,
            closing_date=self.closing_date,
            bank=self.account.bank.strip(),
            line=self.record.line,
            refusal=self._cut() if closing is None else None,
        )

    def _cut(self) -> Problem:
        sentence = NO_CLOSING(account=self.account.identifier)
        return Problem(sentence, line=self.record.line, field="closing_cents", raw=self.raw)

    @property
    def raw(self) -> str:
        return "\n".join([self.record.text.rstrip(), *(movement.raw for movement in self.movements)])


@dataclass
class _Reading:
    """The state between two records. `refused` collects the complements of a refused movement."""

    drafts: list[_Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _draft: _Draft | None = None
    _movement: Movement | None = None
    _last_refused: bool = False

    def take(self, record: Record) -> None:
        try:
            match record.code:
                case "01":
                    self._open(record)
                case "04":
                    self._move(record)
                case "05":
                    self._complete(record)
                case "07":
                    self._close(record)
                case code:
                    self._refuse(record, UNKNOWN_RECORD(code=code), "code")
                    self.lost()
        except UnableToReadRecord as error:
            self.problems.append(error.problem)
            self.lost()

    def lost(self) -> None:
        """A record could not be taken: the complements behind it belong to nothing."""
        self._movement, self._last_refused = None, True

    def statements(self) -> tuple[Statement, ...]:
        """Every statement. When one adds up only with é and è swapped, so does its bank write all of them."""
        self._abandon()
        plain = [draft.statement(swapped=False) for draft in self.drafts]
        if all(check_balance(statement) is None for statement in plain):
            return tuple(plain)
        swapped = [draft.statement(swapped=True) for draft in self.drafts]
        fits = [check_balance(statement) is None for statement in swapped]
        decided = any(fit and check_balance(read) for fit, read in zip(fits, plain, strict=True))
        return tuple(
            other if decided and fit else read for read, other, fit in zip(plain, swapped, fits, strict=True)
        )

    def _open(self, record: Record) -> None:
        self._abandon()
        account = account_of(record)
        opening = amount_of(record, account, "opening_cents")
        self._draft = _Draft(account, opening, self._date(record, "opening_date"), record)
        self._movement, self._last_refused = None, False

    def _move(self, record: Record) -> None:
        account = account_of(record)
        if self._draft is None or not account.is_same(self._draft.account):
            self._refuse(record, OUT_OF_STATEMENT(account=account.identifier), "account")
            self.lost()
            return
        movement, problems = movement_of(record, account)
        self.problems += problems
        self._draft.movements.append(movement)
        self._movement, self._last_refused = movement, False

    def _complete(self, record: Record) -> None:
        if self._movement is not None:
            self._movement.complements.append(record)
        elif self._last_refused and self.problems:
            self._add_to_refused(record)
        else:
            self._refuse(record, DETAIL_WITHOUT_MOVEMENT(), "code")

    def _close(self, record: Record) -> None:
        account = account_of(record)
        draft = self._draft
        if draft is None or not account.is_same(draft.account):
            self._refuse(record, CLOSING_WITHOUT_OPENING(account=account.identifier), "account")
            self.lost()
            return
        draft.closing = amount_of(record, account, "closing_cents")
        draft.closing_date = self._date(record, "closing_date")
        self.drafts.append(draft)
        self._draft, self._movement, self._last_refused = None, None, False

    def _date(self, record: Record, name: str) -> date | None:
        """The day of a balance. Without it the balance still proves the lines, so that only the date is lost."""
        try:
            return day_of(record, 35, name)
        except UnableToReadRecord as error:
            self.problems.append(error.problem)
            return None

    def _abandon(self) -> None:
        """A statement without its 07 cannot be proved whole."""
        if self._draft is not None:
            self.drafts.append(self._draft)
            self._draft = None
        self._movement = None

    def _refuse(self, record: Record, sentence: Sentence, name: str) -> None:
        self.problems.append(Problem(sentence, line=record.line, field=name, raw=record.text.rstrip()))

    def _add_to_refused(self, record: Record) -> None:
        """A complement goes where its movement went."""
        last = self.problems[-1]
        raw = f"{last.raw}\n{record.text.rstrip()}"
        self.problems[-1] = Problem(
            last.sentence, line=last.line, field=last.field, raw=raw, severity=last.severity
        )
