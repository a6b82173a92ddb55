"""Takes back receipts whose money the bank gave back: what they settled is open again, from the day of the return.

The receipt's own line stays matched: the money did come. The returned line gets a match of its own, which is undone
like any other (`undo_match`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import polars as pl
from django.db import connection, transaction

from encours.actions.apply_matches import save_matches, set_states, told_of
from encours.actions.journal import Event, record_all
from encours.actions.post_movements import receipt_movements
from encours.actions.unable_to_match import UnableToMatch
from encours.actions.undo_allocation import day_of, lock, reverse_allocations, reversed_movements
from encours.core.matching.decide import Decision, Settled
from encours.core.matching.returns import RECEIPT_FIRST, RULE, Returned, by_hand, money_again, origins
from encours.core.wording import Sentence, Wording
from encours.queries import returns as queries
from encours.store.frames import staged
from encours.store.models import Allocation, Company, Document, Match, Payment, Transaction

NOT_ITS_RECEIPT = Wording(
    "return.not_its_receipt",
    fr="Cet encaissement ne peut pas être celui que la ligne rend : il est déjà repris, ou les montants ne"
    " concordent pas.",
    en="This receipt cannot be the one the line gives back: it was taken back already, or the amounts do not agree.",
)
_MARK_PAYMENTS = """
UPDATE store_payment p SET reversed_at = now(), returned_by_id = s.match_id FROM {staged} s
WHERE p.id = s.id AND p.company_id = %s
"""
_MARK_ALLOCATIONS = """
UPDATE store_allocation a SET returned_by_id = s.match_id FROM {staged} s WHERE a.id = s.id AND a.company_id = %s
"""


def take_back_returns(
    *,
    company: Company,
    lines: pl.DataFrame,
    actor: str,
    apply: bool,
    planned: Mapping[int, Decision] = MappingProxyType({}),
    for_people: Collection[int] = (),
) -> list[Decision]:
    """Decides the returned lines (schema `LINES`), after the receipts of the same batch, in the caller's transaction.

    An "automatic" decision has been applied when `apply`. "proposed" and "none" are the caller's to save. A receipt that
    came back before it was matched is "set_aside" with its return: there is a decision for its line too, which may lie
    outside the lines given and outweighs what the caller thinks of it; when `apply` both are saved already. With
    `apply=False` nothing is written, and `planned` are the decisions (bank line id -> "automatic") that would have been
    applied before. The return of a line left `for_people` waits until they have judged that line.
    """
    ids = lines["line_id"].to_list()
    found = queries.returned_lines_frame(company=company, line_ids=ids)
    if found.is_empty():
        return []
    receipts = queries.receipts_frame(company=company, returns=found)
    decisions = origins(
        returns=found,
        receipts=receipts,
        settled=queries.settled_frame(company=company, receipts=receipts),
        refused=queries.refused_returns(company=company, line_ids=ids),
        planned=planned,
    )
    given_back = queries.given_back_frame(company=company, returns=found)
    decisions += money_again(
        returns=found,
        given_back=given_back,
        settled=queries.settled_frame(company=company, receipts=given_back, was_returned=True),
    )
    # a receipt that may be explained is not put away: a person judges it, then its return
    decisions = [
        replace(each, outcome="none", reason=RECEIPT_FIRST())
        if isinstance(each, Returned) and each.origin_line_id in for_people
        else each
        for each in decisions
        if each.line_id not in for_people
    ]
    if not apply:
        return decisions
    done = apply_returns(company=company, decisions=decisions, actor=actor)
    done |= _set_aside_together(company, decisions)
    gone = {
        each.line_id
        for each in decisions
        if isinstance(each, Returned)
        and each.outcome in ("automatic", "set_aside")
        and each.line_id not in done
    }
    origins_of_gone = {
        each.origin_line_id for each in decisions if isinstance(each, Returned) and each.line_id in gone
    }
    return [
        replace(each, outcome="none", reason=NOT_ITS_RECEIPT()) if each.line_id in gone else each
        for each in decisions
        if each.line_id not in origins_of_gone
    ]


def _set_aside_together(company: Company, decisions: Sequence[Decision]) -> set[int]:
    """Ids of the returned lines set aside with a receipt that still waited; its proposals are answered."""
    pairs = {
        each.line_id: each.origin_line_id
        for each in decisions
        if isinstance(each, Returned) and each.outcome == "set_aside" and each.origin_line_id
    }
    waiting = _locked_lines(company, [*pairs, *pairs.values()])
    kept = {line_id for line_id, origin in pairs.items() if line_id in waiting and origin in waiting}
    lines = kept | {pairs[line_id] for line_id in kept}
    Match.objects.filter(company=company, transaction_id__in=lines, state=Match.State.PROPOSED).delete()
    reasons = {each.line_id: each.reason.as_json() for each in decisions}
    set_states(company=company, states={line_id: ("set_aside", reasons[line_id]) for line_id in lines})
    return kept


@transaction.atomic
def apply_returns(
    *,
    company: Company,
    decisions: Sequence[Decision],
    actor: str,
    on: date | None = None,
    known: Mapping[int, int] | None = None,
) -> set[int]:
    """Ids of the lines whose return was applied. What the books say is undone, whatever the decision named.

    Counter-movements are dated `on`, without it at the day of the returned line. `known` gives the proposed match of a
    line, which becomes the applied one; other proposals of the line go. A line that is matched already, and a receipt
    that is reversed or partly refunded, are left as they are.
    """
    wanted = [each for each in decisions if isinstance(each, Returned) and each.outcome == "automatic"]
    days = _locked_lines(company, [each.line_id for each in wanted])
    wanted = [each for each in wanted if each.line_id in days]
    payments, settled = _locked_receipts(company, [key for each in wanted for key in each.payment_ids])
    kept: list[Returned] = []
    free = set(payments)
    for each in wanted:
        if each.payment_ids and free.issuperset(each.payment_ids):
            free -= set(each.payment_ids)
            kept.append(replace(each, lines=_opened(company, each, settled)))
    if not kept:
        return set()
    proposals = Match.objects.filter(
        company=company, transaction_id__in=[each.line_id for each in kept], state=Match.State.PROPOSED
    )
    proposals.exclude(pk__in=(known or {}).values()).delete()
    ids = save_matches(
        company=company, decisions=kept, state=Match.State.APPLIED, known=known or {}, actor=actor
    )
    match_ids = dict(zip([each.line_id for each in kept], ids, strict=True))
    day_of_receipt = {key: on or days[each.line_id] for each in kept for key in each.payment_ids}
    _reverse(company, day_of_receipt, payments, settled)
    _mark(company, kept, settled, match_ids)
    set_states(company=company, states={each.line_id: ("matched", None) for each in kept})
    _tell(company, kept, match_ids, actor)
    return {each.line_id for each in kept}


def confirm_return(*, company: Company, match: Match, actor: str) -> None:
    """A person says yes to a proposed return, locked by the caller. Raises `UnableToMatch` when its receipts moved."""
    reason = Sentence.from_json(match.reason)
    decision = Returned(
        line_id=match.transaction_id,
        outcome="automatic",
        reason=reason,
        rule=RULE,
        confidence=match.confidence,
        customer_id=match.customer_id,
        lines=tuple(Settled(**line) for line in match.lines),
        payment_ids=tuple(reason.params["payment_ids"]),
    )
    known = {match.transaction_id: match.pk}
    if not apply_returns(company=company, decisions=[decision], actor=actor, known=known):
        raise UnableToMatch(NOT_ITS_RECEIPT())


@transaction.atomic
def return_by_hand(*, company: Company, transaction_id: int, payment_ids: Sequence[int], actor: str) -> int:
    """A person says which receipts a bank line gives back, the line's whole or all but the bank's fee.

    Id of the applied match; the same request again answers with the same. Raises `UnableToMatch`.
    """
    known = Match.objects.filter(
        company=company, transaction_id=transaction_id, rule=RULE, state=Match.State.APPLIED
    ).first()
    if known is not None and set(known.reason["params"]["payment_ids"]) == set(payment_ids):
        return known.pk
    lines = queries.returned_lines_frame(company=company, line_ids=[transaction_id])
    receipts = queries.receipts_of(company=company, payment_ids=payment_ids)
    settled = queries.settled_frame(company=company, receipts=receipts)
    decision = None
    if lines.height and lines["amount_cents"][0] < 0 and receipts.height == len(set(payment_ids)):
        decision = by_hand(line=lines.row(0, named=True), receipt=receipts, settled=settled)
    if decision is None or set(decision.payment_ids) != set(payment_ids):
        raise UnableToMatch(NOT_ITS_RECEIPT())
    if not apply_returns(company=company, decisions=[decision], actor=actor):
        raise UnableToMatch(NOT_ITS_RECEIPT())
    return Match.objects.get(company=company, transaction_id=transaction_id, state=Match.State.APPLIED).pk


def _locked_lines(company: Company, line_ids: Sequence[int]) -> dict[int, date]:
    """Day of each line that still waits."""
    waiting = Transaction.objects.select_for_update().filter(
        company=company, pk__in=line_ids, state__in=[Transaction.State.NEW, Transaction.State.PROPOSED]
    )
    return dict(waiting.order_by("pk").values_list("pk", "booked_date"))


def _locked_receipts(
    company: Company, payment_ids: Sequence[int]
) -> tuple[dict[int, Payment], dict[int, list[Allocation]]]:
    """Receipts that can be taken back whole, and their allocations in force, all locked with their documents."""
    of_receipts = Allocation.objects.filter(company=company, payment_id__in=payment_ids, undone_at=None)
    documents = list(of_receipts.values_list("document_id", flat=True))
    lock(company=company, document_ids=documents, payment_ids=payment_ids)
    settled: dict[int, list[Allocation]] = {}
    for allocation in of_receipts.order_by("pk"):
        settled.setdefault(allocation.payment_id or 0, []).append(allocation)
    payments = Payment.objects.filter(company=company, pk__in=payment_ids, reversed_at=None)
    return {
        payment.pk: payment
        for payment in payments
        if payment.unallocated_cents + sum(each.amount_cents for each in settled.get(payment.pk, ()))
        == payment.amount_cents
    }, settled


def _opened(
    company: Company, decision: Returned, settled: Mapping[int, Sequence[Allocation]]
) -> tuple[Settled, ...]:
    """Documents that are open again, by what the receipts settle now."""
    cents: dict[int, int] = {}
    for payment_id in decision.payment_ids:
        for allocation in settled.get(payment_id, ()):
            cents[allocation.document_id] = cents.get(allocation.document_id, 0) - allocation.amount_cents
    numbers = {line.document_id: line.number for line in decision.lines}
    unknown = Document.objects.filter(company=company, pk__in=cents.keys() - numbers.keys())
    numbers |= dict(unknown.values_list("pk", "number"))
    return tuple(Settled(key, numbers[key], amount) for key, amount in cents.items())


def _reverse(
    company: Company,
    days: Mapping[int, date],
    payments: Mapping[int, Payment],
    settled: Mapping[int, Sequence[Allocation]],
) -> None:
    """Takes receipts back, each on its day."""
    day_of_allocation = {
        allocation.pk: day for key, day in days.items() for allocation in settled.get(key, ())
    }
    receipts = receipt_movements(payments[key] for key in days)
    reverse_allocations(
        company=company,
        allocation_ids=list(day_of_allocation),
        on=day_of_allocation,
        receipts=reversed_movements(receipts, on=day_of("payment_id", days)),
    )


def _mark(
    company: Company,
    decisions: Sequence[Returned],
    settled: Mapping[int, Sequence[Allocation]],
    match_ids: Mapping[int, int],
) -> None:
    """What the returns took back remembers them: that is what undoing brings into force again."""
    receipts = [(key, match_ids[each.line_id]) for each in decisions for key in each.payment_ids]
    allocations = [
        (allocation.pk, match_id) for key, match_id in receipts for allocation in settled.get(key, ())
    ]
    for statement, rows in ((_MARK_PAYMENTS, receipts), (_MARK_ALLOCATIONS, allocations)):
        frame = pl.DataFrame(rows, schema={"id": pl.Int64, "match_id": pl.Int64}, orient="row")
        with staged(frame) as table, connection.cursor() as cursor:
            cursor.execute(statement.format(staged=table), [company.pk])


def _tell(company: Company, decisions: Sequence[Returned], match_ids: Mapping[int, int], actor: str) -> None:
    record_all(
        company=company,
        actor=actor,
        action="payment.returned",
        subject_type="match",
        events=[
            Event(
                match_ids[each.line_id],
                each.customer_id,
                told_of(each) | {"payment_ids": list(each.payment_ids)},
            )
            for each in decisions
        ],
    )
