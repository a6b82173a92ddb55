"""Writes down that somebody looked at a page of the portal, or tried something there."""

from datetime import datetime

from django.db import connection

# One statement, and one that does not wait for the disk: a view lost in a crash costs less than every visitor waiting.
# What is done (a payment, a dispute) is written by its own action, durably. The link's own dates move once a minute, so that
# a busy link leaves no trail of dead rows.
_NOTE = """
WITH eased AS (SELECT set_config('synchronous_commit', 'off', true) AS done),
seen AS (
  UPDATE store_portallink SET first_seen_at = coalesce(first_seen_at, %(at)s), last_seen_at = %(at)s
  FROM eased
  WHERE id = %(link)s AND company_id = %(company)s AND %(is_person)s
    AND (last_seen_at IS NULL OR last_seen_at < %(at)s - interval '1 minute'))
INSERT INTO store_portalview (company_id, link_id, seen_at, what, object_id, outcome, network, browser)
SELECT %(company)s, %(link)s, %(at)s, %(what)s, %(object)s, %(outcome)s, %(network)s, %(browser)s FROM eased
"""


def note_portal_view(
    *,
    company_id: int,
    link_id: int,
    what: str,
    object_id: int | None,
    outcome: str,
    network: str,
    browser: str,
    is_person: bool,
    now: datetime,
) -> None:
    """`what` is a route's name, `outcome` shown, done or refused. `is_person` is False for a fetch nobody looks at, which
    does not make a link seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "company": company_id, "link": link_id, "at": now, "what": what, "object": object_id,
                "outcome": outcome, "network": network, "browser": browser[:200], "is_person": is_person,
            },
        )  # fmt: skip
