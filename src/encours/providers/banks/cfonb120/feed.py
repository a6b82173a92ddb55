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
        reading.finish()
        return StatementFile(tuple(reading.statements), tuple(reading.problems))


@dataclass
class _Draft:
    """A statement between its 01 and its 07."""

    account: Account
    opening: SignedAmount
    opening_date: date | None
    record: Record
    movements: list[Movement] = field(default_factory=list)

    def statement(self, closing: SignedAmount, closing_date: date | None) -> Statement:
        """é and è are read as the national alphabet has them, or the other way round if only that adds up."""
        plain = self._read(closing, closing_date, swapped=False)
        if check_balance(plain) is None:
            return plain
        swapped = self._read(closing, closing_date, swapped=True)
        return swapped if check_balance(swapped) is None else plain

    def _read(self, closing: SignedAmount, closing_date: date | None, *, swapped: bool) -> Statement:
        return Statement(
            account=self.account.identifier,
            currency=self.account.currency,
            transactions=tuple(movement.finished(swapped=swapped) for movement in self.movements),
            opening_cents=self.opening.swapped_cents if swapped else self.opening.cents,
            closing_cents=closing.swapped_cents if swapped else closing.cents,
            opening_date=self.opening_date,
            closing_date=closing_date,
            bank=self.account.bank.strip(),
            line=self.record.line,
        )

    @property
    def raw(self) -> str:
        return "\n".join([self.record.text.rstrip(), *(movement.raw for movement in self.movements)])


@dataclass
class _Reading:
    """The state between two records. `refused` collects the complements of a refused movement."""

    statements: list[Statement] = field(default_factory=list)
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

    def finish(self) -> None:
        self._abandon()

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
        closing = amount_of(record, account, "closing_cents")
        self.statements.append(draft.statement(closing, self._date(record, "closing_date")))
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
            draft, self._draft = self._draft, None
            sentence = NO_CLOSING(account=draft.account.identifier)
            self.problems.append(
                Problem(sentence, line=draft.record.line, field="closing_cents", raw=draft.raw)
            )
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
