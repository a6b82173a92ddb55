"""The rooms of the house, in the order of the left rail. A room that is not built is not shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Room:
    """`route` names the room's first page; every route of the same namespace belongs to the room, and of those `beside`."""

    route: str
    title: Any
    icon: str
    beside: tuple[str, ...] = ()

    @property
    def namespace(self) -> str:
        return self.route.partition(":")[0]


ROOMS = (
    Room("dashboard:show", _("Dashboard"), "gauge"),
    Room("dunning:agenda", _("Dunning agenda"), "calendar"),
    Room("replies:list", _("Replies"), "reply"),
    Room("day:show", _("My day"), "phone"),
    Room("policies:list", _("Policies"), "steps", beside=("simulations",)),
    Room("customers:list", _("Customers"), "people", beside=("interest", "terms")),
    Room("documents:list", _("Invoices"), "document", beside=("orders",)),
    Room("receipts:list", _("Receipts"), "coins"),
    Room("payments:list", _("Payments"), "card"),
    Room("cases:list", _("Disputes and promises"), "shake"),
    Room("requests:list", _("Portal requests"), "link"),
    Room("messages:list", _("Messages sent"), "send"),
    Room("imports:list", _("Imports"), "inbox"),
    Room("journal:list", _("Journal"), "book"),
    Room("settings:company", _("Settings"), "sliders", beside=("letters",)),
)


def rooms(*, current: str, counts: Mapping[str, Callable[[], int]] | None = None) -> list[dict[str, Any]]:
    """The rooms that exist, with their address; `current` is the namespace of the page shown. `counts` says, by namespace, how much
    waits there; it is asked when a page draws the rail, not for fragments.
    """
    shown = []
    for room in ROOMS:
        try:
            url = reverse(room.route)
        except NoReverseMatch:
            continue
        shown.append(
            {
                "url": url,
                "title": room.title,
                "icon": room.icon,
                "is_current": current in (room.namespace, *room.beside),
                "count": (counts or {}).get(room.namespace),
            }
        )
    return shown
