"""Lists as CSV files that French and English spreadsheets open, streamed a few thousand rows at a time."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from io import StringIO
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import translation

from encours.core.money import to_decimal
from encours.store.tenancy import company_scope

# a cell that begins so is run as a formula by spreadsheets
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cents_cell(cents: int | None, currency: str) -> str:
    """A plain decimal number, with a comma in French."""
    if cents is None:
        return ""
    text = str(to_decimal(cents, currency))
    return text.replace(".", ",") if _is_french() else text


def date_cell(day: date | None) -> str:
    if day is None:
        return ""
    return f"{day:%d/%m/%Y}" if _is_french() else day.isoformat()


def text_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def stream_csv(
    *,
    name: str,
    company_id: int,
    header: Sequence[Any],
    blocks: Callable[[Any], Sequence[Any]],
    cells: Callable[[Any], Iterable[str]],
) -> StreamingHttpResponse:
    """`blocks(last)` gives the rows after `last` (None at first) until it gives none; `cells` one row's texts.

    The response is read after the request left its company's scope, so each block is read in one of its own.
    """
    language = translation.get_language()

    def lines() -> Iterator[bytes]:
        yield "\ufeff".encode()  # or Excel takes it for cp1252
        last: Any = None
        with translation.override(language):
            yield _line(str(title) for title in header)
        while True:
            with translation.override(language), company_scope(company_id):
                rows = blocks(last)
                block = b"".join(_line(cells(row)) for row in rows)
            if not rows:
                return
            last = rows[-1]
            yield block

    def _line(texts: Iterable[str]) -> bytes:
        buffer = StringIO()
        csv.writer(buffer, delimiter=";" if language == "fr" else ",").writerow(list(texts))
        return buffer.getvalue().encode()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _is_french() -> bool:
    return (translation.get_language() or "fr").startswith("fr")
