"""Orders and deliveries through the front door, and the documents that find their orders."""

from datetime import date
from pathlib import Path

import pytest

from encours.actions.import_file import receive_file, run_import
from encours.actions.link_document import link_document, unlink_document
from encours.queries.orders import order_rows
from encours.queries.unbilled import unbilled_sums, unbilled_told
from encours.store.models import Delivery, JournalEntry, Order, OrderDocument
from tests import cast

APRIL = date(2026, 4, 1)
ORDERS = """\
N° commande;Date commande;Code client;Client;Montant HT;Montant TTC;Acompte;Réf commande client
CMD-2026-001;05/01/2026;C1;Dubois SARL;10000,00;12000,00;30 %;PO-77
CMD-2026-002;10/01/2026;C1;Dubois SARL;1000,00;1200,00;;
"""
DELIVERIES = """\
N° BL;N° commande;Date livraison;Désignation;Montant HT
BL1;CMD-2026-001;10/02/2026;Lot 1;4000,00
BL2;CMD-2026-001;20/02/2026;Lot 2;6000,00
"""
INVOICES = """\
N° facture;Type;Date facture;Code client;Client;Montant TTC;Bon de commande
FA-1;acompte;06/01/2026;C1;Dubois SARL;3600,00;PO-77
FA-2;facture;25/02/2026;C1;Dubois SARL;8400,00;po 77
"""


@pytest.fixture
def bring(company, tmp_path: Path):
    def bring_in(text: str, *, name: str = "fichier.csv", kind: str = ""):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        batch = receive_file(company=company, source=path, actor="test")
        return run_import(company=company, batch_id=batch.pk, kind=kind)

    return bring_in


def test_the_kinds_are_recognised_and_taken(company, bring):
    orders, deliveries = bring(ORDERS), bring(DELIVERIES)
    assert [(each.kind, each.created, each.refused) for each in (orders, deliveries)] == [
        ("orders", 2, 0),
        ("deliveries", 2, 0),
    ]
    first = Order.objects.get(number="CMD-2026-001")
    assert (first.payable_cents, first.deposit_basis_points, first.purchase_order) == (
        1_200_000,
        3_000,
        "PO-77",
    )
    # without VAT in the file: as much more as the order's own total
    assert list(Delivery.objects.order_by("pk").values_list("amount_cents", flat=True)) == [480_000, 720_000]


def test_the_same_file_again_changes_nothing(company, bring):
    bring(ORDERS), bring(DELIVERIES)
    before = list(Order.objects.order_by("pk").values())
    again = bring(ORDERS), bring(DELIVERIES)
    assert [(each.created, each.updated, each.unchanged) for each in again] == [(0, 0, 2), (0, 0, 2)]
    assert list(Order.objects.order_by("pk").values()) == before


def test_a_corrected_row_corrects_and_what_is_left_empty_stays(company, bring):
    bring(ORDERS), bring(DELIVERIES)
    orders = bring(ORDERS.replace("1000,00;1200,00", "1500,00;1800,00").replace("PO-77", ""))
    deliveries = bring(DELIVERIES.replace("6000,00", "5000,00"))
    assert (orders.updated, orders.unchanged, deliveries.updated) == (1, 1, 1)
    assert Order.objects.get(number="CMD-2026-002").payable_cents == 180_000
    assert Order.objects.get(number="CMD-2026-001").purchase_order == "PO-77"
    assert Delivery.objects.get(reference="BL2").amount_cents == 600_000


@pytest.mark.parametrize(
    ("text", "field", "code"),
    [
        ("X;demain;C1;Dubois;1,00;1,20;;", "ordered_date", "orders.no_date"),
        ("X;05/01/2026;;;1,00;1,20;;", "customer", "orders.no_customer"),
        ("X;05/01/2026;C1;Dubois;1,00;;;", "total", "orders.no_total"),
        ("X;05/01/2026;C1;Dubois;1,00;-1,20;;", "total", "orders.not_positive"),
        ("X;05/01/2026;C1;Dubois;1,00;1,20;5,00;", "deposit", "orders.deposit_too_large"),
        ("CMD-2026-001;05/01/2026;C1;Dubois;1,00;1,20;;", "order_number", "orders.repeated"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_the_others_taken(company, bring, text, field, code):
    outcome = bring(ORDERS + text + "\n")
    assert outcome.created == 2
    assert [(each.line, each.field, each.code) for each in outcome.problems] == [(4, field, code)]
    assert outcome.problems[0].raw


def test_a_delivery_of_an_unknown_order_waits_in_quarantine(company, bring):
    bring(ORDERS)
    outcome = bring(DELIVERIES + "BL3;CMD-9;20/02/2026;?;1,00\n")
    assert (outcome.created, outcome.refused) == (2, 1)
    assert outcome.problems[0].code == "delivery.unknown_order"


def test_deliveries_without_numbers_are_known_again(company, bring):
    bring(ORDERS)
    text = "\n".join(line.partition(";")[2] for line in DELIVERIES.splitlines()) + "\n"
    assert bring(text).created == 2
    assert bring(text).unchanged == 2
    assert bring(text.replace("4000,00", "4100,00")).updated == 1


@pytest.mark.parametrize("first", ["orders", "invoices"])
def test_documents_find_their_order_whichever_comes_first(company, bring, first):
    for text in (ORDERS, INVOICES) if first == "orders" else (INVOICES, ORDERS):
        bring(text)
    links = OrderDocument.objects.filter(state="linked", order__number="CMD-2026-001")
    assert set(links.values_list("document__number", flat=True)) == {"FA-1", "FA-2"}
    (row,) = order_rows(company=company, order_ids=[links[0].order.pk], on=APRIL)
    assert (row.invoiced_cents, row.deducted_cents, row.is_final) == (1_200_000, 360_000, True)


def test_without_a_reference_the_amount_only_proposes(company, bring):
    bring(ORDERS)
    bring(INVOICES.replace("PO-77", "").replace("po 77", ""))
    (link,) = OrderDocument.objects.all()
    assert (link.state, link.document.number, link.reason["code"]) == (
        "proposed",
        "FA-1",
        "link.deposit_amount",
    )
    link_document(company=company, order_id=link.order.pk, document_id=link.document.pk, actor="user:1")
    # with the deposit the rest of the order is the amount of the other one
    assert OrderDocument.objects.get(document__number="FA-2").state == "proposed"
    assert JournalEntry.objects.filter(action="order.document_linked").exists()


def test_what_a_person_refused_is_not_found_again(company, bring):
    bring(ORDERS), bring(INVOICES)
    link = OrderDocument.objects.get(document__number="FA-2")
    unlink_document(company=company, order_id=link.order.pk, document_id=link.document.pk, actor="user:1")
    bring(ORDERS.replace("12000,00", "12000,01"))
    link.refresh_from_db()
    assert link.state == "rejected"
    assert OrderDocument.objects.filter(document=link.document, state="linked").count() == 0


def test_a_reference_of_two_orders_is_for_a_person(company, bring):
    bring(ORDERS.replace("1200,00;;", "1200,00;;PO-77"))
    bring(INVOICES)
    assert set(OrderDocument.objects.values_list("state", flat=True)) == {"proposed"}
    assert OrderDocument.objects.count() == 4


def test_a_credit_note_follows_what_it_corrects(company, bring):
    bring(ORDERS), bring(INVOICES)
    bring(
        "N° facture;Type;Date facture;Code client;Montant TTC;Facture d'origine\nAV-1;avoir;01/03/2026;C1;100,00;FA-2\n"
    )
    link = OrderDocument.objects.get(document__number="AV-1")
    assert (link.state, link.reason["code"]) == ("linked", "link.follows")


def test_what_is_delivered_and_not_invoiced_is_told_by_day(company, bring):
    bring(ORDERS), bring(DELIVERIES), bring(INVOICES)
    assert unbilled_told(company=company, on=APRIL) == []
    (told,) = unbilled_told(company=company, on=date(2026, 2, 22))
    assert (told["order"], told["customer"], told["delivered_cents"]) == (
        "CMD-2026-001",
        "Dubois SARL",
        1_200_000,
    )
    # the deposit was asked, the final invoice not yet
    assert (told["invoiced_cents"], told["unbilled_cents"]) == (360_000, 840_000)
    assert (told["oldest_delivery"], told["days"], told["forgotten"]) == ("2026-02-10", 12, False)


def test_another_company_has_orders_of_its_own(company, other_company, bring):
    from encours.store.tenancy import company_scope

    bring(ORDERS), bring(DELIVERIES)
    with company_scope(other_company.pk):
        assert not Order.objects.exists()
        assert unbilled_sums(company=other_company, on=APRIL) == []


def test_amounts_in_other_currencies_never_mix(company):
    dubois = cast.good_payer(company)
    for currency in ("EUR", "USD"):
        order = cast.order(
            company,
            dubois,
            f"C-{currency}",
            payable_cents=50_000,
            ordered_date=date(2026, 1, 5),
            currency=currency,
        )
        cast.delivery(company, order, "1", amount_cents=50_000, delivered_date=date(2026, 2, 1))
    sums = unbilled_sums(company=company, on=APRIL)
    assert [(each.currency, each.unbilled_cents, each.forgotten_count) for each in sums] == [
        ("EUR", 50_000, 1),
        ("USD", 50_000, 1),
    ]
