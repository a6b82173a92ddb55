"""Opens files for a bank reader and says what it made of them, the way the expectations are written down."""

from pathlib import Path
from typing import NamedTuple

from encours.core.statements import Statement, account_totals
from encours.ports.files import BankFeed, ImportFile, ReadContext, StatementFile, UnableToReadFile

# beside the checkout, as the fixture `shared_data`; needed here before fixtures are, to name tests after files
SHARED_DATA = Path(__file__).parents[4] / "shared" / "data"


class Account(NamedTuple):
    """One account of a file; debits are positive, balances None when the file has none."""

    account: str
    currency: str
    transactions: int
    credit_cents: int
    debit_cents: int
    opening_cents: int | None
    closing_cents: int | None


class Refused(NamedTuple):
    code: str
    line: int | None = None


def opened(path: Path) -> ImportFile:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    return ImportFile(path=path, name=path.name, size=path.stat().st_size, head=head)


def written(
    folder: Path, content: str | bytes, name: str = "statement.txt", encoding: str = "utf-8"
) -> ImportFile:
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return opened(path)


def outcome(feed: BankFeed, file: ImportFile, context: ReadContext | None = None) -> list[Account] | Refused:
    """The accounts of a file, or why it is refused."""
    try:
        read = feed.read(file, context or ReadContext())
    except UnableToReadFile as refusal:
        return Refused(refusal.problem.code, refusal.problem.line)
    return [Account(*totals.as_json().values()) for totals in account_totals(read.statements)]


def refused_lines(read: StatementFile) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in read.problems if problem.severity == "error"]


def doubts(read: StatementFile) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.code) for problem in read.problems if problem.severity == "warning"]


def only_statement(read: StatementFile) -> Statement:
    assert len(read.statements) == 1
    return read.statements[0]
