"""Payouts of payment services, as people read them and as they are looked for on bank accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from encours.core.payments.payouts import AwaitedPayout, PossibleLine
from encours.core.statements import TAKEN_BACK
from encours.queries.charges import ChargeRow, row_of
from encours.queries.paging import Page, page_of
from encours.store.models import Charge, Company, Payout, Transaction


@dataclass(frozen=True)
class PayoutRow:
    """A payout: `gross` − `refunded` − `contested` − `fee` + `other` = `amount`. `line_id` is None until the bank told of it."""

    id: int
    external_id: str
    connection_name: str
    state: str
    arrival_date: date
    currency: str
    amount_cents: int
    gross_cents: int
    fee_cents: int
    refunded_cents: int
    contested_cents: int
    other_cents: int
    line_id: int | None


@dataclass(frozen=True)
class PayoutDetail:
    """A payout with the charges it pays out."""

    row: PayoutRow
    charges: tuple[ChargeRow, ...]


def payouts_page(*, company: Company, number: int, size: int) -> Page[PayoutRow]:
    """The latest first. Two queries."""
    rows = Payout.objects.filter(company=company).select_related("connection")
    found = page_of(rows.order_by("-arrival_date", "-pk"), number=number, size=size)
    return found.with_rows([_row(each) for each in found.rows])


def payout_detail(*, company: Company, payout_id: int) -> PayoutDetail | None:
    """One payout; None when the company has none of this id. Two queries."""
    found = Payout.objects.filter(company=company, pk=payout_id).select_related("connection").first()
    if found is None:
        return None
    charges = Charge.objects.filter(company=company, payout=found).select_related("customer", "connection")
    return PayoutDetail(_row(found), tuple(row_of(each) for each in charges.order_by("pk")))


def payouts_to_find(*, company: Company) -> list[AwaitedPayout]:
    """Payouts that left and no bank line is known of. One query."""
    rows = Payout.objects.filter(company=company, transaction=None, state__in=["in_transit", "paid"])
    return [
        AwaitedPayout(
            each.pk,
            each.amount_cents,
            each.currency,
            each.arrival_date,
            tuple({each.external_id.upper(), each.connection.provider.upper()} - {""}),
        )
        for each in rows.exclude(amount_cents=0).select_related("connection").order_by("pk")
    ]


def waiting_payout_lines(*, company: Company, since: date) -> Sequence[PossibleLine]:
    """Bank lines nobody took for a receipt, of the amounts payouts are looked for by. One query."""
    wanted = Payout.objects.filter(company=company, transaction=None).values("amount_cents")
    states = [Transaction.State.NEW, Transaction.State.PROPOSED, Transaction.State.SET_ASIDE]
    rows = Transaction.objects.filter(
        company=company, booked_date__gte=since, amount_cents__in=wanted, state__in=states, payouts=None
    )
    rows = rows.exclude(extra__has_key=TAKEN_BACK).order_by("booked_date", "pk")
    return [
        PossibleLine(
            line.pk,
            line.amount_cents,
            line.currency,
            line.booked_date,
            " ".join((line.counterparty_name, line.remittance, line.bank_reference, line.end_to_end_id)).upper(),
        )
        for line in rows
    ]  # fmt: skip


def _row(found: Payout) -> PayoutRow:
    return PayoutRow(
        id=found.pk,
        external_id=found.external_id,
        connection_name=found.connection.name,
        state=found.state,
        arrival_date=found.arrival_date,
        currency=found.currency,
        amount_cents=found.amount_cents,
        gross_cents=found.gross_cents,
        fee_cents=found.fee_cents,
        refunded_cents=found.refunded_cents,
        contested_cents=found.contested_cents,
        other_cents=found.other_cents,
        line_id=found.transaction_id,
    )
