"""Reads a file, or bytes as one, with the reader that recognises it."""

from pathlib import Path

from encours.core.problems import Problem
from encours.core.statements import accepted, account_totals, gaps_within
from encours.ports.files import BankFeed, ImportFile, ReadContext, StatementFile, UnableToReadFile


def file_at(path: Path) -> ImportFile:
    content = path.read_bytes()
    return ImportFile(path=path, name=path.name, size=len(content), head=content[: 64 * 1024])


def read_bytes(feed: BankFeed, content: bytes, tmp_path: Path) -> StatementFile:
    path = tmp_path / "statement"
    path.write_bytes(content)
    return feed.read(file_at(path), ReadContext())


def refusal(feed: BankFeed, content: bytes, tmp_path: Path) -> Problem:
    """Why the whole file is refused."""
    try:
        read_bytes(feed, content, tmp_path)
    except UnableToReadFile as error:
        return error.problem
    raise AssertionError("the file was read")


def summary(read: StatementFile) -> tuple[list[tuple[object, ...]], set[str]]:
    """(account, currency, count, credit, debit, opening, closing) per account, and the codes of all problems."""
    rows = [tuple(totals.as_json().values()) for totals in account_totals(read.statements)]
    kept, refusals = accepted(read.statements)
    return rows, {problem.code for problem in (*read.problems, *refusals, *gaps_within(kept))}
