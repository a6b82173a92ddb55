"""What the dunning plan looks at, as frames; and what the agenda shows."""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from encours.core.business_days import holiday_region
from encours.core.dunning import Situation
from encours.core.dunning.assessing import MOBILE
from encours.core.dunning.checking import DRAFT_LINES
from encours.core.dunning.conditions import fields_of
from encours.core.dunning.policy import OFFSET_IN_CODE, Policy
from encours.core.dunning.reasons import REPLY_WAITS
from encours.core.dunning.situation import (
    ANNOUNCED,
    CONTACT_DAYS,
    CONTACTED,
    CREDITS,
    CUSTOMERS,
    DONE,
    HELD_OUT,
    HOLDS,
    OUTBOX,
    OVERRIDES,
    PENDING,
    RECEIVABLES,
    WEEK,
)
from encours.core.letter_templates.library import AT_ONCE
from encours.queries.business_days import regional_days_off
from encours.queries.case_holds import broken_promises, case_holds
from encours.queries.channels import open_channels
from encours.queries.hold_out import held_out_steps, hold_out_rule
from encours.queries.policies import active_policy_values
from encours.queries.scores import valid_scores
from encours.store.frames import read_frame
from encours.store.models import Company, Message

# A company's whole situation, or one customer's: the same statements with one more condition.
_RECEIVABLES = """
SELECT document_id, position, customer_id, currency, due_date, open_cents {fields} FROM store_receivable
WHERE company_id = %s AND open_cents > 0 AND due_date <= %s {only}
"""
# a customer's own policy, else that of its segment, else the company's
_CUSTOMERS = """
SELECT c.id, coalesce(own.id, segment.id, standard.id), k.id,
       CASE k.email_stop WHEN '' THEN k.email ELSE '' END, k.bounced_at IS NOT NULL,
       {texted},
       c.street <> '' AND c.postcode <> '' AND c.city <> '', c.address_returned_at IS NOT NULL,
       c.kind = 'person' AND c.registered_consent_date IS NULL, c.preferred_channel,
       c.postcode,
       c.segment, c.sector, c.country, c.language, c.salesperson, c.kind = 'public_buyer', c.kind = 'person'
FROM store_customer c
LEFT JOIN store_policy own ON own.id = c.policy_id AND own.is_active
LEFT JOIN store_policyassignment a ON a.company_id = c.company_id AND a.segment = c.segment AND a.segment <> ''
LEFT JOIN store_policy segment ON segment.id = a.policy_id AND segment.is_active
LEFT JOIN store_policy standard ON standard.company_id = c.company_id AND standard.is_default AND standard.is_active
LEFT JOIN LATERAL (
  SELECT id, email, phone, bounced_at, email_stop FROM store_contact WHERE customer_id = c.id
  ORDER BY email <> '' AND bounced_at IS NULL AND email_stop = '' DESC, email <> '' DESC, is_primary DESC, id LIMIT 1) k ON true {texting}
WHERE c.company_id = %s {only}
"""
# Whom a text message goes to: a mobile number before others, then the one the e-mails go to. Looked up only where a
# step sends text messages.
_TEXTED = "coalesce(t.phone, ''), t.text_stopped_at IS NOT NULL, t.text_failed_at IS NOT NULL"
_TEXTED_BY_NOBODY = "'', false, false"
_TEXTING = f"""
LEFT JOIN LATERAL (
  SELECT phone, text_stopped_at, text_failed_at FROM store_contact WHERE customer_id = c.id AND phone <> ''
  ORDER BY regexp_replace(phone, '[^0-9+]', '', 'g') ~ '{MOBILE}' DESC, id = k.id DESC, is_primary DESC, id
  LIMIT 1) t ON true
"""
_CUSTOMER_FIELDS = {
    "segment": pl.String,
    "sector": pl.String,
    "country": pl.String,
    "language": pl.String,
    "salesperson": pl.String,
    "public_buyer": pl.Boolean,
    "consumer": pl.Boolean,
}
_OVERRIDES = """
SELECT a.document_id, p.id FROM store_policyassignment a JOIN store_policy p ON p.id = a.policy_id
WHERE a.company_id = %s AND a.document_id IS NOT NULL AND p.is_active
"""
# How those who owe something paid the invoices of the last two years: by the day the last receipt came in. Fewer than
# three are no habit.
_HISTORY = """
SELECT customer_id, round(avg(greatest(paid - due_date, 0)))::bigint, round(100 * avg((paid > due_date)::int))::bigint
FROM (SELECT d.customer_id, d.due_date, max(p.received_date) AS paid
      FROM store_document d JOIN store_allocation a ON a.document_id = d.id JOIN store_payment p ON p.id = a.payment_id
      WHERE d.company_id = %s AND a.company_id = d.company_id AND p.company_id = d.company_id AND d.open_cents = 0
        AND d.type = 'invoice' AND d.issue_date >= %s AND p.received_date <= %s AND a.undone_at IS NULL
      GROUP BY d.id) settled
GROUP BY 1 HAVING count(*) >= 3
"""
HISTORY_DAYS = 730
_FIRST_DOCUMENTS = """
SELECT customer_id, min(issue_date) FROM store_document WHERE company_id = %s GROUP BY 1
"""
_CREDITS = """
SELECT customer_id, currency, sum(cents)::bigint FROM (
  SELECT customer_id, currency, -open_cents AS cents FROM store_document
  WHERE company_id = %s AND open_cents < 0 {only}
  UNION ALL
  SELECT customer_id, currency, unallocated_cents FROM store_payment
  WHERE company_id = %s AND unallocated_cents > 0 {only}) credit
GROUP BY 1, 2
"""
_PENDING = """
SELECT document_id, sum(cents)::bigint, bool_or(is_on_its_way) FROM (
  SELECT (line->>'document_id')::bigint AS document_id, (line->>'allocated_cents')::bigint AS cents,
         false AS is_on_its_way
  FROM (SELECT lines FROM store_match WHERE company_id = %s AND state = 'proposed' {only}) m
  CROSS JOIN jsonb_array_elements(m.lines) line
  WHERE line->>'document_id' IS NOT NULL
  UNION ALL
  SELECT d.document_id, d.amount_cents, true
  FROM (SELECT id FROM store_charge
        WHERE company_id = %s AND (state = 'pending' OR state = 'created' AND mandate_id IS NOT NULL) {only}) c
  JOIN store_chargedocument d ON d.charge_id = c.id) money
GROUP BY 1
"""
_ANNOUNCED = """
SELECT document_id, charge_date FROM store_chargenotice n
WHERE company_id = %s AND n.state = 'announced' {only}
  AND NOT EXISTS (SELECT FROM store_message m WHERE m.id = n.message_id AND m.state IN ('cancelled', 'failed'))
"""
_DONE = """
SELECT r.document_id, r.position, r.step_code, CASE m.state WHEN 'sent' THEN m.sent_date END, {planned}
FROM store_document d
JOIN store_reminder r ON r.customer_id = d.customer_id AND r.document_id = d.id
JOIN store_message m ON m.id = r.message_id
WHERE d.company_id = %s AND r.company_id = d.company_id AND m.company_id = d.company_id AND d.open_cents > 0 AND r.counts
UNION ALL
SELECT h.document_id, h.position, h.step_code, NULL, h.planned_date
FROM store_heldoutreminder h JOIN store_document d ON d.id = h.document_id
WHERE h.company_id = %s AND d.company_id = h.company_id AND d.open_cents > 0
"""
# A message that was handed over counts as a contact from then on, whatever became of it. What a customer waits for
# does not: who pays a little online would never be reminded of the rest.
_CONTACTED = f"""
SELECT customer_id, max(sent_date) FROM store_message
WHERE company_id = %s AND sent_date >= %s AND state IN ('sent', 'unknown', 'claimed') AND template NOT IN {AT_ONCE} {{only}}
GROUP BY 1
"""
_CONTACT_DAYS = f"""
SELECT DISTINCT customer_id, sent_date FROM store_message
WHERE company_id = %s AND sent_date > %s AND state IN ('sent', 'unknown', 'claimed') AND template NOT IN {AT_ONCE} {{only}}
"""
_OUTBOX = f"""
SELECT customer_id, currency, step_code, state, planned_date FROM store_message
WHERE company_id = %s AND state IN ('waiting', 'approved', 'claimed', 'unknown', 'entrusted') AND template NOT IN {AT_ONCE}
  {{only}}
"""
# A customer whose reply nobody has read yet waits too, unless the company does not want that; what a machine answers does not count.
_HOLDS = f"""
SELECT customer_id, document_id, kind, reason, from_date, until_date FROM (
  SELECT company_id, customer_id, document_id, kind, reason, from_date, until_date FROM store_hold
  WHERE released_at IS NULL
  UNION ALL
  SELECT r.company_id, r.customer_id, NULL, 'pause',
         CASE c.language WHEN 'en' THEN '{REPLY_WAITS.en.replace("'", "''")}' ELSE '{REPLY_WAITS.fr.replace("'", "''")}' END,
         (r.received_at AT TIME ZONE c.time_zone)::date, NULL
  FROM store_reply r JOIN store_company c ON c.id = r.company_id
  LEFT JOIN store_replysettings s ON s.company_id = r.company_id
  WHERE r.state = 'waiting' AND r.nature = 'person' AND r.customer_id IS NOT NULL
    AND coalesce(s.holds_while_waiting, true)) held
WHERE company_id = %s {{only}}
"""
# The account that is behind decides; one without statements for two months is taken for closed.
_BANK = """
SELECT min(known_until) FILTER (WHERE known_until > latest - 60) FROM (
  SELECT max(known_until_date) AS known_until, max(max(known_until_date)) OVER () AS latest
  FROM store_statement WHERE company_id = %s GROUP BY account_id) account
"""
# No policy looks further ahead or keeps a longer gap than this.
HORIZON_DAYS = 90


def situation(
    *,
    company: Company,
    on: date,
    policies: Mapping[int, Policy] | None = None,
    horizon_days: int = HORIZON_DAYS,
) -> Situation:
    """Frames of the whole company, for planning under the policies in force, or under others by the same ids. What falls
    due more than `horizon_days` later is left out."""
    return _situation(company, on, "", [], everything=True, policies=policies, horizon_days=horizon_days)


def customer_situation(
    *, company: Company, customer_id: int, message_id: int, currency: str, on: date
) -> Situation:
    """Frames of one customer, for the last check of a message. Its `contacted` leaves out the message itself, and
    the one that left the same day for the customer's debts in another currency."""
    found = _situation(company, on, "AND {}customer_id = %s", [customer_id], everything=False)
    days = read_frame(
        """SELECT DISTINCT customer_id, sent_date FROM store_message
           WHERE company_id = %s AND customer_id = %s AND id <> %s AND sent_date >= %s
             AND state IN ('sent', 'unknown', 'claimed') AND template <> ALL(%s)
             AND NOT (sent_date = %s AND currency <> %s AND step_code <> '')""",
        [company.pk, customer_id, message_id, _before(on), list(AT_ONCE), on, currency],
        dict(CONTACT_DAYS),
    )
    return replace(
        found,
        contacted=days.group_by("customer_id").agg(last_contact_date=pl.col("contact_date").max()),
        contact_days=days.filter(pl.col("contact_date") > on - WEEK),
    )


def _before(on: date) -> date:
    return date.fromordinal(on.toordinal() - HORIZON_DAYS)


def _situation(
    company: Company,
    on: date,
    only: str,
    values: list[Any],
    *,
    everything: bool,
    policies: Mapping[int, Policy] | None = None,
    horizon_days: int = HORIZON_DAYS,
) -> Situation:
    horizon = date.fromordinal(on.toordinal() + horizon_days)
    bare = only.format("")
    if policies is None:
        policies = active_policy_values(company=company) if everything else {}
    wanted = {
        name for policy in policies.values() for step in policy.steps for name in fields_of(step.condition)
    }

    def read(query: str, schema: pl.Schema, params: list[Any], condition: str = bare) -> pl.DataFrame:
        return read_frame(query.format(only=condition), params, dict(schema))

    mine = [company.pk, *values]
    nothing = pl.DataFrame
    known_until = bank_known_until(company=company)
    texts = not everything or any(
        "sms" in step.channels for policy in policies.values() for step in policy.steps
    )
    customers = _customers(company, on, wanted, mine, "AND c.id = %s" if values else "", texts=texts)
    return Situation(
        receivables=_receivables(wanted, [company.pk, horizon, *values], bare),
        customers=customers,
        policies=policies,
        overrides=read(_OVERRIDES, OVERRIDES, [company.pk], "") if everything else nothing(schema=OVERRIDES),
        credits=read(_CREDITS, CREDITS, [*mine, *mine]),
        pending=read(_PENDING, PENDING, [*mine, *mine]),
        announced=read(_ANNOUNCED, ANNOUNCED, mine),
        done=_done(company, policies) if everything else nothing(schema=DONE),
        contacted=read(_CONTACTED, CONTACTED, [company.pk, _before(on)])
        if everything
        else nothing(schema=CONTACTED),
        contact_days=read(_CONTACT_DAYS, CONTACT_DAYS, [company.pk, on - WEEK])
        if everything
        else nothing(schema=CONTACT_DAYS),
        outbox=read(_OUTBOX, OUTBOX, mine) if everything else nothing(schema=OUTBOX),
        holds=read(_HOLDS, HOLDS, mine),
        cases=case_holds(
            company=company, customer_id=values[0] if values else None, on=on, bank_known_until=known_until
        ),
        bank_known_until=known_until,
        bank_data_max_age_days=company.bank_data_max_age_days,
        channels=open_channels(company=company),
        regional_days_off=regional_days_off(regions=customers["region"].unique(), on=on),
        hold_out=hold_out_rule(company=company) if everything else None,
        held_out=held_out_steps(company=company) if everything else nothing(schema=HELD_OUT),
    )


def _receivables(wanted: Set[str], params: list[Any], only: str) -> pl.DataFrame:
    """RECEIVABLES, and what conditions want to know of documents: a million rows carry nothing for nobody."""
    columns = {
        "invoice_amount": ("amount_cents", pl.Int64),
        "product_type": ("(SELECT product_type FROM store_document d WHERE d.id = document_id)", pl.String),
    }
    chosen = {name: column for name, column in columns.items() if name in wanted}
    fields = "".join(f", {expression}" for expression, _ in chosen.values())
    schema = dict(RECEIVABLES) | {name: kind for name, (_, kind) in chosen.items()}
    return _without_blanks(read_frame(_RECEIVABLES.format(fields=fields, only=only), params, schema))


def _customers(
    company: Company, on: date, wanted: Set[str], params: list[Any], only: str, *, texts: bool
) -> pl.DataFrame:
    """CUSTOMERS, and what conditions want to know of them; numbers only where somebody `texts`."""
    schema = {("postcode" if name == "region" else name): kind for name, kind in CUSTOMERS.items()}
    texted, texting = (_TEXTED, _TEXTING) if texts else (_TEXTED_BY_NOBODY, "")
    query = _CUSTOMERS.format(only=only, texted=texted, texting=texting)
    customers = read_frame(query, params, schema | _CUSTOMER_FIELDS)
    customers = _without_blanks(_with_regions(customers))
    if wanted & {"average_days_late", "share_paid_late"}:
        history = read_frame(
            _HISTORY,
            [company.pk, date.fromordinal(on.toordinal() - HISTORY_DAYS), on],
            {"customer_id": pl.Int64, "average_days_late": pl.Int64, "share_paid_late": pl.Int64},
        )
        customers = customers.join(history, on="customer_id", how="left")
    if "score" in wanted:
        customers = customers.join(valid_scores(company=company, on=on), on="customer_id", how="left")
    if "broken_promises" in wanted:
        since = date.fromordinal(on.toordinal() - HISTORY_DAYS)
        broken = broken_promises(company=company, since=since)
        customers = customers.join(broken, on="customer_id", how="left").with_columns(
            pl.col("broken_promises").fill_null(0)
        )
    if "relationship_months" in wanted:
        first = read_frame(_FIRST_DOCUMENTS, [company.pk], {"customer_id": pl.Int64, "since": pl.Date})
        since, today = pl.col("since"), pl.lit(on)
        months = (
            (today.dt.year() - since.dt.year()) * 12
            + today.dt.month().cast(pl.Int64)
            - since.dt.month().cast(pl.Int64)
            - (since.dt.day() > today.dt.day()).cast(pl.Int64)
        )
        first = first.select("customer_id", relationship_months=months.cast(pl.Int64))
        customers = customers.join(first, on="customer_id", how="left")
    return customers


def _with_regions(customers: pl.DataFrame) -> pl.DataFrame:
    """The region instead of the postcode."""
    places = customers.select("country", "postcode").unique()
    regions = [holiday_region(country=country, postcode=postcode) for country, postcode in places.iter_rows()]
    places = places.with_columns(region=pl.Series(regions, dtype=pl.String))
    return customers.join(places, on=["country", "postcode"], how="left").drop("postcode")


def _without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    """What is not known is null to conditions, though text comes from the database as ""."""
    texts = [
        name
        for name in (*_CUSTOMER_FIELDS, "preferred_channel", "product_type")
        if frame.schema.get(name) == pl.String
    ]
    return frame.with_columns(pl.when(pl.col(name) != "").then(name).alias(name) for name in texts)


def _done(company: Company, policies: Mapping[int, Policy]) -> pl.DataFrame:
    """DONE. A step's code says its offset, whatever the policy and version it was planned under."""
    counts_from_steps = any(
        step.clock == "previous_step" for policy in policies.values() for step in policy.steps
    )
    # what never left (a person let it count as done) has the day it was planned for
    planned = "m.planned_date" if counts_from_steps else "NULL"
    schema = {"document_id": pl.Int64, "position": pl.Int64, "step_code": pl.String, "sent_date": pl.Date}
    rows = read_frame(
        _DONE.format(planned=planned), [company.pk, company.pk], schema | {"planned_date": pl.Date}
    )
    offsets = rows.select(pl.col("step_code").unique()).with_columns(
        done_offset_days=pl.col("step_code").str.extract(f"({OFFSET_IN_CODE})").cast(pl.Int64)
    )
    highest = pl.col("done_offset_days").arg_max()
    return (
        rows.join(offsets, on="step_code")
        .group_by("document_id", "position")
        .agg(
            pl.col("done_offset_days").max(),
            done_date=pl.coalesce("sent_date", "planned_date").get(highest),
            reminded_date=pl.col("sent_date").filter(pl.col("done_offset_days") >= 0).max(),
        )
    )


def bank_known_until(*, company: Company) -> date | None:
    """Last day that all bank accounts in use are known for; None without any statement."""
    return read_frame(_BANK, [company.pk], {"known_until": pl.Date}).item()


def draft_lines(*, company: Company, message: Message) -> pl.DataFrame:
    """The receivables a message was planned for (DRAFT_LINES)."""
    return read_frame(
        """SELECT document_id, position, step_code, substring(step_code FROM %s)::bigint, amount_cents
           FROM store_reminder WHERE company_id = %s AND message_id = %s AND counts ORDER BY document_id, position""",
        [OFFSET_IN_CODE, company.pk, message.pk],
        dict(DRAFT_LINES),
    )


def numbers_of(*, company: Company, document_ids: pl.Series) -> dict[int, str]:
    """Numbers of documents, for what is shown."""
    if document_ids.is_empty():
        return {}
    frame = read_frame(
        "SELECT id, number FROM store_document WHERE company_id = %s AND id = ANY(%s)",
        [company.pk, document_ids.unique().to_list()],
        {"id": pl.Int64, "number": pl.String},
    )
    return dict(frame.iter_rows())


def customer_names(*, company: Company, customer_ids: pl.Series) -> dict[int, tuple[str, str]]:
    """(code, name) of customers, for what is shown."""
    if customer_ids.is_empty():
        return {}
    frame = read_frame(
        "SELECT id, code, name FROM store_customer WHERE company_id = %s AND id = ANY(%s)",
        [company.pk, customer_ids.unique().to_list()],
        {"id": pl.Int64, "code": pl.String, "name": pl.String},
    )
    return {key: (code, name) for key, code, name in frame.iter_rows()}
