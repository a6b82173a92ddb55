"""What an order comes to: an order of 12,000 € with a deposit of 3,600 €, in every way its invoices may be written."""

from datetime import date

import polars as pl
import pytest

from encours.core.orders import chains as rules
from encours.core.orders.chains import chains
from encours.core.orders.flags import FLAGS, with_flags

ORDERED, DEPOSIT = 1_200_000, 360_000
JAN, FEB, APRIL = date(2026, 1, 5), date(2026, 2, 10), date(2026, 4, 1)


def order(**details) -> pl.DataFrame:
    row = {
        "order_id": 1, "customer_id": 1, "kind": "order", "state": "open", "currency": "EUR", "ordered_date": JAN,
        "payable_cents": ORDERED, "deposit_cents": None, "deposit_basis_points": 3_000,
        "proposed_count": 0,
    }  # fmt: skip
    return pl.DataFrame([row | details], schema=rules.ORDERS)


def documents(*rows: dict) -> pl.DataFrame:
    told = []
    for rank, row in enumerate(rows, start=1):
        whole = {
            "order_id": 1, "document_id": rank, "type": "invoice", "search_number": f"F{rank}", "search_corrects": "",
            "issue_date": FEB, "received_cents": 0, "settled_cents": 0, "told_cents": None, "decided_cents": None,
        } | row  # fmt: skip
        told.append({"open_cents": whole["payable_cents"]} | whole)
    return pl.DataFrame(told, schema=rules.DOCUMENTS)


def deliveries(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame([(1, *row) for row in rows], schema=rules.DELIVERIES, orient="row")


def chain(of_documents=(), of_deliveries=(), *, on=APRIL, after=30, **details) -> dict:
    found = chains(
        orders=order(**details),
        documents=documents(*of_documents),
        deliveries=deliveries(*of_deliveries),
        on=on,
    )
    row = with_flags(chains=found, forgotten_after_days=after).row(0, named=True)
    return row | {"flags": {code for code in FLAGS if row[f"flag_{code}"] is not None}}


PAID_DEPOSIT = {"type": "deposit", "payable_cents": DEPOSIT, "open_cents": 0, "received_cents": DEPOSIT}
ALL_DELIVERED = (FEB, ORDERED, None)


def test_a_final_invoice_that_takes_the_deposit_off_leaves_nothing_to_ask():
    found = chain([PAID_DEPOSIT, {"payable_cents": ORDERED - DEPOSIT}], [ALL_DELIVERED])
    assert (found["invoiced_cents"], found["deducted_cents"], found["not_deducted_cents"]) == (
        ORDERED,
        DEPOSIT,
        0,
    )
    assert (found["to_invoice_cents"], found["unbilled_cents"]) == (0, 0)
    assert found["to_pay_cents"] == ORDERED - DEPOSIT
    assert found["flags"] == set()


def test_a_final_invoice_of_the_whole_amount_asks_the_deposit_twice():
    found = chain([PAID_DEPOSIT, {"payable_cents": ORDERED}], [ALL_DELIVERED])
    assert (found["not_deducted_cents"], found["deducted_cents"], found["twice_cents"]) == (
        DEPOSIT,
        0,
        DEPOSIT,
    )
    assert found["to_pay_cents"] == ORDERED - DEPOSIT
    assert found["flags"] == {"deposit_not_deducted"}
    assert found["flag_deposit_not_deducted"] == DEPOSIT


@pytest.mark.parametrize(
    "final",
    [
        # BT-113, or a line that takes it off: what is payable is the rest, and the document says so
        {"payable_cents": ORDERED - DEPOSIT, "told_cents": DEPOSIT},
        # a file tells the whole total and the deposit as paid already
        {
            "payable_cents": ORDERED,
            "settled_cents": DEPOSIT,
            "open_cents": ORDERED - DEPOSIT,
            "received_cents": DEPOSIT,
        },
    ],
)
def test_however_the_deduction_is_written_it_counts_once(final):
    found = chain([PAID_DEPOSIT, final], [ALL_DELIVERED])
    assert (found["invoiced_cents"], found["deducted_cents"]) == (ORDERED, DEPOSIT)
    assert found["flags"] == set()


def test_a_deposit_that_was_credited_is_no_deposit_any_more():
    credit = {
        "type": "credit_note",
        "payable_cents": DEPOSIT,
        "search_corrects": "F1",
        "open_cents": -DEPOSIT,
    }
    found = chain([PAID_DEPOSIT, credit, {"payable_cents": ORDERED}], [ALL_DELIVERED])
    assert (found["deposit_asked_cents"], found["invoiced_cents"], found["not_deducted_cents"]) == (
        0,
        ORDERED,
        0,
    )
    assert found["to_pay_cents"] == ORDERED - DEPOSIT  # the credit note is still to be used
    assert "deposit_not_deducted" not in found["flags"]


def test_progress_invoices_leave_the_deposit_for_the_last_one():
    found = chain(
        [PAID_DEPOSIT, {"payable_cents": 400_000}, {"payable_cents": 300_000}], [(FEB, 700_000, None)]
    )
    assert (found["is_final"], found["deducted_cents"], found["not_deducted_cents"]) == (False, 0, 0)
    assert found["to_invoice_cents"] == ORDERED - DEPOSIT - 700_000
    assert found["flags"] == set()


def test_what_a_person_says_is_deducted_counts_before_the_amounts():
    # the order grew: the last invoice is larger than what was left, and does deduct the deposit
    final = {"payable_cents": ORDERED, "decided_cents": DEPOSIT}
    found = chain([PAID_DEPOSIT, final], [ALL_DELIVERED])
    assert (found["not_deducted_cents"], found["deducted_cents"]) == (0, DEPOSIT)
    assert found["flags"] == {"beyond_order"}


def test_a_deposit_covers_what_was_delivered_first():
    found = chain([PAID_DEPOSIT], [ALL_DELIVERED])
    assert found["unbilled_cents"] == ORDERED - DEPOSIT
    assert (found["oldest_delivery"], found["unbilled_days"]) == (FEB, 50)
    assert found["forgotten"]


@pytest.mark.parametrize(("after", "is_forgotten"), [(49, True), (50, False)])
def test_an_invoice_is_forgotten_after_the_days_of_the_company(after, is_forgotten):
    assert chain([], [ALL_DELIVERED], after=after)["forgotten"] is is_forgotten


def test_the_oldest_delivery_is_the_first_that_nothing_covers():
    late = date(2026, 3, 20)
    found = chain(
        [{"payable_cents": 500_000}], [(FEB, 500_000, None), (late, 200_000, None)], deposit_basis_points=None
    )
    assert (found["unbilled_cents"], found["oldest_delivery"], found["unbilled_days"]) == (200_000, late, 12)


def test_a_delivery_on_an_invoice_of_several_orders_is_invoiced():
    found = chain([], [(FEB, 500_000, 77), (FEB, 100_000, None)], deposit_basis_points=None)
    assert (found["delivered_cents"], found["invoiced_cents"], found["unbilled_cents"]) == (
        600_000,
        500_000,
        100_000,
    )


def test_what_came_back_is_not_to_be_invoiced():
    found = chain([], [(FEB, 500_000, None), (FEB, -500_000, None)], deposit_basis_points=None)
    assert (found["unbilled_cents"], found["forgotten"]) == (0, False)


def test_a_deposit_nobody_paid_while_delivery_began():
    asked = {"type": "deposit", "payable_cents": DEPOSIT}
    assert chain([asked], [(date(2026, 3, 30), 100_000, None)])["flags"] == {"deposit_unpaid"}
    assert chain([asked])["flags"] == set()


def test_a_deposit_agreed_on_and_never_asked_while_delivery_began():
    assert "deposit_not_asked" in chain([], [(date(2026, 3, 30), 100_000, None)])["flags"]


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_a_paid_deposit_no_invoice_takes_up(state):
    found = chain([PAID_DEPOSIT], [], state=state)
    assert found["flags"] == {"deposit_never_deducted"}
    assert found["flag_deposit_never_deducted"] == DEPOSIT
    assert (found["to_invoice_cents"], found["unbilled_cents"]) == (0, 0)


def test_orders_do_not_meet():
    two = pl.concat([order(), order(order_id=2, payable_cents=600_000)])
    found = chains(
        orders=two, documents=documents(PAID_DEPOSIT), deliveries=deliveries((FEB, 100_000, None)), on=APRIL
    )
    assert found["invoiced_cents"].to_list() == [DEPOSIT, 0]
    assert found["delivered_cents"].to_list() == [100_000, 0]
