"""Open documents by customer, as one run of matching sees them: what the run settles is taken off as it goes."""

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from encours.core.matching.items import Item
from encours.core.matching.owed import Owed
from encours.core.matching.owed_columns import KEPT_DIGITS, Columns, OwedColumns
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
        count = self._frame.height
        self._open_cents = self._frame["open_cents"].to_numpy(writable=True)
        self._issue_day, self._due_day = (
            self._frame[name].cast(pl.Int32).to_numpy() for name in ("issue_date", "due_date")
        )
        self._issue_month, self._due_month = (
            self._frame.select(_month(name)).to_series().to_numpy() for name in ("issue_date", "due_date")
        )
        self._has_instalments = (self._frame["instalments"] != "").to_numpy()
        currencies = self._frame["currency"].unique(maintain_order=True)
        self._code_of = {currency: code for code, currency in enumerate(currencies, start=1)}
        self._currency = (
            self._frame["currency"].replace_strict(self._code_of, return_dtype=pl.Int32).to_numpy()
        )
        self._moved: set[int] = set()  # places that the run has touched
        # filled by `load` for the customers it is told
        self._items: list[Item | None] = [None] * count
        self._digits = np.full((3, count), -1, dtype=np.int64)
        self._loaded: set[int] = set()
        # of each the last day anything was issued, and what was owed of documents issued until a day
        self._owed: dict[tuple[int, str], tuple[int, dict[int, Owed]]] = {}
        self._amounts: dict[str, tuple[np.ndarray, list[int]]] = {}

    @property
    def count(self) -> int:
        return self._frame.height

    def owed(self, customer_id: int, currency: str, *, until_day: int) -> Owed:
        """What a customer owes of documents issued until a day, the earliest due first; kept as long as the run does not
        touch it."""
        key = customer_id, currency
        known = self._owed.get(key)
        if known is None:
            columns = self._columns(customer_id, currency)
            last_day = int(columns.issue_day.max()) if len(columns.places) else 0
            known = self._owed[key] = last_day, {last_day: OwedColumns(columns)}
        last_day, until = known
        day = min(until_day, last_day)
        if day not in until:
            columns = self._columns(customer_id, currency)
            until[day] = OwedColumns(columns.only(columns.issue_day <= day))
        return until[day]

    def item(self, document_id: int) -> Item | None:
        """An open document by id, None when nothing is open on it."""
        place = self._place_of.get(document_id)
        if place is None:
            return None
        if self._items[place] is None:
            self._make([place])
        item = self._item_at(place)
        return item if item.open_cents else None

    def take(self, document_id: int, cents: int) -> None:
        """Settles part of a document, signed as the ledger signs it: what is open moves towards zero."""
        item = self.item(document_id)
        if item is not None:
            place = self._place_of[document_id]
            self._open_cents[place] -= cents
            self._moved.add(place)
            self._owed.pop((item.customer_id, item.currency), None)

    def load(self, customer_ids: Collection[int]) -> None:
        """Makes rows of what these customers owe, many at once: what a batch of lines will look at."""
        missing = set(customer_ids) - self._loaded
        self._loaded |= missing
        self._make([place for key in missing for place in self._places_of.get(key, ())])

    def load_documents(self, document_ids: Collection[int]) -> None:
        """As `load`, of documents by their ids."""
        self._make([self._place_of[key] for key in document_ids if key in self._place_of])

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

    def _columns(self, customer_id: int, currency: str) -> Columns:
        if customer_id not in self._loaded:
            self.load([customer_id])
        places = self._places_of.get(customer_id, range(0))
        rows = slice(places.start, places.stop)
        open_cents = self._open_cents[rows]
        whole = Columns(
            open_cents, self._issue_day[rows], self._due_day[rows], self._issue_month[rows], self._due_month[rows],
            self._has_instalments[rows], self._digits[:, rows], np.arange(places.start, places.stop),
            self._item_at, self._number_at,
        )  # fmt: skip
        is_open = (open_cents != 0) & (self._currency[rows] == self._code_of.get(currency, 0))
        return whole.only(is_open)

    def _item_at(self, place: int) -> Item:
        """Of a place that was loaded."""
        item = self._items[place]
        assert item is not None
        return item if place not in self._moved else item._replace(open_cents=int(self._open_cents[place]))

    def _number_at(self, place: int) -> str:
        item = self._items[place]
        assert item is not None
        return item.compact_number

    def _make(self, places: Sequence[int]) -> None:
        """Makes items of rows that are none yet, as they were when the run began."""
        missing = [place for place in places if self._items[place] is None]
        if not missing:
            return
        rows = _rows(self._frame[missing])
        for place, row in zip(missing, rows.iter_rows(), strict=True):
            self._items[place] = Item._make(row)
        digits = rows.select(
            pl.col("stripped_digits", "all_digits", "last_digits")
            .str.tail(KEPT_DIGITS)
            .cast(pl.Int64, strict=False)
            .fill_null(-1)
        )
        self._digits[:, missing] = digits.to_numpy().T


def _rows(documents: pl.DataFrame) -> pl.DataFrame:
    """The columns of `Item`, of documents."""
    return documents.select(
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


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.year() * 12 + pl.col(column).dt.month()
