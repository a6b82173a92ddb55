"""Books direct debits by what the bank's statement says: a credit in one sum or debit by debit, and what comes back.

A debit is received when its money is on the account, and taken back when a line says so, within days or up to thirteen months
later. The lines are set aside: their money is in the ledger by the charges, once. In the caller's transaction or its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import connection, transaction

from encours.actions.apply_matches import set_states
from encours.actions.apply_told_charge import apply_told_charges
from encours.actions.book_payouts import tie_payouts
from encours.actions.put_back_debits import count_batches
from encours.actions.read_direct_debit_answer import refused_debit
from encours.actions.supersede_proposals import supersede_proposals
from encours.core.matching.return_reasons import LATEST_DAYS, reason_of_return
from encours.core.matching.return_ties import MAX_FEE_CENTS
from encours.core.money import Money
from encours.core.payments.charges import PENDING, RETURNED, SUCCEEDED
from encours.core.payments.direct_debit_failures import (
    CAME_BACK,
    AwaitedCredit,
    CreditLine,
    credited,
    failure_group,
)
from encours.core.payments.direct_debits import GATEWAY
from encours.core.payments.methods import DIRECT_DEBIT_FILE
from encours.core.wording import Wording
from encours.ports.gateways import ToldCharge, ToldFailure
from encours.store.models import Charge, Company, Payout, Transaction

RETURN_LINE = Wording(
    "line.direct_debit_returned",
    fr="Prélèvement {reference} de {amount} revenu ({why}) : la facture est de nouveau à régler.",
    en="Direct debit {reference} of {amount} came back ({why}): the invoice is open again.",
)
RETURN_LINE_WITH_FEE = Wording(
    "line.direct_debit_returned_with_fee",
    fr="Prélèvement {reference} de {amount} revenu ({why}), avec {fee} de frais de la banque : la facture est de nouveau à"
    " régler.",
    en="Direct debit {reference} of {amount} came back ({why}), with {fee} of bank fees: the invoice is open again.",
)
# Money that came, by the end-to-end id we gave: the bank may tell each debit by itself.
_SINGLE = """
SELECT c.id, t.booked_date FROM store_charge c
JOIN store_transaction t ON t.company_id = c.company_id AND t.end_to_end_id = c.reference AND t.currency = c.currency
  AND t.amount_cents = c.amount_cents AND t.state <> 'removed'
WHERE c.company_id = %s AND c.method = %s AND c.file_id IS NOT NULL
  AND (c.state = 'pending' OR c.state = 'failed' AND t.booked_date > c.told_at::date)
ORDER BY c.id, t.id
"""
# What comes back, by the end-to-end id, else by the mandate and the amount.
_BACK = f"""
SELECT t.id, c.id, t.end_to_end_id = c.reference FROM store_transaction t
JOIN store_charge c ON c.company_id = t.company_id AND c.method = %s AND c.file_id IS NOT NULL
  AND c.state IN ('pending', 'succeeded', 'failed')
  AND -t.amount_cents BETWEEN c.amount_cents AND c.amount_cents + {MAX_FEE_CENTS} AND t.currency = c.currency
  AND t.booked_date BETWEEN c.collection_date - 5 AND c.collection_date + {LATEST_DAYS}
JOIN store_paymentmandate m ON m.id = c.mandate_id
WHERE t.company_id = %s AND t.amount_cents < 0 AND t.state IN ('new', 'proposed')
  AND (t.end_to_end_id = c.reference OR t.end_to_end_id = '' AND t.mandate_id <> '' AND upper(t.mandate_id) = upper(m.reference))
  AND NOT EXISTS (SELECT FROM store_payout p WHERE p.company_id = c.company_id AND p.transaction_id IS NOT NULL
                  AND p.external_id = 'R-' || c.reference)
ORDER BY t.booked_date, t.id, c.id
"""


@dataclass(frozen=True)
class SettledDebits:
    """Debits that were received, and that came back, in a run."""

    received: int = 0
    returned: int = 0


@transaction.atomic
def settle_direct_debits(*, company: Company, on: date, actor: str) -> SettledDebits:
    """What the lines known today say of debits by file. Again, nothing more. Two queries where there are none."""
    if not Charge.objects.filter(company=company, method=DIRECT_DEBIT_FILE, file__isnull=False).exists():
        return SettledDebits()
    received = _receive(company, _credited_singly(company), on, actor, alone=True)
    received += _receive(company, _credited_in_sums(company, actor), on, actor)
    return SettledDebits(received, _take_back(company, on, actor))


def _credited_singly(company: Company) -> dict[int, date]:
    """Day of the money by charge."""
    with connection.cursor() as cursor:
        cursor.execute(_SINGLE, [company.pk, DIRECT_DEBIT_FILE])
        rows: Sequence[tuple[int, date]] = cursor.fetchall()
    return dict(reversed(rows))


def _credited_in_sums(company: Company, actor: str) -> dict[int, date]:
    """Day of the money by charge, of batches whose line was found; the line is tied to them."""
    batches = Payout.objects.select_for_update(of=("self",)).filter(
        company=company, connection__provider=GATEWAY, transaction=None, state="pending"
    )
    by_id = {each.pk: each for each in batches.order_by("pk")}
    if not by_id:
        return {}
    pairs = credited(
        _awaited(by_id), _credit_lines(company, min(each.arrival_date for each in by_id.values()))
    )
    tied: dict[int, int] = {}
    days: dict[int, date] = {}
    for awaited, line in pairs:
        is_whole = line.amount_cents == sum(by_id[key].gross_cents for key in awaited.payout_ids)
        for key in awaited.payout_ids:
            batch = by_id[key]
            # credited as a whole, what was refused is debited line by line
            batch.amount_cents = batch.gross_cents = batch.gross_cents if is_whole else batch.amount_cents
            batch.state = "paid" if batch.amount_cents else "canceled"
            days[key] = line.booked_date
            if batch.amount_cents:
                tied[key] = line.line_id
    Payout.objects.bulk_update([by_id[key] for key in days], ["amount_cents", "gross_cents", "state"])
    tie_payouts(company=company, pairs=tied, actor=actor)
    charges = Charge.objects.filter(company=company, payout__in=list(days), state=PENDING)
    return {key: days[payout_id] for key, payout_id in charges.values_list("pk", "payout")}


def _awaited(batches: Mapping[int, Payout]) -> list[AwaitedCredit]:
    """Each batch, and each file as one, its whole first."""
    files: dict[str, list[Payout]] = {}
    for each in batches.values():
        files.setdefault(each.external_id.rpartition("-")[0], []).append(each)
    groups = [([each], each.external_id) for each in batches.values()]
    groups += [(part, message_id) for message_id, part in files.items()]
    return [
        AwaitedCredit(
            tuple(each.pk for each in part),
            (name.upper(),),
            tuple({sum(each.gross_cents for each in part), sum(each.amount_cents for each in part)} - {0}),
            part[0].arrival_date,
        )
        for part, name in groups
    ]


def _credit_lines(company: Company, since: date) -> list[CreditLine]:
    states = [Transaction.State.NEW, Transaction.State.PROPOSED]
    rows = Transaction.objects.filter(
        company=company, booked_date__gte=date.fromordinal(since.toordinal() - 10), amount_cents__gt=0, currency="EUR",
        state__in=states, payouts=None,
    )  # fmt: skip
    return [
        CreditLine(
            line.pk, line.amount_cents, line.booked_date, line.operation_code,
            " ".join(
                (line.counterparty_name, line.remittance, line.bank_reference, line.end_to_end_id, *map(str, line.extra.values()))
            ).upper(),
        )
        for line in rows.order_by("booked_date", "pk")
    ]  # fmt: skip


def _receive(company: Company, days: Mapping[int, date], on: date, actor: str, *, alone: bool = False) -> int:
    charges = _locked(company, days)
    if alone:  # not in its batch's sum any more
        batches = {each.payout_id for each in charges if each.payout_id}
        Charge.objects.filter(company=company, pk__in=[each.pk for each in charges]).update(payout=None)
        count_batches(company=company, payout_ids=batches)
        for each in charges:
            each.payout = None
    told = {each.pk: _told(each, SUCCEEDED, _moment(days[each.pk], 12)) for each in charges}
    return _apply(company, told, on, actor)


def _take_back(company: Company, on: date, actor: str) -> int:
    """Debits that went through and came back, or that never came and are debited of a sum that holds them."""
    found = _coming_back(company)
    charges = {each.pk: each for each in _locked(company, found)}
    waiting = Transaction.objects.select_for_update().filter(company=company)
    lines = waiting.in_bulk([found[key] for key in charges])
    told = {}
    for key, charge in charges.items():
        line = lines[found[key]]
        if charge.state == SUCCEEDED:
            told[key] = _told(
                charge,
                RETURNED,
                _moment(line.booked_date, 18),
                reason=line.return_reason,
                day=line.booked_date,
            )
        elif charge.state == PENDING:
            told[key] = refused_debit(
                charge, reason=line.return_reason, told_at=_moment(line.booked_date, 18)
            )
    # a receipt that a bank line brought is taken back by matching its return
    own = [
        key
        for key, charge in charges.items()
        if charge.payment is None or charge.payment.transaction_id is None
    ]
    _set_aside(company, [(charges[key], lines[found[key]]) for key in own])
    count = _apply(company, told, on, actor)
    pending = {each.payout_id for each in charges.values() if each.pk in told and each.payout_id}
    count_batches(company=company, payout_ids=pending)
    return count


def _coming_back(company: Company) -> dict[int, int]:
    """Line by charge: by our own id, or where a mandate had one debit of this amount only."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK, [DIRECT_DEBIT_FILE, company.pk])
        rows: Sequence[tuple[int, int, bool]] = cursor.fetchall()
    rivals: dict[int, set[int]] = {}
    for line_id, charge_id, is_ours in rows:
        if not is_ours:
            rivals.setdefault(line_id, set()).add(charge_id)
    found: dict[int, int] = {}
    for line_id, charge_id, is_ours in sorted(rows, key=lambda row: not row[2]):
        is_sure = is_ours or len(rivals[line_id]) == 1
        if is_sure and charge_id not in found and line_id not in found.values():
            found[charge_id] = line_id
    return found


def _set_aside(company: Company, pairs: Iterable[tuple[Charge, Transaction]]) -> None:
    """The returned lines, each tied to a payout that takes the money back."""
    states = {}
    for charge, line in pairs:
        fee = -line.amount_cents - charge.amount_cents
        Payout.objects.update_or_create(
            connection_id=charge.connection_id,
            external_id=f"R-{charge.reference}",
            defaults={
                "company": company, "currency": charge.currency, "amount_cents": line.amount_cents,
                "contested_cents": charge.amount_cents, "fee_cents": fee, "arrival_date": line.booked_date,
                "state": "paid", "told_at": _moment(line.booked_date, 18), "transaction": line,
            },
        )  # fmt: skip
        said = {
            "reference": charge.reference, "amount": Money(charge.amount_cents, charge.currency),
            "why": reason_of_return(line.return_reason),
        }  # fmt: skip
        sentence = (
            RETURN_LINE_WITH_FEE(**said, fee=Money(fee, charge.currency)) if fee else RETURN_LINE(**said)
        )
        states[line.pk] = ("set_aside", sentence.as_json())
    supersede_proposals(company=company, line_ids=list(states))
    set_states(company=company, states=states)


def _locked(company: Company, ids: Iterable[int]) -> list[Charge]:
    rows = Charge.objects.select_for_update(of=("self",)).select_related("payment")
    return list(rows.filter(company=company, pk__in=list(ids)).order_by("pk"))


def _told(
    charge: Charge, state: str, told_at: datetime, *, reason: str = "", day: date | None = None
) -> ToldCharge:
    """The statement's word of a debit: the money came, or went back."""
    back = state == RETURNED
    failure = ToldFailure(failure_group(reason), reason.upper()[:60], CAME_BACK(why=reason_of_return(reason)))
    return ToldCharge(
        external_id=charge.external_id,
        reference=charge.reference,
        state=state,
        currency=charge.currency,
        amount_cents=charge.amount_cents,
        received_cents=0 if back else charge.amount_cents,
        told_at=told_at,
        method=charge.method,
        succeeded_at=None if back else told_at,
        returned_date=day,
        failure=failure if back else None,
    )


def _apply(company: Company, told: Mapping[int, ToldCharge], on: date, actor: str) -> int:
    if not told:
        return 0
    now = max(_moment(on, 12), *(each.told_at for each in told.values()))
    before = dict(Charge.objects.filter(company=company, pk__in=told).values_list("pk", "state"))
    after = apply_told_charges(company=company, told=told, now=now, actor=actor)
    return sum(before[key] != state for key, state in after.items())


def _moment(day: date, hour: int) -> datetime:
    """Banks date their lines; of one day the credit is told before what comes back of it."""
    return datetime.combine(day, time(hour), UTC)
