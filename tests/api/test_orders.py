"""Orders and deliveries told by another program."""

from encours.store.models import Customer, Delivery, JournalEntry, Order
from tests import cast
from tests.api.conftest import JAN, Program, token_of

ORDER = {
    "number": "CMD-1",
    "customer_code": "C0001",
    "ordered_date": "2026-01-05",
    "payable_cents": 1_200_000,
    "net_cents": 1_000_000,
    "deposit_percent": 30,
    "purchase_order": "PO-77",
}
DELIVERY = {"order": "CMD-1", "reference": "BL-1", "delivered_date": "2026-02-10", "net_cents": 500_000}


def test_an_order_is_told_corrected_and_told_again(company, program):
    cast.good_payer(company)
    first = program.post("orders", ORDER)
    assert first.status_code == 201
    told = first.json()
    assert (told["payable_cents"], told["expected_deposit_cents"], told["customer"]) == (
        1_200_000,
        360_000,
        "Boulangerie Dubois SARL",
    )
    again = program.post("orders", ORDER | {"payable_cents": 1_320_000})
    assert (again.status_code, again.json()["id"], again.json()["payable_cents"]) == (
        200,
        told["id"],
        1_320_000,
    )
    assert Order.objects.count() == 1
    assert program.get(f"orders/{told['id']}").json() == again.json()
    assert program.get("orders", number="CMD-1").json()["orders"] == [again.json()]


def test_a_delivery_answers_with_its_order(company, program):
    cast.good_payer(company)
    program.post("orders", ORDER)
    told = program.post("deliveries", DELIVERY)
    assert (told.status_code, told.json()["delivered_cents"]) == (201, 600_000)
    assert program.post("deliveries", DELIVERY).status_code == 200
    assert Delivery.objects.count() == 1
    (unbilled,) = program.get("unbilled", on="2026-04-01").json()["orders"]
    assert (unbilled["order"], unbilled["unbilled_cents"], unbilled["forgotten"]) == ("CMD-1", 600_000, True)


def test_an_unknown_customer_is_added_and_a_document_finds_the_order(company, program):
    program.post("orders", ORDER | {"customer_code": "C9", "customer_name": "Nouveau SAS"})
    customer = Customer.objects.get(code="C9")
    cast.invoice(
        company,
        customer,
        "AC-1",
        payable_cents=360_000,
        issue_date=JAN,
        type="deposit",
        purchase_order="PO 77",
    )
    told = program.post("deliveries", DELIVERY).json()
    assert told["deposit_asked_cents"] == 360_000
    assert JournalEntry.objects.filter(action="orders.linked").exists()


def test_what_cannot_be_is_refused_with_its_reason(company, program):
    cast.good_payer(company)
    for body, code in (
        (
            {key: value for key, value in ORDER.items() if key != "customer_code"},
            "api.order_without_customer",
        ),
        (ORDER | {"deposit_cents": 1}, "api.order_bad_deposit"),
    ):
        answer = program.post("orders", body)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    answer = program.post("deliveries", DELIVERY | {"order": "CMD-9"})
    assert (answer.status_code, answer.json()["code"]) == (409, "delivery.unknown_order")
    assert not Order.objects.exists()


def test_another_company_sees_none_of_it(company, program, stranger):
    cast.good_payer(company)
    order_id = program.post("orders", ORDER).json()["id"]
    customer_id = Customer.objects.get().pk
    assert stranger.get(f"orders/{order_id}").status_code == 404
    assert stranger.get("orders").json()["orders"] == []
    assert stranger.post("deliveries", DELIVERY).status_code == 409
    body = {key: value for key, value in ORDER.items() if key != "customer_code"} | {
        "customer_id": customer_id
    }
    assert stranger.post("orders", body).status_code == 404


def test_reading_is_not_writing(company):
    reader = Program(token_of(company, "orders:read"))
    assert reader.get("orders").status_code == 200
    assert reader.post("orders", ORDER).status_code == 403
