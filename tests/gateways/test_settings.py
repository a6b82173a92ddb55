"""Réglages → Paiement en ligne: a service is connected, checked, paused and revoked; what customers are offered is set."""

from datetime import UTC, date, datetime

import html5lib
import pytest
from django.test import Client
from django.urls import reverse

from encours.actions.change_connection import pause_connection, resume_connection, revoke_connection
from encours.actions.connect_gateway import check_gateway, connect_gateway
from encours.actions.new_connection import UnableToConnect
from encours.actions.update_payment_options import (
    PaymentChoice,
    UnableToUpdateOptions,
    update_payment_options,
)
from encours.ports.connections import ConnectionKind
from encours.providers.gateways.stripe import calls
from encours.queries.gateway_connections import gateway_connection, gateway_connections
from encours.queries.payment_options import offered_methods
from encours.queries.payment_settings import RealCost, payment_settings
from encours.store.models import Charge, Company, GatewayConnection, JournalEntry, PaymentOption
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.backoffice.page import assert_sound
from tests.gateways.conftest import Connect
from tests.gateways.fake_stripe import HOOK_SECRET, SECRET_KEY, FakeStripe

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
KIND = ConnectionKind.GATEWAY


@pytest.fixture
def admin(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


def option(method: str) -> PaymentOption:
    return PaymentOption.objects.get(method=method)


def methods_offered(company: Company, cents: int = 10_000, **about: str) -> list[str]:
    customer = cast.customer(company, f"R{cents}", "Robert & Fils", **about)
    found = offered_methods(company=company, customer_id=customer.pk, currency="EUR", amount_cents=cents)
    return sorted(each.method for each in found)


# the actions


def test_a_new_service_offers_nothing_by_itself(company: Company, connect: Connect, fake: FakeStripe):
    connection = connect()
    assert {row.method: row.is_offered for row in PaymentOption.objects.all()} == {
        "card": False,
        "sepa_debit": False,
    }
    assert methods_offered(company) == ["transfer"]
    assert fake.asked == []
    assert SECRET_KEY not in connection.sealed + str(connection.settings)
    entry = JournalEntry.objects.get(action="gateway_connection.added")
    assert SECRET_KEY not in str(entry.data)


def test_one_service_of_a_kind_at_a_time(company: Company, connect: Connect):
    first = connect()
    with pytest.raises(UnableToConnect):
        connect()
    pause_connection(kind=KIND, company=company, connection_id=first.pk, actor="test")
    with pytest.raises(UnableToConnect):  # which of the two takes a payment must never be a question
        connect()
    revoke_connection(kind=KIND, company=company, connection_id=first.pk, actor="test")
    second = connect()
    assert option("card").connection_id == second.pk
    assert not option("card").is_offered  # a new account is looked at before it is paid into


def test_a_wrong_key_is_refused_before_it_is_kept(company: Company):
    with pytest.raises(UnableToConnect):
        connect_gateway(
            company=company, provider="stripe", name="S", given={"secret_key": "pk_test_lumen"}, actor="test"
        )
    assert not GatewayConnection.objects.exists()


def test_whose_account_it_is_is_asked_and_kept(company: Company, connect: Connect, fake: FakeStripe):
    connection = connect()
    fake.account["capabilities"] = {"card_payments": "active"}
    assert check_gateway(company=company, connection_id=connection.pk, now=NOW) is None
    row = gateway_connection(company=company, connection_id=connection.pk)
    assert row is not None
    assert (row.merchant_name, row.is_test, row.unready, row.checked_at) == (
        "Lumen SAS",
        True,
        ("sepa_debit",),
        NOW,
    )
    assert [each.code for each in row.lacking] == ["stripe.no_method"]
    assert row.needs_person


def test_a_service_that_does_not_answer_says_why(company: Company, connect: Connect, fake: FakeStripe):
    connection = connect()
    fake.troubles = [500, 500]
    problem = check_gateway(company=company, connection_id=connection.pk, now=NOW)
    assert problem is not None
    (row,) = gateway_connections(company=company)
    assert row.problem == problem
    assert check_gateway(company=company, connection_id=connection.pk, now=NOW) is None
    assert gateway_connections(company=company)[0].problem is None


def test_keys_of_another_account_are_told(company: Company, connect: Connect, fake: FakeStripe):
    connection = connect()
    check_gateway(company=company, connection_id=connection.pk, now=NOW)
    fake.account["settings"]["dashboard"]["display_name"] = "Somebody else"
    problem = check_gateway(company=company, connection_id=connection.pk, now=NOW)
    assert problem is not None
    assert problem.code == "connect_gateway.other_account"
    row = gateway_connections(company=company)[0]
    assert (row.merchant_name, row.problem) == ("Lumen SAS", problem)


def test_what_is_offered_has_limits(company: Company, connect: Connect):
    card = PaymentChoice(
        "card", True, connect().pk, min_cents=1_000, max_cents=50_000, countries=("FR", "BE")
    )
    update_payment_options(company=company, choices=[card], actor="test")
    assert methods_offered(company, 1_000) == ["card", "transfer"]
    assert methods_offered(company, 999) == ["transfer"]
    assert methods_offered(company, 50_001) == ["transfer"]
    assert methods_offered(company, 1_001, country="DE") == ["transfer"]
    entry = JournalEntry.objects.get(action="payment_options.changed")
    assert entry.data["options"][0]["max_cents"] == 50_000
    update_payment_options(company=company, choices=[card], actor="test")  # nothing new, nothing told
    assert JournalEntry.objects.filter(action="payment_options.changed").count() == 1


def test_a_paused_service_is_offered_to_nobody(company: Company, connect: Connect):
    connection = connect()
    update_payment_options(
        company=company, choices=[PaymentChoice("card", True, connection.pk)], actor="test"
    )
    assert methods_offered(company) == ["card", "transfer"]
    pause_connection(kind=KIND, company=company, connection_id=connection.pk, actor="test")
    assert methods_offered(company, 10_001) == ["transfer"]
    assert next(
        each for each in payment_settings(company=company, on=NOW.date()) if each.method == "card"
    ).is_paused
    resume_connection(kind=KIND, company=company, connection_id=connection.pk, actor="test")
    assert methods_offered(company, 10_002) == ["card", "transfer"]


def test_what_cannot_be_offered_is_refused_whole(company: Company, other_company: Company, connect: Connect):
    mine, no_service = connect(), None
    wrong = [
        (PaymentChoice("card", True, no_service), "payment_options.no_service"),
        (PaymentChoice("card", True, mine.pk + 10_000), "payment_options.no_service"),
        (PaymentChoice("instant_transfer", True, mine.pk), "payment_options.no_service"),
        (PaymentChoice("sepa_debit", True, mine.pk, max_cents=1_000_001), "payment_options.above_limit"),
        (PaymentChoice("sepa_debit", True, mine.pk, min_cents=1_000_001), "payment_options.above_limit"),
        (PaymentChoice("card", True, mine.pk, min_cents=2, max_cents=1), "payment_options.wrong_order"),
        (PaymentChoice("card", True, mine.pk, countries=("FRA",)), "payment_options.bad_country"),
        (PaymentChoice("card", True, mine.pk, countries=("É!",)), "payment_options.bad_country"),
    ]
    good = PaymentChoice("sepa_debit", True, mine.pk)
    for choice, code in wrong:
        with pytest.raises(UnableToUpdateOptions) as refused:
            update_payment_options(company=company, choices=[good, choice], actor="test")
        assert (refused.value.sentence.code, refused.value.method) == (code, choice.method)
    assert not option("sepa_debit").is_offered


def test_what_a_way_of_paying_really_cost(company: Company, connect: Connect):
    connection = connect()
    customer = cast.customer(company, "R1", "Robert & Fils")
    for number, (fee, day) in enumerate(((100, date(2026, 1, 5)), (150, date(2025, 6, 1)), (900, date(2024, 1, 1)), (None, date(2026, 2, 1)))):  # fmt: skip
        Charge.objects.create(
            company=company, customer=customer, connection=connection, origin="customer", method="card", state="succeeded",
            reference=f"R{number}", idempotency_key=f"k{number}", currency="EUR", amount_cents=10_000, fee_cents=fee,
            requested_date=day, asked_by="test",
        )  # fmt: skip
    costs = {each.method: each.real_cost for each in payment_settings(company=company, on=date(2026, 3, 2))}
    assert costs["card"] == RealCost(2, 20_000, 250)
    assert costs["card"].basis_points == 125
    assert costs["sepa_debit"] == RealCost()


# the pages


def test_from_nothing_to_cards_offered(admin: Client, company: Company, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch):  # fmt: skip
    made = calls.Calls.__init__
    monkeypatch.setattr(
        calls.Calls, "__init__", lambda self, **given: made(self, **(given | {"base_url": fake.url}))
    )
    empty = admin.get("/reglages/paiement/").content.decode()
    assert_sound(empty, language="fr")
    assert "Aucun service de paiement" in empty
    form = admin.get("/reglages/paiement/connecter/?kind=stripe").content.decode()
    assert_sound(form, language="fr")
    assert "base_url" not in form
    answer = admin.post("/reglages/paiement/connecter/?kind=stripe", {"name": "Notre Stripe", "secret_key": SECRET_KEY, "hook_secret": HOOK_SECRET})  # fmt: skip
    connection = GatewayConnection.objects.get()
    assert answer["Location"] == f"/reglages/paiement/{connection.pk}/"
    page = admin.get(answer["Location"]).content.decode()
    assert_sound(page, language="fr")
    for shown in ("Lumen SAS", "aucun argent réel", f"/notifications/paiements/{company.pk}/{connection.hook_key}/", "payment_intent.succeeded"):  # fmt: skip
        assert shown in page
    assert SECRET_KEY not in page
    assert HOOK_SECRET not in page
    fields = {
        "card-offered": "on", "card-min": "10,00", "card-max": "2 000", "card-countries": "fr, be",
        "card-fixed_cost": "0,25", "card-percent_cost": "1,5",
    }  # fmt: skip
    assert admin.post("/reglages/paiement/moyens/", fields)["Location"] == "/reglages/paiement/"
    card = option("card")
    assert (card.is_offered, card.min_cents, card.max_cents, card.countries) == (
        True,
        1_000,
        200_000,
        ["FR", "BE"],
    )
    assert (card.fixed_cost_cents, card.cost_basis_points) == (25, 150)
    assert not option("sepa_debit").is_offered
    assert methods_offered(company) == ["card", "transfer"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_a_page_shows_changes_nothing_when_it_is_sent_back(
    language: str, company: Company, connect: Connect, sign_in: SignIn
):
    card = PaymentChoice(
        "card", True, connect().pk, min_cents=100_050, max_cents=1_234_567, countries=("FR", "BE"), segments=("ETI", "PME"),
        fixed_cost_cents=125, cost_basis_points=150,
    )  # fmt: skip
    update_payment_options(company=company, choices=[card], actor="test")
    client = sign_in(company, "admin", language)
    page = html5lib.parse(client.get("/reglages/paiement/").content, namespaceHTMLElements=False)
    fields: dict[str, list[str]] = {}
    for each in page.findall(".//form[@id='moyens']//input"):
        is_box = each.get("type") == "checkbox"
        if not is_box or each.get("checked") is not None:
            fields.setdefault(each.get("name"), []).append(each.get("value", "on" if is_box else ""))
    assert fields["card-segments"] == ["ETI", "PME"]
    assert client.post("/reglages/paiement/moyens/", fields)["Location"] == "/reglages/paiement/"
    assert JournalEntry.objects.filter(action="payment_options.changed").count() == 1


def test_what_is_wrong_is_said_where_it_is(admin: Client, connect: Connect):
    connect()
    page = admin.post("/reglages/paiement/moyens/", {"sepa_debit-offered": "on", "sepa_debit-max": "10000,01"}).content.decode()  # fmt: skip
    assert_sound(page, language="fr")
    assert "le service ne prend pas plus de" in page
    page = admin.post(
        "/reglages/paiement/moyens/", {"card-offered": "on", "card-min": "dix"}
    ).content.decode()
    assert_sound(page, language="fr")
    assert '<details class="fold" open>' in page
    assert not option("card").is_offered


def test_a_service_rests_is_resumed_and_revoked(
    admin: Client, company: Company, connect: Connect, fake: FakeStripe
):
    connection = connect()
    address = f"/reglages/paiement/{connection.pk}/"
    for wanted, state in (("pause", "paused"), ("resume", "active")):
        admin.post(f"{address}changer/", {"do": wanted})
        connection.refresh_from_db()
        assert connection.state == state
        assert_sound(admin.get(address).content.decode(), language="fr")
    admin.post(f"{address}changer/", {"do": "check"})
    assert "Lumen SAS" in admin.get(address).content.decode()
    assert_sound(admin.get(f"{address}revoquer/").content.decode(), language="fr")
    admin.post(f"{address}revoquer/")
    connection.refresh_from_db()
    assert (connection.state, connection.sealed) == ("revoked", "")
    assert admin.get(address).status_code == 404
    assert methods_offered(company) == ["transfer"]


def test_new_credentials_are_tried_at_once(admin: Client, connect: Connect, fake: FakeStripe):
    connection = connect(secret_key="sk_test_old")
    address = reverse("settings:replace_gateway_credentials", args=[connection.pk])
    admin.post(address, {"secret_key": SECRET_KEY})
    assert "Lumen SAS" in admin.get(f"/reglages/paiement/{connection.pk}/").content.decode()
    admin.post(address, {"secret_key": "sk_test_wrong"})
    assert "refuse l" in admin.get(f"/reglages/paiement/{connection.pk}/").content.decode()


def test_a_reader_sees_and_changes_nothing(company: Company, connect: Connect, sign_in: SignIn):
    connection = connect()
    update_payment_options(company=company, choices=[PaymentChoice("card", True, connection.pk, max_cents=99_900)], actor="test")  # fmt: skip
    client = sign_in(company, "viewer")
    page = client.get("/reglages/paiement/").content.decode()
    assert_sound(page, language="fr")
    assert "999,00" in page
    assert connection.hook_key not in client.get(f"/reglages/paiement/{connection.pk}/").content.decode()
    assert client.post("/reglages/paiement/moyens/", {}).status_code == 403


def test_the_version_the_library_knows_is_the_one_pinned():
    """When the library moves on, somebody reads its changes before the pin follows."""
    assert calls.API_VERSION == "2026-10-28.endive"


def test_what_the_account_may_not_take_yet_is_offered_to_nobody(
    company: Company, connect: Connect, fake: FakeStripe
):
    connection = connect()
    both = [PaymentChoice(method, True, connection.pk) for method in ("card", "sepa_debit")]
    update_payment_options(company=company, choices=both, actor="test")
    assert methods_offered(company) == ["card", "sepa_debit", "transfer"]
    fake.account["capabilities"] = {"card_payments": "active", "sepa_debit_payments": "pending"}
    check_gateway(company=company, connection_id=connection.pk, now=NOW)
    assert methods_offered(company, 10_001) == ["card", "transfer"]
    assert [each.is_unready for each in payment_settings(company=company, on=NOW.date())][:2] == [False, True]
