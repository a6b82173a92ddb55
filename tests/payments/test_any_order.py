"""Whatever order a service's words arrive in, and however often: the ledger is what the last of them says."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.payments.scripted import DECLINED
from encours.actions.apply_told_charge import apply_told_charge
from encours.core.payments.charges import Position, Settled, follow_money, is_news, position
from encours.core.payments.failures import LATER
from encours.ports.gateways import ToldCharge, ToldChargeback, ToldFailure, ToldRefund
from encours.store.models import Charge, Movement, Payment
from tests.payments.conftest import NOW, begin, charge_of, invoices, open_of

TOTAL = 200_00
MONEY = st.sampled_from([0, 1, 30_00, 120_00, TOTAL, TOTAL + 15_00])


@st.composite
def words(draw) -> list[dict]:
    """What a service might say of a payment of 200.00, in the order it happened."""
    told = []
    for rank in range(draw(st.integers(1, 5))):
        state = draw(
            st.sampled_from(["open", "pending", "succeeded", "succeeded", "failed", "canceled", "returned"])
        )
        received = draw(MONEY) if state in ("succeeded", "returned") else 0
        refunds = draw(st.lists(st.integers(1, 70_00), max_size=2)) if received else []
        contested = draw(st.sampled_from([0, 0, 40_00, received])) if received else 0
        told.append(
            {"state": state, "received": received, "refunds": refunds, "contested": contested, "rank": rank}
        )
    return told


def word(charge: Charge, said: dict) -> ToldCharge:
    at = NOW + timedelta(minutes=1 + said["rank"])
    contests = (
        (ToldChargeback("dp_1", said["contested"], "open", True, "fraudulent", at),)
        if said["contested"]
        else ()
    )
    return ToldCharge(
        external_id=charge.external_id, reference=charge.reference, state=said["state"], currency="EUR",
        amount_cents=TOTAL, received_cents=said["received"], told_at=at, method="card",
        failure=ToldFailure(LATER, "x", DECLINED()) if said["state"] == "failed" else None,
        refunds=tuple(ToldRefund(f"re_{n}", cents, "succeeded") for n, cents in enumerate(said["refunds"])),
        chargebacks=contests,
    )  # fmt: skip


def ledger_after(company, charge_id, documents, said: list[dict]) -> tuple:
    """Balances after these words, in this order; nothing of it stays."""
    with transaction.atomic():
        for each in said:
            charge = Charge.objects.get(pk=charge_id)
            apply_told_charge(
                company=company,
                charge_id=charge_id,
                told=word(charge, each),
                now=NOW + timedelta(hours=1),
                actor="test",
            )
        payment = Payment.objects.first()
        for document, open_cents in zip(documents, open_of(*documents), strict=True):
            moved = Movement.objects.filter(document=document).aggregate(cents=Sum("amount_cents"))["cents"]
            assert moved == open_cents
        left = payment.unallocated_cents if payment else 0
        balance = Movement.objects.aggregate(cents=Sum("amount_cents"))["cents"]
        found = (*open_of(*documents), left, balance, Payment.objects.count() <= 1)
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_last_word_is_the_ledger(company, connection, dubois, data) -> None:
    told = data.draw(words())
    with transaction.atomic():
        documents = invoices(company, dubois, 120_00, 80_00)
        charge = charge_of(begin(company, dubois, documents))
        arrived = data.draw(st.lists(st.sampled_from(told), max_size=6))
        arrived.insert(data.draw(st.integers(0, len(arrived))), told[-1])
        alone = ledger_after(company, charge.pk, documents, [told[-1]])
        assert ledger_after(company, charge.pk, documents, arrived) == alone
        transaction.set_rollback(True)


@given(
    state=st.sampled_from(["open", "pending", "succeeded", "failed", "returned"]),
    came=st.integers(0, 500), refunded=st.integers(0, 600), withdrawn=st.integers(0, 600),
    booked=st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500)),
)  # fmt: skip
def test_no_more_goes_back_than_came(state, came, refunded, withdrawn, booked) -> None:
    found = position(
        state=state, received_cents=came, refunded_cents=refunded, withdrawn_cents=withdrawn, booked=Position(*booked)
    )  # fmt: skip
    assert found.kept_cents >= 0
    assert found.received_cents >= found.refunded_cents + found.taken_back_cents
    again = position(
        state=state, received_cents=came, refunded_cents=refunded, withdrawn_cents=withdrawn, booked=found
    )  # fmt: skip
    assert again == found


@given(
    wanted=st.lists(st.integers(1, 100), min_size=1, max_size=4),
    steps=st.lists(st.integers(0, 450), min_size=1, max_size=5),
)
def test_what_is_settled_depends_on_what_is_there(wanted, steps) -> None:
    def settle(amounts: list[int]) -> tuple[dict[int, int], int]:
        is_open = dict(enumerate(wanted))
        settled: list[Settled] = []
        there, left = 0, 0
        for rank, amount in enumerate(amounts):
            change = follow_money(
                delta_cents=amount - there, left_cents=left, settled=settled,
                wanted=list(enumerate(wanted)), open_cents=is_open,
            )  # fmt: skip
            settled = [each for each in settled if each.allocation_id not in change.undone]
            settled += [
                Settled(10 * rank + n, document, cents) for n, (document, cents) in enumerate(change.settled)
            ]
            there, left = amount, change.left_cents
            assert left + sum(each.amount_cents for each in settled) == there
        totals: dict[int, int] = {}
        for each in settled:
            totals[each.document_id] = totals.get(each.document_id, 0) + each.amount_cents
        return totals, left

    assert settle(steps) == settle(steps[-1:])


def test_of_one_moment_the_further_word_counts() -> None:
    def told(state: str, minutes: int) -> bool:
        at = NOW + timedelta(minutes=minutes)
        return is_news(state=state, told_at=at, known_state="succeeded", known_received_cents=1, known_at=NOW)

    assert not told("pending", 0)
    assert not told("returned", -1)
    assert told("returned", 0)
    assert told("pending", 1)
