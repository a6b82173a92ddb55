"""Open documents by customer, as one run of matching sees them: what the run settles is taken off as it goes."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence

import polars as pl

from encours.core.matching.items import Item
from encours.core.matching.owed import Owed
from encours.core.references import compacted


class OpenItems:
    """The open documents (schema `DOCUMENTS`) of a company, found by id, customer or amount.

    A million rows stay columns; rows become `Item`s where a bank line leads to them.
    """

    def __init__(self, documents: pl.DataFrame) -> None:
        self._frame = documents.filter(pl.col("open_cents") != 0).sort(
            "customer_id", "due_date", "issue_date", "number", "document_id"
        )
        self._customer_of: dict[int, int] = dict(
            zip(self._frame["document_id"].to_list(), self._frame["customer_id"].to_list(), strict=True)
        )
        self._left: dict[int, int] = {}  # documents the run has touched
        self._known: dict[int, dict[int, Item]] = {}
        self._owed: dict[tuple[int, str], tuple[Sequence[int], dict[int, Owed]]] = {}

    @property
    def frame(self) -> pl.DataFrame:
        """The documents as they were when the run began (schema `DOCUMENTS`), by customer and due date."""
        return self._frame

    @property
    def count(self) -> int:
        return self._frame.height

    def of_customer(self, customer_id: int, currency: str) -> list[Item]:
        """What is still open, the earliest due first."""
        current = (self._current(item) for item in self._loaded(customer_id).values())
        return [item for item in current if item.open_cents and item.currency == currency]

    def owed(self, customer_id: int, currency: str, *, until_day: int) -> Owed:
        """What a customer owes of documents issued until a day, kept as long as the run does not touch it."""
        key = customer_id, currency
        issued, known = self._owed.get(key, ((), {}))
        if not known:
            items = self.of_customer(customer_id, currency)
            issued, known = sorted(item.issue_day for item in items), {}
            self._owed[key] = issued, known
        count = bisect_right(issued, until_day)
        if count not in known:
            items = self.of_customer(customer_id, currency)
            known[count] = Owed([item for item in items if item.issue_day <= until_day])
        return known[count]

    def item(self, document_id: int) -> Item | None:
        """An open document by id, None when nothing is open on it."""
        customer_id = self._customer_of.get(document_id)
        if customer_id is None:
            return None
        current = self._current(self._loaded(customer_id)[document_id])
        return current if current.open_cents else None

    def take(self, document_id: int, cents: int) -> None:
        """Settles part of a document, signed as the ledger signs it: what is open moves towards zero."""
        item = self.item(document_id)
        if item is not None:
            self._left[document_id] = item.open_cents - cents
            self._owed.pop((item.customer_id, item.currency), None)

    def load(self, customer_ids: Collection[int]) -> None:
        """Makes rows of what these customers owe, many at once: what a batch of lines will look at."""
        missing = [key for key in customer_ids if key not in self._known]
        for key in missing:
            self._known[key] = {}
        rows = self._frame.filter(pl.col("customer_id").is_in(missing))
        for item in _items(rows):
            self._known[item.customer_id][item.document_id] = item

    def _loaded(self, customer_id: int) -> dict[int, Item]:
        if customer_id not in self._known:
            self.load([customer_id])
        return self._known[customer_id]

    def _current(self, item: Item) -> Item:
        left = self._left.get(item.document_id)
        return item if left is None else item._replace(open_cents=left)


def _items(rows: pl.DataFrame) -> Iterator[Item]:
    digits = pl.col("number").str.replace_all(r"\D", "")
    columns = rows.select(
        "document_id",
        "customer_id",
        "customer",
        "number",
        "search_number",
        "currency",
        pl.col("issue_date").cast(pl.Int32).alias("issue_day"),
        pl.col("due_date").cast(pl.Int32).alias("due_day"),
        "payable_cents",
        "open_cents",
        "instalments",
        compacted(pl.col("number")).alias("compact_number"),
        pl.col("search_number").str.replace_all(r"\D", "").alias("tail"),
        digits.str.strip_chars_start("0").alias("every"),
        pl.col("number").str.extract(r"0*(\d+)\D*$").fill_null("").alias("last"),
        _month("issue_date").alias("issue_month"),
        _month("due_date").alias("due_month"),
    )
    for *row, tail, every, last, issued, due in columns.iter_rows():
        tails = tuple(dict.fromkeys(one for one in (tail, every, last) if one))
        yield Item._make([*row, tails, (issued, due)])


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.year() * 12 + pl.col(column).dt.month()
