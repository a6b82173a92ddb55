"""How every list is asked for: filters, sort and page in the URL, results as a fragment for htmx.

A list's view reads its filter form and the page from the request, hands them to its query, and answers with
`render_list`. The query returns a `Page`; nothing counts over history.
"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

PAGE_SIZE = 50
# offset paging stays cheap only near the start: beyond it one filters or exports
MAX_PAGE = 200


def page_number(request: HttpRequest) -> int:
    """`?page=`, from 1; anything else is the first page."""
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def row_id(text: str) -> int | None:
    """The id of a row as a request names it; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def row_ids(texts: Iterable[str]) -> list[int]:
    """Ids of ticked rows; nonsense is dropped."""
    return [found for text in texts if (found := row_id(text)) is not None]


def render_list(request: Any, template: str, results: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx the partial `results` that the page itself includes."""
    wants_fragment = request.htmx and not request.htmx.history_restore_request and not request.htmx.boosted
    response = render(request, results if wants_fragment else template, context | {"results": results})
    patch_vary_headers(response, ("HX-Request",))
    return response
