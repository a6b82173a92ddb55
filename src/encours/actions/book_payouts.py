"""Keeps payouts of payment services, ties their charges to them, and finds the bank line each arrived by.

A payout is many customers' money in one line: its receipts are booked charge by charge, so that the line is no receipt.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import connection as database
from django.db import transaction

from encours.actions.apply_matches import set_states
from encours.actions.journal import Event, record_all
from encours.actions.note_asking import note_failure
from encours.actions.open_connection import asking_alone, open_connection
from encours.actions.supersede_proposals import supersede_proposals
from encours.core.money import Money
from encours.core.payments.methods import PAID_DIRECTLY
from encours.core.payments.payouts import PAYOUT_LINE, PayoutSums, arrivals, sums
from encours.ports.connections import UnableToAsk
from encours.ports.gateways import ToldPayout
from encours.queries.payouts import payouts_to_find, waiting_payout_lines
from encours.store.models import Charge, Company, GatewayConnection, Payout, Transaction

# how far back payouts are asked for again: their state still changes then
_LOOK_BACK = timedelta(days=21)
# A charge paid straight into the bank account is a payout of one.
_DIRECT = """
SELECT DISTINCT ON (c.id) c.id, c.connection_id, c.reference, c.currency, c.received_cents, t.id, t.booked_date
FROM store_charge c
JOIN store_payment p ON p.id = c.payment_id AND p.transaction_id IS NULL AND p.reversed_at IS NULL
JOIN store_transaction t ON t.company_id = c.company_id AND t.amount_cents = c.received_cents AND t.currency = c.currency
  AND t.booked_date >= c.requested_date AND t.state IN ('new', 'proposed')
  AND (t.end_to_end_id = c.reference OR t.structured_reference = c.reference OR strpos(t.remittance, c.reference) > 0)
WHERE c.company_id = %s AND c.payout_id IS NULL AND c.received_cents > 0 AND c.method = ANY(%s)
ORDER BY c.id, t.id
"""


def book_payouts(*, company: Company, now: datetime, actor: str) -> int:
    """How many payouts the company's services told of. A service that cannot be asked is asked again later."""
    count = 0
    rows = GatewayConnection.objects.filter(company=company, state=GatewayConnection.State.ACTIVE)
    for each in rows.order_by("pk"):
        with asking_alone(each) as is_ours:
            if not is_ours:
                continue
            try:
                gateway = open_connection(each)
                try:
                    told = gateway.payouts_told(since=now - _LOOK_BACK)
                finally:
                    gateway.close()
            except UnableToAsk as error:
                note_failure(each, error, now=now)
                continue
        for payout in told:
            book_payout(company=company, connection=each, told=payout, actor=actor)
        count += len(told)
    find_payouts(company=company, actor=actor)
    return count


@transaction.atomic
def book_payout(*, company: Company, connection: GatewayConnection, told: ToldPayout, actor: str) -> int:
    """Id of the payout, as it is told now: an older word changes nothing. Its charges are tied to it."""
    rows = Payout.objects.select_for_update().filter(company=company, connection=connection)
    known = rows.filter(external_id=told.external_id).first()
    if known is not None and known.told_at > told.told_at:
        return known.pk
    parts = sums((each.kind, bool(each.reference), each.amount_cents, each.fee_cents) for each in told.lines)
    values = _values(told, parts)
    payout, _ = Payout.objects.update_or_create(
        connection=connection, external_id=told.external_id, defaults=values, create_defaults={**values, "company": company}
    )  # fmt: skip
    references = {each.reference for each in told.lines if each.kind == "charge" and each.reference}
    Charge.objects.filter(company=company, connection=connection, reference__in=references).update(
        payout=payout
    )
    find_payouts(company=company, actor=actor)
    return payout.pk


def _values(told: ToldPayout, parts: PayoutSums) -> dict[str, object]:
    return {
        "currency": told.currency,
        "amount_cents": told.amount_cents,
        "gross_cents": parts.gross_cents,
        "fee_cents": parts.fee_cents,
        "refunded_cents": parts.refunded_cents,
        "contested_cents": parts.contested_cents,
        # what the lines do not tell is not lost
        "other_cents": told.amount_cents - parts.own_cents,
        "arrival_date": told.arrival_date,
        "state": told.state,
        "told_at": told.told_at,
    }


@transaction.atomic
def find_payouts(*, company: Company, actor: str) -> int:
    """Ties payouts to the bank lines they arrived by, which no longer wait; how many were found."""
    _let_go(company)
    found = _direct(company, actor)
    payouts = payouts_to_find(company=company)
    if not payouts:
        return found
    first = min(each.arrival_date for each in payouts)
    lines = waiting_payout_lines(company=company, since=first - timedelta(days=10))
    pairs = arrivals(payouts, lines)
    return found + tie_payouts(company=company, pairs=pairs, actor=actor)


def _let_go(company: Company) -> None:
    """A line that a person says is something else after all is not the payout's any more."""
    tied = Payout.objects.filter(company=company, transaction__isnull=False)
    tied.exclude(transaction__state=Transaction.State.SET_ASIDE).update(transaction=None)


def tie_payouts(*, company: Company, pairs: Mapping[int, int], actor: str) -> int:
    """`pairs` are payout id -> line id. Lines that moved on meanwhile are left."""
    if not pairs:
        return 0
    states = [Transaction.State.NEW, Transaction.State.PROPOSED, Transaction.State.SET_ASIDE]
    waiting = Transaction.objects.select_for_update().filter(
        company=company, pk__in=pairs.values(), state__in=states
    )
    lines = {line.pk: line for line in waiting.order_by("pk")}
    payouts = Payout.objects.filter(company=company).select_related("connection").in_bulk(list(pairs))
    kept = {payout_id: line_id for payout_id, line_id in pairs.items() if line_id in lines}
    supersede_proposals(company=company, line_ids=list(kept.values()))
    reasons = {}
    for payout_id, line_id in kept.items():
        payout = payouts[payout_id]
        payout.transaction = lines[line_id]
        said = PAYOUT_LINE(
            service=payout.connection.name,
            id=payout.external_id,
            gross=Money(payout.gross_cents, payout.currency),
            fees=Money(payout.fee_cents, payout.currency),
        )
        reasons[line_id] = ("set_aside", said.as_json())
    Payout.objects.bulk_update([payouts[key] for key in kept], ["transaction"])
    set_states(company=company, states=reasons)
    events = [
        Event(key, None, {"payout": payouts[key].external_id, "amount_cents": payouts[key].amount_cents,
                          "currency": payouts[key].currency, "line_id": line_id})
        for key, line_id in kept.items()
    ]  # fmt: skip
    record_all(company=company, actor=actor, action="payout.found", subject_type="payout", events=events)
    return len(kept)


def _direct(company: Company, actor: str) -> int:
    """Charges paid straight into the bank account, by the reference their line bears."""
    with database.cursor() as cursor:
        cursor.execute(_DIRECT, [company.pk, sorted(PAID_DIRECTLY)])
        rows: Sequence[tuple[int, int, str, str, int, int, date]] = cursor.fetchall()
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for charge_id, connection_id, reference, currency, cents, line_id, day in rows:
        if line_id in taken:
            continue
        taken.add(line_id)
        payout = Payout.objects.create(
            company=company, connection_id=connection_id, external_id=reference, currency=currency,
            amount_cents=cents, gross_cents=cents, arrival_date=day, state="paid",
            told_at=datetime.combine(day, datetime.min.time()).astimezone(),
        )  # fmt: skip
        Charge.objects.filter(company=company, pk=charge_id).update(payout=payout)
        pairs[payout.pk] = line_id
    return tie_payouts(company=company, pairs=pairs, actor=actor)
