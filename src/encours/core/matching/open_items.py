"""Open documents by customer, as one run of matching sees them: what the run settles is taken off as it goes."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
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
        self._place_of = {key: place for place, key in enumerate(self._frame["document_id"].to_list())}
        runs = self._frame["customer_id"].rle().struct.unnest()
        stops = runs["len"].cum_sum()
        # places of a customer's documents
        self._places_of: dict[int, range] = dict(
            zip(
                runs["value"].to_list(),
                map(range, (stops - runs["len"]).to_list(), stops.to_list()),
                strict=True,
            )
        )
        self._left: dict[int, int] = {}  # documents the run has touched
        self._touched: set[int] = set()  # their customers
        self._items: dict[int, Item] = {}
        self._of_customer: dict[int, list[Item]] = {}
        # of each the last day anything was issued, and what was owed of documents issued until a day
        self._owed: dict[tuple[int, str], tuple[int, dict[int, Owed]]] = {}
        self._amounts: dict[str, tuple[np.ndarray, list[int]]] = {}

    @property
    def count(self) -> int:
        return self._frame.height

    def of_customer(self, customer_id: int, currency: str) -> list[Item]:
        """What is still open, the earliest due first."""
        if customer_id not in self._of_customer:
            self.load([customer_id])
        items = [item for item in self._of_customer[customer_id] if item.currency == currency]
        if customer_id not in self._touched:
            return items
        return [item for item in map(self._current, items) if item.open_cents]

    def owed(self, customer_id: int, currency: str, *, until_day: int) -> Owed:
        """What a customer owes of documents issued until a day, kept as long as the run does not touch it."""
        key = customer_id, currency
        known = self._owed.get(key)
        if known is None:
            items = self.of_customer(customer_id, currency)
            known = self._owed[key] = max((item.issue_day for item in items), default=0), {}
            known[1][known[0]] = Owed(items)
        last_day, until = known
        day = min(until_day, last_day)
        if day not in until:
            until[day] = Owed([item for item in until[last_day].items if item.issue_day <= day])
        return until[day]

    def item(self, document_id: int) -> Item | None:
        """An open document by id, None when nothing is open on it."""
        if document_id not in self._items:
            if document_id not in self._place_of:
                return None
            self.load_documents([document_id])
        current = self._current(self._items[document_id])
        return current if current.open_cents else None

    def take(self, document_id: int, cents: int) -> None:
        """Settles part of a document, signed as the ledger signs it: what is open moves towards zero."""
        item = self.item(document_id)
        if item is not None:
            self._left[document_id] = item.open_cents - cents
            self._touched.add(item.customer_id)
            self._owed.pop((item.customer_id, item.currency), None)

    def load(self, customer_ids: Collection[int]) -> None:
        """Makes rows of what these customers owe, many at once: what a batch of lines will look at."""
        missing = [key for key in dict.fromkeys(customer_ids) if key not in self._of_customer]
        for key in missing:
            self._of_customer[key] = []
        for item in self._made([place for key in missing for place in self._places_of.get(key, ())]):
            self._of_customer[item[1]].append(item)  # by customer_id, a million times

    def load_documents(self, document_ids: Collection[int]) -> None:
        """As `load`, of documents by their ids."""
        missing = [key for key in dict.fromkeys(document_ids) if key not in self._items]
        for _ in self._made([self._place_of[key] for key in missing if key in self._place_of]):
            pass

    def same_amount(self, amounts: pl.DataFrame, *, at_most: int) -> dict[tuple[str, int], list[int]]:
        """Ids of documents that had exactly an amount (`currency`, `cents`) open when the run began; none of an amount
        that more than `at_most` have."""
        found: dict[tuple[str, int], list[int]] = {}
        for (currency,), wanted in amounts.unique().group_by("currency"):
            sizes, ids = self._by_amount(str(currency))
            cents = wanted["cents"].to_numpy()
            starts, stops = (np.searchsorted(sizes, cents, side=side).tolist() for side in ("left", "right"))
            for one, start, stop in zip(cents.tolist(), starts, stops, strict=True):
                if 0 < stop - start <= at_most:
                    found[str(currency), one] = ids[start:stop]
        return found

    def _by_amount(self, currency: str) -> tuple[np.ndarray, list[int]]:
        """Amounts open in a currency, ascending, and whose they are."""
        if currency not in self._amounts:
            ordered = (
                self._frame.filter(pl.col("currency") == currency)
                .select("open_cents", "document_id")
                .sort("open_cents", maintain_order=True)
            )
            self._amounts[currency] = ordered["open_cents"].to_numpy(), ordered["document_id"].to_list()
        return self._amounts[currency]

    def _made(self, places: Sequence[int]) -> Iterator[Item]:
        """Items of rows, kept by their document."""
        if places:
            for item in _items(self._frame[places]):
                self._items[item[0]] = item
                yield item

    def _current(self, item: Item) -> Item:
        left = self._left.get(item[0])
        return item if left is None else item._replace(open_cents=left)


def _items(rows: pl.DataFrame) -> Iterator[Item]:
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
        pl.col("search_number").str.replace_all(r"\D", "").alias("stripped_digits"),
        pl.col("number").str.replace_all(r"\D", "").str.strip_chars_start("0").alias("all_digits"),
        pl.col("number").str.extract(r"0*(\d+)\D*$").fill_null("").alias("last_digits"),
        _month("issue_date").alias("issue_month"),
        _month("due_date").alias("due_month"),
    )
    return map(Item._make, columns.iter_rows())


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.year() * 12 + pl.col(column).dt.month()
