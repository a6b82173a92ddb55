"""What a token of the API may be used for. A token has exactly the scopes it was given: none holds another."""

from collections.abc import Iterable

from encours.core.wording import Sentence, Wording

SCOPES = {
    "receipts:read": Wording(
        "scope.receipts_read",
        fr="Lire les lignes bancaires, leurs explications et les encaissements",
        en="Read bank lines, their explanations and receipts",
    ),
    "receipts:write": Wording(
        "scope.receipts_write",
        fr="Accepter, refuser et défaire des rapprochements",
        en="Accept, reject and undo matches",
    ),
    "reconcile": Wording(
        "scope.reconcile",
        fr="Lancer des rapprochements et lire leur résultat",
        en="Start runs of reconciliation and read their result",
    ),
    "orders:read": Wording(
        "scope.orders_read",
        fr="Lire les commandes, ce qui en est facturé et ce qui reste à facturer",
        en="Read orders, what of them is invoiced and what is left to invoice",
    ),
    "orders:write": Wording(
        "scope.orders_write",
        fr="Annoncer des commandes et des livraisons, ou les corriger",
        en="Tell orders and deliveries, or correct them",
    ),
}


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Those that do not exist."""
    return [scope for scope in scopes if scope not in SCOPES]


def scope_title(scope: str) -> Sentence:
    """What a scope allows, in words. It exists."""
    return SCOPES[scope]()
