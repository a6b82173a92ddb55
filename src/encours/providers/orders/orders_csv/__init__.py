"""Lists of orders and of deliveries in CSV or XLSX, as order software exports them."""

from collections.abc import Callable
from typing import ClassVar

import polars as pl

from encours.core.orders.batches import DELIVERIES as DELIVERY_ROWS
from encours.core.orders.batches import ORDERS as ORDER_ROWS
from encours.core.orders.batches import OrderBatch
from encours.core.problems import Problem
from encours.ports.files import ImportFile, ReadContext
from encours.ports.tables import Rows, Table, folded, is_table, open_table, raw_lines, recognises
from encours.ports.tables.parties import parties_of
from encours.providers.orders.orders_csv.problems import NO_ROWS
from encours.providers.orders.orders_csv.rows import (
    checked,
    deliveries,
    delivery_checks,
    first_of_each,
    order_checks,
    orders,
    typed,
)
from encours.providers.orders.orders_csv.vocabulary import DELIVERIES, ORDERS

_SHARES = ("%", "taux", "part ", "rate", "share")


class OrdersSource:
    kinds: ClassVar[tuple[str, ...]] = ("orders",)
    vocabulary: ClassVar = ORDERS

    def identify(self, file: ImportFile) -> str | None:
        return "orders" if is_table(file) and recognises(file, ORDERS, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> OrderBatch:
        table = open_table(file, ORDERS, context.mappings)
        # orders are few beside invoices: the whole list at once, so that repeated numbers meet
        parts, fields, problems = _read(table)
        if fields is None:
            return OrderBatch(problems=tuple(problems), mapping=(table.fingerprint, table.columns))
        rows = orders(fields, context.currency, deposit_is_share=_is_share(table))
        rows, more = checked(rows, order_checks(), _raw(parts, table))
        rows, repeated = first_of_each(rows, ("kind", "number"), "number", _raw(parts, table))
        return OrderBatch(
            orders=typed(rows, ORDER_ROWS),
            parties=parties_of(rows.with_columns(kind=pl.lit(""))),
            problems=(*problems, *more, *repeated),
            mapping=(table.fingerprint, table.columns),
        )


class DeliveriesSource:
    kinds: ClassVar[tuple[str, ...]] = ("deliveries",)
    vocabulary: ClassVar = DELIVERIES

    def identify(self, file: ImportFile) -> str | None:
        return "deliveries" if is_table(file) and recognises(file, DELIVERIES, {}) else None

    def read(self, file: ImportFile, context: ReadContext) -> OrderBatch:
        table = open_table(file, DELIVERIES, context.mappings)
        parts, fields, problems = _read(table)
        if fields is None:
            return OrderBatch(problems=tuple(problems), mapping=(table.fingerprint, table.columns))
        rows, more = checked(deliveries(fields), delivery_checks(), _raw(parts, table))
        rows, repeated = first_of_each(rows, ("order_number", "reference"), "reference", _raw(parts, table))
        return OrderBatch(
            deliveries=typed(rows, DELIVERY_ROWS),
            problems=(*problems, *more, *repeated),
            mapping=(table.fingerprint, table.columns),
        )


def _read(table: Table) -> tuple[list[Rows], pl.DataFrame | None, list[Problem]]:
    parts = list(table.batches())
    problems = [*table.repeated_headers(), *(problem for part in parts for problem in part.problems)]
    if not any(part.frame.height for part in parts):
        nothing = Problem(NO_ROWS(), line=table.header_line, severity="warning")
        return parts, None, [*problems, nothing]
    return parts, pl.concat([part.fields() for part in parts]), problems


def _raw(parts: list[Rows], table: Table) -> Callable[[pl.Series], dict[int, str]]:
    """Lines as they stand in the file, for quarantine."""

    def of(lines: pl.Series) -> dict[int, str]:
        few = pl.concat([part.frame.filter(pl.col("line").is_in(lines.implode())) for part in parts])
        return dict(zip(few["line"].to_list(), raw_lines(few, table.delimiter), strict=True))

    return of


def _is_share(table: Table) -> bool:
    """Whether the column of deposits is headed as a percentage."""
    headed = next((header for header, name in table.columns.items() if name == "deposit"), "")
    return any(word in f"{folded(headed)} " for word in _SHARES)
