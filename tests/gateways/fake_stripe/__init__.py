"""A small Stripe with a memory, as its documentation describes it (API 2026-10-28.endive), for what is used of it.

`FakeStripe` is the server and the world behind it: customers who pay on its pages, banks that settle, fail and take back,
disputes, payouts. `objects` are the shapes of Stripe's own fixtures.
"""

from tests.gateways.fake_stripe.server import HOOK_SECRET, RESTRICTED_KEY, SECRET_KEY, FakeStripe
from tests.gateways.fake_stripe.world import Decline

__all__ = ["HOOK_SECRET", "RESTRICTED_KEY", "SECRET_KEY", "Decline", "FakeStripe"]
