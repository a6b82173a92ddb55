"""What every reader of bank files keeps to, whichever bank format it reads.

A new reader in the registry is held to this without a line added here, as soon as a real file of its own lies
in the folder of samples.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from encours.core.problems import Problem
from encours.core.statements import Statement, Transaction
from encours.ports.files import BankFeed, ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.ports.registry import bank_feeds, invoice_sources
from tests.providers.banks.expectations import SHARED_DATA, opened

SAMPLES = sorted(p for p in (SHARED_DATA / "bank").rglob("*") if p.is_file()) if SHARED_DATA.is_dir() else []
OTHERS = [
    p for folder in ("fec", "einvoice") for p in sorted((SHARED_DATA / folder).rglob("*")) if p.is_file()
]
# where a sample lies tells the kinds it may be
KINDS = {
    "camt": {"camt052", "camt053", "camt054"},
    "cfonb": {"cfonb120"},
    "mt940": {"mt940"},
    "ofx": {"ofx"},
    "csv": {"bank_csv"},
}
MUTATIONS = int(os.environ.get("ENCOURS_MUTATIONS", "200"))
# a table takes a hundred times as long as a text format: fewer by default
TABLE_MUTATIONS = MUTATIONS // 5

needs_samples = pytest.mark.skipif(
    not SAMPLES, reason="the folder of real files (../shared/data) is not here"
)


def feeds_for(path: Path) -> list[BankFeed]:
    return [feed for feed in bank_feeds().values() if set(feed.kinds) & KINDS[path.parent.name]]


def read(feed: BankFeed, file: ImportFile) -> StatementFile | UnableToReadFile:
    try:
        return feed.read(file, ReadContext())
    except UnableToReadFile as refusal:
        return refusal


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@needs_samples
def test_every_reader_has_samples():
    kinds = {kind for feed in bank_feeds().values() for kind in feed.kinds}
    assert kinds == {kind for kinds_here in KINDS.values() for kind in kinds_here}


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_a_sample_is_claimed_by_its_own_reader_only(path):
    claims = {kind for feed in bank_feeds().values() if (kind := feed.identify(opened(path)))}
    assert len(claims) <= 1
    assert claims <= KINDS[path.parent.name]


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_a_statement_is_never_taken_for_invoices(path):
    for source in invoice_sources().values():
        assert source.identify(opened(path)) is None


@needs_samples
def test_files_that_are_no_statements_are_claimed_by_nobody():
    for path in OTHERS:
        for feed in bank_feeds().values():
            assert feed.identify(opened(path)) is None, (path.name, feed.kinds)


@pytest.mark.parametrize("feed", bank_feeds().values(), ids=bank_feeds())
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 70_000, b"\n" * 70_000, b"<" * 70_000, b":" * 70_000, b"PK\x03\x04"]
)
def test_recognising_is_cheap_and_never_fails(feed, content, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    started = time.perf_counter()
    assert feed.identify(opened(path)) is None
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("feed", bank_feeds().values(), ids=bank_feeds())
def test_an_empty_file_is_called_empty(feed, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    refusal = read(feed, opened(path))
    assert isinstance(refusal, UnableToReadFile)
    assert refusal.problem.code == "empty_file"


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_reading_twice_gives_the_same_in_any_zone(path, monkeypatch):
    for feed in feeds_for(path):
        read_in = []
        for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
            monkeypatch.setitem(os.environ, "TZ", zone)
            time.tzset()
            read_in.append(shown(read(feed, opened(path))))
        monkeypatch.undo()
        time.tzset()
        assert read_in[0] == read_in[1] == read_in[2]


def shown(result: StatementFile | UnableToReadFile) -> object:
    return result.problem if isinstance(result, UnableToReadFile) else (result.statements, result.problems)


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_what_is_read_is_well_formed(path):
    for feed in feeds_for(path):
        check_result(read(feed, opened(path)))


def check_result(result: StatementFile | UnableToReadFile) -> None:
    if isinstance(result, UnableToReadFile):
        check_problem(result.problem)
        assert result.problem.severity == "error"
        return
    for problem in result.problems:
        check_problem(problem)
    for statement in result.statements:
        check_statement(statement)
        for transaction in statement.transactions:
            check_transaction(transaction)


def check_statement(statement: Statement) -> None:
    assert statement.account
    assert statement.account == statement.account.strip()
    assert len(statement.currency) == 3
    for cents in (statement.opening_cents, statement.closing_cents):
        assert cents is None or type(cents) is int
    for day in (statement.opening_date, statement.closing_date):
        check_day(day)


def check_transaction(transaction: Transaction) -> None:
    assert type(transaction.amount_cents) is int
    assert isinstance(transaction.booked_date, date)
    check_day(transaction.booked_date)
    check_day(transaction.value_date)
    assert transaction.line is None or transaction.line >= 1
    texts = [transaction.bank_reference, transaction.end_to_end_id, transaction.remittance,
             transaction.counterparty_name, transaction.counterparty_iban, *transaction.extra.values()]  # fmt: skip
    for text in texts:
        check_text(text)


def check_text(text: str) -> None:
    """What PostgreSQL can keep."""
    assert isinstance(text, str)
    assert "\0" not in text
    text.encode("utf-8")


def check_day(day: date | None) -> None:
    assert day is None or (isinstance(day, date) and not isinstance(day, datetime))


def check_problem(problem: Problem) -> None:
    assert problem.code
    assert problem.line is None or problem.line >= 1
    assert problem.severity in ("error", "warning")
    check_text(problem.raw)
    for language in ("fr", "en"):
        sentence = problem.sentence.say(language)
        assert len(sentence) > 10
        assert problem.as_json(language)["message"] == sentence


# --- damaged files


@dataclass(frozen=True)
class Damage:
    name: str
    apply: Callable[[bytearray, random.Random], bytearray]


def flip(content: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def cut_end(content: bytearray, chance: random.Random) -> bytearray:
    return content[: chance.randrange(len(content))]


def cut_out(content: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(content))
    del content[start : start + chance.randint(1, 200)]
    return content


def repeat(content: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(content))
    piece = content[start : start + chance.randint(1, 200)]
    return content[:start] + piece + content[start:]


def garble(content: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(content))
    junk = bytes(chance.randrange(256) for _ in range(chance.randint(1, 20)))
    content[start : start + len(junk)] = junk
    return content


DAMAGES = (flip, cut_end, cut_out, repeat, garble)


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=name_of)
def test_damage_is_refused_or_read_and_nothing_else(path, tmp_path):
    content = path.read_bytes()
    chance = random.Random(name_of(path))
    damaged = tmp_path / path.name
    for number in range(TABLE_MUTATIONS if path.parent.name == "csv" else MUTATIONS):
        damaged.write_bytes(bytes(DAMAGES[number % len(DAMAGES)](bytearray(content), chance)))
        file = opened(damaged)
        for feed in bank_feeds().values():
            feed.identify(file)
        for feed in feeds_for(path):
            check_result(read(feed, file))
