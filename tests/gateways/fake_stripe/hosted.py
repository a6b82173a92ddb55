"""The page a payer is sent to, as far as a test needs one: a card's number, a way back, and what the bank says.

Numbers mean what Stripe's own test cards mean. Served only where a test says so (`pages`).
"""

from typing import Any
from urllib.parse import parse_qs

from tests.gateways.fake_stripe.world import Decline, World

PATH = "/c/pay/"
ACCEPTED, DECLINED = "4242424242424242", "4000000000009995"
_PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Stripe Checkout</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head><body><main><h1>{amount} {currency}</h1><p role="status">{said}</p>
<form method="post"><label>Numéro de carte <input name="number" autocomplete="cc-number"></label><button>Payer</button></form>
<a href="{back}">Retour</a></main></body></html>"""


def hosted(world: World, verb: str, session_id: str, body: str) -> tuple[int, str, str]:
    """Status, page and where to go on to ("" for nowhere) of a request to a session's page."""
    session: Any = world.things.get(session_id)
    if session is None or session["status"] != "open":
        return 404, "<!doctype html><title>Stripe Checkout</title><p>This page is no longer open.</p>", ""
    said = ""
    if verb == "POST":
        number = parse_qs(body).get("number", [""])[0].replace(" ", "")
        world.pay(session_id, outcome=Decline("insufficient_funds") if number == DECLINED else None)
        if session["status"] == "complete":
            return 303, "", session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
        said = "Votre carte a été refusée."
    page = _PAGE.format(
        amount=f"{session['amount_total'] / 100:.2f}", currency=session["currency"].upper(), said=said,
        back=session["cancel_url"],
    )  # fmt: skip
    return 200, page, ""
