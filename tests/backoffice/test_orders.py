"""Orders: the list, a chain where a person decides, what is not invoiced; payment terms on their pages."""

import pytest
from django.test import Client

from encours.store.models import Document, JournalEntry, OrderDocument, TermsRevision
from tests.backoffice.conftest import House, SignIn


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "accountant")


def link_states(house: House) -> dict[str, str]:
    return dict(OrderDocument.objects.filter(order=house.order).values_list("document__number", "state"))


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("q=cmd 2026-1", 1), ("q=lefèvre", 1), ("q=dubois", 0), ("flag=forgotten_invoice", 1), ("flag=unbilled", 1),
     ("flag=deposit_not_deducted", 0), ("state=closed", 0), ("kind=quote", 0), ("kind=nonsense", 1)],
)  # fmt: skip
def test_the_list_is_filtered(client: Client, query: str, count: int):
    assert len(client.get(f"/commandes/?{query}").context["page"].rows) == count


def test_a_proposal_is_accepted_and_taken_back(client: Client, house: House):
    url = f"/commandes/{house.order.pk}/"
    assert link_states(house) == {"FA-2026-0003": "linked", "FA-2026-0001": "proposed"}
    client.post(f"{url}rattacher/", {"document": house.invoice.pk})
    assert link_states(house)["FA-2026-0001"] == "linked"
    client.post(f"{url}detacher/", {"document": house.invoice.pk})
    assert link_states(house)["FA-2026-0001"] == "rejected"
    told = JournalEntry.objects.filter(subject_type="order").values_list("action", flat=True)
    assert {"order.document_linked", "order.document_unlinked"} <= set(told)


def test_a_document_of_another_customer_is_refused_in_words(client: Client, house: House):
    other = Document.objects.exclude(customer=house.customer).first()
    assert other is not None
    response = client.post(f"/commandes/{house.order.pk}/rattacher/", {"document": other.pk}, follow=True)
    assert "pas du même client" in response.text


def test_a_closed_order_waits_for_no_invoice(client: Client, house: House):
    assert len(client.get("/commandes/non-facture/").context["page"].rows) == 1
    client.post(f"/commandes/{house.order.pk}/etat/", {"state": "closed", "reason": "Soldée par avenant"})
    assert client.get("/commandes/non-facture/").context["page"].rows == []


def test_what_is_not_invoiced_leaves_as_a_table(client: Client):
    text = b"".join(client.get("/commandes/non-facture/export.csv")).decode()  # type: ignore[arg-type]
    header, row = text.strip().splitlines()
    assert header.split(";")[0].endswith("Commande")
    assert row.startswith("CMD-2026-0001;")
    assert "3160,00" in row


def test_terms_are_revised_with_a_reason_and_tried_before(client: Client, house: House):
    url = f"/clients/{house.customer.pk}/conditions/"
    assert client.get(url, {"to": "60 jours"}).context["impacts"][0].invoice_count > 0
    assert client.get(url, {"to": "quand on peut"}).context["impacts"] is None
    given = {"terms": "90 jours", "from_date": "2026-01-01", "reason": ""}
    assert client.post(url, given).status_code == 200
    assert not TermsRevision.objects.exists()
    response = client.post(url, given | {"reason": "Client stratégique"}, follow=True)
    assert "L441-10" in response.text
    assert [row.name for row in client.get("/clients/conditions/").context["beyond"]] == [house.customer.name]


def test_the_caps_are_the_accountant_s(client: Client, house: House, sign_in: SignIn):
    given = {
        "net_days": 60, "end_of_month_days": 45, "periodic_days": 45, "public_days": 30, "forgotten_after_days": 10,
        "sectors": "Transport; 30; L441-11 II 5°",
    }  # fmt: skip
    assert client.post("/clients/conditions/plafonds/", given).status_code == 302
    house.company.refresh_from_db()
    assert house.company.forgotten_after_days == 10
    assert house.company.terms_caps["sectors"][0]["sector"] == "Transport"
    assert (
        client.post("/clients/conditions/plafonds/", given | {"sectors": "Transport; vite"}).status_code
        == 200
    )
    assert sign_in(house.company, "collector").get("/clients/conditions/plafonds/").status_code == 403
