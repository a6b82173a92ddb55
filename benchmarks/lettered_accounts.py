"""The lettered 411 lines of a FEC: who settled what, as its accountant wrote it; and the engine's own lettering of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import polars as pl

from encours.core.matching.decide import Books, Decision, decide
from encours.core.matching.frames import DOCUMENTS, LINES, MENTIONS, PAYER_CANDIDATES
from encours.core.matching.open_items import OpenItems
from encours.core.matching.stages import Frames, mentions
from encours.core.matching.texts import keys_of_lines
from encours.core.references import normalised_numbers
from encours.providers.invoices.fec.classification import MONEY, OTHER, classified
from encours.providers.invoices.fec.lines import read_lines

_PASSES = 4


@dataclass(frozen=True)
class Account:
    """The lines of 411: receipts, documents (credit notes and opening items too), and who lettered what with what.

    `letters` has the group of each lettered line (of the file). Lines that only carry a difference of cents, which no
    matching creates, are counted in `differences` and in no group.
    """

    receipts: pl.DataFrame
    documents: pl.DataFrame
    letters: Mapping[int, str]
    differences: int


def read_account(path: Path) -> Account:
    """Line numbers of the file are the ids of lines and documents, auxiliary accounts the customers."""
    lines = classified(read_lines(path).frame).filter("is_receivable")
    is_difference = (pl.col("nature") == OTHER) & (pl.col("cents").abs() < 100)
    kept = lines.filter(~is_difference).with_columns(
        customer_id=pl.col("auxiliary").rank("dense").cast(pl.Int64),
        lettered=pl.concat_str("auxiliary", "lettering", separator=" "),
    )
    money = (pl.col("nature") == MONEY) & (pl.col("cents") < 0)
    return Account(
        receipts=kept.filter(money),
        documents=kept.filter(~money),
        letters=dict(kept.filter(pl.col("lettering") != "").select("line", "lettered").iter_rows()),
        differences=lines.filter(is_difference).height,
    )


def letter(account: Account) -> list[Decision]:
    """The engine's answer for each receipt, without any lettering: dates, amounts, texts and auxiliary accounts.

    An auxiliary account is worth what an IBAN that has paid before is: it says for certain who paid.
    """
    documents = _documents(account)
    waiting = _lines(account)
    payers = account.receipts.select(
        line_id="line", customer_id="customer_id", evidence=pl.lit("iban"), recognised="auxiliary",
        similarity=pl.lit(1.0), rival_count=pl.lit(0, dtype=pl.Int64),
    ).cast(PAYER_CANDIDATES)  # fmt: skip
    names = dict(documents.select("customer_id", "customer").iter_rows())
    books, decided = Books(OpenItems(documents), names), dict[int, Decision]()
    for _ in range(_PASSES):
        answers = decide(
            lines=waiting, documents=documents, mentions=_mentions(waiting, documents),
            payers=payers.filter(pl.col("line_id").is_in(waiting["line_id"].implode())), books=books,
        )  # fmt: skip
        decided |= {answer.line_id: answer for answer in answers}
        settled = [answer for answer in answers if answer.outcome == "automatic"]
        if not settled:
            break
        for answer in settled:
            books.settle(answer)
        waiting = waiting.filter(~pl.col("line_id").is_in([answer.line_id for answer in settled]))
    return list(decided.values())


@dataclass(frozen=True)
class Agreement:
    """Pairs of lines that one lettering holds together, against those of another."""

    proposed: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        return 100 * self.right / self.proposed if self.proposed else 100.0

    @property
    def recall(self) -> float:
        return 100 * self.right / self.true if self.true else 100.0


def agreement(groups: Iterable[Iterable[int]], letters: Mapping[int, str]) -> Agreement:
    """`groups` of lines that belong together, `letters` the true group of each line.

    A pair of two lines that nobody lettered is not counted: whether it is right, nobody knows.
    """
    proposed = {
        frozenset(pair)
        for group in _merged(groups)
        for pair in combinations(sorted(group), 2)
        if any(line in letters for line in pair)
    }
    by_letter: dict[str, list[int]] = {}
    for line, lettered in letters.items():
        by_letter.setdefault(lettered, []).append(line)
    true = {frozenset(pair) for lines in by_letter.values() for pair in combinations(lines, 2)}
    return Agreement(len(proposed), len(proposed & true), len(true))


def _merged(groups: Iterable[Iterable[int]]) -> list[set[int]]:
    """Groups that share a line are one."""
    merged: list[set[int]] = []
    for group in groups:
        current = set(group)
        apart = [other for other in merged if other.isdisjoint(current)]
        current = current.union(*(other for other in merged if not other.isdisjoint(current)))
        merged = [*apart, current]
    return merged


def _documents(account: Account) -> pl.DataFrame:
    """Numbers are the line's: the file's pieces are one per month and cited nowhere."""
    number = pl.concat_str("piece", "line", separator="/")
    return account.documents.select(
        document_id="line",
        customer_id="customer_id",
        customer="auxiliary_name",
        number=number,
        search_number=normalised_numbers(number),
        type=pl.when(pl.col("cents") > 0).then(pl.lit("invoice")).otherwise(pl.lit("credit_note")),
        payment_reference=pl.lit(""),
        currency=pl.lit("EUR"),
        issue_date="date",
        due_date="date",
        payable_cents=pl.col("cents").abs(),
        open_cents="cents",
        instalments=pl.lit(""),
    ).cast(DOCUMENTS)


def _lines(account: Account) -> pl.DataFrame:
    told = {
        "line_id": pl.col("line"),
        "booked_date": pl.col("date"),
        "amount_cents": -pl.col("cents"),
        "currency": pl.lit("EUR"),
        "remittance": pl.col("label"),
        "counterparty_name": pl.col("auxiliary_name"),
        "state": pl.lit("new"),
    }
    # of what no accountant's line tells: no text, no flag
    nothing = {pl.String: pl.lit(""), pl.Boolean: pl.lit(False)}
    return account.receipts.sort("date", "line").select(
        told.get(name, nothing.get(kind, pl.lit(None))).cast(kind).alias(name) for name, kind in LINES.items()
    )


def _mentions(lines: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame(schema=MENTIONS)
    return mentions(Frames(lines, documents, keys_of_lines(lines, own_identifiers=())))
