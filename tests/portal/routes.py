"""Every route of the portal, found in its URL configuration, so that none is forgotten."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, reverse

from encours.portal import urls
from tests.portal.conftest import Books, Visitor

# Those nobody needs a link for: they tell nothing of anybody.
OF_NOBODY = {
    "colours": {"colour": "1f5fbf"},
    "logo": {"company_id": 1, "digest": "0" * 64},
    "renewing": {"company_id": 1, "token": "0" * 26},
    "returning": {"company_id": 1, "reference": "EC0123456789ABCDEF", "token": "0" * 26},
}


def message_of(document: Any) -> int:
    """The last thing its customer wrote in the portal, or nothing's id."""
    from encours.store.models import Reply

    found = Reply.objects.filter(customer=document.customer, matched_by="portal").order_by("-pk").first()
    return found.pk if found else 0


# parameters beyond the link, of things that belong to Lefèvre
KWARGS: dict[str, Callable[[Books, Any], dict[str, Any]]] = {
    "original": lambda books, charge: {"document_id": books.late.pk},
    "statement": lambda books, charge: {"currency": "EUR"},
    "charge": lambda books, charge: {"charge_id": charge.pk},
    "agreement": lambda books, charge: {"plan_id": books.late.pk},
    "message": lambda books, charge: {"reply_id": message_of(books.late)},
    "go": lambda books, charge: {"charge_id": charge.pk},
}
# what stands in a page's query
QUERIES: dict[str, Callable[[Books], dict[str, Any]]] = {
    "pay": lambda books: {"devise": "EUR", "d": f"{books.late.pk}:0"},
    "transfer": lambda books: {"devise": "EUR", "d": f"{books.late.pk}:0"},
}
# what a GET answers that is no page of its own
NOT_A_PAGE = {
    "begin": 405,
    "original": 404,
    "agreement": 404,
    "plan": 303,
    "contacts": 303,
    "go": 303,
    "statement": 200,
    "promise": 303,
    "dispute": 303,
}


@dataclass(frozen=True)
class Route:
    name: str
    view: Any
    parameters: frozenset[str]

    def path(self, visit: Visitor, books: Books, charge: Any) -> str:
        """With the link of this visitor, and what belongs to Lefèvre."""
        _, _, company_id, token, _ = visit.path.split("/")
        own = self.parameters - {"company_id", "token"}
        assert not own or self.name in KWARGS, f"give the parameters of {self.name} in tests/portal/routes.py"
        more = KWARGS[self.name](books, charge) if own else {}
        return reverse(f"portal:{self.name}", kwargs={"company_id": int(company_id), "token": token, **more})

    def query(self, books: Books) -> dict[str, Any]:
        return QUERIES[self.name](books) if self.name in QUERIES else {}


def all_routes() -> list[Route]:
    return sorted(_walk(urls.urlpatterns, frozenset()), key=lambda route: route.name)


def visitor_routes() -> list[Route]:
    return [route for route in all_routes() if route.name not in OF_NOBODY]


def _walk(patterns: Any, before: frozenset[str]) -> Iterator[Route]:
    for pattern in patterns:
        parameters = before | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, frozenset(parameters))
        elif isinstance(pattern, URLPattern):
            yield Route(str(pattern.name), pattern.callback, frozenset(parameters))
